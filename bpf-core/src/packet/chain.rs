//! A packet in pieces.
//!
//! ```text
//!            first_offset                       total_len
//!  ┌─────────────┬──────┐ ┌──┐ ┌┐ ┌──────────────────┬─────────┐
//!  │  (skipped)  │ head │─│  │─││─│  rest ...        │ (hidden)│
//!  └─────────────┴──────┘ └──┘ └┘ └──────────────────┴─────────┘
//! ```
//!
//! The head is tried first, since headers lie there as a rule; only a load that is not wholly in it walks the rest.
//! Segments may be empty, the first offset may lie in a later segment, and the total length may claim more bytes
//! than there are: what is not there cannot be loaded.

use super::{CAPTURED_LEN_MAX, LOAD_MAX, MetadataSource, Packet};
use crate::insn::Ancillary;

/// A packet in any number of segments; the iterator is cloned to walk them again, must be finite, and has no more to
/// give once it has nothing.
#[derive(Clone, Copy, Debug)]
pub struct ChainPacket<'a, I, M = ()> {
    head: &'a [u8],
    rest: I,
    total_len: u32,
    wire_len: u32,
    metadata: M,
}

impl<'a, I: Iterator<Item = &'a [u8]> + Clone> ChainPacket<'a, I> {
    /// The packet begins `first_offset` bytes into the segments and is `total_len` bytes long.
    #[must_use]
    #[inline]
    pub fn new(segments: I, first_offset: u32, total_len: u32, wire_len: u32) -> Self {
        Self::with_metadata(segments, first_offset, total_len, wire_len, ())
    }
}

impl<'a, I: Iterator<Item = &'a [u8]> + Clone, M: MetadataSource> ChainPacket<'a, I, M> {
    /// The same, with what is known beside the bytes.
    #[must_use]
    #[inline]
    pub fn with_metadata(
        mut segments: I,
        first_offset: u32,
        total_len: u32,
        wire_len: u32,
        metadata: M,
    ) -> Self {
        let total_len = total_len.min(CAPTURED_LEN_MAX);
        let first = segments.next().unwrap_or_default();
        let skip = first_offset as usize;
        match first.get(skip..) {
            Some(visible) if !visible.is_empty() => {
                let head = visible.get(..total_len as usize).unwrap_or(visible);
                Self { head, rest: segments, total_len, wire_len, metadata }
            }
            _ => Self::later(segments, skip.saturating_sub(first.len()), total_len, wire_len, metadata),
        }
    }

    /// The packet does not begin in the first segment. Takes the iterator by value: if its address were taken, it would be written to
    /// memory twice for every packet.
    #[cold]
    #[inline(never)]
    fn later(mut segments: I, mut skip: usize, total_len: u32, wire_len: u32, metadata: M) -> Self {
        let mut head: &[u8] = &[];
        for segment in segments.by_ref() {
            match segment.get(skip..) {
                Some(visible) if !visible.is_empty() => {
                    head = visible.get(..total_len as usize).unwrap_or(visible);
                    break;
                }
                _ => skip = skip.saturating_sub(segment.len()),
            }
        }
        Self { head, rest: segments, total_len, wire_len, metadata }
    }

    #[inline]
    fn in_head<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        let start = offset as usize;
        self.head.get(start..start.saturating_add(N))?.first_chunk().copied()
    }

    /// A load that is not wholly in the head.
    #[cold]
    #[inline(never)]
    fn load_across(&self, offset: u32, size: u8) -> Option<u32> {
        let (number, count) = self.load_up_to(offset, size);
        (count == size).then_some(number as u32)
    }
}

