//! A program run over all packets at once.
//!
//! ```text
//!        pc 0 ── one pass, in order: jumps go forward only ──▶ end
//!  at each instruction: under which condition it is reached, and A, X, M as terms
//!  where ways meet:     the condition is either; each register is an Ite of what the ways bring
//! ```
//!
//! What an instruction does is in `step`; that it is what `bpf-core`'s interpreter does is tested over random programs and
//! packets.

use bpf_core::{Ancillary, Insn, Operand, RawInsn};

use super::step::{A, Next, REGISTERS, Registers, X, step, word};
use super::term::{Node, Term, Terms};

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
    registers: Registers,
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
        let Some(insn) = raw.meaning() else { return };
        let (required, next) = step(self.terms, insn, &mut state.registers);
        for truth in required.into_iter().flatten() {
            state.reached = self.terms.and(state.reached, truth);
        }
        match next {
            Next::Skip(skipped) => self.arrive((pc + 1).saturating_add(skipped), state),
            Next::Return(value) => self.returns.push((state.reached, value)),
            Next::Branch(holds, jt, jf) => {
                let fails = self.terms.not(holds);
                for (way, skipped) in [(holds, jt), (fails, jf)] {
                    let reached = self.terms.and(state.reached, way);
                    self.arrive(pc + 1 + skipped, State { reached, ..state.clone() });
                }
            }
        }
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
