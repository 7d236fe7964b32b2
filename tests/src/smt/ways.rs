//! Two programs run one behind the other, on each way that a packet can take through both.
//!
//! ```text
//! first ──┬─ returns 7 ──▶ second ──┬─ returns 7     equal
//!         │                         └─ returns 0     left: these truths, and 7 is not 0
//!         └─ rejected ───▶ second ──── returns 0     equal
//! ```
//!
//! What was assumed on the way decides most branches of the second program: where both look at the same things, there are
//! hardly more ways than the first one has. What is left over is a question for the solver, or a way that no packet takes.

use bpf_core::RawInsn;

use super::facts::{Facts, Mark};
use super::step::{Next, REGISTERS, Registers, step};
use super::term::{Node, Term, Terms};

/// More instructions are not looked at.
const STEPS_MAX: usize = 3_000_000;
/// More ways are not left to the solver.
const LEFT_MAX: usize = 2_000;

/// A place from which a way is to be followed.
#[derive(Debug)]
struct Place {
    mark: Mark,
    /// What is assumed there.
    assume: Option<(Term, bool)>,
    /// What the first program returned, once it did.
    returned: Option<Term>,
    pc: usize,
    /// None of a place at which the packet is rejected.
    registers: Option<Registers>,
}

/// The truths under which the verdicts may differ.
///
/// # Errors
/// There are too many ways.
pub(super) fn differences(terms: &mut Terms, programs: [&[RawInsn]; 2]) -> Result<Vec<Term>, String> {
    let mut walk = Walk { terms, programs, facts: Facts::default(), waiting: Vec::new(), left: Vec::new() };
    let start = walk.start(None);
    walk.waiting.push(start);
    let mut steps = 0;
    while let Some(place) = walk.waiting.pop() {
        walk.facts.back_to(place.mark);
        let possible = place.assume.is_none_or(|(truth, value)| walk.facts.assume(walk.terms, truth, value));
        let mut now = possible.then_some(place);
        while let Some(place) = now {
            now = walk.advance(place);
            steps += 1;
            if steps > STEPS_MAX || walk.left.len() > LEFT_MAX {
                return Err(format!("more than {STEPS_MAX} steps, or {LEFT_MAX} ways left to the solver"));
            }
        }
    }
    Ok(walk.left)
}

struct Walk<'t> {
    terms: &'t mut Terms,
    programs: [&'t [RawInsn]; 2],
    facts: Facts,
    waiting: Vec<Place>,
    left: Vec<Term>,
}

impl Walk<'_> {
    fn start(&mut self, returned: Option<Term>) -> Place {
        let zero = self.terms.word(0);
        Place { mark: self.facts.mark(), assume: None, returned, pc: 0, registers: Some([zero; REGISTERS]) }
    }

    /// One instruction further; none at the end of a way.
    fn advance(&mut self, mut place: Place) -> Option<Place> {
        let program = self.programs[usize::from(place.returned.is_some())];
        let insn = program.get(place.pc).and_then(|raw| raw.meaning());
        let (Some(insn), Some(mut registers)) = (insn, place.registers) else {
            // An empty program accepts.
            let verdict = if program.is_empty() { u32::MAX } else { 0 };
            let verdict = self.terms.word(verdict);
            return self.returns(place.returned, verdict);
        };
        let (required, next) = step(self.terms, insn, &mut registers);
        for truth in required.into_iter().flatten() {
            if !self.fork(truth, true, Place { registers: None, assume: None, ..place }) {
                place.registers = None;
                return Some(place);
            }
        }
        let skipped = match next {
            Next::Return(value) => return self.returns(place.returned, value),
            Next::Skip(skipped) => skipped,
            Next::Branch(holds, jt, jf) => {
                let other =
                    Place { pc: place.pc + 1 + jf, registers: Some(registers), assume: None, ..place };
                if self.fork(holds, true, other) { jt } else { jf }
            }
        };
        place.pc = (place.pc + 1).saturating_add(skipped);
        place.registers = Some(registers);
        Some(place)
    }

    /// Whether a truth is `value` here; if it may be or not, it is from now on, and the other way is followed later.
    fn fork(&mut self, truth: Term, value: bool, other: Place) -> bool {
        if let Some(known) = self.facts.decide(self.terms, truth) {
            return known == value;
        }
        let mark = self.facts.mark();
        if self.facts.assume(self.terms, truth, value) {
            self.waiting.push(Place { mark, assume: Some((truth, !value)), ..other });
            return true;
        }
        self.facts.back_to(mark);
        false
    }

    fn returns(&mut self, before: Option<Term>, value: Term) -> Option<Place> {
        let Some(first) = before else {
            return Some(self.start(Some(value)));
        };
        let same = self.terms.eq(first, value);
        if self.facts.decide(self.terms, same) != Some(true) {
            let mut truth = self.terms.not(same);
            for (assumed, value) in self.facts.assumed() {
                let assumed = if *value { *assumed } else { self.terms.not(*assumed) };
                truth = self.terms.and(truth, assumed);
            }
            if self.terms.node(truth) != Node::Bool(false) {
                self.left.push(truth);
            }
        }
        None
    }
}
