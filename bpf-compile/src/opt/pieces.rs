//! Sets of numbers, as a few ranges.
//!
//! Invariant: ranges are in order, none touches another, and a set that needs more of them than there is room for is made larger:
//! what is not in a set is certain, what is in it is possible.

use bpf_core::Cond;

/// Ranges that are told apart. More would only cost time: lists are the business of search trees.
pub(super) const PIECES_MAX: usize = 8;

/// Numbers from the first to the second of each pair, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pieces {
    ranges: [(u32, u32); PIECES_MAX],
    len: usize,
}

impl Pieces {
    pub(super) const NONE: Self = Self { ranges: [(0, 0); PIECES_MAX], len: 0 };

    /// All numbers from one to the other.
    pub(super) fn range(low: u32, high: u32) -> Self {
        let mut pieces = Self::NONE;
        if low <= high {
            pieces.add(low, high);
        }
        pieces
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.ranges.get(..self.len).unwrap_or_default().iter().copied()
    }

    pub(super) fn into_ranges(self) -> impl Iterator<Item = (u32, u32)> {
        self.ranges.into_iter().take(self.len)
    }

    /// The only number, if it is one.
    pub(super) fn single(&self) -> Option<u32> {
        match (self.len, self.ranges.first()) {
            (1, Some((low, high))) if low == high => Some(*low),
            _ => None,
        }
    }

    /// The largest number; 0 of an empty set.
    pub(super) fn most(&self) -> u32 {
        let last = self.len.checked_sub(1).and_then(|at| self.ranges.get(at));
        last.map_or(0, |(_, high)| *high)
    }

    /// Those of `self` for which a comparison with a number has this outcome.
    pub(super) fn only(&self, cond: Cond, number: u32, holds: bool) -> Self {
        let below = |limit: u32| limit.checked_sub(1).map_or(Self::NONE, |high| self.within(0, high));
        match (cond, holds) {
            (Cond::Eq, true) if self.has(number) => Self::range(number, number),
            (Cond::Eq, true) => Self::NONE,
            (Cond::Eq, false) => {
                let mut others = *self;
                others.leave_out(number);
                others
            }
            (Cond::Gt, true) => number.checked_add(1).map_or(Self::NONE, |low| self.within(low, u32::MAX)),
            (Cond::Gt, false) => self.within(0, number),
            (Cond::Ge, true) => self.within(number, u32::MAX),
            (Cond::Ge, false) => below(number),
            (Cond::Set, true) => {
                // A number below the lowest bit has none of them.
                let lowest = 1_u32.checked_shl(number.trailing_zeros()).unwrap_or(u32::MAX);
                self.within(lowest, u32::MAX)
            }
            (Cond::Set, false) if is_upper(number, self.most()) => below(number & number.wrapping_neg()),
            (Cond::Set, false) => *self,
        }
    }

    /// Whether a comparison with a number may hold for some of them, and whether it may not hold for some.
    pub(super) fn outcomes(&self, cond: Cond, number: u32) -> (bool, bool) {
        let least = self.ranges.first().map_or(0, |(low, _)| *low);
        match cond {
            _ if self.is_empty() => (false, false),
            Cond::Eq => (self.has(number), self.single() != Some(number)),
            Cond::Gt => (self.most() > number, least <= number),
            Cond::Ge => (self.most() >= number, least < number),
            Cond::Set => {
                let is_there = |holds| !self.only(cond, number, holds).is_empty();
                (is_there(true), is_there(false))
            }
        }
    }

