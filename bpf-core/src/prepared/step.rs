//! One step of a prepared program.

/// How many numbers [`Kind::OneOf`] has room for.
pub(super) const NUMBERS_MAX: usize = 4;
/// The most bytes that a test looks at.
pub(super) const WINDOW_BYTES: u8 = 8;

/// What a step does. "Window" is eight bytes of the packet from [`Step::at`] on, or from X and that on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The program ends with 0. The first, so that memory of zeros holds steps.
    Reject,
    /// Are bits of the window these? Then `yes` steps are skipped, and else `no` steps.
    Equal,
    /// Are bits of the window, as a number, within a range?
    Range,
    /// The same for a window at X.
    RangeX,
    /// Are bits of the window, as a number, one of up to four?
    OneOf,
    /// These where both ways end the program.
    EqualLast,
    RangeLast,
    RangeLastX,
    OneOfLast,
    /// Is the wire length within a range? This one and those up to [`Self::LoadAncillary`] ask for what is known beside the bytes.
    TestLen,
    /// The same where both ways end the program.
    TestLenLast,
    LoadLen,
    LoadXLen,
    LoadAncillary,
    LoadXMsh,
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
    LoadMem,
    LoadXImm,
    LoadXMem,
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
    /// The same, and a table behind it may answer for many tests: see `table`.
    FindA,
    /// Are bits of A within a range?
    TestBitsA,
    JeqX,
    JgtX,
    JgeX,
    JsetX,
}

impl Kind {
    /// Whether the program ends here, and with a constant.
    pub(super) const fn is_end(self) -> bool {
        matches!(self, Self::RetK | Self::Reject)
    }

    /// Whether it loads A with bytes of the packet.
    pub(super) const fn is_load(self) -> bool {
        matches!(self, Self::LoadB | Self::LoadH | Self::LoadW) || self.is_at_x()
    }

    /// Whether it loads A with bytes at X.
    #[inline(always)]
    pub(super) const fn is_at_x(self) -> bool {
        matches!(self, Self::LoadIndB | Self::LoadIndH | Self::LoadIndW)
    }

    /// Whether it asks for what is known beside the bytes.
    pub(super) const fn asks_beside(self) -> bool {
        matches!(
            self,
            Self::TestLen | Self::TestLenLast | Self::LoadLen | Self::LoadXLen | Self::LoadAncillary
        )
    }
}

/// The tests that a loop looks for before it asks what kind of step it has: nearly all of a filter. One of their ways is the next
/// step. Apart from [`Kind`], and numbers far from each other, so that compilers make no jump table of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Quick {
    /// None of them.
    No = 0,
    /// [`Kind::Equal`]; if not, the next step comes.
    SkipIfEqual = 0x21,
    /// [`Kind::Equal`]; if so, the next step comes.
    SkipUnlessEqual = 0x51,
    /// [`Kind::Range`]; if not, the next step comes.
    SkipIfWithin = 0x91,
    /// [`Kind::RangeX`]; if not, the next step comes.
    SkipIfWithinX = 0xd1,
    /// [`Kind::TestA`]; if not, the next step comes.
    SkipIfWithinA = 0xf1,
    /// A load with a list behind it. This one and those below are only of programs with lists, and have bits of their own.
    LoadOfList = IS_OF_LISTS | IS_LOAD,
    /// [`Kind::OneOf`].
    OneOf = IS_OF_LISTS | IS_ONE_OF,
    /// [`Kind::LoadXMsh`].
    LoadXMsh = IS_OF_LISTS | 0x10,
    /// [`Kind::LoadXImm`].
    LoadXImm = IS_OF_LISTS | 0x20,
    /// The program ends with a constant.
    End = IS_OF_LISTS | 0x40,
}

const IS_OF_LISTS: u8 = 0x02;
const IS_LOAD: u8 = 0x04;
const IS_ONE_OF: u8 = 0x08;

/// Bits are asked, not numbers compared: of many numbers compilers make a jump table, whatever they are.
impl Quick {
    /// Whether it is one of those for programs with lists only.
    #[inline(always)]
    pub(super) const fn is_of_lists(self) -> bool {
        self as u8 & IS_OF_LISTS != 0
    }

    /// Of these: whether it is a load.
    #[inline(always)]
    pub(super) const fn is_load(self) -> bool {
        self as u8 & IS_LOAD != 0
    }

    /// Of these: whether it is a test for a few numbers.
    #[inline(always)]
    pub(super) const fn is_one_of(self) -> bool {
        self as u8 & IS_ONE_OF != 0
    }
}

