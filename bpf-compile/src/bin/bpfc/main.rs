//! `bpfc`: compiles pcap filter expressions, and filters capture files with them.
//!
//! ```text
//! main ─▶ cli (what is asked) ─▶ expression ─▶ program   -d
//!                                          └─▶ filter    -r   (capture, compiler, summary)
//!      ◀─ exit code ◀─ render ◀─ error
//! ```
//!
//! All errors are values up to `main`, which renders them and chooses the exit code; see [`exit`] for the codes.

#![forbid(unsafe_code)]

mod capture;
mod cli;
mod compiler;
mod error;
mod exit;
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

use cli::{Cli, Task};
use error::Failure;
use expression::Expression;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let task = cli.task().unwrap_or_else(|error| error.exit());
    match perform(&cli, task) {
        Ok(()) => ExitCode::from(exit::SUCCESS),
        Err(failure) => {
            render::failure(&failure, cli.diagnostics);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn perform(cli: &Cli, task: Task) -> Result<(), Failure> {
    match task {
        Task::ListLinkTypes => filter::write_text(&list::link_types()),
        Task::Completions(shell) => filter::write_text(&list::completions(shell)),
        Task::Manual => filter::write_text(&list::manual()?),
        Task::Program => program::print(cli, &expression(cli)?),
        Task::Filter(input) => {
            let interrupted = interrupt_flag()?;
            filter::run(cli, &expression(cli)?, &input, &interrupted)
        }
    }
}

fn expression(cli: &Cli) -> Result<Expression, Failure> {
    match &cli.expression_file {
        Some(path) => Expression::from_file(path),
        None => Ok(Expression::from_words(&cli.expression)),
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
