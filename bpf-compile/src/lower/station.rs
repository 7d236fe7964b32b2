//! Stations of the link layer: 48-bit and 8-bit MAC addresses, broadcast and multicast.

use crate::diagnostic::Code;
use crate::graph::{Cond, PredicateId, Size};
use crate::link::{LinkType, Naming, naming};
use crate::syntax::ast::Dir;

use super::host::Ends;
use super::{Lower, Lowering};

const EVERYBODY: [u8; 6] = [0xff; 6];
/// The broadcast addresses of link layers with addresses of one byte.
const ARCNET_EVERYBODY: u8 = 0;
const BACNET_EVERYBODY: u8 = 0xff;

/// Where frames that always look alike have their addresses.
fn mac48(link_type: LinkType) -> Option<Ends> {
    use LinkType as L;
    Some(match link_type {
        L::EN10MB | L::NETANALYZER | L::NETANALYZER_TRANSPARENT | L::DSA_TAG_BRCM | L::DSA_TAG_DSA => {
            Ends { source: 6, destination: 0 }
        }
        L::FDDI => Ends { source: 7, destination: 1 },
        L::IEEE802 => Ends { source: 8, destination: 2 },
        L::IP_OVER_FC => Ends { source: 10, destination: 2 },
        _ => return None,
    })
}

fn mac8(link_type: LinkType) -> Option<Ends> {
    match link_type {
        LinkType::ARCNET | LinkType::ARCNET_LINUX => Some(Ends { source: 0, destination: 1 }),
        LinkType::BACNET_MS_TP => Some(Ends { source: 4, destination: 3 }),
        _ => None,
    }
}

impl Lowering<'_> {
    /// A station by its 48-bit address.
    pub(super) fn station(&mut self, address: [u8; 6], dir: Option<Dir>) -> Lower<PredicateId> {
        if naming(self.layers.link_type) == Naming::Wlan {
            return Ok(self.wlan_station(&address, dir));
        }
        let Some(ends) = mac48(self.layers.link_type) else { return Err(self.no_stations("48-bit MAC")) };
        let header = self.layers.header;
        let frame = self.frame_is_there();
        let same = self.at_ends(ends, dir, |this, at| this.bytes_equal(header.plus(at), &address))?;
        Ok(self.predicates.all(frame.into_iter().chain([same])))
    }

    /// Whether a 48-bit address means anything here; asked before a name is looked up.
    pub(super) fn needs_mac48(&self) -> Lower<()> {
        let link_type = self.layers.link_type;
        if naming(link_type) == Naming::Wlan || mac48(link_type).is_some() {
            return Ok(());
        }
        Err(self.no_stations("48-bit MAC"))
    }

    /// A station by its 8-bit address.
    pub(super) fn short_station(&mut self, address: u8, dir: Option<Dir>) -> Lower<PredicateId> {
        let Some(ends) = mac8(self.layers.link_type) else { return Err(self.no_stations("8-bit MAC")) };
        let header = self.layers.header;
        self.at_ends(ends, dir, |this, at| this.equals(Size::Byte, header.plus(at), u32::from(address)))
    }

    /// Frames to everybody.
    pub(super) fn link_broadcast(&mut self) -> Lower<PredicateId> {
        match self.layers.link_type {
            LinkType::ARCNET | LinkType::ARCNET_LINUX => self.short_station(ARCNET_EVERYBODY, Some(Dir::Dst)),
            LinkType::BACNET_MS_TP => self.short_station(BACNET_EVERYBODY, Some(Dir::Dst)),
            _ => {
                self.needs_addresses("broadcast")?;
                self.station(EVERYBODY, Some(Dir::Dst))
            }
        }
    }

    /// Frames to groups: the lowest bit of the first byte of the destination.
    pub(super) fn link_multicast(&mut self) -> Lower<PredicateId> {
        match self.layers.link_type {
            // There are no other groups.
            LinkType::ARCNET | LinkType::ARCNET_LINUX => {
                return self.short_station(ARCNET_EVERYBODY, Some(Dir::Dst));
            }
            link_type if naming(link_type) == Naming::Wlan => return Ok(self.wlan_multicast()),
            _ => {}
        }
        self.needs_addresses("multicast")?;
        let Some(ends) = mac48(self.layers.link_type) else { return Err(self.no_stations("48-bit MAC")) };
        let frame = self.frame_is_there();
        let group = self.field(Cond::Set, Size::Byte, self.layers.header.plus(ends.destination), 1);
        Ok(self.predicates.all(frame.into_iter().chain([group])))
    }

    fn needs_addresses(&self, word: &str) -> Lower<()> {
        self.needs_mac48().map_err(|_| {
            let link_type = self.layers.link_type;
            let message =
                alloc::format!("packets of link type {link_type} have no link-layer {word} address");
            self.error(Code::LinkType, message)
                .with_help(alloc::format!("`ip {word}` looks at the address of IP"))
        })
    }

    fn no_stations(&self, what: &str) -> crate::Diagnostic {
        let link_type = self.layers.link_type;
        let message = alloc::format!(
            "packets of link type {link_type} have no {what} addresses that could be compared"
        );
        self.error(Code::LinkType, message)
    }
}
