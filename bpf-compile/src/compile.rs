//! From text to a verified program.

use alloc::format;
use alloc::vec::Vec;

use bpf_core::{Profile, Program, RawInsn, SCRATCH_WORDS, VerifyError, VerifyErrorKind, bpf_validate};

use crate::contradiction::exclusive_clauses;
use crate::diagnostic::Code;
use crate::emit::{Emitted, TooComplex};
use crate::graph::NodeId;
use crate::link::LinkType;
use crate::lower::Lowered;
use crate::names::Resolver;
use crate::opt::{Goal, Passes, Watch};
use crate::span::Span;
use crate::syntax::Dialect;
use crate::syntax::ast::Ast;
use crate::{Diagnostic, Target, emit, lower, opt, syntax};

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
    /// What the program is made for.
    pub target: Target,
    /// Rules that it must keep beside those of its target.
    pub profile: Option<Profile>,
    /// Whether encapsulations shift only what they are joined to by `and`, instead of all that stands after them.
    pub scoped: bool,
    /// Whether transport protocols over IPv6 are looked for behind extension headers too.
    pub ipv6_extensions: bool,
    /// Which words are keywords.
    pub dialect: Dialect,
    /// How many headers `protochain` steps over, at most, and `ipv6_extensions`. Longer chains do not match.
    pub chain_depth: u32,
    /// Whether to optimize: the verdicts stay the same.
    pub optimize: bool,
    /// What to optimize for. If only the shorter form fits the target, that is made for either.
    pub goal: Goal,
    /// Which passes of the optimizer run.
    pub passes: Passes,
    /// Whether a filter that accepts no packet is compiled; it is an error otherwise. Only seen when optimizing.
    pub allow_empty: bool,
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
            target: Target::Portable,
            profile: None,
            scoped: false,
            ipv6_extensions: false,
            dialect: Dialect::PcapFilter,
            chain_depth: CHAIN_DEPTH,
            optimize: true,
            goal: Goal::Speed,
            passes: Passes::ALL,
            allow_empty: false,
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
    compile_watched(text, options, resolver, &mut |_, _, _| ())
}

/// Compiles a filter; `watch` sees the graph after each pass of the optimizer.
///
/// # Errors
/// As [`compile`].
pub fn compile_watched(
    text: &str,
    options: &Options,
    resolver: &dyn Resolver,
    watch: &mut Watch<'_>,
) -> Result<Program<Vec<RawInsn>>, Diagnostic> {
    let ast = parse(text, options)?;
    translate(text, &ast, options, resolver, watch).map(|(_, assembled)| assembled.program)
}

/// The filter as it is written.
pub(crate) fn parse(text: &str, options: &Options) -> Result<Ast, Diagnostic> {
    check_snap_len(text, options)?;
    syntax::parse_as(text, options.dialect)
}

/// From what is written to a program; in the shorter form if the faster one is too long for its target.
pub(crate) fn translate(
    text: &str,
    ast: &Ast,
    options: &Options,
    resolver: &dyn Resolver,
    watch: &mut Watch<'_>,
) -> Result<(Lowered, Assembled), Diagnostic> {
    let mut attempt = |goal| -> Result<(Lowered, Assembled), Diagnostic> {
        let options = Options { goal, ..*options };
        let mut lowered = lower::lower(ast, &options, resolver)?;
        let assembled = assemble(text, ast, &mut lowered, &options, watch)?;
        Ok((lowered, assembled))
    };
    match attempt(options.goal) {
        Err(error)
            if error.code == Code::ProgramTooLong && options.goal == Goal::Speed && options.optimize =>
        {
            attempt(Goal::Size)
        }
        other => other,
    }
}

/// A program, and the nodes of the graph that its instructions are for.
pub(crate) struct Assembled {
    pub(crate) program: Program<Vec<RawInsn>>,
    pub(crate) nodes: Vec<NodeId>,
}

