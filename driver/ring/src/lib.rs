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
//! Invariants (`tests/model.rs` holds the ring against a queue, `tests/loom.rs` searches orders of threads):
//!
//! - R1. `consumed <= reserved <= consumed + capacity`. Positions count bytes and never wrap: a reservation that would end
//!   beyond 2^64 is refused, which at 100 GB/s into one ring takes five years.
//! - R2. The word of a position's grain says that the record there is committed if, and only if, it is above the position by
//!   at most a capacity. Whatever was written to the same word belongs to a record that began whole laps earlier or later,
//!   and is at least a grain and at most a capacity long: so it ends at the position or before, or beyond a capacity. So
//!   nothing is ever cleared, nothing in the data area is trusted, and who looks late is not misled.
//! - R3. The bytes of a range belong to its grant alone until it is committed, then to the consumer alone until it is
//!   released: reservation needs room behind `consumed`.
//! - R4. The consumer sees records in the order of their reservation, and stops at the first that is not committed.
//! - R5. Every reservation ends: as a record, or (its grant was dropped) as one to skip.
//! - R6. Whatever is at most as long as the ring fits when the ring is empty, or will once the consumer has passed a pad: if
//!   pad and record together are longer than the ring, the pad is committed alone.
//!
//! Who consumes may be the owner of the ring ([`Consumer`]), or a program that shares the data area ([`Shared`]): then
//! nothing is read from that area, and the program's index is believed only where it can do no harm.

#![no_std]
#![cfg_attr(not(any(test, loom)), deny(clippy::arithmetic_side_effects))]

#[cfg(any(test, loom))]
extern crate std;

mod atomic;
mod consumer;
mod memory;
mod modulus;
mod produce;
mod protocol;
mod ring;
mod shared;

pub use atomic::AtomicU64;
pub use consumer::{Consumer, Record};
pub use memory::Memory;
pub use produce::{Grant, Producers, Refused};
pub use protocol::Sound;
#[cfg(loom)]
pub use protocol::{Protocol, weak};
pub use ring::{CAPACITY_MAX, GRAIN, PREFIX, Ring, map_words};
pub use shared::{GIVEN_BACK_MAX, Header, Published, Shared, Tail};
