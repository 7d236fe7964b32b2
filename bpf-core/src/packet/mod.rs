//! What a program runs over: captured bytes, a wire length, and what else is known.
//!
//! ```text
//! SlicePacket   one piece of memory
//! ChainPacket   first offset ─▶│seg 0 ..│─│seg 1│─││─│seg 3 ...│  total length; loads may cross a border
//! ```
//!
//! Every load is checked and total: `None` is "past the end of the captured bytes", never a panic. No packet view
//! shows more than [`CAPTURED_LEN_MAX`] bytes, so an offset never means both a byte and an ancillary value.

mod chain;
mod metadata;
mod slice;

pub use chain::ChainPacket;
pub use metadata::{Metadata, MetadataSource, Vlan};
pub use slice::SlicePacket;

use crate::insn::{ANCILLARY_BASE, Ancillary};

/// The most bytes of a packet that a program can see.
pub const CAPTURED_LEN_MAX: u32 = ANCILLARY_BASE;

/// A packet as the machine sees it. Multi-byte loads are big-endian, at any alignment.
///
/// Laws: the bytes have no gap, so a load succeeds if the byte at its end is there; loads that overlap show the same bytes; the
/// same load gives the same answer every time; nothing is loaded at or behind [`CAPTURED_LEN_MAX`].
pub trait Packet {
    /// How many bytes were on the wire; not less than what was captured, as a rule.
    fn wire_len(&self) -> u32;
    /// One byte.
    fn load_u8(&self, offset: u32) -> Option<u8>;
    /// Two bytes.
    fn load_u16(&self, offset: u32) -> Option<u16>;
    /// Four bytes.
    fn load_u32(&self, offset: u32) -> Option<u32>;
    /// Eight bytes.
    fn load_u64(&self, offset: u32) -> Option<u64> {
        let high = self.load_u32(offset)?;
        let low = self.load_u32(offset.checked_add(4)?)?;
        Some((u64::from(high) << 32) | u64::from(low))
    }
    /// What is known beside the bytes; never asked for [`Ancillary::AluXorX`].
    fn ancillary(&self, which: Ancillary) -> Option<u32>;
}

impl<P: Packet + ?Sized> Packet for &P {
    fn wire_len(&self) -> u32 {
        (**self).wire_len()
    }

    fn load_u8(&self, offset: u32) -> Option<u8> {
        (**self).load_u8(offset)
    }

    fn load_u16(&self, offset: u32) -> Option<u16> {
        (**self).load_u16(offset)
    }

    fn load_u32(&self, offset: u32) -> Option<u32> {
        (**self).load_u32(offset)
    }

    fn load_u64(&self, offset: u32) -> Option<u64> {
        (**self).load_u64(offset)
    }

    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        (**self).ancillary(which)
    }
}