fn check_snap_len(text: &str, options: &Options) -> Result<(), Diagnostic> {
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

/// From the meaning of a filter to its program. The graph is left as the program has it.
fn assemble(
    text: &str,
    ast: &Ast,
    lowered: &mut Lowered,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Assembled, Diagnostic> {
    let everything = everything(text);
    if options.optimize {
        opt::optimize(&mut lowered.graph, &mut lowered.values, options.goal, options.passes, watch);
        if !lowered.graph.accepts() && !options.allow_empty {
            return Err(rejects_all(text, ast, lowered, options));
        }
    }
    let emitted = emit::emit(&lowered.graph, &lowered.values, options.optimize);
    let mut emitted = emitted.map_err(too_complex)?;
    if options.optimize
        && let Some(shared) = opt::shared(&lowered.graph, &mut lowered.values, options.passes, watch)
        && let Ok(shorter) = emit::emit(&shared, &lowered.values, true)
        && shorter.insns.len() < emitted.insns.len()
    {
        emitted = shorter;
        lowered.graph = shared;
    }
    let Emitted { insns, nodes } = emitted;
    for profile in options.target.profiles().iter().chain(&options.profile).skip(1) {
        bpf_validate(&insns[..], *profile).map_err(|error| refused(error, &insns, profile, everything))?;
    }
    let [first, ..] = options.target.profiles() else {
        return Err(Diagnostic::new(Code::Internal, "a target has no rules", everything, ""));
    };
    let len = insns.len();
    let program = bpf_validate(insns, *first).map_err(|error| refused_by(error, len, first, everything))?;
    Ok(Assembled { program, nodes })
}

pub(crate) fn too_complex(error: TooComplex) -> Diagnostic {
    let TooComplex { origin, words_left } = error;
    match words_left {
        None => Diagnostic::new(
            Code::TooComplex,
            "the lengths of headers need more than the machine's 16 scratch words",
            origin,
            "too many tunnels in each other",
        )
        .with_help("three tunnels in each other always fit"),
        Some(SCRATCH_WORDS) => Diagnostic::new(
            Code::TooComplex,
            "this arithmetic needs more than the machine's 16 scratch words",
            origin,
            "too deeply nested on both sides",
        ),
        Some(left) => {
            let message = format!(
                "this arithmetic needs more than the {left} of the machine's 16 scratch words that are left"
            );
            Diagnostic::new(Code::TooComplex, message, origin, "too deeply nested on both sides")
                .with_help("the others hold the lengths of headers that come before")
        }
    }
}

pub(crate) fn everything(text: &str) -> Span {
    Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

fn refused(error: VerifyError, insns: &[RawInsn], profile: &Profile, everything: Span) -> Diagnostic {
    refused_by(error, insns.len(), profile, everything)
}

/// What a program is made for does not take it.
pub(crate) fn refused_by(error: VerifyError, len: usize, profile: &Profile, everything: Span) -> Diagnostic {
    let name = profile.name();
    match error.kind {
        VerifyErrorKind::TooLong | VerifyErrorKind::TranslationTooLong => {
            let message = format!("the program has {len} instructions, which is too long for its target");
            Diagnostic::new(Code::ProgramTooLong, message, everything, "").with_help(format!("{error}"))
        }
        // By the strictest rules nothing is made that they forbid.
        _ if name == Profile::STRICT.name() => {
            let message = format!("the compiler made a program that the verifier refuses: {error}");
            Diagnostic::new(Code::Internal, message, everything, "")
                .with_help("this is an error of the compiler; please report the filter")
        }
        _ => {
            let message = format!("{name} does not take this program: {error}");
            Diagnostic::new(Code::TargetRefuses, message, everything, "")
                .with_help("say it in another way, or compile for another target and filter in user mode")
        }
    }
}

/// No packet is accepted: because of one clause, or of several together.
fn rejects_all(text: &str, ast: &Ast, lowered: &Lowered, options: &Options) -> Diagnostic {
    let error = |span, label| {
        Diagnostic::new(Code::RejectsAll, "this filter accepts no packet", span, label)
            .with_help("`--allow-empty` compiles it all the same")
    };
    if let Some(clause) = lowered.never {
        return error(clause, "this never holds on this link type");
    }
    let mut clauses = exclusive_clauses(ast, lowered, options);
    let Some(last) = clauses.pop() else { return error(everything(text), "") };
    let label = match (clauses.is_empty(), last.is_denied) {
        (true, false) => "this never holds",
        (true, true) => "this always holds",
        (false, false) => "this cannot hold",
        (false, true) => "this must hold",
    };
    clauses.into_iter().fold(error(last.span, label), |error, clause| {
        let label = if clause.is_denied { "where this does not" } else { "where this does" };
        error.with_secondary(clause.span, label)
    })
}
