#![no_main]

use guest_scanner_fuzz::{YAML, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(YAML, input));
