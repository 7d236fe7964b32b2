//! The network layer: ARP, IPv4 with fragments, IPv6 with extension headers.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};

use etherparse::{ArpPacketSlice, IpNumber, Ipv6ExtensionSlice, LaxIpv4Slice, LaxIpv6Slice, LaxNetSlice};

use super::link::Mac;
use super::transport;

/// What the transport layer must know of the layer below.
pub(super) struct Datagram<'a> {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: IpNumber,
    /// As far as it was captured.
    pub(super) payload: &'a [u8],
    /// As the header states it.
    pub(super) payload_bytes: usize,
    pub(super) fragment: Option<Fragment>,
}

/// A part of a datagram.
#[derive(Clone, Copy)]
pub(super) struct Fragment {
    pub(super) id: u32,
    pub(super) offset_bytes: u32,
    pub(super) more: bool,
}

/// Writes the layer and what it carries.
pub(super) fn write(line: &mut String, net: &LaxNetSlice<'_>, verbose: bool) -> fmt::Result {
    match net {
        LaxNetSlice::Arp(arp) => write_arp(line, arp),
        LaxNetSlice::Ipv4(ip) => ipv4(line, ip, verbose),
        LaxNetSlice::Ipv6(ip) => ipv6(line, ip, verbose),
    }
}

fn ipv4(line: &mut String, ip: &LaxIpv4Slice<'_>, verbose: bool) -> fmt::Result {
    let header = ip.header();
    let payload = ip.payload();
    let id = header.identification();
    line.write_str("IP ")?;
    if verbose {
        let flags = match (header.dont_fragment(), header.more_fragments()) {
            (true, true) => ", DF MF",
            (true, false) => ", DF",
            (false, true) => ", MF",
            (false, false) => "",
        };
        let (ttl, total) = (header.ttl(), header.total_len());
        write!(line, "(ttl {ttl}, id {id}{flags}, tos {:#x}, length {total}) ", header.dcp().value() << 2)?;
    }
    let offset_bytes = u32::from(header.fragments_offset().value()) * 8;
    let more = header.more_fragments();
    let stated = usize::from(header.total_len()).checked_sub(header.slice().len());
    transport::write(
        line,
        &Datagram {
            source: header.source_addr().into(),
            destination: header.destination_addr().into(),
            protocol: payload.ip_number,
            payload: payload.payload,
            payload_bytes: without_extensions(
                stated,
                ip.extensions().auth.map(|auth| auth.slice().len()),
                payload.payload,
            ),
            fragment: (more || offset_bytes != 0).then_some(Fragment { id: id.into(), offset_bytes, more }),
        },
        verbose,
    )
}

fn ipv6(line: &mut String, ip: &LaxIpv6Slice<'_>, verbose: bool) -> fmt::Result {
    let header = ip.header();
    let payload = ip.payload();
    line.write_str("IP6 ")?;
    if verbose {
        let (hops, flow) = (header.hop_limit(), header.flow_label().value());
        write!(line, "(hop limit {hops}, flow {flow:#07x}, payload {}) ", header.payload_length())?;
    }
    let fragment = ip.extensions().clone().into_iter().find_map(|extension| match extension {
        Ipv6ExtensionSlice::Fragment(fragment) => Some(Fragment {
            id: fragment.identification(),
            offset_bytes: u32::from(fragment.fragment_offset().value()) * 8,
            more: fragment.more_fragments(),
        }),
        _ => None,
    });
    // A payload length of 0 is a jumbogram or a packet before segmentation: what was captured counts.
    let stated = Some(usize::from(header.payload_length())).filter(|bytes| *bytes != 0);
    transport::write(
        line,
        &Datagram {
            source: header.source_addr().into(),
            destination: header.destination_addr().into(),
            protocol: payload.ip_number,
            payload: payload.payload,
            payload_bytes: without_extensions(stated, Some(ip.extensions().slice().len()), payload.payload),
            fragment: fragment.filter(|fragment| fragment.more || fragment.offset_bytes != 0),
        },
        verbose,
    )
}

/// The stated length of the payload behind extension headers; where it is absurd, what was captured.
fn without_extensions(stated: Option<usize>, extensions: Option<usize>, captured: &[u8]) -> usize {
    let behind = stated.and_then(|bytes| bytes.checked_sub(extensions.unwrap_or_default()));
    behind.unwrap_or(captured.len())
}

fn write_arp(line: &mut String, arp: &ArpPacketSlice<'_>) -> fmt::Result {
    let sender = (protocol_address(arp.sender_protocol_addr()), hardware_address(arp.sender_hw_addr()));
    let target = protocol_address(arp.target_protocol_addr());
    let length = arp.slice().len();
    let (Some(sender_ip), Some(target)) = (sender.0, target) else {
        return write!(line, "ARP operation {}, length {length}", arp.operation().0);
    };
    match (arp.operation().0, sender.1) {
        (1, _) => write!(line, "ARP who-has {target} tell {sender_ip}, length {length}"),
        (2, Some(mac)) => write!(line, "ARP {sender_ip} is-at {mac}, length {length}"),
        (operation, _) => write!(line, "ARP operation {operation} {sender_ip} > {target}, length {length}"),
    }
}

fn protocol_address(bytes: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
}

fn hardware_address(bytes: &[u8]) -> Option<Mac> {
    <[u8; 6]>::try_from(bytes).ok().map(Mac)
}
