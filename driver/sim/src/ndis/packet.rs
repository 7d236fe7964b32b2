//! What scenarios send and receive: bytes, and the shape that they have in memory.
//!
//! ```
//! use snapgate_sim::ndis::{Packet, PacketList};
//! // 60 bytes: 16 unused bytes before them, an empty MDL, and 8 bytes too many in the last.
//! let packet = Packet::new(vec![7; 60]).offset(16).mdls([20, 0, 30]).slack(8).unmapped();
//! let list = PacketList::from(packet).vlan(0x2005);
//! ```

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) offset: usize,
    sizes: Vec<usize>,
    slack: usize,
    pub(crate) mapped: bool,
}

impl Packet {
    /// These bytes, in one MDL that ends with them.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), offset: 0, sizes: Vec::new(), slack: 0, mapped: true }
    }

    /// So many unused bytes before the data.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// The sizes of the MDLs, from the first, unused bytes included. What is missing gets an MDL of its own; what is too
    /// much follows the data.
    #[must_use]
    pub fn mdls(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        self.sizes = sizes.into();
        self
    }

    /// So many bytes behind the data in the last MDL.
    #[must_use]
    pub fn slack(mut self, slack: usize) -> Self {
        self.slack = slack;
        self
    }

    /// The MDLs are locked, but not mapped: who looks at them maps them, which may fail.
    #[must_use]
    pub fn unmapped(mut self) -> Self {
        self.mapped = false;
        self
    }

    /// The sizes of all MDLs.
    pub(crate) fn counts(&self) -> Vec<usize> {
        let needed = self.offset + self.bytes.len();
        let mut counts = self.sizes.clone();
        let there: usize = counts.iter().sum();
        if there < needed || counts.is_empty() {
            counts.push(needed.saturating_sub(there));
        }
        if let Some(last) = counts.last_mut() {
            *last += self.slack;
        }
        counts
    }
}

/// Whose handle a list carries as its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Source {
    /// That of who makes it: the protocol or the miniport.
    #[default]
    Maker,
    /// That of the first module of a driver in the stack, as packets have that it sent and that were looped back.
    Module,
}

/// Packets with common information: one `NET_BUFFER_LIST`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PacketList {
    pub(crate) packets: Vec<Packet>,
    pub(crate) flags: u32,
    pub(crate) source: Source,
    pub(crate) info: Vec<(u8, usize)>,
}

impl PacketList {
    /// These packets. Received lists on Ethernet have one.
    #[must_use]
    pub fn new(packets: impl Into<Vec<Packet>>) -> Self {
        Self { packets: packets.into(), ..Self::default() }
    }

    /// With a tag that is not among the bytes, as it would be on the wire.
    #[must_use]
    pub fn vlan(self, tci: u16) -> Self {
        let word = snapgate_ffi::ndis::Ieee8021Q::from_tci(tci).0;
        self.info(snapgate_ffi::ndis::Ieee8021QNetBufferListInfo, word)
    }

    /// With these bits of `NblFlags`.
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    /// As a packet that this station sent, and that comes back.
    #[must_use]
    pub fn loopback(self) -> Self {
        self.flags(snapgate_ffi::ndis::NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET)
    }

    /// With this source.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// With a word of information; one that lists of the system's version do not have is left out.
    #[must_use]
    pub fn info(mut self, slot: u8, word: usize) -> Self {
        self.info.push((slot, word));
        self
    }

    /// To be cancelled by this.
    #[must_use]
    pub fn cancel_id(self, id: usize) -> Self {
        self.info(snapgate_ffi::ndis::NetBufferListCancelId, id)
    }
}

impl From<Packet> for PacketList {
    fn from(packet: Packet) -> Self {
        Self::new([packet])
    }
}

impl From<Vec<u8>> for PacketList {
    fn from(bytes: Vec<u8>) -> Self {
        Packet::new(bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mdls_always_cover_the_data() {
        assert_eq!(Packet::new([0; 60]).counts(), [60]);
        assert_eq!(Packet::new([0; 60]).offset(10).slack(5).counts(), [75]);
        assert_eq!(Packet::new([0; 60]).mdls([20, 0]).counts(), [20, 0, 40]);
        assert_eq!(Packet::new([0; 60]).mdls([20, 100]).slack(1).counts(), [20, 101]);
        assert_eq!(Packet::new([]).counts(), [0]);
    }
}
