//! The driver's ring.
//!
//! ```text
//! ring_ops   bytes ─▶ capacity and steps ─▶ ring and plain queue, side by side; the owner consumes, or a hostile program
//! ```

use crate::queue::{At, Op, check_lent, check_own};

/// Takes numbers off the front.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn word(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    fn op(&mut self) -> Option<Op> {
        Some(match self.byte()? % 12 {
            0 | 1 => Op::Reserve(u32::from(self.byte()?)),
            2 => Op::Reserve(u32::from(self.byte()?) * 8),
            3 => Op::Reserve(self.word()? as u32),
            4 | 5 => Op::Commit(usize::from(self.byte()?)),
            6 => Op::Discard(usize::from(self.byte()?)),
            7 => Op::Consume,
            8 => Op::Publish,
            9 => Op::Believe,
            10 => Op::Tail(match self.byte()? {
                255 => At::Anything(self.word()?),
                128..255 => At::Head,
                grains => At::Grains(u64::from(grains)),
            }),
            _ => match self.byte()? % 3 {
                0 => Op::Clear,
                1 => Op::Wants(u64::from(self.byte()?)),
                _ => Op::Head(self.word()?),
            },
        })
    }
}

/// A ring is a queue, whoever consumes and whatever a program writes.
pub fn ring_ops(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let (Some(kind), Some(grains)) = (bytes.byte(), bytes.byte()) else { return };
    let grains = usize::from(grains % 40);
    let ops = core::iter::from_fn(|| bytes.op()).collect();
    if kind % 2 == 0 {
        check_own(grains, usize::from(kind / 2) % 64, ops);
    } else {
        check_lent(grains, ops);
    }
}
