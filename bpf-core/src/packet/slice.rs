//! A packet in one piece.

use super::{CAPTURED_LEN_MAX, MetadataSource, Packet};
use crate::insn::Ancillary;

/// A packet in one piece of memory.
#[derive(Clone, Copy, Debug)]
pub struct SlicePacket<'a, M = ()> {
    bytes: &'a [u8],
    wire_len: u32,
    metadata: M,
}

impl<'a> SlicePacket<'a> {
    /// The captured bytes (what lies beyond [`CAPTURED_LEN_MAX`] is not seen) and the length on the wire.
    #[must_use]
    #[inline]
    pub fn new(captured: &'a [u8], wire_len: u32) -> Self {
        Self::with_metadata(captured, wire_len, ())
    }
}

impl<'a, M: MetadataSource> SlicePacket<'a, M> {
    /// The same, with what is known beside the bytes.
    #[must_use]
    #[inline]
    pub fn with_metadata(captured: &'a [u8], wire_len: u32, metadata: M) -> Self {
        Self { bytes: captured.get(..CAPTURED_LEN_MAX as usize).unwrap_or(captured), wire_len, metadata }
    }

    #[inline]
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        // One comparison: the sum of a u32 and a small number cannot be out of range, nor its end before its start.
        let start = offset as usize;
        self.bytes.get(start..start.checked_add(N)?)?.first_chunk().copied()
    }
}

impl<M: MetadataSource> Packet for SlicePacket<'_, M> {
    #[inline]
    fn wire_len(&self) -> u32 {
        self.wire_len
    }

    #[inline]
    fn head(&self) -> &[u8] {
        self.bytes
    }

    #[inline]
    fn load_u8(&self, offset: u32) -> Option<u8> {
        self.bytes.get(offset as usize).copied()
    }

    #[inline]
    fn load_u16(&self, offset: u32) -> Option<u16> {
        self.load(offset).map(u16::from_be_bytes)
    }

    #[inline]
    fn load_u32(&self, offset: u32) -> Option<u32> {
        self.load(offset).map(u32::from_be_bytes)
    }

    #[inline]
    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.metadata.value(which)
    }
}
