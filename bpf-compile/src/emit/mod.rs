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
//! The code is laid out from its end, so that every distance is known when it is needed: one pass, linear.
//!
//! Invariant: jumps go forward only, since targets have smaller ids.

mod held;
mod select;

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use bpf_core::{Insn, Operand, RawInsn};

use crate::graph::{Graph, Node, NodeId, Value, Values};
use crate::span::Span;

use held::HeldInA;
pub use select::TooComplex;

/// The furthest that a conditional jump reaches.
const SHORT_JUMP_MAX: u32 = 255;

/// Instructions for a graph. With `keep` a value that A holds already is not computed again.
///
/// # Errors
/// A value that needs more scratch words than the machine has.
pub fn emit(graph: &Graph, values: &Values, keep: bool) -> Result<Vec<RawInsn>, TooComplex> {
    emit_with_nodes(graph, values, keep).map(|emitted| emitted.insns)
}

/// Instructions, and what each is for.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The instructions.
    pub insns: Vec<RawInsn>,
    /// For each instruction the node that it was made for; a jump belongs to the node that it leads away from.
    pub nodes: Vec<NodeId>,
}

/// Instructions for a graph, and what each is for.
///
/// # Errors
/// As [`emit`].
pub fn emit_with_nodes(graph: &Graph, values: &Values, keep: bool) -> Result<Emitted, TooComplex> {
    let held = if keep { HeldInA::of(graph) } else { HeldInA::nothing(graph) };
    let costs = select::scratch_needs(values);
    let reachable = reachable(graph);
    let mut layout = Layout { reversed: Vec::new(), nodes: Vec::new(), starts: vec![None; graph.len()] };
    for id in graph.ids() {
        if reachable.get(id.index()).copied() != Some(true) {
            continue;
        }
        match graph.node(id) {
            Node::Verdict(snap_len) => layout.place(id, &[Insn::RetK(snap_len)]),
            Node::Store { store, next } => {
                let mut code = Vec::new();
                if held.at(id) != Some(store.value) {
                    select::into_a(values, &costs, store.value, store.origin, &mut code)?;
                }
                code.push(Insn::Store(select::word_of(store.variable)));
                let distance = layout.len().saturating_sub(layout.start(next));
                if distance > 0 {
                    code.push(Insn::Jump(distance));
                }
                layout.place(id, &code);
            }
            Node::Branch { test, yes, no } => {
                let mut code = Vec::new();
                let operand = match values.get(test.right) {
                    Value::Const(k) if held.at(id) == Some(test.left) => Operand::K(k),
                    Value::Const(k) => {
                        select::into_a(values, &costs, test.left, test.origin, &mut code)?;
                        Operand::K(k)
                    }
                    _ => {
                        select::into_a_and_x(values, &costs, test.left, test.right, test.origin, &mut code)?;
                        Operand::X
                    }
                };
                let (far_yes, far_no) = layout.far_legs(yes, no);
                // Behind the branch: first the way to `yes`, then the way to `no`.
                if far_no {
                    layout.place_detour(graph, id, no);
                }
                let no_at = layout.len();
                if far_yes {
                    layout.place_detour(graph, id, yes);
                }
                let yes_at = layout.len();
                let here = layout.len();
                let skip = |far: bool, at: u32, target| {
                    let start = if far { at } else { layout.start(target) };
                    // Both are counted from the end; a leg that is not far fits.
                    u8::try_from(here.wrapping_sub(start)).unwrap_or(u8::MAX)
                };
                let (jt, jf) = (skip(far_yes, yes_at, yes), skip(far_no, no_at, no));
                code.push(Insn::Branch { cond: test.cond, operand, jt, jf });
                layout.place(id, &code);
            }
        }
    }
    let Layout { reversed: mut insns, mut nodes, .. } = layout;
    // What was placed last comes first: the entry, for every other reachable node has a smaller id.
    insns.reverse();
    nodes.reverse();
    Ok(Emitted { insns, nodes })
}

/// The code from its end towards its start.
struct Layout {
    reversed: Vec<RawInsn>,
    /// What each is for.
    nodes: Vec<NodeId>,
    /// Where a node starts, counted from the end.
    starts: Vec<Option<u32>>,
}

impl Layout {
    fn len(&self) -> u32 {
        u32::try_from(self.reversed.len()).unwrap_or(u32::MAX)
    }

    fn place(&mut self, id: NodeId, code: &[Insn]) {
        self.reversed.extend(code.iter().rev().map(|insn| insn.encode()));
        self.nodes.resize(self.reversed.len(), id);
        let start = self.len();
        if let Some(slot) = self.starts.get_mut(id.index()) {
            *slot = Some(start);
        }
    }

    fn start(&self, id: NodeId) -> u32 {
        self.starts.get(id.index()).copied().flatten().unwrap_or_default()
    }

    /// Which legs of a branch that is placed now need a detour. A detour of one leg moves the branch away from the
    /// other target by one, and may thereby make it far.
    fn far_legs(&self, yes: NodeId, no: NodeId) -> (bool, bool) {
        let far =
            |id, detours| self.len().saturating_add(detours).saturating_sub(self.start(id)) > SHORT_JUMP_MAX;
        match (far(yes, 0), far(no, 0)) {
            (true, false) => (true, far(no, 1)),
            (false, true) => (far(yes, 1), true),
            legs => legs,
        }
    }

    /// One instruction that goes from `from` to `target`: a verdict is given on the spot, anything else is jumped to.
    fn place_detour(&mut self, graph: &Graph, from: NodeId, target: NodeId) {
        let (insn, node) = match graph.node(target) {
            Node::Verdict(snap_len) => (Insn::RetK(snap_len), target),
            Node::Branch { .. } | Node::Store { .. } => {
                (Insn::Jump(self.len().saturating_sub(self.start(target))), from)
            }
        };
        self.reversed.push(insn.encode());
        self.nodes.push(node);
    }
}

/// Which nodes a packet can come to.
fn reachable(graph: &Graph) -> Vec<bool> {
    let mut reachable = vec![false; graph.len()];
    let mut waiting = vec![graph.entry()];
    while let Some(id) = waiting.pop() {
        let Some(seen) = reachable.get_mut(id.index()) else { continue };
        if !mem::replace(seen, true) {
            match graph.node(id) {
                Node::Branch { yes, no, .. } => waiting.extend([no, yes]),
                Node::Store { next, .. } => waiting.push(next),
                Node::Verdict(_) => {}
            }
        }
    }
    reachable
}

/// A place for an error about a value.
type Origin = Span;
