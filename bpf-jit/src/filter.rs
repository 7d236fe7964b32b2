//! A filter as machine code: [`CompiledFilter`].

use std::fmt;
use std::sync::{Arc, OnceLock};

use bpf_core::{Insn, Metadata, Program, RawInsn, Storage};

use crate::bitmap::{AHEAD, BatchLoop};
use crate::error::{JitError, JitErrorKind};
use crate::known::{self, Known};
use crate::lower::Form;
use crate::machine;
use crate::memory::{self, Code};

/// The longest program that is compiled. Longer ones run on the interpreter.
pub const LEN_MAX: usize = 131_072;

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
    batch: Arc<Batch>,
}

/// What batches need.
struct Batch {
    program: Program<Vec<RawInsn>>,
    /// The loop over packets, made when it is first asked for; `None` if there is no memory for it.
    code: OnceLock<Option<BatchLoop>>,
    /// The one verdict beside 0, if there is only one.
    verdict: Option<u32>,
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
        check_length(program)?;
        let code = machine::emit(program, Form::Single, machine::host()?, Code::new)?;
        let asks = asks(program.insns());
        let verdict = only_verdict(program.insns());
        let batch = Batch { program: program.to_owned(), code: OnceLock::new(), verdict };
        Ok(Self { code, asks, batch: Arc::new(batch) })
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

    /// The verdicts on many packets, in order; while some are looked at, the memory of later ones is on its way. Ends with the shorter
    /// of the two slices, and returns how many verdicts were written. The first batch compiles the program once more, as a loop.
    pub fn run_batch(&self, packets: &[BatchPacket<'_>], verdicts: &mut [u32]) -> usize {
        let count = packets.len().min(verdicts.len());
        let packets = packets.get(..count).unwrap_or_default();
        let verdicts = verdicts.get_mut(..count).unwrap_or_default();
        if let (Some(code), Some(verdict)) = (self.batch_code(), self.batch.verdict) {
            for (places, bits) in verdicts.chunks_mut(64).zip(code.words(packets)) {
                for (bit, place) in places.iter_mut().enumerate() {
                    *place = if bits >> bit & 1 != 0 { verdict } else { 0 };
                }
            }
        } else {
            for ((packet, later), place) in packets.iter().zip(ahead(packets)).zip(verdicts) {
                memory::prefetch(later);
                *place = self.run_batched(packet);
            }
        }
        count
    }

    /// Which of many packets are accepted: bit `n % 64` of word `n / 64` is 1 if the verdict on packet `n` is not 0. Ends with the
    /// packets or the words, clears bits that are left in the last word, and returns how many packets were looked at. Memory and the
    /// first call are as with [`Self::run_batch`].
    pub fn run_bitmap(&self, packets: &[BatchPacket<'_>], accepted: &mut [u64]) -> usize {
        let count = packets.len().min(accepted.len().saturating_mul(64));
        let packets = packets.get(..count).unwrap_or_default();
        if let Some(code) = self.batch_code() {
            code.run(packets, accepted);
        } else {
            let bit = |(bit, packet)| u64::from(self.run_batched(packet) != 0) << bit;
            for (place, chunk) in accepted.iter_mut().zip(packets.chunks(64)) {
                *place = chunk.iter().enumerate().map(bit).sum();
            }
        }
        count
    }

    /// The loop, unless the program asks for values beside the packet.
    fn batch_code(&self) -> Option<&BatchLoop> {
        if self.asks {
            return None;
        }
        self.batch.code.get_or_init(|| BatchLoop::new(&self.batch.program).ok()).as_ref()
    }

    fn run_batched(&self, packet: &BatchPacket<'_>) -> u32 {
        if !self.asks {
            return self.code.call(packet.bytes, packet.wire_len, None);
        }
        let known = packet.metadata.map_or_else(Known::nothing, Known::of);
        self.code.call(packet.bytes, packet.wire_len, Some(&known))
    }

    /// The machine code for one packet, to be looked at.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        self.code.bytes()
    }

    /// How many bytes of memory the code takes.
    #[must_use]
    pub fn code_len(&self) -> usize {
        self.code.len()
    }
}

/// # Errors
/// The program is longer than [`LEN_MAX`].
pub(crate) fn check_length<S: Storage>(program: &Program<S>) -> Result<(), JitError> {
    let len = program.insns().len();
    if len > LEN_MAX {
        let detail = format!("{len} instructions, at most {LEN_MAX} are compiled");
        return Err(JitError::new(JitErrorKind::TooLong, detail));
    }
    Ok(())
}

/// Whether a program asks for values beside the packet.
pub(crate) fn asks(insns: &[RawInsn]) -> bool {
    insns.iter().any(|raw| {
        matches!(raw.meaning(), Some(Insn::LoadAncillary { which, .. }) if known::index(which).is_some())
    })
}

/// The bytes of the packet that comes [`AHEAD`] packets later, for each packet; none for the last.
fn ahead<'a>(packets: &'a [BatchPacket<'_>]) -> impl Iterator<Item = &'a [u8]> {
    let later = packets.get(AHEAD..).unwrap_or_default();
    later.iter().map(|packet| packet.bytes).chain(std::iter::repeat(&[][..]))
}

/// The one verdict beside 0 that a program returns, if there is only one.
fn only_verdict(insns: &[RawInsn]) -> Option<u32> {
    let mut only = None;
    for raw in insns {
        match raw.meaning() {
            Some(Insn::RetA) => return None,
            Some(Insn::RetK(k)) if k != 0 && only.is_some_and(|other| other != k) => return None,
            Some(Insn::RetK(k)) if k != 0 => only = Some(k),
            _ => {}
        }
    }
    only
}

impl fmt::Debug for CompiledFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledFilter").field("code_len", &self.code_len()).finish_non_exhaustive()
    }
}
