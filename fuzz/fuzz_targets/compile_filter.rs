//! See [`snapgate_fuzz::compile_filter`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::compile_filter(bytes));
