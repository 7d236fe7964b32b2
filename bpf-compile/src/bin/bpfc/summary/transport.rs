//! The transport layer: TCP, UDP, SCTP ports, ICMP, ICMPv6, fragments, and the names of other protocols.

use std::fmt::{self, Write as _};
use std::net::Ipv6Addr;

use etherparse::{IpNumber, TcpSlice};

use super::ip::{Datagram, Fragment};

const UDP_HEADER_BYTES: usize = 8;
const SCTP_HEADER_BYTES: usize = 12;

/// Writes `source > destination: protocol ...`.
pub(super) fn write(line: &mut String, datagram: &Datagram<'_>, verbose: bool) -> fmt::Result {
    if let Some(Fragment { offset_bytes: 1.., .. }) = datagram.fragment {
        addresses(line, datagram, None)?;
        write!(line, "{} {}", protocol_name(datagram.protocol), datagram.payload_bytes)?;
        return fragment(line, datagram, verbose);
    }
    match datagram.protocol {
        IpNumber::TCP => tcp(line, datagram, verbose)?,
        IpNumber::UDP => ported(line, datagram, "udp", UDP_HEADER_BYTES)?,
        IpNumber::SCTP => ported(line, datagram, "sctp", SCTP_HEADER_BYTES)?,
        IpNumber::ICMP => icmp(line, datagram)?,
        IpNumber::IPV6_ICMP => icmpv6(line, datagram)?,
        protocol => {
            addresses(line, datagram, None)?;
            write!(line, "{} {}", protocol_name(protocol), datagram.payload_bytes)?;
        }
    }
    fragment(line, datagram, verbose)
}

fn addresses(line: &mut String, datagram: &Datagram<'_>, ports: Option<(u16, u16)>) -> fmt::Result {
    let (source, destination) = (datagram.source, datagram.destination);
    match ports {
        Some((from, to)) => write!(line, "{source}.{from} > {destination}.{to}: "),
        None => write!(line, "{source} > {destination}: "),
    }
}

fn fragment(line: &mut String, datagram: &Datagram<'_>, verbose: bool) -> fmt::Result {
    let Some(Fragment { id, offset_bytes, more }) = datagram.fragment else { return Ok(()) };
    write!(line, ", fragment at {offset_bytes}{}", if more { "+" } else { "" })?;
    if verbose { write!(line, " of {id:#x}") } else { Ok(()) }
}

