//! Ports: `port`, `portrange`, with or without a transport and a direction.
//!
//! Over IPv4 only the first fragment of a datagram has ports, behind a header as long as it says. Over IPv6 they are
//! looked for directly behind the fixed header, and nowhere else.

use bpf_compile::names::Transport;
use bpf_compile::syntax::ast::{Id, Quals};
use bpf_compile::syntax::words::ProtoName;

use super::link::ethertype;
use super::net::Ends;
use super::packet::Width;
use super::proto::{IPV6_LEN, ip};
use super::truth::Truth;
use super::{EvalError, View};

/// Ports from `low` to `high`, over one transport or all three.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) transport: Option<Transport>,
}

impl Ports {
    fn has(self, port: u32) -> bool {
        (self.low..=self.high).contains(&port)
    }

    fn transports(self) -> &'static [u32] {
        match self.transport {
            None => &[ip::SCTP, ip::TCP, ip::UDP],
            Some(Transport::Tcp) => &[ip::TCP],
            Some(Transport::Udp) => &[ip::UDP],
            Some(Transport::Sctp) => &[ip::SCTP],
        }
    }
}

impl View<'_> {
    /// `port`.
    pub(super) fn port(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        let ports = self.port_number(transport_of(quals)?, id)?;
        self.has_ports(ports, Ends::from_dir(quals.dir)?)
    }

    /// `portrange`.
    pub(super) fn port_range(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        let ports = self.port_numbers(transport_of(quals)?, id)?;
        self.has_ports(ports, Ends::from_dir(quals.dir)?)
    }

    fn has_ports(&self, ports: Ports, ends: Ends) -> Result<Truth, EvalError> {
        Ok(self.has_ports_v6(ports, ends)?.or(self.has_ports_v4(ports, ends)?))
    }

    pub(super) fn has_ports_v6(&self, ports: Ports, ends: Ends) -> Result<Truth, EvalError> {
        let over = ports.transports().iter().map(|number| {
            let test = |at| Truth::of(self.in_payload(IPV6_LEN + at, Width::Half), |port| ports.has(port));
            self.next_header_is(*number).and(ends.test(test(0), test(2)))
        });
        Ok(self.carries(ethertype::IPV6)?.and(Truth::any(over)))
    }

    pub(super) fn has_ports_v4(&self, ports: Ports, ends: Ends) -> Result<Truth, EvalError> {
        let over = ports.transports().iter().map(|number| {
            let test = |at| Truth::of(self.in_ipv4_body(at, Width::Half), |port| ports.has(port));
            self.ipv4_protocol_is(*number).and(self.starts_datagram()).and(ends.test(test(0), test(2)))
        });
        Ok(self.carries(ethertype::IPV4)?.and(Truth::any(over)))
    }

    /// A number of what follows the IPv4 header.
    pub(super) fn in_ipv4_body(&self, offset: u32, width: Width) -> Option<u32> {
        let header_len = self.ipv4_header_len()?;
        self.at(self.frame.network().indexed(header_len).further(offset), width)
    }

    /// Bytes of the IPv4 header, as it says itself: less than 20 is believed too.
    pub(super) fn ipv4_header_len(&self) -> Option<u32> {
        Some((self.in_payload(0, Width::Byte)? & 0xf) * 4)
    }
}

/// The transport that a qualifier asks for.
fn transport_of(quals: Quals) -> Result<Option<Transport>, EvalError> {
    match quals.proto {
        None => Ok(None),
        Some(ProtoName::Tcp) => Ok(Some(Transport::Tcp)),
        Some(ProtoName::Udp) => Ok(Some(Transport::Udp)),
        Some(ProtoName::Sctp) => Ok(Some(Transport::Sctp)),
        Some(_) => Err(EvalError::Refused("this protocol has no ports")),
    }
}
