//! What a program set for its handle, as the data path needs it.

use snapgate_abi::{Direction, TimestampMode};

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    Out,
}

/// The settings; copied into the tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) statistics: bool,
    pub(crate) nanoseconds: bool,
    pub(crate) clock: TimestampMode,
    pub(crate) direction: Direction,
    pub(crate) snap_len: u32,
    /// Whether packets that this system sent to itself are seen.
    pub(crate) sees_loopback: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            statistics: false,
            nanoseconds: false,
            clock: TimestampMode::Counter,
            direction: Direction::Both,
            snap_len: u32::MAX,
            sees_loopback: true,
        }
    }
}

impl Settings {
    /// Whether packets that go this way are looked at.
    #[inline]
    pub(crate) fn sees(&self, way: Way) -> bool {
        match self.direction {
            Direction::Both => true,
            Direction::In => way == Way::In,
            Direction::Out => way == Way::Out,
        }
    }

    /// Whether both look at the same packets.
    pub(crate) fn looks_at_the_same(&self, other: &Self) -> bool {
        self.direction == other.direction && self.sees_loopback == other.sees_loopback
    }
}
