//! Primitives without qualifiers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::number::relation;
use crate::Options;
use crate::explain::render::quoted;
use crate::span::Span;
use crate::syntax::ast::{ByteOp, Encap, NameOrNumber, Primitive};
use crate::syntax::words::{Field80211, Keyword, PfField, ProtoName, Ss7Field};

/// The sentence of a primitive; [`Primitive::Qualified`] has a file of its own.
pub(super) fn sentence(primitive: &Primitive, options: &Options) -> String {
    match primitive {
        Primitive::Qualified(_) => String::new(),
        Primitive::Proto(proto) => protocol_word(*proto, options),
        Primitive::Broadcast(None | Some(ProtoName::Link)) => {
            "the frame is for everybody: its destination MAC address is the broadcast address".into()
        }
        Primitive::Broadcast(Some(_)) => {
            "an IPv4 packet for everybody: under the netmask, the host bits of its destination are all 0 or all 1".into()
        }
        Primitive::Multicast(None | Some(ProtoName::Link)) => {
            "the frame is for a group: the lowest bit of the first byte of its destination MAC address is set".into()
        }
        Primitive::Multicast(Some(ProtoName::Ip6)) => "an IPv6 packet for a group: its destination begins with ff".into(),
        Primitive::Multicast(Some(_)) => "an IPv4 packet for a group: its destination is in 224.0.0.0/4".into(),
        Primitive::Less(len) => format!("the packet had at most {len} bytes on the wire"),
        Primitive::Greater(len) => format!("the packet had at least {len} bytes on the wire"),
        Primitive::Byte { offset, op, value } => byte(*offset, *op, *value),
        Primitive::Inbound => "the packet came in to this host".into(),
        Primitive::Outbound => "this host sent the packet".into(),
        Primitive::IfIndex(index) => format!("the packet was captured on the interface of index {index}"),
        Primitive::Encap { kind, id, port } => {
            let number = |place: Option<(u32, Span)>| place.map(|(number, _)| number);
            encapsulation(*kind, number(*id), number(*port), options.scoped)
        }
        Primitive::Pf { field, value } => format!("{} is {}", pf_field(*field), value_text(value)),
        Primitive::Wlan { field } => wlan(field),
        Primitive::Llc(None) => "the frame has an 802.2 (LLC) header".into(),
        Primitive::Llc(Some(kind)) => format!("the frame has an 802.2 (LLC) header of the kind {}", quoted(&kind.text)),
        Primitive::Bare(word) => format!("{}, {}", family(*word), quoted(word.as_str())),
        Primitive::Field { field, tests } => field_tests(*field, tests),
    }
}

fn byte(offset: u32, op: ByteOp, value: u32) -> String {
    let test = match op {
        ByteOp::Eq => format!("equals {value}"),
        ByteOp::Lt => format!("is less than {value}"),
        ByteOp::Gt => format!("is greater than {value}"),
        ByteOp::And => format!("has any of the bits {value:#04x} set"),
        ByteOp::Or => format!("or-ed with {value} is not 0"),
    };
    format!("byte {offset} of the packet {test}")
}

fn encapsulation(kind: Encap, id: Option<u32>, port: Option<u32>, scoped: bool) -> String {
    let (what, number, follows) = match kind {
        Encap::Vlan => {
            ("a VLAN tag (EtherType 0x8100, 0x88a8 or 0x9100)", "id", "is looked for behind the tag")
        }
        Encap::Mpls => ("an MPLS label", "value", "is looked for behind the label"),
        Encap::Pppoed => ("a PPPoE discovery packet (EtherType 0x8863)", "", ""),
        Encap::Pppoes => {
            ("a PPPoE session packet (EtherType 0x8864)", "session", "is looked for inside of it")
        }
        Encap::Geneve => ("a Geneve packet", "network identifier", "is looked for inside of it"),
        Encap::Vxlan => ("a VXLAN packet", "network identifier", "is looked for inside of it"),
        Encap::Gre => ("a GRE packet", "", "is looked for inside of it"),
        Encap::Erspan => ("an ERSPAN packet", "session", "is looked for inside of it"),
        Encap::Gtp => ("a GTP packet", "tunnel endpoint", "is looked for inside of it"),
        Encap::L2tp => ("an L2TP packet", "", "is looked for inside of it"),
        Encap::Wireguard => ("a WireGuard packet", "", ""),
    };
    let mut sentence = String::from(what);
    if let Some(port) = port.or(kind.default_port().map(u32::from)) {
        sentence.push_str(&format!(" (UDP port {port})"));
    }
    if let Some(id) = id {
        sentence.push_str(&format!(" with the {number} {id}"));
    }
    if kind.shifts() {
        let what =
            if scoped { "what is joined to this by `and`" } else { "everything that stands after this word" };
        sentence.push_str(&format!("; {what} {follows}"));
    }
    sentence
}

fn pf_field(field: PfField) -> &'static str {
    match field {
        PfField::Ifname => "the interface in the pf log header",
        PfField::Ruleset => "the ruleset in the pf log header",
        PfField::Rulenum => "the rule's number in the pf log header",
        PfField::Subrulenum => "the rule's number in its ruleset, in the pf log header,",
        PfField::Reason => "the reason in the pf log header",
        PfField::Action => "the action in the pf log header",
    }
}

