//! Fields of the packet: what a comparison looks at, and where A holds one.
//!
//! The forward walk. What A holds before an instruction is kept in the place of its step until the backward walk comes by; where
//! ways meet that bring different fields, it is nothing in particular.

use super::step::Step;
use crate::insn::{AluOp, Cond, Insn, Operand, RawInsn, Size};
use crate::packet::CAPTURED_LEN_MAX;

/// So many tests after one load are worth a load: then A is compared, and else the packet each time.
const MANY_TESTS: u64 = 16;
/// The same for a field at X, since such tests cost more.
const MANY_TESTS_AT_X: u64 = 4;

/// A field of the packet: the number in the bytes that end at `end`, and in these bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) end: u32,
    pub(super) mask: u32,
    /// Counted from X on, not from the start of the packet.
    pub(super) is_indexed: bool,
}

impl Field {
    /// `None`: no packet has bytes there.
    pub(super) fn new(size: Size, offset: u32, is_indexed: bool) -> Option<Self> {
        let end = offset.checked_add(size.bytes()).filter(|&end| end <= CAPTURED_LEN_MAX)?;
        let mask = match size {
            Size::Byte => 0xff,
            Size::Half => 0xffff,
            Size::Word => u32::MAX,
        };
        Some(Self { end, mask, is_indexed })
    }
}

/// A range of the bits of a number, and where to go if it is within and if not.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) mask: u32,
    pub(super) low: u32,
    pub(super) span: u32,
    pub(super) yes: usize,
    pub(super) no: usize,
}

impl Range {
    /// Whatever the number is.
    pub(super) fn any(to: usize) -> Self {
        Self { mask: 0, low: 0, span: 0, yes: to, no: to }
    }

    /// The same without the numbers that have other bits; `None` if there are no others.
    pub(super) fn clipped(self) -> Option<Self> {
        Some(Self { span: self.span.min(self.mask.checked_sub(self.low)?), ..self })
    }

    /// The comparison never holds.
    fn never(no: usize) -> Self {
        Self::any(no)
    }

    /// A comparison of the bits `mask` of a number with `k`.
    pub(super) fn of(cond: Cond, k: u32, mask: u32, yes: usize, no: usize) -> Self {
        let range = |low: u32, high: u32| Self { mask, low, span: high.wrapping_sub(low), yes, no };
        match cond {
            Cond::Eq if k & !mask != 0 => Self::never(no),
            Cond::Eq => range(k, k),
            // No number is greater than all bits of its mask.
            Cond::Gt if k >= mask => Self::never(no),
            Cond::Gt => range(k.wrapping_add(1), mask),
            Cond::Ge if k == 0 => Self::any(yes),
            Cond::Ge if k > mask => Self::never(no),
            Cond::Ge => range(k, mask),
            Cond::Set if k & mask == 0 => Self::never(no),
            Cond::Set => Self { mask: k & mask, low: 0, span: 0, yes: no, no: yes },
        }
    }
}

/// Before the backward walk comes by, a place is a note of what is known before its instruction:
///
/// | of the step | it says |
/// | --- | --- |
/// | `at` | whether a run comes here |
/// | `span`, `mask`, `no` | the field that A holds: its end, its bits, whether it is at X; end 0: none |
/// | `yes` | the place of the load that A comes from, and 1; 0: of several |
/// | `low` | if a load stands here: how many tests look at what it loaded |
impl Step {
    /// Whether a run comes to this place.
    pub(super) fn is_noted(&self) -> bool {
        self.at != 0
    }

    /// Whether A comes from this load, whatever way a run came here.
    pub(super) fn is_of_load(&self, place: usize) -> bool {
        self.load() == Some(place)
    }

    /// The place of the load that A comes from.
    fn load(&self) -> Option<usize> {
        (self.yes as usize).checked_sub(1)
    }

    /// The field that A holds.
    pub(super) fn field(&self) -> Option<Field> {
        let Self { span: end, mask, no, .. } = *self;
        (end != 0).then_some(Field { end, mask: mask as u32, is_indexed: no != 0 })
    }

    fn arrive(&mut self, field: Option<Field>, load: Option<usize>) {
        let (field, load) = if self.is_noted() {
            (self.field().filter(|mine| Some(*mine) == field), load.filter(|_| load == self.load()))
        } else {
            (field, load)
        };
        let yes = load.map_or(0, |load| load.wrapping_add(1) as u32);
        *self = Self { at: 1, yes, ..Self::EMPTY };
        if let Some(Field { end, mask, is_indexed }) = field {
            (self.span, self.mask, self.no) = (end, mask.into(), is_indexed.into());
        }
    }
}

/// Whether the load that A comes from has many tests after it.
pub(super) fn has_many_tests(steps: &[Step], pc: usize) -> bool {
    let Some(here) = steps.get(pc) else { return false };
    let is_indexed = here.field().is_some_and(|field| field.is_indexed);
    let tests = here.load().and_then(|load| steps.get(load)).map_or(0, |load| load.low);
    tests >= if is_indexed { MANY_TESTS_AT_X } else { MANY_TESTS }
}

/// Walks forward; every place holds [`Step::EMPTY`].
pub(super) fn note_fields(insns: &[RawInsn], steps: &mut [Step]) {
    if let Some(first) = steps.first_mut() {
        first.arrive(None, None);
    }
    for (pc, raw) in insns.iter().enumerate() {
        let Some(here) = steps.get(pc).filter(|here| here.is_noted()) else { continue };
        let (field, load) = (here.field(), here.load());
        let Some(insn) = raw.meaning() else { continue };
        let mut arrive = |pc: usize, field, load| {
            if let Some(place) = steps.get_mut(pc) {
                place.arrive(field, load);
            }
        };
        let next = pc.wrapping_add(1);
        match insn {
            Insn::RetK(_) | Insn::RetA => {}
            Insn::Jump(k) => arrive(target(pc, k), field, load),
            Insn::Branch { jt, jf, .. } => {
                arrive(target(pc, jt.into()), field, load);
                arrive(target(pc, jf.into()), field, load);
                if let Some(load) = load.and_then(|load| steps.get_mut(load)) {
                    load.low = load.low.wrapping_add(1);
                }
            }
            Insn::LoadAbs { size, offset } => {
                // Where no packet has bytes, the program ends.
                if let Some(field) = Field::new(size, offset, false) {
                    arrive(next, Some(field), Some(pc));
                }
            }
            Insn::LoadInd { size, offset } => arrive(next, Field::new(size, offset, true), Some(pc)),
            Insn::Alu { op: AluOp::And, operand: Operand::K(k) } => {
                arrive(next, field.map(|field| Field { mask: field.mask & k, ..field }), load);
            }
            Insn::Store(_) | Insn::StoreX(_) => arrive(next, field, load),
            Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMem(_) | Insn::LoadXMsh(_) | Insn::Tax => {
                arrive(next, field.filter(|field| !field.is_indexed), load);
            }
            _ => arrive(next, None, None),
        }
    }
}

/// Where a jump goes.
pub(super) fn target(pc: usize, skip: u32) -> usize {
    pc.wrapping_add(1).saturating_add(skip as usize)
}
