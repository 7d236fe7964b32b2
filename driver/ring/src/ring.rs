//! The ring itself: capacity, positions and map.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::atomic::AtomicU64;
use crate::consumer::Consumer;
use crate::memory::Memory;

/// Records begin at multiples of this many bytes: a cache line, so that two producers do not write the same one.
pub const GRAIN: u32 = 1 << GRAIN_BITS;
const GRAIN_BITS: u32 = 6;

/// Bytes before each record and pad, for a program that shares the memory: the length with the prefix and rounded to grains,
/// and 1 if there is nothing to read; both little-endian, 32 bits.
pub const PREFIX: u32 = 8;

/// In the low bits of a word of the map: nothing is in there for the consumer.
pub(crate) const SKIP: u64 = 1;
/// The low bits, which the end of a record does not need.
pub(crate) const FLAGS: u64 = GRAIN as u64 - 1;
/// No position is above this.
const POSITION_MAX: u64 = 1 << 62;

/// How many words the map of a ring needs, for a data area of so many bytes.
#[must_use]
pub const fn map_words(bytes: usize) -> usize {
    bytes >> GRAIN_BITS
}

/// A ring over memory that others own.
#[derive(Debug)]
pub struct Ring<'a> {
    memory: Memory<'a>,
    map: &'a [AtomicU64],
    capacity: u64,
    reserved: AtomicU64,
    consumed: AtomicU64,
}

impl<'a> Ring<'a> {
    /// A ring of as many whole grains as both the memory and the map have. The map may hold nothing but zeroes.
    ///
    /// Who makes it has the only consumer: see [`Ring::consumer`].
    #[must_use]
    pub fn new(memory: Memory<'a>, map: &'a [AtomicU64]) -> Self {
        let grains = map_words(memory.bytes()).min(map.len());
        let map = map.get(..grains).unwrap_or_default();
        // At most the bytes of the memory.
        let capacity = (grains as u64).saturating_mul(u64::from(GRAIN));
        Self { memory, map, capacity, reserved: AtomicU64::new(0), consumed: AtomicU64::new(0) }
    }

    /// How many bytes of records it can hold.
    #[must_use]
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

    /// The consuming end. The exclusive reference makes it the only one, and keeps producers out; a ring in use gives it by
    /// [`Ring::consumer_of`].
    pub fn consumer(&mut self) -> Consumer<'_, 'a> {
        Consumer::new(self)
    }

    /// The consuming end of a ring that producers use.
    ///
    /// There must be one at a time: a lock of the caller's sees to that. Two at once could hand out a record twice, or bytes
    /// that a producer already writes again; they could not leave the memory.
    ///
    /// # Safety
    ///
    /// 1. No other consumer of this ring exists while this one does.
    /// 2. The memory is not shared with another address space.
    pub unsafe fn consumer_of<'r>(ring: &'r Self) -> Consumer<'r, 'a> {
        Consumer::new(ring)
    }

    /// How many records are committed and not released. Without producers and consumers meanwhile, that is what is queued.
    #[must_use]
    pub fn records(&self) -> u64 {
        let mut position = self.consumed();
        let mut records: u64 = 0;
        while let Some((end, flags)) = self.committed(position) {
            position = end;
            records = records.saturating_add(u64::from(flags & SKIP == 0));
        }
        records
    }

    pub(crate) fn memory(&self) -> &Memory<'a> {
        &self.memory
    }

    /// Where a position is in the memory.
    #[inline]
    pub(crate) fn offset(&self, position: u64) -> u64 {
        position.checked_rem(self.capacity).unwrap_or_default()
    }

    fn word(&self, position: u64) -> Option<&AtomicU64> {
        let grain = self.offset(position) >> GRAIN_BITS;
        self.map.get(usize::try_from(grain).ok()?)
    }

    /// Takes `total` bytes at the end, if there is room behind what is consumed. `total` is a multiple of the grain and may
    /// depend on where the range begins. The caller gets the position.
    #[inline]
    pub(crate) fn take(&self, mut total: impl FnMut(u64) -> u64) -> Option<u64> {
        let mut start = self.reserved.load(Relaxed);
        loop {
            let end = start.checked_add(total(self.offset(start)))?;
            // Acquire: what the consumer read there before it released happens before what is written there now.
            let limit = self.consumed.load(Acquire).saturating_add(self.capacity);
            if end > limit || end > POSITION_MAX {
                return None;
            }
            match self.reserved.compare_exchange_weak(start, end, Relaxed, Relaxed) {
                Ok(_) => return Some(start),
                Err(now) => start = now,
            }
        }
    }

    /// Commits the range from `start` to `end`.
    #[inline]
    pub(crate) fn commit(&self, start: u64, end: u64, flags: u64) {
        if let Some(word) = self.word(start) {
            // Release: the bytes of the record happen before the consumer's look at it.
            word.store(end | flags, Release);
        }
    }

    /// The end of the range at a position and its flags, if it is committed.
    #[inline]
    pub(crate) fn committed(&self, position: u64) -> Option<(u64, u64)> {
        let word = self.word(position)?.load(Acquire);
        let end = word & !FLAGS;
        // Not above by R2: a word of an earlier lap, or of none.
        (end > position).then_some((end, word & FLAGS))
    }

    #[inline]
    pub(crate) fn write_prefix(&self, position: u64, bytes: u64, flags: u64) {
        // Less than the capacity, which fits into 32 bits in every ring that programs share.
        #[expect(clippy::cast_possible_truncation, reason = "both halves are below 2^32")]
        let prefix = (bytes as u32 as u64 | flags << 32).to_le_bytes();
        if let Ok(offset) = usize::try_from(self.offset(position)) {
            self.memory.write(offset, &prefix);
        }
    }

    pub(crate) fn consumed(&self) -> u64 {
        self.consumed.load(Relaxed)
    }

    /// Gives everything before a position back to the producers.
    pub(crate) fn release(&self, position: u64) {
        // Never back: two threads may bring the tail of a shared ring at once.
        self.consumed.fetch_max(position, Release);
    }

    pub(crate) fn reserved(&self) -> u64 {
        self.reserved.load(Relaxed)
    }
}
