//! Lists: many tests of A that tell a few values from all others become one look into a table.
//!
//! ```text
//!   ld [26]   jeq 7      first test: how values are hashed, and the two ways
//!             jeq 9      bucket 0    7  7  7  7        each step is still the test that it was, and has
//!             jgt 40     bucket 1   55 40 55 55        a bucket in the fields that tests of A do not use
//!             ...        ...
//! ```
//!
//! A list is neighbouring tests of A from whose first one a run comes to one of two steps behind them: to one with a few values of A,
//! the keys, and to the other with the rest. Both chains of `jeq` and search trees are of this form. A key is in the bucket of its
//! hash. One that had more keys than it has room for says so, and then the tests are asked, as if there were no table. That costs
//! as much as dozens of looks, and the values of real traffic are few and come again and again: so several ways to hash are
//! tried, and the one with the fewest such buckets is taken.
//!
//! Invariants:
//! - The table answers as the tests do, for every value: `a_list_means_what_its_tests_mean` in `tests/laws_lists.rs`.
//! - It takes no memory beside the steps, and time linear in them: neighbouring tests are walked through a fixed number of times,
//!   and given up after four times as many looks as there are tests.

use super::field::target;
use super::step::{Kind, Quick, Step, both};

/// Fewer keys are found sooner by the tests.
const KEYS_MIN: u32 = 8;
/// How many keys a bucket has room for; in [`Step::at`], one more means that it would need more.
const BUCKET_KEYS: u16 = 4;
/// So many neighbouring numbers at most are keys, and not a range.
const NEIGHBOURS_MAX: u32 = 8;
/// How many intervals may wait for their turn.
const WAITING_MAX: usize = 32;
/// One bucket of so many may have too many keys.
const WHOLE_TO_OVERFULL: usize = 16;
/// How many ways to hash are tried at most. With one or two keys for each bucket, a few of them leave none overfull.
const TRIES: u32 = 16;
/// The first multiplier, and what it is multiplied with for the next one: odd numbers without a pattern.
const MULTIPLIERS: (u32, u32) = (0x9e37_79b1, 0x85eb_ca6b);

/// Gives every list its table.
pub(super) fn tabulate(steps: &mut [Step]) {
    let mut start = 0_usize;
    while start < steps.len() {
        let count = steps.iter().skip(start).take_while(|step| step.kind == Kind::TestA).count();
        let tests = Tests { start, count };
        if let Some(list) = List::find(steps, tests) {
            list.write(steps);
        }
        start = start.saturating_add(count).saturating_add(1);
    }
}

/// How many steps to skip from the first test of a list on.
#[inline(always)]
pub(super) fn look_up(first: &Step, behind: &[Step], value: u32) -> u32 {
    match find(first, behind, value) {
        Some(true) => first.skip_for_keys(),
        Some(false) => first.skip_for_rest(),
        // The tests are asked, this one first.
        None if first.holds_all(value) => first.yes,
        None => first.no,
    }
}

/// Whether a value is a key, if the table knows.
#[inline(always)]
pub(super) fn find(first: &Step, behind: &[Step], value: u32) -> Option<bool> {
    behind.get(first.bucket(value)).filter(|bucket| bucket.is_whole()).map(|bucket| bucket.has(value))
}

/// The first test of a list.
impl Step {
    /// In which of the buckets a value would be; the first bucket is in the next step.
    #[inline(always)]
    const fn bucket(&self, value: u32) -> usize {
        value.wrapping_mul(self.place).wrapping_shr(self.at as u32) as usize
    }

    /// How many steps to skip for a key.
    #[inline(always)]
    pub(super) const fn skip_for_keys(&self) -> u32 {
        self.mask as u32
    }

    /// How many steps to skip for all other values.
    #[inline(always)]
    pub(super) const fn skip_for_rest(&self) -> u32 {
        self.mask.wrapping_shr(32) as u32
    }
}

/// The tests behind it.
impl Step {
    /// Whether the bucket has all keys that belong there.
    #[inline(always)]
    const fn is_whole(&self) -> bool {
        self.at <= BUCKET_KEYS
    }

