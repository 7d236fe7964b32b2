//! Names to numbers, without I/O.
//!
//! The compiler asks a [`Resolver`]; what answers is the caller's choice:
//!
//! ```text
//! Embedded   tables in the program: services, protocols, EtherTypes   (the default)
//! System     the machine's files and DNS, feature `std`               (bpfc --resolve)
//! Fixed      a table that a test fills
//! ```
//!
//! Invariant: two compilations with the same resolver and the same text give the same program.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

mod embedded;
mod ethertypes;
mod fixed;
mod protocols;
mod services;
#[cfg(feature = "std")]
mod system;

pub use embedded::Embedded;
pub use ethertypes::{ETHERTYPES, LLC_PROTOCOLS};
pub use fixed::Fixed;
pub use protocols::PROTOCOLS;
pub use services::{SERVICES, Service};
#[cfg(feature = "std")]
pub use system::{Paths, System};

/// The transport protocols that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
}

/// The addresses of a host, in the order in which they are to be tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostAddresses {
    /// IPv4 addresses.
    pub v4: Vec<Ipv4Addr>,
    /// IPv6 addresses.
    pub v6: Vec<Ipv6Addr>,
}

/// Answers names. Every method gives `None` where the name is not known.
pub trait Resolver {
    /// The port of a service over one transport.
    fn service(&self, name: &str, transport: Transport) -> Option<u16>;
    /// The number of a protocol over IP, as in `proto \tcp`.
    fn ip_protocol(&self, name: &str) -> Option<u8>;
    /// The EtherType of a protocol, as in `ether proto \arp`.
    fn ethertype(&self, name: &str) -> Option<u16>;
    /// The addresses of a host.
    fn host(&self, name: &str) -> Option<HostAddresses>;
    /// The number of a network: as in /etc/networks, without trailing zero bytes (`loopback` is 127).
    fn network(&self, name: &str) -> Option<u32>;
    /// The MAC address of a station, as in /etc/ethers.
    fn ether(&self, name: &str) -> Option<[u8; 6]>;
    /// Names that this resolver knows and that resemble `name`, for "did you mean": only services and protocols.
    fn similar_service(&self, name: &str) -> Option<&'static str> {
        let _ = name;
        None
    }
}
