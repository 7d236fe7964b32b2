//! Qualifiers and an id.

use alloc::format;
use alloc::string::String;
use core::net::Ipv6Addr;

use super::Teller;
use super::primitive::{behind_ipv6, protocol};
use crate::explain::field::{ethertype_name, protocol_name};
use crate::explain::render::quoted;
use crate::link::{Naming, naming};
use crate::syntax::ast::{Dir, ExprId, Id, Kind, Qualified, Quals};
use crate::syntax::words::ProtoName;

/// Link types whose packets are all IP have no ARP.
const fn carries_arp(naming: Naming) -> bool {
    !matches!(
        naming,
        Naming::IpVersion | Naming::Always(_) | Naming::Ppp | Naming::PppBsdos | Naming::Loopback
    )
}

impl Teller<'_> {
    pub(super) fn qualified(&self, node: ExprId, qualified: &Qualified) -> String {
        let Qualified { quals, id, .. } = qualified;
        let mut sentence = match quals.kind {
            None | Some(Kind::Host | Kind::Net) => self.address(node, quals, id),
            Some(Kind::Port | Kind::PortRange) => port(quals, id, self.options.ipv6_extensions),
            Some(Kind::Gateway) => format!(
                "through the gateway {}: a MAC address is the gateway's, and no IP address is",
                self.id(qualified)
            ),
            Some(Kind::Proto) => self.protocol_number(quals.proto, qualified),
            Some(Kind::ProtoChain) => format!(
                "a header of protocol {} in the chain of headers of {}",
                self.id(qualified),
                match quals.proto {
                    Some(proto) => protocol(proto),
                    None => "IPv4 or IPv6",
                }
            ),
        };
        if qualified.inherited {
            let from = quoted(qualified.quals_span.text(self.text));
            sentence.push_str(&format!("; inherits {from}"));
        }
        sentence
    }

    fn id(&self, qualified: &Qualified) -> String {
        quoted(qualified.id_span.text(self.text))
    }

    fn address(&self, node: ExprId, quals: &Quals, id: &Id) -> String {
        let is_link = quals.proto == Some(ProtoName::Link) || matches!(id, Id::Mac(_) | Id::Mac8(_));
        let what = if is_link { "MAC address" } else { "address" };
        let value = match id {
            Id::Name(name) if quals.kind == Some(Kind::Net) => format!("in the network {}", quoted(name)),
            Id::Name(name) if is_link => format!("that of the station {}", quoted(name)),
            Id::Name(name) => format!("one of the host {}", quoted(name)),
            Id::Number(number) if quals.kind == Some(Kind::Net) => format!("in the network {number}"),
            Id::Number(number) => {
                let [a, b, c, d] = number.to_be_bytes();
                format!("{a}.{b}.{c}.{d}")
            }
            Id::Dotted(dotted) if dotted.parts.len() == 4 => dotted.text.clone(),
            Id::Dotted(dotted) => format!("in the network {}", dotted.text),
            Id::DottedPrefix(dotted, len) => format!("in the network {}/{len}", dotted.text),
            Id::DottedMask(dotted, mask) => {
                format!("in the network {} with the mask {}", dotted.text, mask.text)
            }
            Id::Ipv6(address) => format!("{}", Ipv6Addr::from(*address)),
            Id::Ipv6Prefix(address, len) => format!("in the network {}/{len}", Ipv6Addr::from(*address)),
            Id::Mac([a, b, c, d, e, f]) => format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"),
            Id::Mac8(byte) => format!("{byte:#04x}"),
        };
        let ends = ends(quals.dir, what);
        if is_link {
            return format!("{ends} {value}");
        }
        format!("{ends} {value}, in {}", self.headers(node, quals, id))
    }

    /// Which headers have such an address.
    fn headers(&self, node: ExprId, quals: &Quals, id: &Id) -> &'static str {
        if let Some(proto) = quals.proto {
            return protocol(proto);
        }
        if matches!(id, Id::Ipv6(_) | Id::Ipv6Prefix(..)) {
            return "IPv6";
        }
        let has_arp = carries_arp(naming(self.options.link_type)) && !self.shifts.is_behind_ip_only(node);
        let is_name = matches!(id, Id::Name(_)) && quals.kind != Some(Kind::Net);
        match (has_arp, is_name) {
            (true, true) => "IPv4, ARP, RARP or IPv6",
            (true, false) => "IPv4, ARP or RARP",
            (false, true) => "IPv4 or IPv6",
            (false, false) => "IPv4",
        }
    }

    fn protocol_number(&self, proto: Option<ProtoName>, qualified: &Qualified) -> String {
        let number = match (&qualified.id, proto) {
            (Id::Number(number), Some(ProtoName::Link)) => match ethertype_name(*number) {
                Some(name) => format!("{number:#06x} ({name})"),
                None => format!("{number:#06x}"),
            },
            (Id::Number(number), None | Some(ProtoName::Ip | ProtoName::Ip6)) => match protocol_name(*number)
            {
                Some(name) => format!("{number} ({name})"),
                None => format!("{number}"),
            },
            (Id::Name(name), _) => quoted(name),
            _ => self.id(qualified),
        };
        let extensions = self.options.ipv6_extensions;
        match proto {
            None => format!("the protocol is {number}, over IPv4, or over {}", behind_ipv6(extensions)),
            Some(ProtoName::Ip) => format!("the IPv4 protocol is {number}"),
            Some(ProtoName::Ip6) => {
                format!("the protocol is {number}, over {}", behind_ipv6(extensions))
            }
            Some(ProtoName::Link) => format!("the protocol that the link layer names is {number}"),
            Some(other) => format!("the protocol that {} names is {number}", protocol(other)),
        }
    }
}

fn ends(dir: Option<Dir>, what: &str) -> String {
    match dir {
        None | Some(Dir::SrcOrDst) => format!("the source or destination {what} is"),
        Some(Dir::Src) => format!("the source {what} is"),
        Some(Dir::Dst) => format!("the destination {what} is"),
        Some(Dir::SrcAndDst) => format!("the source {what} and the destination {what} each is"),
        Some(Dir::Addr1) => "the 802.11 address 1 is".into(),
        Some(Dir::Addr2) => "the 802.11 address 2 is".into(),
        Some(Dir::Addr3) => "the 802.11 address 3 is".into(),
        Some(Dir::Addr4) => "the 802.11 address 4 is".into(),
        Some(Dir::Ra) => "the 802.11 receiver address is".into(),
        Some(Dir::Ta) => "the 802.11 transmitter address is".into(),
    }
}

fn port(quals: &Quals, id: &Id, ipv6_extensions: bool) -> String {
    let value = match id {
        Id::Name(name) if quals.kind == Some(Kind::PortRange) => format!("in the range {}", quoted(name)),
        Id::Name(name) => format!("that of the service {}", quoted(name)),
        Id::Number(number) => format!("{number}"),
        _ => "what no port can be".into(),
    };
    let transports = match quals.proto {
        Some(proto) => protocol(proto),
        None if matches!(id, Id::Name(_)) && quals.kind == Some(Kind::Port) => {
            "the transports that the service is known for"
        }
        None => "TCP, UDP or SCTP",
    };
    let in_ipv6 =
        if ipv6_extensions { "behind the extension headers" } else { "directly behind the fixed header" };
    format!(
        "{} {value}, over {transports}: in IPv6 {in_ipv6}, in IPv4 in first fragments",
        ends(quals.dir, "port")
    )
}
