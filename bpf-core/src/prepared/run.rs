//! The loop over prepared steps.
//!
//! ```text
//!        ┌────────────┐ next step is a test
//!        ▼            │
//!   window, mask, range ──▶ next step is another ──▶ match on its kind ──┐
//!        ▲                                             │ ends: verdict   │
//!        └─────────────────────────────────────────────┴─────────────────┘
//! ```
//!
//! The distance to a step that is no test has [`OTHER`] in it. So one comparison, of the index with the number of steps, finds
//! both the end of the tests and an index out of bounds.

use super::step::{Kind, OTHER, Step, short};
use crate::insn::{ANCILLARY_BASE, Ancillary, SCRATCH_WORDS};
use crate::packet::Packet;

const REJECT: u32 = 0;

/// Where a run begins.
pub(super) fn start(steps: &[Step]) -> usize {
    match steps.first() {
        Some(Step { kind: Kind::Test, .. }) => 0,
        _ => OTHER as usize,
    }
}

/// The step after `at` at a distance.
#[inline(always)]
fn after(at: usize, distance: u32) -> usize {
    // On machines of 32 bits this may wrap for steps that were tampered with: then the index is wrong, and checked.
    at.wrapping_add(1).wrapping_add(distance as usize)
}

#[inline]
pub(super) fn run<P: Packet>(steps: &[Step], start: usize, packet: &P) -> u32 {
    let mut a: u32 = 0;
    let mut x: u32 = 0;
    let mut scratch = [0; SCRATCH_WORDS as usize];
    let mut at = start;
    loop {
        while let Some(step) = steps.get(at) {
            let window = match packet.load_u64(u32::from(step.at)) {
                Some(window) => window,
                None => match (step.short & short::MASK, early_window(step, packet)) {
                    (1..=short::EARLY_MAX, Some(window)) => window,
                    (parts @ short::PARTS.., _) => {
                        at = after(at, u32::from(parts.wrapping_sub(short::PARTS)));
                        continue;
                    }
                    _ => return REJECT,
                },
            };
            if step.window_holds(window) {
                at = after(at, step.yes);
            } else {
                core::hint::cold_path();
                at = after(at, step.no);
            }
        }
        at &= !(OTHER as usize);
        let Some(step) = steps.get(at) else { return REJECT };
        macro_rules! need {
            ($value:expr) => {
                match $value {
                    Some(value) => value,
                    None => return REJECT,
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
                at = after(at, if $holds { step.yes } else { step.no });
                continue;
            }};
        }
        macro_rules! test_ind {
            ($load:ident) => {{
                let value =
                    u32::from(need!(x.checked_add(step.offset()).and_then(|offset| packet.$load(offset))));
                test!(step.holds(value))
            }};
        }
        macro_rules! load_msh {
            ($offset:expr) => {
                x = u32::from(need!(packet.load_u8($offset)) & 0xf).wrapping_mul(4)
            };
        }
        let k = step.k();
        let word = (k & 15) as usize;
        match step.kind {
            // Only where a jump leads to a step that was a test all the same.
            Kind::Test => continue,
            Kind::Reject => return REJECT,
            Kind::RetK => return k,
            Kind::RetA => return a,
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
            Kind::LoadXMsh => load_msh!(k),
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
            Kind::TestIndB => test_ind!(load_u8),
            Kind::TestIndH => test_ind!(load_u16),
            Kind::TestIndW => test_ind!(load_u32),
            Kind::TestMshB => {
                load_msh!(u32::from(step.at));
                test_ind!(load_u8)
            }
            Kind::TestMshH => {
                load_msh!(u32::from(step.at));
                test_ind!(load_u16)
            }
            Kind::TestMshW => {
                load_msh!(u32::from(step.at));
                test_ind!(load_u32)
            }
        }
        at = after(at, step.yes);
    }
}

/// The window at the start of a packet that has fewer than eight bytes, but those of the field.
#[cold]
#[inline(never)]
fn early_window<P: Packet>(step: &Step, packet: &P) -> Option<u64> {
    let end = step.short & short::MASK;
    if !(1..=short::EARLY_MAX).contains(&end) {
        return None;
    }
    packet.load_u8(u32::from(end).wrapping_sub(1))?;
    let byte = |offset| u64::from(packet.load_u8(offset).unwrap_or_default());
    Some((0..8).fold(0, |window, offset| window.wrapping_shl(8) | byte(offset)))
}

#[cold]
fn ancillary<P: Packet>(k: u32, packet: &P) -> Option<u32> {
    debug_assert!(k >= ANCILLARY_BASE);
    packet.ancillary(Ancillary::from_offset(k)?)
}
