//! Tunnels over either version of IP, and the extension headers of IPv6.
//!
//! ```text
//! IP, UDP │ Geneve, VXLAN, GTP, L2TP, WireGuard       IP │ GRE, ERSPAN       IPv6 │ hop-by-hop, routing, fragment, ... │ as before
//! ```

use super::ethernet::stations;
use super::{Payload, recorded};
use crate::mutate::Sample;
use crate::rng::Rng;

/// What IP calls UDP and GRE.
const UDP: u8 = 17;
const GRE: u8 = 47;
const IPV6: u16 = 0x86dd;

/// A packet of IP that carries another one.
pub(super) fn over_ip(rng: &mut Rng, pool: &[Sample]) -> Payload {
    let inner = if rng.one_in(6) { over_ip(rng, pool) } else { recorded(rng, pool) };
    let (protocol, payload) = match rng.below(8) {
        0 | 1 => {
            let (head, framed) = geneve_head(rng, &inner);
            udp(rng, 6081, &head, framed, &inner)
        }
        2 => {
            let port = *rng.pick(&[4789, 4789, 8472]);
            let head = vxlan_head(rng);
            udp(rng, port, &head, true, &inner)
        }
        3 => (GRE, gre(rng, &inner)),
        4 => (GRE, erspan(rng, &inner)),
        5 => {
            let head = gtp_head(rng);
            udp(rng, 2152, &head, false, &inner)
        }
        6 => {
            let head = l2tp_head(rng, &inner);
            udp(rng, 1701, &head, false, &inner)
        }
        _ => (UDP, wireguard(rng)),
    };
    if rng.one_in(2) { over_ip6(rng, protocol, &payload) } else { over_ip4(rng, protocol, &payload) }
}

/// The same packet of IPv6, with extension headers between its header and what follows.
pub(super) fn extended(rng: &mut Rng, packet: &Payload) -> Payload {
    match packet.bytes.split_at_checked(40) {
        Some((header, rest)) if packet.ethertype == IPV6 => {
            let (first, chain) = extension_headers(rng, header[6]);
            let mut bytes = [header, &chain, rest].concat();
            bytes[6] = first;
            Payload { ethertype: IPV6, bytes }
        }
        _ => Payload { ethertype: packet.ethertype, bytes: packet.bytes.clone() },
    }
}

fn over_ip4(rng: &mut Rng, protocol: u8, payload: &[u8]) -> Payload {
    let words = *rng.pick(&[5_u8, 5, 6, 15]);
    let mut ip = vec![0; usize::from(words) * 4];
    ip[0] = 0x40 | words;
    ip[6] = *rng.pick(&[0, 0, 0, 0x40, 0x20, 0x01]);
    ip[9] = protocol;
    ip[12..20].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
    Payload { ethertype: 0x0800, bytes: [&ip[..], payload].concat() }
}

fn over_ip6(rng: &mut Rng, protocol: u8, payload: &[u8]) -> Payload {
    let mut ip = vec![0x60, 0, 0, 0, 0, 100, protocol, 64];
    ip.extend([0x20; 32]);
    let packet = Payload { ethertype: IPV6, bytes: [&ip[..], payload].concat() };
    if rng.one_in(3) { extended(rng, &packet) } else { packet }
}

/// A chain of extension headers: the number of the first one, and their bytes.
fn extension_headers(rng: &mut Rng, last: u8) -> (u8, Vec<u8>) {
    let mut next = last;
    let mut bytes = Vec::new();
    for _ in 0..rng.below(6) {
        let kind = *rng.pick(&[0, 43, 44, 51, 60, 135, 139, 140, 50]);
        let units = *rng.pick(&[0, 0, 1, 2]);
        let header: Vec<u8> = match kind {
            44 => vec![next, 0, 0, *rng.pick(&[0, 1, 0, 8]), 0, 0, 0, 9],
            51 => [&[next, units + 1][..], &vec![0x51; usize::from(units) * 4 + 10]].concat(),
            _ => [&[next, units][..], &vec![0x60; usize::from(units) * 8 + 6]].concat(),
        };
        bytes.splice(0..0, header);
        next = kind;
    }
    (next, bytes)
}

/// UDP to this port (from it, too, now and then): a header, and the packet, as a frame if it says so.
fn udp(rng: &mut Rng, port: u16, head: &[u8], framed: bool, inner: &Payload) -> (u8, Vec<u8>) {
    let source = *rng.pick(&[4000, 4000, port]);
    let mut bytes = [&source.to_be_bytes()[..], &port.to_be_bytes(), &[0, 100, 0, 0], head].concat();
    if framed {
        bytes.extend(frame_header(rng, inner));
    }
    bytes.extend(&inner.bytes);
    (UDP, bytes)
}

fn frame_header(rng: &mut Rng, inner: &Payload) -> Vec<u8> {
    [&stations(rng)[..], &inner.ethertype.to_be_bytes()].concat()
}

