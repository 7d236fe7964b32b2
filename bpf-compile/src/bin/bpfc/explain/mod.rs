//! `bpfc explain`: what a filter means, and why it matches a packet.
//!
//! ```text
//! expression ─▶ bpf_compile::explain ─┬─▶ text    words, program, facts
//!                                     ├─▶ packet  a packet of a capture, found and run
//!                                     ├─▶ json    all of it
//!                                     └─▶ dot, rust, c   as the library writes them
//! ```

mod json;
mod packet;
mod text;

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;

use crate::cli::{ExplainFormat, ExplainOptions};
use crate::compiler::Settings;
use crate::error::{Failure, FilterFailure};
use crate::exit;
use crate::expression::Expression;
use crate::filter::write_text;
use crate::program::of_capture;
use crate::warnings::Warnings;

/// Explains as the command line says; gives the exit code.
pub(crate) fn run(options: &ExplainOptions, expression: &Expression) -> Result<u8, Failure> {
    let (told, code) = match (&options.read, options.packet) {
        (Some(path), Some(number)) => packet::explained(options, expression, path, number)?,
        (Some(path), None) => {
            let (link_type, snap_len, context) = of_capture(path)?;
            (program(options, expression, link_type, snap_len, context)?, exit::SUCCESS)
        }
        (None, _) => {
            let link_type = options.program.link_type.unwrap_or(LinkType::EN10MB);
            (program(options, expression, link_type, options.program.snap_len, None)?, exit::SUCCESS)
        }
    };
    match write_text(&told) {
        // Whoever reads has read enough; the answer stays what it is.
        Err(failure) if failure.is_silent() => Ok(code),
        written => written.map(|()| code),
    }
}

fn program(
    options: &ExplainOptions,
    expression: &Expression,
    link_type: LinkType,
    snap_len: u32,
    context: Option<String>,
) -> Result<String, Failure> {
    let settings = Settings::new(&options.program, options.read.is_some());
    let explanation = match settings.explain(&expression.text, link_type, snap_len, false) {
        Ok(explanation) => explanation,
        Err(diagnostic) => {
            if diagnostic.code == Code::ProgramTooLong && options.format == ExplainFormat::Text {
                // What it means can be told all the same.
                let words = settings.words(&expression.text, link_type);
                write_text(&text::words(&expression.text, words, link_type))?;
            }
            let (expression, diagnostics) = (expression.clone(), vec![diagnostic]);
            return Err(Failure::Filter(Box::new(FilterFailure { expression, diagnostics, context })));
        }
    };
    // Whoever asks for an explanation wants to know what is misleading.
    let verbose = options.format == ExplainFormat::Text;
    Warnings::new(&options.reports, settings, verbose).check(expression, link_type, context)?;
    Ok(match options.format {
        ExplainFormat::Text => text::program(&explanation),
        ExplainFormat::Dot => explanation.dot().to_string(),
        ExplainFormat::Rust => explanation.rust().to_string(),
        ExplainFormat::C => explanation.c().to_string(),
        ExplainFormat::Json => json::explanation(&explanation, None),
    })
}
