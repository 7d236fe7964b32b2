//! What is known of a program before a line of code is made of it.
//!
//! Edges lead to later instructions only, so each fact is one walk, from the end or from the start:
//!
//! | fact | of | meaning |
//! | --- | --- | --- |
//! | [`Need`] | every instruction | how much of the packet every way from here to a verdict that is not 0 reads |
//! | live | every block | which registers may be read before they are written |
//! | [`Target`] | every block | where a jump to it goes in the end: jumps and returns that stand alone are no blocks |
//! | entries | every block | how many other blocks lead to it |
//!
//! **Why [`Need`] may be checked early.** A load that fails ends the program with 0 and leaves no trace, as does a division by 0, and
//! nothing else is visible but the verdict. So a packet that is too short for every way to a verdict that is not 0 has the
//! verdict 0 whatever happens, and may get it at once: one check stands for all later ones on these ways. Where no way leads to
//! anything but 0 ([`Need::NEVER`]), the instruction is a return of 0.

use bpf_core::cfg::{Block, Cfg, Exit};
use bpf_core::{AluOp, Ancillary, CAPTURED_LEN_MAX, Insn, Operand, Program, SCRATCH_WORDS, Size, Storage};

/// A, X and the scratch words, by number.
pub(crate) const REGISTERS: usize = 2 + SCRATCH_WORDS as usize;
/// The number of A.
pub(crate) const A: usize = 0;
/// The number of X.
pub(crate) const X: usize = 1;

/// The greatest length that a header can say: what `ldxb 4*([k]&0xf)` loads at most.
const HEADER_LEN_MAX: u32 = 60;

/// The number of a scratch word. The mask changes nothing in verified programs.
pub(crate) const fn scratch(word: u32) -> usize {
    2 + (word & (SCRATCH_WORDS - 1)) as usize
}

/// A set of registers, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registers(u32);

impl Registers {
    pub(crate) fn with(self, register: usize) -> Self {
        Self(self.0 | 1 << register)
    }

    fn without(self, register: usize) -> Self {
        Self(self.0 & !(1 << register))
    }

    fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in the set.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..REGISTERS).filter(move |register| self.0 >> register & 1 != 0)
    }
}

/// How many captured bytes every way from an instruction to a verdict that is not 0 needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// From the start of the packet.
    pub(crate) bytes: u32,
    /// Behind the X of now.
    pub(crate) behind_x: u32,
}

impl Need {
    /// No packet is long enough: the verdict is 0.
    pub(crate) const NEVER: Self = Self { bytes: u32::MAX, behind_x: u32::MAX };
    const NOTHING: Self = Self { bytes: 0, behind_x: 0 };

    pub(crate) fn is_never(self) -> bool {
        self == Self::NEVER
    }

    /// What both need.
    fn either(self, other: Self) -> Self {
        Self { bytes: self.bytes.min(other.bytes), behind_x: self.behind_x.min(other.behind_x) }
    }

    fn and_bytes(self, end: Option<u32>) -> Self {
        match end {
            Some(end) if !self.is_never() => Self { bytes: self.bytes.max(end), ..self },
            _ => Self::NEVER,
        }
    }

    fn and_behind_x(self, end: Option<u32>) -> Self {
        match end {
            Some(end) if !self.is_never() => Self { behind_x: self.behind_x.max(end), ..self },
            _ => Self::NEVER,
        }
    }

    fn of_another_x(self) -> Self {
        if self.is_never() { self } else { Self { behind_x: 0, ..self } }
    }
}

/// Where a load of this size ends, if a packet can have bytes there.
pub(crate) fn load_end(offset: u32, size: Size) -> Option<u32> {
    offset.checked_add(size.bytes()).filter(|end| *end <= CAPTURED_LEN_MAX)
}

/// Where a jump goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// To a return of this constant.
    Return(u32),
    /// To this block, by number.
    Block(usize),
}

