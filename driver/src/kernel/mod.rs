//! The kernel's functions behind types that keep their contracts.
//!
//! All `unsafe` that is about memory, locks, requests and events of the kernel stands here; the rest of the driver holds
//! guards and owners.

pub(crate) mod arc;
pub(crate) mod clock;
pub(crate) mod dpc;
pub(crate) mod event;
pub(crate) mod gate;
pub(crate) mod irp;
pub(crate) mod list;
pub(crate) mod mdl;
pub(crate) mod mutex;
pub(crate) mod pool;
pub(crate) mod registry;
pub(crate) mod rwlock;
pub(crate) mod spin;
pub(crate) mod text;
pub(crate) mod vec;

/// There is no memory: `STATUS_INSUFFICIENT_RESOURCES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoMemory;
