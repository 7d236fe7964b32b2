//! The producing end: reserve, write, commit.

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::protocol::{Protocol, Sound};
use crate::ring::{GRAIN, PREFIX, Ring, SKIP};

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not now: the consumer is behind.
    Full,
    /// Never: the record is longer than the ring.
    Oversize,
}

/// The producing end, for any number of threads.
#[derive(Debug)]
pub struct Producers<'r, 'a, P: Protocol = Sound> {
    ring: &'r Ring<'a, P>,
}

/// A range to write one record into. Dropped without a commit, it becomes one that the consumer skips.
#[derive(Debug)]
#[must_use = "a grant that is dropped is a record that is skipped"]
pub struct Grant<'r, 'a, P: Protocol = Sound> {
    ring: &'r Ring<'a, P>,
    start: u64,
    end: u64,
    /// Of `start` in the memory.
    offset: usize,
    bytes: u32,
    flags: u64,
}

impl<P: Protocol> Clone for Producers<'_, '_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for Producers<'_, '_, P> {}

impl<'r, 'a, P: Protocol> Producers<'r, 'a, P> {
    pub(crate) fn new(ring: &'r Ring<'a, P>) -> Self {
        Self { ring }
    }

    /// See [`Ring::reserve`].
    ///
    /// # Errors
    /// There is no room, now or ever.
    #[inline]
    pub fn reserve(self, bytes: u32) -> Result<Grant<'r, 'a, P>, Refused> {
        self.ring.reserve(bytes)
    }

    /// See [`Ring::capacity`].
    #[must_use]
    pub fn capacity(self) -> u64 {
        self.ring.capacity()
    }

    /// See [`Ring::used`].
    #[must_use]
    pub fn used(self) -> u64 {
        self.ring.used()
    }

    /// See [`Ring::records`].
    #[must_use]
    pub fn records(self) -> u64 {
        self.ring.records()
    }
}

impl<'a, P: Protocol> Ring<'a, P> {
    /// Reserves room for a record of `bytes` bytes.
    ///
    /// A record that does not fit before the end of the memory begins at its start, behind a pad.
    ///
    /// # Errors
    /// There is no room, now or ever.
    #[inline]
    pub fn reserve(&self, bytes: u32) -> Result<Grant<'_, 'a, P>, Refused> {
        // Below 2^33: nothing here wraps.
        let rounded = u64::from(bytes).wrapping_add((PREFIX + GRAIN - 1) as u64) & !u64::from(GRAIN - 1);
        let capacity = self.capacity();
        if rounded > capacity {
            return Err(Refused::Oversize);
        }
        let mut start = self.reserved.load(Relaxed);
        loop {
            let offset = self.offset(start);
            if rounded > capacity.wrapping_sub(offset as u64) {
                let start = self.take_behind_pad(rounded).ok_or(Refused::Full)?;
                let end = start.wrapping_add(rounded);
                return Ok(Grant { ring: self, start, end, offset: self.offset(start), bytes, flags: SKIP });
            }
            let end = start.checked_add(rounded).ok_or(Refused::Full)?;
            if end > self.limit() {
                return Err(Refused::Full);
            }
            match self.reserved.compare_exchange_weak(start, end, Relaxed, Relaxed) {
                Ok(_) => return Ok(Grant { ring: self, start, end, offset, bytes, flags: SKIP }),
                Err(now) => start = now,
            }
        }
    }

    /// Takes room for a record when the memory ends before it would, once in a lap. Answers where it begins.
    #[cold]
    #[inline(never)]
    fn take_behind_pad(&self, rounded: u64) -> Option<u64> {
        let capacity = self.capacity();
        let mut start = self.reserved.load(Relaxed);
        loop {
            let offset = self.offset(start);
            let left = capacity.wrapping_sub(offset as u64);
            let pad = if rounded > left { left } else { 0 };
            let record = start.checked_add(pad)?;
            let end = record.checked_add(rounded)?;
            let limit = self.limit();
            let fits = end <= limit;
            // Not even an empty ring has room for both: the pad goes first, and the record when that is released.
            let needs_pad_first = pad.wrapping_add(rounded) > capacity && record <= limit;
            if !fits && !needs_pad_first {
                return None;
            }
            let taken = if fits { end } else { record };
            if let Err(now) = self.reserved.compare_exchange_weak(start, taken, Relaxed, Relaxed) {
                start = now;
                continue;
            }
            if pad > 0 {
                self.commit(start, record, offset, SKIP);
            }
            return fits.then_some(record);
        }
    }

    /// Up to where may be reserved.
    #[inline]
    fn limit(&self) -> u64 {
        // Acquire: what the consumer read there before it released happens before what is written there now. Near the end of
        // all positions the sum may wrap: then it is below every end.
        self.consumed.load(Acquire).wrapping_add(self.capacity())
    }
}

impl<P: Protocol> Grant<'_, '_, P> {
    /// Where the record is, in bytes since the start of the ring.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.start
    }

    /// How many bytes the ring gives for it, with the prefix and rounded up to grains.
    #[must_use]
    pub fn rounded(&self) -> u32 {
        u32::try_from(self.end.wrapping_sub(self.start)).unwrap_or(u32::MAX)
    }

    /// Writes bytes at an offset into the record; what is beyond its end is dropped. Answers how many were written.
    #[inline]
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> usize {
        let room = self.bytes.saturating_sub(offset) as usize;
        let bytes = bytes.get(..room).unwrap_or(bytes);
        // `offset` is in the record, unless nothing is left of the bytes.
        let start = self.offset.wrapping_add(PREFIX as usize).wrapping_add(offset as usize);
        self.ring.memory().write(start, bytes)
    }

    /// Writes the first bytes of the record: all, or none if it is shorter. Cheaper than [`Grant::write`] for a few bytes.
    #[inline]
    pub fn write_first<const N: usize>(&mut self, bytes: &[u8; N]) {
        if N <= self.bytes as usize {
            self.ring.memory().write_array(self.offset.wrapping_add(PREFIX as usize), bytes);
        }
    }

    /// Hands the record to the consumer.
    #[inline]
    pub fn commit(mut self) {
        self.flags = 0;
    }
}

impl<P: Protocol> Drop for Grant<'_, '_, P> {
    #[inline]
    fn drop(&mut self) {
        self.ring.commit(self.start, self.end, self.offset, self.flags);
    }
}

#[cfg(all(test, not(loom)))]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;
    use crate::atomic::AtomicU64;
    use std::vec;

    /// After years: the last positions are used, and then the ring is full for good; nothing wraps.
    #[test]
    fn positions_end_where_they_would_wrap() {
        let mut data = vec![0; 7 * GRAIN as usize];
        let mut map: vec::Vec<_> = (0..7).map(|_| AtomicU64::new(0)).collect();
        let last = u64::MAX - u64::from(GRAIN) + 1;
        for start in (1..=20).map(|grains| last - grains * u64::from(GRAIN)) {
            let mut ring = Ring::of(&mut data, &mut map);
            ring.reserved.store(start, Relaxed);
            ring.consumed.store(start, Relaxed);
            let (producers, mut consumer) = ring.split();
            let mut position = start;
            while let Ok(grant) = producers.reserve(100) {
                assert!(grant.position() >= position, "it never goes back");
                position = grant.position();
                grant.commit();
                assert_eq!(consumer.clear(), 1);
            }
            assert!(position > last - 20 * u64::from(GRAIN));
            assert_eq!(producers.reserve(100).unwrap_err(), Refused::Full);
            assert!(consumer.peek().is_none());
        }
    }
}
