//! The loop over prepared steps.
//!
//! ```text
//!        ┌────────────┐ next step is a test
//!        ▼            │
//!   window, mask, value ──▶ last test, length, X ... ──▶ verdict, or back
//!                       └─▶ anything else ──▶ `general`, which has all kinds of steps
//! ```
//!
//! A run holds the steps that are left: a run goes forward, so it ends with them. One way of nearly every test is the next step:
//! the processor knows where that is without having loaded anything, and begins with it before this test is decided. Of a
//! test in the middle both ways are branches; the verdict is a choice without a branch, since nothing that follows waits for it.

use core::hint::{cold_path, select_unpredictable};

use super::step::{Kind, Quick, Step};
use super::table::look_up;
use super::window::{at_x, bytes, bytes_elsewhere, window, window_elsewhere};
use crate::insn::{Ancillary, SCRATCH_WORDS};
use crate::packet::Packet;

const REJECT: u32 = 0;

/// The verdict at one of a test's two ways, without a branch.
#[inline(always)]
fn verdict(step: &Step, next: &[Step], holds: bool) -> u32 {
    let skip = select_unpredictable(holds, step.yes, step.no);
    // Where nothing is to be kept, the constant is 0.
    next.get(skip as usize).map_or(REJECT, Step::k)
}

/// A value, or the run ends.
macro_rules! need {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => return REJECT,
        }
    };
}

/// Goes on behind so many steps.
macro_rules! skip {
    ($rest:ident, $next:ident, $count:expr) => {{
        let count = $count as usize;
        // Said so, the comparison is also that of the loop.
        if count >= $next.len() {
            return REJECT;
        }
        $rest = need!($next.get(count..));
    }};
}

/// Goes on behind so many steps, or with the next one.
macro_rules! skip_if {
    ($rest:ident, $next:ident, $skips:expr, $count:expr) => {
        if $skips {
            skip!($rest, $next, $count);
        } else {
            $rest = $next;
        }
    };
}

/// The tests of the packet, until another step is the next of the rest. For what is not in the head, `$elsewhere` gets the call that
/// looks for it.
macro_rules! tests {
    ($rest:ident, $x:ident, $head:ident, $packet:ident, $elsewhere:ident) => {
        loop {
            let Some((step, next)) = $rest.split_first() else { return REJECT };
            macro_rules! window {
                ($start:expr) => {{
                    let start = $start;
                    match window($head, start) {
                        Some(window) => window,
                        None => $elsewhere!(window_elsewhere(step, start, $packet)),
                    }
                }};
            }
            // The most frequent ones first. (In machine code it is the one that needs no jump.)
            if step.quick == Quick::SkipIfEqual {
                skip_if!($rest, next, step.equals(window!(usize::from(step.at))), step.yes);
                continue;
            }
            if step.quick == Quick::SkipUnlessEqual {
                skip_if!($rest, next, !step.equals(window!(usize::from(step.at))), step.no);
                continue;
            }
            if step.quick == Quick::SkipIfWithin {
                skip_if!($rest, next, step.is_within(window!(usize::from(step.at))), step.yes);
                continue;
            }
            if step.quick == Quick::SkipIfWithinX {
                skip_if!($rest, next, step.is_within(window!(need!(at_x(step, $x)))), step.yes);
                continue;
            }
            macro_rules! branch {
                ($holds:expr) => {
                    if $holds {
                        skip!($rest, next, step.yes);
                    } else {
                        cold_path();
                        skip!($rest, next, step.no);
                    }
                };
            }
            match step.kind {
                Kind::Equal => branch!(step.equals(window!(usize::from(step.at)))),
                Kind::Range => branch!(step.is_within(window!(usize::from(step.at)))),
                Kind::RangeX => branch!(step.is_within(window!(need!(at_x(step, $x))))),
                Kind::EqualLast => {
                    return verdict(step, next, step.equals(window!(usize::from(step.at))));
                }
                Kind::RangeLast => {
                    return verdict(step, next, step.is_within(window!(usize::from(step.at))));
                }
                Kind::RangeLastX => {
                    return verdict(step, next, step.is_within(window!(need!(at_x(step, $x)))));
                }
                Kind::LoadXMsh => {
                    let byte = match $head.get(step.k() as usize) {
                        Some(byte) => u64::from(*byte),
                        None => $elsewhere!(bytes_elsewhere($packet, step.k(), 1)),
                    };
                    $x = (byte as u32 & 0xf).wrapping_mul(4);
                    skip!($rest, next, step.yes);
                }
                Kind::LoadXImm => {
                    $x = step.k();
                    skip!($rest, next, step.yes);
                }
                Kind::TestLen => {
                    let holds = step.holds($packet.wire_len());
                    skip!($rest, next, select_unpredictable(holds, step.yes, step.no));
                }
                Kind::RetK | Kind::Reject => return step.k(),
                _ => break,
            }
        }
    };
}

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

