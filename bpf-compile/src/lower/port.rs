//! Ports and port ranges.
//!
//! In the order of the tests: IPv6 before IPv4; the transport, by default any of TCP, UDP, SCTP; the port. Over IPv4
//! only the first fragment has ports; over IPv6 they are looked for directly behind the fixed header, or behind extension
//! headers where the options ask for that.

use alloc::vec::Vec;

use crate::diagnostic::Code;
use crate::graph::{Cond, Offset, PredicateId, Size};
use crate::syntax::ast::Dir;
use crate::syntax::words::ProtoName;

use super::link::ethertype;
use super::protocol::ip_protocol;
use super::{Lower, Lowering};

/// Offset in the transport header.
const SOURCE_PORT: u32 = 0;
const DESTINATION_PORT: u32 = 2;

/// Which ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    One(u16),
    /// First and last.
    Range(u16, u16),
}

impl Lowering<'_> {
    /// Over which transports a port is looked for.
    pub(super) fn transports(&self, proto: Option<ProtoName>, word: &str) -> Lower<&'static [u32]> {
        match proto {
            None => Ok(&[ip_protocol::TCP, ip_protocol::UDP, ip_protocol::SCTP]),
            Some(ProtoName::Tcp) => Ok(&[ip_protocol::TCP]),
            Some(ProtoName::Udp) => Ok(&[ip_protocol::UDP]),
            Some(ProtoName::Sctp) => Ok(&[ip_protocol::SCTP]),
            Some(_) => Err(self
                .error(
                    Code::BadQualifiers,
                    alloc::format!("this protocol has no ports, so `{word}` cannot be asked of it"),
                )
                .with_help(alloc::format!("`{word}` goes with `tcp`, `udp`, `sctp`, or nothing"))),
        }
    }

    /// `port` and `portrange` over these transports.
    pub(super) fn ports(&mut self, ports: Ports, transports: &[u32], dir: Option<Dir>) -> Lower<PredicateId> {
        if matches!(dir, Some(Dir::Addr1 | Dir::Addr2 | Dir::Addr3 | Dir::Addr4 | Dir::Ra | Dir::Ta)) {
            return Err(self
                .error(Code::BadQualifiers, "ports have no 802.11 addresses")
                .with_help("ports go with `src`, `dst`, `src or dst`, `src and dst`, or nothing"));
        }
        let over_ip6 = self.ports_over_ip6(ports, transports, dir)?;
        let over_ip = self.ports_over_ip(ports, transports, dir)?;
        Ok(self.predicates.any([over_ip, over_ip6]))
    }

    fn ports_over_ip6(&mut self, ports: Ports, transports: &[u32], dir: Option<Dir>) -> Lower<PredicateId> {
        let ip6 = self.link_protocol(ethertype::IPV6)?;
        let (next_header, transport6) = self.behind_ip6(transports);
        let port = self.either_end(ports, transport6, dir);
        Ok(self.predicates.all([ip6, next_header, port]))
    }

    fn ports_over_ip(&mut self, ports: Ports, transports: &[u32], dir: Option<Dir>) -> Lower<PredicateId> {
        let ip = self.link_protocol(ethertype::IPV4)?;
        let protocol = transports.iter().map(|&transport| self.ipv4_protocol(transport)).collect::<Vec<_>>();
        let protocol = self.predicates.any(protocol);
        let first = self.first_fragment();
        let transport4 = self.ipv4_transport();
        let port = self.either_end(ports, transport4, dir);
        Ok(self.predicates.all([ip, protocol, first, port]))
    }

    pub(super) fn either_end(&mut self, ports: Ports, transport: Offset, dir: Option<Dir>) -> PredicateId {
        let source = transport.plus(SOURCE_PORT);
        let destination = transport.plus(DESTINATION_PORT);
        match dir {
            Some(Dir::Src) => self.port_at(ports, source),
            Some(Dir::Dst) => self.port_at(ports, destination),
            Some(Dir::SrcAndDst) => {
                let ends = [self.port_at(ports, source), self.port_at(ports, destination)];
                self.predicates.all(ends)
            }
            _ => {
                let ends = [self.port_at(ports, source), self.port_at(ports, destination)];
                self.predicates.any(ends)
            }
        }
    }

    fn port_at(&mut self, ports: Ports, at: Offset) -> PredicateId {
        match ports {
            Ports::One(port) => self.equals(Size::Half, at, u32::from(port)),
            Ports::Range(one, other) if one == other => self.port_at(Ports::One(one), at),
            Ports::Range(one, other) => {
                let from = self.field(Cond::Ge, Size::Half, at, u32::from(one.min(other)));
                let beyond = self.field(Cond::Gt, Size::Half, at, u32::from(one.max(other)));
                let up_to = self.predicates.not(beyond);
                self.predicates.all([from, up_to])
            }
        }
    }

    /// IPv4 only: not a fragment other than the first.
    pub(super) fn first_fragment(&mut self) -> PredicateId {
        let later = self.field(Cond::Set, Size::Half, self.layers.network(6), 0x1fff);
        self.predicates.not(later)
    }
}