    /// Whether the bucket has this key.
    #[inline(always)]
    const fn has(&self, key: u32) -> bool {
        // All are compared: at which one it ends could not be foreseen.
        (self.mask as u32 == key)
            | (self.mask.wrapping_shr(32) as u32 == key)
            | (self.low.wrapping_shr(32) as u32 == key)
            | (self.place == key)
    }

    /// A bucket without keys of its own. Its room is filled with some key: where that one is not, nobody looks for it.
    const fn empty(self, key: u32) -> Self {
        Self { mask: both(key, key), low: both(self.low as u32, key), place: key, at: 0, ..self }
    }

    /// A bucket that is not asked.
    const fn overfull(self) -> Self {
        Self { at: BUCKET_KEYS.wrapping_add(1), ..self }
    }

    fn with(self, key: u32) -> Self {
        let room = match self.at {
            0 => self.empty(key),
            _ if self.has(key) => return self,
            1 => Self { mask: both(self.mask as u32, key), ..self },
            2 => Self { low: both(self.low as u32, key), ..self },
            3 => Self { place: key, ..self },
            _ => self,
        };
        Self { at: self.at.wrapping_add(1).min(BUCKET_KEYS.wrapping_add(1)), ..room }
    }
}

/// Tests of A that are a list.
struct List {
    tests: Tests,
    /// The step for keys.
    to: usize,
    /// The step for the rest.
    rest: usize,
    /// How many keys there are; those that two tests ask for count twice.
    keys: u32,
    /// One of them.
    key: u32,
}

impl List {
    fn find(steps: &mut [Step], tests: Tests) -> Option<Self> {
        if tests.count <= KEYS_MIN as usize {
            return None;
        }
        let (mut widest, mut rest) = (0, None);
        tests.each_interval(steps, None, |_, end, low, high| {
            let width = high.wrapping_sub(low);
            if width > widest {
                (widest, rest) = (width, Some(end));
            }
            Some(())
        })?;
        let rest = rest?;
        // Of the steps for other values, that of the majority, if there is one.
        let (mut to, mut votes, mut keys, mut key) = (0, 0_u32, 0_u32, 0);
        tests.each_interval(steps, Some(rest), |_, end, low, high| {
            if end == rest {
                return Some(());
            }
            let more = high.wrapping_sub(low);
            (keys, key) = (keys.saturating_add(more).saturating_add(1), low);
            if votes == 0 {
                to = end;
            }
            votes = if to == end { votes.saturating_add(1) } else { votes.saturating_sub(1) };
            (more < NEIGHBOURS_MAX).then_some(())
        })?;
        (keys >= KEYS_MIN).then_some(Self { tests, to, rest, keys, key })
    }

    /// Writes the table, if a multiplier is found that spreads the keys.
    fn write(&self, steps: &mut [Step]) -> Option<()> {
        let Tests { start, count } = self.tests;
        // As many buckets as keys, if there are so many tests: a power of two.
        let bits = self.keys.min(count.wrapping_sub(1) as u32).checked_ilog2()?;
        let (mut multiplier, between) = MULTIPLIERS;
        let mut best = (self.fill(steps, multiplier, bits)?, multiplier);
        for _ in 1..TRIES {
            if best.0 == 0 {
                break;
            }
            multiplier = multiplier.wrapping_mul(between);
            best = best.min((self.fill(steps, multiplier, bits)?, multiplier));
        }
        let (overfull, best) = best;
        if overfull.saturating_mul(WHOLE_TO_OVERFULL) > 1_usize.wrapping_shl(bits) {
            return None;
        }
        if multiplier != best {
            self.fill(steps, best, bits)?;
        }
        let first = steps.get_mut(start)?;
        *first = Step { kind: Kind::FindA, quick: Quick::No, ..self.first(first, best, bits) };
        Some(())
    }

    /// Fills the buckets; returns how many are overfull.
    fn fill(&self, steps: &mut [Step], multiplier: u32, bits: u32) -> Option<usize> {
        let behind = self.tests.start.wrapping_add(1);
        let table = behind..behind.wrapping_add(1_usize.wrapping_shl(bits));
        steps.get_mut(table.clone())?.iter_mut().for_each(|bucket| *bucket = bucket.empty(self.key));
        let first = self.first(steps.get(self.tests.start)?, multiplier, bits);
        self.tests.each_interval(steps, Some(self.rest), |steps, end, low, high| {
            if end == self.rest {
                return Some(());
            }
            for key in low..=high {
                let bucket = steps.get_mut(behind.wrapping_add(first.bucket(key)))?;
                *bucket = if end == self.to { bucket.with(key) } else { bucket.overfull() };
            }
            Some(())
        })?;
        Some(steps.get(table)?.iter().filter(|bucket| !bucket.is_whole()).count())
    }

