//! A run that comes to lists of values of fields: a load and the look into the table together, without the machine.
//!
//! ```text
//!   several ──▶ load, list ──▶ load, list ──▶ verdict
//!                   └──────────────┴──▶ machine       what is not in the head, and values that the table leaves to the tests
//! ```
//!
//! Whoever needs A loads it anew: the machine is left to begin with the load.

use super::each_step::REJECT;
use super::machine;
use super::step::Step;
use super::table::find;
use super::window::bytes;
use crate::packet::Packet;

/// Runs from these steps on.
#[inline(never)]
pub(super) fn run<P: Packet>(mut rest: &[Step], x: u32, packet: &P) -> u32 {
    let head = packet.head();
    loop {
        let Some((step, next)) = rest.split_first() else { return REJECT };
        if !step.is_marked {
            if step.kind.is_end() {
                return step.k();
            }
            break;
        }
        let Some(value) = value(step, x, head) else { break };
        let Some((first, behind)) = next.get(step.yes as usize..).and_then(<[Step]>::split_first) else {
            return REJECT;
        };
        let Some(skip) = find(first, behind, value) else { break };
        let Some(left) = behind.get(skip as usize..) else { return REJECT };
        rest = left;
    }
    machine::run(rest, x, packet)
}

/// What a step loads, if it is in the head.
#[inline(always)]
fn value(step: &Step, x: u32, head: &[u8]) -> Option<u32> {
    let base = if step.kind.is_at_x() { x } else { 0 };
    let offset = base.checked_add(step.k())?;
    let number = match step.bytes {
        1 => bytes::<1>(head, offset),
        2 => bytes::<2>(head, offset),
        _ => bytes::<4>(head, offset),
    };
    number.map(|number| step.loaded(number))
}
