//! Numbers and headers with what must hold before they are read.
//!
//! ```text
//! tcp[0:2] + tcp[2:2] = 1104      the left side's guard finds TCP behind extension headers, for both
//! 1 + tcp[2:2] = 81               nothing does: the bytes are read where they lie behind an IPv4 header
//! ```
//!
//! Without the option for extension headers all places are the same, whether the guard was asked or not.

use crate::graph::{Offset, PredicateId, ValueId};

/// A number, and what must hold before it is computed.
#[derive(Clone, Copy)]
pub(super) struct Number {
    /// The number where the guard was asked.
    pub(super) value: ValueId,
    pub(super) guard: Option<PredicateId>,
    /// The transport protocol whose header the guard finds behind extension headers.
    pub(super) finds: Option<u32>,
    /// The number where nothing was asked, and where the headers were found that it reads.
    pub(super) bare: ValueId,
    pub(super) found: ValueId,
    pub(super) reads: Found,
}

/// The transport protocols whose headers must be found behind extension headers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    One(u32),
    /// Which no packet has.
    Several,
}

impl Found {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) => other,
            (this, other) if other == Self::Nothing || this == other => this,
            _ => Self::Several,
        }
    }

    /// Whether a guard that finds this protocol's header is enough.
    fn with(self, finds: Option<u32>) -> bool {
        self == Self::Nothing || finds.is_some_and(|protocol| self == Self::One(protocol))
    }
}

impl Number {
    /// One that nothing guards.
    pub(super) const fn plain(value: ValueId) -> Self {
        Self { value, guard: None, finds: None, bare: value, found: value, reads: Found::Nothing }
    }

    /// The number without its guard, behind one that finds this protocol's header.
    pub(super) fn behind(&self, finds: Option<u32>) -> ValueId {
        if self.reads.with(finds) { self.found } else { self.bare }
    }
}

/// Where bytes are loaded from.
pub(super) struct Header {
    /// Its place where the guard was asked, and where nothing was.
    pub(super) at: Offset,
    pub(super) bare: Offset,
    pub(super) guard: Option<PredicateId>,
    /// The transport protocol, if it was found behind extension headers.
    pub(super) found: Option<u32>,
}

impl Header {
    pub(super) const fn plain(at: Offset, guard: Option<PredicateId>) -> Self {
        Self { at, bare: at, guard, found: None }
    }
}
