//! Which node every way to a node goes through last.
//!
//! For a graph without cycles one walk is enough: the dominator of a node is the common ancestor, in the tree so far, of all
//! that lead to it. Ancestors are found by jump pointers (Myers, 1983), so that long lists stay cheap.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId};

/// The tree of dominators of the nodes that a packet can come to.
pub(super) struct Dominators {
    /// In order: what leads before what it leads to.
    pub(super) order: Vec<NodeId>,
    parent: Vec<Option<NodeId>>,
    depth: Vec<u32>,
    jump: Vec<NodeId>,
    /// The only edge to a node: from where, and by which leg of a branch.
    only_edge: Vec<Edges>,
}

/// The edges that lead to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    None,
    One(NodeId, bool),
    Many,
}

impl Dominators {
    pub(super) fn of(graph: &Graph) -> Self {
        let count = graph.len();
        let entry = graph.entry();
        let mut tree = Self {
            order: Vec::new(),
            parent: vec![None; count],
            depth: vec![0; count],
            jump: vec![entry; count],
            only_edge: vec![Edges::None; count],
        };
        let mut reached = vec![false; count];
        if let Some(slot) = reached.get_mut(entry.index()) {
            *slot = true;
        }
        for id in graph.ids().rev() {
            if reached.get(id.index()) != Some(&true) {
                continue;
            }
            tree.order.push(id);
            tree.link(id);
            let node = graph.node(id);
            for (target, leg) in node.edges() {
                if let Some(slot) = reached.get_mut(target.index()) {
                    *slot = true;
                }
                tree.lead(id, target, leg, matches!(node, Node::Branch { .. }));
            }
        }
        tree
    }

    /// The last node that all ways to this one go through; `None` for the entry.
    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.parent.get(id.index()).copied().flatten()
    }

    /// The branch and its leg, if only one edge leads to a node.
    pub(super) fn only_edge(&self, id: NodeId) -> Option<(NodeId, bool)> {
        match self.only_edge.get(id.index()) {
            Some(Edges::One(from, leg)) => Some((*from, *leg)),
            _ => None,
        }
    }

    /// The children of each node in the tree, as ranges into one list.
    pub(super) fn children(&self) -> Children {
        let count = self.parent.len();
        let mut starts = vec![0_usize; count.saturating_add(1)];
        for id in &self.order {
            if let Some(slot) =
                self.parent(*id).and_then(|parent| starts.get_mut(parent.index().saturating_add(1)))
            {
                *slot = slot.saturating_add(1);
            }
        }
        let mut sum: usize = 0;
        for slot in &mut starts {
            sum = sum.saturating_add(*slot);
            *slot = sum;
        }
        let mut next = starts.clone();
        let mut list = vec![None; sum];
        for id in &self.order {
            let Some(parent) = self.parent(*id) else { continue };
            if let Some(at) = next.get_mut(parent.index()) {
                if let Some(slot) = list.get_mut(*at) {
                    *slot = Some(*id);
                }
                *at = at.saturating_add(1);
            }
        }
        Children { starts, list }
    }

    /// `from` leads to `target`.
    fn lead(&mut self, from: NodeId, target: NodeId, leg: bool, is_branch: bool) {
        let at = target.index();
        let parent = match self.parent(target) {
            None => from,
            Some(other) => self.common(other, from),
        };
        if let Some(slot) = self.parent.get_mut(at) {
            *slot = Some(parent);
        }
        if let Some(slot) = self.only_edge.get_mut(at) {
            *slot = match *slot {
                Edges::None if is_branch => Edges::One(from, leg),
                _ => Edges::Many,
            };
        }
    }

    /// All that lead to a node are known: it gets its place in the tree.
    fn link(&mut self, id: NodeId) {
        let Some(parent) = self.parent(id) else { return };
        let jump = self.jump_of(parent);
        let far = self.jump_of(jump);
        let is_even = self.depth_of(parent).wrapping_sub(self.depth_of(jump))
            == self.depth_of(jump).wrapping_sub(self.depth_of(far));
        let depth = self.depth_of(parent).saturating_add(1);
        if let Some(slot) = self.depth.get_mut(id.index()) {
            *slot = depth;
        }
        if let Some(slot) = self.jump.get_mut(id.index()) {
            *slot = if is_even { far } else { parent };
        }
    }

    fn jump_of(&self, id: NodeId) -> NodeId {
        self.jump.get(id.index()).copied().unwrap_or(id)
    }

    fn depth_of(&self, id: NodeId) -> u32 {
        self.depth.get(id.index()).copied().unwrap_or_default()
    }

    fn common(&self, one: NodeId, other: NodeId) -> NodeId {
        let (mut deep, mut flat) = (one, other);
        if self.depth_of(deep) < self.depth_of(flat) {
            core::mem::swap(&mut deep, &mut flat);
        }
        let level = self.depth_of(flat);
        while self.depth_of(deep) > level {
            let jump = self.jump_of(deep);
            deep = if self.depth_of(jump) >= level { jump } else { self.parent(deep).unwrap_or(jump) };
        }
        while deep != flat {
            let (one, other) = (self.jump_of(deep), self.jump_of(flat));
            (deep, flat) = if one == other {
                (self.parent(deep).unwrap_or(one), self.parent(flat).unwrap_or(other))
            } else {
                (one, other)
            };
        }
        deep
    }
}

/// The children of nodes in a tree.
pub(super) struct Children {
    starts: Vec<usize>,
    list: Vec<Option<NodeId>>,
}

impl Children {
    pub(super) fn of(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + '_ {
        let start = self.starts.get(id.index()).copied().unwrap_or_default();
        let end = self.starts.get(id.index().saturating_add(1)).copied().unwrap_or_default();
        self.list.get(start..end).unwrap_or_default().iter().copied().flatten()
    }
}
