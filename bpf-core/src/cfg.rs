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
mod tests {
    use super::*;
    use crate::text::parse_bpf_asm;
    use crate::verify::{Profile, bpf_validate};

    fn graph(text: &str) -> Cfg {
        Cfg::of(&bpf_validate(parse_bpf_asm(text).unwrap(), Profile::LIBPCAP).unwrap())
    }

    fn edges(cfg: &Cfg) -> Vec<(usize, usize)> {
        let edges = |from: BlockId| cfg.successors(from).map(move |to| (from.index(), to.index()));
        cfg.ids().flat_map(edges).collect()
    }

    #[test]
    fn a_diamond_has_four_blocks_and_four_edges() {
        let cfg = graph("ld [0]\n jeq #1, yes, no\n yes: ld #2\n jmp end\n no: ld #3\n end: ret a");
        let ranges: Vec<_> = cfg.blocks().iter().map(Block::range).collect();
        assert_eq!(ranges, [0..2, 2..4, 4..5, 5..6]);
        assert_eq!(edges(&cfg), [(0, 1), (0, 2), (1, 3), (2, 3)]);
        assert_eq!(cfg.predecessors(BlockId(3)), [BlockId(1), BlockId(2)]);
        assert_eq!(cfg.predecessors(BlockId(0)), []);
        assert!(matches!(cfg.blocks()[2].exit(), Exit::Fall(BlockId(3))));
        assert!(matches!(cfg.blocks()[1].exit(), Exit::Jump(BlockId(3))));
        assert_eq!(cfg.blocks()[3].exit(), Exit::Return);
        assert_eq!((cfg.blocks()[1].first(), cfg.blocks()[1].last()), (Pc(2), Pc(3)));
    }

    #[test]
    fn code_behind_a_jump_or_a_return_is_unreachable_but_in_the_graph() {
        let cfg = graph("jmp end\n ld #1\n ret a\n ld #2\n end: ret #0");
        let reachable: Vec<_> = cfg.blocks().iter().map(Block::is_reachable).collect();
        assert_eq!(reachable, [true, false, false, true]);
        assert_eq!(cfg.predecessors(BlockId(3)), [BlockId(0), BlockId(2)]);
    }

    #[test]
    fn both_ways_to_the_same_block_are_one_edge() {
        let cfg = graph("jeq #1, end, end\n end: ret #0");
        assert_eq!(edges(&cfg), [(0, 1)]);
        assert_eq!(cfg.predecessors(BlockId(1)), [BlockId(0)]);
    }

    #[test]
    fn every_instruction_is_in_the_block_that_holds_it() {
        let cfg = graph("ld [0]\n jeq #1, yes, no\n yes: ld #2\n jmp end\n no: ld #3\n end: ret a");
        for id in cfg.ids() {
            for pc in cfg.block(id).unwrap().range() {
                assert_eq!(cfg.block_at(Pc(u32::try_from(pc).unwrap())), Some(id));
            }
        }
        assert_eq!(cfg.block_at(Pc(6)), None);
    }

    #[test]
    fn the_empty_program_has_an_empty_graph() {
        let cfg = Cfg::of(&bpf_validate([], Profile::FREEBSD).unwrap());
        assert_eq!(cfg.entry(), None);
        assert_eq!(cfg.blocks(), []);
        assert_eq!(cfg.block_at(Pc(0)), None);
    }

    #[test]
    fn a_long_chain_of_jumps_takes_no_stack() {
        let mut text: std::string::String = "ld [0]\n jeq #1, l0, l1\n".into();
        for i in 0..50_000 {
            text.push_str(&std::format!("l{i}: jeq #{i}, l{}, l{}\n", i + 1, i + 2));
        }
        text.push_str("l50000: ret #0\n l50001: ret #1\n");
        let cfg = graph(&text);
        assert_eq!(cfg.blocks().len(), 50_003);
        assert!(cfg.blocks().iter().all(Block::is_reachable));
    }
}
