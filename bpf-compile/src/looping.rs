//! Programs in which `protochain` is a loop, on request.
//!
//! ```text
//!        ┌─▶ found? ──yes──▶ ...          stops: a step reads a byte of the header at hand, and moves
//!        │     │ no                       by at least 8 bytes (the unit of IPv6, two words and more of AH),
//!   ja ──┘   step over a header           so the next round reads behind it, until the packet ends
//! ```
//!
//! Chains of any length are followed, in a program that is short and jumps back. No kernel takes such a program; it runs in user
//! mode, as a [`LoopingProgram`]. Values are kept in registers, and that is all of the optimizer.
//!
//! Invariant: a round costs at most the length of the program, and there are at most as many rounds as [`ROUND_BYTES`] go into the
//! packet, and one, for each walk. So [`Looping::run`] always comes to a verdict.

use alloc::format;
use alloc::vec::Vec;

use bpf_core::{LoopingProgram, Profile, Program, RawInsn, SlicePacket, bpf_validate, bpf_validate_looping};

use crate::compile::{Options, compile, everything, parse, refused_by, too_complex};
use crate::diagnostic::Code;
use crate::lower::{Chains, lower_with};
use crate::names::Resolver;
use crate::{Diagnostic, Target, emit};

/// The least that a step moves by: IPv6 extension headers come in units of 8 bytes (RFC 8200), and AH is (n + 2) * 4 bytes long
/// (RFC 4302), n = 0 included.
const ROUND_BYTES: u32 = 8;

/// What a filter became.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// It needs no loop.
    Forward(Program<Vec<RawInsn>>),
    /// It does.
    Looping(Looping),
}

/// A program that walks over chains of headers in a loop.
#[derive(Clone, Debug)]
pub struct Looping {
    program: LoopingProgram<Vec<RawInsn>>,
    walks: u32,
}

impl Compiled {
    /// The instructions.
    #[must_use]
    pub fn insns(&self) -> &[RawInsn] {
        match self {
            Self::Forward(program) => program.insns(),
            Self::Looping(program) => program.insns(),
        }
    }
}

impl Looping {
    /// The verdict on a packet with these captured bytes, of so many on the wire: how many of them are wanted, 0 to reject.
    #[must_use]
    pub fn run(&self, captured: &[u8], wire_len: u32) -> u32 {
        let fuel = self.fuel(u32::try_from(captured.len()).unwrap_or(u32::MAX));
        // There is always fuel enough, up to 4 GiB.
        self.program.run_with_fuel(&SlicePacket::new(captured, wire_len), fuel).unwrap_or(0)
    }

    /// The steps within which it ends on a packet with so many captured bytes.
    #[must_use]
    pub fn fuel(&self, captured_bytes: u32) -> u32 {
        let rounds = captured_bytes.div_ceil(ROUND_BYTES).saturating_add(1).saturating_mul(self.walks);
        let len = u32::try_from(self.insns().len()).unwrap_or(u32::MAX);
        rounds.saturating_add(1).saturating_mul(len)
    }

    /// The program, for packets of another kind; see [`Self::fuel`].
    #[must_use]
    pub fn program(&self) -> &LoopingProgram<Vec<RawInsn>> {
        &self.program
    }

    /// The instructions.
    #[must_use]
    pub fn insns(&self) -> &[RawInsn] {
        self.program.insns()
    }
}

/// Compiles a filter with `protochain` as a loop; one without it as [`compile`] does.
///
/// # Errors
/// As [`compile`]; and a target other than the portable one, or a profile, takes no loop.
pub fn compile_looping(
    text: &str,
    options: &Options,
    resolver: &dyn Resolver,
) -> Result<Compiled, Diagnostic> {
    let ast = parse(text, options)?;
    let lowered = lower_with(&ast, options, resolver, Chains::Looped)?;
    let walks = lowered.graph.walks();
    if walks == 0 {
        return compile(text, options, resolver).map(Compiled::Forward);
    }
    let insns = emit::emit(&lowered.graph, &lowered.values, options.optimize).map_err(too_complex)?.insns;
    let profiles = match options.target {
        Target::Portable => &[],
        other => other.profiles(),
    };
    for profile in profiles.iter().chain(&options.profile) {
        if let Err(error) = bpf_validate(&insns[..], *profile) {
            let message = format!("{} does not take this program: {error}", profile.name());
            return Err(Diagnostic::new(Code::TargetRefuses, message, everything(text), "")
                .with_help("without the loop `protochain` jumps only forward, over a number of headers"));
        }
    }
    let len = insns.len();
    let program = bpf_validate_looping(insns)
        .map_err(|error| refused_by(error, len, &Profile::LIBPCAP, everything(text)))?;
    Ok(Compiled::Looping(Looping { program, walks }))
}
