//! The command line. This one struct is the source of parsing, help, manual page and completions.
//!
//! Letters mean what they mean in tcpdump. Where tcpdump keeps silent about a contradiction, this is stricter: an
//! expression beside `-F` is an error. As in tcpdump a capture decides on link type and snap length, whatever `-y` and
//! `-s` say; a link type that differs is reported.

mod explain;
mod options;

use std::path::{Path, PathBuf};

use bpf_compile::opt::Pass;
use clap::builder::ValueHint;
use clap::{ArgAction, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::exit;

pub(crate) use explain::{ExplainFormat, ExplainOptions};
pub(crate) use options::{Engine, Format, ProgramOptions, ReportOptions};

/// Compiles a filter expression; prints the program, or filters a capture file with it.
#[derive(Debug, Parser)]
#[command(
    name = "bpfc",
    version,
    about = "Compiles pcap filter expressions, and filters capture files with them",
    long_about = "Compiles a filter expression in the language of pcap-filter(7) to a classic BPF program.\n\n\
        With -d the program is printed. With -r a capture file (pcap or pcapng) is filtered: matching packets are \
        written to another file with -w, counted with --count, or printed one line each. \
        An empty expression accepts every packet.\n\n\
        With the word explain before everything else the filter is explained; see `bpfc explain --help`.",
    after_help = exit::TABLE,
    after_long_help = exit::TABLE,
    override_usage = "bpfc -r IN [-w OUT | --count] [OPTIONS] [--] [EXPRESSION]...\n       \
        bpfc -d [-r IN] [OPTIONS] [--] [EXPRESSION]...\n       \
        bpfc explain [-r IN [-n N]] [OPTIONS] [--] [EXPRESSION]...",
    max_term_width = 100,
    args_override_self = true,
    // Only the first word can be a command: `bpfc -d explain` is about a host of that name.
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    propagate_version = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Print the program: -d for people, -dd for C, -ddd as decimal numbers
    ///
    /// -d prints one instruction a line, -dd a C array, -ddd the number of instructions and then `code jt jf k` of each.
    #[arg(short = 'd', action = ArgAction::Count, help_heading = "Program")]
    pub(crate) dump: u8,

    /// Print the decisions, too, each time this pass of the optimizer has run: fold, merge, thread, dispatch, group, order, fuse, share
    #[arg(long, value_name = "PASS", value_parser = options::pass, requires = "dump", help_heading = "Program")]
    pub(crate) print_after: Option<Pass>,

    /// Make `protochain` a loop: it steps over any number of headers, and no kernel takes the program
    ///
    /// Without this the walk is unrolled to a depth (see --protochain-depth), and the program jumps only forward. A
    /// program with a loop is hardly optimized, and only --target portable goes with it.
    #[arg(long, conflicts_with = "print_after", help_heading = "Language")]
    pub(crate) protochain_loop: bool,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,

    /// Filter this capture file; `-` is the standard input
    #[arg(short = 'r', value_name = "IN", value_hint = ValueHint::FilePath, help_heading = "Captures")]
    pub(crate) read: Option<PathBuf>,

    /// Write matching packets to this file in the format of the input; `-` is the standard output
    ///
    /// Records and metadata are written as they are in the input. An existing file is overwritten.
    #[arg(short = 'w', value_name = "OUT", value_hint = ValueHint::FilePath, requires = "read", help_heading = "Captures")]
    pub(crate) write: Option<PathBuf>,

    /// Stop after this many matching packets
    #[arg(short = 'c', value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "read", help_heading = "Captures")]
    pub(crate) limit: Option<u64>,

    /// Print the number of matching packets instead of the packets
    #[arg(long, requires = "read", help_heading = "Captures")]
    pub(crate) count: bool,

    /// What runs the filter: all accept the same packets
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t = Engine::Auto, requires = "read", help_heading = "Captures")]
    pub(crate) engine: Engine,

    /// Print more of every packet: its number, date, link addresses, and fields of its headers
    ///
    /// Warnings about the filter are shown too if the standard error is no terminal.
    #[arg(short = 'v', action = ArgAction::Count, help_heading = "Captures")]
    pub(crate) verbose: u8,

    #[command(flatten)]
    pub(crate) reports: ReportOptions,

    /// List the link types: value, name, what it is
    #[arg(short = 'L', exclusive = true, help_heading = "Other")]
    pub(crate) list_link_types: bool,

    /// Print a completion script for this shell
    #[arg(long, value_name = "SHELL", exclusive = true, help_heading = "Other")]
    pub(crate) completions: Option<Shell>,

    /// Print the manual page
    #[arg(long, exclusive = true, help_heading = "Other")]
    pub(crate) man: bool,

    /// The filter, as in pcap-filter(7); words are joined by spaces
    ///
    /// Words that begin with `-` need `--` before the expression.
    #[arg(value_name = "EXPRESSION")]
    pub(crate) expression: Vec<String>,
}

