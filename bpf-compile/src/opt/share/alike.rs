//! Which parts of a graph are alike.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use crate::graph::{AluOp, Cond, Graph, Node, NodeId, Offset, Size, Test, Value, ValueId, Values};
use crate::intern::Index;

/// Two parts that are alike.
pub(super) struct Match {
    /// Where the other part begins.
    pub(super) entry: NodeId,
    /// The nodes of the one and of the other.
    pub(super) pairs: BTreeMap<NodeId, NodeId>,
    /// The nodes of the one that test what is tested first, and what that is in the one and in the other, if it is to be in A.
    pub(super) in_a: BTreeSet<NodeId>,
    pub(super) a: Option<(ValueId, ValueId)>,
    /// The nodes of the one that read elsewhere than those of the other.
    pub(super) at_x: BTreeSet<NodeId>,
    pub(super) base: Option<ValueId>,
    pub(super) other_base: Option<ValueId>,
    /// By how much more is added to the base in the other.
    pub(super) shift: i64,
}

/// Nodes with the same number below them and in them make the same tests, but perhaps of other places.
pub(super) struct Shapes {
    of: Vec<Option<u32>>,
    /// For each node the one before it that has its shape.
    before: Vec<Option<NodeId>>,
}

/// What is the same in nodes of one shape.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shape {
    /// Only itself.
    Node(NodeId),
    Branch(Cond, Left, ValueId, u32, u32),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Left {
    Value(ValueId),
    Load,
}

impl Shapes {
    pub(super) fn of(graph: &Graph, values: &Values) -> Self {
        let reached = reached(graph);
        let mut known = Index::with_room(graph.len());
        let mut all: Vec<Shape> = Vec::new();
        // For each shape the last node that has it.
        let mut last: Vec<NodeId> = Vec::new();
        let mut shapes = Self { of: vec![None; graph.len()], before: vec![None; graph.len()] };
        for id in graph.ids() {
            if reached.get(id.index()) != Some(&true) {
                continue;
            }
            let shape = match graph.node(id) {
                Node::Branch { test, yes, no } => match (shapes.number(yes), shapes.number(no)) {
                    (Some(yes), Some(no)) => {
                        let left = match load(values, test.left) {
                            Some(_) => Left::Load,
                            None => Left::Value(test.left),
                        };
                        Shape::Branch(test.cond, left, test.right, yes, no)
                    }
                    _ => Shape::Node(id),
                },
                _ => Shape::Node(id),
            };
            let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
            let number =
                known.number(shape, next, |number| all.get(number as usize).copied().unwrap_or(shape));
            if number == next {
                all.push(shape);
                last.push(id);
            } else if let (Some(last), Some(before)) =
                (last.get_mut(number as usize), shapes.before.get_mut(id.index()))
            {
                *before = Some(mem::replace(last, id));
            }
            if let Some(slot) = shapes.of.get_mut(id.index()) {
                *slot = Some(number);
            }
        }
        shapes
    }

    /// The nodes before this one that have its shape, the nearest first.
    pub(super) fn like(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let before = |id: NodeId| self.before.get(id.index()).copied().flatten();
        core::iter::successors(before(id), move |id| before(*id))
    }

    fn number(&self, id: NodeId) -> Option<u32> {
        self.of.get(id.index()).copied().flatten()
    }
}

pub(super) fn reached(graph: &Graph) -> Vec<bool> {
    let mut reached = vec![false; graph.len()];
    if let Some(slot) = reached.get_mut(graph.entry().index()) {
        *slot = true;
    }
    for id in graph.ids().rev() {
        if reached.get(id.index()) != Some(&true) {
            continue;
        }
        for (target, _) in graph.node(id).edges() {
            if let Some(slot) = reached.get_mut(target.index()) {
                *slot = true;
            }
        }
    }
    reached
}

/// For each node whether all that leads to it tests the value that it tests.
pub(super) fn nodes_after_same(graph: &Graph) -> Vec<bool> {
    let reached = reached(graph);
    let mut after: Vec<Option<bool>> = vec![None; graph.len()];
    for id in graph.ids().filter(|id| reached.get(id.index()) == Some(&true)) {
        let node = graph.node(id);
        for (target, _) in node.edges() {
            let is_same = match (node, graph.node(target)) {
                (Node::Branch { test, .. }, Node::Branch { test: next, .. }) => test.left == next.left,
                _ => false,
            };
            if let Some(slot) = after.get_mut(target.index()) {
                *slot = Some(is_same && slot.unwrap_or(true));
            }
        }
    }
    after.into_iter().map(|same| same == Some(true)).collect()
}

