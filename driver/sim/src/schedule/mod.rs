//! Seeded schedules: lists of events, run on a machine, shrunk when they fail.

pub mod event;
pub mod generate;
pub mod shrink;

pub use generate::Numbers;
