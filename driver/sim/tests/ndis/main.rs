//! The NDIS half of the simulator, with a small filter driver: what is right passes, what is wrong is seen.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "the accesses of a driver, one macro for all of them"
)]

mod data;
mod filter;
mod life;
mod pools;
mod rig;
mod sinners;
