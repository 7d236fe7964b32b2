//! Long lists: the most instructions that any packet executes, over packets made to be the worst.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use snapgate_tests::lists::{self, Kind};
use snapgate_tests::oracle::libpcap;

use crate::counts::steps;

/// libpcap's optimizer takes time quadratic in the list, or worse, and kills the process by its recursion above about 800.
const LIBPCAP_TERMS_MAX: usize = 100;

/// A list, counted.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) name: String,
    /// Ours, and libpcap's where it was asked.
    pub(crate) ours: Count,
    theirs: Option<Count>,
}

/// A program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    /// Its instructions.
    pub(crate) len: usize,
    /// The most that a packet executes.
    pub(crate) executed_max: u64,
}

const SIZES: [usize; 2] = [100, 1_000];

/// Counts every list.
pub(crate) fn count() -> Result<Vec<List>, String> {
    let mut lists = Vec::new();
    for kind in Kind::ALL {
        for terms in SIZES {
            let list = lists::List::new(kind, terms);
            let (text, packets) = (list.text(), list.packets());
            let name = format!("{terms} {}", kind.name());
            let counted = |program: &[_]| {
                let all = steps(program, &packets).map_err(|error| format!("{name}: {error}"))?;
                let executed_max = all.into_iter().max().unwrap_or_default();
                Ok::<_, String>(Count { len: program.len(), executed_max })
            };
            let options = Options::new(LinkType::EN10MB);
            let ours = compile(&text, &options, &Embedded).map_err(|error| error.to_string())?;
            let theirs = if terms <= LIBPCAP_TERMS_MAX {
                let options = libpcap::Options { optimize: true, ..libpcap::Options::plain(1) };
                Some(counted(&libpcap::compile(&text, &options)?)?)
            } else {
                None
            };
            lists.push(List { ours: counted(ours.insns())?, theirs, name });
        }
    }
    Ok(lists)
}

/// The table.
pub(crate) fn print(lists: &[List]) {
    println!("\n{:20} {:>17} {:>17}", "lists", "instructions", "executed at most");
    println!("{:20} {:>8} {:>8} {:>8} {:>8}", "", "ours", "libpcap", "ours", "libpcap");
    for List { name, ours, theirs } in lists {
        let theirs = theirs.map_or((String::from("-"), String::from("-")), |count| {
            (count.len.to_string(), count.executed_max.to_string())
        });
        println!("{name:20} {:8} {:>8} {:8} {:>8}", ours.len, theirs.0, ours.executed_max, theirs.1);
    }
    println!("libpcap is asked for lists of up to {LIBPCAP_TERMS_MAX}");
}
