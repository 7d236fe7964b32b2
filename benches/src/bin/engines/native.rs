//! Predicates in Rust, as one writes them by hand for one filter: what an engine can be at best.
//!
//! `?` on a load is what the machine does: a byte that was not captured rejects the packet. Where a header is read in more
//! than one place, its length is checked once.

use std::hint::black_box;

use crate::engine::Prepared;
use crate::filters::Filter;
use crate::packets::View;

/// A predicate, and the loop over packets with the predicate compiled into it.
#[derive(Clone, Copy)]
pub(crate) struct Native {
    pub(crate) call: fn(&[u8], u32) -> u32,
    pub(crate) all: fn(&[View<'_>]) -> u64,
}

/// What an accepting predicate returns.
const ACCEPT: u32 = 262_144;

fn verdict(accepted: Option<bool>) -> u32 {
    if accepted == Some(true) { ACCEPT } else { 0 }
}

/// A predicate in both forms.
macro_rules! native {
    ($predicate:path) => {
        Native {
            call: |packet, wire_len| verdict($predicate(packet, wire_len)),
            all: |views| {
                let run = |view: &View<'_>| $predicate(view.bytes, view.wire_len) == Some(true);
                views.iter().map(|view| u64::from(run(view))).sum()
            },
        }
    };
}

/// A predicate behind an indirect call.
pub(crate) struct Called(pub(crate) fn(&[u8], u32) -> u32);

impl Prepared for Called {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let call = black_box(self.0);
        packets.iter().map(|packet| u64::from(call(packet.bytes, packet.wire_len) != 0)).sum()
    }
}

struct Inlined(fn(&[View<'_>]) -> u64);

impl Prepared for Inlined {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        (self.0)(packets)
    }
}

pub(crate) fn called(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Called(filter.native.call))))
}

pub(crate) fn inlined(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Inlined(filter.native.all))))
}

fn byte(packet: &[u8], at: usize) -> Option<u8> {
    packet.get(at).copied()
}

