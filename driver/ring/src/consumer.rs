//! The consuming end of a ring whose memory is not shared.

use crate::ring::{PREFIX, Ring, SKIP};

/// The consumer: one at a time.
#[derive(Debug)]
pub struct Consumer<'r, 'a> {
    ring: &'r Ring<'a>,
    position: u64,
}

/// A record that was committed; its bytes stay until it is released.
#[derive(Debug)]
pub struct Record<'c> {
    bytes: &'c [u8],
    end: u64,
}

impl<'r, 'a> Consumer<'r, 'a> {
    pub(crate) fn new(ring: &'r Ring<'a>) -> Self {
        Self { ring, position: ring.consumed() }
    }

    /// The next record, if it is committed. It is the next again until it is released.
    pub fn peek(&mut self) -> Option<Record<'_>> {
        loop {
            let (end, flags) = self.ring.committed(self.position)?;
            if flags & SKIP == 0 {
                let offset = usize::try_from(self.ring.offset(self.position)).ok()?;
                let bytes = usize::try_from(end.saturating_sub(self.position)).ok()?;
                let whole = self.ring.memory().read(offset, bytes);
                return Some(Record { bytes: whole.get(PREFIX as usize..).unwrap_or_default(), end });
            }
            self.position = end;
            self.ring.release(end);
        }
    }

    /// Releases everything up to the end of a record, by [`Record::end`].
    pub fn release(&mut self, end: u64) {
        if end > self.position && end <= self.ring.reserved() {
            self.position = end;
            self.ring.release(end);
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
    pub fn bytes(&self) -> &'c [u8] {
        self.bytes
    }

    /// Where it ends.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }
}
