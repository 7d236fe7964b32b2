//! Protocols by name and number: `tcp`, `ip proto 6`, `ether proto \arp`.

use crate::diagnostic::Code;
use crate::graph::{PredicateId, Size};
use crate::span::Span;
use crate::syntax::words::ProtoName;

use super::link::{ethertype, sap};
use super::{Lower, Lowering};

/// Protocol numbers of IP that have a word; the numbers are IANA's.
pub(super) mod ip_protocol {
    pub(in crate::lower) const ICMP: u32 = 1;
    pub(in crate::lower) const IGMP: u32 = 2;
    pub(in crate::lower) const TCP: u32 = 6;
    pub(in crate::lower) const IGRP: u32 = 9;
    pub(in crate::lower) const UDP: u32 = 17;
    pub(in crate::lower) const FRAGMENT: u32 = 44;
    pub(in crate::lower) const GRE: u32 = 47;
    pub(in crate::lower) const ESP: u32 = 50;
    pub(in crate::lower) const AH: u32 = 51;
    pub(in crate::lower) const ICMPV6: u32 = 58;
    pub(in crate::lower) const PIM: u32 = 103;
    pub(in crate::lower) const VRRP: u32 = 112;
    pub(in crate::lower) const SCTP: u32 = 132;
}

/// Offset of the protocol in an IPv4 header.
const IPV4_PROTOCOL: u32 = 9;
/// Offset of the next header in an IPv6 header.
pub(super) const IPV6_NEXT_HEADER: u32 = 6;
/// Length of an IPv6 header; a fragment header begins with the next header.
pub(super) const IPV6_HEADER_LEN: u32 = 40;

