//! Long lists: the most instructions that any packet executes, over packets made to be the worst.
//!
//! For each element a packet that matches it in the first place where it is looked for, one in the last place, and packets with
//! the values just below and just above it, which are mostly misses at the end of the search for it.

use std::net::{Ipv4Addr, Ipv6Addr};

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use snapgate_tests::mutate::Sample;
use snapgate_tests::oracle::libpcap;
use snapgate_tests::rng::Rng;

use crate::counts::steps;

/// libpcap's optimizer takes time quadratic in the list, or worse, and kills the process by its recursion above about 800.
const LIBPCAP_TERMS_MAX: usize = 100;
const SEED: u64 = 2;

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

/// What is in a list.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Hosts,
    HostsInARow,
    Ports,
    Nets,
    Hosts6,
    Stations,
}

const KINDS: [(Kind, &str, &[usize]); 6] = [
    (Kind::Hosts, "hosts", &[100, 1_000]),
    (Kind::HostsInARow, "hosts in a row", &[100, 1_000]),
    (Kind::Ports, "ports", &[100, 1_000]),
    (Kind::Nets, "nets", &[100]),
    (Kind::Hosts6, "IPv6 hosts", &[100, 1_000]),
    (Kind::Stations, "stations", &[100, 1_000]),
];

/// Counts every list.
pub(crate) fn count() -> Result<Vec<List>, String> {
    let mut lists = Vec::new();
    for (kind, what, sizes) in KINDS {
        for &terms in sizes {
            let values = values(kind, terms);
            let text = text(kind, &values);
            let packets: Vec<_> = values.iter().flat_map(|value| packets(kind, *value)).collect();
            let name = format!("{terms} {what}");
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

/// A list of hosts as text, as long as wanted.
pub(crate) fn hosts(terms: usize) -> String {
    text(Kind::Hosts, &values(Kind::Hosts, terms))
}

/// Different values: addresses, ports, the end of a longer address.
fn values(kind: Kind, terms: usize) -> Vec<u32> {
    let mut rng = Rng::new(SEED);
    let mut all = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    while all.len() < terms {
        let value = match kind {
            Kind::Hosts => 0x0a00_0000 | rng.word() >> 8,
            Kind::HostsInARow => 0x0a00_0000 + u32::try_from(all.len()).unwrap_or(u32::MAX),
            Kind::Ports => 1 + rng.word_below(65_534),
            Kind::Nets => rng.word() & 0xffff_ff00,
            Kind::Hosts6 | Kind::Stations => rng.word(),
        };
        if seen.insert(value) {
            all.push(value);
        }
    }
    all
}

fn text(kind: Kind, values: &[u32]) -> String {
    let terms: Vec<_> = values
        .iter()
        .map(|&value| match kind {
            Kind::Hosts | Kind::HostsInARow => format!("host {}", Ipv4Addr::from_bits(value)),
            Kind::Ports => format!("port {value}"),
            Kind::Nets => format!("net {}/24", Ipv4Addr::from_bits(value)),
            Kind::Hosts6 => format!("host {}", Ipv6Addr::from_bits(wide(value))),
            Kind::Stations => {
                let [a, b, c, d] = value.to_be_bytes();
                format!("ether host 02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
            }
        })
        .collect();
    terms.join(" or ")
}

/// The IPv6 address for a value: some networks, hosts in them.
fn wide(value: u32) -> u128 {
    let (network, host) = (u128::from(value >> 24), u128::from(value & 0x00ff_ffff));
    0x2001_0db8_u128 << 96 | network << 64 | host
}

/// No element of any list.
const OTHER: u32 = 0xc633_6407;

fn packets(kind: Kind, value: u32) -> Vec<Sample> {
    let near =
        [value, value.wrapping_sub(1), value.wrapping_add(1), value ^ 0x0100, value.wrapping_add(0x0100)];
    let pairs = near.into_iter().flat_map(|near| [(near, OTHER), (OTHER, near), (near, near)]);
    pairs.flat_map(|(source, destination)| carriers(kind, source, destination)).map(Sample::whole).collect()
}

/// Packets with a value in the place of the source and one in that of the destination, of every kind in which they are looked for.
fn carriers(kind: Kind, source: u32, destination: u32) -> Vec<Vec<u8>> {
    let (from, to) = (source.to_be_bytes(), destination.to_be_bytes());
    match kind {
        Kind::Hosts | Kind::HostsInARow | Kind::Nets => {
            let addresses = [from, to].concat();
            let arp = [&[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1][..], &from, &[0; 6], &to].concat();
            vec![
                frame(
                    0x0800,
                    &[&[0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0][..], &addresses, &[0; 20]].concat(),
                ),
                frame(0x0806, &arp),
                frame(0x8035, &arp),
                frame(0x86dd, &[0; 60]),
            ]
        }
        Kind::Ports => {
            let ports = [from[2], from[3], to[2], to[3], 0, 0, 0, 0];
            let mut all = Vec::new();
            for protocol in [6, 17, 132, 1] {
                let header = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0];
                all.push(frame(0x0800, &[&header[..], &[0; 8], &ports].concat()));
                all.push(frame(
                    0x86dd,
                    &[&[0x60, 0, 0, 0, 0, 8, protocol, 64][..], &[0; 32], &ports].concat(),
                ));
            }
            all
        }
        Kind::Hosts6 => {
            let addresses = [wide(source).to_be_bytes(), wide(destination).to_be_bytes()].concat();
            vec![frame(0x86dd, &[&[0x60, 0, 0, 0, 0, 8, 17, 64][..], &addresses, &[0; 8]].concat())]
        }
        Kind::Stations => vec![[&[2, 0][..], &to, &[2, 0], &from, &[8, 0], &[0; 46]].concat()],
    }
}

/// An Ethernet frame.
fn frame(ethertype: u16, body: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &ethertype.to_be_bytes(), body].concat()
}