/// What can stand first on the command line.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Explain a filter, or why it matches a packet
    ///
    /// Without -n: the filter in words, its program with the words that each instruction comes from, and what can be
    /// said of the program without a packet. With -r IN -n N: the way that a packet took through the program, and the
    /// clause that decided; the exit status is 0 if the packet matches, 1 if it does not, and 4 if it could not be read.
    Explain(ExplainOptions),
}

/// What the command line asks for.
pub(crate) enum Task<'a> {
    /// `-L`
    ListLinkTypes,
    /// `--completions`
    Completions(Shell),
    /// `--man`
    Manual,
    /// `-d`, with the capture that decides on the link type
    Program,
    /// `-r`
    Filter(PathBuf),
    /// `explain`
    Explain(&'a ExplainOptions),
}

impl Cli {
    /// The task, or why the options ask for none.
    pub(crate) fn task(&self) -> Result<Task<'_>, clap::Error> {
        if let Some(Command::Explain(options)) = &self.command {
            options.check()?;
            return Ok(Task::Explain(options));
        }
        if self.list_link_types {
            return Ok(Task::ListLinkTypes);
        }
        if let Some(shell) = self.completions {
            return Ok(Task::Completions(shell));
        }
        if self.man {
            return Ok(Task::Manual);
        }
        if self.dump > 0 {
            return Ok(Task::Program);
        }
        let Some(input) = &self.read else {
            let text = "nothing to do: give -r FILE to filter a capture, or -d to print the program";
            return Err(Self::command().error(clap::error::ErrorKind::MissingRequiredArgument, text));
        };
        if self.count && self.write.as_deref().is_some_and(is_standard) {
            let text = "--count and `-w -` would both write to the standard output";
            return Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, text));
        }
        Ok(Task::Filter(input.clone()))
    }
}

/// `-`: the standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(["bpfc"].iter().chain(arguments))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_and_options_mix_until_two_dashes() {
        let cli = parsed(&["-d", "tcp", "port", "80", "-O"]).unwrap();
        assert_eq!((cli.expression.join(" "), cli.program.no_optimize), ("tcp port 80".to_owned(), true));
        let cli = parsed(&["-d", "--", "len", "-", "-1", "=", "-O"]).unwrap();
        assert_eq!((cli.expression.join(" "), cli.program.no_optimize), ("len - -1 = -O".to_owned(), false));
        assert!(parsed(&["-d", "len", "-1"]).is_err());
    }

    #[test]
    fn contradictions_are_errors() {
        for arguments in [
            &["-d", "-F", "file", "tcp"][..],
            &["-w", "out"],
            &["-r", "in", "-c", "0"],
            &["-L", "tcp"],
            &["-d", "--protochain-loop", "--print-after", "fold", "tcp"],
            &["-d", "-y", "NOTHING"],
        ] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
        assert!(parsed(&[]).unwrap().task().is_err());
        assert!(parsed(&["-r", "in", "-w", "-", "--count"]).unwrap().task().is_err());
    }
}
