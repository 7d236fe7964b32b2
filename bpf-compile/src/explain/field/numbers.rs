//! The names of numbers.

use alloc::format;
use alloc::string::String;

use bpf_core::Ancillary;

use crate::names::{ETHERTYPES, PROTOCOLS};

/// What is known of a packet beside its bytes.
pub(in crate::explain) const fn beside_packet(which: Ancillary) -> &'static str {
    match which {
        Ancillary::PktType => "packet type beside the packet",
        Ancillary::IfIndex => "interface index beside the packet",
        Ancillary::VlanTag => "VLAN tag beside the packet",
        Ancillary::VlanTagPresent => "number of VLAN tags beside the packet",
        _ => "value beside the packet",
    }
}

/// An IPv4 address.
pub(super) fn dotted(address: u32) -> String {
    let [a, b, c, d] = address.to_be_bytes();
    format!("{a}.{b}.{c}.{d}")
}

/// The filter word of an EtherType.
pub(in crate::explain) fn ethertype_name(number: u32) -> Option<&'static str> {
    match number {
        0x8100 | 0x88a8 | 0x9100 => Some("VLAN tag"),
        0x8847 => Some("MPLS"),
        0x8863 => Some("PPPoE discovery"),
        0x8864 => Some("PPPoE session"),
        _ => ETHERTYPES.iter().find(|(_, known)| u32::from(*known) == number).map(|(name, _)| *name),
    }
}

/// The filter word of a protocol over IP.
pub(in crate::explain) fn protocol_name(number: u32) -> Option<&'static str> {
    PROTOCOLS.iter().find(|(_, known)| u32::from(*known) == number).map(|(name, _)| *name)
}
