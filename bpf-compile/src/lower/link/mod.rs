//! Protocols of the link layer.
//!
//! A protocol is an EtherType above 1500, or else an 802.2 service access point (SAP), as in the length field of
//! Ethernet. Each link type has its own way to name it: see [`Naming`].
//!
//! ```text
//! ethernet.rs   a type or a length; Linux's cooked headers, which copy that
//! ieee802.rs    802.2 headers in every packet
//! other.rs      PPP, address families, NLPIDs, system codes, versions of IP
//! ```

mod ethernet;
mod ieee802;
mod numbers;
mod other;

pub(super) use numbers::{ethertype, sap};

use crate::diagnostic::Code;
use crate::graph::{Cond, PredicateId, Size};
use crate::link::{LinkType, Naming, naming};
use crate::span::Span;

use super::{Lower, Lowering};

/// The largest length of an 802.3 frame; larger numbers in that field are EtherTypes.
pub(super) const LENGTH_MAX: u32 = 1500;

/// What a packet of Juniper's captures begins with, in the upper three bytes.
const JUNIPER_MAGIC: u32 = 0x4d47_4300;
/// A frame of LAN emulation that is none: a control message.
const LANE_CONTROL: u32 = 0xff00;
/// Where the LAN emulation header is in a packet of SunATM.
const LANE_AT: u32 = 4;

impl Lowering<'_> {
    /// The link layer says that this protocol follows.
    pub(super) fn link_protocol(&mut self, protocol: u32) -> Lower<PredicateId> {
        if self.layers.labels > 0 {
            return self.protocol_behind_labels(protocol);
        }
        let header = self.layers.header;
        let field = self.layers.protocol.unwrap_or(header);
        Ok(match naming(self.layers.link_type) {
            Naming::Ethernet => {
                let frame = if self.layers.is_tunnelled { None } else { self.frame_is_there() };
                let named = self.ethernet_protocol(field, protocol);
                self.predicates.all(frame.into_iter().chain([named]))
            }
            Naming::EtherType => self.equals(Size::Half, field, protocol),
            Naming::LinuxSll => self.sll_protocol(field, protocol),
            Naming::Llc => self.llc_protocol(protocol),
            Naming::Wlan => {
                let data = self.is_wlan_data();
                let named = self.llc_protocol(protocol);
                self.predicates.all([data, named])
            }
            Naming::SunAtm => {
                let is_llc = self.atm_payload_is(super::atm::LLC);
                let named = self.llc_protocol(protocol);
                self.predicates.all([is_llc, named])
            }
            Naming::Hdlc => {
                let number = if protocol == sap::ISO { sap::ISO << 8 | sap::ISO } else { protocol };
                self.equals(Size::Half, field, number)
            }
            Naming::Ppp => self.ppp_protocol(field, protocol),
            Naming::PppBsdos => self.ppp_bsdos_protocol(field, protocol),
            Naming::Loopback => self.loopback_protocol(header, protocol),
            Naming::Pflog => self.pflog_protocol(header, protocol),
            Naming::Ipnet => self.ipnet_protocol(field, protocol),
            Naming::Arcnet => self.arcnet_protocol(field, protocol),
            Naming::FrameRelay => self.frame_relay_protocol(header, protocol),
            Naming::IpVersion => match protocol {
                ethertype::IPV4 => self.bits_equal(Size::Byte, header, 0xf0, 0x40),
                ethertype::IPV6 => self.bits_equal(Size::Byte, header, 0xf0, 0x60),
                _ => self.predicates.constant(false),
            },
            Naming::Always(always) => self.predicates.constant(protocol == u32::from(always)),
            Naming::Juniper => self.bits_equal(Size::Word, header, 0xffff_ff00, JUNIPER_MAGIC),
            Naming::Unknown => {
                let link_type = self.layers.link_type;
                let message =
                    alloc::format!("protocols cannot be told apart in packets of link type {link_type}");
                return Err(self
                    .error(Code::LinkType, message)
                    .with_help("`link[n]`, `len`, `less` and `greater` work on every link type"));
            }
        })
    }

    /// A number fits in the field that it is held against: an EtherType, or up to 1500 a one-byte SAP. Where there is
    /// no such field, any number just never matches.
    pub(super) fn check_link_protocol(&self, protocol: u32, span: Span) -> Lower<()> {
        if self.layers.labels > 0 {
            return Ok(());
        }
        match naming(self.layers.link_type) {
            Naming::Ethernet | Naming::LinuxSll | Naming::Llc | Naming::Wlan | Naming::SunAtm
                if protocol <= LENGTH_MAX =>
            {
                self.check_range("802.2 service access point", protocol, 0xff, span)
            }
            Naming::Ethernet
            | Naming::LinuxSll
            | Naming::Llc
            | Naming::Wlan
            | Naming::SunAtm
            | Naming::EtherType => self.check_range("EtherType", protocol, 0xffff, span),
            Naming::Hdlc => self.check_range("HDLC protocol", protocol, 0xffff, span),
            Naming::Ppp | Naming::PppBsdos => self.check_range("PPP protocol", protocol, 0xffff, span),
            _ => Ok(()),
        }
    }

    /// What tells that there is an inner Ethernet frame at all, where an outer link layer leaves that open.
    pub(super) fn frame_is_there(&mut self) -> Option<PredicateId> {
        if self.layers.is_tunnelled {
            // Geneve without a frame: its header ends where the network header begins.
            let (header, payload) = (self.layers.header.base?, self.layers.payload.base?);
            let same = self.compare_values(Cond::Eq, header, payload);
            return Some(self.predicates.not(same));
        }
        match self.layers.outer {
            (LinkType::SUNATM, outer) if self.layers.link_type != LinkType::SUNATM => {
                let control = self.equals(Size::Half, outer.plus(LANE_AT), LANE_CONTROL);
                Some(self.predicates.not(control))
            }
            _ => None,
        }
    }

    /// Behind MPLS labels nothing names the protocol: the last label is marked, and IP begins with its version.
    fn protocol_behind_labels(&mut self, protocol: u32) -> Lower<PredicateId> {
        let version = match protocol {
            ethertype::IPV4 => 0x40,
            ethertype::IPV6 => 0x60,
            _ => {
                return Err(self
                    .error(Code::BadEncapsulation, "behind MPLS labels only IPv4 and IPv6 can be told")
                    .with_help("put the other condition before `mpls`"));
            }
        };
        let is_last = self.bits_equal(Size::Byte, self.layers.network(0).back(2), 1, 1);
        let version = self.bits_equal(Size::Byte, self.layers.network(0), 0xf0, version);
        Ok(self.predicates.all([is_last, version]))
    }
}
