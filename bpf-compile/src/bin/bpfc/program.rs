//! `-d`, `-dd`, `-ddd`: the program as text.

use std::fmt::Write as _;
use std::path::Path;

use bpf_compile::graph::{Graph, Values};
use bpf_compile::link::LinkType;
use bpf_compile::opt::Pass;
use bpf_core::{RawInsn, text};

use crate::capture::{Interface, Item, Reader, Step};
use crate::cli::Cli;
use crate::compiler::Settings;
use crate::error::{Failure, FilterFailure};
use crate::expression::Expression;
use crate::filter::{Source, write_text};
use crate::warnings::Warnings;

/// Compiles and prints.
pub(crate) fn print(cli: &Cli, expression: &Expression) -> Result<(), Failure> {
    let (link_type, snap_len, context) = match &cli.read {
        Some(path) => of_capture(path)?,
        None => (cli.program.link_type.unwrap_or(LinkType::EN10MB), cli.program.snap_len, None),
    };
    let mut passes = String::new();
    let mut runs = 0_usize;
    let mut watch = |pass: Pass, graph: &Graph, values: &Values| {
        if cli.print_after == Some(pass) {
            runs += 1;
            // Writing to a string does not fail.
            let _ = writeln!(passes, "; after {} ({runs})\n{}", pass.name(), graph.printed(values));
        }
    };
    let settings = Settings::new(&cli.program, cli.read.is_some()).with_chain_loop(cli.protochain_loop);
    let filter = settings.compile_watched(&expression.text, link_type, snap_len, &mut watch).map_err(
        |diagnostic| {
            let (expression, diagnostics, context) = (expression.clone(), vec![diagnostic], context.clone());
            Failure::Filter(Box::new(FilterFailure { expression, diagnostics, context }))
        },
    )?;
    Warnings::new(&cli.reports, settings, cli.verbose > 0).check(expression, link_type, context)?;
    passes.push_str(&program_text(filter.insns(), cli.dump));
    write_text(&passes)
}

fn program_text(instructions: &[RawInsn], dump: u8) -> String {
    match dump {
        0 | 1 => text::disassembly(instructions).to_string(),
        2 => text::c_array(instructions).to_string(),
        _ => text::decimal(instructions).to_string(),
    }
}

/// Link type and snap length of the first interface, and what to say of them in an error.
pub(crate) fn of_capture(path: &Path) -> Result<(LinkType, u32, Option<String>), Failure> {
    let source = Source::open(path)?;
    let name = source.name().to_owned();
    let mut reader = Reader::new(source);
    loop {
        match reader.next().map_err(|error| Failure::Capture { name: name.clone(), error })? {
            Step::Item(Item::Interface(Interface { link_type, snap_len, .. })) => {
                let context = format!("the link type of {name} is {link_type} ({})", link_type.description());
                return Ok((link_type, snap_len, Some(context)));
            }
            Step::Item(_) => {}
            Step::Wait => reader.source().wait(),
            Step::End => return Err(Failure::NoInterface { name }),
        }
    }
}
