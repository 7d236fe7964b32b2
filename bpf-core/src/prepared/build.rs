//! From instructions to steps: two walks, no memory but the steps themselves.
//!
//! ```text
//! forward    what A holds before each instruction: a field of the packet, or something else; kept in the step's place
//! backward   the step for each instruction, since a step depends on those that it leads to: whether they need A, whether they
//!            are tests, whether they only jump on
//! ```
//!
//! Jumps go forward, so each walk sees everything once before it needs it.

use super::field::{Field, Range, note_fields, target};
use super::run;
use super::step::{A_IS_LIVE, INDEXED_AT_MAX, Kind, Step, class, origin, short};
use crate::insn::{AluOp, Ancillary, Cond, Insn, Operand, RawInsn, Size};
use crate::verify::LEN_MAX;

/// So many tests of one window, one after the other, are done without loading it again.
const SAME_MIN: u32 = 5;

/// A comparison with a constant that begins at an instruction, with masks before it.
struct Comparison {
    /// The `jeq` (and so on).
    branch: usize,
    mask: u32,
    cond: Cond,
    k: u32,
    yes: usize,
    no: usize,
}

pub(super) fn build(insns: &[RawInsn], steps: &mut [Step]) -> usize {
    steps.fill(Step::EMPTY);
    if insns.len() > LEN_MAX as usize {
        // The verifier lets none pass; distances have room for no more.
        return run::place(steps, 0);
    }
    if insns.is_empty()
        && let Some(first) = steps.first_mut()
    {
        // FreeBSD's empty program keeps everything.
        *first = Step { low: u64::from(u32::MAX), ..Step::of(Kind::RetK) };
        return run::place(steps, 0);
    }
    note_fields(insns, steps);
    let builder = Builder { insns, steps: &mut *steps };
    for pc in (0..insns.len()).rev() {
        let known = builder.steps.get(pc).filter(|place| place.is_reached()).map(Step::field);
        let step = known.map_or(Step::EMPTY, |field| builder.step(pc, field));
        if let Some(place) = builder.steps.get_mut(pc) {
            *place = step;
        }
    }
    run::place(steps, 0)
}

struct Builder<'a> {
    insns: &'a [RawInsn],
    /// Behind the walk: steps. Before it: what the forward walk noted.
    steps: &'a mut [Step],
}

