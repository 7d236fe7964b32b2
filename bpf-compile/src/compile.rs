//! From text to a verified program.

use alloc::vec::Vec;

use bpf_core::verify::LEN_MAX;
use bpf_core::{Profile, Program, RawInsn, VerifyErrorKind, bpf_validate};

use crate::diagnostic::Code;
use crate::emit::Emitted;
use crate::graph::NodeId;
use crate::link::LinkType;
use crate::lower::Lowered;
use crate::names::Resolver;
use crate::span::Span;
use crate::{Diagnostic, emit, lower, syntax};

/// The snap length where none is given, as in tcpdump: more than any packet has.
pub const DEFAULT_SNAP_LEN: u32 = 262_144;

/// More headers than RFC 8200 lets a packet have: hop-by-hop, destination, routing, fragment, AH, ESP, destination.
pub const CHAIN_DEPTH: u32 = 8;

/// What a filter is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How packets begin.
    pub link_type: LinkType,
    /// The verdict for packets that match; not 0.
    pub snap_len: u32,
    /// The netmask of the network, in host order, for `ip broadcast`; all ones mean, as in libpcap, not known.
    pub netmask: Option<u32>,
    /// Which numbers for IPv6 are looked for in the headers of loopback captures (NULL, LOOP).
    pub loopback_families: LoopbackFamilies,
    /// Whose rules the program must keep; without a limit on its length, unless one is asked for.
    pub profile: Profile,
    /// How many headers `protochain` steps over, at most. Longer chains do not match.
    pub chain_depth: u32,
    /// Whether to optimize. This version has no optimizer: both settings give the same program.
    pub optimize: bool,
}

/// The address family numbers of loopback captures: the systems number IPv6 differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoopbackFamilies {
    /// Those of this system's kernel: Linux, little-endian.
    #[default]
    Linux,
    /// Those of all systems whose captures one meets, in either byte order.
    Savefile,
}

impl Options {
    /// For a link type, with nothing else known.
    #[must_use]
    pub const fn new(link_type: LinkType) -> Self {
        Self {
            link_type,
            snap_len: DEFAULT_SNAP_LEN,
            netmask: None,
            loopback_families: LoopbackFamilies::Linux,
            profile: Profile::STRICT.with_len_max(LEN_MAX),
            chain_depth: CHAIN_DEPTH,
            optimize: true,
        }
    }
}

/// Compiles a filter.
///
/// # Errors
/// The first thing that is wrong with it, in the order of the text.
pub fn compile(
    text: &str,
    options: &Options,
    resolver: &dyn Resolver,
) -> Result<Program<Vec<RawInsn>>, Diagnostic> {
    check_snap_len(text, options)?;
    let ast = syntax::parse(text)?;
    let lowered = lower::lower(&ast, options, resolver)?;
    assemble(text, &lowered, options).map(|assembled| assembled.program)
}

/// A program, and the nodes of the graph that its instructions are for.
pub(crate) struct Assembled {
    pub(crate) program: Program<Vec<RawInsn>>,
    pub(crate) nodes: Vec<NodeId>,
}

pub(crate) fn check_snap_len(text: &str, options: &Options) -> Result<(), Diagnostic> {
    if options.snap_len == 0 {
        return Err(Diagnostic::new(
            Code::ZeroSnapLength,
            "a snap length of 0 keeps no packet",
            everything(text),
            "",
        )
        .with_help("give a snap length of at least 1"));
    }
    Ok(())
}

/// From the meaning of a filter to its program.
pub(crate) fn assemble(text: &str, lowered: &Lowered, options: &Options) -> Result<Assembled, Diagnostic> {
    let Emitted { insns, nodes } =
        emit::emit_with_nodes(&lowered.graph, &lowered.values).map_err(|error| {
            Diagnostic::new(
                Code::TooComplex,
                "this arithmetic needs more than the machine's 16 scratch words",
                error.origin,
                "too deeply nested on both sides",
            )
        })?;
    let len = insns.len();
    let program = bpf_validate(insns, options.profile).map_err(|error| match error.kind {
        VerifyErrorKind::TooLong | VerifyErrorKind::TranslationTooLong => Diagnostic::new(
            Code::ProgramTooLong,
            alloc::format!("the program has {len} instructions, which is too long for its target"),
            everything(text),
            "",
        )
        .with_help(alloc::format!("{error}")),
        _ => Diagnostic::new(
            Code::Internal,
            alloc::format!("the compiler made a program that the verifier refuses: {error}"),
            everything(text),
            "",
        )
        .with_help("this is an error of the compiler; please report the filter"),
    })?;
    Ok(Assembled { program, nodes })
}

fn everything(text: &str) -> Span {
    Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}