/// A program with its facts.
pub(crate) struct Plan {
    insns: Vec<Insn>,
    cfg: Cfg,
    needs: Vec<Need>,
    live: Vec<Registers>,
    targets: Vec<Target>,
    entries: Vec<u32>,
}

impl Plan {
    /// The facts of a program. With `each_step` none is used to leave something out: every instruction is executed where it stands, so
    /// that who counts them counts what the interpreter does.
    pub(crate) fn of<S: Storage>(program: &Program<S>, each_step: bool) -> Self {
        // Verified instructions all have a meaning.
        let insns = program.insns().iter().map(|raw| raw.meaning().unwrap_or(Insn::RetK(0))).collect();
        let cfg = Cfg::of(program);
        let count = cfg.blocks().len();
        let mut plan = Self {
            insns,
            cfg,
            needs: Vec::new(),
            live: vec![Registers::default(); count],
            targets: Vec::new(),
            entries: vec![0; count],
        };
        if each_step {
            plan.needs = vec![Need::NOTHING; plan.insns.len()];
            plan.targets = (0..count).map(Target::Block).collect();
        } else {
            plan.find_needs();
            plan.find_targets();
        }
        plan.find_live();
        plan.count_entries();
        plan
    }

    /// All blocks, in program order.
    pub(crate) fn blocks(&self) -> &[Block] {
        self.cfg.blocks()
    }

    /// The instructions of a block, with their places.
    pub(crate) fn insns(&self, block: &Block) -> impl Iterator<Item = (usize, Insn)> {
        block.range().zip(self.insns.get(block.range()).unwrap_or_default().iter().copied())
    }

    /// Whether a load of a computed offset may ask for bytes beyond the longest packet.
    pub(crate) fn reaches_far(&self) -> bool {
        // The greatest X, if all are known: 0 at the start, constants, and lengths of headers.
        let mut greatest = Some(HEADER_LEN_MAX);
        let mut furthest = None;
        for insn in &self.insns {
            match *insn {
                Insn::LoadXImm(k) => greatest = greatest.map(|x| x.max(k)),
                Insn::LoadXLen | Insn::LoadXMem(_) | Insn::Tax => greatest = None,
                Insn::LoadInd { size, offset } => {
                    furthest = furthest.max(Some(load_end(offset, size).unwrap_or(u32::MAX)));
                }
                _ => {}
            }
        }
        furthest.is_some_and(|end| {
            greatest.and_then(|x| x.checked_add(end)).is_none_or(|end| end > CAPTURED_LEN_MAX)
        })
    }

    /// What is needed from this instruction on.
    pub(crate) fn need(&self, pc: usize) -> Need {
        self.needs.get(pc).copied().unwrap_or(Need::NEVER)
    }

    /// Which registers a block may read before it, or what follows, writes them.
    pub(crate) fn live(&self, block: usize) -> Registers {
        self.live.get(block).copied().unwrap_or_default()
    }

    /// Where a jump to a block goes.
    pub(crate) fn target(&self, block: usize) -> Target {
        self.targets.get(block).copied().unwrap_or(Target::Return(0))
    }

    /// How many blocks lead to a block; the start of the program counts as one.
    pub(crate) fn entries(&self, block: usize) -> u32 {
        self.entries.get(block).copied().unwrap_or_default()
    }

    fn find_needs(&mut self) {
        let mut needs = vec![Need::NEVER; self.insns.len()];
        for (pc, insn) in self.insns.iter().enumerate().rev() {
            let at = |skip: u32| {
                let target = pc.saturating_add(1).saturating_add(skip as usize);
                needs.get(target).copied().unwrap_or(Need::NEVER)
            };
            let need = match *insn {
                Insn::RetK(0) => Need::NEVER,
                Insn::RetK(_) | Insn::RetA => Need::NOTHING,
                Insn::Jump(skip) => at(skip),
                Insn::Branch { jt, jf, .. } => at(jt.into()).either(at(jf.into())),
                Insn::LoadAbs { size, offset } => at(0).and_bytes(load_end(offset, size)),
                Insn::LoadXMsh(offset) => at(0).of_another_x().and_bytes(load_end(offset, Size::Byte)),
                Insn::LoadInd { size, offset } => at(0).and_behind_x(load_end(offset, size)),
                Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMem(_) | Insn::Tax => at(0).of_another_x(),
                Insn::Alu { op: AluOp::Div | AluOp::Mod, operand: Operand::K(0) } => Need::NEVER,
                _ => at(0),
            };
            if let Some(place) = needs.get_mut(pc) {
                *place = need;
            }
        }
        self.needs = needs;
    }

