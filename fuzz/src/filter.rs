//! The filter language: no text panics the parser, the compiler or what explains, what is printed means the same, and programs
//! do what the text says.
//!
//! ```text
//! parse_filter      text ─▶ Ast ─▶ text: both dialects
//! compile_filter    text, options ─▶ program: always the same one, and one that the verifier takes
//! compile_vs_eval   text ─▶ program, optimized or not ─▶ verdict ◀─ evaluator of the tests ◀─ text
//! explain_filter    text, options ─▶ words, facts, sources, graph, story of a packet
//! ```

use bpf_compile::diagnostic::Code;
use bpf_compile::explain::Explanation;
use bpf_compile::link::LinkType;
use bpf_compile::lint::lint;
use bpf_compile::names::Embedded;
use bpf_compile::span::Span;
use bpf_compile::syntax::{Dialect, parse_as, print, same_meaning};
use bpf_compile::{Diagnostic, Options, Target, compile};
use bpf_core::{ChainPacket, Profile, bpf_validate};

use crate::eval::{EvalError, evaluate};
use crate::input::{Input, filter_text};

/// A place is in the text, at borders of characters.
fn check_span(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is a place outside of {text:?}");
}

/// Every place that a diagnostic names is in the text.
fn check_diagnostic(text: &str, error: &Diagnostic) {
    let labels = error.secondary.iter().chain([&error.primary]).map(|label| label.span);
    let patches = error.help.iter().filter_map(|help| help.patch.as_ref()).map(|patch| patch.span);
    for span in labels.chain(patches) {
        check_span(text, span);
    }
    assert!(!error.message.is_empty());
}

/// Parses any text in both dialects; what parses is printed, and means the same when it is read again.
pub fn parse_filter(bytes: &[u8]) {
    let text = filter_text(bytes);
    for dialect in [Dialect::PcapFilter, Dialect::Extended] {
        match parse_as(&text, dialect) {
            Ok(ast) => {
                let printed = print(&ast);
                let again = parse_as(&printed, dialect)
                    .unwrap_or_else(|error| panic!("{text:?} printed as {printed:?}: {error:?}"));
                assert!(same_meaning(&ast, &again), "{text:?} printed as {printed:?}");
                assert_eq!(print(&again), printed);
                for warning in lint(&text, &ast, &Options::new(LinkType::EN10MB)) {
                    check_diagnostic(&text, &warning);
                }
            }
            Err(error) => check_diagnostic(&text, &error),
        }
    }
}

/// Compiles any text with any options: the compiler never makes a program that the target's verifier refuses, makes the
/// same one twice, and the same one from the printed tree; the program runs alike on a slice and on a chain.
pub fn compile_filter(bytes: &[u8]) {
    let Some(input) = Input::read(bytes) else { return };
    let Input { text, options, packet, wire_len, .. } = &input;
    match compile(text, options, &Embedded) {
        Ok(program) => {
            let again = compile(text, options, &Embedded);
            assert_eq!(again.as_ref().ok(), Some(&program), "{text:?} is compiled to two programs");
            let printed = parse_as(text, options.dialect).map(|ast| print(&ast)).expect("it was compiled");
            let from_printed = compile(&printed, options, &Embedded);
            assert_eq!(
                from_printed.as_ref().ok(),
                Some(&program),
                "{text:?} means something else as {printed:?}"
            );
            for profile in options.target.profiles() {
                assert!(bpf_validate(program.insns(), *profile).is_ok(), "{text:?} is not for {profile:?}");
            }
            if options.target == Target::Portable {
                assert!(bpf_validate(program.insns(), Profile::LIBPCAP).is_ok());
                let (left, right) = packet.split_at(*wire_len as usize % (packet.len() + 1));
                let captured = packet.len() as u32;
                let chain = ChainPacket::new([left, &[], right].into_iter(), 0, captured, *wire_len);
                assert_eq!(program.run(&input.slice()), program.run(&chain));
            }
        }
        Err(error) => {
            assert_ne!(error.code, Code::Internal, "{text:?}: {error:?}");
            check_diagnostic(text, &error);
        }
    }
}

