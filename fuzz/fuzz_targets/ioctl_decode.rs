//! See [`snapgate_fuzz::ioctl_decode`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapgate_fuzz::ioctl_decode(bytes));
