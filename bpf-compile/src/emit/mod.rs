//! From the graph to instructions.
//!
//! ```text
//! nodes in falling order of ids (what leads before what it leads to)
//!
//!   │ values of branch 7 ... │ jeq ─┐ yes: falls, or jumps forward by at most 255
//!   │ [ja]  [ja]             │  ◀───┘ a leg that is too far goes through a jump of its own (or a copy of a verdict)
//!   │ values of branch 6 ... │
//!   │ ...                    │
//!   │ ret #snap_len          │
//!   │ ret #0                 │
//! ```
//!
//! What a node needs is selected first, from the entry on, for it depends on what the registers hold by then. Then the code is
//! laid out from its end, so that every distance is known when it is needed: two passes, linear.
//!
//! Invariant: jumps go forward only, since targets have smaller ids; but for those that end a round of a walk.

mod layout;
mod live;
mod machine;
mod select;
mod words;

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use bpf_core::{Insn, Operand, RawInsn};

use crate::graph::{Graph, Node, NodeId, Register, Value, Values};
use crate::span::Span;

use layout::Layout;
use machine::Machine;
use select::Selector;
pub use select::TooComplex;

/// Instructions, and what each is for.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The instructions.
    pub insns: Vec<RawInsn>,
    /// For each instruction the node that it was made for; a jump belongs to the node that it leads away from.
    pub nodes: Vec<NodeId>,
}

/// Instructions for a graph, and what each is for. With `reuse` a value that a register holds already is not computed again;
/// graphs with gifts need it.
///
/// # Errors
/// A value that cannot be computed with the registers and scratch words that there are.
pub fn emit(graph: &Graph, values: &Values, reuse: bool) -> Result<Emitted, TooComplex> {
    let bodies = Bodies::of(graph, values, reuse)?;
    let mut layout = Layout::new(graph.len(), values.variables() > 0);
    for id in graph.ids() {
        let Some(body) = bodies.of_node(id) else { continue };
        match graph.node(id) {
            Node::Verdict(_) => layout.place(id, body),
            Node::Again(walk) => layout.place_back(id, graph.head(walk)),
            Node::Store { next, .. } | Node::Give { next, .. } => layout.place_before(id, body, next),
            // It is only looked at: its loads may reject the packet.
            Node::Branch { yes, no, .. } if reuse && yes == no => layout.place_before(id, body, yes),
            Node::Branch { test, yes, no } => {
                let operand = match values.get(test.right) {
                    Value::Const(k) => Operand::K(k),
                    _ => Operand::X,
                };
                layout.place_branch(graph, id, body, (test.cond, operand), (yes, no));
            }
        }
    }
    let (mut insns, mut nodes) = layout.finish();
    // What was placed last comes first: the entry, for every other reachable node has a smaller id.
    insns.reverse();
    nodes.reverse();
    Ok(Emitted { insns, nodes })
}

/// The instructions of nodes, without jumps.
struct Bodies {
    code: Vec<Insn>,
    /// Where the code of a node begins, and ends; `None` for nodes that no packet comes to.
    ranges: Vec<Option<(usize, usize)>>,
}

impl Bodies {
    fn of(graph: &Graph, values: &Values, reuse: bool) -> Result<Self, TooComplex> {
        let dependencies = values.dependencies();
        let mut entries: Vec<Option<Machine>> = vec![None; graph.len()];
        if let Some(slot) = entries.get_mut(graph.entry().index()) {
            *slot = Some(if reuse { Machine::at_start(values) } else { Machine::default() });
        }
        let heads: BTreeSet<NodeId> = graph.heads().collect();
        let mut ranges = vec![None; graph.len()];
        let mut selector = Selector::new(values, reuse);
        // What leads comes before what it leads to.
        for id in graph.ids().rev() {
            let Some(entry) = entries.get_mut(id.index()).and_then(mem::take) else { continue };
            // What registers hold when a round begins is known for the first one only.
            selector.machine = if heads.contains(&id) { Machine::default() } else { entry };
            let start = selector.code.len();
            let node = graph.node(id);
            match node {
                Node::Again(_) => {}
                Node::Verdict(snap_len) => selector.code.push(Insn::RetK(snap_len)),
                Node::Store { store, .. } => {
                    selector.compute_into_a(store.value, store.origin)?;
                    selector.code.push(Insn::Store(select::word_of(store.variable)));
                    selector.machine.stored(values, &dependencies, store.variable, store.value);
                }
                Node::Give { gift, .. } => {
                    match gift.register {
                        Register::A => selector.compute_into_a(gift.value, gift.origin)?,
                        Register::X => selector.compute_into_x(gift.value, gift.origin)?,
                    }
                    selector.machine.given(&dependencies, gift.register);
                }
                Node::Branch { test, .. } => match values.get(test.right) {
                    Value::Const(_) => selector.compute_into_a(test.left, test.origin)?,
                    _ => selector.compute_both(test.left, test.right, test.origin)?,
                },
            }
            if let Some(slot) = ranges.get_mut(id.index()) {
                *slot = Some((start, selector.code.len()));
            }
            for (target, _) in node.edges() {
                if let Some(slot) = entries.get_mut(target.index()) {
                    *slot = Some(slot.map_or(selector.machine, |other| other.meet(selector.machine)));
                }
            }
        }
        let bodies = Self { code: selector.code, ranges };
        Ok(if reuse { bodies.without_dead(graph, values).without_words(graph, values) } else { bodies })
    }

    fn without_dead(self, graph: &Graph, values: &Values) -> Self {
        let needed = live::needed(graph, values, &self.code, &self.ranges).needed;
        self.only(&needed)
    }

    fn without_words(mut self, graph: &Graph, values: &Values) -> Self {
        // What registers hold at the head of a walk is not known here.
        if values.variables() == 0 || graph.walks() > 0 {
            return self;
        }
        let reads_x = live::needed(graph, values, &self.code, &self.ranges).reads_x;
        let stays = words::into_x(graph, &mut self.code, &self.ranges, &reads_x);
        self.only(&stays)
    }

    /// Only the instructions that are needed.
    fn only(mut self, needed: &[bool]) -> Self {
        // For each instruction how many are kept before it.
        let mut kept: usize = 0;
        let mut places = Vec::with_capacity(needed.len().saturating_add(1));
        for is_needed in needed {
            places.push(kept);
            kept = kept.saturating_add(usize::from(*is_needed));
        }
        places.push(kept);
        let place = |at: usize| places.get(at).copied().unwrap_or(kept);
        for (start, end) in self.ranges.iter_mut().flatten() {
            (*start, *end) = (place(*start), place(*end));
        }
        let mut needed = needed.iter();
        self.code.retain(|_| needed.next().copied().unwrap_or(true));
        self
    }

    fn of_node(&self, id: NodeId) -> Option<&[Insn]> {
        let (start, end) = self.ranges.get(id.index()).copied().flatten()?;
        self.code.get(start..end)
    }
}

/// A place for an error about a value.
type Origin = Span;
