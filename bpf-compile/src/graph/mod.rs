//! The predicate graph: decisions over values.
//!
//! ```text
//! tcp dst port 80 over IPv4               values (hash-consed, loads explicit)
//!
//!    ┌ v0 == 0x800 ┐                      v0 = ldh [12]
//!    │ yes      no └──────────┐           v1 = ldb [23]
//!    ▼                        │           v2 = ldh [20]
//!    v1 == 6 ── no ───────────┤           v3 = 4*([14]&0xf)
//!    ▼ yes                    │           v4 = ldh [v3 + 16]
//!    v2 & 0x1fff ── yes ──────┤
//!    ▼ no                     ▼
//!    v4 == 80 ─── no ──▶  verdict 0
//!    ▼ yes
//!  verdict n
//! ```
//!
//! Lengths of headers that a packet tells are stored in variables on the way; a value reads what was stored before it.
//!
//! A branch evaluates its values when it is reached. A load that is past the end of the captured bytes, or a
//! division by zero, rejects the packet there and then; so the order of branches is part of the meaning.
//!
//! Invariants:
//! - The graph has no cycle: a node is made after the nodes that it leads to, so targets have smaller ids. Only a walk goes back,
//!   and its node has no edge: [`Graph::head`] tells where to. Such graphs are not optimized.
//! - Values name only values with smaller ids.
//! - Nothing here recurses: graphs of any depth are built, walked and dropped in loops.

mod predicate;
mod print;
mod value;

pub use predicate::{Predicate, PredicateId, Predicates, Step, WalkId};
pub use print::Printed;
pub use value::{Offset, Register, Value, ValueId, Values, Variable};

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use bpf_core::{AluOp, Ancillary, Cond, Size};

use crate::span::Span;

/// Names a node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// The comparison; all are unsigned.
    pub cond: Cond,
    /// Left operand.
    pub left: ValueId,
    /// Right operand.
    pub right: ValueId,
    /// The words of the filter that ask for it.
    pub origin: Span,
}

/// A number that is put into a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    /// Where to.
    pub variable: Variable,
    /// The number.
    pub value: ValueId,
    /// The words of the filter that ask for it.
    pub origin: Span,
}

/// A number that shared code finds in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gift {
    /// Where it finds it.
    pub register: Register,
    /// The number.
    pub value: ValueId,
    /// The words of the filter that ask for it.
    pub origin: Span,
}

/// A place in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A decision.
    Branch {
        /// What is decided.
        test: Test,
        /// Where to go if it holds.
        yes: NodeId,
        /// Where to go if it does not.
        no: NodeId,
    },
    /// A store on the way.
    Store {
        /// What is stored.
        store: Store,
        /// Where to go then.
        next: NodeId,
    },
    /// A number that is put into a register on the way, for code that several ways share.
    Give {
        /// What is put where.
        gift: Gift,
        /// Where to go then.
        next: NodeId,
    },
    /// The end of a round of a walk: back to its head.
    Again(WalkId),
    /// The end: the snap length, 0 to reject.
    Verdict(u32),
}

/// Decisions from an entry to verdicts.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    entry: NodeId,
    /// For branches that several ways share what they test on each of them.
    originals: BTreeMap<NodeId, Vec<ValueId>>,
    /// Where walks begin.
    heads: BTreeMap<WalkId, NodeId>,
}

impl Graph {
    /// The graph that accepts, with `snap_len`, what `root` holds for.
    #[must_use]
    pub fn new(predicates: &Predicates, root: PredicateId, snap_len: u32) -> Self {
        let mut nodes = Vec::new();
        let reject = push(&mut nodes, Node::Verdict(0));
        let accept = push(&mut nodes, Node::Verdict(snap_len));
        let mut heads = BTreeMap::new();
        let node = |step| {
            let node = match step {
                Step::Branch(test, yes, no) => Node::Branch { test, yes, no },
                Step::Store(store, next) => Node::Store { store, next },
                Step::Again(walk) => Node::Again(walk),
            };
            push(&mut nodes, node)
        };
        let head = |walk, node| {
            heads.insert(walk, node);
        };
        let entry = predicates.lower(root, accept, reject, node, head);
        Self { nodes, entry, originals: BTreeMap::new(), heads }
    }

