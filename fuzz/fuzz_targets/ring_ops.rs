//! See [`snapgate_fuzz::ring_ops`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::ring_ops(bytes));