    /// The first test, with what the table needs.
    const fn first(&self, test: &Step, multiplier: u32, bits: u32) -> Step {
        let behind = self.tests.start.wrapping_add(1);
        let to = self.to.wrapping_sub(behind) as u32;
        let rest = self.rest.wrapping_sub(behind) as u32;
        let at = u32::BITS.wrapping_sub(bits) as u16;
        Step { mask: both(to, rest), at, place: multiplier, ..*test }
    }
}

/// Neighbouring tests of A.
#[derive(Clone, Copy)]
struct Tests {
    start: usize,
    count: usize,
}

/// Values of A that come to a step.
#[derive(Clone, Copy, Default)]
struct Interval {
    at: usize,
    low: u32,
    high: u32,
}

impl Tests {
    const fn has(&self, at: usize) -> bool {
        at.wrapping_sub(self.start) < self.count
    }

    /// Calls `see` with the steps, each step behind the tests and the values that come to it, first and last one. `None` if that would be too
    /// many looks, or as soon as `see` says so.
    ///
    /// A few values in the middle which leave the tests, and not for `rest`, are only seen, not taken out of what goes on: they
    /// may be seen again. (A chain of tests would leave as many intervals as it has tests, else.) So they mean that a value goes to
    /// a step other than `rest`; that it is this one is for the caller to make sure.
    // Not inlined, so that there is one such array on the stack.
    #[inline(never)]
    fn each_interval(
        &self,
        steps: &mut [Step],
        rest: Option<usize>,
        mut see: impl FnMut(&mut [Step], usize, u32, u32) -> Option<()>,
    ) -> Option<()> {
        let mut waiting = [Interval::default(); WAITING_MAX];
        let mut count = 0_usize;
        let mut now = Interval { at: self.start, low: 0, high: u32::MAX };
        let mut looks = self.count.saturating_mul(4);
        loop {
            looks = looks.checked_sub(1)?;
            let Interval { at, low, high } = now;
            if !self.has(at) {
                see(steps, at, low, high)?;
                let Some(next) = count.checked_sub(1) else { return Some(()) };
                (count, now) = (next, *waiting.get(next)?);
                continue;
            }
            let test = Cut::of(steps.get(at)?, at);
            let below = (low < test.first).then(|| (low, high.min(test.first.wrapping_sub(1))));
            let above = (high > test.last).then(|| (low.max(test.last.wrapping_add(1)), high));
            let within = Some((low.max(test.first), high.min(test.last))).filter(|(low, high)| low <= high);
            if let (Some(_), Some((first, last)), Some(_)) = (below, within, above)
                && last.wrapping_sub(first) < NEIGHBOURS_MAX
                && !self.has(test.inside)
                && rest != Some(test.inside)
            {
                see(steps, test.inside, first, last)?;
                now.at = test.outside;
                continue;
            }
            let ways = [(above, test.outside), (below, test.outside), (within, test.inside)];
            for (values, at) in ways {
                let Some((low, high)) = values else { continue };
                *waiting.get_mut(count)? = Interval { at, low, high };
                count = count.wrapping_add(1);
            }
            let next = count.checked_sub(1)?;
            (count, now) = (next, *waiting.get(next)?);
        }
    }
}

/// How a test cuts the numbers: from `first` to `last` they go to `inside`.
struct Cut {
    first: u32,
    last: u32,
    inside: usize,
    outside: usize,
}

impl Cut {
    fn of(step: &Step, at: usize) -> Self {
        let (yes, no) = (target(at, step.yes), target(at, step.no));
        let first = step.k();
        match first.checked_add(step.span) {
            Some(last) => Self { first, last, inside: yes, outside: no },
            // Over the greatest number and on from 0: what is between is all others.
            None => {
                let last = first.wrapping_sub(1);
                Self { first: first.wrapping_add(step.span).wrapping_add(1), last, inside: no, outside: yes }
            }
        }
    }
}

#[cfg(test)]
mod tests;
