//! Proves two programs equal: the same verdict for every packet, of any captured and wire length, with any metadata.
//!
//! ```text
//! programs ──ways──▶ each way that a packet takes through both: are the verdicts the same by what is known on it?
//!                      │ too many ways                                  │ not by that
//!                      ▼                                                ▼
//!                    machine ──▶ "the verdicts differ" ───question────▶ z3 ──▶ none:    Proved
//!                                                            ▲           └──▶ a packet: run by bpf-core
//!                                                            └── refined ── a packet that is none ◀─┤
//!                                                                                 it differs: Differ ◀┘
//! ```
//!
//! Strict: a packet too short for a load that one program makes, and the other does not, is a difference if the verdicts are.
//! What an answer of "proved" rests on: `step` says what bpf-core's interpreter does (tested on random programs), [`term`]
//! simplifies soundly (tested there too), `facts` decides only what follows, and z3 is right about bit vectors. A difference
//! rests on none of these: the packet is run.

mod facts;
pub mod machine;
pub mod question;
pub mod ranges;
pub mod solver;
mod step;
pub mod term;
mod ways;
pub mod witness;

use std::time::{Duration, Instant};

use bpf_core::{CAPTURED_LEN_MAX, Profile, RawInsn, bpf_validate};

use question::Question;
use solver::{Answer, Solver};
use term::{Term, Terms};
pub use witness::Witness;

/// Packets of up to so many bytes are tried first: a difference is easier to look at in them.
const SHORT: u32 = 4_096;

/// So many ways make one question.
const WAYS_AT_ONCE: usize = 50;

/// What became of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The verdicts are the same, whatever the packet.
    Proved,
    /// They are not for this one: it was run.
    Differ(Witness),
    /// It is not known, and why.
    Unknown(String),
}

/// Proves, with one solver for all proofs.
#[derive(Debug, Default)]
pub struct Prover {
    solver: Solver,
}

impl Prover {
    /// Whether two programs are equal. `limit` is for all that the solver is asked.
    pub fn prove(&mut self, one: &[RawInsn], other: &[RawInsn], limit: Duration) -> Outcome {
        let until = Instant::now() + limit;
        let profile = Profile::LIBPCAP.with_len_max(u32::MAX).with_random_source();
        for program in [one, other] {
            if let Err(error) = bpf_validate(program, profile) {
                return Outcome::Unknown(format!("the machine does not run it: {error}"));
            }
        }
        let programs = [one, other];
        self.prove_by_ways(programs, until).unwrap_or_else(|_| self.prove_at_once(programs, until))
    }

    /// Way by way: fast where there are few of them.
    fn prove_by_ways(&mut self, programs: [&[RawInsn]; 2], until: Instant) -> Result<Outcome, String> {
        let mut terms = Terms::default();
        let left = ways::differences(&mut terms, programs)?;
        for some in left.chunks(WAYS_AT_ONCE) {
            let nothing = terms.bool(false);
            let any = some.iter().fold(nothing, |any, way| terms.or(any, *way));
            let outcome = self.search(Question::new(&terms, any), programs, until);
            if outcome != Outcome::Proved {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Proved)
    }

    /// All ways in one question.
    fn prove_at_once(&mut self, programs: [&[RawInsn]; 2], until: Instant) -> Outcome {
        let mut terms = Terms::default();
        let returns = machine::execute(&mut terms, programs[0])
            .and_then(|first| Ok([first, machine::execute(&mut terms, programs[1])?]));
        match returns {
            Ok([first, second]) => {
                let differ = differ(&mut terms, &first, &second);
                self.search(Question::new(&terms, differ), programs, until)
            }
            Err(why) => Outcome::Unknown(why),
        }
    }

    /// Packets on as many ways through both programs, as far as the solver finds any: what is tried where nothing is proved.
    pub fn packets(&mut self, programs: [&[RawInsn]; 2], ways: usize, limit_each: Duration) -> Vec<Witness> {
        let mut terms = Terms::default();
        let truths = ways::directed(&mut terms, programs, ways);
        let mut packets = Vec::new();
        for truth in truths {
            let question = Question::new(&terms, truth);
            if let Answer::Values(values) =
                self.solver.solve(&question.text(SHORT), &question.names(), limit_each)
            {
                packets.push(question.packet(&values));
            }
        }
        packets
    }

    /// Looks for a packet on which the programs differ.
    fn search(&mut self, mut question: Question<'_>, programs: [&[RawInsn]; 2], until: Instant) -> Outcome {
        let mut len_max = SHORT;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Outcome::Unknown("time is up".into());
            }
            let answer = match self.solver.solve(&question.text(len_max), &question.names(), left) {
                Answer::None if len_max < CAPTURED_LEN_MAX => {
                    len_max = CAPTURED_LEN_MAX;
                    continue;
                }
                Answer::None => return Outcome::Proved,
                Answer::Values(values) => values,
                Answer::Unknown(why) => return Outcome::Unknown(why),
            };
            let packet = question.packet(&answer);
            match packet.verdicts(programs) {
                Ok([one, other]) if one != other => return Outcome::Differ(packet.plainer(programs)),
                Ok(_) if question.refine(&answer) => {}
                Ok(_) => {
                    let own = if question.holds(&answer) { "the terms" } else { "the solver" };
                    return Outcome::Unknown(format!("{own} and the machine disagree on {packet}"));
                }
                Err(why) => return Outcome::Unknown(why),
            }
        }
    }
}

/// Proves with a solver of its own.
#[must_use]
pub fn prove(one: &[RawInsn], other: &[RawInsn], limit: Duration) -> Outcome {
    Prover::default().prove(one, other, limit)
}

/// That the verdicts are not the same.
fn differ(terms: &mut Terms, one: &machine::Returns, other: &machine::Returns) -> Term {
    let nothing = terms.bool(false);
    if let (Some(first), Some(second)) = (one.constants(terms), other.constants(terms)) {
        let mut values: Vec<u32> = first.iter().chain(&second).map(|(value, _)| *value).collect();
        values.sort_unstable();
        values.dedup();
        let of = |all: &[(u32, Term)], value| {
            all.iter().find(|(other, _)| *other == value).map_or(nothing, |(_, condition)| *condition)
        };
        return values.into_iter().fold(nothing, |differ, value| {
            let differs = terms.xor(of(&first, value), of(&second, value));
            terms.or(differ, differs)
        });
    }
    let (first, second) = (one.verdict(terms), other.verdict(terms));
    let same = terms.eq(first, second);
    terms.not(same)
}

/// The verdict of a program for a packet, by the terms: what the tests hold against the machine.
///
/// # Errors
/// The program makes too many terms.
pub fn verdict_by_terms(program: &[RawInsn], packet: &Witness) -> Result<u32, String> {
    let mut terms = Terms::default();
    let returns = machine::execute(&mut terms, program)?;
    let verdict = returns.verdict(&mut terms);
    Ok(question::value_for(&terms, verdict, packet))
}
