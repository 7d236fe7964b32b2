//! See [`snapgate_fuzz::validate_run`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::validate_run(bytes));
