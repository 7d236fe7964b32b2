//! Written next.
#![no_std]
