#![no_main]

use guest_scanner_fuzz::run_calls;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run_calls(input));
