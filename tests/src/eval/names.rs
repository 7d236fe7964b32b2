//! Ids to numbers: addresses, networks, stations, ports and protocols, named or not.

use bpf_compile::names::{LLC_PROTOCOLS, Transport};
use bpf_compile::syntax::ast::{Dotted, Id, Kind, Quals};

use super::net::Address;
use super::port::Ports;
use super::{EvalError, View};

/// An IPv4 address or network: the bits under the mask; no others are set.
#[derive(Clone, Copy, Debug)]
pub(super) struct V4 {
    pub(super) bits: u32,
    pub(super) mask: u32,
}

/// An IPv6 address or network.
#[derive(Clone, Copy, Debug)]
pub(super) struct V6 {
    pub(super) bits: u128,
    pub(super) mask: u128,
}

impl View<'_> {
    /// The address of a host that is not a name.
    pub(super) fn host_address(&self, id: &Id) -> Result<Address, EvalError> {
        match id {
            Id::Number(bits) => Ok(Address::V4(V4 { bits: *bits, mask: u32::MAX })),
            // An address with less than four parts is one of all that start so.
            Id::Dotted(dotted) => Ok(Address::V4(dotted_bits(dotted)?)),
            Id::Ipv6(bytes) => Ok(Address::V6(V6 { bits: u128::from_be_bytes(*bytes), mask: u128::MAX })),
            Id::Ipv6Prefix(bytes, 128) => {
                Ok(Address::V6(V6 { bits: u128::from_be_bytes(*bytes), mask: u128::MAX }))
            }
            Id::DottedPrefix(..) | Id::DottedMask(..) | Id::Ipv6Prefix(..) => {
                Err(EvalError::Refused("a network is not a host"))
            }
            Id::Mac(_) | Id::Mac8(_) => Err(EvalError::Refused("a station is not a host")),
            Id::Name(_) => Err(EvalError::Refused("a name is not an address")),
        }
    }

    /// The addresses of a network.
    pub(super) fn net_address(&self, id: &Id) -> Result<Address, EvalError> {
        match id {
            Id::Number(number) => Ok(Address::V4(left_justified(*number))),
            Id::DottedPrefix(dotted, len) => v4_network(dotted_bits(dotted)?.bits, v4_mask(*len)?),
            Id::DottedMask(dotted, mask) => {
                let mask = dotted_bits(mask)?;
                v4_network(dotted_bits(dotted)?.bits, mask.bits)
            }
            Id::Ipv6Prefix(bytes, len) => {
                if *len > 128 {
                    return Err(EvalError::Refused("a prefix of IPv6 has at most 128 bits"));
                }
                let bits = u128::from_be_bytes(*bytes);
                let mask = u128::MAX.checked_shl(128 - len).unwrap_or(0);
                if bits & !mask != 0 {
                    return Err(EvalError::Refused("a network with host bits"));
                }
                Ok(Address::V6(V6 { bits, mask }))
            }
            Id::Name(name) => match self.resolver.network(name) {
                None | Some(0) => Err(EvalError::Refused("a network that nobody knows")),
                Some(number) => Ok(Address::V4(left_justified(number))),
            },
            Id::Dotted(_) | Id::Ipv6(_) | Id::Mac(_) | Id::Mac8(_) => self.host_address(id),
        }
    }

    /// The address of a station.
    pub(super) fn station_address(&self, quals: Quals, id: &Id) -> Result<[u8; 6], EvalError> {
        match id {
            Id::Mac(mac) if quals.kind != Some(Kind::Net) => Ok(*mac),
            Id::Name(name) if quals.kind != Some(Kind::Net) => {
                self.resolver.ether(name).ok_or(EvalError::Refused("a station that nobody knows"))
            }
            _ => Err(EvalError::Refused("not the address of a station")),
        }
    }

    /// The port or ports of `port`.
    pub(super) fn port_number(&self, wanted: Option<Transport>, id: &Id) -> Result<Ports, EvalError> {
        match id {
            Id::Number(number) => ports_between(*number, *number, wanted),
            Id::Name(name) => {
                let (port, transport) = self.service(name)?;
                ports_between(port, port, agreed(wanted, transport)?)
            }
            _ => Err(EvalError::Refused("not a port")),
        }
    }

    /// The ports of `portrange`; either order will do.
    pub(super) fn port_numbers(&self, wanted: Option<Transport>, id: &Id) -> Result<Ports, EvalError> {
        let Id::Name(name) = id else {
            return self.port_number(wanted, id);
        };
        let Some((first, last)) = name.split_once('-').filter(|(_, last)| !last.contains('-')) else {
            return Err(EvalError::Refused("not two ports with a hyphen between them"));
        };
        let (first, over_first) = self.service(first)?;
        let (last, over_last) = self.service(last)?;
        // Ends over different transports are ends over any.
        let transport = if over_first == over_last { over_first } else { None };
        ports_between(first.min(last), first.max(last), agreed(wanted, transport)?)
    }

    /// A port by name or in digits, and the transport it belongs to where there is only one.
    fn service(&self, name: &str) -> Result<(u32, Option<Transport>), EvalError> {
        if let Some(number) = digits(name) {
            return Ok((number, None));
        }
        let over = |transport| self.resolver.service(name, transport).map(u32::from);
        // A service of SCTP alone is not found: names of ports are those of TCP and UDP.
        match (over(Transport::Tcp), over(Transport::Udp)) {
            (Some(tcp), Some(udp)) if tcp == udp => Ok((tcp, None)),
            (Some(tcp), _) => Ok((tcp, Some(Transport::Tcp))),
            (None, Some(udp)) => Ok((udp, Some(Transport::Udp))),
            (None, None) => Err(EvalError::Refused("a service that nobody knows")),
        }
    }

    /// A protocol over IP.
    pub(super) fn ip_protocol(&self, id: &Id) -> Result<u32, EvalError> {
        match id {
            Id::Number(number) if *number <= 0xff => Ok(*number),
            Id::Number(_) => Err(EvalError::Refused("a protocol over IP has 8 bits")),
            Id::Name(name) => {
                let number = self.resolver.ip_protocol(name);
                number.map(u32::from).ok_or(EvalError::Refused("a protocol that nobody knows"))
            }
            _ => Err(EvalError::Refused("not a protocol")),
        }
    }

    /// A protocol over the link: an EtherType or a service access point.
    pub(super) fn link_protocol(&self, id: &Id) -> Result<u32, EvalError> {
        match id {
            Id::Number(number) => Ok(*number),
            Id::Name(name) => {
                let ethertype = self.resolver.ethertype(name).map(u32::from);
                let point = LLC_PROTOCOLS.iter().find(|(known, _)| known == name);
                ethertype
                    .or(point.map(|(_, number)| u32::from(*number)))
                    .ok_or(EvalError::Refused("a protocol that nobody knows"))
            }
            _ => Err(EvalError::Refused("not a protocol")),
        }
    }
}

