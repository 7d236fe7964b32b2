//! Addresses: hosts, networks, stations, broadcast and multicast.
//!
//! ```text
//!            source  destination
//! IPv4         12        16        in the network header (RFC 791)
//! IPv6          8        24        (RFC 8200)
//! ARP, RARP    14        24        sender and target, for 6-byte hardware addresses (RFC 826)
//! Ethernet      6         0        in the frame
//! ```

use bpf_compile::syntax::ast::{Dir, Id, Quals};
use bpf_compile::syntax::words::ProtoName;

use super::link::ethertype;
use super::names::{V4, V6};
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// Which of the two ends are to be tested, and how the tests join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Source,
    Destination,
    Either,
    Both,
}

impl Ends {
    /// From a direction as written; the directions of 802.11 name no end of anything else.
    pub(super) fn from_dir(dir: Option<Dir>) -> Result<Self, EvalError> {
        match dir {
            Some(Dir::Src) => Ok(Self::Source),
            Some(Dir::Dst) => Ok(Self::Destination),
            None | Some(Dir::SrcOrDst) => Ok(Self::Either),
            Some(Dir::SrcAndDst) => Ok(Self::Both),
            Some(Dir::Addr1 | Dir::Addr2 | Dir::Addr3 | Dir::Addr4 | Dir::Ra | Dir::Ta) => {
                Err(EvalError::Refused("a direction of 802.11"))
            }
        }
    }

    /// Tests the source before the destination.
    pub(super) fn test(self, source: Truth, destination: Truth) -> Truth {
        match self {
            Self::Source => source,
            Self::Destination => destination,
            Self::Either => source.or(destination),
            Self::Both => source.and(destination),
        }
    }
}

impl View<'_> {
    /// `host`, and an address with nothing said.
    pub(super) fn host(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        let ends = Ends::from_dir(quals.dir)?;
        if let Id::Name(name) = id {
            return self.named_host(quals.proto, ends, name);
        }
        match self.host_address(id)? {
            Address::V4(v4) => self.ipv4(quals.proto, ends, v4),
            Address::V6(v6) => self.ipv6(quals.proto, ends, v6),
        }
    }

    /// `net`.
    pub(super) fn net(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        let ends = Ends::from_dir(quals.dir)?;
        match self.net_address(id)? {
            Address::V4(v4) => self.ipv4(quals.proto, ends, v4),
            Address::V6(v6) => self.ipv6(quals.proto, ends, v6),
        }
    }

    /// Any of the addresses of a name, as far as the protocol has them.
    fn named_host(&self, proto: Option<ProtoName>, ends: Ends, name: &str) -> Result<Truth, EvalError> {
        let addresses = self.resolver.host(name).ok_or(EvalError::Refused("a host that nobody knows"))?;
        let mut truths = Vec::new();
        if proto != Some(ProtoName::Ip6) {
            for v4 in addresses.v4 {
                truths.push(self.ipv4(proto, ends, V4 { bits: u32::from(v4), mask: u32::MAX })?);
            }
        }
        // ARP has no IPv6 addresses: those of the name are passed over.
        if matches!(proto, None | Some(ProtoName::Ip6)) {
            for v6 in addresses.v6 {
                truths.push(self.ipv6(proto, ends, V6 { bits: u128::from(v6), mask: u128::MAX })?);
            }
        }
        if truths.is_empty() {
            return Err(EvalError::Refused("a host without an address of this family"));
        }
        Ok(Truth::any(truths))
    }

    /// Without a protocol an IPv4 address is also looked for in ARP and RARP.
    pub(super) fn ipv4(&self, proto: Option<ProtoName>, ends: Ends, v4: V4) -> Result<Truth, EvalError> {
        let in_ip = || self.ipv4_in(ethertype::IPV4, 12, 16, ends, v4);
        let in_arp = || self.ipv4_in(ethertype::ARP, 14, 24, ends, v4);
        let in_rarp = || self.ipv4_in(ethertype::RARP, 14, 24, ends, v4);
        match proto {
            // Behind labels there is only IP.
            None if self.frame.labels > 0 => in_ip(),
            None => Ok(in_ip()?.or(in_arp()?).or(in_rarp()?)),
            Some(ProtoName::Ip) => in_ip(),
            Some(ProtoName::Arp) => in_arp(),
            Some(ProtoName::Rarp) => in_rarp(),
            Some(_) => Err(EvalError::Refused("this protocol has no IPv4 addresses")),
        }
    }

    fn ipv4_in(
        &self,
        carrier: u32,
        source: u32,
        destination: u32,
        ends: Ends,
        v4: V4,
    ) -> Result<Truth, EvalError> {
        // A network of all addresses is its protocol: no address is read.
        if v4.mask == 0 {
            return self.carries(carrier);
        }
        let test = |at| Truth::of(self.in_payload(at, Width::Word), |found| found & v4.mask == v4.bits);
        Ok(self.carries(carrier)?.and(ends.test(test(source), test(destination))))
    }

    fn ipv6(&self, proto: Option<ProtoName>, ends: Ends, v6: V6) -> Result<Truth, EvalError> {
        if !matches!(proto, None | Some(ProtoName::Ip6)) {
            return Err(EvalError::Refused("this protocol has no IPv6 addresses"));
        }
        let test = |at: u32| {
            Truth::all([(0, 96), (4, 64), (8, 32), (12, 0)].map(|(offset, shift)| {
                let word =
                    |whole: u128| u32::try_from(whole >> shift & u128::from(u32::MAX)).unwrap_or_default();
                // A word that the mask leaves nothing of is not read.
                if word(v6.mask) == 0 {
                    return Truth::Fixed(true);
                }
                let found = self.in_payload(at + offset, Width::Word);
                Truth::of(found, |found| found & word(v6.mask) == word(v6.bits))
            }))
        };
        Ok(self.carries(ethertype::IPV6)?.and(ends.test(test(8), test(24))))
    }

    /// `broadcast`, `ether broadcast`, `ip broadcast`.
    pub(super) fn broadcast(&self, proto: Option<ProtoName>) -> Result<Truth, EvalError> {
        match proto {
            None | Some(ProtoName::Link) => self.link_broadcast(),
            Some(ProtoName::Ip) => {
                let netmask = self.netmask.filter(|mask| *mask != u32::MAX);
                let host_bits = !netmask.ok_or(EvalError::Refused("the netmask is not known"))?;
                let destination = self.in_payload(16, Width::Word);
                Ok(self.carries(ethertype::IPV4)?.and(Truth::of(destination, |found| {
                    let host = found & host_bits;
                    host == 0 || host == host_bits
                })))
            }
            Some(_) => Err(EvalError::Refused("this protocol has no broadcasts")),
        }
    }

    /// `multicast`, `ether multicast`, `ip multicast`, `ip6 multicast`.
    pub(super) fn multicast(&self, proto: Option<ProtoName>) -> Result<Truth, EvalError> {
        match proto {
            None | Some(ProtoName::Link) => self.link_multicast(),
            Some(ProtoName::Ip) => {
                let first = self.in_payload(16, Width::Byte);
                Ok(self.carries(ethertype::IPV4)?.and(Truth::of(first, |first| first >> 4 == 14)))
            }
            Some(ProtoName::Ip6) => {
                let first = self.in_payload(24, Width::Byte);
                Ok(self.carries(ethertype::IPV6)?.and(Truth::of(first, |first| first == 0xff)))
            }
            Some(_) => Err(EvalError::Refused("this protocol has no multicasts")),
        }
    }
}

/// An address of either family, with a mask.
pub(super) enum Address {
    V4(V4),
    V6(V6),
}
