#![no_main]

use guest_scanner_fuzz::{JSON, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(JSON, input));
