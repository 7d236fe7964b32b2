//! What can be said of a program without running it.
//!
//! ```text
//! Program ──walk, once, in program order──▶ for each instruction that may run:
//!                                             between which bounds A, X and M[0] to M[15] lie,
//!                                             how many steps lead to it at most
//! ```
//!
//! Rules:
//! - An instruction counts only if it may run: some path leads to it, and no comparison on every such path is decided
//!   already. Dead code adds no steps, no bytes, no verdicts.
//! - Everything holds for every packet and all metadata: a bound may be wide, never wrong.
//! - Time and memory are linear in the program (the list of verdicts: n log n); there is no recursion.

mod flow;
mod interval;
mod verdicts;

pub use interval::Interval;
pub use verdicts::Verdicts;

use crate::insn::Ancillary;
use crate::program::{Program, Storage};
use crate::verify::{Profile, bpf_validate};

/// The facts of one program.
///
/// ```
/// use bpf_core::{BytesNeeded, Facts, Profile, bpf_validate, text};
///
/// let arp = text::parse("ldh [12]\n jneq #0x806, drop\n ret #262144\n drop: ret #0")?;
/// let facts = Facts::of(&bpf_validate(arp, Profile::STRICT)?);
/// assert_eq!(facts.worst_case_steps(), 3);
/// assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(14));
/// assert_eq!(facts.verdicts().constants(), [0, 262_144]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    worst_case_steps: u32,
    bytes_needed: BytesNeeded,
    verdicts: Verdicts,
    reads_wire_len: bool,
    ancillaries: AncillarySet,
    accepted_by: [bool; Profile::ALL.len()],
}

impl Facts {
    /// The facts of this program.
    #[must_use]
    pub fn of<S: Storage>(program: &Program<S>) -> Self {
        let insns = program.insns();
        let found = flow::walk(insns);
        Self {
            worst_case_steps: found.steps,
            bytes_needed: found.reach.bytes_needed(),
            verdicts: found.verdicts.sorted(),
            reads_wire_len: found.reads_wire_len,
            ancillaries: found.ancillaries,
            accepted_by: Profile::ALL.map(|profile| bpf_validate(insns, profile).is_ok()),
        }
    }

    /// The most instructions that one run executes, the last one included.
    #[must_use]
    pub const fn worst_case_steps(&self) -> u32 {
        self.worst_case_steps
    }

    /// How many captured bytes of a packet decide: with the rest cut off, the verdict is the same.
    #[must_use]
    pub const fn bytes_needed(&self) -> BytesNeeded {
        self.bytes_needed
    }

    /// Which verdicts are possible.
    #[must_use]
    pub const fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Whether the length on the wire is asked for.
    #[must_use]
    pub const fn reads_wire_len(&self) -> bool {
        self.reads_wire_len
    }

    /// Which ancillary values are asked for.
    #[must_use]
    pub const fn ancillaries(&self) -> AncillarySet {
        self.ancillaries
    }

    /// Which of [`Profile::ALL`] accept the program. Verifiers look at dead code too, and so does this.
    pub fn accepted_by(&self) -> impl Iterator<Item = Profile> {
        Profile::ALL.into_iter().zip(self.accepted_by).filter_map(|(profile, yes)| yes.then_some(profile))
    }
}

/// How many captured bytes a program needs at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BytesNeeded {
    /// The furthest load has a fixed place, and ends here. Not every packet gets to it.
    Exactly(u32),
    /// The furthest load has a place that is computed, and ends here at the latest.
    AtMost(u32),
    /// Some load has a place of which nothing is known.
    Unbounded,
}

impl BytesNeeded {
    /// The number, if there is one.
    #[must_use]
    pub const fn bound(self) -> Option<u32> {
        match self {
            Self::Exactly(bytes) | Self::AtMost(bytes) => Some(bytes),
            Self::Unbounded => None,
        }
    }
}

/// A set of ancillary values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AncillarySet(u64);

impl AncillarySet {
    /// Whether it is one of these.
    #[must_use]
    pub const fn contains(self, which: Ancillary) -> bool {
        self.0 & Self::bit(which) != 0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, by number.
    pub fn iter(self) -> impl Iterator<Item = Ancillary> {
        Ancillary::ALL.into_iter().filter(move |&which| self.contains(which))
    }

    fn insert(&mut self, which: Ancillary) {
        self.0 |= Self::bit(which);
    }

    const fn bit(which: Ancillary) -> u64 {
        1_u64.wrapping_shl(which as u32)
    }
}

const _: () = assert!(Ancillary::VlanTpid as u32 == 60, "the numbers of all values fit the bits of a set");

#[cfg(test)]
mod tests;
