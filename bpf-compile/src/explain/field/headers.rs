//! The fields of headers, by their places.

use alloc::format;

use bpf_core::Size;

use super::{FRAGMENT_FIELD, Field, Style};
use crate::graph::Offset;
use crate::link::{Layers, LinkType, Naming, naming};
use crate::syntax::ast::{ArithId, ArithKind, Ast, ExprKind, Id, Kind, Primitive};
use crate::syntax::words::ProtoName;

/// The network header that a clause speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Ipv4,
    Ipv6,
    Arp,
    /// IPv4 or ARP: their addresses lie at different places.
    Ipv4OrArp,
    /// More than one; only what is the same in all has a name.
    Open,
}

/// What names a value.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) layers: Option<&'a Layers>,
    pub(super) header: Header,
    /// The protocol above, if the words say it.
    pub(super) transport: Option<ProtoName>,
}

/// Which network header the words of a clause speak of, and which protocol above.
pub(super) fn header_of(ast: &Ast, kind: &ExprKind) -> (Header, Option<ProtoName>) {
    match kind {
        ExprKind::Relation { left, right, .. } => header_of_numbers(ast, *left, *right),
        ExprKind::Primitive(Primitive::Qualified(qualified)) => {
            let header = match (qualified.quals.proto, &qualified.id) {
                (Some(proto), _) => header_of_proto(proto),
                (None, Id::Ipv6(_) | Id::Ipv6Prefix(..)) => Header::Ipv6,
                (None, Id::Name(_)) if matches!(qualified.quals.kind, None | Some(Kind::Host)) => {
                    Header::Open
                }
                (None, _) if matches!(qualified.quals.kind, None | Some(Kind::Host | Kind::Net)) => {
                    Header::Ipv4OrArp
                }
                _ => Header::Open,
            };
            (header, None)
        }
        ExprKind::Primitive(
            Primitive::Proto(proto) | Primitive::Broadcast(Some(proto)) | Primitive::Multicast(Some(proto)),
        ) => (header_of_proto(*proto), None),
        _ => (Header::Open, None),
    }
}

const fn header_of_proto(proto: ProtoName) -> Header {
    use ProtoName as P;
    match proto {
        P::Ip | P::Icmp | P::Igmp | P::Igrp | P::Vrrp | P::Carp => Header::Ipv4,
        P::Ip6 | P::Icmp6 => Header::Ipv6,
        P::Arp | P::Rarp => Header::Arp,
        _ => Header::Open,
    }
}

/// Of numbers only the simple ones have names: a load, and what a mask leaves of it.
fn header_of_numbers(ast: &Ast, left: ArithId, right: ArithId) -> (Header, Option<ProtoName>) {
    let mut found = None;
    for id in [left, right] {
        let inner = match ast.arith(id).kind {
            ArithKind::Binary { left, .. } => left,
            _ => id,
        };
        if let ArithKind::Load { proto, .. } = ast.arith(inner).kind {
            match found {
                Some(known) if known != proto => return (Header::Open, None),
                _ => found = Some(proto),
            }
        }
    }
    match found {
        Some(proto @ (ProtoName::Tcp | ProtoName::Udp | ProtoName::Sctp | ProtoName::Icmp)) => {
            (Header::Open, Some(proto))
        }
        Some(proto) => (header_of_proto(proto), None),
        None => (Header::Open, None),
    }
}

/// A field of the link layer.
pub(super) fn link_field(size: Size, at: Offset, layers: &Layers) -> Option<Field> {
    let naming = naming(layers.link_type);
    if Some(at) == layers.protocol && size == Size::Half {
        return match naming {
            Naming::Ethernet | Naming::EtherType | Naming::LinuxSll => {
                Some(Field::new("EtherType", Style::EtherType))
            }
            Naming::Ppp | Naming::PppBsdos => Some(Field::new("PPP protocol", Style::Hex)),
            Naming::Hdlc => Some(Field::new("HDLC protocol", Style::EtherType)),
            _ => None,
        };
    }
    if naming == Naming::Loopback && at == layers.header && size == Size::Word {
        return Some(Field::new("address family", Style::Hex));
    }
    let cooked = match (layers.link_type, size, at.constant) {
        (LinkType::LINUX_SLL, Size::Half, 0) | (LinkType::LINUX_SLL2, Size::Byte, 10) => Some("packet type"),
        (LinkType::LINUX_SLL2, Size::Word, 4) => Some("interface index"),
        _ => None,
    };
    if let Some(name) = cooked.filter(|_| at.base == layers.header.base) {
        return Some(Field::new(name, Style::Decimal));
    }
    if naming != Naming::Ethernet || at.base != layers.header.base {
        return None;
    }
    let name = match (at.constant.checked_sub(layers.header.constant)?, size) {
        (0, Size::Half) => "bytes 0 and 1 of the destination MAC address",
        (2, Size::Word) => "bytes 2 to 5 of the destination MAC address",
        (0, Size::Byte) => "first byte of the destination MAC address",
        (6, Size::Half) => "bytes 0 and 1 of the source MAC address",
        (8, Size::Word) => "bytes 2 to 5 of the source MAC address",
        _ => return None,
    };
    Some(Field::new(name, Style::Hex))
}

