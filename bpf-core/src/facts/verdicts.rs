//! What a program may return.

use alloc::vec::Vec;

use super::interval::Interval;

/// The verdicts that a program may give; every verdict that it gives is among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    constants: Vec<u32>,
    computed: Option<Interval>,
    ends_early: bool,
}

impl Verdicts {
    /// Those of returns with a fixed value, in ascending order, each once.
    #[must_use]
    pub fn constants(&self) -> &[u32] {
        &self.constants
    }

    /// Between which bounds those lie that are computed (`ret a`), if there are such.
    #[must_use]
    pub const fn computed(&self) -> Option<Interval> {
        self.computed
    }

    /// Whether it may end with 0 before a return: a load past the end, a missing value, a division by 0.
    #[must_use]
    pub const fn may_end_early(&self) -> bool {
        self.ends_early
    }

    /// Whether this verdict is possible.
    #[must_use]
    pub fn contains(&self, verdict: u32) -> bool {
        (self.ends_early && verdict == 0)
            || self.computed.is_some_and(|computed| computed.contains(verdict))
            || self.constants.binary_search(&verdict).is_ok()
    }

    /// The greatest that is possible: the snap length that the capture needs.
    #[must_use]
    pub fn max(&self) -> u32 {
        let constant = self.constants.last().copied().unwrap_or_default();
        constant.max(self.computed.map_or(0, |computed| computed.max))
    }

    /// Whether some packet may be kept. If not, the program rejects everything.
    #[must_use]
    pub fn may_accept(&self) -> bool {
        self.max() > 0
    }

    /// Whether some packet may be rejected. If not, the program accepts everything.
    #[must_use]
    pub fn may_reject(&self) -> bool {
        self.contains(0)
    }

    pub(super) fn add(&mut self, verdict: Interval) {
        match verdict.as_constant() {
            Some(constant) => self.constants.push(constant),
            None => self.computed = Some(self.computed.map_or(verdict, |other| other.union(verdict))),
        }
    }

    pub(super) fn add_early_end(&mut self) {
        self.ends_early = true;
    }

    /// To be called after the last [`Self::add`].
    pub(super) fn sorted(mut self) -> Self {
        self.constants.sort_unstable();
        self.constants.dedup();
        self
    }
}
