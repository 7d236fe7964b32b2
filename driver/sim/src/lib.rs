//! A Windows kernel with NDIS 6, for tests of a filter driver on Linux.
//!
//! ```text
//!   scenario ─▶ user: programs with handles        ndis: miniports, protocols, filter modules
//!                     │ requests                         │ lists, packets, pauses
//!                     ▼                                  ▼
//!               nt: I/O manager, pools, ...  ◀──▶  the driver under test: linked, or mapped from its .sys
//!                     └────────── sched: threads, IRQL, CPUs, locks, time ──────────┘
//!                     verify: every rule at the call that breaks it
//! ```
//!
//! The functions of the kernel are defined here under their own names, in the convention of x64 Windows, over structures
//! with the real layouts: the driver calls them without knowing.

#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "to read a field behind a field of a kernel structure is one thought, and has one proof"
)]

#[macro_use]
pub mod exports;
pub mod fault;
pub mod image;
mod machine;
pub mod ndis;
mod nt;
pub mod scenario;
pub mod sched;
pub mod schedule;
pub mod user;
mod verify;

pub use machine::{Guard, Machine, Options, load, set_faults, unload, violate};
pub use verify::{Rule, Violation};
