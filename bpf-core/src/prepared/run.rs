//! The loop over prepared steps.
//!
//! ```text
//!        ┌────────────┐ next step is a test
//!        ▼            │
//!   window, mask, range ──▶ last test, test at X ... ──▶ verdict, or back
//!                      └──▶ anything else ──▶ `general`, which has all kinds of steps
//! ```
//!
//! The distance to a step that is not simply a test has a [`class`] in it. So one comparison, of the index with the number of
//! steps, finds both the end of the simple tests and an index out of bounds.
//!
//! Of a test in the middle both ways are branches: the processor goes on with the next test before this one is decided. The
//! verdict is a choice without a branch: nothing that follows waits for it.

use core::hint::{cold_path, select_unpredictable};

use super::count::Watch;
use super::step::{INDEXED_AT_MAX, Kind, Step, class, short};
use crate::insn::{ANCILLARY_BASE, Ancillary, SCRATCH_WORDS};
use crate::packet::Packet;

const REJECT: u32 = 0;

/// The place of a step, with its class.
pub(super) fn place(steps: &[Step], at: usize) -> usize {
    at | steps.get(at).map_or(class::OTHER, |step| step.kind.class()) as usize
}

/// The place at a distance.
#[inline(always)]
fn after(at: usize, distance: u32) -> usize {
    // No sum wraps, and none carries into the class: places and distances are below 2^21.
    at.wrapping_add(1).wrapping_add(distance as usize)
}

const fn without_class(place: usize) -> usize {
    place & !(class::ALL as usize)
}

/// The verdict at one of a test's two distances, without a branch.
#[inline(always)]
fn verdict<W: Watch>(steps: &[Step], step: &Step, at: usize, window: u64, watch: &mut W) -> u32 {
    let holds = step.window_holds(window);
    watch.way(at, step, holds);
    watch.last();
    let place = after(at, select_unpredictable(holds, step.yes, step.no));
    // Where nothing is to be kept, the constant is 0.
    steps.get(without_class(place)).map_or(REJECT, Step::k)
}

/// What is to be done with a test whose window is not there.
enum Short {
    /// The field is there.
    Window(u64),
    /// Go on here.
    Parts(usize),
    Reject,
}

#[cold]
#[inline(never)]
fn short_of_window<P: Packet>(steps: &[Step], at: usize, offset: u32, packet: &P) -> Short {
    let short = steps.get(at).map_or(0, |step| step.short & short::MASK);
    match short {
        short::PARTS.. => Short::Parts(place(steps, after(at, u32::from(short.wrapping_sub(short::PARTS))))),
        // What lies behind the field does not count.
        1..=short::EARLY_MAX => early(u32::from(short), offset, packet).map_or(Short::Reject, Short::Window),
        _ => Short::Reject,
    }
}

/// A window of which only so many bytes are there.
fn early<P: Packet>(bytes: u32, offset: u32, packet: &P) -> Option<u64> {
    let (mut window, mut at) = (0_u64, offset);
    if bytes & 4 != 0 {
        window = u64::from(packet.load_u32(at)?);
        at = at.checked_add(4)?;
    }
    if bytes & 2 != 0 {
        window = window.wrapping_shl(16) | u64::from(packet.load_u16(at)?);
        at = at.checked_add(2)?;
    }
    if bytes & 1 != 0 {
        window = window.wrapping_shl(8) | u64::from(packet.load_u8(at)?);
    }
    Some(window.wrapping_shl(8_u32.wrapping_sub(bytes).wrapping_mul(8)))
}

/// The place at one of a test's two distances, by a branch: what follows does not wait for the packet.
#[inline(always)]
fn branched<W: Watch>(step: &Step, at: usize, window: u64, watch: &mut W) -> usize {
    if step.window_holds(window) {
        watch.way(at, step, true);
        after(at, step.yes)
    } else {
        cold_path();
        watch.way(at, step, false);
        after(at, step.no)
    }
}

/// Where the window of an indexed test begins: for a greater X than this no packet has bytes.
#[inline(always)]
fn indexed(step: &Step, x: u32) -> u32 {
    x.min(ANCILLARY_BASE).wrapping_add(u32::from(step.at & INDEXED_AT_MAX))
}

/// The window of a test at an offset; without one, what else is to be done, in the loop of that name.
macro_rules! window {
    ($loop:lifetime, $steps:ident, $step:ident, $at:ident, $packet:ident, $offset:expr, $watch:ident) => {{
        let offset = $offset;
        // Who counts looks at the parts.
        let window = if W::COUNTS && $step.is_joined() { None } else { $packet.load_u64(offset) };
        match window {
            Some(window) => window,
            None => match short_of_window($steps, $at, offset, $packet) {
                Short::Window(window) => window,
                Short::Parts(at) => {
                    $watch.before_part($step);
                    $at = at;
                    continue $loop;
                }
                Short::Reject => {
                    $watch.missing($at);
                    return REJECT;
                }
            },
        }
    }};
}

