//! See [`snapgate_fuzz::explain_filter`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::explain_filter(bytes));
