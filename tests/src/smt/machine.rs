//! A program run over all packets at once.
//!
//! ```text
//!        pc 0 ── one pass, in order: jumps go forward only ──▶ end
//!  at each instruction: under which condition it is reached, and A, X, M as terms
//!  where ways meet:     the condition is either; each register is an Ite of what the ways bring
//! ```
//!
//! The semantics are those of `bpf-core`'s interpreter, restated over its decoded instructions; that both agree is tested over
//! random programs and packets.

use bpf_core::{AluOp, Ancillary, CAPTURED_LEN_MAX, Cond, Insn, Operand, RawInsn, SCRATCH_WORDS, Size};

use super::term::{Address, Node, Term, Terms};

/// A, X and the scratch words.
const REGISTERS: usize = 2 + SCRATCH_WORDS as usize;
const A: usize = 0;
const X: usize = 1;

/// A program that makes more terms is not looked at.
const TERMS_MAX: usize = 4_000_000;

/// Under which conditions a program returns what; under none of them it returns 0. No two of them hold together.
#[derive(Debug, Default)]
pub struct Returns(pub Vec<(Term, Term)>);

impl Returns {
    /// The verdict as a word.
    pub fn verdict(&self, terms: &mut Terms) -> Term {
        let nothing = terms.word(0);
        self.0.iter().fold(nothing, |others, (condition, value)| terms.ite(*condition, *value, others))
    }

    /// The values, if all of them are constants, each with the condition under which it is returned; 0 left out.
    pub fn constants(&self, terms: &mut Terms) -> Option<Vec<(u32, Term)>> {
        let mut all: Vec<(u32, Term)> = Vec::new();
        for (condition, value) in &self.0 {
            let value = terms.constant(*value)?;
            match all.iter_mut().find(|(other, _)| *other == value) {
                Some((_, either)) => *either = terms.or(*either, *condition),
                None => all.push((value, *condition)),
            }
        }
        all.retain(|(value, _)| *value != 0);
        Some(all)
    }
}

#[derive(Clone, Debug)]
struct State {
    reached: Term,
    registers: [Term; REGISTERS],
}

/// Runs a program that only jumps forward.
///
/// # Errors
/// It makes too many terms.
pub fn execute(terms: &mut Terms, program: &[RawInsn]) -> Result<Returns, String> {
    let mut run = Run { live: live(program), waiting: vec![None; program.len()], returns: Vec::new(), terms };
    if program.is_empty() {
        let (always, everything) = (run.terms.bool(true), run.terms.word(u32::MAX));
        return Ok(Returns(vec![(always, everything)]));
    }
    let zero = run.terms.word(0);
    let always = run.terms.bool(true);
    run.waiting[0] = Some(State { reached: always, registers: [zero; REGISTERS] });
    for (pc, raw) in program.iter().enumerate() {
        if let Some(state) = run.waiting[pc].take()
            && run.terms.node(state.reached) != Node::Bool(false)
        {
            run.step(pc, *raw, state);
        }
        if run.terms.count() > TERMS_MAX {
            return Err(format!("more than {TERMS_MAX} terms"));
        }
    }
    Ok(Returns(run.returns))
}

struct Run<'t> {
    terms: &'t mut Terms,
    /// Which registers somebody reads before they are written, at each instruction.
    live: Vec<u32>,
    waiting: Vec<Option<State>>,
    returns: Vec<(Term, Term)>,
}