    /// All that are in one of the two, and more where there is no room.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut all = Self::NONE;
        let (mut ours, mut theirs) = (self.iter().peekable(), other.iter().peekable());
        loop {
            let next = match (ours.peek(), theirs.peek()) {
                (Some(one), Some(two)) if one.0 <= two.0 => ours.next(),
                (_, Some(_)) => theirs.next(),
                (Some(_), None) => ours.next(),
                (None, None) => return all,
            };
            if let Some((low, high)) = next {
                all.add(low, high);
            }
        }
    }

    /// Those that are not in the other one; more where there is no room for the gaps.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut rest = Self::NONE;
        let mut low = Some(0);
        for (from, to) in other.iter() {
            if let (Some(begin), Some(end)) = (low, from.checked_sub(1))
                && begin <= end
            {
                rest.add(begin, end);
            }
            low = to.checked_add(1);
        }
        if let Some(begin) = low {
            rest.add(begin, u32::MAX);
        }
        self.intersection(&rest)
    }

    /// Those that are in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::NONE;
        for (low, high) in other.iter() {
            both.add_within(self, low, high);
        }
        both
    }

    /// All but one number; all where there is no room for the gap.
    pub(super) fn leave_out(&mut self, number: u32) {
        let Some(at) = self.iter().position(|(low, high)| low <= number && number <= high) else { return };
        let Some(range) = self.ranges.get_mut(at) else { return };
        let (low, high) = *range;
        if low == high {
            self.ranges.copy_within(at.saturating_add(1)..self.len, at);
            self.len = self.len.saturating_sub(1);
        } else if number == low {
            range.0 = number.saturating_add(1);
        } else if number == high {
            range.1 = number.saturating_sub(1);
        } else if self.len < PIECES_MAX {
            range.1 = number.saturating_sub(1);
            let behind = at.saturating_add(1);
            self.ranges.copy_within(behind..self.len, behind.saturating_add(1));
            if let Some(slot) = self.ranges.get_mut(behind) {
                *slot = (number.saturating_add(1), high);
            }
            self.len = self.len.saturating_add(1);
        }
    }

    fn has(&self, number: u32) -> bool {
        self.iter().any(|(low, high)| low <= number && number <= high)
    }

    fn within(&self, low: u32, high: u32) -> Self {
        let mut some = Self::NONE;
        some.add_within(self, low, high);
        some
    }

    /// Those of others that are in a range, which lies behind all that are there.
    fn add_within(&mut self, others: &Self, low: u32, high: u32) {
        for (from, to) in others.iter() {
            let (from, to) = (from.max(low), to.min(high));
            if from <= to {
                self.add(from, to);
            }
        }
    }

    /// A range that begins behind the begin of the last one.
    fn add(&mut self, low: u32, high: u32) {
        let last = self.len.checked_sub(1).and_then(|at| self.ranges.get_mut(at));
        let is_full = self.len == PIECES_MAX;
        match last {
            Some((_, end)) if is_full || low <= end.saturating_add(1) => *end = high.max(*end),
            _ => {
                if let Some(slot) = self.ranges.get_mut(self.len) {
                    *slot = (low, high);
                    self.len = self.len.saturating_add(1);
                }
            }
        }
    }
}

impl PartialEq for Pieces {
    fn eq(&self, other: &Self) -> bool {
        // What is behind the last range means nothing.
        self.len == other.len && self.iter().eq(other.iter())
    }
}

/// Whether a mask has all bits from its lowest one up to that of the largest number: then any of them set means large.
fn is_upper(mask: u32, most: u32) -> bool {
    let lowest = mask & mask.wrapping_neg();
    mask != 0 && (mask | lowest.wrapping_sub(1)) >= most && (mask.wrapping_add(lowest) & mask) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn has(pieces: &Pieces, number: u32) -> bool {
        pieces.has(number)
    }

    fn outcome(cond: Cond, left: u32, right: u32) -> bool {
        match cond {
            Cond::Eq => left == right,
            Cond::Gt => left > right,
            Cond::Ge => left >= right,
            Cond::Set => left & right != 0,
        }
    }

    fn conds() -> impl Strategy<Value = Cond> {
        prop::sample::select(vec![Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set])
    }

    fn numbers() -> impl Strategy<Value = u32> {
        prop_oneof![
            0_u32..40,
            Just(u32::MAX),
            Just(u32::MAX - 1),
            any::<u32>(),
            (0_u32..32).prop_map(|n| 1 << n)
        ]
    }

    proptest! {
        /// No number is lost that may be there, whatever tests were made before.
        #[test]
        fn what_passes_the_tests_stays_in_the_set(
            steps in prop::collection::vec((conds(), numbers(), any::<bool>()), 0..24),
            number in numbers(),
            most in prop::sample::select(vec![0xff_u32, 0xffff, u32::MAX]),
        ) {
            let mut pieces = Pieces::range(0, most);
            let mut passes = number <= most;
            for (cond, right, holds) in steps {
                pieces = pieces.only(cond, right, holds);
                passes &= outcome(cond, number, right) == holds;
            }
            prop_assert!(!passes || has(&pieces, number));
            for (cond, right) in [(Cond::Eq, number), (Cond::Gt, number), (Cond::Ge, number), (Cond::Set, number)] {
                let holds = |holds| !pieces.only(cond, right, holds).is_empty();
                prop_assert_eq!(pieces.outcomes(cond, right), (holds(true), holds(false)));
            }
            prop_assert!(pieces.iter().zip(pieces.iter().skip(1)).all(|(one, next)| one.1 < next.0));
        }

        #[test]
        fn a_union_has_all_of_both(one in prop::collection::vec(0_u32..60, 0..12), two in prop::collection::vec(0_u32..60, 0..12)) {
            let set = |numbers: &[u32]| numbers.iter().fold(Pieces::NONE, |all, &n| all.union(&Pieces::range(n, n)));
            let all = set(&one).union(&set(&two));
            prop_assert!(one.iter().chain(&two).all(|&number| has(&all, number)));
        }
    }
}
