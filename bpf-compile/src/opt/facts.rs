//! What is known of a packet on the way to a place in the graph: from the tests that it passed.
//!
//! Facts are pushed on the way down the tree of dominators and taken back on the way up, so that each costs its own insertion.
//! A fact of a value that depends on a variable counts only where no store of that variable can come any more.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Graph, NodeId, Offset, Size, Test, Value, ValueId, Values};

use super::bits::{BitTest, Bits};
use super::fold::computed;
use super::layers::Layers;
use super::named::{TestId, Tests};
use super::pieces::Pieces;

/// Values of a subtree that are looked through; deeper ones are not known.
const DEPTH_MAX: usize = 24;

/// What was learnt, to be taken back.
enum Undo {
    /// The last of what is known about bits.
    Bits,
    /// The last of what is known about numbers.
    Numbers,
    Outcome(TestId),
    Loaded(ValueId),
    Length(u32),
}

pub(super) struct Facts<'v> {
    values: &'v Values,
    tests: Tests,
    /// For each value the variables it depends on, by bits.
    variables: Vec<u32>,
    /// The numbers that values can be.
    numbers: Layers<Pieces>,
    /// Their bits that are known.
    bits: Layers<Bits>,
    /// For each test its outcome, where it is known.
    outcomes: Vec<Option<bool>>,
    loaded: Vec<bool>,
    /// The packet has at least so many bytes.
    length: u32,
    undo: Vec<Undo>,
}

impl<'v> Facts<'v> {
    pub(super) fn new(graph: &Graph, values: &'v Values) -> Self {
        Self {
            values,
            tests: Tests::of(graph),
            variables: values.dependencies(),
            numbers: Layers::new(values.len()),
            bits: Layers::new(values.len()),
            outcomes: vec![None; graph.len()],
            loaded: vec![false; values.len()],
            length: 0,
            undo: Vec::new(),
        }
    }

    /// The variables that a test depends on, by bits.
    pub(super) fn variables_of(&self, test: &Test) -> u32 {
        let of = |id: ValueId| self.variables.get(id.index()).copied().unwrap_or(u32::MAX);
        of(test.left) | of(test.right)
    }

    /// The variables that a value depends on, by bits.
    pub(super) fn variables(&self, value: ValueId) -> u32 {
        self.variables.get(value.index()).copied().unwrap_or(u32::MAX)
    }

    /// The number that a value is in all packets.
    pub(super) fn constant(&self, value: ValueId) -> Option<u32> {
        match self.values.get(value) {
            Value::Const(number) => Some(number),
            _ => None,
        }
    }

