//! Instructions: as stored ([`RawInsn`]), as meant ([`Insn`]), and the two-way street between.
//!
//! Laws (tests in `codec.rs`): `decode(encode(x)) == x` for every [`Insn`], `encode(decode(raw)) == raw` for every
//! [`RawInsn`] that decodes, and `decode(canonical(raw))` decodes whenever the opcode is known.

mod ancillary;
pub(crate) mod code;
mod codec;
pub mod opcode;
mod raw;

pub use ancillary::{ANCILLARY_BASE, Ancillary};
pub use codec::{Undecodable, UndecodableKind};
pub use raw::RawInsn;

/// How many scratch words the machine has: `M[0]` to `M[15]`.
pub const SCRATCH_WORDS: u32 = 16;

/// How many bytes a load reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// One byte: `ldb`.
    Byte,
    /// Two bytes, most significant first: `ldh`.
    Half,
    /// Four bytes, most significant first: `ld`.
    Word,
}

impl Size {
    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Byte => 1,
            Self::Half => 2,
            Self::Word => 4,
        }
    }
}

/// Arithmetic on A with one operand; everything is unsigned 32-bit and wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AluOp {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient; by zero ends the program with 0.
    Div,
    /// Remainder; by zero ends the program with 0.
    Mod,
    /// Bitwise or.
    Or,
    /// Bitwise and.
    And,
    /// Bitwise exclusive or.
    Xor,
    /// Shift to higher bits; by 32 or more gives 0.
    Lsh,
    /// Shift to lower bits; by 32 or more gives 0.
    Rsh,
}

/// Conditions on A and one operand, unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cond {
    /// Equal.
    Eq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Any common bit.
    Set,
}

/// The second operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A constant.
    K(u32),
    /// The register X.
    X,
}

/// One instruction by meaning; every instruction of classic BPF has exactly one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Insn {
    /// `ld [k]`: A = packet bytes; past the end of the captured bytes ends the program with 0.
    LoadAbs {
        /// How many bytes.
        size: Size,
        /// Where; names no ancillary value.
        offset: u32,
    },
    /// `ld [x + k]`: A = packet bytes; the sum does not wrap.
    LoadInd {
        /// How many bytes.
        size: Size,
        /// Added to X.
        offset: u32,
    },
    /// `ld [0xfffff000 + n]`: A = what is known beside the bytes; a missing value ends the program with 0.
    LoadAncillary {
        /// As encoded; means nothing.
        size: Size,
        /// Which value.
        which: Ancillary,
    },
    /// `ld #k`
    LoadImm(u32),
    /// `ld #pktlen`: A = the wire length.
    LoadLen,
    /// `ld M[k]`
    LoadMem(u32),
    /// `ldx #k`
    LoadXImm(u32),
    /// `ldx #pktlen`
    LoadXLen,
    /// `ldx M[k]`
    LoadXMem(u32),
    /// `ldxb 4*([k]&0xf)`: X = the length in bytes of the IPv4 header whose first byte is at k.
    LoadXMsh(u32),
    /// `st M[k]`
    Store(u32),
    /// `stx M[k]`
    StoreX(u32),
    /// `add`, `sub`, ...
    Alu {
        /// Which.
        op: AluOp,
        /// Right operand.
        operand: Operand,
    },
    /// `neg`: A = 0 - A.
    Neg,
    /// `ja`: skips k instructions.
    Jump(u32),
    /// `jeq`, `jgt`, `jge`, `jset`
    Branch {
        /// Which.
        cond: Cond,
        /// Right operand.
        operand: Operand,
        /// Instructions to skip if it holds.
        jt: u8,
        /// Instructions to skip if it does not.
        jf: u8,
    },
    /// `ret #k`
    RetK(u32),
    /// `ret a`
    RetA,
    /// `tax`: X = A.
    Tax,
    /// `txa`: A = X.
    Txa,
}
