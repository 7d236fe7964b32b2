//! A packet of which only the first piece is looked at: nearly always that is enough for a verdict.
//!
//! Headers lie in the first MDL as a rule. A filter that loads nothing behind it decides without a walk over the others, and a
//! packet that it rejects never has them mapped. A load behind the first piece spoils the attempt: then the whole packet is run.

use core::cell::Cell;

use bpf_core::{Ancillary, Packet, SlicePacket};

use super::metadata::PacketMetadata;
use crate::handle::filter::FilterProgram;

/// Metadata needs the link-layer header: with fewer bytes in the first piece, there is no attempt.
const HEAD_BYTES_MIN: usize = 14;

/// The first piece of a packet.
struct Head<'a> {
    bytes: SlicePacket<'a, &'a PacketMetadata<'a>>,
    len: u32,
    /// A load was for bytes that may be behind it.
    is_left: Cell<bool>,
}

/// The verdict of a program on a packet of `len` bytes that begins with these, if they are enough for it.
pub(super) fn run(
    program: &FilterProgram,
    bytes: &[u8],
    len: u32,
    metadata: &PacketMetadata<'_>,
) -> Option<u32> {
    if bytes.len() < HEAD_BYTES_MIN {
        return None;
    }
    let bytes = SlicePacket::with_metadata(bytes, len, metadata);
    let head = Head { bytes, len, is_left: Cell::new(false) };
    let verdict = program.run(&head);
    (!head.is_left.get()).then_some(verdict)
}

impl Head<'_> {
    fn load(&self, offset: u32, size: u8) -> Option<u64> {
        let (number, count) = self.load_up_to(offset, size);
        (count == size).then_some(number)
    }
}

impl Packet for Head<'_> {
    #[inline]
    fn wire_len(&self) -> u32 {
        self.len
    }

    #[inline]
    fn head(&self) -> &[u8] {
        self.bytes.head()
    }

    fn load_u8(&self, offset: u32) -> Option<u8> {
        self.load(offset, 1).map(|number| number as u8)
    }

    fn load_u16(&self, offset: u32) -> Option<u16> {
        self.load(offset, 2).map(|number| number as u16)
    }

    fn load_u32(&self, offset: u32) -> Option<u32> {
        self.load(offset, 4).map(|number| number as u32)
    }

    /// All loads come here. If not all of these bytes are in the packet, the whole packet gives the same answer; if they may be, it
    /// may give another.
    fn load_up_to(&self, offset: u32, most: u8) -> (u64, u8) {
        let (number, count) = self.bytes.load_up_to(offset, most);
        if count < most && offset.saturating_add(count.into()) < self.len {
            self.is_left.set(true);
        }
        (number, count)
    }

    #[inline]
    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.bytes.ancillary(which)
    }
}
