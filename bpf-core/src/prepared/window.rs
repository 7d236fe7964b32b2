//! Eight bytes of the packet, and what is left of them where the packet ends.

use super::step::{Kind, Step, WINDOW_BYTES};
use crate::packet::Packet;

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

/// The window of a test, if it does not lie in the head: over a border, or cut. What the test does not need is 0. `None`: the
/// program ends with 0, since it loads bytes that are not there.
#[cold]
#[inline(never)]
pub(super) fn window_elsewhere<P: Packet>(step: &Step, start: usize, packet: &P) -> Option<u64> {
    let start = u32::try_from(start).ok()?;
    let (all, first) = (step.bytes_needed(), step.first_bytes_needed());
    for count in [all, first] {
        let Some(number) = packet.load_bytes(start, count) else { continue };
        let missing = u32::from(WINDOW_BYTES.wrapping_sub(count)).wrapping_mul(8);
        let window = number.wrapping_shl(missing).swap_bytes();
        if count == all {
            return Some(window);
        }
        // Two tests in one, and the bytes of the first are there: if it fails, so do both; if not, the load of the second does.
        let there = u64::MAX.wrapping_shr(missing);
        let (mask, low) = match step.kind {
            Kind::Equal | Kind::EqualLast => (step.mask, step.low),
            _ => (step.mask.swap_bytes(), step.low.swap_bytes()),
        };
        return (window & mask & there != low & there).then_some(window);
    }
    None
}

/// A number of so many bytes that do not lie in the head: they lie over a border, or are not there.
#[cold]
#[inline(never)]
pub(super) fn bytes_elsewhere<P: Packet>(packet: &P, offset: u32, count: u8) -> Option<u64> {
    packet.load_bytes(offset, count)
}
