//! The captured bytes and the length on the wire.
//!
//! Offsets are 64 bits wide, so that no sum of header lengths and an index can come round to a byte it does not name.

/// How many bytes are read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// 1 byte
    Byte,
    /// 2 bytes
    Half,
    /// 4 bytes
    Word,
}

impl Width {
    /// The width of a load that says its size in bytes.
    pub(super) fn from_bytes(bytes: u32) -> Option<Self> {
        match bytes {
            1 => Some(Self::Byte),
            2 => Some(Self::Half),
            4 => Some(Self::Word),
            _ => None,
        }
    }

    /// How many bytes.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Half => 2,
            Self::Word => 4,
        }
    }
}

/// A packet as far as it was captured.
#[derive(Clone, Copy)]
pub(super) struct Captured<'a> {
    bytes: &'a [u8],
    wire_len: u32,
}

impl<'a> Captured<'a> {
    pub(super) fn new(bytes: &'a [u8], wire_len: u32) -> Self {
        Self { bytes, wire_len }
    }

    pub(super) fn wire_len(&self) -> u32 {
        self.wire_len
    }

    /// The number at an offset, most significant byte first; `None` if any byte of it was not captured.
    pub(super) fn read(&self, at: u64, width: Width) -> Option<u32> {
        let start = usize::try_from(at).ok()?;
        let end = start.checked_add(width.bytes())?;
        let bytes = self.bytes.get(start..end)?;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Captured, Width};

    #[test]
    fn a_number_that_is_not_all_there_is_not_there() {
        let packet = Captured::new(&[1, 2, 3, 4], 4);
        assert_eq!(packet.read(0, Width::Word), Some(0x0102_0304));
        assert_eq!(packet.read(2, Width::Half), Some(0x0304));
        assert_eq!(packet.read(3, Width::Byte), Some(4));
        assert_eq!(packet.read(1, Width::Word), None);
        assert_eq!(packet.read(3, Width::Half), None);
        assert_eq!(packet.read(u64::from(u32::MAX) + 1, Width::Byte), None);
        assert_eq!(packet.read(u64::MAX, Width::Word), None);
    }
}