/// The same for programs of several steps. Nothing is called here: what is not in the head, too, is left to `general`, which is told
/// where this one stands and answers in its place. So there is no frame but for saved registers.
#[inline(never)]
fn several<P: Packet>(steps: &[Step], head: &[u8], packet: &P) -> u32 {
    let (mut rest, mut x) = (steps, 0_u32);
    macro_rules! elsewhere {
        ($call:expr) => {
            break
        };
    }
    tests!(rest, x, head, packet, elsewhere);
    general(rest, head, x, packet)
}

/// The same for steps of all kinds and packets in all forms, from any step on.
#[inline(never)]
fn general<P: Packet>(mut rest: &[Step], head: &[u8], mut x: u32, packet: &P) -> u32 {
    let mut a: u32 = 0;
    let mut scratch = [0; SCRATCH_WORDS as usize];
    while let Some((step, next)) = rest.split_first() {
        if step.quick == Quick::SkipIfWithinA {
            skip_if!(rest, next, step.holds_all(a), step.yes);
            continue;
        }
        macro_rules! load {
            ($size:literal, $offset:expr) => {{
                let offset: u32 = $offset;
                let value = match bytes::<$size>(head, offset) {
                    Some(value) => value,
                    None => need!(bytes_elsewhere(packet, offset, $size)) as u32,
                };
                let [right, left] = step.at.to_le_bytes();
                a = (value & step.mask as u32).wrapping_shr(right.into()).wrapping_shl(left.into());
            }};
        }
        let k = step.k();
        let word = (k & 15) as usize;
        let mut holds = true;
        match step.kind {
            Kind::Equal
            | Kind::Range
            | Kind::RangeX
            | Kind::EqualLast
            | Kind::RangeLast
            | Kind::RangeLastX
            | Kind::TestLen
            | Kind::LoadXMsh
            | Kind::LoadXImm
            | Kind::RetK
            | Kind::Reject => {
                tests!(rest, x, head, packet, need);
                continue;
            }
            Kind::RetA => return a,
            Kind::Jump => {}
            Kind::LoadB => load!(1, k),
            Kind::LoadH => load!(2, k),
            Kind::LoadW => load!(4, k),
            Kind::LoadIndB => load!(1, need!(x.checked_add(k))),
            Kind::LoadIndH => load!(2, need!(x.checked_add(k))),
            Kind::LoadIndW => load!(4, need!(x.checked_add(k))),
            Kind::LoadImm => a = k,
            Kind::LoadLen => a = packet.wire_len(),
            Kind::LoadMem => a = scratch.get(word).copied().unwrap_or_default(),
            Kind::LoadAncillary => a = need!(ancillary(k, packet)),
            Kind::LoadXLen => x = packet.wire_len(),
            Kind::LoadXMem => x = scratch.get(word).copied().unwrap_or_default(),
            Kind::Store => {
                if let Some(cell) = scratch.get_mut(word) {
                    *cell = a;
                }
            }
            Kind::StoreX => {
                if let Some(cell) = scratch.get_mut(word) {
                    *cell = x;
                }
            }
            Kind::AddK => a = a.wrapping_add(k),
            Kind::MulK => a = a.wrapping_mul(k),
            Kind::DivK => a = need!(a.checked_div(k)),
            Kind::ModK => a = need!(a.checked_rem(k)),
            Kind::OrK => a |= k,
            Kind::AndK => a &= k,
            Kind::XorK => a ^= k,
            Kind::LshK => a = a.checked_shl(k).unwrap_or(0),
            Kind::RshK => a = a.checked_shr(k).unwrap_or(0),
            Kind::AddX => a = a.wrapping_add(x),
            Kind::SubX => a = a.wrapping_sub(x),
            Kind::MulX => a = a.wrapping_mul(x),
            Kind::DivX => a = need!(a.checked_div(x)),
            Kind::ModX => a = need!(a.checked_rem(x)),
            Kind::OrX => a |= x,
            Kind::AndX => a &= x,
            Kind::XorX => a ^= x,
            Kind::LshX => a = a.checked_shl(x).unwrap_or(0),
            Kind::RshX => a = a.checked_shr(x).unwrap_or(0),
            Kind::Neg => a = a.wrapping_neg(),
            Kind::Tax => x = a,
            Kind::Txa => a = x,
            Kind::TestA => holds = step.holds_all(a),
            Kind::TestBitsA => holds = step.holds(a),
            Kind::FindA => {
                skip!(rest, next, look_up(step, next, a));
                continue;
            }
            Kind::JeqX => holds = a == x,
            Kind::JgtX => holds = a > x,
            Kind::JgeX => holds = a >= x,
            Kind::JsetX => holds = a & x != 0,
        }
        if holds {
            skip!(rest, next, step.yes);
        } else {
            cold_path();
            skip!(rest, next, step.no);
        }
    }
    REJECT
}

#[cold]
fn ancillary<P: Packet>(k: u32, packet: &P) -> Option<u32> {
    packet.ancillary(Ancillary::from_offset(k)?)
}
