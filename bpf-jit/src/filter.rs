//! A filter as machine code: [`CompiledFilter`].

use std::fmt;

use bpf_core::{Insn, Metadata, Program, Storage};

use crate::error::{JitError, JitErrorKind};
use crate::known::{self, Known};
use crate::machine;
use crate::memory::{self, Code};

/// The longest program that is compiled. Longer ones run on the interpreter.
pub const LEN_MAX: usize = 131_072;

/// How many packets ahead a batch asks for memory.
const AHEAD: usize = 8;

/// A verified program as machine code. Clones share the code, which is unmapped with the last of them.
///
/// ```
/// use bpf_core::{Metadata, Profile, bpf_validate, text};
/// use bpf_jit::CompiledFilter;
///
/// let arp = bpf_validate(text::parse("ldh [12]\n jneq #0x806, drop\n ret #262144\n drop: ret #0")?, Profile::STRICT)?;
/// let filter = CompiledFilter::new(&arp)?;
/// let packet = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 0, 1];
/// assert_eq!(filter.run(&packet, 60, &Metadata::default()), 262_144);
/// assert_eq!(filter.run(&packet[..13], 60, &Metadata::default()), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CompiledFilter {
    code: Code,
    /// Whether the program asks for values beside the packet.
    asks: bool,
}

/// A packet of a batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchPacket<'a> {
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// The length on the wire.
    pub wire_len: u32,
    /// What is known beside the bytes, if anything.
    pub metadata: Option<&'a Metadata>,
}

impl CompiledFilter {
    /// Compiles a program for this machine.
    ///
    /// # Errors
    /// The program is longer than [`LEN_MAX`], the processor is not known, or the system gives no memory for code.
    pub fn new<S: Storage>(program: &Program<S>) -> Result<Self, JitError> {
        let insns = program.insns();
        if insns.len() > LEN_MAX {
            let detail = format!("{} instructions, at most {LEN_MAX} are compiled", insns.len());
            return Err(JitError::new(JitErrorKind::TooLong, detail));
        }
        let code = machine::emit(program, machine::host()?, Code::new)?;
        let asks = insns.iter().any(|raw| {
            matches!(raw.meaning(), Some(Insn::LoadAncillary { which, .. }) if known::index(which).is_some())
        });
        Ok(Self { code, asks })
    }

    /// The verdict on a packet: how many bytes of it to keep, 0 to reject it.
    #[inline]
    #[must_use]
    pub fn run(&self, packet: &[u8], wire_len: u32, metadata: &Metadata) -> u32 {
        if self.asks {
            self.run_asking(packet, wire_len, metadata)
        } else {
            self.code.call(packet, wire_len, None)
        }
    }

    #[inline(never)]
    fn run_asking(&self, packet: &[u8], wire_len: u32, metadata: &Metadata) -> u32 {
        self.code.call(packet, wire_len, Some(&Known::of(metadata)))
    }

    /// The verdicts on many packets, in order; while one is looked at, the memory of later ones is on its way. Ends with the shorter of
    /// the two slices, and returns how many verdicts were written.
    pub fn run_batch(&self, packets: &[BatchPacket<'_>], verdicts: &mut [u32]) -> usize {
        let mut places = verdicts.iter_mut();
        let count = packets.len().min(places.len());
        self.each(packets.get(..count).unwrap_or_default(), |verdict| {
            if let Some(place) = places.next() {
                *place = verdict;
            }
        });
        count
    }

    /// Which of many packets are accepted: bit `n % 64` of word `n / 64` is 1 if the verdict on packet `n` is not 0. Ends with the
    /// packets or the words, clears bits that are left in the last word, and returns how many packets were looked at.
    pub fn run_bitmap(&self, packets: &[BatchPacket<'_>], accepted: &mut [u64]) -> usize {
        let count = packets.len().min(accepted.len().saturating_mul(64));
        let (mut bits, mut seen) = (0, 0_usize);
        let mut places = accepted.iter_mut();
        self.each(packets.get(..count).unwrap_or_default(), |verdict| {
            bits |= u64::from(verdict != 0) << (seen % 64);
            seen = seen.wrapping_add(1);
            if seen % 64 == 0
                && let Some(place) = places.next()
            {
                *place = std::mem::take(&mut bits);
            }
        });
        if seen % 64 != 0
            && let Some(place) = places.next()
        {
            *place = bits;
        }
        count
    }

    /// Runs over packets, in order.
    #[inline(always)]
    fn each(&self, packets: &[BatchPacket<'_>], mut take: impl FnMut(u32)) {
        if self.asks {
            for packet in packets {
                let known = packet.metadata.map_or_else(Known::nothing, Known::of);
                take(self.code.call(packet.bytes, packet.wire_len, Some(&known)));
            }
            return;
        }
        let later = packets.get(AHEAD..).unwrap_or_default();
        let (first, last) = packets.split_at_checked(later.len()).unwrap_or_default();
        for (packet, later) in first.iter().zip(later) {
            memory::prefetch(later.bytes);
            take(self.code.call(packet.bytes, packet.wire_len, None));
        }
        for packet in last {
            take(self.code.call(packet.bytes, packet.wire_len, None));
        }
    }

    /// How many bytes of memory the code takes.
    #[must_use]
    pub fn code_len(&self) -> usize {
        self.code.len()
    }
}

impl fmt::Debug for CompiledFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledFilter").field("code_len", &self.code_len()).finish_non_exhaustive()
    }
}
