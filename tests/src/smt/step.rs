//! What one instruction does to terms: the machine of `bpf-core`'s interpreter, restated over its decoded instructions.
//!
//! An instruction may require truths: a packet for which one does not hold is rejected there.

use bpf_core::{AluOp, Ancillary, CAPTURED_LEN_MAX, Cond, Insn, Operand, SCRATCH_WORDS, Size};

use super::term::{Node, Term, Terms};

/// A, X and the scratch words.
pub(super) const REGISTERS: usize = 2 + SCRATCH_WORDS as usize;
pub(super) const A: usize = 0;
pub(super) const X: usize = 1;

/// Terms in the places of A, X and the scratch words.
pub(super) type Registers = [Term; REGISTERS];

/// What must hold for an instruction to be done at all.
pub(super) type Required = [Option<Term>; 2];

/// Where an instruction leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// So many instructions are skipped.
    Skip(usize),
    /// So many if the truth holds, and so many if not.
    Branch(Term, usize, usize),
    /// To the end, with this verdict.
    Return(Term),
}

/// The register of a scratch word, as the machine takes its number.
pub(super) const fn word(k: u32) -> usize {
    2 + (k & (SCRATCH_WORDS - 1)) as usize
}

/// Does an instruction, as far as what it requires holds.
pub(super) fn step(terms: &mut Terms, insn: Insn, registers: &mut Registers) -> (Required, Next) {
    let [a, x, ..] = *registers;
    let zero = terms.word(0);
    let mut required = [None; 2];
    let (register, value) = match insn {
        Insn::LoadAbs { size, offset } => {
            required = captured(terms, size, zero, offset);
            (A, bytes(terms, size, zero, offset))
        }
        Insn::LoadInd { size, offset } => {
            required = captured(terms, size, x, offset);
            (A, bytes(terms, size, x, offset))
        }
        Insn::LoadXMsh(offset) => {
            required = captured(terms, Size::Byte, zero, offset);
            let value = bytes(terms, Size::Byte, zero, offset);
            let words = terms.by(AluOp::And, value, 0xf);
            (X, terms.by(AluOp::Mul, words, 4))
        }
        Insn::LoadAncillary { which: Ancillary::AluXorX, .. } => (A, terms.alu(AluOp::Xor, a, x)),
        Insn::LoadAncillary { which, .. } => {
            required[0] = Some(terms.unknown(Node::Known(which)));
            (A, terms.unknown(Node::Ancillary(which)))
        }
        Insn::LoadImm(k) => (A, terms.word(k)),
        Insn::LoadXImm(k) => (X, terms.word(k)),
        Insn::LoadLen => (A, terms.unknown(Node::WireLen)),
        Insn::LoadXLen => (X, terms.unknown(Node::WireLen)),
        Insn::LoadMem(k) => (A, registers[word(k)]),
        Insn::LoadXMem(k) => (X, registers[word(k)]),
        Insn::Store(k) => (word(k), a),
        Insn::StoreX(k) => (word(k), x),
        Insn::Tax => (X, a),
        Insn::Txa => (A, x),
        Insn::Neg => (A, terms.alu(AluOp::Sub, zero, a)),
        Insn::Alu { op, operand } => {
            let right = operand_term(terms, operand, x);
            if matches!(op, AluOp::Div | AluOp::Mod) {
                let is_zero = terms.eq(right, zero);
                required[0] = Some(terms.not(is_zero));
            }
            (A, terms.alu(op, a, right))
        }
        Insn::RetK(k) => return (required, Next::Return(terms.word(k))),
        Insn::RetA => return (required, Next::Return(a)),
        Insn::Jump(k) => return (required, Next::Skip(k as usize)),
        Insn::Branch { cond, operand, jt, jf } => {
            let right = operand_term(terms, operand, x);
            let holds = holds(terms, cond, a, right);
            return (required, Next::Branch(holds, jt.into(), jf.into()));
        }
    };
    registers[register] = value;
    (required, Next::Skip(0))
}

fn operand_term(terms: &mut Terms, operand: Operand, x: Term) -> Term {
    match operand {
        Operand::K(k) => terms.word(k),
        Operand::X => x,
    }
}

fn holds(terms: &mut Terms, cond: Cond, left: Term, right: Term) -> Term {
    match cond {
        Cond::Eq => terms.eq(left, right),
        Cond::Gt => {
            let not_above = terms.le(left, right);
            terms.not(not_above)
        }
        Cond::Ge => terms.le(right, left),
        Cond::Set => {
            let common = terms.alu(AluOp::And, left, right);
            let zero = terms.word(0);
            let is_none = terms.eq(common, zero);
            terms.not(is_none)
        }
    }
}

/// That the bytes at `word + offset` were captured: the sum does not wrap, and its end is not past the last byte.
fn captured(terms: &mut Terms, size: Size, word: Term, offset: u32) -> Required {
    let end = offset.checked_add(size.bytes()).filter(|end| *end <= CAPTURED_LEN_MAX);
    let Some(end) = end else { return [Some(terms.bool(false)), None] };
    // Below the longest packet a sum cannot wrap.
    let reach = terms.word(CAPTURED_LEN_MAX - end);
    let does_not_wrap = terms.le(word, reach);
    let end = terms.by(AluOp::Add, word, end);
    let len = terms.unknown(Node::Len);
    [Some(does_not_wrap), Some(terms.le(end, len))]
}

fn bytes(terms: &mut Terms, size: Size, word: Term, offset: u32) -> Term {
    let address = terms.address(word, offset);
    terms.load(size, address)
}
