//! V6: no scratch word is read that, on some path, was not written before.
//!
//! As Linux computes it, so that what is accepted here is accepted there: a return does not end a path, what stands
//! behind it counts as reached from it. One pass over the program for each scratch word that is read; the state of a
//! pass is one bit an instruction, "reached by a jump with the word unwritten". Jumps go forward, so a single walk in
//! program order sees every bit before it needs it.

use super::error::VerifyErrorKind;
use crate::insn::{Insn, RawInsn, SCRATCH_WORDS};

/// The first instruction, in program order, that reads a word too early. `bits` holds at least one bit an
/// instruction; its content does not matter.
pub(super) fn first_early_read(insns: &[RawInsn], bits: &mut [u64]) -> Option<(u32, VerifyErrorKind)> {
    let read = words_read(insns);
    let mut first: Option<(u32, u32)> = None;
    for word in (0..SCRATCH_WORDS).filter(|word| read & (1 << word) != 0) {
        bits.fill(0);
        if let Some(pc) = first_early_read_of(word, insns, bits) {
            let found = (pc, word);
            first = Some(first.map_or(found, |other| other.min(found)));
        }
    }
    first.map(|(pc, word)| (pc, VerifyErrorKind::UnwrittenScratchWord(word)))
}

fn words_read(insns: &[RawInsn]) -> u32 {
    insns.iter().fold(0, |read, raw| match raw.meaning() {
        Some(Insn::LoadMem(k) | Insn::LoadXMem(k)) => read | 1_u32.wrapping_shl(k),
        _ => read,
    })
}

fn first_early_read_of(word: u32, insns: &[RawInsn], bits: &mut [u64]) -> Option<u32> {
    let mut falls_unwritten = true;
    for (pc, raw) in (0_u32..).zip(insns) {
        let unwritten = falls_unwritten || get(bits, pc);
        falls_unwritten = unwritten;
        match raw.meaning() {
            Some(Insn::Store(k) | Insn::StoreX(k)) if k == word => falls_unwritten = false,
            Some(Insn::LoadMem(k) | Insn::LoadXMem(k)) if k == word && unwritten => return Some(pc),
            Some(Insn::Jump(k)) => {
                set(bits, target(pc, k), unwritten);
                falls_unwritten = false;
            }
            Some(Insn::Branch { jt, jf, .. }) => {
                set(bits, target(pc, u32::from(jt)), unwritten);
                set(bits, target(pc, u32::from(jf)), unwritten);
                falls_unwritten = false;
            }
            _ => {}
        }
    }
    None
}

fn target(pc: u32, skip: u32) -> u32 {
    pc.saturating_add(1).saturating_add(skip)
}

fn get(bits: &[u64], pc: u32) -> bool {
    bits.get(pc as usize / 64).is_some_and(|word| word & (1 << (pc % 64)) != 0)
}

fn set(bits: &mut [u64], pc: u32, unwritten: bool) {
    if let Some(word) = bits.get_mut(pc as usize / 64) {
        *word |= u64::from(unwritten) << (pc % 64);
    }
}