/// A number as filters write it; one with a leading zero that cannot be octal is decimal.
fn digits(text: &str) -> Option<u32> {
    let all = |radix| text.chars().all(|letter| letter.is_digit(radix));
    if let Some(hexadecimal) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(hexadecimal, 16).ok();
    }
    let radix = if text.starts_with('0') && all(8) { 8 } else { 10 };
    if all(radix) { u32::from_str_radix(text, radix).ok() } else { None }
}

/// The transport, if what was asked for and what the name says go together.
fn agreed(wanted: Option<Transport>, named: Option<Transport>) -> Result<Option<Transport>, EvalError> {
    match (wanted, named) {
        (None, any) | (any, None) => Ok(any),
        (Some(wanted), Some(named)) if wanted == named => Ok(Some(wanted)),
        _ => Err(EvalError::Refused("a service over another transport")),
    }
}

fn ports_between(low: u32, high: u32, transport: Option<Transport>) -> Result<Ports, EvalError> {
    if high > 0xffff {
        return Err(EvalError::Refused("a port has 16 bits"));
    }
    Ok(Ports { low, high, transport })
}

/// The bits of a dotted address, its parts as the first bytes, and the mask of those bytes.
fn dotted_bits(dotted: &Dotted) -> Result<V4, EvalError> {
    let mut bits = 0;
    let mut mask = 0;
    for (part, shift) in dotted.parts.iter().zip([24, 16, 8, 0]) {
        if *part > 0xff {
            return Err(EvalError::Refused("a part of an address has 8 bits"));
        }
        bits |= part << shift;
        mask |= 0xff << shift;
    }
    Ok(V4 { bits, mask })
}

/// A plain number as a network: moved to the left until its first byte is not zero, `10` is 10.0.0.0/8.
fn left_justified(number: u32) -> V4 {
    let mut network = V4 { bits: number, mask: u32::MAX };
    while network.bits != 0 && network.bits >> 24 == 0 {
        network = V4 { bits: network.bits << 8, mask: network.mask << 8 };
    }
    network
}

fn v4_mask(len: u32) -> Result<u32, EvalError> {
    match len {
        0..=32 => Ok(u32::MAX.checked_shl(32 - len).unwrap_or(0)),
        _ => Err(EvalError::Refused("a prefix of IPv4 has at most 32 bits")),
    }
}

fn v4_network(bits: u32, mask: u32) -> Result<Address, EvalError> {
    if bits & !mask != 0 {
        return Err(EvalError::Refused("a network with host bits"));
    }
    Ok(Address::V4(V4 { bits, mask }))
}

#[cfg(test)]
mod tests {
    use super::{digits, left_justified, v4_mask};

    #[test]
    fn numbers_are_decimal_octal_or_hexadecimal() {
        let found = ["80", "010", "0x50", "080", "0", "+8", "http", "99999999999", ""].map(digits);
        assert_eq!(found, [Some(80), Some(8), Some(0x50), Some(80), Some(0), None, None, None, None]);
    }

    #[test]
    fn short_networks_move_left() {
        let net = |number| {
            let network = left_justified(number);
            (network.bits, network.mask)
        };
        assert_eq!(net(10), (0x0a00_0000, 0xff00_0000));
        assert_eq!(net(0x0a01), (0x0a01_0000, 0xffff_0000));
        assert_eq!(net(0), (0, u32::MAX));
        assert_eq!(net(0x0a00_0001), (0x0a00_0001, u32::MAX));
    }

    #[test]
    fn masks_have_their_length() {
        assert_eq!(v4_mask(0), Ok(0));
        assert_eq!(v4_mask(1), Ok(0x8000_0000));
        assert_eq!(v4_mask(32), Ok(u32::MAX));
        assert!(v4_mask(33).is_err());
    }
}
