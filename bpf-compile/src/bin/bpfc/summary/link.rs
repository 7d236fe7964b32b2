//! The link header: what it says of itself, and what follows it.

use std::fmt::{self, Write as _};

use bpf_compile::link::LinkType;
use etherparse::{EtherType, LaxLinkExtSlice, LaxSlicedPacket};

use super::ip;
use crate::capture::Packet;

const LINUX_SLL_BYTES: usize = 16;
const LINUX_SLL2_BYTES: usize = 20;
const FAMILY_BYTES: usize = 4;
const ETHERNET_BYTES: usize = 14;
/// A type field below this is the length of an IEEE 802.3 frame.
const ETHERTYPE_LEAST: u16 = 1536;

/// EtherTypes that are named instead of dissected.
const ETHERTYPE_NAMES: [(u16, &str); 12] = [
    (0x0842, "Wake-on-LAN"),
    (0x6003, "DECnet"),
    (0x8035, "RARP"),
    (0x809b, "AppleTalk"),
    (0x8137, "IPX"),
    (0x8808, "Ethernet flow control"),
    (0x8847, "MPLS"),
    (0x8848, "MPLS multicast"),
    (0x8863, "PPPoE discovery"),
    (0x8864, "PPPoE"),
    (0x888e, "EAPOL"),
    (0x88cc, "LLDP"),
];

/// Writes everything after the time.
pub(super) fn write(line: &mut String, packet: &Packet<'_>, verbose: bool) -> fmt::Result {
    let data = packet.data;
    match packet.link_type {
        LinkType::EN10MB => ethernet(line, packet, verbose),
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => raw_ip(line, packet, data, verbose),
        LinkType::NULL | LinkType::LOOP => match data.split_first_chunk::<FAMILY_BYTES>() {
            Some((family, payload)) if is_ip_family(*family) => raw_ip(line, packet, payload, verbose),
            Some((family, _)) => {
                write!(line, "address family {}", family_number(*family))?;
                length(line, packet)
            }
            None => unknown(line, packet),
        },
        LinkType::LINUX_SLL => {
            let header = data.first_chunk::<LINUX_SLL_BYTES>();
            let fields = header.map(|&[_, kind, .., high, low]| (kind, [high, low]));
            cooked(line, packet, fields, LINUX_SLL_BYTES, verbose)
        }
        LinkType::LINUX_SLL2 => {
            let header = data.first_chunk::<LINUX_SLL2_BYTES>();
            let fields = header.map(|&[high, low, _, _, _, _, _, _, _, _, kind, ..]| (kind, [high, low]));
            cooked(line, packet, fields, LINUX_SLL2_BYTES, verbose)
        }
        _ => unknown(line, packet),
    }
}

/// The name of the link type and the length: for what is not dissected.
fn unknown(line: &mut String, packet: &Packet<'_>) -> fmt::Result {
    write!(line, "{}", packet.link_type)?;
    length(line, packet)
}

fn length(line: &mut String, packet: &Packet<'_>) -> fmt::Result {
    write!(line, ", length {}", packet.wire_len)
}

fn ethernet(line: &mut String, packet: &Packet<'_>, verbose: bool) -> fmt::Result {
    let Some(header) = packet.data.first_chunk::<ETHERNET_BYTES>() else { return unknown(line, packet) };
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, high, low] = header;
    let (source, destination) = (Mac([s0, s1, s2, s3, s4, s5]), Mac([d0, d1, d2, d3, d4, d5]));
    if verbose {
        write!(line, "{source} > {destination}, ")?;
    }
    let ether_type = u16::from_be_bytes([high, low]);
    if let Ok(sliced) = LaxSlicedPacket::from_ethernet(packet.data)
        && ether_type >= ETHERTYPE_LEAST
        && sliced_packet(line, &sliced, verbose)?
    {
        return Ok(());
    }
    if !verbose {
        write!(line, "{source} > {destination}, ")?;
    }
    if ether_type >= ETHERTYPE_LEAST {
        return other_ethertype(
            line,
            packet,
            ether_type,
            packet.data.get(ETHERNET_BYTES..).unwrap_or_default(),
        );
    }
    line.write_str("802.3")?;
    if let Some([dsap, ssap, ..]) = packet.data.get(ETHERNET_BYTES..) {
        write!(line, ", LLC dsap {dsap:#04x} ssap {ssap:#04x}")?;
    }
    write!(line, ", length {ether_type}")
}

