//! The passes by name, and sets of them.

/// One pass of the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Pass {
    /// Arithmetic that can be done now is done, tests are said in one way.
    Fold,
    /// Nodes that decide the same and lead to the same become one.
    Merge,
    /// Edges go on past tests whose outcome is known.
    Thread,
    /// Chains of tests become search trees.
    Dispatch,
    /// Fragment offset and protocol of IPv4 are tested at once.
    Fuse,
    /// Parts that differ only in where they read become one.
    Share,
}

impl Pass {
    /// All passes, in the order in which they run first.
    pub const ALL: [Self; 6] =
        [Self::Fold, Self::Merge, Self::Thread, Self::Dispatch, Self::Fuse, Self::Share];

    /// Its name, in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fold => "fold",
            Self::Merge => "merge",
            Self::Thread => "thread",
            Self::Dispatch => "dispatch",
            Self::Fuse => "fuse",
            Self::Share => "share",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Fold => 1,
            Self::Merge => 2,
            Self::Thread => 4,
            Self::Dispatch => 8,
            Self::Fuse => 16,
            Self::Share => 32,
        }
    }
}

/// Which passes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Passes(u8);

impl Passes {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(u8::MAX);

    /// One alone.
    #[must_use]
    pub const fn only(pass: Pass) -> Self {
        Self(pass.bit())
    }

    /// All but one.
    #[must_use]
    pub const fn without(self, pass: Pass) -> Self {
        Self(self.0 & !pass.bit())
    }

    /// Whether a pass is one of them.
    #[must_use]
    pub const fn has(self, pass: Pass) -> bool {
        self.0 & pass.bit() != 0
    }
}

impl Default for Passes {
    fn default() -> Self {
        Self::ALL
    }
}
