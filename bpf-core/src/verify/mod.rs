//! The verifier: the only way from instructions to a [`Program`].
//!
//! | rule | every program                                     | STRICT | LINUX | FREEBSD | NETBSD | LIBPCAP |
//! | ---- | ------------------------------------------------- | ------ | ----- | ------- | ------ | ------- |
//! | V1   | has 1 to n instructions; n =                      | 4,096  | 4,096 | 0-512   | 512    | 2^20    |
//! | V2   | has only known codes                              | yes    | yes   | no mod, xor | yes | yes    |
//! | V3   | has packet offsets k of at most 0x7fffffff        | yes    | -     | -       | -      | -       |
//! | V4   | loads only ancillary values that exist            | yes    | yes   | -       | -      | -       |
//! | V5   | names only scratch words 0 to 15                  | yes    | yes   | yes     | yes    | yes     |
//! | V6   | reads no scratch word that may be unwritten       | yes    | yes   | -       | yes    | -       |
//! | V7   | does not divide by a constant 0                   | yes    | yes   | yes     | yes    | yes     |
//! | V8   | shifts by constants of at most 31                 | yes    | yes   | -       | -      | -       |
//! | V9   | jumps only to its own instructions                | yes    | yes   | yes     | yes    | yes     |
//! | V10  | jumps only forward                                | yes    | yes   | yes     | yes    | loops   |
//! | V11  | ends with a return                                | yes    | yes   | yes     | yes    | yes     |
//! | V12  | is translated by Linux to at most n instructions  | 16,372 | 32,767 | -      | -      | -       |
//!
//! "-" is not checked there: the machine has an answer at run time all the same (see the crate's head). "loops": a
//! program that jumps back becomes a [`LoopingProgram`], which only runs with a bound on its steps. V4 also refuses
//! random numbers in STRICT, unless [`Profile::with_random_source`] says that there is a source.
//!
//! Invariants: time is linear in the program; nothing is allocated for programs of up to 4,096 instructions; the
//! stack needed is below 1 KiB; no jump, index or sum can panic for any input.

mod error;
mod expansion;
mod profile;
mod scratch;

pub use error::{VerifyError, VerifyErrorKind};
pub use profile::{BSD_LEN_MAX, KERNEL_LEN_MAX, LEN_MAX, Profile};

use crate::insn::{ANCILLARY_BASE, AluOp, Ancillary, Insn, Operand, RawInsn, SCRATCH_WORDS};
use crate::program::{LoopingProgram, Program, Storage};

/// Packet offsets above this are negative numbers to machines that count with signs.
pub const OFFSET_MAX: u32 = 0x7fff_ffff;

/// Proves that a program keeps the rules of `profile`, and makes it runnable.
///
/// # Errors
/// The first broken rule: rules of single instructions first, in program order, then V11, V6 and V12.
pub fn bpf_validate<S: Storage>(insns: S, profile: Profile) -> Result<Program<S>, VerifyError> {
    check(insns.insns(), profile, Backward::Refused)?;
    Ok(Program::from_verified(insns))
}

