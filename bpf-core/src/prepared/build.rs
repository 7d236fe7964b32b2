//! From instructions to steps: a few walks, no memory but the steps themselves.
//!
//! ```text
//! forward    what A holds before each instruction: a field of the packet, or something else; kept in the step's place
//! backward   the step for each instruction, since a step depends on those that it leads to: whether they need A, whether they
//!            are tests, whether they only jump on
//! forward    which steps a run comes to, and where they will stand; then they go there: see `layout`
//! forward    lists of values get tables: see `table`; then whether the program is for their loop: see `lists`
//! ```
//!
//! Jumps go forward, so each walk sees everything once before it needs it.

use super::field::{Field, Range, has_many_tests, note_fields, target};
use super::layout::layout;
use super::lists::classify;
use super::step::{Kind, Step, WINDOW_BYTES};
use super::table::tabulate;
use crate::insn::{AluOp, Ancillary, Cond, Insn, Operand, RawInsn, Size};
use crate::verify::LEN_MAX;

/// A comparison with a constant that begins at an instruction, with masks before it.
pub(super) struct Comparison {
    pub(super) mask: u32,
    pub(super) cond: Cond,
    pub(super) k: u32,
    pub(super) yes: usize,
    pub(super) no: usize,
}

/// What was built.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Built {
    /// How many steps there are.
    pub(super) len: usize,
    /// Whether it is a program for the loop in `lists`.
    pub(super) has_lists: bool,
}

/// Fills the memory with the steps of the instructions.
pub(super) fn build(insns: &[RawInsn], steps: &mut [Step]) -> Built {
    steps.fill(Step::EMPTY);
    if insns.len() > LEN_MAX as usize {
        // The verifier lets none pass.
        return Built::default();
    }
    if insns.is_empty()
        && let Some(first) = steps.first_mut()
    {
        // FreeBSD's empty program keeps everything.
        *first = Step { low: u64::from(u32::MAX), ..Step::of(Kind::RetK) };
        return Built { len: 1, has_lists: false };
    }
    note_fields(insns, steps);
    let builder = Builder { insns, steps: &mut *steps };
    for pc in (0..insns.len()).rev() {
        let known = builder.steps.get(pc).filter(|place| place.is_noted()).map(Step::field);
        let step = known.map_or(Step::EMPTY, |field| builder.step(pc, field));
        if let Some(place) = builder.steps.get_mut(pc) {
            *place = step;
        }
    }
    let len = layout(steps);
    let Some(steps) = steps.get_mut(..len) else { return Built::default() };
    tabulate(steps);
    Built { len, has_lists: classify(steps) }
}

pub(super) struct Builder<'a> {
    insns: &'a [RawInsn],
    /// Behind the walk: steps. Before it: what the forward walk noted.
    pub(super) steps: &'a mut [Step],
}

