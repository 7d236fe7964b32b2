//! A run that computes, or looks at bytes that are not in the head of the packet.
//!
//! ```text
//!   several ──▶ run ──┬──▶ in_head     all kinds of steps, up to one that needs something else
//!                     ├──▶ elsewhere   that one: bytes over a border, or missing ones
//!                     └──▶ beside      or that one: the wire length, ancillary values
//! ```
//!
//! What such a run knows lies in one place, the machine, and who works on it calls nobody but the packet. So the deepest chain of
//! calls is the machine and the saved registers of one of the three: 128 bytes, to which `no-panic/check` holds it.

use core::hint::cold_path;

use super::each_step::{REJECT, branch, each_step, need, skip, skip_if, verdict};
use super::elsewhere::{beside, elsewhere};
use super::step::{Kind, Quick, Step};
use super::table::look_up;
use super::window::{at_x, bytes, window};
use crate::insn::SCRATCH_WORDS;
use crate::packet::Packet;

/// What a run knows beside its place in the program.
pub(super) struct Machine<'p, P> {
    pub(super) packet: &'p P,
    scratch: [u32; SCRATCH_WORDS as usize],
    /// A, and the verdict of a run that is over.
    pub(super) a: u32,
    pub(super) x: u32,
}

impl<P> Machine<'_, P> {
    /// Ends the run: no steps are left.
    #[inline(always)]
    pub(super) const fn end<'s>(&mut self, verdict: u32) -> &'s [Step] {
        self.a = verdict;
        &[]
    }

    #[inline(always)]
    fn word(&self, k: u32) -> u32 {
        self.scratch.get((k & 15) as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn store(&mut self, k: u32, value: u32) {
        if let Some(word) = self.scratch.get_mut((k & 15) as usize) {
            *word = value;
        }
    }
}

/// Runs from these steps on.
#[inline(never)]
pub(super) fn run<P: Packet>(mut rest: &[Step], x: u32, packet: &P) -> u32 {
    let mut machine = Machine { packet, scratch: [0; SCRATCH_WORDS as usize], a: 0, x };
    loop {
        rest = in_head(rest, &mut machine);
        let Some(step) = rest.first() else { return machine.a };
        rest =
            if step.kind.asks_beside() { beside(rest, &mut machine) } else { elsewhere(rest, &mut machine) };
    }
}

/// Runs until a step needs what is not in the head, and returns the steps from that one on.
#[inline(never)]
fn in_head<'s, P: Packet>(mut rest: &'s [Step], machine: &mut Machine<'_, P>) -> &'s [Step] {
    let head = machine.packet.head();
    let (mut a, mut x) = (machine.a, machine.x);
    macro_rules! elsewhere {
        () => {{
            (machine.a, machine.x) = (a, x);
            return rest;
        }};
    }
    macro_rules! end {
        ($verdict:expr) => {
            return machine.end($verdict)
        };
    }
    macro_rules! load {
        ($size:literal, $step:ident, $offset:expr) => {
            match bytes::<$size>(head, $offset) {
                Some(value) => $step.loaded(value),
                None => elsewhere!(),
            }
        };
    }
    // Goes on with the next step, as a test does that holds.
    macro_rules! set {
        ($set:expr) => {{
            $set;
            true
        }};
    }
    each_step!(rest, step, next, x, head, elsewhere, first: {
        if step.quick == Quick::SkipIfWithinA {
            skip_if!(rest, next, step.holds_all(a), step.yes);
            continue;
        }
    }, others: {
        Kind::RetA => end!(a),
        Kind::LoadB => set!(a = load!(1, step, step.k())),
        Kind::LoadH => set!(a = load!(2, step, step.k())),
        Kind::LoadW => set!(a = load!(4, step, step.k())),
        Kind::LoadIndB => set!(a = load!(1, step, need!(x.checked_add(step.k())))),
        Kind::LoadIndH => set!(a = load!(2, step, need!(x.checked_add(step.k())))),
        Kind::LoadIndW => set!(a = load!(4, step, need!(x.checked_add(step.k())))),
        Kind::LoadImm => set!(a = step.k()),
        Kind::LoadMem => set!(a = machine.word(step.k())),
        Kind::LoadXMem => set!(x = machine.word(step.k())),
        Kind::Store => set!(machine.store(step.k(), a)),
        Kind::StoreX => set!(machine.store(step.k(), x)),
        Kind::AddK => set!(a = a.wrapping_add(step.k())),
        Kind::MulK => set!(a = a.wrapping_mul(step.k())),
        Kind::DivK => set!(a = need!(a.checked_div(step.k()))),
        Kind::ModK => set!(a = need!(a.checked_rem(step.k()))),
        Kind::OrK => set!(a |= step.k()),
        Kind::AndK => set!(a &= step.k()),
        Kind::XorK => set!(a ^= step.k()),
        Kind::LshK => set!(a = a.checked_shl(step.k()).unwrap_or(0)),
        Kind::RshK => set!(a = a.checked_shr(step.k()).unwrap_or(0)),
        Kind::AddX => set!(a = a.wrapping_add(x)),
        Kind::SubX => set!(a = a.wrapping_sub(x)),
        Kind::MulX => set!(a = a.wrapping_mul(x)),
        Kind::DivX => set!(a = need!(a.checked_div(x))),
        Kind::ModX => set!(a = need!(a.checked_rem(x))),
        Kind::OrX => set!(a |= x),
        Kind::AndX => set!(a &= x),
        Kind::XorX => set!(a ^= x),
        Kind::LshX => set!(a = a.checked_shl(x).unwrap_or(0)),
        Kind::RshX => set!(a = a.checked_shr(x).unwrap_or(0)),
        Kind::Neg => set!(a = a.wrapping_neg()),
        Kind::Tax => set!(x = a),
        Kind::Txa => set!(a = x),
        Kind::TestA => step.holds_all(a),
        Kind::TestBitsA => step.holds(a),
        Kind::FindA => {
            skip!(rest, next, look_up(step, next, a));
            continue;
        }
        Kind::JeqX => a == x,
        Kind::JgtX => a > x,
        Kind::JgeX => a >= x,
        Kind::JsetX => a & x != 0,
        Kind::Jump => true,
        // Those that ask beside the bytes; all others have had their turn above.
        _ => elsewhere!(),
    });
}
