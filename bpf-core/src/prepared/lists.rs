//! Programs with lists of values of fields: a load and the look into the table behind it are one step of their loop, without the machine.
//!
//! ```text
//!   run ──▶ tests ──▶ load, list ──▶ load, list ──▶ verdict
//!                          └──────────────┴──▶ machine       what is not in the head, values that the table leaves to the tests,
//!                                                            and steps that need A
//! ```
//!
//! Whoever needs A loads it anew: the machine is left to begin with the load. These programs have a loop of their own, so that others
//! need not ask whether a step is a list.

use core::hint::cold_path;
use core::ops::Deref;

use super::Prepared;
use super::each_step::{REJECT, branch, each_step, need, skip, skip_if, verdict};
use super::field::target;
use super::machine;
use super::step::{Kind, Quick, Step};
use super::table::find;
use super::window::{at_x, window};
use crate::packet::Packet;

/// A list's value is the end of so many bytes: that is one load, for each size.
const VALUE_BYTES: usize = 4;

/// Gives the steps their classes, if there is a load that a list follows after which nobody needs A; returns whether there is one.
pub(super) fn classify(steps: &mut [Step]) -> bool {
    let mut has_lists = false;
    for at in 0..steps.len() {
        let load = steps.get(at).filter(|step| step.kind.is_load() && leads_to_list(steps, at, step));
        if let Some(load) = load.and_then(Step::of_list)
            && let Some(step) = steps.get_mut(at)
        {
            (*step, has_lists) = (load, true);
        }
    }
    if has_lists {
        for step in steps {
            step.quick = match step.kind {
                Kind::OneOf => Quick::OneOf,
                Kind::LoadXMsh => Quick::LoadXMsh,
                Kind::LoadXImm => Quick::LoadXImm,
                Kind::RetK | Kind::Reject => Quick::End,
                _ => step.quick,
            };
        }
    }
    has_lists
}

/// Whether this load is followed by a list, and nobody needs A after that.
fn leads_to_list(steps: &[Step], at: usize, load: &Step) -> bool {
    let list = target(at, load.yes);
    let is_done = |skip: u32| steps.get(target(list, skip)).is_none_or(|step| !step.a_is_live);
    steps.get(list).is_some_and(|first| {
        first.kind == Kind::FindA && is_done(first.skip_for_keys()) && is_done(first.skip_for_rest())
    })
}

/// Runs a program with lists. (Two parameters: so it costs the loop of who runs other programs next to nothing.)
#[inline(never)]
#[allow(unreachable_code, unused_variables, reason = "no kind of step is left for the end of the loop")]
pub(super) fn run<R: Deref<Target = [Step]>, P: Packet>(prepared: &Prepared<R>, packet: &P) -> u32 {
    let (mut rest, head) = (prepared.steps(), packet.head());
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
    each_step!(rest, step, next, x, head, elsewhere, first: {
        if step.quick.is_of_lists() {
            if step.quick.is_load() {
                let Some(value) = step.value(x, head) else { break };
                let Some((list, behind)) = next.get(step.yes as usize..).and_then(<[Step]>::split_first) else {
                    return REJECT;
                };
                let Some(is_key) = find(list, behind, value) else { break };
                // A branch: else the next step would be known only when all of this is, and the packet has come.
                if is_key {
                    cold_path();
                    skip!(rest, behind, list.skip_for_keys());
                } else {
                    skip!(rest, behind, list.skip_for_rest());
                }
            } else if step.quick.is_one_of() {
                branch!(rest, step, next, step.is_one_of(window!(step.at.into())));
            } else if step.quick == Quick::LoadXMsh {
                let Some(byte) = head.get(step.k() as usize) else { break };
                x = (u32::from(*byte) & 0xf).wrapping_mul(4);
                skip!(rest, next, step.yes);
            } else if step.quick == Quick::End {
                return step.k();
            } else {
                // What is left of them is `Quick::LoadXImm`.
                x = step.k();
                skip!(rest, next, step.yes);
            }
            continue;
        }
    }, others: {
        _ => break,
    });
    machine::run(rest, x, packet)
}

/// The load of a list has the end of its field in `place`, and in `no` the bits of X that count: all or none.
impl Step {
    /// A load as the load of a list; `None`: only the machine can do it.
    fn of_list(&self) -> Option<Self> {
        let is_shifted = self.at != 0;
        let place = self.k().checked_add(self.bytes.into()).filter(|_| !is_shifted)?;
        let others = (VALUE_BYTES as u32).checked_sub(self.bytes.into())?.wrapping_mul(8);
        let mask = self.mask & u64::from(u32::MAX.wrapping_shr(others));
        let no = if self.kind.is_at_x() { u32::MAX } else { 0 };
        Some(Self { quick: Quick::LoadOfList, place, mask, no, ..*self })
    }

    /// What it loads, if that is in the head.
    #[inline(always)]
    fn value(&self, x: u32, head: &[u8]) -> Option<u32> {
        let end = ((x & self.no) as usize).checked_add(self.place as usize)?;
        let bytes = head.get(end.checked_sub(VALUE_BYTES)?..end)?;
        Some(u32::from_be_bytes(*bytes.first_chunk()?) & self.mask as u32)
    }
}
