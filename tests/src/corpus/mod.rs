//! The corpus: what each filter and each program does with each packet, as data.
//!
//! ```text
//! corpus/packets/*.toml ─┐
//! corpus/*.toml ─────────┴─ read ─▶ Case ──┐
//!                                          ├─ every pair ─▶ trial "file::case", kind = engine
//!                          ENGINES ────────┘
//! ```
//!
//! A file holds any of these tables, all with a `name`:
//!
//! | table | says | fields |
//! | --- | --- | --- |
//! | `[[case]]` | which packets a filter accepts | `filter`, `accept`, `reject`, `link_type`, `netmask`, `options`, `beside`, `wire_len` |
//! | `[[error]]` | that a filter is refused | `filter`, `code`, `at`, `link_type`, `netmask`, `options` |
//! | `[[machine]]` | what a program returns | `program` (any text form), `returns`, `profile`, `wire_len` |
//! | `[[refused]]` | that the verifier refuses a program | `program`, `rule`, `profile` |
//! | `[packet.x]` | a packet of this file | `about`, `hex` |
//! | `[names]` | names that are known in this file | `hosts`, `networks`, `stations`, `services` |
//!
//! A file says `link_type` and `options` for those of its cases that say nothing of them. `options` has `dialect` (`extended`),
//! `scoped`, `ipv6_extensions`, `target`: filters with any of them are no question for libpcap and the evaluator. `beside` says
//! what is known beside the packet, for programs that ask: `vlan` (the tag that was taken out) or `untagged`, `pkt_type`,
//! `if_index`.
//!
//! `libpcap_1_10` and `evaluator` say in what those two differ: the case then fails with them, or the field is one too many.
//!
//! Packets in a list: `tcp4_syn`; `tcp4_syn:20`, its first 20 bytes as if no more had been captured; `tcp4_*`, all of
//! that link type whose names start so; and, in place of a list, `"rest"`: all of that link type that the other list
//! does not name. A case has packets on both sides, or says in `one_sided` why it has not.
//!
//! Invariant: whatever reads as a mistake (an unknown field, a packet that nobody uses, a verdict both ways) is one.

mod check;
mod cut;
mod engine;
mod file;
mod names;
mod packets;
mod read;

use std::sync::Arc;

use bpf_compile::diagnostic::Code;
use bpf_compile::syntax::Dialect;
use bpf_compile::{Options, Target};
use bpf_core::{Metadata, Profile, RawInsn};

pub use check::{check_case, check_error, check_refused};
pub use cut::CUT_BYTES_MAX;
pub use engine::{ENGINES, ERROR_ENGINES, Engine, ErrorEngine, Runner};
pub use names::Names;
pub use packets::Sample;
pub use read::read;

/// All that the files say.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Filters and programs with what they return.
    pub cases: Vec<Case>,
    /// Filters that are refused.
    pub errors: Vec<ErrorCase>,
    /// Programs that are refused.
    pub refused: Vec<RefusedCase>,
}

/// A filter or a program, and what it returns for some packets.
#[derive(Debug)]
pub struct Case {
    /// `file::name`.
    pub name: String,
    /// What is run.
    pub subject: Subject,
    /// Packets, and what is returned for each.
    pub expected: Vec<(Sample, u32)>,
}

/// What is run.
#[derive(Debug)]
pub enum Subject {
    /// A filter, and what it is compiled for.
    Filter(Filter),
    /// A program, and the rules it keeps.
    Machine(Vec<RawInsn>, Profile),
}

/// A filter, and what it is compiled for.
#[derive(Debug)]
pub struct Filter {
    /// The text.
    pub text: String,
    /// Link type, netmask and so on.
    pub options: Options,
    /// What is known beside the packets.
    pub known: Metadata,
    /// The names it may use.
    pub names: Arc<Names>,
    /// Whether the file has names of its own, which nobody else knows.
    pub has_names: bool,
    /// In what libpcap 1.10 differs.
    pub libpcap_1_10: Option<String>,
    /// In what the evaluator differs.
    pub evaluator: Option<String>,
}

impl Filter {
    /// Whether it asks for more than libpcap's language, or for a program that libpcap does not make.
    #[must_use]
    pub fn is_beyond_libpcap(&self) -> bool {
        let Options { dialect, scoped, ipv6_extensions, target, .. } = self.options;
        dialect != Dialect::PcapFilter || scoped || ipv6_extensions || target != Target::Portable
    }
}

/// A filter that is refused.
#[derive(Debug)]
pub struct ErrorCase {
    /// `file::name`.
    pub name: String,
    /// The filter.
    pub filter: Filter,
    /// The code of the error.
    pub code: Code,
    /// The text that the error points at, where that is said.
    pub at: Option<String>,
}

/// A program that the verifier refuses.
#[derive(Debug)]
pub struct RefusedCase {
    /// `file::name`.
    pub name: String,
    /// The program.
    pub program: Vec<RawInsn>,
    /// Whose rules are asked for.
    pub profile: Profile,
    /// The number of the rule that it breaks.
    pub rule: u8,
}
