//! The control-flow graph of a program.
//!
//! ```text
//!  0 ldh [12]            ┌─────────────┐
//!  1 jeq #0x806, 2, 3    │ block 0: 0-1│ entry
//!                        └──┬───────┬──┘
//!  2 ret #1               yes       no
//!  3 ret #0            block 1: 2   block 2: 3
//! ```
//!
//! A block is a run of instructions that is entered only at its first and left only at its last. Every instruction is
//! in exactly one block; blocks stand in program order, so an edge always leads to a later block, and one walk in
//! order sees every block after all its predecessors.
//!
//! Only what jumps say counts here, not what they decide: a block is reachable if some path of edges leads to it. For
//! what the values rule out too, see [`crate::Facts`]. A load that fails ends the program in the middle of a block;
//! this is no edge.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::insn::{Cond, Insn, Operand};
use crate::program::{Program, Storage};

/// The place of an instruction, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pc(pub u32);

/// A block of one graph; means nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(u32);

impl BlockId {
    /// Which one, in program order, counted from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a block is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The next block begins because something jumps there.
    Fall(BlockId),
    /// An unconditional jump.
    Jump(BlockId),
    /// A conditional jump; both ways may lead to the same block.
    Branch {
        /// The condition.
        cond: Cond,
        /// What A is compared with.
        operand: Operand,
        /// Where it goes if the condition holds.
        yes: BlockId,
        /// Where it goes if not.
        no: BlockId,
    },
    /// A return: the program ends.
    Return,
}

impl Exit {
    /// The blocks that may follow, each once.
    pub fn successors(self) -> impl Iterator<Item = BlockId> {
        let (first, second) = match self {
            Self::Fall(next) | Self::Jump(next) => (Some(next), None),
            Self::Branch { yes, no, .. } => (Some(yes), (yes != no).then_some(no)),
            Self::Return => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// A run of instructions that are executed one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    first: u32,
    end: u32,
    exit: Exit,
    reachable: bool,
    predecessors: Range<usize>,
}

impl Block {
    /// The first instruction.
    #[must_use]
    pub const fn first(&self) -> Pc {
        Pc(self.first)
    }

    /// The last instruction; a block is never empty.
    #[must_use]
    pub const fn last(&self) -> Pc {
        Pc(self.end.saturating_sub(1))
    }

    /// The instructions, as indices.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.first as usize..self.end as usize
    }

    /// How it is left.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether a path leads here from the entry.
    #[must_use]
    pub const fn is_reachable(&self) -> bool {
        self.reachable
    }
}

/// The control-flow graph of a program; made in time and memory linear in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cfg {
    blocks: Vec<Block>,
    /// The predecessors of all blocks, one block after the other; each has its range.
    predecessors: Vec<BlockId>,
}

impl Cfg {
    /// The graph of this program.
    #[must_use]
    pub fn of<S: Storage>(program: &Program<S>) -> Self {
        let insns: Vec<Option<Insn>> = program.insns().iter().map(|raw| raw.meaning()).collect();
        let ids = block_ids(&insns);
        let mut blocks = blocks(&insns, &ids);
        mark_reachable(&mut blocks);
        let predecessors = link_predecessors(&mut blocks);
        Self { blocks, predecessors }
    }

    /// All blocks, in program order. None if there are no instructions.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The ids of all blocks, in program order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = BlockId> + use<> {
        (0..u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)).map(BlockId)
    }

    /// Where the program begins; `None` if there are no instructions.
    #[must_use]
    pub fn entry(&self) -> Option<BlockId> {
        self.ids().next()
    }

    /// One block; `None` if the id is of another graph.
    #[must_use]
    pub fn block(&self, id: BlockId) -> Option<&Block> {
        self.blocks.get(id.index())
    }

    /// The block with this instruction, in logarithmic time.
    #[must_use]
    pub fn block_at(&self, pc: Pc) -> Option<BlockId> {
        let index = self.blocks.partition_point(|block| block.end <= pc.0);
        (index < self.blocks.len()).then(|| id(index))
    }

    /// The blocks that may come before this one, each once, in program order; unreachable ones too.
    #[must_use]
    pub fn predecessors(&self, id: BlockId) -> &[BlockId] {
        let range = self.block(id).map(|block| block.predecessors.clone()).unwrap_or_default();
        self.predecessors.get(range).unwrap_or_default()
    }

    /// The blocks that may come after this one, each once.
    pub fn successors(&self, id: BlockId) -> impl Iterator<Item = BlockId> + use<> {
        self.block(id).map_or(Exit::Return, Block::exit).successors()
    }
}

