//! What runs the corpus: one line an engine.

use bpf_compile::syntax;
use bpf_core::{Counted, Metadata, Program, RawInsn, SlicePacket, bpf_validate};
use bpf_jit::{CompiledFilter, CountingFilter};

use super::cut::run_on_all_cuts;
use super::packets::Sample;
use super::{ErrorCase, Filter, Subject};
use crate::eval::{EvalError, evaluate};

/// Gives the verdict of what it was prepared for.
pub type Runner<'a> = Box<dyn Fn(&Sample) -> Result<u32, String> + 'a>;

/// Something that can say what a filter or a program returns.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// Shown as the kind of each of its trials.
    pub name: &'static str,
    /// Whether it is for this at all.
    pub takes: fn(&Subject) -> bool,
    /// Why it differs on this, if the corpus says that it does.
    pub differs: fn(&Subject) -> Option<&str>,
    /// Parses, compiles, verifies: once a case.
    pub prepare: for<'a> fn(&'a Subject) -> Result<Runner<'a>, String>,
}

/// All engines.
pub const ENGINES: &[Engine] = &[
    Engine { name: "evaluator", takes: in_libpcaps_language, differs: of_evaluator, prepare: evaluator },
    Engine { name: "interpreter", takes: |_| true, differs: never, prepare: flat },
    Engine { name: "segments", takes: |_| true, differs: never, prepare: segments },
    Engine { name: "not optimized", takes: is_filter, differs: never, prepare: not_optimized },
    Engine { name: "jit", takes: |_| true, differs: never, prepare: machine_code },
];

/// Something that refuses filters.
#[derive(Clone, Copy, Debug)]
pub struct ErrorEngine {
    /// Shown as the kind of each of its trials.
    pub name: &'static str,
    /// Says what is wrong if the filter is not refused as it ought to be.
    pub check: fn(&ErrorCase) -> Result<(), String>,
}

/// All that refuse filters.
pub const ERROR_ENGINES: &[ErrorEngine] = &[
    ErrorEngine { name: "compiler", check: compiler_refuses },
    ErrorEngine { name: "evaluator", check: evaluator_refuses },
];

fn is_filter(subject: &Subject) -> bool {
    matches!(subject, Subject::Filter(_))
}

fn in_libpcaps_language(subject: &Subject) -> bool {
    matches!(subject, Subject::Filter(filter) if !filter.is_beyond_libpcap())
}

fn never(_: &Subject) -> Option<&str> {
    None
}

fn of_evaluator(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Filter(filter) => filter.evaluator.as_deref(),
        Subject::Machine(..) => None,
    }
}

fn evaluator(subject: &Subject) -> Result<Runner<'_>, String> {
    let Subject::Filter(filter) = subject else {
        return Err(String::from("the evaluator runs filters only"));
    };
    let ast = syntax::parse(&filter.text).map_err(|error| error.to_string())?;
    let options = filter.options;
    Ok(Box::new(move |sample| {
        let (link_type, names) = (options.link_type.0, &*filter.names);
        let accepts = evaluate(&ast, link_type, options.netmask, names, &sample.bytes, sample.wire_len);
        Ok(if accepts.map_err(|error| error.to_string())? { options.snap_len } else { 0 })
    }))
}

fn flat(subject: &Subject) -> Result<Runner<'_>, String> {
    let (program, known) = (program(subject)?, known(subject));
    let prepared = program.prepare();
    Ok(Box::new(move |sample| {
        let packet = SlicePacket::with_metadata(&sample.bytes, sample.wire_len, known);
        let (plain, fast) = (program.run(&packet), prepared.run(&packet));
        if fast == plain { Ok(fast) } else { Err(format!("{plain}, prepared {fast}")) }
    }))
}

fn not_optimized(subject: &Subject) -> Result<Runner<'_>, String> {
    let Subject::Filter(filter) = subject else {
        return Err(String::from("programs are run as they are"));
    };
    let mut options = filter.options;
    options.optimize = false;
    let program = bpf_compile::compile(&filter.text, &options, &*filter.names);
    let (program, known) = (program.map_err(|error| error.to_string())?, filter.known);
    Ok(Box::new(move |sample| Ok(run(&program, sample, known))))
}

fn run(program: &Program<Vec<RawInsn>>, sample: &Sample, known: Metadata) -> u32 {
    program.run(&SlicePacket::with_metadata(&sample.bytes, sample.wire_len, known))
}

fn known(subject: &Subject) -> Metadata {
    match subject {
        Subject::Filter(filter) => filter.known,
        Subject::Machine(..) => Metadata::default(),
    }
}

fn segments(subject: &Subject) -> Result<Runner<'_>, String> {
    let (program, known) = (program(subject)?, known(subject));
    Ok(Box::new(move |sample| run_on_all_cuts(&program, sample, known)))
}

fn machine_code(subject: &Subject) -> Result<Runner<'_>, String> {
    let (program, known) = (program(subject)?, known(subject));
    let filter = CompiledFilter::new(&program).map_err(|error| error.to_string())?;
    let counting = CountingFilter::new(&program).map_err(|error| error.to_string())?;
    Ok(Box::new(move |sample| {
        let verdict = filter.run(&sample.bytes, sample.wire_len, &known);
        let found = counting.run(&sample.bytes, sample.wire_len, &known);
        let packet = SlicePacket::with_metadata(&sample.bytes, sample.wire_len, known);
        let steps = program.run_counted(&packet).steps;
        if found == (Counted { verdict, steps }) {
            Ok(verdict)
        } else {
            Err(format!("{verdict}, counted {found:?}, {steps} steps of the interpreter"))
        }
    }))
}

fn program(subject: &Subject) -> Result<Program<Vec<RawInsn>>, String> {
    match subject {
        Subject::Filter(filter) => compile(filter).map_err(|error| error.to_string()),
        Subject::Machine(insns, profile) => {
            bpf_validate(insns.clone(), *profile).map_err(|error| error.to_string())
        }
    }
}

fn compile(filter: &Filter) -> Result<Program<Vec<RawInsn>>, bpf_compile::Diagnostic> {
    bpf_compile::compile(&filter.text, &filter.options, &*filter.names)
}

fn compiler_refuses(case: &ErrorCase) -> Result<(), String> {
    let Err(error) = compile(&case.filter) else {
        return Err(format!("compiled; expected {}", case.code));
    };
    let place = error.primary.span.text(&case.filter.text);
    if error.code != case.code {
        return Err(format!("refused with {error} at {place:?}; expected {}", case.code));
    }
    match &case.at {
        Some(at) if at != place => Err(format!("{error} points at {place:?}; expected {at:?}")),
        _ => Ok(()),
    }
}

/// What parses has to be refused by its meaning.
fn evaluator_refuses(case: &ErrorCase) -> Result<(), String> {
    if case.filter.is_beyond_libpcap() {
        return Ok(());
    }
    let Filter { text, options, names, evaluator, .. } = &case.filter;
    let Ok(ast) = syntax::parse(text) else {
        return Ok(());
    };
    // The answer does not depend on the packet.
    match evaluate(&ast, options.link_type.0, options.netmask, &**names, &[], 0) {
        Err(EvalError::Refused(_)) => Ok(()),
        Err(error @ EvalError::Unsupported(_)) => Err(error.to_string()),
        Ok(_) if evaluator.is_some() => Ok(()),
        Ok(_) => Err(String::from("evaluated")),
    }
}
