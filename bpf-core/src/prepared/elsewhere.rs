//! Steps whose bytes are not in the head of the packet, or which ask for what is known beside the bytes: one of them at a time, and
//! the run goes on with what it leaves.

use super::each_step::REJECT;
use super::machine::Machine;
use super::step::{Kind, Step, WINDOW_BYTES};
use crate::insn::Ancillary;
use crate::packet::Packet;

/// A step whose bytes lie over a border, or are not there. Calls nothing but the packet.
#[cold]
#[inline(never)]
pub(super) fn elsewhere<'s, P: Packet>(steps: &'s [Step], machine: &mut Machine<'_, P>) -> &'s [Step] {
    let Some(step) = steps.first() else { return machine.end(REJECT) };
    let (base, offset) = match step.kind {
        Kind::Equal | Kind::Range | Kind::OneOf => (0, step.at.into()),
        Kind::EqualLast | Kind::RangeLast | Kind::OneOfLast => (0, step.at.into()),
        Kind::RangeX | Kind::RangeLastX => (machine.x, step.at.into()),
        Kind::LoadIndB | Kind::LoadIndH | Kind::LoadIndW => (machine.x, step.k()),
        _ => (0, step.k()),
    };
    let Some(start) = base.checked_add(offset) else { return machine.end(REJECT) };
    let (number, count) = machine.packet.load_up_to(start, step.bytes);
    if count < step.first_bytes {
        return machine.end(REJECT);
    }
    // What is missing is 0.
    let missing = u32::from(WINDOW_BYTES.wrapping_sub(count)).wrapping_mul(8);
    let window = number.wrapping_shl(missing).swap_bytes();
    let holds = match step.kind {
        Kind::LoadXMsh => {
            machine.x = (number as u32 & 0xf).wrapping_mul(4);
            true
        }
        Kind::LoadB | Kind::LoadH | Kind::LoadW | Kind::LoadIndB | Kind::LoadIndH | Kind::LoadIndW => {
            machine.a = step.loaded(number as u32);
            true
        }
        // Two tests in one, and the bytes of the first are there: if it fails, so do both; if not, the load of the second does.
        _ if count < step.bytes => {
            if step.first_holds(window) {
                return machine.end(REJECT);
            }
            false
        }
        Kind::Equal | Kind::EqualLast => step.equals(window),
        Kind::OneOf | Kind::OneOfLast => step.is_one_of(window),
        _ => step.is_within(window),
    };
    goes_on(steps, if holds { step.yes } else { step.no }, machine)
}

/// A step that asks for the wire length, or for an ancillary value.
#[cold]
#[inline(never)]
pub(super) fn beside<'s, P: Packet>(steps: &'s [Step], machine: &mut Machine<'_, P>) -> &'s [Step] {
    let Some(step) = steps.first() else { return machine.end(REJECT) };
    let mut skip = step.yes;
    match step.kind {
        Kind::LoadLen => machine.a = machine.packet.wire_len(),
        Kind::LoadXLen => machine.x = machine.packet.wire_len(),
        Kind::TestLen | Kind::TestLenLast if step.holds(machine.packet.wire_len()) => {}
        Kind::TestLen | Kind::TestLenLast => skip = step.no,
        _ => {
            let value = Ancillary::from_offset(step.k()).and_then(|which| machine.packet.ancillary(which));
            let Some(value) = value else { return machine.end(REJECT) };
            machine.a = value;
        }
    }
    goes_on(steps, skip, machine)
}

/// The steps behind the first one and so many; none are left only when the run is over.
#[inline(always)]
fn goes_on<'s, P>(steps: &'s [Step], skip: u32, machine: &mut Machine<'_, P>) -> &'s [Step] {
    match steps.get((skip as usize).saturating_add(1)..) {
        Some(rest) if !rest.is_empty() => rest,
        _ => machine.end(REJECT),
    }
}
