//! `bpfc`: compiles pcap filter expressions, and filters capture files with them.
//!
//! ```text
//! main ─▶ cli (what is asked) ─▶ expression ─▶ program   -d
//!                                          ├─▶ filter    -r   (capture, compiler, summary)
//!                                          └─▶ explain
//!      ◀─ exit code ◀─ render ◀─ error
//! ```
//!
//! All errors are values up to `main`, which renders them and chooses the exit code; see [`exit`] for the codes.

#![forbid(unsafe_code)]

mod capture;
mod cli;
mod compiler;
mod engine;
mod error;
mod exit;
mod explain;
mod expression;
mod filter;
mod json;
mod list;
mod program;
mod render;
mod summary;
mod warnings;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser as _;

use cli::{Cli, ProgramOptions, Task};
use error::Failure;
use expression::Expression;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let task = cli.task().unwrap_or_else(|error| error.exit());
    let (reports, says_whether_it_matches) = match task {
        Task::Explain(options) => (&options.reports, options.packet.is_some()),
        _ => (&cli.reports, false),
    };
    match perform(&cli, &task) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            render::failure(&failure, reports.diagnostics);
            ExitCode::from(match failure.exit_code() {
                exit::FAILURE if says_whether_it_matches => exit::UNDECIDED,
                code => code,
            })
        }
    }
}

/// The exit code of what was done.
fn perform(cli: &Cli, task: &Task<'_>) -> Result<u8, Failure> {
    match task {
        Task::ListLinkTypes => filter::write_text(&list::link_types())?,
        Task::Completions(shell) => filter::write_text(&list::completions(*shell))?,
        Task::Manual => filter::write_text(&list::manual(&[])?)?,
        Task::Program => program::print(cli, &expression(&cli.program, &cli.expression)?)?,
        Task::Filter(input) => {
            let interrupted = interrupt_flag()?;
            let expression = expression(&cli.program, &cli.expression)?;
            filter::run(cli, &expression, input, &interrupted)?;
        }
        Task::Explain(options) if options.man => filter::write_text(&list::manual(&["explain"])?)?,
        Task::Explain(options) => {
            return explain::run(options, &expression(&options.program, &options.expression)?);
        }
    }
    Ok(exit::SUCCESS)
}

fn expression(options: &ProgramOptions, words: &[String]) -> Result<Expression, Failure> {
    match &options.expression_file {
        Some(path) => Expression::from_file(path),
        None => Ok(Expression::from_words(words)),
    }
}

/// A flag that SIGINT sets. A second SIGINT ends the program at once.
fn interrupt_flag() -> Result<Arc<AtomicBool>, Failure> {
    use signal_hook::consts::SIGINT;
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&flag))
        .and_then(|_| signal_hook::flag::register(SIGINT, Arc::clone(&flag)))
        .map_err(|source| Failure::File { action: "handle", name: "SIGINT".to_owned(), source })?;
    Ok(flag)
}