/// A load, maybe under a mask.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) size: Size,
    pub(super) at: Offset,
    pub(super) mask: Option<ValueId>,
}

pub(super) fn load(values: &Values, value: ValueId) -> Option<Load> {
    match values.get(value) {
        Value::Load(size, at) => Some(Load { size, at, mask: None }),
        Value::Alu(AluOp::And, inner, mask) if matches!(values.get(mask), Value::Const(_)) => {
            match values.get(inner) {
                Value::Load(size, at) => Some(Load { size, at, mask: Some(mask) }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether computing a value leaves X alone.
pub(super) fn spares_x(values: &Values, value: ValueId) -> bool {
    match values.get(value) {
        Value::Const(_) | Value::WireLen | Value::Ancillary(_) => true,
        _ => load(values, value).is_some_and(|load| load.at.base.is_none()),
    }
}

/// Compares two parts. With `a_first`, what they test first may lie elsewhere than the rest; without `may_move`, nothing else.
pub(super) fn compare(
    graph: &Graph,
    values: &Values,
    (one, other): (NodeId, NodeId),
    (a_first, may_move): (bool, bool),
    work: &mut usize,
) -> Option<Match> {
    let (Node::Branch { test: first, .. }, Node::Branch { test: second, .. }) =
        (graph.node(one), graph.node(other))
    else {
        return None;
    };
    let mut moved: Option<(Option<ValueId>, Option<ValueId>, i64)> = None;
    let mut result = Match {
        entry: other,
        pairs: BTreeMap::new(),
        in_a: BTreeSet::new(),
        a: a_first.then_some((first.left, second.left)),
        at_x: BTreeSet::new(),
        base: None,
        other_base: None,
        shift: 0,
    };
    let mut seen: BTreeMap<NodeId, (NodeId, bool)> = BTreeMap::new();
    let mut partners: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut waiting = vec![(one, other, a_first)];
    while let Some((one, other, in_a)) = waiting.pop() {
        *work = work.checked_sub(1)?;
        if one == other {
            continue;
        }
        if let Some(known) = seen.get(&one) {
            if *known != (other, in_a) {
                return None;
            }
            continue;
        }
        if partners.insert(other, one).is_some() {
            return None;
        }
        seen.insert(one, (other, in_a));
        result.pairs.insert(one, other);
        let (Node::Branch { test, yes, no }, Node::Branch { test: theirs, yes: their_yes, no: their_no }) =
            (graph.node(one), graph.node(other))
        else {
            return None;
        };
        if test.cond != theirs.cond || test.right != theirs.right || !is_constant(values, &test) {
            return None;
        }
        let still_in_a = in_a && (test.left, theirs.left) == (first.left, second.left);
        if still_in_a {
            result.in_a.insert(one);
        } else if test.left != theirs.left {
            if !may_move {
                return None;
            }
            let (ours, theirs) = (load(values, test.left)?, load(values, theirs.left)?);
            let shift = i64::from(theirs.at.constant).checked_sub(i64::from(ours.at.constant))?;
            let is_same_load = (ours.size, ours.mask) == (theirs.size, theirs.mask);
            let way = (ours.at.base, theirs.at.base, shift);
            if !is_same_load || *moved.get_or_insert(way) != way {
                return None;
            }
            result.at_x.insert(one);
        } else if !spares_x(values, test.left) {
            return None;
        }
        waiting.push((yes, their_yes, still_in_a));
        waiting.push((no, their_no, still_in_a));
    }
    (result.base, result.other_base, result.shift) = moved.unwrap_or_default();
    is_in_order(values, &result, (&first, &second)).then_some(result)
}

fn is_constant(values: &Values, test: &Test) -> bool {
    matches!(values.get(test.right), Value::Const(_))
}

/// Whether X may be computed before the first test: either that needs it, or it cannot reject the packet.
fn is_in_order(values: &Values, found: &Match, (first, second): (&Test, &Test)) -> bool {
    let is_needed = |base: Option<ValueId>, test: &Test| {
        let Some(base) = base else { return true };
        load(values, test.left).is_some_and(|load| match (load.at.base, values.get(base)) {
            (Some(same), _) => same == base,
            // The first byte of the header is there if a later one is.
            (None, Value::IpHeaderLen(at)) => load.at.constant.saturating_add(load.size.bytes()) > at,
            (None, _) => false,
        })
    };
    found.at_x.is_empty() || (is_needed(found.base, first) && is_needed(found.other_base, second))
}