/// The two ports that begin the header, if they were captured.
fn ports(payload: &[u8]) -> Option<(u16, u16)> {
    let &[a, b, c, d] = payload.first_chunk()?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

fn ported(line: &mut String, datagram: &Datagram<'_>, name: &str, header_bytes: usize) -> fmt::Result {
    addresses(line, datagram, ports(datagram.payload))?;
    let length = datagram.payload_bytes.saturating_sub(header_bytes);
    write!(line, "{name} {length}{}", cut(datagram.payload.len() < header_bytes))
}

fn tcp(line: &mut String, datagram: &Datagram<'_>, verbose: bool) -> fmt::Result {
    let Ok(tcp) = TcpSlice::from_slice(datagram.payload) else {
        addresses(line, datagram, ports(datagram.payload))?;
        return write!(line, "tcp{}", cut(true));
    };
    addresses(line, datagram, Some((tcp.source_port(), tcp.destination_port())))?;
    let length = datagram.payload_bytes.saturating_sub(tcp.header_slice().len());
    write!(line, "tcp {length}, flags [")?;
    let flags = [
        (tcp.fin(), 'F'),
        (tcp.syn(), 'S'),
        (tcp.rst(), 'R'),
        (tcp.psh(), 'P'),
        (tcp.ack(), '.'),
        (tcp.urg(), 'U'),
        (tcp.ece(), 'E'),
        (tcp.cwr(), 'W'),
        (tcp.ns(), 'e'),
    ];
    let set = flags.into_iter().filter_map(|(is_set, letter)| is_set.then_some(letter));
    let before = line.len();
    line.extend(set);
    if line.len() == before {
        line.write_str("none")?;
    }
    line.push(']');
    if verbose {
        write!(line, ", seq {}", tcp.sequence_number())?;
        if tcp.ack() {
            write!(line, ", ack {}", tcp.acknowledgment_number())?;
        }
        write!(line, ", win {}", tcp.window_size())?;
    }
    Ok(())
}

fn icmp(line: &mut String, datagram: &Datagram<'_>) -> fmt::Result {
    addresses(line, datagram, None)?;
    let Some(&[kind, code, _, _, a, b, c, d]) = datagram.payload.first_chunk() else {
        return write!(line, "icmp{}", cut(true));
    };
    let (first, second) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    match (kind, code) {
        (0, 0) => write!(line, "icmp echo reply, id {first}, seq {second}")?,
        (8, 0) => write!(line, "icmp echo request, id {first}, seq {second}")?,
        (3, 0) => line.write_str("icmp net unreachable")?,
        (3, 1) => line.write_str("icmp host unreachable")?,
        (3, 2) => line.write_str("icmp protocol unreachable")?,
        (3, 3) => line.write_str("icmp port unreachable")?,
        (3, 4) => write!(line, "icmp fragmentation needed, mtu {second}")?,
        (3, _) => write!(line, "icmp unreachable, code {code}")?,
        (5, _) => line.write_str("icmp redirect")?,
        (9, _) => line.write_str("icmp router advertisement")?,
        (10, _) => line.write_str("icmp router solicitation")?,
        (11, 0) => line.write_str("icmp time exceeded in transit")?,
        (11, 1) => line.write_str("icmp reassembly time exceeded")?,
        (12, _) => line.write_str("icmp parameter problem")?,
        (13, _) => line.write_str("icmp timestamp request")?,
        (14, _) => line.write_str("icmp timestamp reply")?,
        _ => write!(line, "icmp type {kind} code {code}")?,
    }
    write!(line, ", length {}", datagram.payload_bytes)
}

fn icmpv6(line: &mut String, datagram: &Datagram<'_>) -> fmt::Result {
    addresses(line, datagram, None)?;
    let Some((&[kind, code, _, _, a, b, c, d], rest)) = datagram.payload.split_first_chunk() else {
        return write!(line, "icmp6{}", cut(true));
    };
    let (first, second) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let target = rest.first_chunk::<16>().map(|bytes| Ipv6Addr::from(*bytes));
    let (name, has_target) = match (kind, code) {
        (1, 0) => ("no route to destination", false),
        (1, 1) => ("prohibited by administrator", false),
        (1, 3) => ("address unreachable", false),
        (1, 4) => ("port unreachable", false),
        (1, _) => ("unreachable", false),
        (2, _) => ("packet too big", false),
        (3, _) => ("time exceeded", false),
        (4, _) => ("parameter problem", false),
        (128, _) => ("echo request", false),
        (129, _) => ("echo reply", false),
        (130, _) => ("multicast listener query", true),
        (131, _) => ("multicast listener report", true),
        (132, _) => ("multicast listener done", true),
        (133, _) => ("router solicitation", false),
        (134, _) => ("router advertisement", false),
        (135, _) => ("neighbor solicitation", true),
        (136, _) => ("neighbor advertisement", true),
        (137, _) => ("redirect", true),
        (143, _) => ("multicast listener report v2", false),
        _ => return write!(line, "icmp6 type {kind} code {code}, length {}", datagram.payload_bytes),
    };
    write!(line, "icmp6 {name}")?;
    match (kind, target.filter(|_| has_target)) {
        (128 | 129, _) => write!(line, ", id {first}, seq {second}")?,
        (2, _) => write!(line, ", mtu {}", u32::from_be_bytes([a, b, c, d]))?,
        (_, Some(target)) => write!(line, ", target {target}")?,
        _ => {}
    }
    write!(line, ", length {}", datagram.payload_bytes)
}

/// The mark of a header that was not captured whole.
fn cut(is_cut: bool) -> &'static str {
    if is_cut { " [cut]" } else { "" }
}

/// A name in lower case where one is common, else the number.
fn protocol_name(protocol: IpNumber) -> ProtocolName {
    ProtocolName(protocol)
}

struct ProtocolName(IpNumber);

impl fmt::Display for ProtocolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.keyword_str() {
            Some(name) => name.chars().try_for_each(|letter| f.write_char(letter.to_ascii_lowercase())),
            None => write!(f, "ip-proto-{}", self.0.0),
        }
    }
}
