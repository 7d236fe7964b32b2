//! See [`snapgate_fuzz::driver_events`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::driver_events(bytes));
