//! What the edges to a node have in common: all come from tests of one value, which is one of a few numbers then.
//!
//! ```text
//!   dst == 22 ─yes─┐
//!                  ├─▶ here dst is 22 or 80
//!   dst == 80 ─yes─┘
//! ```

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Value, ValueId, Values};

use super::dominators::Dominators;
use super::pieces::Pieces;

/// For each node what its edges say, as far as packets take them.
pub(super) struct Joined {
    nodes: Vec<Edges>,
    /// Of nodes to which several edges lead.
    sets: Vec<Set>,
}

/// The edges to a node.
#[derive(Clone, Copy)]
enum Edges {
    /// No edge was seen.
    Nothing,
    /// One, that says this.
    One(Said),
    /// Several: this of the sets.
    Several(usize),
    Different,
}

/// The outcome of a test with a number, on one edge.
#[derive(Clone, Copy)]
pub(super) struct Said {
    pub(super) value: ValueId,
    cond: Cond,
    number: u32,
    holds: bool,
}

/// The numbers that a value can be.
#[derive(Clone, Copy)]
struct Set {
    value: ValueId,
    pieces: Pieces,
}

/// What is said of a value at a node.
pub(super) enum AtNode<'j> {
    Nothing,
    Outcome(Said),
    Numbers(ValueId, &'j Pieces),
}

impl Joined {
    pub(super) fn of(graph: &Graph, values: &Values, tree: &Dominators) -> Self {
        let mut joined = Self { nodes: vec![Edges::Nothing; graph.len()], sets: Vec::new() };
        for &id in &tree.order {
            let node = graph.node(id);
            for (target, holds) in node.edges() {
                joined.add(target, said(node, values, holds));
            }
        }
        joined
    }

    pub(super) fn at(&self, id: NodeId) -> AtNode<'_> {
        match self.nodes.get(id.index()) {
            Some(Edges::One(said)) => AtNode::Outcome(*said),
            Some(Edges::Several(at)) => {
                self.sets.get(*at).map_or(AtNode::Nothing, |set| AtNode::Numbers(set.value, &set.pieces))
            }
            _ => AtNode::Nothing,
        }
    }

    fn add(&mut self, target: NodeId, said: Option<Said>) {
        let Some(edges) = self.nodes.get_mut(target.index()) else { return };
        let Some(said) = said else {
            *edges = Edges::Different;
            return;
        };
        match *edges {
            Edges::Nothing => *edges = Edges::One(said),
            Edges::One(first) if first.value == said.value => {
                let pieces = first.numbers().union(&said.numbers());
                *edges = Edges::Several(self.sets.len());
                self.sets.push(Set { value: first.value, pieces });
            }
            Edges::Several(at) => match self.sets.get_mut(at) {
                Some(set) if set.value == said.value => set.pieces = set.pieces.union(&said.numbers()),
                _ => *edges = Edges::Different,
            },
            Edges::One(_) | Edges::Different => *edges = Edges::Different,
        }
    }
}

impl Said {
    /// The numbers that the value can be.
    fn numbers(&self) -> Pieces {
        Pieces::range(0, u32::MAX).only(self.cond, self.number, self.holds)
    }

    /// Those of some numbers that it can be; none if it can be all of them.
    pub(super) fn some_of(&self, numbers: &Pieces) -> Option<Pieces> {
        let (may_hold, may_fail) = numbers.outcomes(self.cond, self.number);
        let may_be_otherwise = if self.holds { may_fail } else { may_hold };
        may_be_otherwise.then(|| numbers.intersection(&self.numbers()))
    }
}

fn said(node: Node, values: &Values, holds: bool) -> Option<Said> {
    match node {
        Node::Branch { test, yes, no } if yes != no => match values.get(test.right) {
            Value::Const(number) => Some(Said { value: test.left, cond: test.cond, number, holds }),
            _ => None,
        },
        _ => None,
    }
}
