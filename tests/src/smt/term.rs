//! What a program computes, as terms: words of 32 bits and truths, each built once.
//!
//! ```text
//! packet bytes ─┐
//! lengths       ├─▶ words ─▶ truths ─▶ conditions of the verdict
//! metadata     ─┘     ▲        │
//!                     └─ Ite ──┘
//! ```
//!
//! Invariants:
//! - A term comes after all that it is made of, so that one walk in order evaluates or prints all.
//! - Equal terms are the same term; constructors simplify, but only by laws of the machine's arithmetic.
//! - [`Terms::max`] is never below what a word can be.

use std::collections::HashMap;

use bpf_core::{AluOp, Ancillary, CAPTURED_LEN_MAX, Size};

/// A term of one [`Terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(u32);

impl Term {
    /// Its place.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where bytes of the packet lie: at a word, if there is one, plus a constant; the sum wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// What is added to the constant.
    pub base: Option<Term>,
    /// The constant.
    pub offset: u32,
}

impl Address {
    /// So many bytes further.
    #[must_use]
    pub const fn plus(self, bytes: u32) -> Self {
        Self { base: self.base, offset: self.offset.wrapping_add(bytes) }
    }
}

/// How a term is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A word.
    Const(u32),
    /// How many bytes were captured: at most [`CAPTURED_LEN_MAX`].
    Len,
    /// The length on the wire: any.
    WireLen,
    /// What is known beside the bytes.
    Ancillary(Ancillary),
    /// Bytes of the packet, the first one the most significant.
    Load(Size, Address),
    /// Arithmetic that wraps; a shift by 32 or more gives 0. No packet for which this divides by 0 makes use of it.
    Alu(AluOp, Term, Term),
    /// The second if the first holds, else the third.
    Ite(Term, Term, Term),
    /// A truth.
    Bool(bool),
    /// Whether the value is known.
    Known(Ancillary),
    /// The opposite.
    Not(Term),
    /// Both.
    And(Term, Term),
    /// Either.
    Or(Term, Term),
    /// One of two truths, but not both.
    Xor(Term, Term),
    /// Words are equal.
    Eq(Term, Term),
    /// The first word is not above the second.
    Le(Term, Term),
}

/// All terms of a question.
#[derive(Debug, Default)]
pub struct Terms {
    nodes: Vec<Node>,
    max: Vec<u32>,
    known: HashMap<Node, Term>,
}

impl Terms {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// How a term is made.
    #[must_use]
    pub fn node(&self, term: Term) -> Node {
        self.nodes[term.index()]
    }

