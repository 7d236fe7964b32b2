//! The resolver that needs nothing: tables in the program.

use alloc::vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::{ETHERTYPES, HostAddresses, PROTOCOLS, Resolver, SERVICES, Service, Transport};
use crate::diagnostic::nearest;

/// Services, protocols and EtherTypes by their well-known names, and of hosts and networks only those that are the
/// same on every machine.
///
/// # Examples
/// ```
/// use bpf_compile::names::{Embedded, Resolver, Transport};
///
/// assert_eq!(Embedded.service("https", Transport::Tcp), Some(443));
/// assert_eq!(Embedded.ip_protocol("ospf"), Some(89));
/// assert_eq!(Embedded.host("www.example.com"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embedded;

impl Resolver for Embedded {
    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        let at = SERVICES.binary_search_by_key(&name, |service| service.name).ok()?;
        SERVICES.get(at)?.port(transport)
    }

    fn ip_protocol(&self, name: &str) -> Option<u8> {
        value(PROTOCOLS, name)
    }

    fn ethertype(&self, name: &str) -> Option<u16> {
        value(ETHERTYPES, name)
    }

    fn host(&self, name: &str) -> Option<HostAddresses> {
        name.eq_ignore_ascii_case("localhost")
            .then(|| HostAddresses { v4: vec![Ipv4Addr::LOCALHOST], v6: vec![Ipv6Addr::LOCALHOST] })
    }

    fn network(&self, name: &str) -> Option<u32> {
        name.eq_ignore_ascii_case("loopback").then_some(127)
    }

    fn ether(&self, _name: &str) -> Option<[u8; 6]> {
        None
    }

    fn similar_service(&self, name: &str) -> Option<&'static str> {
        nearest(name, SERVICES.iter().map(|service: &Service| service.name))
    }
}

fn value<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    let at = table.binary_search_by_key(&name, |&(known, _)| known).ok()?;
    table.get(at).map(|&(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::super::LLC_PROTOCOLS;
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_unique() {
        assert!(SERVICES.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(PROTOCOLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(ETHERTYPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(LLC_PROTOCOLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_service_has_a_port() {
        let portless = SERVICES.iter().find(|s| s.tcp.or(s.udp).or(s.sctp).is_none());
        assert_eq!(portless, None);
    }

    #[test]
    fn a_service_has_only_the_transports_that_it_uses() {
        assert_eq!(Embedded.service("domain", Transport::Udp), Some(53));
        assert_eq!(Embedded.service("domain", Transport::Tcp), Some(53));
        assert_eq!(Embedded.service("ntp", Transport::Tcp), None);
        assert_eq!(Embedded.service("www", Transport::Tcp), Some(80));
        assert_eq!(Embedded.service("m3ua", Transport::Sctp), Some(2905));
    }

    #[test]
    fn case_counts_for_services_and_protocols_but_not_for_hosts() {
        assert_eq!(Embedded.service("HTTP", Transport::Tcp), None);
        assert_eq!(Embedded.ip_protocol("TCP"), Some(6));
        assert_eq!(Embedded.ip_protocol("Tcp"), None);
        assert_eq!(Embedded.ethertype("ARP"), None);
        assert!(Embedded.host("LocalHost").is_some());
    }

    #[test]
    fn ip_is_protocol_number_zero() {
        assert_eq!(Embedded.ip_protocol("ip"), Some(0));
    }

    #[test]
    fn a_misspelled_service_finds_its_neighbour() {
        assert_eq!(Embedded.similar_service("htpp"), Some("http"));
        assert_eq!(Embedded.similar_service("qqqqqq"), None);
    }
}
