//! The outcome of a test, and how outcomes combine.
//!
//! ```text
//! Fixed    decided by the link type alone, before any packet: folded away wherever it stands
//! Tested   decided by the packet
//! Stopped  the packet ended, or a division had no result: nothing after it is tested
//! ```
//!
//! Folding shows only on packets that are cut short: on raw IP `ip[100] = 1 and arp` reads nothing, because its
//! right side is false on every packet, and its opposite accepts.

/// The outcome of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// The same for all packets.
    Fixed(bool),
    /// Found in this packet.
    Tested(bool),
    /// The end of the whole filter: reject.
    Stopped,
}

impl Truth {
    /// The verdict, if this is the whole filter.
    pub(super) fn accepts(self) -> bool {
        matches!(self, Self::Fixed(true) | Self::Tested(true))
    }

    /// A test of something that was read, or could not be.
    pub(super) fn of(read: Option<u32>, holds: impl FnOnce(u32) -> bool) -> Self {
        read.map_or(Self::Stopped, |value| Self::Tested(holds(value)))
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Fixed(value) => Self::Fixed(!value),
            Self::Tested(value) => Self::Tested(!value),
            Self::Stopped => Self::Stopped,
        }
    }

    /// `self`, then `later` if `self` does not decide.
    pub(super) fn and(self, later: Self) -> Self {
        match (self, later) {
            (Self::Fixed(false), _) | (_, Self::Fixed(false)) => Self::Fixed(false),
            (Self::Fixed(true), other) | (other, Self::Fixed(true)) => other,
            (Self::Tested(true), _) => later,
            (Self::Tested(false) | Self::Stopped, _) => self,
        }
    }

    /// `self`, then `later` if `self` does not decide.
    pub(super) fn or(self, later: Self) -> Self {
        self.not().and(later.not()).not()
    }

    /// All of them, from left to right.
    pub(super) fn all(tests: impl IntoIterator<Item = Self>) -> Self {
        tests.into_iter().reduce(Self::and).unwrap_or(Self::Fixed(true))
    }

    /// Any of them, from left to right.
    pub(super) fn any(tests: impl IntoIterator<Item = Self>) -> Self {
        tests.into_iter().reduce(Self::or).unwrap_or(Self::Fixed(false))
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{Fixed, Stopped, Tested};

    #[test]
    fn a_stop_is_reached_only_when_nothing_before_it_decides() {
        assert_eq!(Tested(false).and(Stopped), Tested(false));
        assert_eq!(Tested(true).and(Stopped), Stopped);
        assert_eq!(Stopped.and(Tested(false)), Stopped);
        assert_eq!(Tested(true).or(Stopped), Tested(true));
        assert_eq!(Tested(false).or(Stopped), Stopped);
        assert_eq!(Stopped.or(Tested(true)), Stopped);
        assert_eq!(Stopped.not(), Stopped);
    }

    #[test]
    fn what_the_link_type_decides_is_folded_first() {
        assert_eq!(Stopped.and(Fixed(false)), Fixed(false));
        assert_eq!(Stopped.or(Fixed(true)), Fixed(true));
        assert_eq!(Stopped.and(Fixed(true)), Stopped);
        assert_eq!(Fixed(false).or(Stopped), Stopped);
    }
}
