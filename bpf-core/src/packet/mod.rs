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

/// The most bytes that are loaded at once.
const LOAD_MAX: u8 = 8;

/// A packet as the machine sees it. Multi-byte loads are big-endian, at any alignment.
///
/// Laws: the bytes have no gap, so a load succeeds if the byte at its end is there; loads that overlap show the same bytes; the
/// same load gives the same answer every time, and the head the same bytes as loads; nothing is loaded at or behind [`CAPTURED_LEN_MAX`].
pub trait Packet {
    /// How many bytes were on the wire; not less than what was captured, as a rule.
    fn wire_len(&self) -> u32;
    /// The first bytes, as far as they lie in one piece: what a loop over tests looks at without asking. None of them is as right
    /// as all.
    #[inline]
    fn head(&self) -> &[u8] {
        &[]
    }
    /// One byte.
    fn load_u8(&self, offset: u32) -> Option<u8>;
    /// Two bytes.
    fn load_u16(&self, offset: u32) -> Option<u16>;
    /// Four bytes.
    fn load_u32(&self, offset: u32) -> Option<u32>;
    /// The bytes from an offset on, as far as they are there, and at most `most` or eight of them: as one number, and how many.
    fn load_up_to(&self, offset: u32, most: u8) -> (u64, u8) {
        let (mut number, mut count) = (0_u64, 0_u8);
        while count < most.min(LOAD_MAX)
            && let Some(at) = offset.checked_add(count.into())
            && let Some(byte) = self.load_u8(at)
        {
            number = number.wrapping_shl(8) | u64::from(byte);
            count = count.wrapping_add(1);
        }
        (number, count)
    }
    /// What is known beside the bytes; never asked for [`Ancillary::AluXorX`].
    fn ancillary(&self, which: Ancillary) -> Option<u32>;
}

impl<P: Packet + ?Sized> Packet for &P {
    fn wire_len(&self) -> u32 {
        (**self).wire_len()
    }

    fn head(&self) -> &[u8] {
        (**self).head()
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

    fn load_up_to(&self, offset: u32, most: u8) -> (u64, u8) {
        (**self).load_up_to(offset, most)
    }

    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        (**self).ancillary(which)
    }
}