/// A step of a prepared program; [`Step::EMPTY`] fills memory for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Step {
    /// Which bits of the window, A or the loaded number count. For [`Kind::Equal`] and [`Kind::EqualLast`] the window is a
    /// little-endian number, so that its bytes need not be swapped; for all others a big-endian one.
    pub(super) mask: u64,
    /// The value, or the least one that holds; other steps: the constant.
    pub(super) low: u64,
    /// How much above `low` values may be. Of windows it is a signed number, which stands for one of 64 bits: a negative span is one
    /// past all values, to the end of the numbers or on from their beginning.
    pub(super) span: u32,
    /// How many steps to skip if the test holds, and in steps that test nothing.
    pub(super) yes: u32,
    /// How many steps to skip if not.
    pub(super) no: u32,
    /// Where the window begins. Loads: how far to shift right, and left, in two bytes.
    pub(super) at: u16,
    pub(super) kind: Kind,
    pub(super) quick: Quick,
    /// How many bytes of the window, or to be loaded, have to be there: 1 to 8.
    pub(super) bytes: u8,
    /// How many of them the first of two joined tests needs; the same if it is one test, or if the first one ends later.
    pub(super) first_bytes: u8,
    /// While a program is prepared: whether this step or a later one needs A.
    pub(super) a_is_live: bool,
    /// While steps are made: the comparison of this place takes that of the load before it, and this test comes after it.
    pub(super) is_marked: bool,
    /// While a program is prepared: where the step of the instruction at this place will stand.
    pub(super) place: u32,
}

const _: () = assert!(size_of::<Step>() == 40);

impl Step {
    /// A step that ends the program with 0.
    pub const EMPTY: Self = Self {
        mask: 0,
        low: 0,
        span: 0,
        yes: 0,
        no: 0,
        at: 0,
        kind: Kind::Reject,
        quick: Quick::No,
        bytes: 0,
        first_bytes: 0,
        a_is_live: false,
        is_marked: false,
        place: 0,
    };

    /// A step without operands.
    pub(super) const fn of(kind: Kind) -> Self {
        Self { kind, ..Self::EMPTY }
    }

    /// A step that needs so many bytes.
    pub(super) const fn with_bytes(self, bytes: u8) -> Self {
        Self { bytes, first_bytes: bytes, ..self }
    }

    /// Whether two tests were made one.
    pub(super) const fn is_joined(&self) -> bool {
        self.first_bytes < self.bytes
    }

    /// The least and the greatest value that holds, while a program is prepared.
    pub(super) const fn values(&self) -> (u64, u64) {
        (self.low, self.low.saturating_add(self.span as u64))
    }

    /// Whether a test looks at the same bits of the same window as another one, and needs as many bytes of it.
    pub(super) fn looks_at_the_same(&self, other: &Self) -> bool {
        let place = |step: &Self| (step.kind, step.at, step.mask, step.bytes, step.first_bytes);
        matches!(self.kind, Kind::Range | Kind::RangeX) && place(self) == place(other)
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

    /// The same for [`Kind::TestA`].
    #[inline(always)]
    pub(super) const fn holds_all(&self, value: u32) -> bool {
        value.wrapping_sub(self.low as u32) <= self.span
    }

    /// What A is after a load of this number.
    #[inline(always)]
    pub(super) const fn loaded(&self, number: u32) -> u32 {
        let [right, left] = self.at.to_le_bytes();
        (number & self.mask as u32).wrapping_shr(right as u32).wrapping_shl(left as u32)
    }

    /// Whether the first of two joined tests holds for a window, as it lies in memory.
    pub(super) const fn first_holds(&self, window: u64) -> bool {
        let missing = (WINDOW_BYTES.wrapping_sub(self.first_bytes) as u32).wrapping_mul(8);
        let there = u64::MAX.wrapping_shr(missing);
        let (mask, low) = match self.kind {
            Kind::Equal | Kind::EqualLast => (self.mask, self.low),
            _ => (self.mask.swap_bytes(), self.low.swap_bytes()),
        };
        (window ^ low) & mask & there == 0
    }

    /// A test for one of these numbers, instead of a test of a range.
    pub(super) const fn with_numbers(self, [a, b, c, d]: [u32; NUMBERS_MAX]) -> Self {
        let mask = both(self.mask as u32, a);
        Self { kind: Kind::OneOf, mask, low: both(b, c), span: d, ..self }
    }

    /// Whether a window, as it lies in memory, is one of the numbers.
    #[inline(always)]
    pub(super) const fn is_one_of(&self, window: u64) -> bool {
        let number = window.swap_bytes() as u32 & self.mask as u32;
        // All are compared: with which one it ends could not be foreseen.
        (number == self.mask.wrapping_shr(32) as u32)
            | (number == self.low as u32)
            | (number == self.low.wrapping_shr(32) as u32)
            | (number == self.span)
    }

    /// Whether a window, as it lies in memory, has the value.
    #[inline(always)]
    pub(super) const fn equals(&self, window: u64) -> bool {
        window & self.mask == self.low
    }

    /// Whether a window, as it lies in memory, is within the range.
    #[inline(always)]
    pub(super) const fn is_within(&self, window: u64) -> bool {
        (window.swap_bytes() & self.mask).wrapping_sub(self.low) <= self.span.cast_signed() as u64
    }
}

/// Two numbers in one.
pub(super) const fn both(low: u32, high: u32) -> u64 {
    (high as u64).wrapping_shl(32) | low as u64
}
