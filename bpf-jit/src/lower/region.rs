//! Which parts of a program become straight code ([`super::straight`]).
//!
//! ```text
//!    [ root ]          everything that can follow the root, up to the verdicts: few instructions, each of which can be
//!     /    \           executed although the program would not come by, and one verdict beside 0
//!   [ ]───▶[ ]
//!    │  \    \
//!    0   keep  0
//! ```
//!
//! The later half of most filters is such a part, and all of a short one. Work and code stay linear: a block is in straight code at most
//! as often as there is budget for, a constant for each instruction of the program.

use std::collections::BTreeSet;

use bpf_core::cfg::Exit;
use bpf_core::{AluOp, Cond, Insn, Operand, Size};

use super::form::Form;
use crate::plan::{Plan, Target, load_end};

/// The most instructions of a region. Measured: with 11 of them fewer branches are saved, with 22 packets whose branches are learnt
/// become slower.
const INSNS_MAX: usize = 16;
/// The most tests of a region.
const TESTS_MAX: usize = 8;
/// The same in a batch. There is less to gain there: the next packet does not wait for the end of this one.
const BATCH_TESTS_MAX: usize = 3;
/// All loads of a region are within so many bytes, so that nearly always one cache line has them: what a program would not load is not in
/// the cache perhaps. Measured on packets from memory, over native code: 1.64 without a limit, 1.17 with 16 bytes, 1.10 with 8 as without
/// regions. In a batch there is no limit, since a packet does not wait for the one before it: 0.77 on packets from memory, and 0.70 without
/// regions, but less on others.
const NEAR: u32 = 8;

/// What is made straight.
pub(super) struct Region {
    /// Its blocks, in program order; the root is the first.
    pub(super) blocks: Vec<usize>,
    /// All its loads at fixed offsets end here.
    pub(super) bytes: u32,
    /// All its loads behind an X end here.
    pub(super) behind_x: u32,
    /// Where the first of them begins, and the first behind an X.
    first: Option<u32>,
    first_behind_x: Option<u32>,
    /// The one verdict that is not 0, if there is any; else 0.
    pub(super) verdict: u32,
    /// How many instructions, returns and jumps aside.
    insns: usize,
}

/// What may still be made straight.
pub(super) struct Budget {
    /// The most tests of a region.
    tests_max: usize,
    /// Within how many bytes loads have to be.
    near: u32,
    /// Instructions that may still be in regions.
    left: usize,
    /// Blocks that are in a region: what follows the root comes by here only if packets are short.
    taken: Vec<bool>,
}

impl Budget {
    /// For a program of so many instructions.
    pub(super) fn new(form: Form, plan: &Plan, insns: usize) -> Self {
        let (tests_max, near) = match form {
            Form::Single | Form::Counted => (TESTS_MAX, NEAR),
            Form::Bitmap(_) => (BATCH_TESTS_MAX, u32::MAX),
        };
        Self {
            tests_max,
            near,
            left: insns.saturating_add(INSNS_MAX),
            taken: vec![false; plan.blocks().len()],
        }
    }

    /// The region that begins with a block, if it is worth being made straight.
    pub(super) fn take(&mut self, plan: &Plan, root: usize, told: impl Fn(u32) -> u32) -> Option<Region> {
        if self.taken.get(root).copied().unwrap_or(true) || is_learnt(plan, root) {
            return None;
        }
        let region = self.region(plan, root, told)?;
        self.left = self.left.checked_sub(region.insns)?;
        for &number in &region.blocks {
            if let Some(place) = self.taken.get_mut(number) {
                *place = true;
            }
        }
        Some(region)
    }

    fn region(&self, plan: &Plan, root: usize, told: impl Fn(u32) -> u32) -> Option<Region> {
        let mut region = Region {
            blocks: Vec::new(),
            bytes: 0,
            behind_x: 0,
            first: None,
            first_behind_x: None,
            verdict: 0,
            insns: 0,
        };
        let mut tests = 0_usize;
        let mut waiting = BTreeSet::from([root]);
        while let Some(number) = waiting.pop_first() {
            let block = plan.blocks().get(number)?;
            for (_, insn) in plan.insns(block) {
                region.add(insn, &told)?;
            }
            tests = tests.saturating_add(usize::from(matches!(block.exit(), Exit::Branch { .. })));
            region.blocks.push(number);
            if tests > self.tests_max || !region.is_within(self.near) {
                return None;
            }
            for next in block.exit().successors() {
                match plan.target(next.index()) {
                    Target::Return(k) => region.add_verdict(told(k))?,
                    Target::Block(next) => drop(waiting.insert(next)),
                }
            }
        }
        // The last test is no branch anyway.
        (tests >= 2).then_some(region)
    }
}

impl Region {
    /// `None`: one instruction too many, or one that cannot be executed in vain, because it may end the program, or with verdicts of
    /// its own.
    fn add(&mut self, insn: Insn, told: impl Fn(u32) -> u32) -> Option<()> {
        match insn {
            Insn::RetK(k) => return self.add_verdict(told(k)),
            Insn::Jump(_) => return Some(()),
            Insn::LoadAbs { size, offset } => self.load(offset, size)?,
            Insn::LoadXMsh(offset) => self.load(offset, Size::Byte)?,
            Insn::LoadInd { size, offset } => {
                self.behind_x = self.behind_x.max(load_end(offset, size)?);
                self.first_behind_x = Some(self.first_behind_x.map_or(offset, |first| first.min(offset)));
            }
            Insn::RetA | Insn::LoadAncillary { .. } => return None,
            Insn::Alu { op: AluOp::Div | AluOp::Mod, operand: Operand::X | Operand::K(0) } => return None,
            _ => {}
        }
        self.insns = self.insns.saturating_add(1);
        (self.insns <= INSNS_MAX).then_some(())
    }

    fn load(&mut self, offset: u32, size: Size) -> Option<()> {
        self.bytes = self.bytes.max(load_end(offset, size)?);
        self.first = Some(self.first.map_or(offset, |first| first.min(offset)));
        Some(())
    }

    /// Whether all loads are within so many bytes; how far X is from the beginning is not known.
    fn is_within(&self, near: u32) -> bool {
        let span = match (self.first, self.first_behind_x) {
            (Some(_), Some(_)) => u32::MAX,
            (Some(first), None) => self.bytes.saturating_sub(first),
            (None, Some(first)) => self.behind_x.saturating_sub(first),
            (None, None) => 0,
        };
        span <= near
    }

    fn add_verdict(&mut self, verdict: u32) -> Option<()> {
        if verdict != 0 && self.verdict != 0 && verdict != self.verdict {
            return None;
        }
        self.verdict |= verdict;
        Some(())
    }
}

/// Whether a block ends with a test whose outcome a processor learns: that a whole word is equal to a constant, which it hardly ever is.
fn is_learnt(plan: &Plan, number: usize) -> bool {
    let Some(block) = plan.blocks().get(number) else { return false };
    let loads_word = |insn| {
        matches!(insn, Insn::LoadAbs { size: Size::Word, .. } | Insn::LoadInd { size: Size::Word, .. })
    };
    let before = plan.insns(block).map(|(_, insn)| insn).filter(|insn| !matches!(insn, Insn::Branch { .. }));
    matches!(block.exit(), Exit::Branch { cond: Cond::Eq, operand: Operand::K(_), .. })
        && before.last().is_some_and(loads_word)
}
