//! Sets of words, as ranges in order that neither meet nor touch: what is known of a word on a way.

/// A set of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// From the first to the last, both included; nothing if they are the wrong way round.
    #[must_use]
    pub fn of(first: u32, last: u32) -> Self {
        Self(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The least; 0 of nothing.
    #[must_use]
    pub fn min(&self) -> u32 {
        self.0.first().map_or(0, |range| range.0)
    }

    /// The greatest; 0 of nothing.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.0.last().map_or(0, |range| range.1)
    }

    /// The one word that is in it.
    #[must_use]
    pub fn only(&self) -> Option<u32> {
        match self.0.as_slice() {
            [(first, last)] if first == last => Some(*first),
            _ => None,
        }
    }

    /// What is also in a range.
    #[must_use]
    pub fn within(&self, first: u32, last: u32) -> Self {
        let from = self.0.partition_point(|range| range.1 < first);
        let to = self.0.partition_point(|range| range.0 <= last);
        let mut inside = self.0.get(from..to).unwrap_or_default().to_vec();
        if let Some(range) = inside.first_mut() {
            range.0 = range.0.max(first);
        }
        if let Some(range) = inside.last_mut() {
            range.1 = range.1.min(last);
        }
        Self(inside)
    }

    /// What is not in a range.
    #[must_use]
    pub fn without(&self, first: u32, last: u32) -> Self {
        let mut rest = first.checked_sub(1).map_or_else(Vec::new, |below| self.within(0, below).0);
        if let Some(above) = last.checked_add(1) {
            rest.extend(self.within(above, u32::MAX).0);
        }
        Self(rest)
    }

    /// Whether some word of a range is in it.
    #[must_use]
    pub fn meets(&self, first: u32, last: u32) -> bool {
        let from = self.0.partition_point(|range| range.1 < first);
        self.0.get(from).is_some_and(|range| range.0 <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn a_set_is_what_its_words_are() {
        let set = Ranges::of(2, 20).without(5, 5).without(9, 12).within(3, 18);
        let words: Vec<_> = (0..30).filter(|word| set.meets(*word, *word)).collect();
        assert_eq!(words, [3, 4, 6, 7, 8, 13, 14, 15, 16, 17, 18]);
        assert_eq!((set.min(), set.max(), set.only()), (3, 18, None));
        assert!(set.meets(9, 13) && !set.meets(9, 12) && !set.meets(0, 2));
        assert_eq!(set.within(5, 6).only(), Some(6));
    }

    #[test]
    fn the_ends_of_all_words_are_words() {
        let all = Ranges::of(0, u32::MAX);
        assert_eq!(all.without(0, u32::MAX - 1).only(), Some(u32::MAX));
        assert_eq!(all.without(1, u32::MAX).only(), Some(0));
        assert!(all.without(0, u32::MAX).is_empty() && Ranges::of(2, 1).is_empty());
    }
}
