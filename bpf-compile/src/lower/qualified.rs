//! Qualifiers and an id: what kind of thing the id is, and whether it can be one.

use alloc::format;
use alloc::string::String;

use crate::Diagnostic;
use crate::diagnostic::Code;
use crate::graph::PredicateId;
use crate::names::{LLC_PROTOCOLS, Transport};
use crate::syntax::ast::{Dir, Dotted, Id, Kind, Qualified, Quals};
use crate::syntax::words::ProtoName;

use super::port::Ports;
use super::protocol::ip_protocol;
use super::{Lower, Lowering};

impl Lowering<'_> {
    pub(super) fn qualified(&mut self, qualified: &Qualified) -> Lower<PredicateId> {
        let Qualified { quals, id, .. } = qualified;
        match id {
            Id::Name(name) => self.named(quals, name, qualified),
            Id::Number(number) => self.numbered(quals, *number, qualified),
            Id::Dotted(dotted) => self.dotted(quals, dotted, qualified),
            Id::DottedPrefix(dotted, len) => {
                let mask = self.prefix_mask(u32::BITS, *len, qualified)?;
                self.network(quals, dotted, (mask >> 96) as u32, qualified, &format!("/{len}"))
            }
            Id::DottedMask(dotted, mask) => {
                let (mask, len) = self.octets(mask, qualified)?;
                let mask = shifted_up(mask, len);
                self.network(quals, dotted, mask, qualified, "")
            }
            Id::Ipv6(address) => self.ipv6_id(quals, u128::from_be_bytes(*address), 128, qualified),
            Id::Ipv6Prefix(address, len) => {
                self.ipv6_id(quals, u128::from_be_bytes(*address), *len, qualified)
            }
            Id::Mac(address) => match (quals.proto, quals.kind) {
                (Some(ProtoName::Link), None | Some(Kind::Host)) => self.station(*address, quals.dir),
                _ => Err(self
                    .bad_id(qualified, "a MAC address needs `ether`", "a MAC address")
                    .with_help("write `ether host` before it, or `ether src`, `ether dst`")),
            },
            Id::Mac8(address) => match (quals.proto, quals.kind) {
                (Some(ProtoName::Link), None | Some(Kind::Host)) => self.short_station(*address, quals.dir),
                _ => Err(self
                    .bad_id(qualified, "an 8-bit MAC address needs `link`", "an 8-bit MAC address")
                    .with_help("write `link host` before it, or `link src`, `link dst`")),
            },
        }
    }

    /// An id that is a word.
    fn named(&mut self, quals: &Quals, name: &str, at: &Qualified) -> Lower<PredicateId> {
        match quals.kind {
            None | Some(Kind::Host) => match quals.proto {
                Some(ProtoName::Link) => {
                    self.needs_mac48()?;
                    match self.resolver.ether(name) {
                        Some(address) => self.station(address, quals.dir),
                        None => Err(self.unknown(at, Code::UnknownEther, "station", name)),
                    }
                }
                Some(ProtoName::Decnet) => Err(self.bad_decnet(at)),
                _ => self.named_host(name, (quals.proto, quals.proto), quals.dir, at),
            },
            Some(Kind::Net) => match self.resolver.network(name).filter(|&number| number != 0) {
                Some(number) => {
                    let (address, mask) = short_network(number);
                    self.ipv4(address, mask, quals.proto, quals.dir)
                }
                None => Err(self.unknown(at, Code::UnknownNetwork, "network", name)),
            },
            Some(Kind::Port) => {
                self.transports(quals.proto, "port")?;
                let service = self.service(name, at)?;
                let transports = self.service_transports(quals.proto, service.transport, name, at)?;
                self.ports(Ports::One(service.port), transports, quals.dir)
            }
            Some(Kind::PortRange) => self.named_range(quals, name, at),
            Some(Kind::Proto) => {
                let number = self.protocol_by_name(quals.proto, name, at)?;
                self.protocol_number(quals.proto, number, at.id_span)
            }
            Some(Kind::ProtoChain) => {
                let number = self.protocol_by_name(quals.proto, name, at)?;
                self.protocol_chain(quals.proto, number, at.id_span)
            }
            Some(Kind::Gateway) => self.gateway(quals, name, at),
        }
    }

    /// `gateway name`: frames to or from the station of that name, and no packets to or from the host.
    fn gateway(&mut self, quals: &Quals, name: &str, at: &Qualified) -> Lower<PredicateId> {
        if !matches!(quals.proto, None | Some(ProtoName::Ip | ProtoName::Arp | ProtoName::Rarp)) {
            return Err(self
                .error(Code::BadQualifiers, "gateways are known by addresses of IPv4")
                .with_help("`gateway` goes with `ip`, `arp`, `rarp`, or nothing"));
        }
        self.needs_mac48()?;
        let Some(address) = self.resolver.ether(name) else {
            return Err(self.unknown(at, Code::UnknownEther, "station", name));
        };
        let station = self.station(address, None)?;
        let host = self.named_host(name, (quals.proto, Some(ProtoName::Ip)), None, at)?;
        let other_host = self.predicates.not(host);
        Ok(self.predicates.all([station, other_host]))
    }

    /// A host by name, with the protocols that its addresses of both kinds are looked for in.
    fn named_host(
        &mut self,
        name: &str,
        (proto4, proto6): (Option<ProtoName>, Option<ProtoName>),
        dir: Option<Dir>,
        at: &Qualified,
    ) -> Lower<PredicateId> {
        let Some(addresses) = self.resolver.host(name) else {
            return Err(self.unknown(at, Code::UnknownHost, "host", name));
        };
        // A link type without a protocol field carries nothing but IP: no ARP to look for.
        let only_ip = self.layers.protocol.is_none() && proto4.is_none() && proto6.is_none();
        let (proto4, proto6) =
            if only_ip { (Some(ProtoName::Ip), Some(ProtoName::Ip6)) } else { (proto4, proto6) };
        let mut tests = alloc::vec::Vec::new();
        if proto4 != Some(ProtoName::Ip6) {
            for address in &addresses.v4 {
                tests.push(self.ipv4(address.to_bits(), u32::MAX, proto4, dir)?);
            }
        }
        // IP and ARP have only the one kind, so the other addresses of the host are passed over.
        if !matches!(proto6, Some(ProtoName::Ip | ProtoName::Arp | ProtoName::Rarp)) {
            for address in &addresses.v6 {
                tests.push(self.ipv6(address.to_bits(), u128::MAX, proto6, dir)?);
            }
        }
        if tests.is_empty() {
            return Err(self.unknown(at, Code::UnknownHost, "host of that protocol", name));
        }
        Ok(self.predicates.any(tests))
    }

    /// A range by words: `20-30`, `ftp-data` is not one, `http-https` is.
    fn named_range(&mut self, quals: &Quals, name: &str, at: &Qualified) -> Lower<PredicateId> {
        self.transports(quals.proto, "portrange")?;
        let Some((first, last)) = name.split_once('-') else {
            return Err(self
                .bad_id(at, "a port range needs two ports", "only one port")
                .with_help(format!("write `portrange {name}-{name}`, or `port {name}`")));
        };
        if last.contains('-') {
            return Err(self
                .bad_id(at, "a port range has one hyphen, between its two ports", "more than one")
                .with_help("write services that have a hyphen in their name by number"));
        }
        let (first, last) = (self.service(first, at)?, self.service(last, at)?);
        let transport = if first.transport == last.transport { first.transport } else { None };
        let transports = self.service_transports(quals.proto, transport, name, at)?;
        self.ports(Ports::Range(first.port, last.port), transports, quals.dir)
    }

    /// An id that is a plain number.
    fn numbered(&mut self, quals: &Quals, number: u32, at: &Qualified) -> Lower<PredicateId> {
        match quals.kind {
            None | Some(Kind::Host | Kind::Net) if quals.proto == Some(ProtoName::Decnet) => {
                Err(self.bad_decnet(at))
            }
            None | Some(Kind::Host) => self.ipv4(number, u32::MAX, quals.proto, quals.dir),
            Some(Kind::Net) => {
                let (address, mask) = short_network(number);
                self.ipv4(address, mask, quals.proto, quals.dir)
            }
            Some(Kind::Port) => {
                let transports = self.transports(quals.proto, "port")?;
                let port = self.port_number(number, at)?;
                self.ports(Ports::One(port), transports, quals.dir)
            }
            Some(Kind::PortRange) => {
                let transports = self.transports(quals.proto, "portrange")?;
                let port = self.port_number(number, at)?;
                self.ports(Ports::Range(port, port), transports, quals.dir)
            }
            Some(Kind::Proto) => self.protocol_number(quals.proto, number, at.id_span),
            Some(Kind::ProtoChain) => self.protocol_chain(quals.proto, number, at.id_span),
            Some(Kind::Gateway) => Err(self.bad_id(at, "`gateway` needs the name of a host", "a number")),
        }
    }

    /// Numbers with dots between them: as many leading bytes of an address.
    fn dotted(&mut self, quals: &Quals, dotted: &Dotted, at: &Qualified) -> Lower<PredicateId> {
        let word = match quals.kind {
            None | Some(Kind::Host | Kind::Net) => {
                if quals.proto == Some(ProtoName::Decnet) {
                    return self.decnet(dotted, at);
                }
                let (bits, len) = self.octets(dotted, at)?;
                let mask = shifted_up(u32::MAX, len);
                return self.ipv4(shifted_up(bits, len), mask, quals.proto, quals.dir);
            }
            Some(Kind::Port) => "port",
            Some(Kind::PortRange) => "portrange",
            Some(Kind::Proto) => "proto",
            Some(Kind::ProtoChain) => "protochain",
            Some(Kind::Gateway) => "gateway",
        };
        Err(self.bad_id(at, format!("`{word}` does not go with an address"), "an IPv4 address"))
    }

    /// A network with its mask.
    fn network(
        &mut self,
        quals: &Quals,
        dotted: &Dotted,
        mask: u32,
        at: &Qualified,
        suffix: &str,
    ) -> Lower<PredicateId> {
        let (bits, len) = self.octets(dotted, at)?;
        let address = shifted_up(bits, len);
        if address & !mask != 0 {
            let masked = core::net::Ipv4Addr::from_bits(address & mask);
            let error = Diagnostic::new(
                Code::HostBits,
                "this network has bits set that its mask leaves out",
                at.id_span,
                format!("the network is {masked}"),
            );
            return Err(if suffix.is_empty() {
                error
            } else {
                error.with_patch("leave the bits out", at.id_span, format!("{masked}{suffix}"))
            });
        }
        match (quals.kind, quals.dir) {
            (Some(Kind::Net), _) | (None, Some(_)) => self.ipv4(address, mask, quals.proto, quals.dir),
            _ => Err(self
                .bad_id(at, "only networks have masks", "a network")
                .with_help("write `net` before it")),
        }
    }

    fn ipv6_id(&mut self, quals: &Quals, address: u128, len: u32, at: &Qualified) -> Lower<PredicateId> {
        let mask = self.prefix_mask(u128::BITS, len, at)?;
        if address & !mask != 0 {
            let masked = core::net::Ipv6Addr::from_bits(address & mask);
            return Err(Diagnostic::new(
                Code::HostBits,
                "this network has bits set that its mask leaves out",
                at.id_span,
                format!("the network is {masked}"),
            )
            .with_patch("leave the bits out", at.id_span, format!("{masked}/{len}")));
        }
        match quals.kind {
            Some(Kind::Net) => {}
            None | Some(Kind::Host) if len == u128::BITS => {}
            None if quals.dir.is_some() => {}
            None | Some(Kind::Host) => {
                return Err(self
                    .bad_id(at, "only networks have masks", "a network")
                    .with_help("write `net` before it"));
            }
            Some(_) => {
                return Err(self.bad_id(at, "this qualifier does not go with an address", "an IPv6 address"));
            }
        }
        self.ipv6(address, mask, quals.proto, quals.dir)
    }

    /// A prefix as a mask in the high bits.
    fn prefix_mask(&self, bits: u32, len: u32, at: &Qualified) -> Lower<u128> {
        if len > bits {
            return Err(Diagnostic::new(
                Code::OutOfRange,
                format!("a prefix of {len} bits is longer than the address"),
                at.id_span,
                format!("at most {bits}"),
            ));
        }
        Ok(u128::MAX.checked_shl(u128::BITS.saturating_sub(len)).unwrap_or(0))
    }

    /// The bytes of a dotted number, and how many bits they are. Always decimal, leading zeros or not.
    fn octets(&self, dotted: &Dotted, at: &Qualified) -> Lower<(u32, u32)> {
        let mut bits = 0_u32;
        let mut len = 0_u32;
        for part in dotted.text.split('.') {
            let Some(octet) = decimal(part).filter(|&octet| octet <= 0xff) else {
                return Err(Diagnostic::new(
                    Code::BadAddress,
                    format!("`{}` is not an IPv4 address", dotted.text),
                    at.id_span,
                    format!("`{part}` is not a decimal number of at most 255"),
                ));
            };
            bits = bits << 8 | octet;
            len = len.saturating_add(8);
        }
        Ok((bits, len))
    }

    fn port_number(&self, number: u32, at: &Qualified) -> Lower<u16> {
        u16::try_from(number).map_err(|_| {
            Diagnostic::new(
                Code::OutOfRange,
                format!("port {number} is out of range"),
                at.id_span,
                "at most 65535",
            )
        })
    }

    fn protocol_by_name(&self, proto: Option<ProtoName>, name: &str, at: &Qualified) -> Lower<u32> {
        let number = match proto {
            None | Some(ProtoName::Ip | ProtoName::Ip6) => self.resolver.ip_protocol(name).map(u32::from),
            Some(ProtoName::Link) => {
                self.resolver.ethertype(name).map(u32::from).or_else(|| sap_by_name(name))
            }
            Some(ProtoName::Iso) => Self::iso_by_name(name),
            // Its types have numbers only.
            Some(ProtoName::Isis) => None,
            Some(_) => return self.protocol_number_of_nothing(),
        };
        number.ok_or_else(|| self.unknown(at, Code::UnknownProtocol, "protocol", name))
    }

    fn protocol_number_of_nothing(&self) -> Lower<u32> {
        Err(self
            .error(Code::BadQualifiers, "this protocol does not say which protocol it carries")
            .with_help("`proto` goes with `ip`, `ip6`, `ether`, or nothing"))
    }

    /// The port of a service: as over TCP, or else as over UDP. A number is a service of every transport.
    fn service(&self, name: &str, at: &Qualified) -> Lower<ServicePort> {
        if let Some(number) = number(name) {
            return Ok(ServicePort { port: self.port_number(number, at)?, transport: None });
        }
        let tcp = self.resolver.service(name, Transport::Tcp);
        let udp = self.resolver.service(name, Transport::Udp);
        match (tcp, udp) {
            (Some(port), Some(other)) if port == other => Ok(ServicePort { port, transport: None }),
            (Some(port), _) => Ok(ServicePort { port, transport: Some(Transport::Tcp) }),
            (None, Some(port)) => Ok(ServicePort { port, transport: Some(Transport::Udp) }),
            (None, None) => Err(self.unknown(at, Code::UnknownService, "service", name)),
        }
    }

    /// A service that runs over one transport is looked for there alone; asking for it elsewhere is an error.
    fn service_transports(
        &self,
        proto: Option<ProtoName>,
        transport: Option<Transport>,
        name: &str,
        at: &Qualified,
    ) -> Lower<&'static [u32]> {
        let (own, own_word): (&'static [u32], _) = match transport {
            None => return self.transports(proto, "port"),
            Some(Transport::Tcp) => (&[ip_protocol::TCP], "tcp"),
            Some(Transport::Udp) => (&[ip_protocol::UDP], "udp"),
            Some(Transport::Sctp) => (&[ip_protocol::SCTP], "sctp"),
        };
        match proto {
            None => Ok(own),
            Some(_) if self.transports(proto, "port")? == own => Ok(own),
            Some(_) => {
                Err(self.bad_id(at, format!("the service `{name}` runs over {own_word}"), "this service"))
            }
        }
    }

    fn unknown(&self, at: &Qualified, code: Code, what: &str, name: &str) -> Diagnostic {
        let error =
            Diagnostic::new(code, format!("the {what} `{name}` is not known"), at.id_span, "not known");
        let similar = match code {
            Code::UnknownService => self.resolver.similar_service(name),
            _ => None,
        };
        match similar {
            Some(similar) => {
                error.with_patch("a service with a similar name exists", at.id_span, String::from(similar))
            }
            None if matches!(code, Code::UnknownHost | Code::UnknownNetwork | Code::UnknownEther) => {
                error.with_help("write its address, or let the system resolve names (`bpfc --resolve`)")
            }
            None => error,
        }
    }

    fn bad_id(
        &self,
        at: &Qualified,
        message: impl Into<alloc::borrow::Cow<'static, str>>,
        label: &'static str,
    ) -> Diagnostic {
        Diagnostic::new(Code::BadQualifiers, message, at.id_span, label)
            .with_secondary(at.quals_span, "qualified here")
    }
}

/// A service's port, and the only transport it runs over, if it is only one.
struct ServicePort {
    port: u16,
    transport: Option<Transport>,
}

/// `net 10` is 10.0.0.0/8: the number's bytes are the leading ones of the address.
fn short_network(number: u32) -> (u32, u32) {
    let missing = match number {
        0 => 0,
        _ => number.leading_zeros() & !7,
    };
    (number << missing, u32::MAX << missing)
}

/// 802.2 service access points have names of their own, the same everywhere.
fn sap_by_name(name: &str) -> Option<u32> {
    LLC_PROTOCOLS.iter().find(|(known, _)| *known == name).map(|&(_, sap)| u32::from(sap))
}

/// The low `len` bits, moved to the top.
fn shifted_up(bits: u32, len: u32) -> u32 {
    bits.checked_shl(u32::BITS.saturating_sub(len)).unwrap_or(0)
}

/// A number as filters write it: `0x` and hexadecimal digits, 0 and octal ones, or decimal.
fn number(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok();
    }
    let octal = text.strip_prefix('0').and_then(|digits| u32::from_str_radix(digits, 8).ok());
    octal.or_else(|| decimal(text))
}

/// A number of nothing but decimal digits.
fn decimal(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