/// The header, and whether a frame follows it.
fn geneve_head(rng: &mut Rng, inner: &Payload) -> (Vec<u8>, bool) {
    let framed = !rng.one_in(3);
    let options = rng.below(3);
    let first = u8::try_from(options).unwrap() | if rng.one_in(8) { 0x40 } else { 0 };
    let carried = if framed { 0x6558 } else { inner.ethertype };
    let identifier = [0, 0, *rng.pick(&[3, 5, 77]), 0];
    ([&[first, 0][..], &carried.to_be_bytes(), &identifier, &vec![0; options * 4]].concat(), framed)
}

fn vxlan_head(rng: &mut Rng) -> Vec<u8> {
    vec![if rng.one_in(6) { 0 } else { 8 }, 0, 0, 0, 0, 0, *rng.pick(&[3, 5, 77]), 0]
}

/// GRE with any of its fields.
fn gre(rng: &mut Rng, inner: &Payload) -> Vec<u8> {
    let framed = rng.one_in(2);
    let flags = rng.byte() & 0xb0 | if rng.one_in(8) { 0x40 } else { 0 };
    let carried = if framed { 0x6558 } else { inner.ethertype };
    let fields = usize::try_from((flags & 0xb0).count_ones()).unwrap() * 4;
    let mut bytes =
        [&[flags, u8::from(rng.one_in(8))][..], &carried.to_be_bytes(), &vec![0; fields]].concat();
    if framed {
        bytes.extend(frame_header(rng, inner));
    }
    bytes.extend(&inner.bytes);
    bytes
}

/// ERSPAN of any of its types, of session 5 or 7.
fn erspan(rng: &mut Rng, inner: &Payload) -> Vec<u8> {
    let session = *rng.pick(&[5, 7]);
    let platform = rng.byte() & 1;
    let head: Vec<u8> = match rng.below(4) {
        0 => vec![0, 0, 0x88, 0xbe],
        1 => {
            let tail = if platform == 1 { 8 } else { 0 };
            let header = [&[0x20, 0, 0, session, 0, 0, 0, 0, 0, 0, 0, platform][..], &vec![0; tail]].concat();
            [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &header].concat()
        }
        _ => vec![0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, session, 0, 0, 0, 0],
    };
    [head, frame_header(rng, inner), inner.bytes.clone()].concat()
}

/// GTP with any of its flags, and headers behind the one for more.
fn gtp_head(rng: &mut Rng) -> Vec<u8> {
    let flags = *rng.pick(&[0, 0, 1, 2, 4, 6, 7]);
    let mut head = vec![0x30 | flags, *rng.pick(&[0xff, 0xff, 0xff, 1]), 0, 0, 0, 0, 0, *rng.pick(&[5, 77])];
    if flags != 0 {
        let more = if flags & 4 != 0 { rng.below(6) } else { 0 };
        head.extend([0, 1, 0]);
        for _ in 0..more {
            let words = *rng.pick(&[1, 1, 2, 0]);
            head.extend([0x85, words]);
            head.extend(vec![0x99; (usize::from(words) * 4).saturating_sub(2)]);
        }
        head.push(0);
    }
    head
}

/// L2TP with any of its fields, and the protocol of PPP.
fn l2tp_head(rng: &mut Rng, inner: &Payload) -> Vec<u8> {
    let (length, numbers, offset) = (rng.one_in(2), rng.one_in(2), rng.one_in(3));
    let is_control = rng.one_in(8);
    let first =
        u8::from(is_control) << 7 | u8::from(length) << 6 | u8::from(numbers) << 3 | u8::from(offset) << 1;
    let mut head = vec![first, 2];
    head.extend(vec![0; 2 * usize::from(length)]);
    head.extend([0, 5, 0, 7]);
    head.extend(vec![0; 4 * usize::from(numbers)]);
    if offset {
        let padding = rng.below(4);
        head.extend([0, u8::try_from(padding).unwrap()]);
        head.extend(vec![0; padding]);
    }
    if rng.one_in(2) {
        head.extend([0xff, 3]);
    }
    head.extend(if inner.ethertype == IPV6 { [0, 0x57] } else { [0, 0x21] });
    head
}

/// A datagram of WireGuard, most of them of the right length.
fn wireguard(rng: &mut Rng) -> Vec<u8> {
    let (kind, length) =
        *rng.pick(&[(1, 156_u16), (2, 100), (3, 72), (4, 40), (4, 56), (4, 57), (4, 24), (1, 100)]);
    let ports = *rng.pick(&[[51820_u16, 51820], [40000, 51820], [51820, 40000], [40000, 40001]]);
    let ports: Vec<u8> = ports.into_iter().flat_map(u16::to_be_bytes).collect();
    let body = vec![0xaa; usize::from(length).saturating_sub(12)];
    [&ports[..], &length.to_be_bytes(), &[0, 0], &[kind, 0, 0, 0], &body].concat()
}