    /// A graph without nodes; its entry is set when it has one.
    pub(crate) fn empty() -> Self {
        Self { nodes: Vec::new(), entry: NodeId(0), originals: BTreeMap::new(), heads: BTreeMap::new() }
    }

    /// A node more, whose targets are there.
    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        push(&mut self.nodes, node)
    }

    /// Says what a branch that several ways share tests on each of them.
    pub(crate) fn set_originals(&mut self, id: NodeId, originals: Vec<ValueId>) {
        self.originals.insert(id, originals);
    }

    /// What a branch tests on each of the ways that share it, where that is not what it says.
    #[must_use]
    pub fn originals(&self, id: NodeId) -> &[ValueId] {
        self.originals.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Where a walk begins.
    #[must_use]
    pub fn head(&self, walk: WalkId) -> NodeId {
        self.heads.get(&walk).copied().unwrap_or(self.entry)
    }

    /// Where walks begin, in no order.
    pub fn heads(&self) -> impl Iterator<Item = NodeId> {
        self.heads.values().copied()
    }

    /// How many walks there are: packets may come to places inside of them more than once.
    #[must_use]
    pub fn walks(&self) -> u32 {
        index(self.heads.len())
    }

    /// Where every packet starts.
    #[must_use]
    pub fn entry(&self) -> NodeId {
        self.entry
    }

    /// A node.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the graph they are used on")]
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Changes a node; its targets must have smaller ids.
    pub(crate) fn set(&mut self, id: NodeId, node: Node) {
        debug_assert!(node.edges().all(|(target, _)| target < id), "targets come before what leads to them");
        if let Some(slot) = self.nodes.get_mut(id.index()) {
            *slot = node;
        }
    }

    /// Changes where packets start.
    pub(crate) fn set_entry(&mut self, entry: NodeId) {
        self.entry = entry;
    }

    /// Whether a packet can come to a verdict other than 0.
    #[must_use]
    pub fn accepts(&self) -> bool {
        let mut seen = alloc::vec![false; self.nodes.len()];
        let mut waiting = alloc::vec![self.entry];
        while let Some(id) = waiting.pop() {
            let Some(slot) = seen.get_mut(id.index()) else { continue };
            if core::mem::replace(slot, true) {
                continue;
            }
            let node = self.node(id);
            if matches!(node, Node::Verdict(1..)) {
                return true;
            }
            waiting.extend(node.edges().map(|(target, _)| target));
        }
        false
    }

    /// How many nodes there are, unreachable ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: there are always two verdicts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All ids, targets before the nodes that lead to them.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..index(self.nodes.len())).map(NodeId)
    }
}

impl Node {
    /// Where it leads: the targets, and for a branch whether its test holds there.
    pub fn edges(self) -> impl Iterator<Item = (NodeId, bool)> {
        let (one, other) = match self {
            Self::Branch { yes, no, .. } => (Some((yes, true)), Some((no, false))),
            Self::Store { next, .. } | Self::Give { next, .. } => (Some((next, true)), None),
            Self::Again(_) | Self::Verdict(_) => (None, None),
        };
        one.into_iter().chain(other)
    }

    /// The same with other targets.
    #[must_use]
    pub fn map_targets(self, mut target: impl FnMut(NodeId) -> NodeId) -> Self {
        match self {
            Self::Branch { test, yes, no } => Self::Branch { test, yes: target(yes), no: target(no) },
            Self::Store { store, next } => Self::Store { store, next: target(next) },
            Self::Give { gift, next } => Self::Give { gift, next: target(next) },
            Self::Again(_) | Self::Verdict(_) => self,
        }
    }
}

impl NodeId {
    /// For tables with one entry a node.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// For tables that keep it as a number.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The node of such a number.
    pub(crate) fn of_number(number: u32) -> Self {
        Self(number)
    }
}

fn push(nodes: &mut Vec<Node>, node: Node) -> NodeId {
    let id = NodeId(index(nodes.len()));
    nodes.push(node);
    id
}

/// Filter texts are limited to 16 MiB, and no byte of them makes 256 nodes.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
