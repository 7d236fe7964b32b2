//! Filter programs: copied once, verified in that copy, never changed.

use bpf_core::{Packet, Profile, Program, RawInsn, Storage, bpf_validate};
use snapgate_abi::ProgramBytes;

use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::pool::KSlice;

/// A verified program in pool memory.
pub(crate) struct FilterProgram(Program<Insns>);

struct Insns(KSlice<RawInsn>);

impl Storage for Insns {
    fn insns(&self) -> &[RawInsn] {
        &self.0
    }
}

/// Why there is no program.
pub(crate) enum Refused {
    NoMemory,
    /// The verifier said no.
    Invalid,
}

impl From<NoMemory> for Refused {
    fn from(NoMemory: NoMemory) -> Self {
        Self::NoMemory
    }
}

impl FilterProgram {
    /// Copies the instructions into memory that only the driver has, and verifies them there.
    pub(crate) fn try_new(bytes: &ProgramBytes<'_>) -> Result<KArc<Self>, Refused> {
        let insns =
            KSlice::try_from_iter(bytes.insns().map(|(code, jt, jf, k)| RawInsn { code, jt, jf, k }))?;
        let program = bpf_validate(Insns(insns), Profile::STRICT).map_err(|_| Refused::Invalid)?;
        Ok(KArc::try_new(Self(program))?)
    }

    /// The verdict: how many bytes to keep.
    #[inline]
    pub(crate) fn run<P: Packet>(&self, packet: &P) -> u32 {
        self.0.run(packet)
    }

    /// Whether both decide the same because they are the same.
    pub(crate) fn has_the_insns_of(&self, other: &Self) -> bool {
        self.0.insns() == other.0.insns()
    }
}
