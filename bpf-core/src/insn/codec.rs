//! Between the stored word and its meaning.
//!
//! A stored word has fields that its opcode does not use (`jt` of an addition). They mean nothing to any machine;
//! [`RawInsn::canonical`] clears them, and only words with them clear decode, so that encoding is the exact inverse.

use core::fmt;

use super::code::{
    JA, LD_IMM, LD_LEN, LD_MEM, LDX_IMM, LDX_LEN, LDX_MEM, LDX_MSH, NEG, RET_A, RET_K, TAX, TXA,
};
use super::opcode as op;
use super::{AluOp, Ancillary, Cond, Insn, Operand, RawInsn, Size};

/// A word that is no instruction, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Undecodable {
    /// The word as it came.
    pub raw: RawInsn,
    /// What is wrong with it.
    pub kind: UndecodableKind,
}

/// Why a word is no instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UndecodableKind {
    /// No instruction has this code.
    Opcode,
    /// The instruction does not use a field that is not zero; see [`RawInsn::canonical`].
    UnusedField,
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UndecodableKind::Opcode => write!(f, "no instruction has the code {:#x}", self.raw.code),
            UndecodableKind::UnusedField => {
                write!(
                    f,
                    "an instruction with the code {:#x} does not use all of these fields",
                    self.raw.code
                )
            }
        }
    }
}

impl core::error::Error for Undecodable {}

impl RawInsn {
    /// The instruction that this word is.
    ///
    /// # Errors
    /// The word itself, if its code is unknown or an unused field of it is not zero.
    pub fn decode(self) -> Result<Insn, Undecodable> {
        let insn = self.meaning().ok_or(Undecodable { raw: self, kind: UndecodableKind::Opcode })?;
        if insn.encode() == self {
            Ok(insn)
        } else {
            Err(Undecodable { raw: self, kind: UndecodableKind::UnusedField })
        }
    }

    /// The same instruction with the fields that it does not use cleared; unknown words stay as they are.
    #[must_use]
    pub fn canonical(self) -> Self {
        self.meaning().map_or(self, Insn::encode)
    }

    /// The instruction that every machine takes this word for: unused fields are not looked at.
    #[must_use]
    pub fn meaning(self) -> Option<Insn> {
        let Self { code, jt, jf, k } = self;
        Some(match code & op::CLASS_MASK {
            op::LD => load(code, k)?,
            op::LDX => match code {
                LDX_IMM => Insn::LoadXImm(k),
                LDX_LEN => Insn::LoadXLen,
                LDX_MEM => Insn::LoadXMem(k),
                LDX_MSH => Insn::LoadXMsh(k),
                _ => return None,
            },
            op::ST if code == op::ST => Insn::Store(k),
            op::STX if code == op::STX => Insn::StoreX(k),
            op::ALU if code == NEG => Insn::Neg,
            op::ALU => Insn::Alu { op: alu_op(code)?, operand: operand(code, k) },
            op::JMP if code == JA => Insn::Jump(k),
            op::JMP => Insn::Branch { cond: cond(code)?, operand: operand(code, k), jt, jf },
            op::RET if code == RET_K => Insn::RetK(k),
            op::RET if code == RET_A => Insn::RetA,
            op::MISC if code == TAX => Insn::Tax,
            op::MISC if code == TXA => Insn::Txa,
            _ => return None,
        })
    }
}

impl Insn {
    /// The word for this instruction.
    #[must_use]
    pub const fn encode(self) -> RawInsn {
        match self {
            Self::LoadAbs { size, offset } => RawInsn::stmt(op::LD | op::ABS | size_code(size), offset),
            Self::LoadInd { size, offset } => RawInsn::stmt(op::LD | op::IND | size_code(size), offset),
            Self::LoadAncillary { size, which } => {
                RawInsn::stmt(op::LD | op::ABS | size_code(size), which.offset())
            }
            Self::LoadImm(k) => RawInsn::stmt(LD_IMM, k),
            Self::LoadLen => RawInsn::stmt(LD_LEN, 0),
            Self::LoadMem(k) => RawInsn::stmt(LD_MEM, k),
            Self::LoadXImm(k) => RawInsn::stmt(LDX_IMM, k),
            Self::LoadXLen => RawInsn::stmt(LDX_LEN, 0),
            Self::LoadXMem(k) => RawInsn::stmt(LDX_MEM, k),
            Self::LoadXMsh(k) => RawInsn::stmt(LDX_MSH, k),
            Self::Store(k) => RawInsn::stmt(op::ST, k),
            Self::StoreX(k) => RawInsn::stmt(op::STX, k),
            Self::Alu { op, operand } => {
                let (source, k) = operand_code(operand);
                RawInsn::stmt(op::ALU | alu_code(op) | source, k)
            }
            Self::Neg => RawInsn::stmt(NEG, 0),
            Self::Jump(k) => RawInsn::stmt(JA, k),
            Self::Branch { cond, operand, jt, jf } => {
                let (source, k) = operand_code(operand);
                RawInsn::jump(op::JMP | cond_code(cond) | source, k, jt, jf)
            }
            Self::RetK(k) => RawInsn::stmt(RET_K, k),
            Self::RetA => RawInsn::stmt(RET_A, 0),
            Self::Tax => RawInsn::stmt(TAX, 0),
            Self::Txa => RawInsn::stmt(TXA, 0),
        }
    }
}

