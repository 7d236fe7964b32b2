//! Why a packet matched or did not.
//!
//! The path is the program's own: what it compared, step by step. Which clause decided is asked of the meaning, which
//! compares all that the text says, while the program leaves out what it knows already: the first alternative that holds,
//! the first condition that fails; where all of a list had to be looked at, the list.

mod decision;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bpf_core::{Cond, Insn, Operand, Packet, RawInsn, State};

use super::evaluate;
use super::field::{asked, beside_packet, sign};
use super::{Explanation, LIST_MAX};
use crate::graph::{Node, Value};
use crate::span::Span;

/// How many steps are told from the end of a long path; from its start [`LIST_MAX`] are.
const LAST_STEPS_MAX: usize = 30;

/// What happened to a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketStory {
    /// How many bytes of it are kept; 0 if it does not match.
    pub verdict: u32,
    /// The comparisons, in order; of a long path the first and the last ones.
    pub steps: Vec<StoryStep>,
    /// How many comparisons are left out behind the first [`LIST_MAX`].
    pub left_out: usize,
    /// How many instructions were executed.
    pub executed: usize,
    /// How it ended.
    pub ending: Ending,
    /// The clause or list that decided; `None` if nothing in the filter did.
    pub decision: Option<Decision>,
}

/// A comparison on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryStep {
    /// The instruction.
    pub pc: u32,
    /// The clause that asks; `None` for what comes before the filter.
    pub clause: Option<Span>,
    /// What was compared.
    pub comparison: Comparison,
}

/// Two numbers compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What the left one is called.
    pub field: String,
    /// The left one, from the packet.
    pub found: u32,
    /// The same as its field is written: an address, a name beside the number.
    pub found_text: String,
    /// The question: `is 0x0800 (ip)`.
    pub asked: String,
    /// The answer.
    pub holds: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At a return.
    Returned {
        /// The instruction.
        pc: u32,
    },
    /// A load past the captured bytes: that rejects the packet.
    PastEnd {
        /// The instruction.
        pc: u32,
        /// The clause that asks.
        clause: Option<Span>,
        /// The first byte of the load.
        offset: u64,
        /// How many bytes it reads.
        bytes: u32,
    },
    /// Something beside the packet is asked for and not known: that rejects the packet.
    NotKnown {
        /// The instruction.
        pc: u32,
        /// The clause that asks.
        clause: Option<Span>,
        /// What it is.
        what: &'static str,
    },
    /// A division by zero: that rejects the packet.
    DivisionByZero {
        /// The instruction.
        pc: u32,
        /// The clause that asks.
        clause: Option<Span>,
    },
}

/// The part of the filter that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where it stands.
    pub place: Span,
    /// What there is to say of it.
    pub reason: String,
    /// If it is a list of which everything counts: its clauses that decided, at most [`LIST_MAX`], each with its reason.
    pub parts: Vec<(Span, String)>,
    /// How many more there are.
    pub more: usize,
}

/// A comparison as the program makes it.
#[derive(Clone, Copy)]
struct Seen {
    pc: u32,
    a: u32,
    x: u32,
}

impl Explanation<'_> {
    /// Runs the program over a packet and tells what it did.
    #[must_use]
    pub fn packet<P: Packet>(&self, packet: &P) -> PacketStory {
        let mut path: Vec<Seen> = Vec::new();
        let mut executed = 0_usize;
        let mut last = (0_u32, RawInsn::default(), State::default());
        let verdict = self.program.run_observed(packet, &mut |pc, insn: RawInsn, state: &State| {
            executed = executed.saturating_add(1);
            last = (pc, insn, *state);
            if matches!(insn.meaning(), Some(Insn::Branch { .. })) {
                path.push(Seen { pc, a: state.a, x: state.x });
            }
        });
        let ending = self.ending(last);
        let told_max = LIST_MAX.saturating_add(LAST_STEPS_MAX);
        let left_out = path.len().saturating_sub(told_max);
        let (first, rest) = path.split_at(if left_out == 0 { path.len() } else { LIST_MAX });
        let told = first.iter().chain(rest.iter().skip(left_out));
        PacketStory {
            verdict,
            steps: told.filter_map(|seen| self.step(*seen)).collect(),
            left_out,
            executed,
            decision: self.decision(packet, verdict, &ending),
            ending,
        }
    }

    fn step(&self, seen: Seen) -> Option<StoryStep> {
        let comparison = self.comparison(seen)?;
        Some(StoryStep { pc: seen.pc, clause: self.origin(seen.pc as usize), comparison })
    }

    fn comparison(&self, seen: Seen) -> Option<Comparison> {
        let pc = seen.pc as usize;
        let Insn::Branch { cond, operand, .. } = self.program.insns().get(pc)?.meaning()? else {
            return None;
        };
        let right = match operand {
            Operand::K(number) => number,
            Operand::X => seen.x,
        };
        let holds = evaluate::holds(cond, seen.a, right);
        let node = *self.nodes.get(pc)?;
        let values = &self.lowered.values;
        let Node::Branch { test, .. } = self.lowered.graph.node(node) else { return None };
        let clause = self.clause_of(node);
        let is_same = test.cond == cond
            && match (values.get(test.right), operand) {
                (Value::Const(number), Operand::K(k)) => number == k,
                (_, operand) => operand == Operand::X,
            };
        if !is_same {
            // The code compares something else than the graph says; what it compares is still true.
            let (field, asked) = (String::from("the accumulator"), format!("{} {right:#x}", sign(cond)));
            let found_text = format!("{:#x}", seen.a);
            return Some(Comparison { field, found: seen.a, found_text, asked, holds });
        }
        let field = self.tested_field(node, &test, clause);
        let asked = match operand {
            Operand::K(number) => asked(&field, cond, number),
            Operand::X => {
                let verb = match cond {
                    Cond::Eq => "is",
                    Cond::Gt => "is greater than",
                    Cond::Ge => "is at least",
                    Cond::Set => "has a bit in common with",
                };
                format!("{verb} {} = {}", self.field(test.right, clause).name, seen.x)
            }
        };
        let found_text = field.number(seen.a);
        Some(Comparison { field: field.name, found: seen.a, found_text, asked, holds })
    }

    fn ending(&self, (pc, insn, state): (u32, RawInsn, State)) -> Ending {
        let clause = self.origin(pc as usize);
        let past_end = |offset, bytes| Ending::PastEnd { pc, clause, offset, bytes };
        match insn.meaning() {
            Some(Insn::LoadAbs { size, offset }) => past_end(u64::from(offset), size.bytes()),
            Some(Insn::LoadInd { size, offset }) => {
                past_end(u64::from(state.x).saturating_add(u64::from(offset)), size.bytes())
            }
            Some(Insn::LoadXMsh(offset)) => past_end(u64::from(offset), 1),
            Some(Insn::LoadAncillary { which, .. }) => {
                Ending::NotKnown { pc, clause, what: beside_packet(which) }
            }
            Some(Insn::Alu { .. }) => Ending::DivisionByZero { pc, clause },
            _ => Ending::Returned { pc },
        }
    }
}