    /// All of them, what they are made of first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Term, Node)> + '_ {
        self.nodes.iter().enumerate().map(|(index, node)| (Term(u32::try_from(index).unwrap()), *node))
    }

    /// No value of this word is above.
    #[must_use]
    pub fn max(&self, term: Term) -> u32 {
        self.max[term.index()]
    }

    /// The value of a word that is always the same.
    #[must_use]
    pub fn constant(&self, term: Term) -> Option<u32> {
        match self.node(term) {
            Node::Const(k) => Some(k),
            _ => None,
        }
    }

    fn add(&mut self, node: Node) -> Term {
        if let Some(term) = self.known.get(&node) {
            return *term;
        }
        let term = Term(u32::try_from(self.nodes.len()).unwrap());
        let max = self.bound(node);
        self.nodes.push(node);
        self.max.push(max);
        self.known.insert(node, term);
        term
    }

    fn bound(&self, node: Node) -> u32 {
        match node {
            Node::Const(k) => k,
            Node::Len => CAPTURED_LEN_MAX,
            Node::Load(Size::Byte, _) => 0xff,
            Node::Load(Size::Half, _) => 0xffff,
            Node::Ite(_, one, other) => self.max(one).max(self.max(other)),
            Node::Alu(op, left, right) => {
                let (left, right) = (self.max(left), self.max(right));
                let constant = match node {
                    Node::Alu(_, _, operand) => self.constant(operand),
                    _ => None,
                };
                match op {
                    AluOp::And => left.min(right),
                    AluOp::Or | AluOp::Xor => ones(left | right),
                    AluOp::Add => left.saturating_add(right),
                    AluOp::Mul => left.saturating_mul(right),
                    AluOp::Div => left,
                    AluOp::Mod => left,
                    AluOp::Rsh => constant.map_or(left, |k| left.checked_shr(k).unwrap_or(0)),
                    AluOp::Lsh => match constant {
                        Some(k) if k < 32 && left.leading_zeros() >= k => left << k,
                        _ => u32::MAX,
                    },
                    AluOp::Sub => u32::MAX,
                }
            }
            _ => u32::MAX,
        }
    }

    /// A constant.
    pub fn word(&mut self, k: u32) -> Term {
        self.add(Node::Const(k))
    }

    /// A truth that is always the same.
    pub fn bool(&mut self, truth: bool) -> Term {
        self.add(Node::Bool(truth))
    }

    /// A length or a value of metadata.
    pub fn unknown(&mut self, node: Node) -> Term {
        self.add(node)
    }

    /// The address of `offset` behind a word: constants go together, so that equal places look equal.
    pub fn address(&mut self, word: Term, offset: u32) -> Address {
        match self.node(word) {
            Node::Const(k) => Address { base: None, offset: k.wrapping_add(offset) },
            Node::Alu(AluOp::Add, base, by) if self.constant(by).is_some() => {
                let by = self.constant(by).unwrap_or_default();
                Address { base: Some(base), offset: by.wrapping_add(offset) }
            }
            _ => Address { base: Some(word), offset },
        }
    }

    /// Bytes of the packet as a word.
    pub fn load(&mut self, size: Size, address: Address) -> Term {
        self.add(Node::Load(size, address))
    }

    /// An operation on words.
    pub fn alu(&mut self, op: AluOp, left: Term, right: Term) -> Term {
        if let (Some(a), Some(b)) = (self.constant(left), self.constant(right))
            && let Some(k) = compute(op, a, b)
        {
            return self.word(k);
        }
        let commutes = matches!(op, AluOp::Add | AluOp::Mul | AluOp::And | AluOp::Or | AluOp::Xor);
        let swaps =
            commutes && (self.constant(left).is_some() || self.constant(right).is_none() && left > right);
        let (left, right) = if swaps { (right, left) } else { (left, right) };
        if left == right {
            match op {
                AluOp::Sub | AluOp::Xor => return self.word(0),
                AluOp::And | AluOp::Or => return left,
                _ => {}
            }
        }
        match self.constant(right) {
            Some(k) => self.alu_by_constant(op, left, right, k),
            None => self.add(Node::Alu(op, left, right)),
        }
    }

    fn alu_by_constant(&mut self, op: AluOp, left: Term, right: Term, k: u32) -> Term {
        let shift = k.trailing_zeros();
        if let Some((part, by)) = self.part(op, left, k) {
            return self.by(op, part, by);
        }
        if let Some(swapped) = self.swapped(op, left, k) {
            return swapped;
        }
        match op {
            AluOp::Add | AluOp::Sub | AluOp::Or | AluOp::Xor | AluOp::Lsh | AluOp::Rsh if k == 0 => left,
            AluOp::Mul | AluOp::Div if k == 1 => left,
            AluOp::Mul | AluOp::And if k == 0 => right,
            AluOp::Lsh | AluOp::Rsh if k > 31 => self.word(0),
            AluOp::Rsh if self.max(left) >> k == 0 => self.word(0),
            AluOp::Mul if k.is_power_of_two() => self.by(AluOp::Lsh, left, shift),
            AluOp::Div if k.is_power_of_two() => self.by(AluOp::Rsh, left, shift),
            AluOp::Mod if k.is_power_of_two() => self.by(AluOp::And, left, k - 1),
            AluOp::And if ones(self.max(left)) & !k == 0 => left,
            AluOp::Sub => self.by(AluOp::Add, left, k.wrapping_neg()),
            AluOp::Add | AluOp::And => match self.node(left) {
                Node::Alu(inner, base, by) if inner == op && self.constant(by).is_some() => {
                    let by = self.constant(by).unwrap_or_default();
                    self.by(op, base, if op == AluOp::Add { by.wrapping_add(k) } else { by & k })
                }
                _ => self.add(Node::Alu(op, left, right)),
            },
            _ => self.add(Node::Alu(op, left, right)),
        }
    }

    /// The half of loaded bytes that a mask or a shift leaves, and the mask or shift of that: so that who loads only these looks equal.
    fn part(&mut self, op: AluOp, loaded: Term, k: u32) -> Option<(Term, u32)> {
        let Node::Load(size, at) = self.node(loaded) else { return None };
        let (half, bits) = match size {
            Size::Word => (Size::Half, 16),
            Size::Half => (Size::Byte, 8),
            Size::Byte => return None,
        };
        match op {
            AluOp::And if k >> bits == 0 => Some((self.load(half, at.plus(half.bytes())), k)),
            AluOp::Rsh if k >= bits => Some((self.load(half, at), k - bits)),
            _ => None,
        }
    }

    /// The upper ones of two loaded bytes last: twice the number side by side, of which the middle is left, is said as the bytes one
    /// by one. A place that is computed so looks equal then, which a solver finds hard to see.
    fn swapped(&mut self, op: AluOp, left: Term, k: u32) -> Option<Term> {
        let Node::Alu(AluOp::Rsh, twice, eight) = self.node(left) else { return None };
        let Node::Alu(AluOp::Mul, both, times) = self.node(twice) else { return None };
        let Node::Load(Size::Half, at) = self.node(both) else { return None };
        let numbers = (op, k, self.constant(eight)?, self.constant(times)?);
        (numbers == (AluOp::And, 0xffff, 8, TWICE)).then(|| {
            let (first, second) = (self.load(Size::Byte, at), self.load(Size::Byte, at.plus(1)));
            let upper = self.by(AluOp::Lsh, second, 8);
            self.alu(AluOp::Or, upper, first)
        })
    }

    /// An operation by a constant.
    pub fn by(&mut self, op: AluOp, left: Term, k: u32) -> Term {
        let right = self.word(k);
        self.alu(op, left, right)
    }

    /// The second if the first holds, else the third: words.
    pub fn ite(&mut self, condition: Term, yes: Term, no: Term) -> Term {
        match self.node(condition) {
            Node::Bool(true) => yes,
            Node::Bool(false) => no,
            _ if yes == no => yes,
            Node::Not(opposite) => self.add(Node::Ite(opposite, no, yes)),
            _ => self.add(Node::Ite(condition, yes, no)),
        }
    }

    /// The opposite.
    pub fn not(&mut self, truth: Term) -> Term {
        match self.node(truth) {
            Node::Bool(value) => self.bool(!value),
            Node::Not(opposite) => opposite,
            _ => self.add(Node::Not(truth)),
        }
    }

    fn are_opposite(&self, one: Term, other: Term) -> bool {
        self.node(one) == Node::Not(other) || self.node(other) == Node::Not(one)
    }

    /// Both.
    pub fn and(&mut self, one: Term, other: Term) -> Term {
        match (self.node(one), self.node(other)) {
            (Node::Bool(true), _) => other,
            (_, Node::Bool(true)) => one,
            (Node::Bool(false), _) | (_, Node::Bool(false)) => self.bool(false),
            _ if one == other => one,
            _ if self.are_opposite(one, other) => self.bool(false),
            // What is known already on the way here.
            (Node::And(_, last), _) if last == other => one,
            (Node::And(_, last), _) if self.are_opposite(last, other) => self.bool(false),
            _ => self.add(Node::And(one, other)),
        }
    }

    /// Either.
    pub fn or(&mut self, one: Term, other: Term) -> Term {
        match (self.node(one), self.node(other)) {
            (Node::Bool(false), _) => other,
            (_, Node::Bool(false)) => one,
            (Node::Bool(true), _) | (_, Node::Bool(true)) => self.bool(true),
            _ if one == other => one,
            _ if self.are_opposite(one, other) => self.bool(true),
            // Both ways of a branch meet again.
            (Node::And(way, left), Node::And(same, right))
                if way == same && self.are_opposite(left, right) =>
            {
                way
            }
            _ => self.add(Node::Or(one, other)),
        }
    }

    /// One of two truths, but not both.
    pub fn xor(&mut self, one: Term, other: Term) -> Term {
        match (self.node(one), self.node(other)) {
            (Node::Bool(false), _) => other,
            (_, Node::Bool(false)) => one,
            (Node::Bool(true), _) => self.not(other),
            (_, Node::Bool(true)) => self.not(one),
            _ if one == other => self.bool(false),
            _ if self.are_opposite(one, other) => self.bool(true),
            _ => self.add(Node::Xor(one.min(other), one.max(other))),
        }
    }

    /// Words are equal.
    pub fn eq(&mut self, one: Term, other: Term) -> Term {
        if one == other {
            return self.bool(true);
        }
        let (one, other) = if self.constant(one).is_some() { (other, one) } else { (one, other) };
        let Some(k) = self.constant(other) else {
            return self.add(Node::Eq(one.min(other), one.max(other)));
        };
        match self.node(one) {
            Node::Const(other) => self.bool(other == k),
            _ if self.max(one) < k => self.bool(false),
            Node::Ite(condition, yes, no) => match (self.constant(yes), self.constant(no)) {
                (Some(yes), Some(no)) => match (yes == k, no == k) {
                    (true, true) => self.bool(true),
                    (true, false) => condition,
                    (false, true) => self.not(condition),
                    (false, false) => self.bool(false),
                },
                _ => self.add(Node::Eq(one, other)),
            },
            Node::Alu(AluOp::And, word, mask) => match self.halves(word, mask) {
                Some([upper, lower]) => {
                    let (upper_k, lower_k) = (self.word(k >> 16), self.word(k & 0xffff));
                    let (upper, lower) = (self.eq(upper, upper_k), self.eq(lower, lower_k));
                    self.and(upper, lower)
                }
                None => self.add(Node::Eq(one, other)),
            },
            _ => self.add(Node::Eq(one, other)),
        }
    }

    /// What a mask leaves of both halves of a loaded word, unless it leaves the upper bits only: those are a range.
    fn halves(&mut self, word: Term, mask: Term) -> Option<[Term; 2]> {
        let (Node::Load(Size::Word, at), mask) = (self.node(word), self.constant(mask)?) else { return None };
        if !mask & (!mask).wrapping_add(1) == 0 {
            return None;
        }
        let (upper, lower) = (self.load(Size::Half, at), self.load(Size::Half, at.plus(2)));
        Some([self.by(AluOp::And, upper, mask >> 16), self.by(AluOp::And, lower, mask & 0xffff)])
    }

    /// The first word is not above the second.
    pub fn le(&mut self, one: Term, other: Term) -> Term {
        match (self.constant(one), self.constant(other)) {
            (Some(one), Some(other)) => self.bool(one <= other),
            (Some(0), _) => self.bool(true),
            (Some(k), _) if k > self.max(other) => self.bool(false),
            (_, Some(k)) if self.max(one) <= k => self.bool(true),
            _ if one == other => self.bool(true),
            _ => self.add(Node::Le(one, other)),
        }
    }
}

