//! Programs: what a scenario does through handles, as Win32 code would.
//!
//! All of it runs on threads of the machine ([`crate::sched::spawn`]).

mod file;
mod memory;

pub use crate::nt::User;
pub use file::{File, Pending, Process};
pub use memory::Memory;

/// To read.
pub const GENERIC_READ: u32 = crate::nt::READ;
/// To write.
pub const GENERIC_WRITE: u32 = crate::nt::WRITE;
