//! What may be known of a packet beside its bytes.

use crate::insn::Ancillary;

/// Answers ancillary loads. `()` knows nothing, and costs nothing.
pub trait MetadataSource {
    /// The value, if it is known.
    fn value(&self, which: Ancillary) -> Option<u32>;
}

impl MetadataSource for () {
    #[inline]
    fn value(&self, _which: Ancillary) -> Option<u32> {
        None
    }
}

impl<M: MetadataSource + ?Sized> MetadataSource for &M {
    fn value(&self, which: Ancillary) -> Option<u32> {
        (**self).value(which)
    }
}

/// What was found out about an 802.1Q tag that hardware took out of the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vlan {
    /// There was none.
    Untagged,
    /// There was this one.
    Tagged {
        /// Priority, DEI and VLAN id.
        tci: u16,
        /// The EtherType of the tag, 0x8100 as a rule.
        tpid: u16,
    },
}

/// A plain record of metadata; what is `None` ends a program that asks for it with 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The EtherType.
    pub protocol: Option<u16>,
    /// Whom the packet is for; see [`Ancillary::PktType`].
    pub pkt_type: Option<u8>,
    /// The interface's index.
    pub if_index: Option<u32>,
    /// The firewall mark.
    pub mark: Option<u32>,
    /// The receive queue.
    pub queue: Option<u16>,
    /// The hardware type.
    pub ha_type: Option<u16>,
    /// The receive hash.
    pub rx_hash: Option<u32>,
    /// The processor.
    pub cpu: Option<u32>,
    /// The tag that hardware took out.
    pub vlan: Option<Vlan>,
    /// A random number, drawn for this packet.
    pub random: Option<u32>,
}

impl MetadataSource for Metadata {
    fn value(&self, which: Ancillary) -> Option<u32> {
        match which {
            Ancillary::Protocol => self.protocol.map(u32::from),
            Ancillary::PktType => self.pkt_type.map(u32::from),
            Ancillary::IfIndex => self.if_index,
            Ancillary::Mark => self.mark,
            Ancillary::Queue => self.queue.map(u32::from),
            Ancillary::HaType => self.ha_type.map(u32::from),
            Ancillary::RxHash => self.rx_hash,
            Ancillary::Cpu => self.cpu,
            Ancillary::AluXorX => None,
            Ancillary::VlanTag => self.vlan.map(|vlan| match vlan {
                Vlan::Untagged => 0,
                Vlan::Tagged { tci, .. } => u32::from(tci),
            }),
            Ancillary::VlanTagPresent => self.vlan.map(|vlan| u32::from(vlan != Vlan::Untagged)),
            Ancillary::VlanTpid => self.vlan.map(|vlan| match vlan {
                Vlan::Untagged => 0,
                Vlan::Tagged { tpid, .. } => u32::from(tpid),
            }),
            Ancillary::Random => self.random,
        }
    }
}
