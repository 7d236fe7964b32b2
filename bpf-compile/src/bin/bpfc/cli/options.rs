//! Options that several commands have.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use bpf_compile::link::LinkType;
use bpf_compile::opt::{Goal, Pass};
use bpf_compile::{CHAIN_DEPTH, Target};
use clap::builder::ValueHint;
use clap::{Args, ValueEnum};

use crate::capture::limits::SNAP_LEN_BYTES_MAX;

/// What is compiled, and for what.
#[derive(Debug, Args)]
pub(crate) struct ProgramOptions {
    /// Do not optimize the program
    #[arg(short = 'O', help_heading = "Program")]
    pub(crate) no_optimize: bool,

    /// What to optimize the program for: few instructions in it, or few to run
    ///
    /// If a program for speed is too long for its target, the smaller one is made.
    #[arg(long, value_name = "GOAL", value_enum, default_value_t = Optimize::Speed, help_heading = "Program")]
    pub(crate) optimize: Optimize,

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

    /// How many headers `protochain` steps over at most, and `--ipv6-ext` too
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
}

/// `--optimize`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Optimize {
    /// Few instructions in the program.
    Size,
    /// Few instructions to run for a packet.
    Speed,
}

impl Optimize {
    pub(crate) const fn goal(self) -> Goal {
        match self {
            Self::Size => Goal::Size,
            Self::Speed => Goal::Speed,
        }
    }
}

/// A pass of the optimizer by its name.
pub(super) fn pass(text: &str) -> Result<Pass, String> {
    Pass::ALL.into_iter().find(|pass| pass.name() == text).ok_or_else(|| {
        let names: Vec<&str> = Pass::ALL.iter().map(|pass| pass.name()).collect();
        format!("there is no such pass; these there are: {}", names.join(", "))
    })
}

/// Who is told of errors and warnings, and how.
#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
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

/// What runs a filter over the packets of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Machine code for long captures where there is a code generator for this processor, the interpreter otherwise
    Auto,
    /// The interpreter, on the program in its prepared form
    Interp,
    /// Machine code
    Jit,
    /// The plain interpreter that defines the meaning of programs: slower, to compare with
    Reference,
}

/// How errors and warnings look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the place drawn
    Text,
    /// For programs, one object a line
    Json,
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

    #[test]
    fn values() {
        assert_eq!(netmask("255.255.255.0"), Ok(0xffff_ff00));
        assert_eq!(netmask("0xffffff00"), Ok(0xffff_ff00));
        assert!(netmask("24").is_err() && netmask("0x").is_err() && netmask("0x+1").is_err());
        assert_eq!(snap_len("0"), Ok(262_144));
        assert_eq!(snap_len("96"), Ok(96));
        assert!(snap_len("262145").is_err() && snap_len("-1").is_err());
    }
}
