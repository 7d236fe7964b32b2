//! What is known of a packet beside its bytes, for the ancillary loads of filters.

use bpf_core::Ancillary;
use bpf_core::MetadataSource;
use snapgate_abi::record;
use snapgate_ffi::wdm::KeGetCurrentProcessorNumberEx;

use super::segments::Segments;
use crate::handle::settings::Way;
use crate::module::identity::Identity;

/// `PACKET_HOST`, `PACKET_BROADCAST`, `PACKET_MULTICAST`, `PACKET_OUTGOING` of Linux.
const HOST: u32 = 0;
const BROADCAST: u32 = 1;
const MULTICAST: u32 = 2;
const OUTGOING: u32 = 4;
/// Where the EtherType is.
const ETHERTYPE_AT: usize = 12;
/// `ARPHRD_ETHER`.
const ARPHRD_ETHER: u32 = 1;

/// What is the same for all packets of a batch.
#[derive(Clone, Copy)]
pub(super) struct Link {
    way: Way,
    if_index: u32,
    pub(super) is_ethernet: bool,
    /// Of records.
    pub(super) header_len: u16,
}

impl Link {
    #[inline]
    pub(super) fn new(identity: &Identity, way: Way) -> Self {
        Self {
            way,
            if_index: identity.if_index,
            is_ethernet: identity.is_ethernet(),
            header_len: record::header_len(identity.link_header()),
        }
    }
}

/// The bytes of a packet.
#[derive(Clone, Copy)]
pub(super) enum Bytes<'a> {
    Flat(&'a [u8]),
    Pieces(Segments<'a>),
}

/// Worked out when a filter asks.
pub(super) struct PacketMetadata<'a> {
    pub(super) link: &'a Link,
    pub(super) bytes: Bytes<'a>,
}

impl PacketMetadata<'_> {
    /// The first 14 bytes.
    fn ethernet_header(&self) -> Option<[u8; 14]> {
        if !self.link.is_ethernet {
            return None;
        }
        match self.bytes {
            Bytes::Flat(bytes) => bytes.first_chunk().copied(),
            Bytes::Pieces(segments) => {
                let mut header = [0; 14];
                let mut bytes = segments.flatten();
                for to in &mut header {
                    *to = *bytes.next()?;
                }
                Some(header)
            }
        }
    }

    fn packet_type(&self) -> u32 {
        if self.link.way == Way::Out {
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
    #[cold]
    fn value(&self, which: Ancillary) -> Option<u32> {
        match which {
            Ancillary::PktType => Some(self.packet_type()),
            Ancillary::IfIndex => Some(self.link.if_index),
            Ancillary::Protocol => {
                let header = self.ethernet_header()?;
                let (high, low) = (header.get(ETHERTYPE_AT)?, header.get(ETHERTYPE_AT.wrapping_add(1))?);
                Some(u32::from(u16::from_be_bytes([*high, *low])))
            }
            Ancillary::HaType => self.link.is_ethernet.then_some(ARPHRD_ETHER),
            // SAFETY: any level; at DISPATCH_LEVEL it stays true.
            Ancillary::Cpu => Some(unsafe { KeGetCurrentProcessorNumberEx(core::ptr::null_mut()) }),
            // A tag is among the bytes of the view; there is none beside them.
            Ancillary::VlanTag | Ancillary::VlanTagPresent | Ancillary::VlanTpid => Some(0),
            _ => None,
        }
    }
}
