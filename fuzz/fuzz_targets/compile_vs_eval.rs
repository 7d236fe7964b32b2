//! See [`snapgate_fuzz::compile_vs_eval`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::compile_vs_eval(bytes));