impl Lowering<'_> {
    /// A protocol word alone.
    pub(super) fn protocol_word(&mut self, proto: ProtoName) -> Lower<PredicateId> {
        use ProtoName as P;
        match proto {
            P::Tcp => self.ip_or_ip6_protocol(ip_protocol::TCP),
            P::Udp => self.ip_or_ip6_protocol(ip_protocol::UDP),
            P::Sctp => self.ip_or_ip6_protocol(ip_protocol::SCTP),
            P::Pim => self.ip_or_ip6_protocol(ip_protocol::PIM),
            P::Ah => self.ip_or_ip6_protocol(ip_protocol::AH),
            P::Esp => self.ip_or_ip6_protocol(ip_protocol::ESP),
            P::Icmp => self.ip_carries(ip_protocol::ICMP),
            P::Igmp => self.ip_carries(ip_protocol::IGMP),
            P::Igrp => self.ip_carries(ip_protocol::IGRP),
            // CARP took the number of VRRP.
            P::Vrrp | P::Carp => self.ip_carries(ip_protocol::VRRP),
            P::Icmp6 => self.ip6_carries(ip_protocol::ICMPV6),
            P::Ip => self.link_protocol(ethertype::IPV4),
            P::Ip6 => self.link_protocol(ethertype::IPV6),
            P::Arp => self.link_protocol(ethertype::ARP),
            P::Rarp => self.link_protocol(ethertype::REVARP),
            P::Atalk => self.link_protocol(ethertype::ATALK),
            P::Aarp => self.link_protocol(ethertype::AARP),
            P::Decnet => self.link_protocol(ethertype::DECNET),
            P::Lat => self.link_protocol(ethertype::LAT),
            P::Sca => self.link_protocol(ethertype::SCA),
            P::Mopdl => self.link_protocol(ethertype::MOPDL),
            P::Moprc => self.link_protocol(ethertype::MOPRC),
            P::Iso => self.link_protocol(sap::ISO),
            P::Stp => self.link_protocol(sap::STP),
            P::Ipx => self.link_protocol(sap::IPX),
            P::Netbeui => self.link_protocol(sap::NETBEUI),
            P::Link => Err(self
                .error(Code::BadQualifiers, "the link layer alone is no condition: every packet has one")
                .with_help("say which of its packets: `ether host`, `ether proto`, `ether broadcast`")),
            P::Radio => Err(self
                .error(Code::BadQualifiers, "`radio` is a header, not a protocol")
                .with_help("compare its bytes: `radio[2] = 5`, on link types that have one")),
            P::Clnp | P::Esis | P::Isis | P::L1 | P::L2 | P::Iih | P::Lsp | P::Snp | P::Csnp | P::Psnp => {
                match self.iso_word(proto) {
                    Some(protocol) => protocol,
                    None => Err(self.internal("a word of ISO is not known as one")),
                }
            }
        }
    }

    /// `[proto] proto n`
    pub(super) fn protocol_number(
        &mut self,
        proto: Option<ProtoName>,
        number: u32,
        span: Span,
    ) -> Lower<PredicateId> {
        match proto {
            None => {
                self.check_range("protocol number", number, 0xff, span)?;
                self.ip_or_ip6_protocol(number)
            }
            Some(ProtoName::Ip) => {
                self.check_range("protocol number", number, 0xff, span)?;
                self.ip_carries(number)
            }
            Some(ProtoName::Ip6) => {
                self.check_range("protocol number", number, 0xff, span)?;
                self.ip6_carries(number)
            }
            Some(ProtoName::Link) => {
                self.check_link_protocol(number, span)?;
                self.link_protocol(number)
            }
            Some(proto @ (ProtoName::Iso | ProtoName::Isis)) => self.iso_number(proto, number, span),
            Some(_) => Err(self
                .error(Code::BadQualifiers, "this protocol does not say which protocol it carries")
                .with_help("`proto` goes with `ip`, `ip6`, `ether`, `iso`, `isis`, or nothing")),
        }
    }

    pub(super) fn check_range(&self, what: &str, number: u32, max: u32, span: Span) -> Lower<()> {
        if number <= max {
            return Ok(());
        }
        let message = alloc::format!("{what} {number} is out of range");
        let label = alloc::format!("at most {max}");
        Err(crate::Diagnostic::new(Code::OutOfRange, message, span, label))
    }

    /// Over either version of IP.
    fn ip_or_ip6_protocol(&mut self, number: u32) -> Lower<PredicateId> {
        let ip = self.ip_carries(number)?;
        let ip6 = self.ip6_carries(number)?;
        Ok(self.predicates.any([ip, ip6]))
    }

    fn ip_carries(&mut self, number: u32) -> Lower<PredicateId> {
        let ip = self.link_protocol(ethertype::IPV4)?;
        let protocol = self.ipv4_protocol(number);
        Ok(self.predicates.all([ip, protocol]))
    }

    /// Directly, or behind one fragment header; behind any chain of headers where the options ask for that.
    fn ip6_carries(&mut self, number: u32) -> Lower<PredicateId> {
        let ip6 = self.link_protocol(ethertype::IPV6)?;
        if self.options.ipv6_extensions && !Self::is_extension(number) {
            let carried = self.ip6_chain_carries(number);
            return Ok(self.predicates.all([ip6, carried]));
        }
        let direct = self.ipv6_next_header(number);
        let fragment = self.ipv6_next_header(ip_protocol::FRAGMENT);
        let behind = self.equals(Size::Byte, self.layers.network(IPV6_HEADER_LEN), number);
        let fragment = self.predicates.all([fragment, behind]);
        let either = self.predicates.any([direct, fragment]);
        Ok(self.predicates.all([ip6, either]))
    }

    /// The protocol field, in what is known to be IPv4.
    pub(super) fn ipv4_protocol(&mut self, number: u32) -> PredicateId {
        self.equals(Size::Byte, self.layers.network(IPV4_PROTOCOL), number)
    }

    /// The next header field, in what is known to be IPv6.
    pub(super) fn ipv6_next_header(&mut self, number: u32) -> PredicateId {
        self.equals(Size::Byte, self.layers.network(IPV6_NEXT_HEADER), number)
    }
}
