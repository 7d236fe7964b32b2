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

use std::collections::HashMap;

use bpf_core::RawInsn;

use super::facts::{Facts, Mark};
use super::step::{Next, REGISTERS, Registers, step};
use super::term::{Node, Term, Terms};

/// More instructions are not looked at.
const STEPS_MAX: usize = 3_000_000;
/// More ways are not left to the solver.
const LEFT_MAX: usize = 2_000;

/// A place from which a way is to be followed.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// What the first program returned, once it did.
    returned: Option<Term>,
    pc: usize,
    /// None of a place at which the packet is rejected.
    registers: Option<Registers>,
}

/// Whether it leads on in the second program, and to which instruction; all rejections are one.
type Way = (bool, Option<usize>);

/// The truths under which the verdicts may differ.
///
/// # Errors
/// There are too many ways.
pub(super) fn differences(terms: &mut Terms, programs: [&[RawInsn]; 2]) -> Result<Vec<Term>, String> {
    let mut walk = Walk::new(terms, programs, Choice::Both(Vec::new()));
    let mut now = Some(walk.start(None));
    let mut steps = 0;
    loop {
        while let Some(place) = now {
            now = walk.advance(place);
            steps += 1;
            if steps > STEPS_MAX || walk.found.len() > LEFT_MAX {
                return Err(format!("more than {STEPS_MAX} steps, or {LEFT_MAX} ways left to the solver"));
            }
        }
        let Choice::Both(waiting) = &mut walk.choice else { break };
        let Some((mark, truth, place)) = waiting.pop() else { break };
        walk.facts.back_to(mark);
        now = walk.facts.assume(walk.terms, truth, false).then_some(place);
    }
    Ok(walk.found)
}

/// The truths of so many ways, which are chosen to go where few have gone: along each branch of both programs.
pub(super) fn directed(terms: &mut Terms, programs: [&[RawInsn]; 2], count: usize) -> Vec<Term> {
    let mut walk = Walk::new(terms, programs, Choice::Rare(HashMap::new()));
    let nothing = walk.facts.mark();
    for _ in 0..count {
        walk.facts.back_to(nothing);
        let mut now = Some(walk.start(None));
        while let Some(place) = now {
            now = walk.advance(place);
        }
    }
    walk.found
}

/// What is done with a truth that may hold or not.
enum Choice {
    /// Both ways are followed: the one where it does not hold (from a mark, by assuming) later.
    Both(Vec<(Mark, Term, Place)>),
    /// One way is followed: that which was taken less often.
    Rare(HashMap<Way, u32>),
}

struct Walk<'t> {
    terms: &'t mut Terms,
    programs: [&'t [RawInsn]; 2],
    facts: Facts,
    choice: Choice,
    found: Vec<Term>,
}

impl<'t> Walk<'t> {
    fn new(terms: &'t mut Terms, programs: [&'t [RawInsn]; 2], choice: Choice) -> Self {
        Self { terms, programs, facts: Facts::default(), choice, found: Vec::new() }
    }

    fn start(&mut self, returned: Option<Term>) -> Place {
        let zero = self.terms.word(0);
        Place { returned, pc: 0, registers: Some([zero; REGISTERS]) }
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
        let (reached, to) = (place.returned.is_some(), |skipped: usize| Some(place.pc + 1 + skipped));
        for truth in required.into_iter().flatten() {
            if !self.fork(truth, place, [(reached, to(0)), (reached, None)]) {
                return Some(Place { registers: None, ..place });
            }
        }
        let skipped = match next {
            Next::Return(value) => return self.returns(place.returned, value),
            Next::Skip(skipped) => skipped,
            Next::Branch(holds, jt, jf) => {
                if self.fork(holds, place, [(reached, to(jt)), (reached, to(jf))]) { jt } else { jf }
            }
        };
        place.pc = (place.pc + 1).saturating_add(skipped);
        place.registers = Some(registers);
        Some(place)
    }

    /// Whether a truth holds on this way. If it may or may not, one of that is assumed, and the instruction is done once more
    /// for the other; `ways` are where it leads to if the truth holds, and if not.
    fn fork(&mut self, truth: Term, here: Place, ways: [Way; 2]) -> bool {
        let [yes, no] = ways;
        match self.terms.node(truth) {
            // The parts of what is tested at once may be known from tests of their own.
            Node::And(one, another) => return self.fork(one, here, ways) && self.fork(another, here, ways),
            Node::Not(opposite) => return !self.fork(opposite, here, [no, yes]),
            _ => {}
        }
        if let Some(known) = self.facts.decide(self.terms, truth) {
            return known;
        }
        let mut value = true;
        if let Choice::Rare(gone) = &mut self.choice {
            let times = |way| gone.get(&way).copied().unwrap_or_default();
            value = times(yes) <= times(no);
            *gone.entry(if value { yes } else { no }).or_insert(0) += 1;
        }
        let mark = self.facts.mark();
        if !self.facts.assume(self.terms, truth, value) {
            self.facts.back_to(mark);
            return !value;
        }
        if let Choice::Both(waiting) = &mut self.choice {
            waiting.push((mark, truth, here));
        }
        value
    }

    fn returns(&mut self, before: Option<Term>, value: Term) -> Option<Place> {
        let Some(first) = before else {
            return Some(self.start(Some(value)));
        };
        let truth = if matches!(self.choice, Choice::Both(_)) {
            let same = self.terms.eq(first, value);
            if self.facts.decide(self.terms, same) == Some(true) {
                return None;
            }
            self.terms.not(same)
        } else {
            self.terms.bool(true)
        };
        let truth = self.facts.assumed().iter().fold(truth, |all, (assumed, value)| {
            let assumed = if *value { *assumed } else { self.terms.not(*assumed) };
            self.terms.and(all, assumed)
        });
        if self.terms.node(truth) != Node::Bool(false) {
            self.found.push(truth);
        }
        None
    }
}