/// A number of 16 bits times this is that number twice side by side.
const TWICE: u32 = 0x1_0001;

/// What the machine computes; none for a division by 0.
#[must_use]
pub fn compute(op: AluOp, a: u32, b: u32) -> Option<u32> {
    Some(match op {
        AluOp::Add => a.wrapping_add(b),
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Div => a.checked_div(b)?,
        AluOp::Mod => a.checked_rem(b)?,
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Xor => a ^ b,
        AluOp::Lsh => a.checked_shl(b).unwrap_or(0),
        AluOp::Rsh => a.checked_shr(b).unwrap_or(0),
    })
}

/// All bits up to the highest one.
pub(super) const fn ones(max: u32) -> u32 {
    match max.checked_ilog2() {
        Some(bit) => u32::MAX >> (31 - bit),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_number_twice_side_by_side_has_its_bytes_the_other_way_round() {
        let mut terms = Terms::default();
        for half in 0..=u16::MAX {
            let middle = u32::from(half).wrapping_mul(TWICE) >> 8 & 0xffff;
            assert_eq!(middle, u32::from(half.swap_bytes()));
        }
        let at = Address { base: None, offset: 2 };
        let both = terms.load(Size::Half, at);
        let twice = terms.by(AluOp::Mul, both, TWICE);
        let middle = terms.by(AluOp::Rsh, twice, 8);
        let swapped = terms.by(AluOp::And, middle, 0xffff);
        let (first, second) = (terms.load(Size::Byte, at), terms.load(Size::Byte, at.plus(1)));
        let upper = terms.by(AluOp::Lsh, second, 8);
        assert_eq!(swapped, terms.alu(AluOp::Or, upper, first));
    }
}
