//! `gateway`: sent by or to the station of a name, but not by or to its address: it was passed on.

use bpf_compile::syntax::ast::{Id, Quals};
use bpf_compile::syntax::words::ProtoName;

use super::link::Kind;
use super::names::V4;
use super::net::Ends;
use super::truth::Truth;
use super::{EvalError, View};

impl View<'_> {
    pub(super) fn gateway(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        let Id::Name(name) = id else {
            return Err(EvalError::Refused("a gateway is a name"));
        };
        if quals.dir.is_some() {
            return Err(EvalError::Refused("a gateway has no direction"));
        }
        if !matches!(quals.proto, None | Some(ProtoName::Ip | ProtoName::Arp | ProtoName::Rarp)) {
            return Err(EvalError::Refused("this protocol has no gateways"));
        }
        // Stations only where the names of stations are those of Ethernet; a switch's tag does not change that.
        if matches!(self.frame.kind, Kind::Arcnet | Kind::Bacnet) {
            return Err(EvalError::Refused("no gateways on this link type"));
        }
        let unknown = EvalError::Refused("a gateway that nobody knows");
        let mac = self.resolver.ether(name).ok_or(unknown)?;
        let addresses = self.resolver.host(name).filter(|found| !found.v4.is_empty()).ok_or(unknown)?;
        let station = self.station(Quals::default(), &Id::Mac(mac))?;
        let hosts: Result<Vec<_>, _> = addresses
            .v4
            .iter()
            .map(|v4| self.ipv4(quals.proto, Ends::Either, V4 { bits: u32::from(*v4), mask: u32::MAX }))
            .collect();
        Ok(station.and(Truth::any(hosts?).not()))
    }
}
