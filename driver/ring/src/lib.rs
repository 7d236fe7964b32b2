//! The ring that packets are copied into: any number of producers, one consumer, no locks, no allocation.
//!
//! ```text
//!   consumed            first open grant               reserved
//!      │                      │                           │          positions: bytes since the start, never wrapping
//!      ▼                      ▼                           ▼
//!  ────┬───────────┬──────────┬────────────┬──────┬───────┬─────▶
//!      │ committed │ committed│  writing   │ pad  │committed│        data: position % capacity; records begin at grains
//!  ────┴───────────┴──────────┴────────────┴──────┴───────┴─────▶
//!  map:   end         end        (old)        end    end              one word per grain of 64 bytes
//! ```
//!
//! A producer takes a range by one compare-and-swap of `reserved`, writes into it at leisure, and commits it by one store
//! into the *map*: the word of the record's first grain becomes the position where the record ends. The consumer walks from
//! record to record by these words.
//!
//! Invariants (`tests/model.rs`, `tests/loom.rs`):
//!
//! - R1. `consumed <= reserved <= consumed + capacity`. Positions count bytes: at 100 GB/s they would wrap after five years
//!   of nothing but that; a reservation beyond 2^62 is refused, so that they never do.
//! - R2. A word of the map above a position means that the record at that position is committed. A word that an earlier lap
//!   left in the same grain is at most that position: the record it belonged to began at least one capacity earlier, and is
//!   at most one capacity long. So nothing is ever cleared, and nothing in the data area is trusted.
//! - R3. The bytes of a range belong to its grant alone until it is committed, then to the consumer alone until it is
//!   released: reservation needs room behind `consumed`.
//! - R4. The consumer sees records in the order of their reservation, and stops at the first that is not committed.
//! - R5. Every reservation ends: as a record, or (its grant was dropped) as one to skip.
//!
//! Who consumes may be the owner of the ring ([`Consumer`]), or a program that shares the data area ([`Shared`]): then
//! nothing is read from that area, and the program's index is believed only where it can do no harm.

#![no_std]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(test)]
extern crate std;

mod atomic;
mod consumer;
mod memory;
mod produce;
mod ring;
mod shared;

pub use atomic::AtomicU64;
pub use consumer::{Consumer, Record};
pub use memory::Memory;
pub use produce::{Grant, Refused};
pub use ring::{GRAIN, PREFIX, Ring, map_words};
pub use shared::{Header, Published, Shared, Tail};