impl Builder<'_> {
    fn insn(&self, pc: usize) -> Option<Insn> {
        self.insns.get(pc)?.meaning()
    }

    /// Whether this instruction takes bits from A.
    pub(super) fn masks(&self, pc: usize) -> bool {
        matches!(self.insn(pc), Some(Insn::Alu { op: AluOp::And, operand: Operand::K(_) }))
    }

    pub(super) fn is_live(&self, pc: usize) -> bool {
        self.steps.get(pc).is_some_and(|step| step.a_is_live)
    }

    /// The distance between the steps of two instructions, past those that only jump on.
    pub(super) fn distance(&self, from: usize, to: usize) -> u32 {
        // What no verifier has seen may jump out of the program: then just behind it, where a run ends.
        let mut to = to.min(self.steps.len());
        if let Some(Step { kind: Kind::Jump, yes, .. }) = self.steps.get(to) {
            to = target(to, *yes);
        }
        to.wrapping_sub(from).wrapping_sub(1) as u32
    }

    /// The comparison that these instructions are, if nothing needs A after it.
    fn comparison(&self, pc: usize) -> Option<Comparison> {
        self.comparison_of_a(pc)
            .filter(|comparison| !self.is_live(comparison.yes) && !self.is_live(comparison.no))
    }

    /// The same, whatever comes after it.
    pub(super) fn comparison_of_a(&self, pc: usize) -> Option<Comparison> {
        let (branch, mask) = match self.insn(pc)? {
            Insn::Alu { op: AluOp::And, operand: Operand::K(k) } => (pc.wrapping_add(1), k),
            _ => (pc, u32::MAX),
        };
        let Insn::Branch { cond, operand: Operand::K(k), jt, jf } = self.insn(branch)? else { return None };
        let (yes, no) = (target(branch, jt.into()), target(branch, jf.into()));
        Some(Comparison { mask, cond, k, yes, no })
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
                Some(Comparison { mask, cond, k, yes, no }) => {
                    self.ranged(pc, Kind::TestLen, Range::of(cond, k, mask, yes, no))
                }
                None => self.pure(pc, Kind::LoadLen, 0, false),
            },
            Insn::LoadMem(k) => self.pure(pc, Kind::LoadMem, k, false),
            Insn::LoadXImm(k) => self.plain(pc, Kind::LoadXImm, k, self.is_live(next)),
            Insn::LoadXLen => self.plain(pc, Kind::LoadXLen, 0, self.is_live(next)),
            Insn::LoadXMem(k) => self.plain(pc, Kind::LoadXMem, k, self.is_live(next)),
            Insn::LoadXMsh(k) => self.plain(pc, Kind::LoadXMsh, k, self.is_live(next)).with_bytes(1),
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
            Insn::RetA => Step { a_is_live: true, ..Step::of(Kind::RetA) },
            Insn::Tax => self.plain(pc, Kind::Tax, 0, true),
            Insn::Txa => self.pure(pc, Kind::Txa, 0, false),
        }
    }

    fn jump(&self, pc: usize, to: usize) -> Step {
        let (a_is_live, distance) = (self.is_live(to), self.distance(pc, to));
        Step { yes: distance, no: distance, a_is_live, ..Step::of(Kind::Jump) }
    }

    /// A step with a constant that goes on to the next instruction.
    fn plain(&self, pc: usize, kind: Kind, k: u32, needs_a: bool) -> Step {
        let next = self.distance(pc, pc.wrapping_add(1));
        Step { low: k.into(), yes: next, no: next, a_is_live: needs_a, ..Step::of(kind) }
    }

    /// The same, for steps that change A and do nothing else: if nobody needs A, there is nothing to do.
    fn pure(&self, pc: usize, kind: Kind, k: u32, needs_a: bool) -> Step {
        let next = pc.wrapping_add(1);
        if self.is_live(next) { self.plain(pc, kind, k, needs_a) } else { self.jump(pc, next) }
    }

    fn alu(&self, pc: usize, op: AluOp, operand: Operand) -> Step {
        match operand {
            // The verifier refuses it.
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
            return Step { yes, no, a_is_live: true, ..Step::of(kind) };
        };
        // A test of the packet, if A holds a field of it: it leaves A as it is.
        let field = field.filter(|_| !has_many_tests(self.steps, pc));
        if let Some(second) =
            field.and_then(|field| self.second(pc, field, Range::of(cond, k, field.mask, yes, no)))
        {
            return second;
        }
        field
            .and_then(|field| self.test(pc, field, Range::of(cond, k, field.mask, yes, no)))
            .map(|test| self.narrowed(pc, &test).unwrap_or(test))
            .map(|test| Step { a_is_live: self.is_live(yes) || self.is_live(no), ..test })
            .unwrap_or_else(|| {
                let range = Range::of(cond, k, u32::MAX, yes, no);
                let kind = if range.mask == u32::MAX { Kind::TestA } else { Kind::TestBitsA };
                let test = self.ranged(pc, kind, range);
                Step { a_is_live: true, ..test }
            })
    }

    pub(super) fn ranged(&self, pc: usize, kind: Kind, range: Range) -> Step {
        let Range { mask, low, span, yes, no } = range;
        let (yes, no) = (self.distance(pc, yes), self.distance(pc, no));
        Step { mask: mask.into(), low: low.into(), span, yes, no, ..Step::of(kind) }
    }

    /// A test of a field; `None` if the window or the range has no room in a step.
    pub(super) fn test(&self, pc: usize, field: Field, range: Range) -> Option<Step> {
        let step = self.ranged(pc, if field.is_indexed { Kind::RangeX } else { Kind::Range }, range);
        let Some(at) = field.end.checked_sub(WINDOW_BYTES.into()) else {
            // The window begins where offsets do, and the number stands higher in it.
            let up = u32::from(WINDOW_BYTES).wrapping_sub(field.end).wrapping_mul(8);
            let span = i32::try_from(u64::from(step.span).wrapping_shl(up)).ok()?.cast_unsigned();
            let (mask, low) = (step.mask.wrapping_shl(up), step.low.wrapping_shl(up));
            let end = field.end as u8;
            return Some(Step { mask, low, span, ..step }.with_bytes(end));
        };
        let at = u16::try_from(at).ok()?;
        Some(Step { at, ..step }.with_bytes(WINDOW_BYTES))
    }

    fn load(&self, pc: usize, size: Size, offset: u32, is_indexed: bool) -> Step {
        let next = pc.wrapping_add(1);
        let field = Field::new(size, offset, is_indexed);
        // Fixed bytes that no packet has end the program.
        if field.is_none() && !is_indexed {
            return Step::EMPTY;
        }
        if let Some(field) = field {
            if let Some(Comparison { mask, cond, k, yes, no }) = self.comparison(next)
                && let Some(test) = self.test(pc, field, Range::of(cond, k, field.mask & mask, yes, no))
            {
                return self.joined(pc, &test).or_else(|| self.narrowed(pc, &test)).unwrap_or(test);
            }
            if let Some(test) = self.one_of(pc, field) {
                return test;
            }
            for range in [self.narrowed_by_a(pc, field), self.before_second(pc, field)] {
                if let Some(test) = range.and_then(|range| self.test(pc, field, range)) {
                    return test;
                }
            }
            // Nobody needs A, but the bytes must be there.
            if !self.is_live(next)
                && let Some(test) = self.test(pc, field, Range::any(next))
            {
                return test;
            }
        }
        let kind = match (size, is_indexed) {
            (Size::Byte, false) => Kind::LoadB,
            (Size::Half, false) => Kind::LoadH,
            (Size::Word, false) => Kind::LoadW,
            (Size::Byte, true) => Kind::LoadIndB,
            (Size::Half, true) => Kind::LoadIndH,
            (Size::Word, true) => Kind::LoadIndW,
        };
        self.loaded(pc, kind, size, offset)
    }

    /// A load, with the mask and the shifts by constants that follow it.
    fn loaded(&self, pc: usize, kind: Kind, size: Size, offset: u32) -> Step {
        let mut next = pc.wrapping_add(1);
        let mut step = Step { mask: u32::MAX.into(), low: offset.into(), ..Step::of(kind) };
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
        let next = self.distance(pc, next);
        Step { at: u16::from_le_bytes(shifts), yes: next, no: next, ..step }.with_bytes(size.bytes() as u8)
    }
}
