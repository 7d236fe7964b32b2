//! Eight bytes of the packet that lie in its head.

use super::step::{Step, WINDOW_BYTES};

/// The window of a test at an offset, if it lies in the head of the packet; as it lies in memory, the first byte lowest.
#[inline(always)]
pub(super) fn window(head: &[u8], start: usize) -> Option<u64> {
    let bytes = head.get(start..start.wrapping_add(WINDOW_BYTES as usize))?;
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// A number of so many bytes, 1, 2 or 4, if they lie in the head of the packet.
#[inline(always)]
pub(super) fn bytes<const N: usize>(head: &[u8], offset: u32) -> Option<u32> {
    let start = offset as usize;
    let bytes: [u8; N] = head.get(start..start.checked_add(N)?)?.first_chunk().copied()?;
    Some(bytes.iter().fold(0, |number, byte| number.wrapping_shl(8) | u32::from(*byte)))
}

/// Where a window at X begins; `None`: where no packet has bytes.
#[inline(always)]
pub(super) fn at_x(step: &Step, x: u32) -> Option<usize> {
    usize::try_from(u64::from(x).wrapping_add(step.at.into())).ok()
}