/// Programs, optimized and not, have the verdict that the evaluator of the tests has, or both refuse the text.
pub fn compile_vs_eval(bytes: &[u8]) {
    let Some(input) = Input::read(bytes) else { return };
    let Input { text, packet, wire_len, .. } = &input;
    // What the evaluator knows: the language of libpcap.
    let mut options = Options::new(input.options.link_type);
    (options.netmask, options.allow_empty) = (input.options.netmask, true);
    let Ok(ast) = parse_as(text, options.dialect) else { return };
    let LinkType(dlt) = options.link_type;
    let expected = evaluate(&ast, dlt, options.netmask, &Embedded, packet, *wire_len);
    if let Err(EvalError::Unsupported(_)) = expected {
        return;
    }
    for optimize in [false, true] {
        options.optimize = optimize;
        match (compile(text, &options, &Embedded), expected) {
            (Ok(program), Ok(expected)) => {
                let found = program.run(&input.slice()) != 0;
                assert_eq!(found, expected, "{text:?} on {dlt}, optimized: {optimize}, is not as evaluated");
            }
            (Err(error), _) if matches!(error.code, Code::ProgramTooLong | Code::TooComplex) => {}
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => panic!("{text:?} on {dlt}: only the evaluator says {error}"),
            (Err(error), Ok(_)) => panic!("{text:?} on {dlt}: only the compiler says {error:?}"),
        }
    }
}

/// Explains any text that compiles: always alike, of places in the text, with the verdicts of its program.
pub fn explain_filter(bytes: &[u8]) {
    let Some(input) = Input::read(bytes) else { return };
    let Input { text, options, .. } = &input;
    let (told, program) = match (explained(&input), compile(text, options, &Embedded)) {
        (Ok(told), Ok(program)) => (told, program),
        (Err(one), Err(other)) => return assert_eq!(one, other),
        (one, other) => panic!("{text:?} is explained: {}, compiled: {}", one.is_ok(), other.is_ok()),
    };
    assert_eq!(Ok(&told), explained(&input).as_ref(), "{text:?} is explained in two ways");
    assert_eq!(
        told.verdict,
        program.run(&input.slice()),
        "{text:?}: the story of a packet has another verdict"
    );
}

#[derive(Debug, PartialEq, Eq)]
struct Told {
    everything: String,
    verdict: u32,
}

/// All that there is to say of a filter and its packet, after a check of the places that are named.
fn explained(input: &Input<'_>) -> Result<Told, Diagnostic> {
    let text = input.text.as_str();
    let explanation = Explanation::new(text, &input.options, &Embedded)?;
    let words = explanation.words();
    let len = explanation.program().insns().len();
    // Beyond the program, too, there is an answer.
    let origins: Vec<_> = (0..=len).map(|pc| explanation.origin(pc)).collect();
    let purposes: Vec<_> = (0..=len).map(|pc| explanation.purpose(pc)).collect();
    let story = explanation.packet(&input.slice());
    let in_words = words.iter().filter_map(|line| line.clause);
    let in_story = story.steps.iter().filter_map(|step| step.clause);
    let in_decision = story
        .decision
        .iter()
        .flat_map(|decision| decision.parts.iter().map(|(span, _)| *span).chain([decision.place]));
    for span in in_words.chain(in_story).chain(in_decision).chain(origins.iter().flatten().copied()) {
        check_span(text, span);
    }
    let sources = [
        explanation.rust().to_string(),
        explanation.c().to_string(),
        explanation.dot().to_string(),
        format!("{:?} {words:?} {origins:?} {purposes:?} {story:?}", explanation.facts()),
    ];
    Ok(Told { everything: sources.join("\n"), verdict: story.verdict })
}