    /// A place to come back to.
    pub(super) fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Takes back what was learnt since.
    pub(super) fn back_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some(Undo::Numbers) => self.numbers.pop(),
                Some(Undo::Bits) => self.bits.pop(),
                Some(Undo::Outcome(TestId(test))) => {
                    if let Some(slot) = self.outcomes.get_mut(test as usize) {
                        *slot = None;
                    }
                }
                Some(Undo::Loaded(value)) => {
                    if let Some(slot) = self.loaded.get_mut(value.index()) {
                        *slot = false;
                    }
                }
                Some(Undo::Length(length)) => self.length = length,
                None => {}
            }
        }
    }

    /// A test was made, with whatever outcome: its bytes are there.
    pub(super) fn evaluated(&mut self, test: &Test) {
        self.is_there(test.left);
        self.is_there(test.right);
    }

    /// A value was computed: its bytes are there.
    pub(super) fn is_there(&mut self, root: ValueId) {
        // Most values need no look at what they are made of.
        match self.values.get(root) {
            Value::Const(_) | Value::WireLen | Value::Variable(_) | Value::Given(_) => return,
            Value::Load(size, Offset { base: None, constant }) => {
                self.has_bytes(constant.saturating_add(size.bytes()));
                return;
            }
            _ if self.is_loaded(root) => return,
            _ => {}
        }
        let mut waiting = Waiting::with(root);
        let mut left = DEPTH_MAX;
        while let Some(id) = waiting.pop() {
            if left == 0 || self.is_loaded(id) {
                continue;
            }
            left = left.saturating_sub(1);
            match self.values.get(id) {
                Value::Const(_) | Value::WireLen | Value::Variable(_) | Value::Given(_) => continue,
                Value::Load(size, Offset { base: None, constant }) => {
                    self.has_bytes(constant.saturating_add(size.bytes()));
                    continue;
                }
                Value::IpHeaderLen(at) => {
                    self.has_bytes(at.saturating_add(1));
                    continue;
                }
                Value::Ancillary(_) => {}
                Value::Load(_, offset) => waiting.extend(offset.base),
                Value::Neg(operand) => waiting.extend([operand]),
                Value::Alu(_, one, other) => waiting.extend([one, other]),
            }
            if let Some(slot) = self.loaded.get_mut(id.index()) {
                *slot = true;
            }
            self.undo.push(Undo::Loaded(id));
        }
    }

    fn is_loaded(&self, value: ValueId) -> bool {
        self.loaded.get(value.index()) == Some(&true)
    }

    fn has_bytes(&mut self, length: u32) {
        if length > self.length {
            self.undo.push(Undo::Length(self.length));
            self.length = length;
        }
    }

    /// Whether computing both sides of a test cannot reject the packet any more.
    pub(super) fn cannot_fail(&self, test: &Test) -> bool {
        self.is_sure(test.left) && self.is_sure(test.right)
    }

    fn is_sure(&self, root: ValueId) -> bool {
        match self.values.get(root) {
            Value::Const(_) | Value::WireLen | Value::Variable(_) | Value::Given(_) => return true,
            Value::Load(size, Offset { base: None, constant }) => {
                return constant.saturating_add(size.bytes()) <= self.length;
            }
            _ if self.is_loaded(root) => return true,
            Value::Load(..) | Value::Ancillary(_) => return false,
            _ => {}
        }
        let mut waiting = Waiting::with(root);
        for _ in 0..DEPTH_MAX {
            let Some(id) = waiting.pop() else { return true };
            if self.is_loaded(id) {
                continue;
            }
            match self.values.get(id) {
                Value::Const(_) | Value::WireLen | Value::Variable(_) | Value::Given(_) => {}
                Value::Load(size, Offset { base: None, constant }) => {
                    if constant.saturating_add(size.bytes()) > self.length {
                        return false;
                    }
                }
                Value::IpHeaderLen(at) => {
                    if at >= self.length {
                        return false;
                    }
                }
                Value::Load(..) | Value::Ancillary(_) => return false,
                Value::Neg(operand) => waiting.extend([operand]),
                Value::Alu(AluOp::Div | AluOp::Mod, _, right)
                    if !matches!(self.values.get(right), Value::Const(1..)) =>
                {
                    return false;
                }
                Value::Alu(_, left, right) => waiting.extend([left, right]),
            }
        }
        waiting.is_empty()
    }

    /// Learns the outcome of the test of a node.
    pub(super) fn learn(&mut self, id: NodeId, test: &Test, holds: bool) {
        self.evaluated(test);
        let name = self.tests.get(id);
        if let Some(slot @ None) = self.outcomes.get_mut(name.0 as usize) {
            *slot = Some(holds);
            self.undo.push(Undo::Outcome(name));
        }
        let Value::Const(number) = self.values.get(test.right) else { return };
        let before = self.pieces(test.left);
        let pieces = before.only(test.cond, number, holds);
        self.is_one_of(test.left, &before, pieces);
        self.learn_bits(test, number, holds);
    }

    fn learn_bits(&mut self, test: &Test, number: u32, holds: bool) {
        // Of a whole value the number is known, that is enough.
        if test.cond != Cond::Set && !matches!(self.values.get(test.left), Value::Alu(AluOp::And, ..)) {
            return;
        }
        let Some(test) = BitTest::of(self.values, test.cond, test.left, number) else { return };
        let before = self.bits.get(test.value).copied().unwrap_or_default();
        let bits = before.behind(&test, holds);
        if bits != before {
            self.bits.push(test.value, bits);
            self.undo.push(Undo::Bits);
        }
    }

    /// The outcome of a test of bits, if it is known.
    fn decide_bits(&self, test: &Test, number: u32) -> Option<bool> {
        let test = BitTest::of(self.values, test.cond, test.left, number)?;
        self.bits.get(test.value)?.decide(&test)
    }

    /// Learns that a value is one of some numbers, beyond what these were before.
    pub(super) fn is_one_of(&mut self, value: ValueId, before: &Pieces, pieces: Pieces) {
        // What cannot be is no knowledge: no packet comes here.
        if pieces.is_empty() || pieces == *before {
            return;
        }
        self.numbers.push(value, pieces);
        self.undo.push(Undo::Numbers);
    }

    /// The numbers that a value can be.
    pub(super) fn pieces(&self, value: ValueId) -> Pieces {
        self.learnt(value).unwrap_or_else(|| Pieces::range(0, self.most(value)))
    }

    /// The numbers that a value can be, if anything was learnt about them.
    pub(super) fn learnt(&self, value: ValueId) -> Option<Pieces> {
        self.numbers.get(value).copied()
    }

    /// The largest number that a value can be at all.
    fn most(&self, value: ValueId) -> u32 {
        match self.values.get(value) {
            Value::Const(number) => number,
            Value::Load(Size::Byte, _) => 0xff,
            Value::Load(Size::Half, _) => 0xffff,
            Value::IpHeaderLen(_) => 60,
            Value::Alu(AluOp::And, left, right) => {
                let most = |id| match self.values.get(id) {
                    Value::Const(number) => number,
                    Value::Load(Size::Byte, _) => 0xff,
                    Value::Load(Size::Half, _) => 0xffff,
                    _ => u32::MAX,
                };
                most(left).min(most(right))
            }
            _ => u32::MAX,
        }
    }

    /// The outcome of the test of a node, if it is known.
    pub(super) fn decide(&self, id: NodeId, test: &Test) -> Option<bool> {
        if let Some(holds) = self.outcomes.get(self.tests.get(id).0 as usize).copied().flatten() {
            return Some(holds);
        }
        let right = self.number(test.right, DEPTH_MAX)?;
        if let Some(left) = self.number(test.left, DEPTH_MAX) {
            return Some(match test.cond {
                Cond::Eq => left == right,
                Cond::Gt => left > right,
                Cond::Ge => left >= right,
                Cond::Set => left & right != 0,
            });
        }
        let pieces = self.pieces(test.left);
        let (may_hold, may_fail) = pieces.outcomes(test.cond, right);
        if !may_fail {
            Some(true)
        } else if !may_hold || (test.cond == Cond::Set && right & possible_bits(pieces.most()) == 0) {
            Some(false)
        } else {
            self.decide_bits(test, right)
        }
    }

    /// A value that can only be one number.
    fn number(&self, value: ValueId, depth: usize) -> Option<u32> {
        let depth = depth.checked_sub(1)?;
        if let Some(number) = self.learnt(value).and_then(|pieces| pieces.single()) {
            return Some(number);
        }
        match self.values.get(value) {
            Value::Const(number) => Some(number),
            Value::Neg(operand) => self.number(operand, depth).map(u32::wrapping_neg),
            Value::Alu(op, left, right) => {
                // The right side first: mostly a constant, so that a long chain ends at once where it is not.
                let right = self.number(right, depth)?;
                computed(op, self.number(left, depth)?, right)
            }
            Value::WireLen
            | Value::Ancillary(_)
            | Value::Load(..)
            | Value::IpHeaderLen(_)
            | Value::Variable(_)
            | Value::Given(_) => None,
        }
    }
}

/// All bits that a number of at most this size can have.
fn possible_bits(most: u32) -> u32 {
    u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0)
}

/// Values that are still to be looked at. Each of those that are looked at adds one more than it takes, at most.
struct Waiting {
    values: [ValueId; DEPTH_MAX + 1],
    len: usize,
}

impl Waiting {
    fn with(root: ValueId) -> Self {
        Self { values: [root; DEPTH_MAX + 1], len: 1 }
    }

    fn pop(&mut self) -> Option<ValueId> {
        self.len = self.len.checked_sub(1)?;
        self.values.get(self.len).copied()
    }

    fn extend(&mut self, values: impl IntoIterator<Item = ValueId>) {
        for value in values {
            if let Some(slot) = self.values.get_mut(self.len) {
                *slot = value;
                self.len = self.len.saturating_add(1);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.len == 0
    }
}