/// A field this many bytes into the network header.
pub(super) fn network_field(size: Size, bytes: u32, context: Context<'_>) -> Option<Field> {
    let (name, style) = match (context.header, size, bytes) {
        (Header::Arp, Size::Half, 6) => ("ARP operation", Style::Decimal),
        (Header::Arp | Header::Ipv4OrArp, Size::Word, 14) => ("ARP sender address", Style::Ipv4),
        (Header::Arp | Header::Ipv4OrArp, Size::Word, 24) => ("ARP target address", Style::Ipv4),
        (Header::Arp, ..) => return None,
        (Header::Ipv4 | Header::Ipv4OrArp, Size::Word, 12) => ("IPv4 source", Style::Ipv4),
        (Header::Ipv4 | Header::Ipv4OrArp, Size::Word, 16) => ("IPv4 destination", Style::Ipv4),
        (Header::Ipv4, Size::Byte, 16) => ("first byte of the IPv4 destination", Style::Decimal),
        (Header::Ipv4, Size::Byte, 1) => ("IPv4 type of service", Style::Hex),
        (Header::Ipv4, Size::Half, 2) => ("IPv4 length", Style::Decimal),
        (Header::Ipv4, Size::Half, 4) => ("IPv4 identification", Style::Decimal),
        (Header::Ipv4, Size::Byte, 8) => ("IPv4 time to live", Style::Decimal),
        (Header::Ipv6, Size::Half, 4) => ("IPv6 payload length", Style::Decimal),
        (Header::Ipv6, Size::Byte, 7) => ("IPv6 hop limit", Style::Decimal),
        (Header::Ipv6, Size::Byte, 24) => ("first byte of the IPv6 destination", Style::Hex),
        (Header::Ipv6, Size::Word, 8 | 12 | 16 | 20) => {
            return Some(ipv6_part("source", bytes.wrapping_sub(8)));
        }
        (Header::Ipv6, Size::Word, 24 | 28 | 32 | 36) => {
            return Some(ipv6_part("destination", bytes.wrapping_sub(24)));
        }
        (Header::Open | Header::Ipv4, Size::Byte, 9) => ("IPv4 protocol", Style::Protocol),
        (Header::Open | Header::Ipv4, Size::Half, 6) => (FRAGMENT_FIELD, Style::Hex),
        (Header::Open | Header::Ipv6, Size::Byte, 6) => ("IPv6 next header", Style::Protocol),
        (Header::Open | Header::Ipv6, Size::Byte, 40) => {
            ("next header behind the fragment header", Style::Protocol)
        }
        (Header::Open, Size::Half, 40) => ("source port (IPv6)", Style::Decimal),
        (Header::Open, Size::Half, 42) => ("destination port (IPv6)", Style::Decimal),
        _ => return None,
    };
    Some(Field::new(name, style))
}

fn ipv6_part(end: &str, from: u32) -> Field {
    let last = from.wrapping_add(3);
    Field::new(format!("bytes {from} to {last} of the IPv6 {end}"), Style::Hex)
}

/// A field this many bytes behind the IPv4 header.
pub(super) fn transport_field(size: Size, bytes: u32, context: Context<'_>) -> Option<Field> {
    let (name, style) = match (context.transport, size, bytes) {
        (Some(ProtoName::Icmp), Size::Byte, 0) => ("ICMP type", Style::Decimal),
        (Some(ProtoName::Icmp), Size::Byte, 1) => ("ICMP code", Style::Decimal),
        (Some(ProtoName::Icmp), ..) => return None,
        (_, Size::Half, 0) => ("source port", Style::Decimal),
        (_, Size::Half, 2) => ("destination port", Style::Decimal),
        (Some(ProtoName::Tcp), Size::Word, 4) => ("TCP sequence number", Style::Decimal),
        (Some(ProtoName::Tcp), Size::Word, 8) => ("TCP acknowledgment number", Style::Decimal),
        (Some(ProtoName::Tcp), Size::Byte, 13) => ("TCP flags", Style::Hex),
        (Some(ProtoName::Tcp), Size::Half, 14) => ("TCP window", Style::Decimal),
        (Some(ProtoName::Udp), Size::Half, 4) => ("UDP length", Style::Decimal),
        _ => return None,
    };
    Some(Field::new(name, style))
}
