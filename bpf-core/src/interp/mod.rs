//! The interpreter.
//!
//! ```text
//!          ┌──────── pc only grows (or fuel only falls) ───────┐
//!          ▼                                                   │
//!   fetch insns[pc] ─▶ observer ─▶ load/store/alu/jump ─▶ pc + 1 + skip
//!          │                            │
//!      past the end: 0          load out of bounds, division by 0: 0
//! ```
//!
//! Invariants:
//! - Total: any instructions, verified or not, and any packet give a verdict; no index, sum or shift can panic.
//!   (`bpf-core/no-panic` proves it on the object code.)
//! - [`run`] takes at most `insns.len()` steps: jumps only go forward, because `pc` grows without wrapping.
//! - Nothing is allocated; the state is 18 words and `pc`.

mod observe;

pub use observe::{Counted, Observer, State};

use core::fmt;

use crate::insn::code::*;
use crate::insn::{ANCILLARY_BASE, Ancillary, RawInsn, SCRATCH_WORDS, opcode as op};
use crate::packet::Packet;

/// The verdict of the empty program, which only FreeBSD's profile lets through: keep everything.
const EMPTY_PROGRAM_VERDICT: u32 = u32::MAX;

/// The verdict of a load past the end, of a division by zero, of falling off the end.
const REJECT: u32 = 0;

/// A program that may loop was stopped before it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfFuel;

impl fmt::Display for OutOfFuel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program did not end within the steps it was given")
    }
}

impl core::error::Error for OutOfFuel {}

/// Runs instructions that jump forward only.
#[inline]
pub(crate) fn run<P: Packet, O: Observer>(insns: &[RawInsn], packet: &P, observer: &mut O) -> u32 {
    // The budget is never asked for here: the loop below ends because pc grows.
    execute::<false, P, O>(insns, packet, observer, u32::MAX).unwrap_or(REJECT)
}

/// Runs instructions that may jump backwards.
pub(crate) fn run_with_fuel<P: Packet, O: Observer>(
    insns: &[RawInsn],
    packet: &P,
    fuel: u32,
    observer: &mut O,
) -> Result<u32, OutOfFuel> {
    execute::<true, P, O>(insns, packet, observer, fuel)
}

/// A, X and the scratch words are variables of their own, not a [`State`]: the words are indexed by data, and what lies
/// beside them in one object would have to live in memory too.
#[inline]
fn execute<const LOOPS: bool, P: Packet, O: Observer>(
    insns: &[RawInsn],
    packet: &P,
    observer: &mut O,
    mut fuel: u32,
) -> Result<u32, OutOfFuel> {
    let mut a: u32 = 0;
    let mut x: u32 = 0;
    let mut scratch = [0; SCRATCH_WORDS as usize];
    let mut pc: usize = 0;
    loop {
        let Some(&insn) = insns.get(pc) else {
            return Ok(if insns.is_empty() { EMPTY_PROGRAM_VERDICT } else { REJECT });
        };
        if LOOPS {
            fuel = fuel.checked_sub(1).ok_or(OutOfFuel)?;
        }
        observer.step(pc as u32, insn, &State { a, x, scratch });
        // No sum wraps: `pc` is the index of an object of 8 bytes, and an instruction skips at most 255 others ...
        pc = pc.wrapping_add(1);
        let RawInsn { code, k, .. } = insn;
        // For verified programs the mask changes nothing; for others it keeps the index in the array.
        let word = (k & 15) as usize;
        macro_rules! load {
            ($value:expr) => {
                match $value {
                    Some(value) => a = u32::from(value),
                    None => return Ok(REJECT),
                }
            };
        }
        macro_rules! load_abs {
            ($load:ident) => {
                match packet.$load(k) {
                    Some(value) => a = u32::from(value),
                    None => load!(load_ancillary(k, packet, a, x)),
                }
            };
        }
        macro_rules! load_ind {
            ($load:ident) => {
                load!(x.checked_add(k).and_then(|offset| packet.$load(offset)))
            };
        }
        macro_rules! branch {
            ($holds:expr) => {
                pc = pc.wrapping_add(usize::from(if $holds { insn.jt } else { insn.jf }))
            };
        }
        match code {
            LD_W_ABS => load_abs!(load_u32),
            LD_H_ABS => load_abs!(load_u16),
            LD_B_ABS => load_abs!(load_u8),
            LD_W_IND => load_ind!(load_u32),
            LD_H_IND => load_ind!(load_u16),
            LD_B_IND => load_ind!(load_u8),
            LD_IMM => a = k,
            LD_LEN => a = packet.wire_len(),
            LD_MEM => a = scratch.get(word).copied().unwrap_or_default(),
            LDX_IMM => x = k,
            LDX_LEN => x = packet.wire_len(),
            LDX_MEM => x = scratch.get(word).copied().unwrap_or_default(),
            LDX_MSH => match packet.load_u8(k) {
                Some(byte) => x = u32::from(byte & 0xf).wrapping_mul(4),
                None => return Ok(REJECT),
            },
            ST => {
                if let Some(cell) = scratch.get_mut(word) {
                    *cell = a;
                }
            }
            STX => {
                if let Some(cell) = scratch.get_mut(word) {
                    *cell = x;
                }
            }
            JEQ_K => branch!(a == k),
            JGT_K => branch!(a > k),
            JGE_K => branch!(a >= k),
            JSET_K => branch!(a & k != 0),
            JEQ_X => branch!(a == x),
            JGT_X => branch!(a > x),
            JGE_X => branch!(a >= x),
            JSET_X => branch!(a & x != 0),
            // ... but for this one.
            JA if LOOPS => pc = (pc as u32).wrapping_add(k) as usize,
            JA => pc = pc.saturating_add(k as usize),
            RET_K => return Ok(k),
            RET_A => return Ok(a),
            TAX => x = a,
            TXA => a = x,
            NEG => a = a.wrapping_neg(),
            _ if code & op::CLASS_MASK == op::ALU => {
                let operand = if code & op::X == op::X { x } else { k };
                load!(alu(code & ALU_OP_MASK, a, operand));
            }
            _ => return Ok(REJECT),
        }
    }
}

const ALU_OP_MASK: u16 = !(op::CLASS_MASK | op::X);

/// `None`: a division by zero, or no operation.
#[inline(always)]
fn alu(operation: u16, a: u32, operand: u32) -> Option<u32> {
    match operation {
        op::ADD => Some(a.wrapping_add(operand)),
        op::SUB => Some(a.wrapping_sub(operand)),
        op::MUL => Some(a.wrapping_mul(operand)),
        op::DIV => a.checked_div(operand),
        op::MOD => a.checked_rem(operand),
        op::OR => Some(a | operand),
        op::AND => Some(a & operand),
        op::XOR => Some(a ^ operand),
        op::LSH => Some(a.checked_shl(operand).unwrap_or(0)),
        op::RSH => Some(a.checked_shr(operand).unwrap_or(0)),
        _ => None,
    }
}

/// Absolute loads that found no byte may mean something else.
#[cold]
fn load_ancillary<P: Packet>(k: u32, packet: &P, a: u32, x: u32) -> Option<u32> {
    if k < ANCILLARY_BASE {
        return None;
    }
    match Ancillary::from_offset(k)? {
        Ancillary::AluXorX => Some(a ^ x),
        which => packet.ancillary(which),
    }
}
