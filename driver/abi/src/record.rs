//! Packets as a read gives them: `bpf_hdr`, the bytes, and zeroes up to a multiple of 4.
//!
//! ```text
//!   0        4         8          12        16        18        header_len
//!   │ seconds│ fraction│ captured │ length  │header_len│ (2 bytes)│ captured bytes ... │ up to 3 zeroes │ next record
//! ```
//!
//! The header is as long as makes the network layer begin at a multiple of 4: 18 bytes before Ethernet's 14, otherwise 20.

use crate::bytes::{Reader, Writer};

/// Bytes of a header that have a meaning.
pub const HEADER_BYTES: usize = 18;
/// The most bytes of a header.
pub const HEADER_BYTES_MAX: usize = 20;

/// How long the header is before a link-layer header of so many bytes.
#[must_use]
pub const fn header_len(link_header: u32) -> u16 {
    if link_header & 3 == 2 { 18 } else { 20 }
}

/// How many bytes a record has in a read: header and captured bytes, up to a multiple of 4.
#[must_use]
pub const fn record_len(header_len: u16, captured: u32) -> usize {
    (header_len as usize).saturating_add(captured as usize).saturating_add(3) & !3
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Header {
    /// Seconds since 1970.
    pub seconds: i32,
    /// Microseconds; nanoseconds in that mode.
    pub fraction: u32,
    /// Bytes that follow the header.
    pub captured: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// Where the bytes begin.
    pub header_len: u16,
}

impl Header {
    /// The bytes; `header_len` of them count.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES_MAX] {
        let [s0, s1, s2, s3] = self.seconds.to_le_bytes();
        let [f0, f1, f2, f3] = self.fraction.to_le_bytes();
        let [c0, c1, c2, c3] = self.captured.to_le_bytes();
        let [l0, l1, l2, l3] = self.length.to_le_bytes();
        let [h0, h1] = self.header_len.to_le_bytes();
        // One row of constants and bytes: it compiles to a few stores.
        [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, l0, l1, l2, l3, h0, h1, 0, 0]
    }

    /// From the start of a record; `None` if it is too short to be one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(Self {
            seconds: reader.u32()?.cast_signed(),
            fraction: reader.u32()?,
            captured: reader.u32()?,
            length: reader.u32()?,
            header_len: reader.u16()?,
        })
    }
}

/// What a statistics record holds behind its header: packets and bytes, 16 bytes.
#[must_use]
pub fn counts_to_bytes(packets: u64, bytes: u64) -> [u8; 16] {
    let mut both = [0; 16];
    let mut writer = Writer::new(&mut both);
    writer.put(&packets.to_le_bytes());
    writer.put(&bytes.to_le_bytes());
    both
}

/// Packets and bytes of a statistics record.
#[must_use]
pub fn counts_from_bytes(data: &[u8]) -> Option<(u64, u64)> {
    let mut reader = Reader(data);
    Some((reader.u64()?, reader.u64()?))
}

/// One record of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its header.
    pub header: Header,
    /// Its bytes.
    pub data: &'a [u8],
}

/// The records of a read, one after the other. Ends where the bytes make no record: [`Records::rest`] tells what is left.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    /// The records in bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let header = Header::from_bytes(self.rest)?;
        let start = usize::from(header.header_len);
        if start < HEADER_BYTES {
            return None;
        }
        let end = start.checked_add(usize::try_from(header.captured).ok()?)?;
        let data = self.rest.get(start..end)?;
        // The last record has no zeroes behind it if the buffer ends there.
        self.rest = self.rest.get(record_len(header.header_len, header.captured)..).unwrap_or_default();
        Some(Record { header, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn the_network_layer_begins_at_a_multiple_of_four() {
        for link_header in 0..40 {
            let start = u32::from(header_len(link_header)) + link_header;
            assert!(start % 4 == 0 || link_header % 2 == 1, "{link_header}");
        }
        assert_eq!((header_len(14), header_len(0)), (18, 20));
    }

    #[test]
    fn records_are_read_one_after_the_other() {
        let mut bytes = Vec::new();
        for (index, captured) in [0_u32, 1, 2, 3, 4, 60].into_iter().enumerate() {
            let header_len = if index % 2 == 0 { 18 } else { 20 };
            let header = Header { seconds: -1, fraction: 7, captured, length: captured + 9, header_len };
            let start = bytes.len();
            bytes.extend_from_slice(&header.to_bytes()[..usize::from(header_len)]);
            bytes.extend((0..captured).map(|_| u8::try_from(index).unwrap()));
            bytes.resize(start + record_len(header_len, captured), 0);
        }
        let mut records = Records::new(&bytes);
        let lengths: Vec<usize> = records.by_ref().map(|record| record.data.len()).collect();
        assert_eq!(lengths, [0, 1, 2, 3, 4, 60]);
        assert!(records.rest().is_empty());
        assert_eq!(counts_from_bytes(&counts_to_bytes(3, u64::MAX)), Some((3, u64::MAX)));
    }

    #[test]
    fn a_record_that_makes_no_sense_ends_the_read() {
        for bytes in [&[0_u8; 30][..], &[0xff; 64], &[1; 17]] {
            assert_eq!(Records::new(bytes).count(), 0);
        }
    }
}
