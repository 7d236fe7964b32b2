//! The machine's resolver: its files and its DNS.
//!
//! ```text
//! services, protocols   /etc/services, /etc/protocols    then the tables of the program
//! networks, stations    /etc/networks, /etc/ethers       case does not count
//! hosts                 the system's resolver, which may ask the network
//! ```
//!
//! Each file is read when it is first asked for a name, and never again: one compilation sees one state of it. A
//! file that is missing, or a line of it that makes no sense, is as if it were empty.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use std::fs;
use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Embedded, HostAddresses, Resolver, Transport};

/// Names as this machine knows them.
#[derive(Debug, Default)]
pub struct System {
    paths: Paths,
    services: OnceLock<String>,
    protocols: OnceLock<String>,
    networks: OnceLock<String>,
    ethers: OnceLock<String>,
}

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `name port/transport aliases...`
    pub services: PathBuf,
    /// `name number aliases...`
    pub protocols: PathBuf,
    /// `name address aliases...`
    pub networks: PathBuf,
    /// `address name`
    pub ethers: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        Self::in_folder(Path::new("/etc"))
    }
}

impl Paths {
    /// The four files under their usual names in one folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            services: folder.join("services"),
            protocols: folder.join("protocols"),
            networks: folder.join("networks"),
            ethers: folder.join("ethers"),
        }
    }
}

impl System {
    /// The machine's files at their usual places.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Files at other places.
    #[must_use]
    pub fn with_paths(paths: Paths) -> Self {
        Self { paths, ..Self::default() }
    }
}

impl Resolver for System {
    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        let wanted = match transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Sctp => "sctp",
        };
        let file = read(&self.services, &self.paths.services);
        let listed = lines(file).find_map(|fields| {
            let (first, rest) = fields.split_first()?;
            let (second, aliases) = rest.split_first()?;
            let (port, transport) = second.split_once('/')?;
            let named = *first == name || aliases.contains(&name);
            (named && transport == wanted).then(|| port.parse().ok())?
        });
        // A service that the file has over another transport only is known, and has no port over this one.
        listed.or_else(|| if named(file, name) { None } else { Embedded.service(name, transport) })
    }

    fn ip_protocol(&self, name: &str) -> Option<u8> {
        let file = read(&self.protocols, &self.paths.protocols);
        let listed = lines(file).find_map(|fields| {
            let (first, rest) = fields.split_first()?;
            let (number, aliases) = rest.split_first()?;
            (*first == name || aliases.contains(&name)).then(|| number.parse().ok())?
        });
        listed.or_else(|| Embedded.ip_protocol(name))
    }

    fn ethertype(&self, name: &str) -> Option<u16> {
        Embedded.ethertype(name)
    }

    fn host(&self, name: &str) -> Option<HostAddresses> {
        let mut found = HostAddresses::default();
        for address in (name, 0).to_socket_addrs().ok()? {
            match address.ip() {
                IpAddr::V4(v4) if !found.v4.contains(&v4) => found.v4.push(v4),
                IpAddr::V6(v6) if !found.v6.contains(&v6) => found.v6.push(v6),
                _ => {}
            }
        }
        (!found.v4.is_empty() || !found.v6.is_empty()).then_some(found)
    }

    fn network(&self, name: &str) -> Option<u32> {
        let file = read(&self.networks, &self.paths.networks);
        let listed = lines(file).find_map(|fields| {
            let (first, rest) = fields.split_first()?;
            let (number, aliases) = rest.split_first()?;
            let named = core::iter::once(first).chain(aliases).any(|known| known.eq_ignore_ascii_case(name));
            named.then(|| network_number(number))?
        });
        listed.or_else(|| Embedded.network(name))
    }

    fn ether(&self, name: &str) -> Option<[u8; 6]> {
        let file = read(&self.ethers, &self.paths.ethers);
        lines(file).find_map(|fields| match fields.as_slice() {
            [address, known, ..] if known.eq_ignore_ascii_case(name) => mac(address),
            _ => None,
        })
    }

    fn similar_service(&self, name: &str) -> Option<&'static str> {
        Embedded.similar_service(name)
    }
}

/// The file's text, read at the first call.
fn read<'a>(cell: &'a OnceLock<String>, path: &Path) -> &'a str {
    cell.get_or_init(|| {
        let bytes = fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The fields of each line that has any, without comments.
fn lines(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines()
        .map(|line| line.split('#').next().unwrap_or_default().split_ascii_whitespace().collect::<Vec<_>>())
        .filter(|fields| !fields.is_empty())
}

/// Whether the services file has the name over any transport.
fn named(file: &str, name: &str) -> bool {
    lines(file).any(|fields| {
        fields.first().is_some_and(|first| *first == name)
            || fields.iter().skip(2).any(|alias| *alias == name)
    })
}

/// `127`, `127.0.0.0` and `127.0` are all 127: trailing zero bytes say nothing.
fn network_number(text: &str) -> Option<u32> {
    let mut number = 0_u32;
    let mut parts = 0;
    for part in text.split('.') {
        number = number << 8 | u32::from(part.parse::<u8>().ok()?);
        parts += 1;
    }
    if parts > 4 {
        return None;
    }
    while number != 0 && number.trailing_zeros() >= 8 {
        number >>= 8;
    }
    Some(number)
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests;
