//! One step of a prepared program.

/// What kind of step a distance leads to, in its upper bits. None of them: a test of the packet that is not the last one.
pub(super) mod class {
    /// The window of the test is the one before.
    pub(in super::super) const SAME: u32 = 1 << 27;
    /// A test, and both its ways end the program.
    pub(in super::super) const LAST: u32 = 1 << 28;
    /// Neither a simple test nor a last one.
    pub(in super::super) const OTHER: u32 = 1 << 31;
    /// All of them.
    pub(in super::super) const ALL: u32 = SAME | LAST | OTHER;
}

/// What a test does if the packet is too short for its window: [`Step::short`].
pub(super) mod short {
    /// The bits that say it.
    pub(in super::super) const MASK: u8 = 0x0f;
    /// 1 to 7: the field ends at this byte, and bytes that are not there are taken for 0.
    pub(in super::super) const EARLY_MAX: u8 = 7;
    /// This and more: the test goes on so many steps further; there are its parts.
    pub(in super::super) const PARTS: u8 = 8;
}

/// For who counts, in [`Step::short`] beside the others: what a step stands for.
pub(super) mod origin {
    /// How many instructions, less one.
    pub(in super::super) const MORE: u8 = 0x30;
    /// [`MORE`] stands so many bits up.
    pub(in super::super) const MORE_SHIFT: u32 = 4;
    /// If the test holds, the branch does not.
    pub(in super::super) const IS_INVERSE: u8 = 0x40;
}

/// With X at most [`crate::CAPTURED_LEN_MAX`], the sum with this is still a number of 32 bits.
pub(super) const INDEXED_AT_MAX: u16 = 0xfff;

/// Set in [`Step::short`] while a program is prepared: this step or a later one needs A.
pub(super) const A_IS_LIVE: u8 = 0x80;

/// What a step does. "Field" is a number of the packet, taken by [`Step::at`] and [`Step::mask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The program ends with 0. The first, so that memory of zeros holds steps.
    Reject,
    /// Is a field within a range? One of two ways.
    Test,
    /// The same, and both ways end the program.
    TestLast,
    /// Both of them for a field at X and more.
    TestInd,
    TestIndLast,
    /// Is the wire length within a range?
    TestLen,
    RetK,
    RetA,
    Jump,
    LoadB,
    LoadH,
    LoadW,
    LoadIndB,
    LoadIndH,
    LoadIndW,
    LoadImm,
    LoadLen,
    LoadMem,
    LoadAncillary,
    LoadXImm,
    LoadXLen,
    LoadXMem,
    LoadXMsh,
    Store,
    StoreX,
    AddK,
    MulK,
    DivK,
    ModK,
    OrK,
    AndK,
    XorK,
    LshK,
    RshK,
    AddX,
    SubX,
    MulX,
    DivX,
    ModX,
    OrX,
    AndX,
    XorX,
    LshX,
    RshX,
    Neg,
    Tax,
    Txa,
    /// Is A within a range?
    TestA,
    JeqX,
    JgtX,
    JgeX,
    JsetX,
}

impl Kind {
    /// What a distance to such a step has in its upper bits.
    pub(super) const fn class(self) -> u32 {
        match self {
            Self::Test => 0,
            Self::TestLast => class::LAST,
            _ => class::OTHER,
        }
    }

    /// Whether it is a test of the packet, and if so, whether at X.
    pub(super) const fn is_indexed(self) -> Option<bool> {
        match self {
            Self::Test | Self::TestLast => Some(false),
            Self::TestInd | Self::TestIndLast => Some(true),
            _ => None,
        }
    }
}

/// A step of a prepared program; [`Step::EMPTY`] fills memory for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Step {
    /// Which bits of the window, A or the loaded number count.
    pub(super) mask: u64,
    /// The least value that holds; other steps: the constant.
    pub(super) low: u64,
    /// How much above `low` values may be.
    pub(super) span: u32,
    /// How many steps to skip if the test holds, and in steps that test nothing; with a [`class`].
    pub(super) yes: u32,
    /// How many steps to skip if not.
    pub(super) no: u32,
    /// Where the window of eight bytes begins.
    pub(super) at: u16,
    pub(super) kind: Kind,
    /// See [`short`].
    pub(super) short: u8,
}

const _: () = assert!(size_of::<Step>() == 32);

impl Step {
    /// A step that ends the program with 0.
    pub const EMPTY: Self =
        Self { mask: 0, low: 0, span: 0, yes: 0, no: 0, at: 0, kind: Kind::Reject, short: 0 };

    /// A step without operands.
    pub(super) const fn of(kind: Kind) -> Self {
        Self { kind, ..Self::EMPTY }
    }

    /// The same step, for so many instructions; the first is its own place.
    pub(super) const fn standing_for(self, insns: usize) -> Self {
        let more = (insns.wrapping_sub(1) as u8).wrapping_shl(origin::MORE_SHIFT) & origin::MORE;
        Self { short: self.short & !origin::MORE | more, ..self }
    }

    /// The place of the step that one of its ways leads to.
    pub(super) fn leads_to(&self, at: usize, holds: bool) -> usize {
        let distance = if holds { self.yes } else { self.no };
        at.wrapping_add(1).saturating_add((distance & !class::ALL) as usize)
    }

    /// Whether it does the work of two tests.
    #[inline(always)]
    pub(super) const fn is_joined(&self) -> bool {
        self.short & short::MASK >= short::PARTS
    }

    /// The constant of a step that has one.
    #[inline(always)]
    pub(super) const fn k(&self) -> u32 {
        self.low as u32
    }

    /// Whether a number is one for which the way is `yes`.
    #[inline(always)]
    pub(super) const fn holds(&self, value: u32) -> bool {
        (value & self.mask as u32).wrapping_sub(self.low as u32) <= self.span
    }

    #[inline(always)]
    pub(super) const fn window_holds(&self, window: u64) -> bool {
        (window & self.mask).wrapping_sub(self.low) <= self.span as u64
    }
}
