//! The resolver that knows what a test told it.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::{HostAddresses, Resolver, Transport};

/// A table of names, empty at first. Names are compared as they are.
///
/// # Examples
/// ```
/// use bpf_compile::names::{Fixed, Resolver, Transport};
///
/// let names = Fixed::new().with_service("web", Transport::Tcp, 8000);
/// assert_eq!(names.service("web", Transport::Tcp), Some(8000));
/// assert_eq!(names.service("web", Transport::Udp), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    services: BTreeMap<(String, u8), u16>,
    ip_protocols: BTreeMap<String, u8>,
    ethertypes: BTreeMap<String, u16>,
    hosts: BTreeMap<String, HostAddresses>,
    networks: BTreeMap<String, u32>,
    ethers: BTreeMap<String, [u8; 6]>,
}

impl Fixed {
    /// A table that knows no name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the port of a service over one transport.
    #[must_use]
    pub fn with_service(mut self, name: &str, transport: Transport, port: u16) -> Self {
        self.services.insert((String::from(name), transport as u8), port);
        self
    }

    /// Adds a protocol over IP.
    #[must_use]
    pub fn with_ip_protocol(mut self, name: &str, number: u8) -> Self {
        self.ip_protocols.insert(String::from(name), number);
        self
    }

    /// Adds a protocol over Ethernet.
    #[must_use]
    pub fn with_ethertype(mut self, name: &str, number: u16) -> Self {
        self.ethertypes.insert(String::from(name), number);
        self
    }

    /// Adds a host.
    #[must_use]
    pub fn with_host(mut self, name: &str, addresses: HostAddresses) -> Self {
        self.hosts.insert(String::from(name), addresses);
        self
    }

    /// Adds a network; its number is without trailing zero bytes.
    #[must_use]
    pub fn with_network(mut self, name: &str, number: u32) -> Self {
        self.networks.insert(String::from(name), number);
        self
    }

    /// Adds a station.
    #[must_use]
    pub fn with_ether(mut self, name: &str, address: [u8; 6]) -> Self {
        self.ethers.insert(String::from(name), address);
        self
    }
}

impl Resolver for Fixed {
    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        self.services.get(&(String::from(name), transport as u8)).copied()
    }

    fn ip_protocol(&self, name: &str) -> Option<u8> {
        self.ip_protocols.get(name).copied()
    }

    fn ethertype(&self, name: &str) -> Option<u16> {
        self.ethertypes.get(name).copied()
    }

    fn host(&self, name: &str) -> Option<HostAddresses> {
        self.hosts.get(name).cloned()
    }

    fn network(&self, name: &str) -> Option<u32> {
        self.networks.get(name).copied()
    }

    fn ether(&self, name: &str) -> Option<[u8; 6]> {
        self.ethers.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use core::net::Ipv4Addr;

    use super::*;

    #[test]
    fn what_was_told_is_known_and_nothing_else() {
        let addresses = HostAddresses { v4: vec![Ipv4Addr::new(192, 0, 2, 1)], v6: vec![] };
        let names = Fixed::new()
            .with_ip_protocol("p", 200)
            .with_ethertype("e", 0x1234)
            .with_host("h", addresses.clone())
            .with_network("n", 10)
            .with_ether("s", [1, 2, 3, 4, 5, 6]);
        assert_eq!(names.ip_protocol("p"), Some(200));
        assert_eq!(names.ethertype("e"), Some(0x1234));
        assert_eq!(names.host("h"), Some(addresses));
        assert_eq!(names.network("n"), Some(10));
        assert_eq!(names.ether("s"), Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(names.ip_protocol("tcp"), None);
        assert_eq!(names.host("P"), None);
    }
}