/// Proves that a program keeps the rules of [`Profile::LIBPCAP`], jumps backwards allowed.
///
/// # Errors
/// The first broken rule, as in [`bpf_validate`].
pub fn bpf_validate_looping<S: Storage>(insns: S) -> Result<LoopingProgram<S>, VerifyError> {
    check(insns.insns(), Profile::LIBPCAP, Backward::Allowed)?;
    Ok(LoopingProgram::from_verified(insns))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backward {
    Refused,
    Allowed,
}

fn check(insns: &[RawInsn], profile: Profile, backward: Backward) -> Result<(), VerifyError> {
    let len = u32::try_from(insns.len()).unwrap_or(u32::MAX);
    let refuse = |pc, kind| Err(VerifyError { pc, kind, profile });
    if len > profile.len_max {
        return refuse(len, VerifyErrorKind::TooLong);
    }
    let Some(last) = insns.last() else {
        return if profile.empty_accepts { Ok(()) } else { refuse(0, VerifyErrorKind::Empty) };
    };
    for (pc, raw) in (0_u32..).zip(insns) {
        if let Err(kind) = check_insn(*raw, pc, len, profile, backward) {
            return refuse(pc, kind);
        }
    }
    if !matches!(last.meaning(), Some(Insn::RetK(_) | Insn::RetA)) {
        return refuse(len.saturating_sub(1), VerifyErrorKind::NoReturn);
    }
    if !profile.unwritten_scratch
        && let Some((pc, kind)) = early_scratch_read(insns)
    {
        return refuse(pc, kind);
    }
    if profile.translated_max().is_some_and(|max| expansion::translated_len(insns) > max) {
        return refuse(len, VerifyErrorKind::TranslationTooLong);
    }
    Ok(())
}

/// V2 to V5 and V7 to V10: what can be said of an instruction alone.
fn check_insn(
    raw: RawInsn,
    pc: u32,
    len: u32,
    profile: Profile,
    backward: Backward,
) -> Result<(), VerifyErrorKind> {
    let insn = raw.meaning().ok_or(VerifyErrorKind::UnknownCode(raw.code))?;
    match insn {
        Insn::LoadAbs { offset, .. } if offset >= ANCILLARY_BASE => {
            if profile.unknown_ancillaries {
                Ok(())
            } else {
                Err(VerifyErrorKind::UnknownAncillary(offset))
            }
        }
        Insn::LoadAbs { offset, .. } | Insn::LoadInd { offset, .. } | Insn::LoadXMsh(offset) => {
            if profile.negative_offsets || offset <= OFFSET_MAX {
                Ok(())
            } else {
                Err(VerifyErrorKind::NegativeOffset(offset))
            }
        }
        Insn::LoadAncillary { which: Ancillary::Random, .. } if !profile.random_source => {
            Err(VerifyErrorKind::NoRandomSource)
        }
        Insn::LoadMem(k) | Insn::LoadXMem(k) | Insn::Store(k) | Insn::StoreX(k) if k >= SCRATCH_WORDS => {
            Err(VerifyErrorKind::NoSuchScratchWord(k))
        }
        Insn::Alu { op, operand } => check_alu(raw.code, op, operand, profile),
        Insn::Jump(k) => {
            // The machine adds k without a carry: that is how a loop is written.
            let target = pc.wrapping_add(1).wrapping_add(k);
            let back = target <= pc;
            match backward {
                Backward::Allowed if target < len => Ok(()),
                Backward::Refused if target < len && !back => Ok(()),
                Backward::Refused if back => Err(VerifyErrorKind::JumpBack),
                _ => Err(VerifyErrorKind::JumpOut),
            }
        }
        Insn::Branch { jt, jf, .. } => {
            let furthest = pc.saturating_add(1).saturating_add(u32::from(jt.max(jf)));
            if furthest < len { Ok(()) } else { Err(VerifyErrorKind::JumpOut) }
        }
        _ => Ok(()),
    }
}

fn check_alu(code: u16, op: AluOp, operand: Operand, profile: Profile) -> Result<(), VerifyErrorKind> {
    match (op, operand) {
        (AluOp::Mod | AluOp::Xor, _) if !profile.mod_and_xor => Err(VerifyErrorKind::UnknownCode(code)),
        (AluOp::Div | AluOp::Mod, Operand::K(0)) => Err(VerifyErrorKind::DivisionByZero),
        (AluOp::Lsh | AluOp::Rsh, Operand::K(k)) if k > 31 && !profile.wide_shifts => {
            Err(VerifyErrorKind::ShiftTooFar(k))
        }
        _ => Ok(()),
    }
}

const KERNEL_BITS: usize = KERNEL_LEN_MAX as usize / 64;

/// In a function of its own, so that the bits are on the stack only while they are needed.
#[inline(never)]
fn early_scratch_read(insns: &[RawInsn]) -> Option<(u32, VerifyErrorKind)> {
    let mut bits = [0; KERNEL_BITS];
    if insns.len() <= KERNEL_LEN_MAX as usize {
        return scratch::first_early_read(insns, &mut bits);
    }
    early_scratch_read_of_long_program(insns)
}

#[cfg(feature = "alloc")]
fn early_scratch_read_of_long_program(insns: &[RawInsn]) -> Option<(u32, VerifyErrorKind)> {
    let mut bits = alloc::vec![0; insns.len().div_ceil(64)];
    scratch::first_early_read(insns, &mut bits)
}

/// Without an allocator the data flow of a long program cannot be followed: any read might be too early.
#[cfg(not(feature = "alloc"))]
fn early_scratch_read_of_long_program(insns: &[RawInsn]) -> Option<(u32, VerifyErrorKind)> {
    (0..).zip(insns).find_map(|(pc, raw)| match raw.meaning() {
        Some(Insn::LoadMem(k) | Insn::LoadXMem(k)) => Some((pc, VerifyErrorKind::UnwrittenScratchWord(k))),
        _ => None,
    })
}