fn half(packet: &[u8], at: usize) -> Option<u16> {
    packet.get(at..at + 2)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

fn word(packet: &[u8], at: usize) -> Option<u32> {
    packet.get(at..at + 4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

const IP4: u16 = 0x0800;
const IP6: u16 = 0x86dd;
const ARP: u16 = 0x0806;
const RARP: u16 = 0x8035;
const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;
const IP6_FRAGMENT: u8 = 44;

pub(crate) const IP_ONLY: Native = native!(ip);
pub(crate) const IP6_ONLY: Native = native!(ip6);
pub(crate) const ARP_ONLY: Native = native!(arp);
pub(crate) const TCP_ONLY: Native = native!(tcp);
pub(crate) const SHORT: Native = native!(short);
pub(crate) const DNS: Native = native!(dns);
pub(crate) const WEB: Native = native!(web);
pub(crate) const TO_HTTPS: Native = native!(to_https);
pub(crate) const HOST: Native = native!(host);
pub(crate) const FROM_NET: Native = native!(from_net);
pub(crate) const HOST6: Native = native!(host6);
pub(crate) const STATION: Native = native!(station);
pub(crate) const SYN_OR_FIN: Native = native!(syn_or_fin);
pub(crate) const WITH_DATA: Native = native!(with_data);
pub(crate) const NO_PING: Native = native!(no_ping);
pub(crate) const TAGGED_WEB: Native = native!(tagged_web);
pub(crate) const PORT_RANGE: Native = native!(port_range);
pub(crate) const FRAGMENT: Native = native!(fragment);
pub(crate) const NOT_USUAL: Native = native!(not_usual);
pub(crate) const HTTPS_BUT_ONE: Native = native!(https_but_one);
pub(crate) const TEN_HOSTS: Native = native!(ten_hosts);
pub(crate) const TWENTY_PORTS: Native = native!(twenty_ports);

fn ip(packet: &[u8], _: u32) -> Option<bool> {
    Some(half(packet, 12)? == IP4)
}

fn ip6(packet: &[u8], _: u32) -> Option<bool> {
    Some(half(packet, 12)? == IP6)
}

fn arp(packet: &[u8], _: u32) -> Option<bool> {
    Some(half(packet, 12)? == ARP)
}

fn tcp(packet: &[u8], _: u32) -> Option<bool> {
    match half(packet, 12)? {
        IP6 => match byte(packet, 20)? {
            TCP => Some(true),
            IP6_FRAGMENT => Some(byte(packet, 54)? == TCP),
            _ => Some(false),
        },
        IP4 => Some(byte(packet, 23)? == TCP),
        _ => Some(false),
    }
}

fn short(_: &[u8], wire_len: u32) -> Option<bool> {
    Some(wire_len <= 100)
}

/// Where the ports of the first fragment of one of these protocols are, in a frame whose IP header begins 14 bytes in.
fn ports(packet: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    match half(packet, 12)? {
        IP6 => wanted(byte(packet, 20)?).then_some(54),
        IP4 => {
            let header: &[u8; 24] = packet.first_chunk()?;
            let first = u16::from_be_bytes([header[20], header[21]]) & 0x1fff == 0;
            (wanted(header[23]) && first).then(|| 14 + 4 * usize::from(header[14] & 15))
        }
        _ => None,
    }
}

fn either_port(packet: &[u8], at: usize, wanted: impl Fn(u16) -> bool) -> Option<bool> {
    Some(wanted(half(packet, at)?) || wanted(half(packet, at + 2)?))
}

fn dns(packet: &[u8], _: u32) -> Option<bool> {
    either_port(packet, ports(packet, |protocol| protocol == UDP)?, |port| port == 53)
}

fn web(packet: &[u8], _: u32) -> Option<bool> {
    either_port(packet, ports(packet, |protocol| protocol == TCP)?, |port| port == 80)
}

fn to_https(packet: &[u8], _: u32) -> Option<bool> {
    Some(half(packet, ports(packet, |protocol| protocol == TCP)? + 2)? == 443)
}

fn has_ports(protocol: u8) -> bool {
    matches!(protocol, TCP | UDP | SCTP)
}

fn port_range(packet: &[u8], _: u32) -> Option<bool> {
    either_port(packet, ports(packet, has_ports)?, |port| (5000..=6000).contains(&port))
}

fn twenty_ports(packet: &[u8], _: u32) -> Option<bool> {
    either_port(packet, ports(packet, |protocol| protocol == TCP)?, |port| {
        matches!(
            port,
            20..=23
                | 25
                | 53
                | 80
                | 110
                | 143
                | 389
                | 443
                | 445
                | 465
                | 587
                | 636
                | 993
                | 995
                | 3306
                | 5432
                | 8080
        )
    })
}

/// Whether one of the addresses in the IPv4 or ARP header fulfils a condition.
fn either_address(packet: &[u8], wanted: impl Fn(u32) -> bool) -> Option<bool> {
    let at = match half(packet, 12)? {
        IP4 => [26, 30],
        ARP | RARP => [28, 38],
        _ => return None,
    };
    Some(wanted(word(packet, at[0])?) || wanted(word(packet, at[1])?))
}

fn host(packet: &[u8], _: u32) -> Option<bool> {
    either_address(packet, |address| address == 0xc000_0202)
}

fn ten_hosts(packet: &[u8], _: u32) -> Option<bool> {
    either_address(packet, |address| matches!(address, 0xc000_0201..=0xc000_0206 | 0xc633_6402..=0xc633_6405))
}

fn from_net(packet: &[u8], _: u32) -> Option<bool> {
    let at = match half(packet, 12)? {
        IP4 => 26,
        ARP | RARP => 28,
        _ => return None,
    };
    Some(word(packet, at)? >> 8 == 0x00c0_0002)
}

fn host6(packet: &[u8], _: u32) -> Option<bool> {
    const WANTED: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    if half(packet, 12)? != IP6 {
        return None;
    }
    Some(packet.get(22..38)? == WANTED || packet.get(38..54)? == WANTED)
}

fn station(packet: &[u8], _: u32) -> Option<bool> {
    const WANTED: [u8; 6] = [0x33, 0x33, 0, 0, 0, 0x16];
    Some(packet.get(6..12)? == WANTED || packet.get(..6)? == WANTED)
}

/// Where the TCP header of an IPv4 packet's first fragment is.
fn tcp4(packet: &[u8]) -> Option<usize> {
    let header: &[u8; 24] = packet.first_chunk()?;
    let is_ip4 = u16::from_be_bytes([header[12], header[13]]) == IP4;
    let first = u16::from_be_bytes([header[20], header[21]]) & 0x1fff == 0;
    (is_ip4 && header[23] == TCP && first).then(|| 14 + 4 * usize::from(header[14] & 15))
}

fn syn_or_fin(packet: &[u8], _: u32) -> Option<bool> {
    Some(byte(packet, tcp4(packet)? + 13)? & 3 != 0)
}

fn with_data(packet: &[u8], _: u32) -> Option<bool> {
    let at = tcp4(packet)?;
    if !either_port(packet, at, |port| port == 80)? {
        return None;
    }
    let headers = u32::try_from(at).ok()? - 14 + u32::from(byte(packet, at + 12)? >> 4) * 4;
    Some(u32::from(half(packet, 16)?) != headers)
}

fn no_ping(packet: &[u8], _: u32) -> Option<bool> {
    let header: &[u8; 24] = packet.first_chunk()?;
    let is_ip4 = u16::from_be_bytes([header[12], header[13]]) == IP4;
    let first = u16::from_be_bytes([header[20], header[21]]) & 0x1fff == 0;
    if !is_ip4 || header[23] != ICMP || !first {
        return None;
    }
    let kind = byte(packet, 14 + 4 * usize::from(header[14] & 15))?;
    Some(kind != 8 && kind != 0)
}

fn tagged_web(packet: &[u8], wire_len: u32) -> Option<bool> {
    if !VLAN.contains(&half(packet, 12)?) || half(packet, 14)? & 0xfff != 100 {
        return None;
    }
    web(packet.get(4..)?, wire_len)
}

fn fragment(packet: &[u8], _: u32) -> Option<bool> {
    Some(half(packet, 12)? == IP4 && half(packet, 20)? & 0x1fff != 0)
}

/// `not (tcp port 22 or tcp port 80 or arp)`
fn not_usual(packet: &[u8], _: u32) -> Option<bool> {
    let usual = |port| port == 22 || port == 80;
    match half(packet, 12)? {
        ARP => Some(false),
        IP6 if byte(packet, 20)? == TCP => Some(!either_port(packet, 54, usual)?),
        IP4 if byte(packet, 23)? == TCP && half(packet, 20)? & 0x1fff == 0 => {
            let at = 14 + 4 * usize::from(byte(packet, 14)? & 15);
            Some(!either_port(packet, at, usual)?)
        }
        _ => Some(true),
    }
}

/// `tcp port 443 and not host 10.0.0.1`
fn https_but_one(packet: &[u8], _: u32) -> Option<bool> {
    let at = ports(packet, |protocol| protocol == TCP)?;
    if !either_port(packet, at, |port| port == 443)? {
        return None;
    }
    Some(half(packet, 12)? == IP6 || !either_address(packet, |address| address == 0x0a00_0001)?)
}
