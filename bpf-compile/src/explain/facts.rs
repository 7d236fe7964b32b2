//! What can be said of a program without a packet.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use bpf_core::cfg::Cfg;
use bpf_core::{BytesNeeded, Facts, Profile, Program, RawInsn, bpf_validate};

/// The facts of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFacts {
    /// How many instructions it has.
    pub instructions: usize,
    /// Into how many runs without a jump they fall.
    pub blocks: usize,
    /// The most instructions that one packet costs.
    pub worst_case_steps: u32,
    /// How many captured bytes decide: the smallest snap length with which the verdicts stay the same.
    pub bytes_needed: BytesNeeded,
    /// Whether the length on the wire is asked for.
    pub reads_wire_len: bool,
    /// Whether some packet may match, as far as can be seen without one.
    pub may_accept: bool,
    /// Whether some packet may be rejected.
    pub may_reject: bool,
    /// Who takes the program, the strictest first.
    pub targets: Vec<Target>,
}

/// Whether one set of rules takes a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose rules they are.
    pub name: &'static str,
    /// Why the program is refused; `None` if it is accepted.
    pub refusal: Option<String>,
}

impl ProgramFacts {
    /// The facts of this program.
    #[must_use]
    pub fn of(program: &Program<Vec<RawInsn>>) -> Self {
        let facts = Facts::of(program);
        let insns = program.insns();
        let targets = Profile::ALL.map(|profile| Target {
            name: profile.name(),
            refusal: bpf_validate(insns, profile).err().map(|error| error.to_string()),
        });
        Self {
            instructions: insns.len(),
            blocks: Cfg::of(program).blocks().len(),
            worst_case_steps: facts.worst_case_steps(),
            bytes_needed: facts.bytes_needed(),
            reads_wire_len: facts.reads_wire_len(),
            may_accept: facts.verdicts().may_accept(),
            may_reject: facts.verdicts().may_reject(),
            targets: targets.into(),
        }
    }
}
