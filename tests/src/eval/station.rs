//! Stations: `ether host`, `broadcast` and `multicast` on the link.
//!
//! ```text
//!              destination  source
//! Ethernet          0          6
//! FDDI              1          7
//! token ring        2          8
//! Fibre Channel     2         10
//! ARCNET            1          0    addresses of 8 bits
//! BACnet MS/TP      3          4    addresses of 8 bits
//! ```

use bpf_compile::syntax::ast::{Id, Kind as Asked, Quals};

use super::frame::Place;
use super::link::Kind;
use super::net::Ends;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// The address that all stations listen to.
const EVERYONE: [u8; 6] = [0xff; 6];

impl View<'_> {
    /// `ether host`.
    pub(super) fn station(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        if let (Id::Mac8(station), None | Some(Asked::Host)) = (id, quals.kind) {
            return self.short_station(Ends::from_dir(quals.dir)?, (*station).into());
        }
        let mac = self.station_address(quals, id)?;
        if matches!(self.frame.kind, Kind::Dot11(_)) {
            return self.wireless_station(quals.dir, mac);
        }
        let ends = Ends::from_dir(quals.dir)?;
        let (destination, source) =
            self.station_places().ok_or(EvalError::Refused("this link type has no stations"))?;
        Ok(self.has_ethernet_header().and(ends.test(self.mac_is(source, mac), self.mac_is(destination, mac))))
    }

    /// Where the addresses of 48 bits lie: destination and source.
    fn station_places(&self) -> Option<(Place, Place)> {
        let (destination, source) = match self.frame.kind {
            Kind::Ethernet | Kind::NetAnalyzer | Kind::SwitchTagged => (0, 6),
            Kind::Fddi => (1, 7),
            Kind::TokenRing => (2, 8),
            Kind::FibreChannel => (2, 10),
            _ => return None,
        };
        Some((self.frame.header.further(destination), self.frame.header.further(source)))
    }

    /// The last four bytes first: they differ more often.
    pub(super) fn mac_is(&self, place: Place, mac: [u8; 6]) -> Truth {
        let [a, b, c, d, e, f] = mac;
        let end = u32::from_be_bytes([c, d, e, f]);
        let start = u32::from(u16::from_be_bytes([a, b]));
        self.is(place.further(2), Width::Word, end).and(self.is(place, Width::Half, start))
    }

    fn short_station(&self, ends: Ends, station: u32) -> Result<Truth, EvalError> {
        let (source, destination) =
            self.short_places().ok_or(EvalError::Refused("this link type has no stations of 8 bits"))?;
        let test = |at| self.is(at, Width::Byte, station);
        Ok(ends.test(test(source), test(destination)))
    }

    /// Where the addresses of 8 bits lie: source and destination.
    fn short_places(&self) -> Option<(Place, Place)> {
        let (source, destination) = match self.frame.kind {
            Kind::Arcnet => (0, 1),
            Kind::Bacnet => (4, 3),
            _ => return None,
        };
        Some((self.frame.header.further(source), self.frame.header.further(destination)))
    }

    /// `broadcast` on the link.
    pub(super) fn link_broadcast(&self) -> Result<Truth, EvalError> {
        match self.frame.kind {
            Kind::Dot11(_) => self.wireless_station(Some(bpf_compile::syntax::ast::Dir::Dst), EVERYONE),
            Kind::Arcnet => Ok(self.is(self.frame.header.further(1), Width::Byte, 0)),
            Kind::Bacnet => Ok(self.is(self.frame.header.further(3), Width::Byte, 0xff)),
            _ => {
                let (destination, _) =
                    self.station_places().ok_or(EvalError::Refused("not a broadcast link"))?;
                Ok(self.has_ethernet_header().and(self.mac_is(destination, EVERYONE)))
            }
        }
    }

    /// `multicast` on the link: the group bit is the first on the wire, the lowest of the first byte.
    pub(super) fn link_multicast(&self) -> Result<Truth, EvalError> {
        match self.frame.kind {
            Kind::Dot11(_) => Ok(self.wireless_multicast()),
            // One address for all groups.
            Kind::Arcnet => Ok(self.is(self.frame.header.further(1), Width::Byte, 0)),
            _ => {
                let (destination, _) =
                    self.station_places().ok_or(EvalError::Refused("no multicast on this link type"))?;
                Ok(self.has_ethernet_header().and(self.has_bits(destination, 1)))
            }
        }
    }
}
