//! One step of a prepared program.

/// Set in a distance: the step there is no [`Kind::Test`].
pub(super) const OTHER: u32 = 1 << 31;

/// What a test does if the packet is too short for its window: [`Step::short`].
pub(super) mod short {
    /// The bits that say it.
    pub(in super::super) const MASK: u8 = 0x7f;
    /// The program ends with 0.
    pub(in super::super) const REJECT: u8 = 0;
    /// 1 to 7: the field ends at this byte, and bytes that are not there are taken for 0.
    pub(in super::super) const EARLY_MAX: u8 = 7;
    /// This and more: the test goes on so many steps further; there are its parts.
    pub(in super::super) const PARTS: u8 = 16;
}

/// Set in [`Step::short`] while a program is prepared: this step or a later one needs A.
pub(super) const A_IS_LIVE: u8 = 0x80;

/// What a step does. "Field" is a number of the packet, taken by [`Step::at`] and [`Step::mask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Is a field within a range? One of two ways.
    Test,
    Reject,
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
    /// Is a field at X + k within a range?
    TestIndB,
    TestIndH,
    TestIndW,
    /// The same, after X = 4 * (byte & 0xf).
    TestMshB,
    TestMshH,
    TestMshW,
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
    /// How many steps to skip if the test holds, and in steps that test nothing; with [`OTHER`].
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

    /// The constant of a step that has one.
    #[inline(always)]
    pub(super) const fn k(&self) -> u32 {
        self.low as u32
    }

    /// The offset of an indirect test, which has a range too.
    #[inline(always)]
    pub(super) const fn offset(&self) -> u32 {
        self.mask.wrapping_shr(32) as u32
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
