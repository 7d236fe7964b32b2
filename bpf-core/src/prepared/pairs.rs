//! Tests that are fewer together: two that are one, and comparisons that several loads share.
//!
//! ```text
//!   ldb [20]   jeq 6 ──▶ Y           ld [20]; and   jeq 6 ──▶ Y          their A comes from two fields, so these comparisons
//!                └───────▶ jeq 17 ──▶ Y  ◀────────────┘                  cannot be tests of the packet
//!                            └──────▶ N
//!   is [20] 6 or 17? Y : N           is [20..24] 6 or 17? Y : N          but these can, one for each load, where its steps stood
//! ```

use super::build::{Builder, Comparison};
use super::field::{Field, Range, target};
use super::step::{Kind, NUMBERS_MAX, Step, WINDOW_BYTES};
use crate::insn::Cond;

impl Builder<'_> {
    /// One test for this one and the one after it, if both lead to the same place when they fail, and one window shows both.
    pub(super) fn joined(&self, pc: usize, test: &Step) -> Option<Step> {
        let is_equality =
            |step: &Step| step.kind == test.kind && step.span == 0 && step.mask != 0 && !step.is_joined();
        let place = |from: usize, distance: u32| target(from, distance);
        let after = place(pc, test.yes);
        let second = self.steps.get(after).filter(|second| is_equality(second))?;
        if !is_equality(test) || place(pc, test.no) != place(after, second.no) {
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
        // How many bytes of the window each needs. Where only those of the first are there, they must say how it ends.
        let needed = |step: &Step| step.bytes.checked_sub(at.wrapping_sub(step.at) as u8);
        let (first, all) = (needed(test)?, needed(test)?.max(needed(second)?));
        let missing = WINDOW_BYTES.wrapping_sub(first);
        if first < all && other_mask.checked_shr(u32::from(missing).wrapping_mul(8))? != 0 {
            return None;
        }
        let yes = self.distance(pc, place(after, second.yes));
        let no = self.distance(pc, place(pc, test.no));
        let (mask, low) = (mask | other_mask, low | other_low);
        Some(Step { mask, low, yes, no, at, bytes: all, first_bytes: first, ..*test })
    }

    /// One test for this one and another one of the same bits, to which one of its ways leads, if together they ask for one range:
    /// not less than this and not more than that.
    pub(super) fn narrowed(&self, pc: usize, test: &Step) -> Option<Step> {
        self.narrowed_by(pc, test, |_, step| step.looks_at_the_same(test))
    }

    /// The same for a field that A is loaded with, where the other test is one of A and the last one. (Where it
    /// has several loads before it, say one for IPv4 and one for IPv6, it cannot be a test of the packet.)
    pub(super) fn narrowed_by_a(&self, pc: usize, field: Field) -> Option<Range> {
        let Comparison { mask, cond, k, yes, no } = self.comparison_of_a(pc.wrapping_add(1))?;
        let mask = field.mask & mask;
        // What is compared must be what A is.
        let range = Some(Range::of(cond, k, mask, yes, no)).filter(|range| range.mask == mask)?;
        let test = self.ranged(pc, Kind::Range, range);
        let test = self.narrowed_by(pc, &test, |at, step| self.is_last_of_a(at, step))?;
        let (yes, no) = (target(pc, test.yes), target(pc, test.no));
        Range { mask, low: test.k(), span: test.span, yes, no }.clipped()
    }

    /// A load with its comparison, and comparisons of A to which that one goes on, if they ask for a few values: one test of the
    /// packet. (Where the latter have several loads before them, they cannot be tests of the packet.)
    pub(super) fn one_of(&self, pc: usize, field: Field) -> Option<Step> {
        let Comparison { mask, cond: Cond::Eq, k, yes, no } = self.comparison_of_a(pc.wrapping_add(1))?
        else {
            return None;
        };
        let mut numbers = Numbers { all: [k; NUMBERS_MAX], count: 1, to: yes, rest: no };
        self.collect(&mut numbers)?;
        let field = Field { mask: field.mask & mask, ..field };
        if numbers.count < 2 { None } else { self.one_of_numbers(pc, field, &numbers) }
    }

    /// The numbers that comparisons of A ask for from this one on, one after the other; at least two, and after them nothing needs A.
    fn numbers(&self, at: usize) -> Option<Numbers> {
        let first = self.steps.get(at).filter(|step| step.kind == Kind::TestA)?;
        let mut numbers =
            Numbers { all: [first.k(); NUMBERS_MAX], count: 0, to: target(at, first.yes), rest: at };
        self.collect(&mut numbers)?;
        (numbers.count > 1).then_some(numbers)
    }

    /// Adds the comparisons that come after these.
    fn collect(&self, numbers: &mut Numbers) -> Option<()> {
        while let Some(step) = self.steps.get(numbers.rest)
            && step.kind == Kind::TestA
            && step.span == 0
            && target(numbers.rest, step.yes) == numbers.to
        {
            *numbers.all.get_mut(numbers.count)? = step.k();
            (numbers.count, numbers.rest) = (numbers.count.wrapping_add(1), target(numbers.rest, step.no));
        }
        (!self.is_live(numbers.to) && !self.is_live(numbers.rest)).then_some(())
    }

    fn one_of_numbers(&self, pc: usize, field: Field, numbers: &Numbers) -> Option<Step> {
        let Numbers { all, to, rest, .. } = *numbers;
        let mask = field.mask;
        let test = self.test(pc, field, Range { mask, low: 0, span: 0, yes: to, no: rest })?;
        // The number must stand lowest in the window.
        (test.kind == Kind::Range && test.mask == mask.into()).then(|| test.with_numbers(all))
    }

    fn narrowed_by(&self, pc: usize, test: &Step, is_second: impl Fn(usize, &Step) -> bool) -> Option<Step> {
        let (yes, no) = (target(pc, test.yes), target(pc, test.no));
        let first = test.values();
        let second = |at: usize| {
            let step = self.steps.get(at).filter(|step| is_second(at, step))?;
            Some((step.values(), target(at, step.yes), target(at, step.no)))
        };
        let narrowed = |values: Option<(u64, u64)>, yes: usize, no: usize| {
            let (low, high) = values?;
            let span = i32::try_from(high.checked_sub(low)?).ok()?.cast_unsigned();
            Some(Step { low, span, yes: self.distance(pc, yes), no: self.distance(pc, no), ..*test })
        };
        let within = second(yes).and_then(|(second, to, rest)| {
            let both = (first.0.max(second.0), first.1.min(second.1));
            if rest == no {
                narrowed(Some(both), to, no)
            } else if to == no {
                narrowed(without(first, second), rest, no)
            } else {
                None
            }
        });
        within.or_else(|| {
            let (second, to, rest) = second(no)?;
            (rest == yes).then(|| narrowed(without(second, first), to, yes))?
        })
    }

    /// The test of A, the last one, to which a comparison right behind a load of its field goes on: as a test of the packet. It gets
    /// the place of the comparison, since that one takes the place of the load, which nobody needs then.
    pub(super) fn second(&self, pc: usize, field: Field, range: Range) -> Option<Step> {
        let before = pc.checked_sub(1)?;
        let load = if self.masks(before) { before.checked_sub(1)? } else { before };
        self.steps.get(pc).filter(|note| note.is_of_load(load))?;
        let (_, at) = self.way_of_a(pc, &range)?;
        // The comparison, too, must be one that a test of the packet can be.
        self.test(load, field, range)?;
        if let Some(numbers) = self.numbers(at) {
            let second = self.one_of_numbers(pc, field, &numbers)?;
            return Some(Step { is_marked: true, ..second });
        }
        let last = self.steps.get(at)?;
        let (yes, no) = (target(at, last.yes), target(at, last.no));
        let of_a = Range { mask: field.mask, low: last.k(), span: last.span, yes, no }.clipped()?;
        let second = self.test(pc, field, of_a)?;
        Some(Step { is_marked: true, ..second })
    }

    /// The comparison behind a load, if it takes the load's place.
    pub(super) fn before_second(&self, load: usize, field: Field) -> Option<Range> {
        let next = load.wrapping_add(1);
        let pc = if self.masks(next) { next.wrapping_add(1) } else { next };
        let Comparison { mask, cond, k, yes, no } =
            self.comparison_of_a(next).filter(|_| self.steps.get(pc).is_some_and(|step| step.is_marked))?;
        let range = Range::of(cond, k, field.mask & mask, yes, no);
        let (way, _) = self.way_of_a(pc, &range)?;
        Some(if way { Range { yes: pc, ..range } } else { Range { no: pc, ..range } })
    }

    /// Which way leads to the last test of A, and where that stands; the other way needs no A.
    fn way_of_a(&self, pc: usize, range: &Range) -> Option<(bool, usize)> {
        let ways = [(true, range.yes, range.no), (false, range.no, range.yes)];
        ways.into_iter().find_map(|(way, to, other)| {
            let at = target(pc, self.distance(pc, to));
            let is_last = self.steps.get(at).is_some_and(|step| self.is_last_of_a(at, step));
            ((is_last || self.numbers(at).is_some()) && !self.is_live(other)).then_some((way, at))
        })
    }

    /// Whether this is a test of A after which nothing needs A.
    fn is_last_of_a(&self, at: usize, step: &Step) -> bool {
        step.kind == Kind::TestA && !self.is_live(target(at, step.yes)) && !self.is_live(target(at, step.no))
    }
}

/// A few numbers, where they lead to, and where all others do.
struct Numbers {
    all: [u32; NUMBERS_MAX],
    count: usize,
    to: usize,
    rest: usize,
}

/// The values of one range that are not in another one, if they are a range too: it cuts off one end.
fn without((low, high): (u64, u64), (from, to): (u64, u64)) -> Option<(u64, u64)> {
    if from <= low && to < high {
        Some((low.max(to.wrapping_add(1)), high))
    } else if low < from && high <= to {
        Some((low, high.min(from.wrapping_sub(1))))
    } else {
        None
    }
}
