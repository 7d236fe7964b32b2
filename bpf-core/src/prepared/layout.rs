//! Where the steps stand: those that a run can come to, without gaps, in the order of their instructions.
//!
//! ```text
//!   build    ldh [12]   jeq    ldb [23]   jeq    ret    a step for each instruction, as if a run began there
//!            test ──────────────▶ test ──────────▶ ret
//!   layout   test, test, ret                            distances are in steps now, and one of a test's two is 0 as a rule
//! ```

use super::field::target;
use super::step::{Kind, Quick, Step};

/// Moves the steps to the front, and makes of each test the kind that its ways give it. Returns how many there are.
pub(super) fn layout(steps: &mut [Step]) -> usize {
    let count = number(steps);
    for pc in 0..steps.len() {
        let Some(step) = steps.get(pc).filter(|step| is_reached(step)) else { continue };
        let here = (step.place as usize).wrapping_sub(1);
        let skip = |distance: u32| {
            let to = steps.get(target(pc, distance)).filter(|to| is_reached(to));
            let place = to.map_or(count, |to| (to.place as usize).wrapping_sub(1));
            place.wrapping_sub(here).wrapping_sub(1) as u32
        };
        let is_end = |distance: u32| steps.get(target(pc, distance)).is_none_or(|to| to.kind.is_end());
        let is_last = is_end(step.yes) && is_end(step.no);
        let moved = Step { yes: skip(step.yes), no: skip(step.no), place: 0, is_marked: false, ..*step };
        // This place is of an instruction that was looked at: no step behind leads to it.
        if let Some(place) = steps.get_mut(here) {
            *place = classified(moved, is_last);
        }
    }
    if let Some(behind) = steps.get_mut(count..) {
        behind.fill(Step::EMPTY);
    }
    count
}

const fn is_reached(step: &Step) -> bool {
    step.place != 0
}

/// Gives every step that a run can come to its place, counted from 1.
fn number(steps: &mut [Step]) -> usize {
    let mut count = 0_u32;
    if let Some(first) = steps.first_mut() {
        first.place = 1;
    }
    for pc in 0..steps.len() {
        let Some(step) = steps.get_mut(pc).filter(|step| is_reached(step)) else { continue };
        count = count.wrapping_add(1);
        step.place = count;
        if step.kind.is_end() || step.kind == Kind::RetA {
            continue;
        }
        for distance in [step.yes, step.no] {
            if let Some(to) = steps.get_mut(target(pc, distance)) {
                to.place = 1;
            }
        }
    }
    count as usize
}

/// A step with the kind that its ways give it.
fn classified(step: Step, is_last: bool) -> Step {
    match step.kind {
        Kind::Range if step.span == 0 => equality(step, is_last),
        Kind::Range if is_last => Step { kind: Kind::RangeLast, ..step },
        Kind::OneOf if is_last => Step { kind: Kind::OneOfLast, ..step },
        Kind::RangeX if is_last => Step { kind: Kind::RangeLastX, ..step },
        Kind::Range => falling(step, Quick::SkipIfWithin),
        Kind::RangeX => falling(step, Quick::SkipIfWithinX),
        Kind::TestLen if is_last => Step { kind: Kind::TestLenLast, ..step },
        Kind::TestA => falling_a(step),
        _ => step,
    }
}

/// A range of one value.
fn equality(step: Step, is_last: bool) -> Step {
    let (kind, quick) = match (is_last, step.yes, step.no) {
        (true, ..) => (Kind::EqualLast, Quick::No),
        (false, _, 0) => (Kind::Equal, Quick::SkipIfEqual),
        (false, 0, _) => (Kind::Equal, Quick::SkipUnlessEqual),
        (false, ..) => (Kind::Equal, Quick::No),
    };
    Step { kind, quick, mask: step.mask.swap_bytes(), low: step.low.swap_bytes(), ..step }
}

/// A test of a window whose second way is the next step, if one of them is. Joined tests stay as they are: what they are asked on
/// short packets is in their value.
fn falling(step: Step, quick: Quick) -> Step {
    match (step.yes, step.no) {
        (_, 0) => Step { quick, ..step },
        (0, _) if !step.is_joined() => {
            let (yes, no) = (step.no, step.yes);
            Step { yes, no, quick, ..of_all_but(step) }
        }
        _ => step,
    }
}

/// The range of all other values.
fn of_all_but(step: Step) -> Step {
    match i32::try_from(step.span.wrapping_add(1)) {
        Ok(_) => {
            let low = step.low.wrapping_add(step.span.into()).wrapping_add(1);
            Step { low, span: step.span.wrapping_add(2).wrapping_neg(), ..step }
        }
        // Only `jgt` and `jge` of words make a range of so many values, and it ends with the greatest: what is left is below.
        Err(_) => Step { low: 0, span: (step.low as u32).wrapping_sub(1), ..step },
    }
}

/// The same for a test of A: numbers of 32 bits wrap there.
fn falling_a(step: Step) -> Step {
    let quick = Quick::SkipIfWithinA;
    match (step.yes, step.no) {
        (_, 0) => Step { quick, ..step },
        // No range is of all values.
        (0, _) => {
            let low = step.low.wrapping_add(step.span.into()).wrapping_add(1);
            let (yes, no) = (step.no, step.yes);
            Step { low, span: (!step.span).wrapping_sub(1), yes, no, quick, ..step }
        }
        _ => step,
    }
}
