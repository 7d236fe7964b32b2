//! A ring that a program shares with the driver: one page of words, then the records.
//!
//! ```text
//!   0     magic   capacity   head   tail   needs_wakeup   ...        4096
//!   │ words of 8 bytes                                     │ data: capacity bytes │
//! ```
//!
//! Positions count bytes from the start and never wrap; a record is at `position % capacity` in the data, at a multiple of
//! 64. It begins with 8 bytes: its length (with these 8, and rounded up to a multiple of 64) and a flag word, 1 if there is
//! nothing to read. Then a [`crate::record::Header`] and the bytes.
//!
//! The program reads from its own position up to `head`, then writes `tail`. Before it waits it sets `needs_wakeup`, and
//! looks at `head` once more.

use crate::record::{Header, Record};

/// Bytes before the data.
pub const HEADER_BYTES: usize = 4096;
/// Offset of a word that says what this is: [`MAGIC`].
pub const MAGIC_OFFSET: usize = 0;
/// Offset of the length of the data in bytes.
pub const CAPACITY_OFFSET: usize = 8;
/// Offset of the position up to which there are records: on a cache line of its own.
pub const HEAD_OFFSET: usize = 64;
/// Offset of the position up to which the program has read.
pub const TAIL_OFFSET: usize = 128;
/// Offset of the word by which the program says that it is about to wait.
pub const NEEDS_WAKEUP_OFFSET: usize = 192;
/// Written when the ring is ready: "SNAPRNG1".
pub const MAGIC: u64 = u64::from_le_bytes(*b"SNAPRNG1");
/// Records begin at multiples of so many bytes.
pub const GRAIN: u32 = 64;
/// Bytes before each record's header.
pub const PREFIX_BYTES: usize = 8;

/// Walks over the records of a data area between two positions. Whatever the bytes and positions are, it ends after one lap.
#[derive(Clone, Debug)]
pub struct SharedRecords<'a> {
    data: &'a [u8],
    position: u64,
    head: u64,
}

impl<'a> SharedRecords<'a> {
    /// The records from `position` to `head` in the data area. A head further away than the area is long is none that the
    /// driver wrote: then one lap is walked.
    #[must_use]
    pub fn new(data: &'a [u8], position: u64, head: u64) -> Self {
        let lap = u64::try_from(data.len()).unwrap_or(u64::MAX);
        Self { data, position, head: head.min(position.saturating_add(lap)) }
    }

    /// Up to where the records have been read: the next tail.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    fn step(&mut self) -> Option<Option<Record<'a>>> {
        if self.position >= self.head {
            return None;
        }
        let capacity = u64::try_from(self.data.len()).ok()?;
        let offset = usize::try_from(self.position.checked_rem(capacity)?).ok()?;
        let record = self.data.get(offset..)?;
        let (length, rest) = record.split_first_chunk()?;
        let (flags, rest) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length);
        if length == 0 || !length.is_multiple_of(GRAIN) {
            return None;
        }
        self.position = self.position.checked_add(u64::from(length))?;
        if u32::from_le_bytes(*flags) != 0 {
            return Some(None);
        }
        let header = Header::from_bytes(rest)?;
        let start = usize::from(header.header_len);
        let data = rest.get(start..start.checked_add(usize::try_from(header.captured).ok()?)?)?;
        Some(Some(Record { header, data }))
    }
}

impl<'a> Iterator for SharedRecords<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        // Each step goes on by at least a grain, or ends.
        loop {
            if let Some(record) = self.step()? {
                return Some(record);
            }
        }
    }
}
