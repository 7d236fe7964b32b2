//! What is known on one way through the programs: truths that were assumed, and what they say about words.
//!
//! ```text
//! assume  x & 0xffffff00 = 0x0a000100   ─▶  that word is 0x0a000100;  x is 0x0a000100 to 0x0a0001ff
//! decide  x > 0x0b000000                ─▶  no
//! ```
//!
//! Sound, not complete: what is decided follows from what was assumed; what is not decided may follow as well.
//! Everything assumed can be taken back, in the order of a stack.

use std::collections::HashMap;
use std::rc::Rc;

use bpf_core::AluOp;

use super::ranges::Ranges;
use super::term::{Node, Term, Terms, compute, ones};

/// What was known before something was assumed.
#[derive(Debug)]
enum Before {
    Word(Term, Option<Rc<Ranges>>),
    Truth(Term),
    Reach(Term, Option<Reach>),
}

/// How far behind a base bytes were captured: the greatest distance known to be, and the least known not to be.
#[derive(Clone, Copy, Debug)]
struct Reach {
    is: u32,
    is_not: u64,
}

/// All that is known on a way.
#[derive(Debug, Default)]
pub(super) struct Facts {
    words: HashMap<Term, Rc<Ranges>>,
    truths: HashMap<Term, bool>,
    reach: HashMap<Term, Reach>,
    before: Vec<Before>,
    assumed: Vec<(Term, bool)>,
}

/// A place in the stack of what was assumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    before: usize,
    assumed: usize,
}

impl Facts {
    /// All that was assumed.
    pub(super) fn assumed(&self) -> &[(Term, bool)] {
        &self.assumed
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { before: self.before.len(), assumed: self.assumed.len() }
    }

