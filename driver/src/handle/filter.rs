//! Filter programs: copied once, verified in that copy, prepared beside it, never changed.

use bpf_core::{Packet, Prepared, Profile, Program, RawInsn, RoomTooSmall, Step, Storage, bpf_validate};
use snapgate_abi::ProgramBytes;

use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::pool::KSlice;

/// A verified program in pool memory, and the form of it that runs.
pub(crate) struct FilterProgram {
    program: Program<Insns>,
    prepared: Prepared<KSlice<Step>>,
}

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
    /// Copies the instructions into memory that only the driver has, verifies them there,
    /// and prepares them.
    pub(crate) fn try_new(bytes: &ProgramBytes<'_>) -> Result<KArc<Self>, Refused> {
        let insns =
            KSlice::try_from_iter(bytes.insns().map(|(code, jt, jf, k)| RawInsn { code, jt, jf, k }))?;
        let program = bpf_validate(Insns(insns), Profile::STRICT).map_err(|_| Refused::Invalid)?;
        let room = KSlice::try_filled(Step::EMPTY, program.steps_needed())?;
        // As much as is needed was asked for.
        let prepared = Prepared::new(&program, room).map_err(|RoomTooSmall| Refused::NoMemory)?;
        Ok(KArc::try_new(Self { program, prepared })?)
    }

    /// The verdict: how many bytes to keep.
    #[inline]
    pub(crate) fn run<P: Packet>(&self, packet: &P) -> u32 {
        self.prepared.run(packet)
    }

    /// Whether both decide the same because they are the same.
    pub(crate) fn has_the_insns_of(&self, other: &Self) -> bool {
        self.program.insns() == other.program.insns()
    }
}