impl<'a, I: Iterator<Item = &'a [u8]> + Clone, M: MetadataSource> Packet for ChainPacket<'a, I, M> {
    #[inline]
    fn wire_len(&self) -> u32 {
        self.wire_len
    }

    #[inline]
    fn head(&self) -> &[u8] {
        self.head
    }

    #[inline]
    fn load_u8(&self, offset: u32) -> Option<u8> {
        match self.in_head(offset) {
            Some(bytes) => Some(u8::from_be_bytes(bytes)),
            None => self.load_across(offset, 1).map(|number| number as u8),
        }
    }

    #[inline]
    fn load_u16(&self, offset: u32) -> Option<u16> {
        match self.in_head(offset) {
            Some(bytes) => Some(u16::from_be_bytes(bytes)),
            None => self.load_across(offset, 2).map(|number| number as u16),
        }
    }

    #[inline]
    fn load_u32(&self, offset: u32) -> Option<u32> {
        match self.in_head(offset) {
            Some(bytes) => Some(u32::from_be_bytes(bytes)),
            None => self.load_across(offset, 4),
        }
    }

    // Byte by byte: what it needs to know are few values, so that a run of a filter has a small frame.
    #[inline]
    fn load_up_to(&self, offset: u32, most: u8) -> (u64, u8) {
        let visible = self.total_len.saturating_sub(offset).min(LOAD_MAX.into()) as u8;
        let (mut segment, mut rest, mut skip) = (self.head, self.rest.clone(), offset as usize);
        if visible == 0 {
            // Behind the packet: no segment has to be looked at.
            return (0, 0);
        }
        let (mut number, mut count) = (0_u64, 0_u8);
        loop {
            if let Some(bytes) = segment.get(skip..) {
                segment = bytes;
                break;
            }
            skip = skip.wrapping_sub(segment.len());
            let Some(next) = rest.next() else { return (0, 0) };
            segment = next;
        }
        while count < visible.min(most) {
            if let Some((byte, behind)) = segment.split_first() {
                number = number.wrapping_shl(8) | u64::from(*byte);
                count = count.wrapping_add(1);
                segment = behind;
            } else if let Some(next) = rest.next() {
                segment = next;
            } else {
                break;
            }
        }
        (number, count)
    }

    #[inline]
    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.metadata.value(which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::SlicePacket;

    /// All ways to cut `bytes` into three segments, empty ones included.
    fn each_cut(bytes: &[u8], mut check: impl FnMut(&[&[u8]])) {
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                check(&[&bytes[..first], &bytes[first..second], &bytes[second..]]);
            }
        }
    }

    #[test]
    fn loads_equal_those_of_the_flat_packet_at_every_cut_offset_and_length() {
        let bytes: [u8; 9] = core::array::from_fn(|i| 0x10 + u8::try_from(i).unwrap());
        each_cut(&bytes, |segments| {
            for skipped in 0..=bytes.len() {
                for total in 0..=bytes.len() - skipped {
                    let flat = SlicePacket::new(&bytes[skipped..skipped + total], 0);
                    let (skipped, total) = (u32::try_from(skipped).unwrap(), u32::try_from(total).unwrap());
                    let chain = ChainPacket::new(segments.iter().copied(), skipped, total, 0);
                    for offset in (0..12).chain(u32::MAX - 5..=u32::MAX) {
                        assert_eq!(chain.load_u8(offset), flat.load_u8(offset));
                        assert_eq!(chain.load_u16(offset), flat.load_u16(offset));
                        assert_eq!(chain.load_u32(offset), flat.load_u32(offset));
                    }
                }
            }
        });
    }

    #[test]
    fn a_total_length_that_claims_too_much_shows_only_what_is_there() {
        let segments: [&[u8]; 3] = [&[1, 2], &[], &[3]];
        let chain = ChainPacket::new(segments.iter().copied(), 1, u32::MAX, 0);
        assert_eq!(chain.load_u16(0), Some(0x0203));
        assert_eq!(chain.load_u8(2), None);
        assert_eq!(chain.load_u16(1), None);
    }

    #[test]
    fn a_first_offset_beyond_everything_leaves_an_empty_packet() {
        let segments: [&[u8]; 2] = [&[1, 2], &[3]];
        let chain = ChainPacket::new(segments.iter().copied(), 4, 10, 0);
        assert_eq!(chain.load_u8(0), None);
    }
}
