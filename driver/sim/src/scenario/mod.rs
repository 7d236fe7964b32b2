//! What tests and examples do with the driver, linked or mapped.

mod capture;

pub use capture::{Capture, Packet, insns, packets};
