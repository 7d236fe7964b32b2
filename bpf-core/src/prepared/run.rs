//! A run, as long as it tests fields in the head of the packet.
//!
//! A run holds the steps that are left: it goes forward, so it ends with them. One way of nearly every test is the next step: the
//! processor knows where that is without having loaded anything, and begins with it before this test is decided. Of a test in the
//! middle both ways are branches; the verdict is a choice without a branch, since nothing that follows waits for it.

use core::hint::{cold_path, select_unpredictable};

use super::each_step::{REJECT, branch, each_step, need, skip, skip_if, verdict};
use super::machine;
use super::step::{Kind, Quick, Step};
use super::window::{at_x, window};
use crate::packet::Packet;

/// A program of one test has no loop to go through: what it takes is part of the caller, which has the packet in registers.
#[inline(always)]
pub(super) fn run<P: Packet>(steps: &[Step], packet: &P) -> u32 {
    let head = packet.head();
    if let Some((step, next)) = steps.split_first()
        && step.kind == Kind::EqualLast
        && let Some(window) = window(head, step.at.into())
    {
        return verdict(step, next, step.equals(window));
    }
    several(steps, head, packet)
}

/// The same for programs of several steps. Nothing is called here: what is not in the head, too, is left to the machine, which is
/// told where this one stands and answers in its place. So there is no frame but for saved registers.
#[inline(never)]
#[allow(unreachable_code, unused_variables, reason = "no kind of step is left for the end of the loop")]
fn several<P: Packet>(mut rest: &[Step], head: &[u8], packet: &P) -> u32 {
    let mut x: u32 = 0;
    macro_rules! elsewhere {
        () => {
            break
        };
    }
    macro_rules! end {
        ($verdict:expr) => {
            return $verdict
        };
    }
    each_step!(rest, step, next, x, head, elsewhere, first: {}, others: {
        Kind::TestLenLast => end!(verdict(step, next, step.holds(packet.wire_len()))),
        Kind::TestLen => {
            let holds = step.holds(packet.wire_len());
            skip!(rest, next, select_unpredictable(holds, step.yes, step.no));
            continue;
        }
        _ => break,
    });
    machine::run(rest, x, packet)
}