fn raw_ip(line: &mut String, packet: &Packet<'_>, data: &[u8], verbose: bool) -> fmt::Result {
    match LaxSlicedPacket::from_ip(data) {
        Ok(sliced) if sliced_packet(line, &sliced, verbose)? => Ok(()),
        _ => unknown(line, packet),
    }
}

/// A cooked capture: `fields` are the packet's direction and its protocol.
fn cooked(
    line: &mut String,
    packet: &Packet<'_>,
    fields: Option<(u8, [u8; 2])>,
    header_bytes: usize,
    verbose: bool,
) -> fmt::Result {
    let (Some((kind, protocol)), Some(payload)) = (fields, packet.data.get(header_bytes..)) else {
        return unknown(line, packet);
    };
    let direction = match kind {
        0 => "In ",
        1 => "B ",
        2 => "M ",
        3 => "P ",
        4 => "Out ",
        _ => "? ",
    };
    line.write_str(direction)?;
    let ether_type = u16::from_be_bytes(protocol);
    if ether_type >= ETHERTYPE_LEAST {
        let sliced = LaxSlicedPacket::from_ether_type(EtherType(ether_type), payload);
        if sliced_packet(line, &sliced, verbose)? {
            return Ok(());
        }
        return other_ethertype(line, packet, ether_type, payload);
    }
    write!(line, "protocol {ether_type:#06x}")?;
    length(line, packet)
}

/// VLAN tags and the network layer; `false` if there is no network layer that can be printed.
fn sliced_packet(line: &mut String, sliced: &LaxSlicedPacket<'_>, verbose: bool) -> Result<bool, fmt::Error> {
    let Some(net) = &sliced.net else { return Ok(false) };
    for extension in &sliced.link_exts {
        if let LaxLinkExtSlice::Vlan(tag) = extension {
            write!(line, "vlan {}, ", tag.vlan_identifier().value())?;
        }
    }
    ip::write(line, net, verbose)?;
    Ok(true)
}

/// A frame whose protocol is only named. Tags are followed to the protocol behind them.
fn other_ethertype(line: &mut String, packet: &Packet<'_>, ether_type: u16, payload: &[u8]) -> fmt::Result {
    let (mut ether_type, mut payload) = (ether_type, payload);
    while let (0x8100 | 0x88a8 | 0x9100, Some((&[tag_high, tag_low, high, low], rest))) =
        (ether_type, payload.split_first_chunk())
    {
        write!(line, "vlan {}, ", u16::from_be_bytes([tag_high, tag_low]) & 0x0fff)?;
        (ether_type, payload) = (u16::from_be_bytes([high, low]), rest);
    }
    match ETHERTYPE_NAMES.iter().find(|(value, _)| *value == ether_type) {
        Some((_, name)) => write!(line, "{name}")?,
        None => write!(line, "ethertype {ether_type:#06x}")?,
    }
    length(line, packet)
}

/// The family of NULL is in the byte order of the machine that captured; both are tried.
fn family_number(family: [u8; 4]) -> u32 {
    u32::from_le_bytes(family).min(u32::from_be_bytes(family))
}

/// IPv4, and the numbers that the BSDs, macOS and Linux have for IPv6.
fn is_ip_family(family: [u8; 4]) -> bool {
    matches!(family_number(family), 2 | 10 | 24 | 28 | 30)
}

/// An Ethernet address.
pub(super) struct Mac(pub(super) [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
