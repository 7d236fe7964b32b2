//! The random numbers of the tests: SplitMix64, because a failing case must be one number that anyone can repeat.

/// A generator; the same seed gives the same numbers on every machine, always.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of case `number` of a run: cases are independent, so that one can be repeated alone.
    #[must_use]
    pub fn of_case(seed: u64, number: u64) -> Self {
        let mut mixed = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        Self(mixed.word64())
    }

    /// The next 64 bits.
    pub fn word64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next 32 bits.
    pub fn word(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.word64().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let [a, ..] = self.word64().to_le_bytes();
        a
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.word64() % bound).unwrap_or(0)
    }

    /// The same for words.
    pub fn word_below(&mut self, bound: u32) -> u32 {
        self.word() % bound.max(1)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of the choices.
    ///
    /// # Panics
    /// There are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A word that finds mistakes: a boundary, a small number, or any.
    pub fn interesting(&mut self) -> u32 {
        const EDGES: [u32; 16] = [
            0,
            1,
            2,
            31,
            32,
            33,
            0xff,
            0x100,
            0x7fff,
            0x8000,
            0xffff,
            0x1_0000,
            0x7fff_ffff,
            0x8000_0000,
            0x8000_0001,
            0xffff_ffff,
        ];
        match self.below(4) {
            0 | 1 => *self.pick(&EDGES),
            2 => self.word_below(64),
            _ => self.word(),
        }
    }
}
