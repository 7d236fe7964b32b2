//! The ring itself: capacity, positions and map.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::atomic::AtomicU64;
use crate::consumer::Consumer;
use crate::memory::Memory;
use crate::modulus::Modulus;
use crate::produce::Producers;
use crate::protocol::{Protocol, Sound};

/// Records begin at multiples of this many bytes: a cache line, so that two producers do not write the same one.
pub const GRAIN: u32 = 1 << GRAIN_BITS;
const GRAIN_BITS: u32 = 6;

/// Bytes before each record and pad, for a program that shares the memory: the length with the prefix and rounded to grains,
/// and 1 if there is nothing to read; both little-endian, 32 bits.
pub const PREFIX: u32 = 8;

/// No ring is longer: memory beyond it is not used.
pub const CAPACITY_MAX: u32 = 1 << 30;

/// In the low bits of a word of the map: nothing is in there for the consumer.
pub(crate) const SKIP: u64 = 1;
/// The low bits, which the end of a record does not need.
const FLAGS: u64 = GRAIN as u64 - 1;

/// How many words the map of a ring needs, for a data area of so many bytes.
#[must_use]
pub const fn map_words(bytes: usize) -> usize {
    bytes >> GRAIN_BITS
}

/// So far apart that no two are in a cache line, nor in a pair of them.
type Apart = [u64; 16];

/// A ring over memory that others own.
#[derive(Debug)]
#[repr(C)]
pub struct Ring<'a, P: Protocol = Sound> {
    // What never changes, then what producers write, then what the consumer writes.
    memory: Memory<'a>,
    map: &'a [AtomicU64],
    capacity: u64,
    grains: Modulus,
    protocol: PhantomData<fn() -> P>,
    apart: [Apart; 1],
    pub(crate) reserved: AtomicU64,
    apart_too: [Apart; 1],
    pub(crate) consumed: AtomicU64,
    apart_from_others: [Apart; 1],
}

impl<'a> Ring<'a> {
    /// A ring of as many whole grains as both the memory and the map have, up to [`CAPACITY_MAX`]. Of none: then it takes
    /// nothing.
    ///
    /// For the map see contract 2 of [`Memory::new`].
    #[must_use]
    pub fn new(memory: Memory<'a>, map: &'a [AtomicU64]) -> Self {
        Self::build(memory, map)
    }

    /// A ring over borrowed memory.
    #[must_use]
    pub fn of(data: &'a mut [u8], map: &'a mut [AtomicU64]) -> Self {
        for word in &*map {
            word.store(0, Relaxed);
        }
        Self::build(Memory::from_slice(data), map)
    }
}

impl<'a, P: Protocol> Ring<'a, P> {
    pub(crate) fn build(memory: Memory<'a>, map: &'a [AtomicU64]) -> Self {
        let grains = map_words(memory.bytes().min(CAPACITY_MAX as usize)).min(map.len());
        let map = map.get(..grains).unwrap_or_default();
        Self {
            memory,
            map,
            capacity: (grains as u64) << GRAIN_BITS,
            grains: Modulus::new(grains as u64),
            protocol: PhantomData,
            apart: [[0; 16]],
            reserved: AtomicU64::new(0),
            apart_too: [[0; 16]],
            consumed: AtomicU64::new(0),
            apart_from_others: [[0; 16]],
        }
    }

    /// How many bytes of records it can hold.
    #[must_use]
    #[inline]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes that are reserved and not released, records and pads: what is queued or being written.
    #[must_use]
    #[inline]
    pub fn used(&self) -> u64 {
        // `consumed` first: it may only grow in between, and then too much is answered, not less than nothing.
        let consumed = self.consumed.load(Relaxed);
        self.reserved.load(Relaxed).saturating_sub(consumed)
    }

    /// How many records are committed and not released, up to the first that is not committed. Without producers and
    /// consumers meanwhile, that is what is queued.
    #[must_use]
    pub fn records(&self) -> u64 {
        let mut position = self.consumed.load(Acquire);
        let mut records: u64 = 0;
        while let Some((end, flags)) = self.committed(position) {
            position = end;
            records = records.saturating_add(u64::from(flags & SKIP == 0));
        }
        records
    }

    /// Both ends: the exclusive borrow makes the consumer the only one.
    pub fn split(&mut self) -> (Producers<'_, 'a, P>, Consumer<'_, 'a, P>) {
        (Producers::new(self), Consumer::new(self))
    }

    /// The consuming end of a ring whose producers have it in other ways.
    ///
    /// # Safety
    ///
    /// 1. No other consumer of this ring exists while this one does: no [`Consumer`], and no [`crate::Shared`].
    /// 2. The memory is not shared with another address space.
    #[must_use]
    pub unsafe fn consumer_of<'r>(ring: &'r Self) -> Consumer<'r, 'a, P> {
        Consumer::new(ring)
    }

    #[inline]
    pub(crate) fn memory(&self) -> &Memory<'a> {
        &self.memory
    }

    /// Where a position is in the memory.
    #[inline]
    pub(crate) fn offset(&self, position: u64) -> usize {
        // Less than the capacity.
        (self.grains.of(position >> GRAIN_BITS) << GRAIN_BITS) as usize
    }

    /// Commits the range from `start` to `end`, which is at `offset` in the memory.
    #[inline]
    pub(crate) fn commit(&self, start: u64, end: u64, offset: usize, flags: u64) {
        // At most the capacity, which fits into the lower half.
        self.memory.write_word(offset, end.wrapping_sub(start) | flags << 32);
        if let Some(word) = self.map.get(offset >> GRAIN_BITS) {
            // Release: the bytes of the record happen before the consumer's look at it.
            word.store(end | flags, P::COMMIT);
        }
    }

    /// The end of the range at a position and its flags, if it is committed.
    #[inline]
    pub(crate) fn committed(&self, position: u64) -> Option<(u64, u64)> {
        self.committed_at(position, self.offset(position))
    }

    /// The same, of a position that is at `offset` in the memory.
    #[inline]
    pub(crate) fn committed_at(&self, position: u64, offset: usize) -> Option<(u64, u64)> {
        // Acquire: see `commit`.
        let word = self.map.get(offset >> GRAIN_BITS)?.load(Acquire);
        let end = word & !FLAGS;
        // R2: a word of an earlier lap ends here or before, one of a later lap beyond a whole capacity.
        let is_of_this_lap = if P::KNOWS_LAPS {
            end > position && end.wrapping_sub(position) <= self.capacity
        } else {
            end > position
        };
        is_of_this_lap.then_some((end, word & FLAGS))
    }
}
