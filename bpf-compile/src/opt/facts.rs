//! What is known of a packet on the way to a place in the graph: from the tests that it passed.
//!
//! Facts are pushed on the way down the tree of dominators and taken back on the way up, so that each costs its own insertion.
//! A fact of a value that depends on a variable counts only where no store of that variable can come any more.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Offset, Size, Test, Value, ValueId, Values};
use crate::span::Span;

use super::fold::computed;
use super::pieces::Pieces;

/// Values of a subtree that are looked through; deeper ones are not known.
const DEPTH_MAX: usize = 24;

/// The numbers that a value can be, and the words that say so.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Known {
    pieces: Pieces,
    origin: Span,
}

/// What was changed, to be taken back.
enum Undo {
    Numbers(ValueId, Option<Known>),
    Test(Key),
    Loaded(ValueId),
    Length(u32),
}

/// A test whose outcome is known.
type Key = (u8, ValueId, ValueId);

pub(super) struct Facts<'v> {
    values: &'v Values,
    /// For each value the variables it depends on, by bits.
    variables: Vec<u32>,
    numbers: BTreeMap<ValueId, Known>,
    tests: BTreeMap<Key, (bool, Span)>,
    loaded: BTreeMap<ValueId, ()>,
    /// The packet has at least so many bytes.
    length: u32,
    undo: Vec<Undo>,
}

/// A decision, and the words it comes of; none if it comes of constants.
#[derive(Clone, Copy)]
pub(super) struct Decided {
    pub(super) holds: bool,
    pub(super) origin: Option<Span>,
}

impl<'v> Facts<'v> {
    pub(super) fn new(values: &'v Values) -> Self {
        Self {
            values,
            variables: values.dependencies(),
            numbers: BTreeMap::new(),
            tests: BTreeMap::new(),
            loaded: BTreeMap::new(),
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
                Some(Undo::Numbers(value, Some(known))) => {
                    self.numbers.insert(value, known);
                }
                Some(Undo::Numbers(value, None)) => {
                    self.numbers.remove(&value);
                }
                Some(Undo::Test(key)) => {
                    self.tests.remove(&key);
                }
                Some(Undo::Loaded(value)) => {
                    self.loaded.remove(&value);
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
        let mut waiting = vec![root];
        let mut left = DEPTH_MAX;
        while let Some(id) = waiting.pop() {
            if left == 0 || self.loaded.contains_key(&id) {
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
                Value::Neg(operand) => waiting.push(operand),
                Value::Alu(_, one, other) => waiting.extend([one, other]),
            }
            self.loaded.insert(id, ());
            self.undo.push(Undo::Loaded(id));
        }
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
        let mut waiting = vec![root];
        for _ in 0..DEPTH_MAX {
            let Some(id) = waiting.pop() else { return true };
            if self.loaded.contains_key(&id) {
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
                Value::Neg(operand) => waiting.push(operand),
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

    /// Learns the outcome of a test.
    pub(super) fn learn(&mut self, test: &Test, holds: bool) {
        self.evaluated(test);
        let key = (test.cond as u8, test.left, test.right);
        if let alloc::collections::btree_map::Entry::Vacant(slot) = self.tests.entry(key) {
            slot.insert((holds, test.origin));
            self.undo.push(Undo::Test(key));
        }
        let Value::Const(number) = self.values.get(test.right) else { return };
        let pieces = self.pieces(test.left).only(test.cond, number, holds);
        self.is_one_of(test.left, pieces, test.origin);
    }

    /// Learns that a value is one of some numbers.
    pub(super) fn is_one_of(&mut self, value: ValueId, pieces: Pieces, origin: Span) {
        // What cannot be is no knowledge: no packet comes here.
        if pieces.is_empty() || pieces == self.pieces(value) {
            return;
        }
        let before = self.numbers.insert(value, Known { pieces, origin });
        self.undo.push(Undo::Numbers(value, before));
    }

    /// The numbers that a value can be.
    pub(super) fn pieces(&self, value: ValueId) -> Pieces {
        match self.numbers.get(&value) {
            Some(known) => known.pieces,
            None => Pieces::range(0, self.most(value)),
        }
    }

    /// Whether anything was learnt about the numbers that a value can be.
    pub(super) fn knows(&self, value: ValueId) -> bool {
        self.numbers.contains_key(&value)
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

    /// The outcome of a test, if it is known.
    pub(super) fn decide(&self, test: &Test) -> Option<Decided> {
        let key = (test.cond as u8, test.left, test.right);
        if let Some(&(holds, origin)) = self.tests.get(&key) {
            return Some(Decided { holds, origin: Some(origin) });
        }
        let (right, of_right) = self.known(test.right, DEPTH_MAX)?;
        if let Some((left, of_left)) = self.known(test.left, DEPTH_MAX) {
            let holds = match test.cond {
                Cond::Eq => left == right,
                Cond::Gt => left > right,
                Cond::Ge => left >= right,
                Cond::Set => left & right != 0,
            };
            return Some(Decided { holds, origin: of_left.or(of_right) });
        }
        let known = self.numbers.get(&test.left);
        let origin = known.map(|known| known.origin).or(of_right);
        let pieces = self.pieces(test.left);
        let holds = if pieces.only(test.cond, right, false).is_empty() {
            true
        } else if pieces.only(test.cond, right, true).is_empty()
            || (test.cond == Cond::Set && right & possible_bits(pieces.most()) == 0)
        {
            false
        } else {
            return None;
        };
        Some(Decided { holds, origin })
    }

    /// A value that can only be one number.
    fn known(&self, value: ValueId, depth: usize) -> Option<(u32, Option<Span>)> {
        let depth = depth.checked_sub(1)?;
        if let Some(known) = self.numbers.get(&value)
            && let Some(number) = known.pieces.single()
        {
            return Some((number, Some(known.origin)));
        }
        match self.values.get(value) {
            Value::Const(number) => Some((number, None)),
            Value::Neg(operand) => {
                let (number, origin) = self.known(operand, depth)?;
                Some((number.wrapping_neg(), origin))
            }
            Value::Alu(op, left, right) => {
                // The right side first: mostly a constant, so that a long chain ends at once where it is not.
                let (right, of_right) = self.known(right, depth)?;
                let (left, of_left) = self.known(left, depth)?;
                Some((computed(op, left, right)?, of_left.or(of_right)))
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
