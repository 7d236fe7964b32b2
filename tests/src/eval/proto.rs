//! Protocols by name and by number: `tcp`, `proto 6`, `ip proto \icmp`, `ether proto 0x88cc`.
//!
//! A protocol over IPv4 is the protocol field; over IPv6 the next header of the fixed header, or that of one
//! fragment header directly behind it.

use bpf_compile::syntax::ast::{Id, Quals};
use bpf_compile::syntax::words::ProtoName;

use super::link::{ethertype, sap};
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// Protocol numbers over IP (IANA "Protocol Numbers").
pub(super) mod ip {
    pub(in super::super) const ICMP: u32 = 1;
    pub(in super::super) const IGMP: u32 = 2;
    pub(in super::super) const TCP: u32 = 6;
    pub(in super::super) const IGRP: u32 = 9;
    pub(in super::super) const UDP: u32 = 17;
    pub(in super::super) const IPV6_HOP_BY_HOP: u32 = 0;
    pub(in super::super) const IPV6_ROUTING: u32 = 43;
    pub(in super::super) const IPV6_FRAGMENT: u32 = 44;
    pub(in super::super) const IPV6_NO_NEXT: u32 = 59;
    pub(in super::super) const IPV6_OPTIONS: u32 = 60;
    pub(in super::super) const ESP: u32 = 50;
    pub(in super::super) const AH: u32 = 51;
    pub(in super::super) const ICMPV6: u32 = 58;
    pub(in super::super) const PIM: u32 = 103;
    /// CARP has the number of VRRP.
    pub(in super::super) const VRRP: u32 = 112;
    pub(in super::super) const SCTP: u32 = 132;
}

/// Offset of the protocol field in IPv4.
pub(super) const IPV4_PROTOCOL: u32 = 9;
/// Offset of the next header field in IPv6.
pub(super) const IPV6_NEXT_HEADER: u32 = 6;
/// Length of the fixed header of IPv6.
pub(super) const IPV6_LEN: u32 = 40;

impl View<'_> {
    /// A protocol word that is a whole primitive.
    pub(super) fn proto_alone(&self, proto: ProtoName) -> Result<Truth, EvalError> {
        let truth = match proto {
            ProtoName::Ip => self.carries(ethertype::IPV4)?,
            ProtoName::Ip6 => self.carries(ethertype::IPV6)?,
            ProtoName::Arp => self.carries(ethertype::ARP)?,
            ProtoName::Rarp => self.carries(ethertype::RARP)?,
            ProtoName::Tcp => self.over_any_ip(ip::TCP)?,
            ProtoName::Udp => self.over_any_ip(ip::UDP)?,
            ProtoName::Sctp => self.over_any_ip(ip::SCTP)?,
            ProtoName::Ah => self.over_any_ip(ip::AH)?,
            ProtoName::Esp => self.over_any_ip(ip::ESP)?,
            ProtoName::Pim => self.over_any_ip(ip::PIM)?,
            ProtoName::Icmp => self.over_ipv4(ip::ICMP)?,
            ProtoName::Igmp => self.over_ipv4(ip::IGMP)?,
            ProtoName::Igrp => self.over_ipv4(ip::IGRP)?,
            ProtoName::Vrrp | ProtoName::Carp => self.over_ipv4(ip::VRRP)?,
            ProtoName::Icmp6 => self.over_ipv6(ip::ICMPV6)?,
            ProtoName::Atalk => self.carries(ethertype::APPLETALK)?,
            ProtoName::Aarp => self.carries(ethertype::APPLETALK_ARP)?,
            ProtoName::Decnet => self.carries(ethertype::DECNET)?,
            ProtoName::Lat => self.carries(ethertype::LAT)?,
            ProtoName::Sca => self.carries(ethertype::SCA)?,
            ProtoName::Mopdl => self.carries(ethertype::MOP_DUMP_LOAD)?,
            ProtoName::Moprc => self.carries(ethertype::MOP_CONSOLE)?,
            ProtoName::Stp => self.carries(sap::SPANNING_TREE)?,
            ProtoName::Ipx => self.carries(sap::IPX)?,
            ProtoName::Netbeui => self.carries(sap::NETBEUI)?,
            ProtoName::Iso => self.carries(sap::OSI)?,
            ProtoName::Link | ProtoName::Radio => {
                return Err(EvalError::Refused("a link layer is not a protocol to look for"));
            }
            ProtoName::Clnp
            | ProtoName::Esis
            | ProtoName::Isis
            | ProtoName::L1
            | ProtoName::L2
            | ProtoName::Iih
            | ProtoName::Lsp
            | ProtoName::Snp
            | ProtoName::Csnp
            | ProtoName::Psnp => self.iso_alone(proto)?,
        };
        Ok(truth)
    }

    /// `proto n` under each qualifier that has protocols inside.
    pub(super) fn proto_number(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        if quals.dir.is_some() {
            return Err(EvalError::Refused("a protocol has no direction"));
        }
        match quals.proto {
            None => self.over_any_ip(self.ip_protocol(id)?),
            Some(ProtoName::Ip) => self.over_ipv4(self.ip_protocol(id)?),
            Some(ProtoName::Ip6) => self.over_ipv6(self.ip_protocol(id)?),
            Some(ProtoName::Link) => {
                let protocol = self.link_protocol(id)?;
                self.refuse_unfit(protocol)?;
                self.carries(protocol)
            }
            Some(ProtoName::Iso) => self.over_iso(self.iso_number(id)?),
            Some(ProtoName::Isis) => self.over_isis(self.isis_number(id)?),
            Some(_) => Err(EvalError::Refused("this protocol carries no other")),
        }
    }

    fn over_any_ip(&self, number: u32) -> Result<Truth, EvalError> {
        Ok(self.over_ipv4(number)?.or(self.over_ipv6(number)?))
    }

    fn over_ipv4(&self, number: u32) -> Result<Truth, EvalError> {
        Ok(self.carries(ethertype::IPV4)?.and(self.ipv4_protocol_is(number)))
    }

    fn over_ipv6(&self, number: u32) -> Result<Truth, EvalError> {
        let behind_fragment = self
            .next_header_is(ip::IPV6_FRAGMENT)
            .and(Truth::of(self.in_payload(IPV6_LEN, Width::Byte), |found| found == number));
        Ok(self.carries(ethertype::IPV6)?.and(self.next_header_is(number).or(behind_fragment)))
    }

    /// The protocol field, taking the payload for IPv4.
    pub(super) fn ipv4_protocol_is(&self, number: u32) -> Truth {
        Truth::of(self.in_payload(IPV4_PROTOCOL, Width::Byte), |found| found == number)
    }

    /// The next header field, taking the payload for IPv6.
    pub(super) fn next_header_is(&self, number: u32) -> Truth {
        Truth::of(self.in_payload(IPV6_NEXT_HEADER, Width::Byte), |found| found == number)
    }

    /// Whether the payload, taken for IPv4, starts a datagram: its fragment offset is zero.
    pub(super) fn starts_datagram(&self) -> Truth {
        Truth::of(self.in_payload(6, Width::Half), |found| found & 0x1fff == 0)
    }
}
