//! See [`snapgate_fuzz::interp_vs_jit`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::interp_vs_jit(bytes));
