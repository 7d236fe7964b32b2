//! What is known of a packet beside its bytes, for the ancillary loads of filters.

use bpf_core::Ancillary;
use bpf_core::MetadataSource;
use snapgate_ffi::wdm::KeGetCurrentProcessorNumberEx;

use super::segments::Segments;
use crate::handle::settings::Way;

/// `PACKET_HOST`, `PACKET_BROADCAST`, `PACKET_MULTICAST`, `PACKET_OUTGOING` of Linux.
const HOST: u32 = 0;
const BROADCAST: u32 = 1;
const MULTICAST: u32 = 2;
const OUTGOING: u32 = 4;
/// Where the EtherType is.
const ETHERTYPE_AT: usize = 12;
/// `ARPHRD_ETHER`.
const ARPHRD_ETHER: u32 = 1;

/// Worked out when a filter asks.
pub(super) struct PacketMetadata<'a> {
    pub(super) way: Way,
    pub(super) if_index: u32,
    pub(super) is_ethernet: bool,
    pub(super) segments: Segments<'a>,
}

impl PacketMetadata<'_> {
    /// The first 14 bytes.
    fn ethernet_header(&self) -> Option<[u8; 14]> {
        if !self.is_ethernet {
            return None;
        }
        let mut header = [0; 14];
        let mut bytes = self.segments.flatten();
        for to in &mut header {
            *to = *bytes.next()?;
        }
        Some(header)
    }

    fn packet_type(&self) -> u32 {
        if self.way == Way::Out {
            return OUTGOING;
        }
        match self.ethernet_header() {
            Some([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ..]) => BROADCAST,
            Some([first, ..]) if first & 1 != 0 => MULTICAST,
            _ => HOST,
        }
    }
}

impl MetadataSource for PacketMetadata<'_> {
    fn value(&self, which: Ancillary) -> Option<u32> {
        match which {
            Ancillary::PktType => Some(self.packet_type()),
            Ancillary::IfIndex => Some(self.if_index),
            Ancillary::Protocol => {
                let header = self.ethernet_header()?;
                let (high, low) = (header.get(ETHERTYPE_AT)?, header.get(ETHERTYPE_AT.wrapping_add(1))?);
                Some(u32::from(u16::from_be_bytes([*high, *low])))
            }
            Ancillary::HaType => self.is_ethernet.then_some(ARPHRD_ETHER),
            // SAFETY: any level; at DISPATCH_LEVEL it stays true.
            Ancillary::Cpu => Some(unsafe { KeGetCurrentProcessorNumberEx(core::ptr::null_mut()) }),
            // A tag is among the bytes of the view; there is none beside them.
            Ancillary::VlanTag | Ancillary::VlanTagPresent | Ancillary::VlanTpid => Some(0),
            _ => None,
        }
    }
}
