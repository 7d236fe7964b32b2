//! The consuming end of a ring whose memory is not shared.

use core::sync::atomic::Ordering::Relaxed;

use crate::protocol::{Protocol, Sound};
use crate::ring::{PREFIX, Ring, SKIP};

/// The consumer: one at a time.
#[derive(Debug)]
pub struct Consumer<'r, 'a, P: Protocol = Sound> {
    ring: &'r Ring<'a, P>,
    position: u64,
    /// The end of the record at `position`, once it was seen.
    seen: u64,
}

/// A record that was committed; its bytes stay until it is released.
#[derive(Debug)]
pub struct Record<'c> {
    bytes: &'c [u8],
    end: u64,
}

impl<'r, 'a, P: Protocol> Consumer<'r, 'a, P> {
    pub(crate) fn new(ring: &'r Ring<'a, P>) -> Self {
        // Relaxed: whoever consumed before handed the ring over.
        let position = ring.consumed.load(Relaxed);
        Self { ring, position, seen: position }
    }

    /// The next record, if it is committed. It is the next again until it is released.
    #[inline]
    pub fn peek(&mut self) -> Option<Record<'_>> {
        // Each step gives room back, at most a capacity of it before producers see that.
        loop {
            let offset = self.ring.offset(self.position);
            let (end, flags) = self.ring.committed_at(self.position, offset)?;
            self.seen = end;
            if flags & SKIP == 0 {
                let bytes = end.wrapping_sub(self.position) as usize;
                let whole = self.ring.memory().read(offset, bytes);
                return Some(Record { bytes: whole.get(PREFIX as usize..).unwrap_or_default(), end });
            }
            self.release(end);
        }
    }

    /// Releases the record that was peeked at, by [`Record::end`]. Any other position is ignored: what lies behind the record
    /// may be another's.
    #[inline]
    pub fn release(&mut self, end: u64) {
        if end == self.seen {
            self.position = end;
            // The only writer, so no exchange is needed.
            self.ring.consumed.store(end, P::RELEASE);
        }
    }

    /// Releases every record that is committed; answers how many.
    pub fn clear(&mut self) -> u64 {
        let mut count: u64 = 0;
        while let Some(end) = self.peek().map(|record| record.end()) {
            self.release(end);
            count = count.saturating_add(1);
        }
        count
    }
}

impl<'c> Record<'c> {
    /// The bytes behind the prefix, rounded up to grains: what is behind the record's own is of an earlier lap.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &'c [u8] {
        self.bytes
    }

    /// Where it ends.
    #[must_use]
    #[inline]
    pub fn end(&self) -> u64 {
        self.end
    }
}