/// The tests of the packet, until another step comes: that step, at its place.
macro_rules! tests {
    ($steps:ident, $at:ident, $x:ident, $window:ident, $packet:ident, $watch:ident) => {
        'tests: loop {
            while let Some(step) = $steps.get($at) {
                $window = window!('tests, $steps, step, $at, $packet, u32::from(step.at), $watch);
                $at = branched(step, $at, $window, $watch);
            }
            while let Some(step) = $steps.get($at ^ class::SAME as usize) {
                if W::COUNTS && step.is_joined() {
                    break;
                }
                $at ^= class::SAME as usize;
                $at = branched(step, $at, $window, $watch);
            }
            $at = without_class($at);
            let Some(step) = $steps.get($at) else { return REJECT };
            match step.kind {
                Kind::Test => {
                    $window = window!('tests, $steps, step, $at, $packet, u32::from(step.at), $watch);
                    $at = branched(step, $at, $window, $watch);
                }
                Kind::TestLast => {
                    $window = window!('tests, $steps, step, $at, $packet, u32::from(step.at), $watch);
                    return verdict($steps, step, $at, $window, $watch);
                }
                Kind::TestInd => {
                    $window = window!('tests, $steps, step, $at, $packet, indexed(step, $x), $watch);
                    $at = branched(step, $at, $window, $watch);
                }
                Kind::TestIndLast => {
                    $window = window!('tests, $steps, step, $at, $packet, indexed(step, $x), $watch);
                    return verdict($steps, step, $at, $window, $watch);
                }
                Kind::LoadXMsh => match $packet.load_u8(step.k()) {
                    Some(byte) => {
                        $x = u32::from(byte & 0xf).wrapping_mul(4);
                        $watch.way($at, step, true);
                        $at = after($at, step.yes);
                    }
                    None => {
                        $watch.last();
                        return REJECT;
                    }
                },
                Kind::TestLen => {
                    let holds = step.holds($packet.wire_len());
                    $watch.way($at, step, holds);
                    $at = after($at, select_unpredictable(holds, step.yes, step.no));
                }
                Kind::RetK | Kind::Reject => {
                    $watch.last();
                    return step.k();
                }
                _ => break step,
            }
        }
    };
}

/// A program of one test has no loop to go through: what it takes is part of the caller, which has the packet in registers.
#[inline(always)]
pub(super) fn run<P: Packet, W: Watch>(steps: &[Step], start: usize, packet: &P, watch: &mut W) -> u32 {
    let first = start ^ class::LAST as usize;
    if let Some(step) = steps.get(first)
        && !(W::COUNTS && step.is_joined())
        && let Some(window) = packet.load_u64(u32::from(step.at))
    {
        return verdict(steps, step, first, window, watch);
    }
    several(steps, start, packet, watch)
}

/// The same for programs of several steps.
#[inline]
fn several<P: Packet, W: Watch>(steps: &[Step], start: usize, packet: &P, watch: &mut W) -> u32 {
    let mut at = start;
    let mut x: u32 = 0;
    let mut window: u64 = 0;
    let _other = tests!(steps, at, x, window, packet, watch);
    general(steps, at, x, packet, watch)
}

/// The same for steps of all kinds, from the first that is no test.
#[inline(never)]
fn general<P: Packet, W: Watch>(steps: &[Step], mut at: usize, mut x: u32, packet: &P, watch: &mut W) -> u32 {
    let mut a: u32 = 0;
    let mut scratch = [0; SCRATCH_WORDS as usize];
    let mut window: u64 = 0;
    at |= class::OTHER as usize;
    loop {
        let step = tests!(steps, at, x, window, packet, watch);
        macro_rules! need {
            ($value:expr) => {
                match $value {
                    Some(value) => value,
                    None => {
                        watch.last();
                        return REJECT;
                    }
                }
            };
        }
        macro_rules! load {
            ($load:ident, $offset:expr) => {{
                let value = u32::from(need!(packet.$load($offset))) & step.mask as u32;
                let [right, left] = step.at.to_le_bytes();
                a = value.wrapping_shr(right.into()).wrapping_shl(left.into());
            }};
        }
        macro_rules! test {
            ($holds:expr) => {{
                if $holds {
                    watch.way(at, step, true);
                    at = after(at, step.yes);
                } else {
                    cold_path();
                    watch.way(at, step, false);
                    at = after(at, step.no);
                }
                continue;
            }};
        }
        let k = step.k();
        let word = (k & 15) as usize;
        match step.kind {
            // Done before.
            Kind::Test
            | Kind::TestLast
            | Kind::TestInd
            | Kind::TestIndLast
            | Kind::TestLen
            | Kind::LoadXMsh
            | Kind::RetK
            | Kind::Reject => return REJECT,
            Kind::RetA => {
                watch.last();
                return a;
            }
            Kind::Jump => {}
            Kind::LoadB => load!(load_u8, k),
            Kind::LoadH => load!(load_u16, k),
            Kind::LoadW => load!(load_u32, k),
            Kind::LoadIndB => load!(load_u8, need!(x.checked_add(k))),
            Kind::LoadIndH => load!(load_u16, need!(x.checked_add(k))),
            Kind::LoadIndW => load!(load_u32, need!(x.checked_add(k))),
            Kind::LoadImm => a = k,
            Kind::LoadLen => a = packet.wire_len(),
            Kind::LoadMem => a = scratch.get(word).copied().unwrap_or_default(),
            Kind::LoadAncillary => a = need!(ancillary(k, packet)),
            Kind::LoadXImm => x = k,
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
            Kind::TestA => test!(step.holds(a)),
            Kind::JeqX => test!(a == x),
            Kind::JgtX => test!(a > x),
            Kind::JgeX => test!(a >= x),
            Kind::JsetX => test!(a & x != 0),
        }
        watch.way(at, step, true);
        at = after(at, step.yes);
    }
}

#[cold]
fn ancillary<P: Packet>(k: u32, packet: &P) -> Option<u32> {
    packet.ancillary(Ancillary::from_offset(k)?)
}
