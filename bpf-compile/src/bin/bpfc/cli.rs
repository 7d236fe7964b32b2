//! The command line. This one struct is the source of parsing, help, manual page and completions.
//!
//! Letters mean what they mean in tcpdump. Where tcpdump keeps silent about a contradiction, this is stricter: an
//! expression beside `-F` is an error. As in tcpdump a capture decides on link type and snap length, whatever `-y` and
//! `-s` say; a link type that differs is reported.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use bpf_compile::link::LinkType;
use bpf_compile::{CHAIN_DEPTH, Target};
use clap::builder::ValueHint;
use clap::{ArgAction, CommandFactory as _, Parser, ValueEnum};
use clap_complete::Shell;

use crate::capture::limits::SNAP_LEN_BYTES_MAX;
use crate::exit;

/// Compiles a filter expression; prints the program, or filters a capture file with it.
#[derive(Debug, Parser)]
#[command(
    name = "bpfc",
    version,
    about = "Compiles pcap filter expressions, and filters capture files with them",
    long_about = "Compiles a filter expression in the language of pcap-filter(7) to a classic BPF program.\n\n\
        With -d the program is printed. With -r a capture file (pcap or pcapng) is filtered: matching packets are \
        written to another file with -w, counted with --count, or printed one line each. \
        An empty expression accepts every packet.",
    after_help = exit::TABLE,
    after_long_help = exit::TABLE,
    override_usage = "bpfc -r IN [-w OUT | --count] [OPTIONS] [--] [EXPRESSION]...\n       \
        bpfc -d [-r IN] [OPTIONS] [--] [EXPRESSION]...",
    max_term_width = 100,
    args_override_self = true
)]
pub(crate) struct Cli {
    /// Print the program: -d for people, -dd for C, -ddd as decimal numbers
    ///
    /// -d prints one instruction a line, -dd a C array, -ddd the number of instructions and then `code jt jf k` of each.
    #[arg(short = 'd', action = ArgAction::Count, help_heading = "Program")]
    pub(crate) dump: u8,

    /// Do not optimize the program
    #[arg(short = 'O', help_heading = "Program")]
    pub(crate) no_optimize: bool,

    /// The link type to compile for, by name or number; see -L [default: EN10MB]
    ///
    /// With -r the link type is that of the capture.
    #[arg(short = 'y', value_name = "DLT", value_parser = link_type, help_heading = "Program")]
    pub(crate) link_type: Option<LinkType>,

    /// The snap length that the program returns; 0 stands for 262144
    ///
    /// With -r the snap length is that of the capture.
    #[arg(short = 's', value_name = "SNAPLEN", default_value = "262144", value_parser = snap_len, help_heading = "Program")]
    pub(crate) snap_len: u32,

    /// The netmask of the network, for `ip broadcast`: dotted or 0x hexadecimal
    #[arg(long, value_name = "M", value_parser = netmask, help_heading = "Program")]
    pub(crate) netmask: Option<u32>,

    /// Ask the system for names of hosts, networks, stations, services and protocols
    ///
    /// Without it only the built-in tables of services and protocols are used, and the program is the same on every
    /// machine.
    #[arg(long, help_heading = "Program")]
    pub(crate) resolve: bool,

    /// What the program is made for: whose rules it keeps, and what it may ask beside the packet's bytes
    #[arg(long, value_name = "TARGET", value_enum, default_value_t = For::Portable, help_heading = "Program")]
    pub(crate) target: For,

    /// Compile a filter that accepts no packet; without this it is an error
    #[arg(long, help_heading = "Program")]
    pub(crate) allow_empty: bool,

    /// How many headers `protochain` steps over, at most
    #[arg(long, value_name = "N", default_value_t = CHAIN_DEPTH, value_parser = clap::value_parser!(u32).range(1..=64), help_heading = "Language")]
    pub(crate) protochain_depth: u32,

    /// vlan, mpls, pppoes, geneve and vxlan shift only what they are joined to by `and`
    ///
    /// Without this they shift all that stands to the right of them, as in pcap-filter(7).
    #[arg(long, help_heading = "Language")]
    pub(crate) scoped: bool,

    /// Look for transport protocols behind IPv6 extension headers too
    ///
    /// tcp, udp, sctp, icmp6, ports, and loads such as `tcp[13]` see the header behind hop-by-hop, routing, destination,
    /// authentication, mobility and first-fragment headers; in pcap-filter(7) only the one right behind the IPv6
    /// header.
    #[arg(long, help_heading = "Language")]
    pub(crate) ipv6_ext: bool,

    /// More words: gre, erspan, gtp, l2tp, wireguard, and `port N` behind geneve, vxlan, gtp, l2tp, wireguard
    ///
    /// Without it these are names, as in pcap-filter(7).
    #[arg(long, help_heading = "Language")]
    pub(crate) extensions: bool,