    fn find_targets(&mut self) {
        let mut targets: Vec<Target> = (0..self.blocks().len()).map(Target::Block).collect();
        for (number, block) in self.blocks().iter().enumerate().rev() {
            let alone = block.range().len() == 1;
            let target = match (self.insns.get(block.range().start), block.exit()) {
                _ if self.need(block.range().start).is_never() => Target::Return(0),
                (Some(Insn::RetK(k)), _) if alone => Target::Return(*k),
                (Some(Insn::Jump(_)), Exit::Jump(next)) if alone => {
                    targets.get(next.index()).copied().unwrap_or(Target::Return(0))
                }
                _ => continue,
            };
            if let Some(place) = targets.get_mut(number) {
                *place = target;
            }
        }
        self.targets = targets;
    }

    /// The blocks that a block leads to, each once; none is a lone jump or return.
    fn successors(&self, block: &Block) -> impl Iterator<Item = usize> + use<> {
        let mut found = block.exit().successors().filter_map(|next| match self.target(next.index()) {
            Target::Block(number) => Some(number),
            Target::Return(_) => None,
        });
        let (first, second) = (found.next(), found.next());
        first.into_iter().chain(second.filter(|second| Some(*second) != first))
    }

    fn find_live(&mut self) {
        for (number, block) in self.cfg.blocks().iter().enumerate().rev() {
            let after = self.successors(block).map(|next| self.live(next));
            let mut live = after.fold(Registers::default(), Registers::union);
            for (_, insn) in self.insns(block).collect::<Vec<_>>().into_iter().rev() {
                live = live_before(insn, live);
            }
            if let Some(place) = self.live.get_mut(number) {
                *place = live;
            }
        }
    }

    fn count_entries(&mut self) {
        if let Target::Block(first) = self.target(0)
            && let Some(count) = self.entries.get_mut(first)
        {
            *count = 1;
        }
        for (number, block) in self.cfg.blocks().iter().enumerate() {
            if self.entries(number) == 0 {
                continue;
            }
            for next in self.successors(block) {
                if let Some(count) = self.entries.get_mut(next) {
                    *count = count.saturating_add(1);
                }
            }
        }
    }
}

fn live_before(insn: Insn, after: Registers) -> Registers {
    let with_operand = |live: Registers, operand| match operand {
        Operand::X => live.with(X),
        Operand::K(_) => live,
    };
    match insn {
        Insn::LoadAncillary { which: Ancillary::AluXorX, .. } => after.with(A).with(X),
        Insn::LoadAbs { .. } | Insn::LoadAncillary { .. } | Insn::LoadImm(_) | Insn::LoadLen => {
            after.without(A)
        }
        Insn::LoadInd { .. } | Insn::Txa => after.without(A).with(X),
        Insn::LoadMem(k) => after.without(A).with(scratch(k)),
        Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMsh(_) => after.without(X),
        Insn::LoadXMem(k) => after.without(X).with(scratch(k)),
        Insn::Store(k) => after.without(scratch(k)).with(A),
        Insn::StoreX(k) => after.without(scratch(k)).with(X),
        Insn::Alu { operand, .. } => with_operand(after.with(A), operand),
        Insn::Neg => after.with(A),
        Insn::Jump(_) => after,
        Insn::Branch { operand, .. } => with_operand(after.with(A), operand),
        Insn::RetK(_) => Registers::default(),
        Insn::RetA => Registers::default().with(A),
        Insn::Tax => after.without(X).with(A),
    }
}