impl Run<'_> {
    fn step(&mut self, pc: usize, raw: RawInsn, mut state: State) {
        let next = pc + 1;
        let Some(insn) = raw.meaning() else { return };
        let [a, x, ..] = state.registers;
        match insn {
            Insn::LoadAbs { size, offset } => {
                let zero = self.terms.word(0);
                let Some(value) = self.bytes(&mut state, size, zero, offset) else { return };
                state.registers[A] = value;
            }
            Insn::LoadInd { size, offset } => {
                let Some(value) = self.bytes(&mut state, size, x, offset) else { return };
                state.registers[A] = value;
            }
            Insn::LoadXMsh(offset) => {
                let zero = self.terms.word(0);
                let Some(value) = self.bytes(&mut state, Size::Byte, zero, offset) else { return };
                let words = self.terms.by(AluOp::And, value, 0xf);
                state.registers[X] = self.terms.by(AluOp::Mul, words, 4);
            }
            Insn::LoadAncillary { which: Ancillary::AluXorX, .. } => {
                state.registers[A] = self.terms.alu(AluOp::Xor, a, x);
            }
            Insn::LoadAncillary { which, .. } => {
                let known = self.terms.unknown(Node::Known(which));
                state.reached = self.terms.and(state.reached, known);
                state.registers[A] = self.terms.unknown(Node::Ancillary(which));
            }
            Insn::LoadImm(k) => state.registers[A] = self.terms.word(k),
            Insn::LoadXImm(k) => state.registers[X] = self.terms.word(k),
            Insn::LoadLen => state.registers[A] = self.terms.unknown(Node::WireLen),
            Insn::LoadXLen => state.registers[X] = self.terms.unknown(Node::WireLen),
            Insn::LoadMem(k) => state.registers[A] = state.registers[word(k)],
            Insn::LoadXMem(k) => state.registers[X] = state.registers[word(k)],
            Insn::Store(k) => state.registers[word(k)] = a,
            Insn::StoreX(k) => state.registers[word(k)] = x,
            Insn::Tax => state.registers[X] = a,
            Insn::Txa => state.registers[A] = x,
            Insn::Neg => {
                let zero = self.terms.word(0);
                state.registers[A] = self.terms.alu(AluOp::Sub, zero, a);
            }
            Insn::Alu { op, operand } => {
                let right = self.operand(operand, x);
                if matches!(op, AluOp::Div | AluOp::Mod) {
                    let zero = self.terms.word(0);
                    let is_zero = self.terms.eq(right, zero);
                    let is_sound = self.terms.not(is_zero);
                    state.reached = self.terms.and(state.reached, is_sound);
                }
                state.registers[A] = self.terms.alu(op, a, right);
            }
            Insn::RetK(k) => {
                let value = self.terms.word(k);
                self.returns.push((state.reached, value));
                return;
            }
            Insn::RetA => {
                self.returns.push((state.reached, a));
                return;
            }
            Insn::Jump(k) => {
                self.arrive(next.saturating_add(k as usize), state);
                return;
            }
            Insn::Branch { cond, operand, jt, jf } => {
                let right = self.operand(operand, x);
                let holds = self.holds(cond, a, right);
                let fails = self.terms.not(holds);
                for (way, skipped) in [(holds, jt), (fails, jf)] {
                    let reached = self.terms.and(state.reached, way);
                    self.arrive(next + usize::from(skipped), State { reached, ..state.clone() });
                }
                return;
            }
        }
        self.arrive(next, state);
    }

    fn operand(&mut self, operand: Operand, x: Term) -> Term {
        match operand {
            Operand::K(k) => self.terms.word(k),
            Operand::X => x,
        }
    }

    fn holds(&mut self, cond: Cond, left: Term, right: Term) -> Term {
        match cond {
            Cond::Eq => self.terms.eq(left, right),
            Cond::Gt => {
                let not_above = self.terms.le(left, right);
                self.terms.not(not_above)
            }
            Cond::Ge => self.terms.le(right, left),
            Cond::Set => {
                let common = self.terms.alu(AluOp::And, left, right);
                let zero = self.terms.word(0);
                let is_none = self.terms.eq(common, zero);
                self.terms.not(is_none)
            }
        }
    }

    /// The bytes at `word + offset`, and from here on that they were captured; none if they never are.
    fn bytes(&mut self, state: &mut State, size: Size, word: Term, offset: u32) -> Option<Term> {
        let end = offset.checked_add(size.bytes()).filter(|end| *end <= CAPTURED_LEN_MAX)?;
        // The sum must not wrap; below the longest packet it cannot.
        let reach = self.terms.word(CAPTURED_LEN_MAX - end);
        let does_not_wrap = self.terms.le(word, reach);
        let end = self.terms.by(AluOp::Add, word, end);
        let len = self.terms.unknown(Node::Len);
        let is_captured = self.terms.le(end, len);
        for condition in [does_not_wrap, is_captured] {
            state.reached = self.terms.and(state.reached, condition);
        }
        let address: Address = self.terms.address(word, offset);
        Some(self.terms.load(size, address))
    }

    /// A way leads to an instruction; beyond the last one the verdict is 0.
    fn arrive(&mut self, pc: usize, state: State) {
        let Some(slot) = self.waiting.get_mut(pc) else { return };
        let Some(mut merged) = slot.take() else {
            self.waiting[pc] = Some(state);
            return;
        };
        let live = self.live[pc];
        for (index, (register, other)) in merged.registers.iter_mut().zip(state.registers).enumerate() {
            if live & 1 << index != 0 {
                *register = self.terms.ite(state.reached, other, *register);
            }
        }
        merged.reached = self.terms.or(merged.reached, state.reached);
        self.waiting[pc] = Some(merged);
    }
}

/// The register of a scratch word, as the machine takes its number.
const fn word(k: u32) -> usize {
    2 + (k & (SCRATCH_WORDS - 1)) as usize
}

/// For each instruction the registers that are read there or later, before they are written: one bit each.
fn live(program: &[RawInsn]) -> Vec<u32> {
    const BOTH: u32 = 1 << A | 1 << X;
    let mut live = vec![0_u32; program.len() + 1];
    for (pc, raw) in program.iter().enumerate().rev() {
        let at = |skipped: usize| live.get((pc + 1).saturating_add(skipped)).copied().unwrap_or_default();
        let after = at(0);
        let without = |register: usize| after & !(1 << register);
        let x_if = |operand: Operand| if operand == Operand::X { BOTH } else { 1 << A };
        let here = match raw.meaning() {
            None | Some(Insn::RetK(_)) => 0,
            Some(Insn::RetA) => 1 << A,
            Some(Insn::Jump(k)) => at(k as usize),
            Some(Insn::Branch { operand, jt, jf, .. }) => at(jt.into()) | at(jf.into()) | x_if(operand),
            Some(Insn::Alu { operand, .. }) => after | x_if(operand),
            Some(Insn::Neg) => after | 1 << A,
            Some(Insn::LoadInd { .. } | Insn::Txa) => without(A) | 1 << X,
            Some(Insn::LoadAncillary { which: Ancillary::AluXorX, .. }) => after | BOTH,
            Some(Insn::LoadAbs { .. } | Insn::LoadAncillary { .. } | Insn::LoadImm(_) | Insn::LoadLen) => {
                without(A)
            }
            Some(Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMsh(_)) => without(X),
            Some(Insn::LoadMem(k)) => without(A) | 1 << word(k),
            Some(Insn::LoadXMem(k)) => without(X) | 1 << word(k),
            Some(Insn::Store(k)) => without(word(k)) | 1 << A,
            Some(Insn::StoreX(k)) => without(word(k)) | 1 << X,
            Some(Insn::Tax) => without(X) | 1 << A,
        };
        live[pc] = here;
    }
    live
}
