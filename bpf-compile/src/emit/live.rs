//! Instructions whose result nobody reads are left out.
//!
//! Only instructions that cannot reject the packet go: constants, copies between registers and words, arithmetic but divisions.
//! Packet loads stay, for they may fail.

use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{AluOp, Ancillary, Insn, Operand};

use crate::graph::{Graph, Node, Value, Values};

/// What is read before it is written: A, X, and the scratch words by bits.
#[derive(Clone, Copy, Default)]
struct Live {
    a: bool,
    x: bool,
    words: u32,
}

/// What is known of each instruction.
pub(super) struct Needed {
    /// Whether it is needed.
    pub(super) needed: Vec<bool>,
    /// Whether X is read behind it before it is written.
    pub(super) reads_x: Vec<bool>,
}

/// For each instruction of each node whether it is needed. `ranges` tells where the code of a node is; `None` for nodes without.
pub(super) fn needed(
    graph: &Graph,
    values: &Values,
    code: &[Insn],
    ranges: &[Option<(usize, usize)>],
) -> Needed {
    let mut needed = vec![true; code.len()];
    let mut reads_x = vec![true; code.len()];
    let mut before: Vec<Live> = vec![Live::default(); graph.len()];
    // Targets come before what leads to them.
    for id in graph.ids() {
        let Some((start, end)) = ranges.get(id.index()).copied().flatten() else { continue };
        let node = graph.node(id);
        // Whatever is kept may be read in the next round; registers are not, for nothing is known of them where it begins.
        let read_again = match node {
            Node::Again(_) => Live { words: u32::MAX, ..Live::default() },
            _ => Live::default(),
        };
        let mut live = node.edges().fold(read_again, |live, (target, _)| {
            live.or(before.get(target.index()).copied().unwrap_or_default())
        });
        if let Node::Branch { test, yes, no } = node
            && yes != no
        {
            live.a = true;
            live.x |= !matches!(values.get(test.right), Value::Const(_));
        }
        for at in (start..end).rev() {
            let Some(insn) = code.get(at) else { continue };
            let is_needed = live.needs(insn);
            if let Some(slot) = reads_x.get_mut(at) {
                *slot = live.x;
            }
            if is_needed {
                live.pass(insn);
            }
            if let Some(slot) = needed.get_mut(at) {
                *slot = is_needed;
            }
        }
        if let Some(slot) = before.get_mut(id.index()) {
            *slot = live;
        }
    }
    Needed { needed, reads_x }
}

impl Live {
    fn or(self, other: Self) -> Self {
        Self { a: self.a || other.a, x: self.x || other.x, words: self.words | other.words }
    }

    fn needs(self, insn: &Insn) -> bool {
        match *insn {
            Insn::LoadImm(_) | Insn::LoadLen | Insn::LoadMem(_) | Insn::Txa | Insn::Neg => self.a,
            Insn::Alu { op: AluOp::Div | AluOp::Mod, operand: Operand::X } => true,
            Insn::Alu { .. } => self.a,
            Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMem(_) | Insn::Tax => self.x,
            Insn::Store(word) | Insn::StoreX(word) => self.words & bit(word) != 0,
            Insn::LoadAbs { .. } | Insn::LoadInd { .. } | Insn::LoadAncillary { .. } | Insn::LoadXMsh(_) => {
                true
            }
            Insn::Jump(_) | Insn::Branch { .. } | Insn::RetA | Insn::RetK(_) => true,
        }
    }

    /// What is read before an instruction.
    fn pass(&mut self, insn: &Insn) {
        match *insn {
            Insn::LoadImm(_) | Insn::LoadLen | Insn::LoadAbs { .. } => self.a = false,
            Insn::LoadAncillary { which, .. } => {
                self.a = which == Ancillary::AluXorX;
                self.x |= self.a;
            }
            Insn::LoadMem(word) => {
                self.a = false;
                self.words |= bit(word);
            }
            Insn::LoadInd { .. } | Insn::Txa => {
                self.a = false;
                self.x = true;
            }
            Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMsh(_) => self.x = false,
            Insn::LoadXMem(word) => {
                self.x = false;
                self.words |= bit(word);
            }
            Insn::Tax => {
                self.x = false;
                self.a = true;
            }
            Insn::Store(word) => {
                self.words &= !bit(word);
                self.a = true;
            }
            Insn::StoreX(word) => {
                self.words &= !bit(word);
                self.x = true;
            }
            Insn::Alu { operand, .. } => {
                self.a = true;
                self.x |= matches!(operand, Operand::X);
            }
            Insn::Neg | Insn::RetA => self.a = true,
            Insn::Jump(_) | Insn::Branch { .. } | Insn::RetK(_) => {}
        }
    }
}

fn bit(word: u32) -> u32 {
    1_u32.checked_shl(word).unwrap_or(0)
}
