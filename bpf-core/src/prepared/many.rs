//! Many packets, one after the other.
//!
//! ```text
//!   packets   1 2 3 ... 64 │ 65 66 ...
//!   fetch     ▪ ▪ ▪ ▪▪▪▪ ▪ │             a byte where tests begin, and one in what is likely the next cache line
//!   run       ─ ─ ─ ──── ─ │             by now all of them have come
//! ```
//!
//! A packet takes longer to come from memory than a run takes, and a processor is not farther ahead than two or three packets of a
//! run: it waits for nearly each of them. The loop that only fetches is so short that it has dozens of packets on their way at a time.

use core::hint::black_box;
use core::ops::Deref;

use super::Prepared;
use super::step::{Kind, Step};
use crate::packet::Packet;

/// How many packets are fetched before they are run over. Longer rows were hardly faster.
const ROW: usize = 64;
/// Headers are longer than what is left of a cache line, as a rule: so far behind the first byte the next one is fetched.
const NEXT_LINE: usize = 40;

impl<R: Deref<Target = [Step]>> Prepared<R> {
    /// Runs the program over many packets, and calls `each` with their verdicts, in order: those of [`Self::run`], and twice as fast
    /// if the packets come from memory, since up to 64 of them are on their way at a time (`docs/performance.md`).
    ///
    /// The iterator must be finite. It is cloned to look ahead: a clone gives the same packets, or time is lost, and nothing else.
    ///
    /// ```
    /// use bpf_core::{Profile, SlicePacket, bpf_validate, text};
    ///
    /// let long = bpf_validate(text::parse("ld len\n jge #1000, keep\n ret #0\n keep: ret #96")?, Profile::STRICT)?;
    /// let packets: [(&[u8], u32); 2] = [(&[0; 60], 60), (&[0; 96], 1514)];
    /// let mut verdicts = vec![];
    /// let views = packets.iter().map(|(bytes, wire_len)| SlicePacket::new(bytes, *wire_len));
    /// long.prepare().run_each(views, |verdict| verdicts.push(verdict));
    /// assert_eq!(verdicts, [0, 96]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn run_each<P: Packet>(
        &self,
        mut packets: impl Iterator<Item = P> + Clone,
        mut each: impl FnMut(u32),
    ) {
        let first_byte = self.steps.first().and_then(Step::first_byte);
        loop {
            if let Some(first_byte) = first_byte {
                fetch(packets.clone().take(ROW), first_byte);
            }
            for _ in 0..ROW {
                let Some(packet) = packets.next() else { return };
                each(self.run(&packet));
            }
        }
    }
}

impl Step {
    /// The first byte of the packet that this step needs, if another step may come after it: one test is done as soon as its byte
    /// is there, and the processor is many packets ahead by itself.
    fn first_byte(&self) -> Option<usize> {
        match self.kind {
            Kind::Equal | Kind::Range | Kind::OneOf => Some(self.at.into()),
            Kind::LoadB | Kind::LoadH | Kind::LoadW | Kind::LoadXMsh => Some(self.k() as usize),
            _ => None,
        }
    }
}

#[inline(always)]
fn fetch<P: Packet>(packets: impl Iterator<Item = P>, first_byte: usize) {
    let mut seen = 0_u8;
    for packet in packets {
        let head = packet.head();
        for at in [first_byte, first_byte.saturating_add(NEXT_LINE)] {
            seen ^= head.get(at).copied().unwrap_or_default();
        }
    }
    // What nobody needs is not loaded.
    black_box(seen);
}
