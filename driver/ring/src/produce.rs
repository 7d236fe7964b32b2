//! The producing end: reserve, write, commit.

use crate::ring::{GRAIN, PREFIX, Ring, SKIP};

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not now: the consumer is behind.
    Full,
    /// Never: the record is longer than the ring.
    Oversize,
}

/// A range to write one record into. Dropped without a commit, it becomes one that the consumer skips.
#[derive(Debug)]
#[must_use = "a grant that is dropped is a record that is skipped"]
pub struct Grant<'r, 'a> {
    ring: &'r Ring<'a>,
    start: u64,
    end: u64,
    bytes: u32,
    flags: u64,
}

impl<'a> Ring<'a> {
    /// Reserves room for a record of `bytes` bytes.
    ///
    /// # Errors
    /// There is no room, now or ever.
    #[inline]
    pub fn reserve(&self, bytes: u32) -> Result<Grant<'_, 'a>, Refused> {
        let whole = u64::from(bytes).saturating_add(u64::from(PREFIX));
        let rounded = whole.next_multiple_of(u64::from(GRAIN));
        let capacity = self.capacity();
        if rounded > capacity {
            return Err(Refused::Oversize);
        }
        // What is left until the memory ends, if the record does not fit there.
        let pad = |offset: u64| {
            let left = capacity.saturating_sub(offset);
            if rounded > left { left } else { 0 }
        };
        let start = self.take(|offset| rounded.saturating_add(pad(offset))).ok_or(Refused::Full)?;
        let padding = pad(self.offset(start));
        let record = start.saturating_add(padding);
        if padding > 0 {
            self.write_prefix(start, padding, SKIP);
            self.commit(start, record, SKIP);
        }
        Ok(Grant { ring: self, start: record, end: record.saturating_add(rounded), bytes, flags: SKIP })
    }
}

impl Grant<'_, '_> {
    /// Where the record is, in bytes since the start of the ring.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.start
    }

    /// How many bytes the ring gives for it, rounded up to grains.
    #[must_use]
    pub fn rounded(&self) -> u32 {
        u32::try_from(self.end.saturating_sub(self.start)).unwrap_or(u32::MAX)
    }

    /// Writes bytes at an offset into the record; what is beyond its end is dropped. Answers how many were written.
    #[inline]
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> usize {
        let room = self.bytes.saturating_sub(offset) as usize;
        let bytes = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        let start =
            self.ring.offset(self.start).saturating_add(u64::from(PREFIX)).saturating_add(u64::from(offset));
        usize::try_from(start).map_or(0, |start| self.ring.memory().write(start, bytes))
    }

    /// Hands the record to the consumer.
    #[inline]
    pub fn commit(mut self) {
        self.flags = 0;
    }
}

impl Drop for Grant<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        self.ring.write_prefix(self.start, self.end.saturating_sub(self.start), self.flags);
        self.ring.commit(self.start, self.end, self.flags);
    }
}