impl Builder<'_> {
    fn insn(&self, pc: usize) -> Option<Insn> {
        self.insns.get(pc)?.meaning()
    }

    fn is_live(&self, pc: usize) -> bool {
        self.steps.get(pc).is_some_and(|step| step.short & A_IS_LIVE != 0)
    }

    /// The distance between steps, past those that only jump on.
    fn distance(&self, from: usize, to: usize) -> u32 {
        // What no verifier has seen may jump out of the program: then just behind it, where a run ends.
        let to = to.min(self.steps.len());
        let between = |to: usize| to.wrapping_sub(from).wrapping_sub(1) as u32;
        match self.steps.get(to) {
            Some(Step { kind: Kind::Jump, yes, .. }) => {
                between(target(to, yes & !class::ALL)) | (yes & class::ALL)
            }
            step => between(to) | step.map_or(class::OTHER, |step| step.kind.class()),
        }
    }

    /// The step at a distance.
    fn at(&self, from: usize, distance: u32) -> Option<&Step> {
        self.steps.get(target(from, distance & !class::ALL))
    }

    /// A test with the kind that its two ways give it.
    fn classified(&self, pc: usize, test: Step) -> Step {
        let is_end = |distance| {
            self.at(pc, distance).is_none_or(|step| matches!(step.kind, Kind::Reject | Kind::RetK))
        };
        let is_indexed = test.kind.is_indexed() == Some(true);
        let is_last = is_end(test.yes) && is_end(test.no);
        let kind = match (is_indexed, is_last) {
            (true, true) => Kind::TestIndLast,
            (true, false) => Kind::TestInd,
            (false, true) => Kind::TestLast,
            (false, false) => Kind::Test,
        };
        let is_early = (1..=short::EARLY_MAX).contains(&(test.short & short::MASK));
        let is_same = |step: &Step| {
            step.at == test.at
                && step.kind.is_indexed() == Some(is_indexed)
                && (!is_early || step.short & short::MASK == test.short & short::MASK)
        };
        let same = |distance: u32| {
            let mut place = target(pc, distance & !class::ALL);
            let first = self.steps.get(place).map(|step| step.kind);
            // Tests at X stand outside of the loop of tests: the first of them that need not go there is a gain.
            let least = if is_indexed { 1 } else { SAME_MIN };
            let are_same = (0..least).all(|_| {
                let Some(step) = self.steps.get(place).filter(|step| is_same(step)) else { return false };
                place = target(place, step.no & !class::ALL);
                true
            });
            if are_same && matches!(first, Some(Kind::Test | Kind::TestInd)) {
                distance & !class::ALL | class::SAME
            } else {
                distance
            }
        };
        Step { kind, yes: same(test.yes), no: same(test.no), ..test }
    }

    /// The comparison that these instructions are, if nothing needs A after it.
    fn comparison(&self, pc: usize) -> Option<Comparison> {
        let (branch, mask) = match self.insn(pc)? {
            Insn::Alu { op: AluOp::And, operand: Operand::K(k) } => (pc.wrapping_add(1), k),
            _ => (pc, u32::MAX),
        };
        let Insn::Branch { cond, operand: Operand::K(k), jt, jf } = self.insn(branch)? else { return None };
        let (yes, no) = (target(branch, jt.into()), target(branch, jf.into()));
        let needs_a = self.is_live(yes) || self.is_live(no);
        (!needs_a).then_some(Comparison { branch, mask, cond, k, yes, no })
    }

    fn step(&self, pc: usize, field: Option<Field>) -> Step {
        let Some(insn) = self.insn(pc) else { return Step::EMPTY };
        let next = pc.wrapping_add(1);
        match insn {
            Insn::LoadAbs { size, offset } => self.load(pc, size, offset, false),
            Insn::LoadInd { size, offset } => self.load(pc, size, offset, true),
            Insn::LoadAncillary { which: Ancillary::AluXorX, .. } => self.pure(pc, Kind::XorX, 0, true),
            Insn::LoadAncillary { which, .. } => self.plain(pc, Kind::LoadAncillary, which.offset(), false),
            Insn::LoadImm(k) => self.pure(pc, Kind::LoadImm, k, false),
            Insn::LoadLen => match self.comparison(next) {
                Some(Comparison { branch, mask, cond, k, yes, no }) => {
                    let test = self.ranged(pc, Kind::TestLen, Range::of(cond, k, mask, yes, no));
                    test.standing_for(insns_to(pc, branch))
                }
                None => self.pure(pc, Kind::LoadLen, 0, false),
            },
            Insn::LoadMem(k) => self.pure(pc, Kind::LoadMem, k, false),
            Insn::LoadXImm(k) => self.plain(pc, Kind::LoadXImm, k, self.is_live(next)),
            Insn::LoadXLen => self.plain(pc, Kind::LoadXLen, 0, self.is_live(next)),
            Insn::LoadXMem(k) => self.plain(pc, Kind::LoadXMem, k, self.is_live(next)),
            Insn::LoadXMsh(k) => self.plain(pc, Kind::LoadXMsh, k, self.is_live(next)),
            Insn::Store(k) => self.plain(pc, Kind::Store, k, true),
            Insn::StoreX(k) => self.plain(pc, Kind::StoreX, k, self.is_live(next)),
            Insn::Alu { op, operand } => self.alu(pc, op, operand),
            Insn::Neg => self.pure(pc, Kind::Neg, 0, true),
            Insn::Jump(k) => self.jump(pc, target(pc, k)),
            Insn::Branch { cond, operand, jt, jf } => {
                let (yes, no) = (target(pc, jt.into()), target(pc, jf.into()));
                self.branch(pc, field, cond, operand, yes, no)
            }
            Insn::RetK(k) => Step { low: k.into(), ..Step::of(Kind::RetK) },
            Insn::RetA => Step { short: A_IS_LIVE, ..Step::of(Kind::RetA) },
            Insn::Tax => self.plain(pc, Kind::Tax, 0, true),
            Insn::Txa => self.pure(pc, Kind::Txa, 0, false),
        }
    }

    fn jump(&self, pc: usize, to: usize) -> Step {
        let short = live(self.is_live(to));
        Step { yes: self.distance(pc, to), short, ..Step::of(Kind::Jump) }
    }

    /// A step with a constant that goes on to the next instruction.
    fn plain(&self, pc: usize, kind: Kind, k: u32, needs_a: bool) -> Step {
        let yes = self.distance(pc, pc.wrapping_add(1));
        Step { low: k.into(), yes, short: live(needs_a), ..Step::of(kind) }
    }

    /// The same, for steps that change A and do nothing else: if nobody needs A, there is nothing to do.
    fn pure(&self, pc: usize, kind: Kind, k: u32, needs_a: bool) -> Step {
        let next = pc.wrapping_add(1);
        if self.is_live(next) { self.plain(pc, kind, k, needs_a) } else { self.jump(pc, next) }
    }

    fn alu(&self, pc: usize, op: AluOp, operand: Operand) -> Step {
        match operand {
            // The verifier lets it not pass.
            Operand::K(0) if matches!(op, AluOp::Div | AluOp::Mod) => Step::EMPTY,
            Operand::K(k) => {
                let (kind, k) = match op {
                    AluOp::Add => (Kind::AddK, k),
                    AluOp::Sub => (Kind::AddK, k.wrapping_neg()),
                    AluOp::Mul => (Kind::MulK, k),
                    AluOp::Div => (Kind::DivK, k),
                    AluOp::Mod => (Kind::ModK, k),
                    AluOp::Or => (Kind::OrK, k),
                    AluOp::And => (Kind::AndK, k),
                    AluOp::Xor => (Kind::XorK, k),
                    AluOp::Lsh => (Kind::LshK, k),
                    AluOp::Rsh => (Kind::RshK, k),
                };
                self.pure(pc, kind, k, true)
            }
            Operand::X => match op {
                // These may end the program.
                AluOp::Div => self.plain(pc, Kind::DivX, 0, true),
                AluOp::Mod => self.plain(pc, Kind::ModX, 0, true),
                AluOp::Add => self.pure(pc, Kind::AddX, 0, true),
                AluOp::Sub => self.pure(pc, Kind::SubX, 0, true),
                AluOp::Mul => self.pure(pc, Kind::MulX, 0, true),
                AluOp::Or => self.pure(pc, Kind::OrX, 0, true),
                AluOp::And => self.pure(pc, Kind::AndX, 0, true),
                AluOp::Xor => self.pure(pc, Kind::XorX, 0, true),
                AluOp::Lsh => self.pure(pc, Kind::LshX, 0, true),
                AluOp::Rsh => self.pure(pc, Kind::RshX, 0, true),
            },
        }
    }

    fn branch(
        &self,
        pc: usize,
        field: Option<Field>,
        cond: Cond,
        operand: Operand,
        yes: usize,
        no: usize,
    ) -> Step {
        let Operand::K(k) = operand else {
            let kind = match cond {
                Cond::Eq => Kind::JeqX,
                Cond::Gt => Kind::JgtX,
                Cond::Ge => Kind::JgeX,
                Cond::Set => Kind::JsetX,
            };
            let (yes, no) = (self.distance(pc, yes), self.distance(pc, no));
            return Step { yes, no, short: A_IS_LIVE, ..Step::of(kind) };
        };
        // A test of the packet, if A holds a field of it: it leaves A as it is.
        field
            .and_then(|field| self.test(pc, field, Range::of(cond, k, field.mask, yes, no)))
            .map(|test| Step { short: test.short | live(self.is_live(yes) || self.is_live(no)), ..test })
            .unwrap_or_else(|| {
                let test = self.ranged(pc, Kind::TestA, Range::of(cond, k, u32::MAX, yes, no));
                Step { short: test.short | A_IS_LIVE, ..test }
            })
    }

    fn ranged(&self, pc: usize, kind: Kind, range: Range) -> Step {
        let Range { mask, low, span, yes, no, is_inverse } = range;
        let (yes, no) = (self.distance(pc, yes), self.distance(pc, no));
        let short = if is_inverse { origin::IS_INVERSE } else { 0 };
        Step { mask: mask.into(), low: low.into(), span, yes, no, short, ..Step::of(kind) }
    }

    /// A test of a field; `None` if the window or the range has no room in a step.
    fn test(&self, pc: usize, field: Field, range: Range) -> Option<Step> {
        let (kind, at_max) =
            if field.is_indexed { (Kind::TestInd, INDEXED_AT_MAX) } else { (Kind::Test, u16::MAX) };
        let step = self.ranged(pc, kind, range);
        let Some(at) = field.end.checked_sub(8) else {
            // The window begins where offsets do, and the number stands higher in it.
            let up = 8_u32.wrapping_sub(field.end).wrapping_mul(8);
            let span = u32::try_from(u64::from(step.span).wrapping_shl(up)).ok()?;
            let (mask, low) = (step.mask.wrapping_shl(up), step.low.wrapping_shl(up));
            let short = step.short | field.end as u8;
            return Some(self.classified(pc, Step { mask, low, span, short, ..step }));
        };
        let at = u16::try_from(at).ok().filter(|&at| at <= at_max)?;
        Some(self.classified(pc, Step { at, ..step }))
    }

    fn load(&self, pc: usize, size: Size, offset: u32, is_indexed: bool) -> Step {
        let next = pc.wrapping_add(1);
        let field = Field::new(size, offset, is_indexed);
        // Fixed bytes that no packet has end the program.
        if field.is_none() && !is_indexed {
            return Step::EMPTY;
        }
        if let Some(field) = field {
            if let Some(Comparison { branch, mask, cond, k, yes, no }) = self.comparison(next)
                && let Some(test) = self.test(pc, field, Range::of(cond, k, field.mask & mask, yes, no))
            {
                return self.joined(pc, branch, &test).unwrap_or(test).standing_for(insns_to(pc, branch));
            }
            // Nobody needs A, but the bytes must be there.
            if !self.is_live(next)
                && let Some(test) = self.test(pc, field, Range::any(next))
            {
                return test;
            }
        }
        let (kind, mask) = match (size, is_indexed) {
            (Size::Byte, false) => (Kind::LoadB, 0xff),
            (Size::Half, false) => (Kind::LoadH, 0xffff),
            (Size::Word, false) => (Kind::LoadW, u32::MAX),
            (Size::Byte, true) => (Kind::LoadIndB, 0xff),
            (Size::Half, true) => (Kind::LoadIndH, 0xffff),
            (Size::Word, true) => (Kind::LoadIndW, u32::MAX),
        };
        self.loaded(pc, kind, mask, offset)
    }

    /// One test for this one and the one after it, if both lead to the same place when they fail, and one window shows both.
    fn joined(&self, pc: usize, branch: usize, test: &Step) -> Option<Step> {
        let is_alike = |step: &Step| step.kind.is_indexed() == test.kind.is_indexed();
        let is_equality = |step: &Step| is_alike(step) && step.span == 0 && step.mask != 0;
        // The parts, for packets that are too short for the window: the comparison of the loaded number, and what follows.
        let parts = short::PARTS.checked_add(u8::try_from(branch.wrapping_sub(pc).wrapping_sub(1)).ok()?)?;
        let after = target(pc, test.yes & !class::ALL);
        let second = self.steps.get(after).filter(|second| is_equality(second))?;
        let place = |from: usize, distance: u32| target(from, distance & !class::ALL);
        if !is_equality(test)
            || place(pc, test.no) != place(after, second.no)
            || !self.steps.get(branch).is_some_and(is_alike)
        {
            return None;
        }
        let at = test.at.max(second.at);
        let shifted = |step: &Step| {
            let up = u32::from(at.wrapping_sub(step.at)).wrapping_mul(8);
            let mask = step.mask.checked_shl(up)?;
            (mask.wrapping_shr(up) == step.mask).then_some((mask, step.low.wrapping_shl(up)))
        };
        let ((mask, low), (other_mask, other_low)) = (shifted(test)?, shifted(second)?);
        if (low ^ other_low) & mask & other_mask != 0 {
            return None;
        }
        let yes = self.distance(pc, place(after, second.yes));
        let no = self.distance(pc, place(pc, test.no));
        let (mask, low) = (mask | other_mask, low | other_low);
        Some(self.classified(pc, Step { mask, low, yes, no, at, short: parts, ..*test }))
    }

    /// A load, with the mask and the shifts by constants that follow it.
    fn loaded(&self, pc: usize, kind: Kind, mask: u32, offset: u32) -> Step {
        let mut next = pc.wrapping_add(1);
        let mut step = Step { mask: mask.into(), low: offset.into(), ..Step::of(kind) };
        let mut absorb = |wanted: AluOp| match self.insn(next) {
            Some(Insn::Alu { op, operand: Operand::K(k) }) if op == wanted => {
                let is_short = wanted == AluOp::And || k < 32;
                next = next.wrapping_add(usize::from(is_short));
                is_short.then_some(k)
            }
            _ => None,
        };
        if let Some(k) = absorb(AluOp::And) {
            step.mask &= u64::from(k);
        }
        let shifts = [AluOp::Rsh, AluOp::Lsh].map(|op| absorb(op).unwrap_or_default() as u8);
        let step = Step { at: u16::from_le_bytes(shifts), yes: self.distance(pc, next), ..step };
        step.standing_for(next.wrapping_sub(pc))
    }
}

/// How many instructions there are from the one to the other, both counted.
const fn insns_to(first: usize, last: usize) -> usize {
    last.wrapping_sub(first).wrapping_add(1)
}

const fn live(needs_a: bool) -> u8 {
    if needs_a { A_IS_LIVE } else { 0 }
}