    /// Read the expression from a file; `#` begins a comment
    #[arg(short = 'F', value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "expression", help_heading = "Program")]
    pub(crate) expression_file: Option<PathBuf>,

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

    /// Print more of every packet: its number, date, link addresses, and fields of its headers
    ///
    /// Warnings about the filter are shown too if the standard error is no terminal.
    #[arg(short = 'v', action = ArgAction::Count, help_heading = "Captures")]
    pub(crate) verbose: u8,

    /// Treat warnings about the filter as errors
    ///
    /// Warnings are about filters that compile, and probably do not mean what was meant. Without this they are shown
    /// where somebody can be expected to read them: when the standard error is a terminal, with -v, and with
    /// `--diagnostics json`.
    #[arg(long, help_heading = "Diagnostics")]
    pub(crate) deny_warnings: bool,

    /// How errors and warnings are written to the standard error
    ///
    /// json is JSON Lines: one object for each error or warning, with the fields severity (error, warning), code
    /// (null where there is none), message, origin, offset (byte of a damaged file, or null), spans (start, end: bytes
    /// of the filter; line, column: counted from 1, columns in characters; text; label; primary), notes, help, patches
    /// (message, start, end, replacement). A wrong command line is always told as text.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, help_heading = "Diagnostics")]
    pub(crate) diagnostics: Format,

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

/// How errors and warnings look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the place drawn
    Text,
    /// For programs, one object a line
    Json,
}

/// What programs are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum For {
    /// Any machine: nothing but the packet's bytes, any length
    Portable,
    /// Linux sockets: VLAN tags, direction and interface are read beside the packet; 4096 instructions
    Linux,
    /// FreeBSD and NetBSD: no %, no ^, at most 512 instructions
    Bsd,
    /// The capture driver for Windows: direction and interface are read beside the packet
    Windows,
}

impl For {
    /// As the compiler names it.
    pub(crate) const fn target(self) -> Target {
        match self {
            Self::Portable => Target::Portable,
            Self::Linux => Target::Linux,
            Self::Bsd => Target::Bsd,
            Self::Windows => Target::Windows,
        }
    }
}

/// What the command line asks for.
pub(crate) enum Task {
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
}

impl Cli {
    /// The task, or why the options ask for none.
    pub(crate) fn task(&self) -> Result<Task, clap::Error> {
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

fn link_type(text: &str) -> Result<LinkType, String> {
    LinkType::from_name(text).ok_or_else(|| "no link type has this name; -L lists them".to_owned())
}

fn snap_len(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) => Ok(SNAP_LEN_BYTES_MAX),
        Ok(bytes @ ..=SNAP_LEN_BYTES_MAX) => Ok(bytes),
        _ => Err(format!("expected a number from 0 to {SNAP_LEN_BYTES_MAX}")),
    }
}

fn netmask(text: &str) -> Result<u32, String> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let parsed = match hexadecimal {
        Some(digits) if !digits.starts_with('+') => u32::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse::<Ipv4Addr>().ok().map(u32::from),
    };
    parsed.ok_or_else(|| "expected a mask such as 255.255.255.0 or 0xffffff00".to_owned())
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
    fn values() {
        assert_eq!(netmask("255.255.255.0"), Ok(0xffff_ff00));
        assert_eq!(netmask("0xffffff00"), Ok(0xffff_ff00));
        assert!(netmask("24").is_err() && netmask("0x").is_err() && netmask("0x+1").is_err());
        assert_eq!(snap_len("0"), Ok(262_144));
        assert_eq!(snap_len("96"), Ok(96));
        assert!(snap_len("262145").is_err() && snap_len("-1").is_err());
    }

    #[test]
    fn words_and_options_mix_until_two_dashes() {
        let cli = parsed(&["-d", "tcp", "port", "80", "-O"]).unwrap();
        assert_eq!((cli.expression.join(" "), cli.no_optimize), ("tcp port 80".to_owned(), true));
        let cli = parsed(&["-d", "--", "len", "-", "-1", "=", "-O"]).unwrap();
        assert_eq!((cli.expression.join(" "), cli.no_optimize), ("len - -1 = -O".to_owned(), false));
        assert!(parsed(&["-d", "len", "-1"]).is_err());
    }

    #[test]
    fn contradictions_are_errors() {
        for arguments in [
            &["-d", "-F", "file", "tcp"][..],
            &["-w", "out"],
            &["-r", "in", "-c", "0"],
            &["-L", "tcp"],
            &["-d", "-y", "NOTHING"],
        ] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
        assert!(parsed(&[]).unwrap().task().is_err());
        assert!(parsed(&["-r", "in", "-w", "-", "--count"]).unwrap().task().is_err());
    }
}
