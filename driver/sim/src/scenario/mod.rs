//! What tests and examples do with the driver, linked or mapped.

mod capture;
mod tour;

pub use capture::{Capture, Packet, insns, packets};
pub use tour::{HANDLES, Outcome, tour, tour_with_faults};
