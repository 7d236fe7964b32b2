//! The Snapgate capture driver: an NDIS 6 lightweight filter whose verdict on each packet is its snap length.
//!
//! ```text
//!   protocols                                              programs
//!      │  ▲ lists of packets                                  │ requests
//!   ┌──▼──┴───────────────┐  taps: one read lock per batch ┌──▼─────────────┐
//!   │ tap ── view ── run ─┼───────▶ copy into the ring ───▶│ handle, reader │
//!   └──│──▲───────────────┘        of each handle          └────────────────┘
//!   miniport    module: attach, restart, pause, detach        control: the device
//! ```
//!
//! Invariants.
//!
//! - Chains of lists pass on as they came: the driver keeps none, changes none, and originates none.
//! - A packet is copied at most once for each handle whose filter accepts it and whose ring has room; otherwise never.
//! - The data path takes one lock, to read, once per batch; it allocates nothing.
//! - There are no mutable statics: everything is reached from the driver object's extension. So two of these drivers do not
//!   know of each other.
//! - Nothing panics: no indexing, no unchecked arithmetic, no unwrap. No floating point. Every allocation may fail, and
//!   whatever cannot fail (detach, close, pause) allocates nothing.
//!
//! Locks, outer first: the driver's mutex (PASSIVE_LEVEL), a module's reader-writer lock, a handle's reader lock.

#![no_std]
#![deny(clippy::arithmetic_side_effects)]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "to read a field behind a field of a kernel structure is one thought, and has one proof"
)]

mod control;
mod driver;
mod entry;
mod handle;
mod kernel;
mod module;
mod tap;

pub use entry::driver_entry;
pub use kernel::gate::{Closed, Gate, Pass};
pub use module::state::{Event, State};
