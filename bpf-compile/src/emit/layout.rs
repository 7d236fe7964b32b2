//! Where code stands, and how it is come to.
//!
//! ```text
//!   │ branch    │ ──▶ targets up to 255 instructions away
//!   │ ja far    │ ◀── a stone: a leg that leads further goes through it, and so do others in its reach
//!   │ ret #n    │ ◀── a verdict that is far is given on the spot
//!   │ ja back   │ ──▶ where a walk begins: above, so the distance is known in the end
//! ```
//!
//! Linux takes what stands behind a `ret` for what comes after it when it checks that scratch words were stored before they are
//! read. So in programs with variables a far verdict is jumped to.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use bpf_core::{Cond, Insn, Operand, RawInsn};

use crate::graph::{Graph, Node, NodeId};

/// The furthest that a conditional jump reaches.
const SHORT_JUMP_MAX: u32 = 255;

/// The code from its end towards its start.
pub(super) struct Layout {
    reversed: Vec<RawInsn>,
    /// What each is for.
    nodes: Vec<NodeId>,
    /// Jumps back: where they stand, counted from the end, and where to.
    back: Vec<(u32, NodeId)>,
    /// Where a node starts, counted from the end.
    starts: Vec<u32>,
    /// The last place from which a node is come to without a condition; the node itself, a stone, or a copy of a verdict.
    near: Vec<u32>,
    /// Whether verdicts may stand between other code.
    copies_verdicts: bool,
}

impl Layout {
    pub(super) fn new(nodes: usize, has_variables: bool) -> Self {
        Self {
            reversed: Vec::new(),
            nodes: Vec::new(),
            back: Vec::new(),
            starts: vec![0; nodes],
            near: vec![0; nodes],
            copies_verdicts: !has_variables,
        }
    }

    /// Code that does not go on.
    pub(super) fn place(&mut self, id: NodeId, code: &[Insn]) {
        self.reversed.extend(code.iter().rev().map(|insn| insn.encode()));
        self.nodes.resize(self.reversed.len(), id);
        let start = self.len();
        for starts in [&mut self.starts, &mut self.near] {
            if let Some(slot) = starts.get_mut(id.index()) {
                *slot = start;
            }
        }
    }

    /// A jump to what is placed later.
    pub(super) fn place_back(&mut self, id: NodeId, head: NodeId) {
        self.back.push((self.len(), head));
        self.place(id, &[Insn::Jump(0)]);
    }

    /// All instructions, the last one first, and what each is for.
    pub(super) fn finish(mut self) -> (Vec<RawInsn>, Vec<NodeId>) {
        for (at, head) in mem::take(&mut self.back) {
            // What is placed later stands before: the distance is negative, as a word.
            let distance = at.wrapping_sub(self.start(head));
            if let Some(slot) = self.reversed.get_mut(at as usize) {
                *slot = Insn::Jump(distance).encode();
            }
        }
        (self.reversed, self.nodes)
    }

    /// Code that goes on at one place; where there is none, that place stands for it.
    pub(super) fn place_before(&mut self, id: NodeId, code: &[Insn], next: NodeId) {
        if code.is_empty() {
            for places in [&mut self.starts, &mut self.near] {
                let place = places.get(next.index()).copied().unwrap_or_default();
                if let Some(slot) = places.get_mut(id.index()) {
                    *slot = place;
                }
            }
            return;
        }
        let distance = self.len().saturating_sub(self.start(next));
        if distance > 0 {
            self.reversed.push(Insn::Jump(distance).encode());
        }
        self.place(id, code);
    }

    /// Code that ends in a decision.
    pub(super) fn place_branch(
        &mut self,
        graph: &Graph,
        id: NodeId,
        code: &[Insn],
        (cond, operand): (Cond, Operand),
        (yes, no): (NodeId, NodeId),
    ) {
        // A detour of one leg moves the branch away from the other target by one, and may thereby make it far.
        let (far_yes, far_no) = match (self.is_far(yes, 0), self.is_far(no, 0)) {
            (true, false) => (true, self.is_far(no, 1)),
            (false, true) => (self.is_far(yes, 1), true),
            legs => legs,
        };
        if far_no {
            self.place_detour(graph, id, no);
        }
        if far_yes && self.is_far(yes, 0) {
            self.place_detour(graph, id, yes);
        }
        let (jt, jf) = (self.skip_to(yes), self.skip_to(no));
        self.reversed.push(Insn::Branch { cond, operand, jt, jf }.encode());
        self.place(id, code);
    }

    fn len(&self) -> u32 {
        u32::try_from(self.reversed.len()).unwrap_or(u32::MAX)
    }

    fn start(&self, id: NodeId) -> u32 {
        self.starts.get(id.index()).copied().unwrap_or_default()
    }

    fn near(&self, id: NodeId) -> u32 {
        self.near.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether a branch that is placed behind so many more instructions cannot jump there.
    fn is_far(&self, id: NodeId, more: u32) -> bool {
        self.len().saturating_add(more).saturating_sub(self.near(id)) > SHORT_JUMP_MAX
    }

    /// How many instructions a branch that is placed now skips: to the node itself if it can.
    fn skip_to(&self, id: NodeId) -> u8 {
        let itself = self.len().wrapping_sub(self.start(id));
        // What is not far fits.
        u8::try_from(itself)
            .or_else(|_| u8::try_from(self.len().wrapping_sub(self.near(id))))
            .unwrap_or(u8::MAX)
    }

    /// One instruction that goes from `from` to `target`.
    fn place_detour(&mut self, graph: &Graph, from: NodeId, target: NodeId) {
        let (insn, node) = match graph.node(target) {
            Node::Verdict(snap_len) if self.copies_verdicts => (Insn::RetK(snap_len), target),
            _ => (Insn::Jump(self.len().saturating_sub(self.start(target))), from),
        };
        self.reversed.push(insn.encode());
        self.nodes.push(node);
        let here = self.len();
        if let Some(slot) = self.near.get_mut(target.index()) {
            *slot = here;
        }
    }
}