const SIZE_MASK: u16 = 0x18;
const MODE_MASK: u16 = 0xe0;
const OP_MASK: u16 = 0xf0;
const SOURCE_MASK: u16 = 0x08;

fn load(code: u16, k: u32) -> Option<Insn> {
    match code {
        LD_IMM => return Some(Insn::LoadImm(k)),
        LD_LEN => return Some(Insn::LoadLen),
        LD_MEM => return Some(Insn::LoadMem(k)),
        _ => {}
    }
    let size = match code & SIZE_MASK {
        op::W => Size::Word,
        op::H => Size::Half,
        op::B => Size::Byte,
        _ => return None,
    };
    if code & !(op::CLASS_MASK | SIZE_MASK | MODE_MASK) != 0 {
        return None;
    }
    match code & MODE_MASK {
        op::ABS => Some(match Ancillary::from_offset(k) {
            Some(which) => Insn::LoadAncillary { size, which },
            None => Insn::LoadAbs { size, offset: k },
        }),
        op::IND => Some(Insn::LoadInd { size, offset: k }),
        _ => None,
    }
}

const fn size_code(size: Size) -> u16 {
    match size {
        Size::Byte => op::B,
        Size::Half => op::H,
        Size::Word => op::W,
    }
}

const fn operand(code: u16, k: u32) -> Operand {
    if code & SOURCE_MASK == op::X { Operand::X } else { Operand::K(k) }
}

const fn operand_code(operand: Operand) -> (u16, u32) {
    match operand {
        Operand::K(k) => (op::K, k),
        Operand::X => (op::X, 0),
    }
}

fn alu_op(code: u16) -> Option<AluOp> {
    if code & !(op::CLASS_MASK | SOURCE_MASK | OP_MASK) != 0 {
        return None;
    }
    Some(match code & OP_MASK {
        op::ADD => AluOp::Add,
        op::SUB => AluOp::Sub,
        op::MUL => AluOp::Mul,
        op::DIV => AluOp::Div,
        op::MOD => AluOp::Mod,
        op::OR => AluOp::Or,
        op::AND => AluOp::And,
        op::XOR => AluOp::Xor,
        op::LSH => AluOp::Lsh,
        op::RSH => AluOp::Rsh,
        _ => return None,
    })
}

const fn alu_code(op: AluOp) -> u16 {
    match op {
        AluOp::Add => op::ADD,
        AluOp::Sub => op::SUB,
        AluOp::Mul => op::MUL,
        AluOp::Div => op::DIV,
        AluOp::Mod => op::MOD,
        AluOp::Or => op::OR,
        AluOp::And => op::AND,
        AluOp::Xor => op::XOR,
        AluOp::Lsh => op::LSH,
        AluOp::Rsh => op::RSH,
    }
}

fn cond(code: u16) -> Option<Cond> {
    if code & !(op::CLASS_MASK | SOURCE_MASK | OP_MASK) != 0 {
        return None;
    }
    Some(match code & OP_MASK {
        op::JEQ => Cond::Eq,
        op::JGT => Cond::Gt,
        op::JGE => Cond::Ge,
        op::JSET => Cond::Set,
        _ => return None,
    })
}

const fn cond_code(cond: Cond) -> u16 {
    match cond {
        Cond::Eq => op::JEQ,
        Cond::Gt => op::JGT,
        Cond::Ge => op::JGE,
        Cond::Set => op::JSET,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code there is, with fields that a decoder could forget.
    fn words() -> impl Iterator<Item = RawInsn> {
        let fields = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (7, 9, 0xffff_f02c), (0, 0, 0xffff_f02c)];
        (0..=u16::MAX).flat_map(move |code| fields.map(|(jt, jf, k)| RawInsn { code, jt, jf, k }))
    }

    #[test]
    fn encode_is_the_inverse_of_decode_on_every_code() {
        let mut decoded = 0;
        for raw in words() {
            if let Ok(insn) = raw.decode() {
                decoded += 1;
                assert_eq!(insn.encode(), raw);
                assert_eq!(insn.encode().decode(), Ok(insn));
            }
        }
        assert!(decoded > 100, "only {decoded} words decoded");
    }

    #[test]
    fn forty_nine_codes_are_instructions() {
        let codes = (0..=u16::MAX).filter(|&code| RawInsn::stmt(code, 0).meaning().is_some()).count();
        // 12 loads of A and X (3 ABS, 3 IND, IMM, LEN, MEM each; MSH), 2 stores, 21 ALU, 9 jumps, 2 returns, 2 moves.
        assert_eq!(codes, 6 + 3 + 4 + 2 + 21 + 9 + 2 + 2);
    }

    #[test]
    fn canonical_words_of_known_codes_decode() {
        for raw in words() {
            assert_eq!(raw.canonical().decode().ok(), raw.meaning());
            assert_eq!(raw.canonical().canonical(), raw.canonical());
        }
    }

    #[test]
    fn unused_fields_are_told_from_unknown_codes() {
        let add = RawInsn::jump(op::ALU | op::ADD | op::X, 0, 1, 0);
        assert_eq!(add.decode().map_err(|e| e.kind), Err(UndecodableKind::UnusedField));
        assert_eq!(RawInsn::stmt(0xff, 0).decode().map_err(|e| e.kind), Err(UndecodableKind::Opcode));
        assert_eq!(
            RawInsn::stmt(op::RET | op::X, 0).decode().map_err(|e| e.kind),
            Err(UndecodableKind::Opcode)
        );
    }
}
