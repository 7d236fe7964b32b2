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
    places: Vec<Place>,
}

/// A node in the tree.
#[derive(Clone, Copy)]
struct Place {
    is_reached: bool,
    depth: u32,
    parent: Option<NodeId>,
    jump: NodeId,
    only_edge: Edges,
    /// The last of its children.
    child: Option<NodeId>,
    /// The child of its parent before it.
    sibling: Option<NodeId>,
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
        let entry = graph.entry();
        let nowhere = Place {
            is_reached: false,
            depth: 0,
            parent: None,
            jump: entry,
            only_edge: Edges::None,
            child: None,
            sibling: None,
        };
        let mut tree = Self { order: Vec::with_capacity(graph.len()), places: vec![nowhere; graph.len()] };
        if let Some(place) = tree.places.get_mut(entry.index()) {
            place.is_reached = true;
        }
        for id in graph.ids().rev() {
            if !tree.places.get(id.index()).is_some_and(|place| place.is_reached) {
                continue;
            }
            tree.order.push(id);
            tree.link(id);
            let node = graph.node(id);
            for (target, leg) in node.edges() {
                tree.lead(id, target, leg, matches!(node, Node::Branch { .. }));
            }
        }
        tree
    }

    /// The last node that all ways to this one go through; `None` for the entry.
    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.places.get(id.index())?.parent
    }

    /// The branch and its leg, if only one edge leads to a node.
    pub(super) fn only_edge(&self, id: NodeId) -> Option<(NodeId, bool)> {
        match self.places.get(id.index())?.only_edge {
            Edges::One(from, leg) => Some((from, leg)),
            _ => None,
        }
    }

    /// The children of a node in the tree, the last one first.
    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let place = |id: NodeId| self.places.get(id.index());
        let last = place(id).and_then(|place| place.child);
        core::iter::successors(last, move |id| place(*id)?.sibling)
    }

    /// `from` leads to `target`.
    fn lead(&mut self, from: NodeId, target: NodeId, leg: bool, is_branch: bool) {
        let parent = match self.parent(target) {
            None => from,
            Some(other) => self.common(other, from),
        };
        if let Some(place) = self.places.get_mut(target.index()) {
            place.is_reached = true;
            place.parent = Some(parent);
            place.only_edge = match place.only_edge {
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
        let sibling = self.places.get_mut(parent.index()).and_then(|place| place.child.replace(id));
        if let Some(place) = self.places.get_mut(id.index()) {
            place.depth = depth;
            place.jump = if is_even { far } else { parent };
            place.sibling = sibling;
        }
    }

    fn jump_of(&self, id: NodeId) -> NodeId {
        self.places.get(id.index()).map_or(id, |place| place.jump)
    }

    fn depth_of(&self, id: NodeId) -> u32 {
        self.places.get(id.index()).map_or(0, |place| place.depth)
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
