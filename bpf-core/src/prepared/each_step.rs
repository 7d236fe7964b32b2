//! The loop over steps, as far as it is the same for all who run them.
//!
//! ```text
//!        ┌────────────────────────┐ tests of the packet, and what X needs for them
//!        ▼                        │
//!   the next step ── frequent? ── match ──▶ end!(verdict)
//!                                 ├───────▶ elsewhere!()   what it looks at is not in the head
//!                                 └───────▶ others         all other kinds
//! ```
//!
//! Macros, because the loop is part of two functions whose registers are counted. Who uses them says how a run ends (`end!`).

use core::hint::select_unpredictable;

use super::step::Step;

/// Where bytes are missing, or a division has no answer.
pub(super) const REJECT: u32 = 0;

/// The verdict at one of a test's two ways, without a branch.
#[inline(always)]
pub(super) fn verdict(step: &Step, next: &[Step], holds: bool) -> u32 {
    let skip = select_unpredictable(holds, step.yes, step.no);
    // Where nothing is to be kept, the constant is 0.
    next.get(skip as usize).map_or(REJECT, Step::k)
}

/// A value, or the run ends.
macro_rules! need {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => end!(REJECT),
        }
    };
}

/// Goes on behind so many steps.
macro_rules! skip {
    ($rest:ident, $next:ident, $count:expr) => {{
        let count = $count as usize;
        // Said so, the comparison is also that of the loop.
        if count >= $next.len() {
            end!(REJECT);
        }
        $rest = need!($next.get(count..));
    }};
}

/// Goes on behind so many steps, or with the next one.
macro_rules! skip_if {
    ($rest:ident, $next:ident, $skips:expr, $count:expr) => {
        if $skips {
            skip!($rest, $next, $count);
        } else {
            $rest = $next;
        }
    };
}

/// Goes on at one of the two ways of a test, by a branch.
macro_rules! branch {
    ($rest:ident, $step:ident, $next:ident, $holds:expr) => {
        if $holds {
            skip!($rest, $next, $step.yes);
        } else {
            // Keeps it a branch, and those of the other tests too.
            cold_path();
            skip!($rest, $next, $step.no);
        }
    };
}

/// Runs until there are no steps left, which ends the program with 0. `$elsewhere!()` must leave the loop; the step that it is for is
/// the next one of the rest then. `first` comes before all tests, `others` are the arms of the other kinds: those that have a value
/// go on like a test that holds or does not.
macro_rules! each_step {
    (
        $rest:ident, $step:ident, $next:ident, $x:ident, $head:ident, $elsewhere:ident,
        first: $first:block, others: { $($others:tt)* }
    ) => {
        loop {
            let Some(($step, $next)) = $rest.split_first() else { end!(REJECT) };
            macro_rules! window {
                ($start:expr) => {
                    match window($head, $start) {
                        Some(window) => window,
                        None => $elsewhere!(),
                    }
                };
            }
            // The most frequent ones. (In machine code it is the first of them that needs no jump.)
            $first
            if $step.quick == Quick::SkipIfEqual {
                skip_if!($rest, $next, $step.equals(window!($step.at.into())), $step.yes);
                continue;
            }
            if $step.quick == Quick::SkipUnlessEqual {
                skip_if!($rest, $next, !$step.equals(window!($step.at.into())), $step.no);
                continue;
            }
            if $step.quick == Quick::SkipIfWithin {
                skip_if!($rest, $next, $step.is_within(window!($step.at.into())), $step.yes);
                continue;
            }
            if $step.quick == Quick::SkipIfWithinX {
                skip_if!($rest, $next, $step.is_within(window!(need!(at_x($step, $x)))), $step.yes);
                continue;
            }
            let holds = match $step.kind {
                Kind::Equal => {
                    branch!($rest, $step, $next, $step.equals(window!($step.at.into())));
                    continue;
                }
                Kind::Range => {
                    branch!($rest, $step, $next, $step.is_within(window!($step.at.into())));
                    continue;
                }
                Kind::RangeX => {
                    branch!($rest, $step, $next, $step.is_within(window!(need!(at_x($step, $x)))));
                    continue;
                }
                Kind::OneOf => {
                    branch!($rest, $step, $next, $step.is_one_of(window!($step.at.into())));
                    continue;
                }
                Kind::EqualLast => end!(verdict($step, $next, $step.equals(window!($step.at.into())))),
                Kind::RangeLast => end!(verdict($step, $next, $step.is_within(window!($step.at.into())))),
                Kind::OneOfLast => end!(verdict($step, $next, $step.is_one_of(window!($step.at.into())))),
                Kind::RangeLastX => {
                    end!(verdict($step, $next, $step.is_within(window!(need!(at_x($step, $x))))));
                }
                Kind::LoadXMsh => {
                    let byte = match $head.get($step.k() as usize) {
                        Some(byte) => u32::from(*byte),
                        None => $elsewhere!(),
                    };
                    $x = (byte & 0xf).wrapping_mul(4);
                    skip!($rest, $next, $step.yes);
                    continue;
                }
                Kind::LoadXImm => {
                    $x = $step.k();
                    skip!($rest, $next, $step.yes);
                    continue;
                }
                Kind::RetK | Kind::Reject => end!($step.k()),
                $($others)*
            };
            branch!($rest, $step, $next, holds);
        }
    };
}

pub(super) use {branch, each_step, need, skip, skip_if};
