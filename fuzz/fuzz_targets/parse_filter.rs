//! See [`snapgate_fuzz::parse_filter`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::parse_filter(bytes));
