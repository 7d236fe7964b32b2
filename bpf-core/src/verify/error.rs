//! What can be wrong with a program.

use core::fmt;

use super::profile::Profile;
use crate::insn::{ANCILLARY_BASE, SCRATCH_WORDS};

/// A program that was refused: where, by which rule, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The instruction, counted from 0; the program's length if the program as a whole is refused.
    pub pc: u32,
    /// What is wrong.
    pub kind: VerifyErrorKind,
    /// Whose rules were asked for.
    pub profile: Profile,
}

/// Why a program was refused; [`VerifyErrorKind::rule`] gives the number of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// V1: no instructions at all.
    Empty,
    /// V1: more instructions than the profile takes.
    TooLong,
    /// V2: no instruction has this code, or not in this profile.
    UnknownCode(u16),
    /// V3: a packet offset that some machines take for a negative one.
    NegativeOffset(u32),
    /// V4: an ancillary value that does not exist, or means something only inside of Linux.
    UnknownAncillary(u32),
    /// V4: a random number without a source of them.
    NoRandomSource,
    /// V5: a scratch word that does not exist.
    NoSuchScratchWord(u32),
    /// V6: a scratch word that is read but, on some path, not written before.
    UnwrittenScratchWord(u32),
    /// V7: a division by the constant 0.
    DivisionByZero,
    /// V8: a shift by a constant of 32 or more.
    ShiftTooFar(u32),
    /// V9: a jump that leaves the program.
    JumpOut,
    /// V10: a jump backwards.
    JumpBack,
    /// V11: the last instruction is no return.
    NoReturn,
    /// V12: the program becomes too long when Linux translates it.
    TranslationTooLong,
}

impl VerifyErrorKind {
    /// The number of the rule: 12 for V12.
    #[must_use]
    pub const fn rule(self) -> u8 {
        match self {
            Self::Empty | Self::TooLong => 1,
            Self::UnknownCode(_) => 2,
            Self::NegativeOffset(_) => 3,
            Self::UnknownAncillary(_) | Self::NoRandomSource => 4,
            Self::NoSuchScratchWord(_) => 5,
            Self::UnwrittenScratchWord(_) => 6,
            Self::DivisionByZero => 7,
            Self::ShiftTooFar(_) => 8,
            Self::JumpOut => 9,
            Self::JumpBack => 10,
            Self::NoReturn => 11,
            Self::TranslationTooLong => 12,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.profile.name();
        match self.kind {
            VerifyErrorKind::Empty | VerifyErrorKind::TooLong | VerifyErrorKind::TranslationTooLong => {
                write!(f, "program: ")?
            }
            _ => write!(f, "instruction {}: ", self.pc)?,
        }
        match self.kind {
            VerifyErrorKind::Empty => write!(f, "there is none; a program needs at least a return")?,
            VerifyErrorKind::TooLong => {
                write!(
                    f,
                    "too long; the profile {name} takes at most {} instructions",
                    self.profile.len_max()
                )?;
            }
            VerifyErrorKind::UnknownCode(code) => {
                write!(f, "the code {code:#x} is no instruction in the profile {name}")?;
            }
            VerifyErrorKind::NegativeOffset(k) => {
                write!(f, "the packet offset {k:#x} would be negative on some machines; at most 0x7fffffff")?;
            }
            VerifyErrorKind::UnknownAncillary(k) => {
                let which = k.wrapping_sub(ANCILLARY_BASE);
                write!(f, "there is no ancillary value {which} outside of Linux")?;
            }
            VerifyErrorKind::NoRandomSource => {
                write!(f, "a random number is loaded, but there is no source of them")?;
            }
            VerifyErrorKind::NoSuchScratchWord(k) => {
                let last = SCRATCH_WORDS.wrapping_sub(1);
                write!(f, "there is no scratch word {k}; the last one is M[{last}]")?;
            }
            VerifyErrorKind::UnwrittenScratchWord(k) => {
                write!(f, "M[{k}] is read, but on some path nothing was stored in it before")?;
            }
            VerifyErrorKind::DivisionByZero => write!(f, "a division by the constant 0")?,
            VerifyErrorKind::ShiftTooFar(k) => write!(f, "a shift by {k} bits; at most 31")?,
            VerifyErrorKind::JumpOut => write!(f, "a jump to a place outside of the program")?,
            VerifyErrorKind::JumpBack => write!(f, "a jump backwards, which could run for ever")?,
            VerifyErrorKind::NoReturn => write!(f, "the last instruction must be a return")?,
            VerifyErrorKind::TranslationTooLong => {
                let max = self.profile.translated_max;
                write!(f, "Linux would translate it to more than {max} instructions of its own")?;
            }
        }
        write!(f, " (rule V{})", self.kind.rule())
    }
}

impl core::error::Error for VerifyError {}
