//! Long lists: their text, and packets that are the worst for them.
//!
//! For each element a packet that matches it in the first place where it is looked for, one in the last place, and packets with
//! the values just below and just above it, which are mostly misses at the end of the search for it.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::mutate::Sample;
use crate::rng::Rng;

const SEED: u64 = 2;

/// What is in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IPv4 addresses.
    Hosts,
    /// IPv4 addresses, each one above the one before.
    HostsInARow,
    /// Ports of any transport.
    Ports,
    /// IPv4 networks of 256 addresses.
    Nets,
    /// IPv6 addresses.
    Hosts6,
    /// Ethernet addresses.
    Stations,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Hosts, Self::HostsInARow, Self::Ports, Self::Nets, Self::Hosts6, Self::Stations];

    /// What they are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::HostsInARow => "hosts in a row",
            Self::Ports => "ports",
            Self::Nets => "nets",
            Self::Hosts6 => "IPv6 hosts",
            Self::Stations => "stations",
        }
    }
}

/// A list of one kind.
#[derive(Clone, Debug)]
pub struct List {
    kind: Kind,
    values: Vec<u32>,
}

impl List {
    /// A list of so many elements.
    #[must_use]
    pub fn new(kind: Kind, terms: usize) -> Self {
        Self { kind, values: values(kind, terms) }
    }

    /// How many elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a list without elements is no filter")]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// As a filter.
    #[must_use]
    pub fn text(&self) -> String {
        text(self.kind, &self.values)
    }

    /// Ethernet frames that are the worst for it.
    #[must_use]
    pub fn packets(&self) -> Vec<Sample> {
        self.values.iter().flat_map(|value| packets(self.kind, *value)).collect()
    }
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