fn wlan(field: &Field80211) -> String {
    match field {
        Field80211::Type(kind) => format!("an 802.11 frame of the type {}", value_text(kind)),
        Field80211::TypeSubtype(kind, subtype) => {
            format!(
                "an 802.11 frame of the type {} and the subtype {}",
                value_text(kind),
                value_text(subtype)
            )
        }
        Field80211::Subtype(subtype) => format!("an 802.11 frame of the subtype {}", value_text(subtype)),
        Field80211::Dir(dir) => format!("an 802.11 frame with the direction bits {}", value_text(dir)),
    }
}

fn value_text(value: &NameOrNumber) -> String {
    match value {
        NameOrNumber::Name(word) => quoted(&word.text),
        NameOrNumber::Number(number, _) => format!("{number}"),
    }
}

fn family(word: Keyword) -> &'static str {
    match word {
        Keyword::Fisu | Keyword::Lssu | Keyword::Msu | Keyword::Hfisu | Keyword::Hlssu | Keyword::Hmsu => {
            "an SS7 signal unit (MTP2) of the kind that its length field tells"
        }
        _ => "an ATM cell or frame of the kind that its VPI, VCI and header tell",
    }
}

fn field_tests(field: Ss7Field, tests: &[(crate::syntax::ast::RelOp, u32)]) -> String {
    let header = match field {
        Ss7Field::Vpi | Ss7Field::Vci => "ATM",
        _ => "SS7",
    };
    let tests: Vec<String> = tests
        .iter()
        .take(super::LIST_MAX)
        .map(|(op, number)| format!("{} {number}", relation(*op)))
        .collect();
    format!("the {header} field {} {}", quoted(field.as_str()), tests.join(" or "))
}

/// A protocol word alone.
fn protocol_word(proto: ProtoName, options: &Options) -> String {
    use ProtoName as P;
    let name = protocol(proto);
    match proto {
        // An authentication header is itself one that is stepped over.
        P::Ah => format!("{name} over IPv4, or over {}", behind_ipv6(false)),
        P::Tcp | P::Udp | P::Sctp | P::Pim | P::Esp => {
            format!("{name} over IPv4, or over {}", behind_ipv6(options.ipv6_extensions))
        }
        P::Icmp | P::Igmp | P::Igrp | P::Vrrp | P::Carp => format!("{name} over IPv4"),
        P::Icmp6 => format!("{name} over {}", behind_ipv6(options.ipv6_extensions)),
        P::Clnp | P::Esis | P::Isis | P::L1 | P::L2 | P::Iih | P::Lsp | P::Snp | P::Csnp | P::Psnp => {
            format!("{name}, in frames of the ISO protocols")
        }
        P::Link | P::Radio => format!("a packet with {name}"),
        _ => format!("an {name} packet, as the link layer says").replacen("an ", article(name), 1),
    }
}

/// Where a protocol is looked for in IPv6.
pub(super) const fn behind_ipv6(extensions: bool) -> &'static str {
    if extensions {
        "IPv6 behind its extension headers"
    } else {
        "IPv6 directly or behind one fragment header"
    }
}

fn article(name: &str) -> &'static str {
    // As spoken: an ARP packet, a RARP packet, an LAT packet.
    if name.starts_with(['A', 'I', 'M', 'N', 'L']) && !name.starts_with("Net") && !name.starts_with("MAC") {
        "an "
    } else {
        "a "
    }
}

/// What a protocol is called where people talk.
pub(super) fn protocol(proto: ProtoName) -> &'static str {
    use ProtoName as P;
    match proto {
        P::Link => "a link-layer header",
        P::Ip => "IPv4",
        P::Ip6 => "IPv6",
        P::Arp => "ARP",
        P::Rarp => "RARP",
        P::Tcp => "TCP",
        P::Udp => "UDP",
        P::Sctp => "SCTP",
        P::Icmp => "ICMP",
        P::Icmp6 => "ICMPv6",
        P::Igmp => "IGMP",
        P::Igrp => "IGRP",
        P::Pim => "PIM",
        P::Vrrp => "VRRP",
        P::Carp => "CARP",
        P::Ah => "AH",
        P::Esp => "ESP",
        P::Atalk => "AppleTalk",
        P::Aarp => "AppleTalk ARP",
        P::Decnet => "DECnet",
        P::Lat => "LAT",
        P::Sca => "DEC SCA",
        P::Mopdl => "MOP dump/load",
        P::Moprc => "MOP remote console",
        P::Iso => "ISO (CLNP, ES-IS, IS-IS)",
        P::Clnp => "CLNP",
        P::Esis => "ES-IS",
        P::Isis => "IS-IS",
        P::L1 => "IS-IS of level 1",
        P::L2 => "IS-IS of level 2",
        P::Iih => "IS-IS hellos",
        P::Lsp => "IS-IS link states",
        P::Snp => "IS-IS sequence numbers",
        P::Csnp => "IS-IS complete sequence numbers",
        P::Psnp => "IS-IS partial sequence numbers",
        P::Stp => "spanning tree",
        P::Ipx => "IPX",
        P::Netbeui => "NetBEUI",
        P::Radio => "a radio header",
    }
}