fn id(index: usize) -> BlockId {
    BlockId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Where a jump goes that skips `skip` instructions.
fn target(pc: usize, skip: u32) -> usize {
    pc.saturating_add(1).saturating_add(skip as usize)
}

/// For each instruction the block that it is in.
fn block_ids(insns: &[Option<Insn>]) -> Vec<BlockId> {
    let mut begins = vec![false; insns.len()];
    let mut mark = |pc: usize| {
        if let Some(begins) = begins.get_mut(pc) {
            *begins = true;
        }
    };
    for (pc, insn) in insns.iter().enumerate() {
        match insn {
            Some(Insn::Jump(k)) => mark(target(pc, *k)),
            Some(Insn::Branch { jt, jf, .. }) => {
                mark(target(pc, u32::from(*jt)));
                mark(target(pc, u32::from(*jf)));
            }
            Some(Insn::RetK(_) | Insn::RetA) => {}
            _ => continue,
        }
        mark(pc.saturating_add(1));
    }
    let mut current = 0_usize;
    let number = |(pc, begins): (usize, bool)| {
        if begins && pc > 0 {
            current = current.saturating_add(1);
        }
        id(current)
    };
    begins.into_iter().enumerate().map(number).collect()
}

fn blocks(insns: &[Option<Insn>], ids: &[BlockId]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (pc, (insn, &id)) in insns.iter().zip(ids).enumerate() {
        let place = u32::try_from(pc).unwrap_or(u32::MAX);
        let end = place.saturating_add(1);
        let at = |skip: u32| ids.get(target(pc, skip)).copied();
        // A verified program has no jump out of itself; if storage breaks its contract, such a jump is an end.
        let exit = match insn {
            Some(Insn::Jump(k)) => at(*k).map_or(Exit::Return, Exit::Jump),
            Some(Insn::Branch { cond, operand, jt, jf }) => match (at(u32::from(*jt)), at(u32::from(*jf))) {
                (Some(yes), Some(no)) => Exit::Branch { cond: *cond, operand: *operand, yes, no },
                _ => Exit::Return,
            },
            Some(Insn::RetK(_) | Insn::RetA) | None => Exit::Return,
            Some(_) => at(0).map_or(Exit::Return, Exit::Fall),
        };
        match blocks.get_mut(id.index()) {
            Some(block) => {
                block.end = end;
                block.exit = exit;
            }
            None => blocks.push(Block { first: place, end, exit, reachable: false, predecessors: 0..0 }),
        }
    }
    blocks
}

/// Edges lead to later blocks only, so one walk in order is enough.
fn mark_reachable(blocks: &mut [Block]) {
    if let Some(entry) = blocks.first_mut() {
        entry.reachable = true;
    }
    for index in 0..blocks.len() {
        let Some(block) = blocks.get(index).filter(|block| block.reachable) else { continue };
        for successor in block.exit.successors() {
            if let Some(block) = blocks.get_mut(successor.index()) {
                block.reachable = true;
            }
        }
    }
}

/// Counts, gives each block its range, then fills the ranges.
fn link_predecessors(blocks: &mut [Block]) -> Vec<BlockId> {
    let mut counts = vec![0_usize; blocks.len()];
    for successor in blocks.iter().flat_map(|block| block.exit.successors()) {
        if let Some(count) = counts.get_mut(successor.index()) {
            *count = count.saturating_add(1);
        }
    }
    let mut filled = 0_usize;
    for (block, count) in blocks.iter_mut().zip(counts) {
        // Empty for now; its end moves as it is filled.
        block.predecessors = filled..filled;
        filled = filled.saturating_add(count);
    }
    let mut predecessors = vec![BlockId(0); filled];
    for index in 0..blocks.len() {
        let Some(exit) = blocks.get(index).map(Block::exit) else { continue };
        for successor in exit.successors() {
            let Some(block) = blocks.get_mut(successor.index()) else { continue };
            if let Some(slot) = predecessors.get_mut(block.predecessors.end) {
                *slot = id(index);
            }
            block.predecessors.end = block.predecessors.end.saturating_add(1);
        }
    }
    predecessors
}

#[cfg(test)]
mod tests;
