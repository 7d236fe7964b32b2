//! `bpfc explain`.

use std::path::PathBuf;

use clap::builder::ValueHint;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, ValueEnum};

use super::{Cli, ProgramOptions, ReportOptions};

/// The options of `bpfc explain`; what it does is said where the commands are listed.
#[derive(Debug, Args)]
#[command(
    override_usage = "bpfc explain [-r IN [-n N]] [OPTIONS] [--] [EXPRESSION]...",
    after_help = crate::exit::TABLE,
    after_long_help = crate::exit::TABLE,
    args_override_self = true
)]
pub(crate) struct ExplainOptions {
    /// What is printed: text for people, the decisions for graphviz, the program for Rust or C, or everything as JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ExplainFormat::Text, help_heading = "Explanation")]
    pub(crate) format: ExplainFormat,

    /// Compile for the link type and snap length of this capture; `-` is the standard input
    #[arg(short = 'r', value_name = "IN", value_hint = ValueHint::FilePath, help_heading = "Explanation")]
    pub(crate) read: Option<PathBuf>,

    /// Explain why this packet of the capture matches or not; packets are counted from 1
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "read", help_heading = "Explanation")]
    pub(crate) packet: Option<u64>,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,

    #[command(flatten)]
    pub(crate) reports: ReportOptions,

    /// Print the manual page of `bpfc explain`
    #[arg(long, exclusive = true, help_heading = "Other")]
    pub(crate) man: bool,

    /// The filter, as in pcap-filter(7); words are joined by spaces
    ///
    /// Words that begin with `-` need `--` before the expression.
    #[arg(value_name = "EXPRESSION")]
    pub(crate) expression: Vec<String>,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// The decisions as a graph: `| dot -Tsvg` draws it
    Dot,
    /// An array of `bpf_core::RawInsn`
    Rust,
    /// An array of `struct bpf_insn`
    C,
    /// For programs: one object with the filter, instructions, facts and packet
    Json,
}

impl ExplainOptions {
    /// What clap cannot see.
    pub(super) fn check(&self) -> Result<(), clap::Error> {
        let of_packets = matches!(self.format, ExplainFormat::Text | ExplainFormat::Json);
        if self.packet.is_some() && !of_packets {
            let text = "-n tells of a packet, and this --format has no place for one: use text or json";
            return Err(Cli::command().error(ErrorKind::ArgumentConflict, text));
        }
        Ok(())
    }
}
