//! See [`snapgate_fuzz::decode_roundtrip`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::decode_roundtrip(bytes));