    /// Takes back all that was assumed since then.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.assumed.truncate(mark.assumed);
        for before in self.before.drain(mark.before..).rev() {
            match before {
                Before::Word(term, Some(ranges)) => drop(self.words.insert(term, ranges)),
                Before::Word(term, None) => drop(self.words.remove(&term)),
                Before::Truth(term) => drop(self.truths.remove(&term)),
                Before::Reach(term, Some(reach)) => drop(self.reach.insert(term, reach)),
                Before::Reach(term, None) => drop(self.reach.remove(&term)),
            }
        }
    }

    /// What a word can be.
    pub(super) fn ranges(&self, terms: &Terms, word: Term) -> Rc<Ranges> {
        if let Some(ranges) = self.words.get(&word) {
            return Rc::clone(ranges);
        }
        let max = terms.max(word);
        Rc::new(match terms.node(word) {
            Node::Const(k) => Ranges::of(k, k),
            Node::Alu(op, left, right) => {
                let (left, right) = (self.ranges(terms, left), self.ranges(terms, right));
                let one = left.only().zip(right.only()).and_then(|(left, right)| compute(op, left, right));
                match (one, right.only()) {
                    (Some(k), _) => Ranges::of(k, k),
                    // These keep the order, if nothing is lost at the top.
                    (None, Some(k)) if is_monotonic(op, left.max(), k) => {
                        let of = |word| compute(op, word, k).unwrap_or_default();
                        Ranges::of(of(left.min()), of(left.max()))
                    }
                    _ => Ranges::of(0, max),
                }
            }
            _ => Ranges::of(0, max),
        })
    }

    /// Whether a truth holds, if that follows.
    pub(super) fn decide(&self, terms: &Terms, truth: Term) -> Option<bool> {
        if let Some(known) = self.truths.get(&truth) {
            return Some(*known);
        }
        match terms.node(truth) {
            Node::Bool(value) => Some(value),
            Node::Not(opposite) => self.decide(terms, opposite).map(|value| !value),
            Node::Eq(one, other) => {
                let (first, second) = (self.ranges(terms, one), self.ranges(terms, other));
                if let Some(k) = second.only() {
                    return self.is(terms, one, &first, k);
                }
                (first.max() < second.min() || second.max() < first.min()).then_some(false)
            }
            Node::Le(one, other) => {
                let (first, second) = (self.ranges(terms, one), self.ranges(terms, other));
                if first.max() <= second.min() {
                    return Some(true);
                }
                if first.min() > second.max() {
                    return Some(false);
                }
                let (base, distance) = distance(terms, one, other)?;
                let reach = self.reach.get(&base)?;
                if distance <= reach.is {
                    return Some(true);
                }
                (u64::from(distance) >= reach.is_not).then_some(false)
            }
            _ => None,
        }
    }

    /// Whether a word is `k`.
    fn is(&self, terms: &Terms, word: Term, ranges: &Ranges, k: u32) -> Option<bool> {
        if !ranges.meets(k, k) {
            return Some(false);
        }
        if ranges.only() == Some(k) {
            return Some(true);
        }
        let (base, mask) = prefix(terms, word)?;
        if k & !mask != 0 {
            return Some(false);
        }
        let (of_base, last) = (self.ranges(terms, base), k | !mask & ones(terms.max(base)));
        if !of_base.meets(k, last) {
            return Some(false);
        }
        (k <= of_base.min() && of_base.max() <= last).then_some(true)
    }

    /// Takes a truth, or its opposite, as given; false if that cannot be.
    pub(super) fn assume(&mut self, terms: &Terms, truth: Term, value: bool) -> bool {
        if let Some(known) = self.decide(terms, truth) {
            return known == value;
        }
        self.assumed.push((truth, value));
        self.note(terms, truth, value)
    }

    fn note(&mut self, terms: &Terms, truth: Term, value: bool) -> bool {
        match terms.node(truth) {
            Node::Not(opposite) => self.note(terms, opposite, !value),
            Node::Eq(one, other) if terms.constant(other).is_some() => {
                let k = terms.constant(other).unwrap_or_default();
                self.narrow(terms, one, k, k, value)
                    && match prefix(terms, one) {
                        Some((base, mask)) => {
                            self.narrow(terms, base, k, k | !mask & ones(terms.max(base)), value)
                        }
                        None => true,
                    }
            }
            Node::Le(one, other) => match (terms.constant(one), terms.constant(other)) {
                (Some(k), _) => self.narrow(terms, other, k, u32::MAX, value),
                (_, Some(k)) => self.narrow(terms, one, 0, k, value),
                _ => {
                    if let Some((base, distance)) = distance(terms, one, other) {
                        let before = self.reach.get(&base).copied();
                        let mut reach = before.unwrap_or(Reach { is: 0, is_not: u64::MAX });
                        // Nothing is known of a distance of 0: the base may be past the end.
                        if value && distance > reach.is {
                            reach.is = distance;
                        } else if !value && u64::from(distance) < reach.is_not {
                            reach.is_not = distance.into();
                        }
                        self.before.push(Before::Reach(base, before));
                        self.reach.insert(base, reach);
                    }
                    self.remember(truth, value)
                }
            },
            _ => self.remember(truth, value),
        }
    }

    fn remember(&mut self, truth: Term, value: bool) -> bool {
        self.before.push(Before::Truth(truth));
        self.truths.insert(truth, value);
        true
    }

    /// A word is in a range, or not; false if that cannot be.
    fn narrow(&mut self, terms: &Terms, word: Term, first: u32, last: u32, inside: bool) -> bool {
        let now = self.ranges(terms, word);
        let ranges = if inside { now.within(first, last) } else { now.without(first, last) };
        let possible = !ranges.is_empty();
        let before = self.words.insert(word, Rc::new(ranges));
        self.before.push(Before::Word(word, before));
        possible
    }
}

/// Whether `left op k` is the greater the greater `left` is, for all up to `max`.
fn is_monotonic(op: AluOp, max: u32, k: u32) -> bool {
    match op {
        AluOp::Add => max.checked_add(k).is_some(),
        AluOp::Mul => max.checked_mul(k).is_some(),
        AluOp::Lsh => k < 32 && max.leading_zeros() >= k,
        AluOp::Rsh => k < 32,
        AluOp::Div => k != 0,
        _ => false,
    }
}

/// A word that is the upper bits of another one, and the mask.
fn prefix(terms: &Terms, word: Term) -> Option<(Term, u32)> {
    let Node::Alu(AluOp::And, base, mask) = terms.node(word) else { return None };
    let mask = terms.constant(mask)?;
    let all = ones(terms.max(base));
    let lower = all & !mask;
    (lower & lower.wrapping_add(1) == 0).then_some((base, mask))
}

/// Of `base + distance <= captured length`, where the sum cannot wrap.
fn distance(terms: &Terms, sum: Term, len: Term) -> Option<(Term, u32)> {
    if terms.node(len) != Node::Len {
        return None;
    }
    let (base, distance) = match terms.node(sum) {
        Node::Alu(AluOp::Add, base, by) => (base, terms.constant(by)?),
        _ => return None,
    };
    terms.max(base).checked_add(distance).map(|_| (base, distance))
}
