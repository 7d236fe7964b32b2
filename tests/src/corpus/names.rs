//! The names of a file, before the tables of the compiler.

use bpf_compile::names::{Embedded, Fixed, HostAddresses, Resolver, Transport};

use super::file::NameEntries;
use super::packets::bytes_of;

/// A resolver for the cases of one file.
#[derive(Debug)]
pub struct Names(Fixed);

impl Names {
    pub(super) fn new(entries: &NameEntries) -> Result<Self, String> {
        let mut fixed = Fixed::new();
        for (name, addresses) in &entries.hosts {
            let mut found = HostAddresses::default();
            for address in addresses {
                match (address.parse(), address.parse()) {
                    (Ok(v4), _) => found.v4.push(v4),
                    (_, Ok(v6)) => found.v6.push(v6),
                    _ => return Err(format!("host {name}: {address} is no address")),
                }
            }
            fixed = fixed.with_host(name, found);
        }
        for (name, number) in &entries.networks {
            fixed = fixed.with_network(name, *number);
        }
        for (name, hex) in &entries.stations {
            let Ok(mac) = bytes_of(hex)?.try_into() else {
                return Err(format!("station {name}: {hex} is no MAC address"));
            };
            fixed = fixed.with_ether(name, mac);
        }
        for (name, ports) in &entries.services {
            for (transport, port) in ports {
                let transport = match transport.as_str() {
                    "tcp" => Transport::Tcp,
                    "udp" => Transport::Udp,
                    "sctp" => Transport::Sctp,
                    other => return Err(format!("service {name}: no transport {other}")),
                };
                fixed = fixed.with_service(name, transport, *port);
            }
        }
        Ok(Self(fixed))
    }
}

impl Resolver for Names {
    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        // A service of the file is that of the file over all transports.
        let all = [Transport::Tcp, Transport::Udp, Transport::Sctp];
        if all.into_iter().any(|any| self.0.service(name, any).is_some()) {
            return self.0.service(name, transport);
        }
        Embedded.service(name, transport)
    }

    fn ip_protocol(&self, name: &str) -> Option<u8> {
        Embedded.ip_protocol(name)
    }

    fn ethertype(&self, name: &str) -> Option<u16> {
        Embedded.ethertype(name)
    }

    fn host(&self, name: &str) -> Option<HostAddresses> {
        self.0.host(name).or_else(|| Embedded.host(name))
    }

    fn network(&self, name: &str) -> Option<u32> {
        self.0.network(name).or_else(|| Embedded.network(name))
    }

    fn ether(&self, name: &str) -> Option<[u8; 6]> {
        self.0.ether(name).or_else(|| Embedded.ether(name))
    }

    fn similar_service(&self, name: &str) -> Option<&'static str> {
        Embedded.similar_service(name)
    }
}
