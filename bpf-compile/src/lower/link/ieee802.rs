//! Link layers with an 802.2 header in every packet.

use crate::graph::{PredicateId, Size};

use super::super::Lowering;
use super::{LENGTH_MAX, ethertype, sap};

/// Where a SNAP header has the EtherType, from the start of the 802.2 header.
const SNAP_TYPE: u32 = 6;
/// Of AppleTalk in SNAP headers.
const APPLE: u32 = 0x08_0007;

impl Lowering<'_> {
    /// An EtherType is looked for where a SNAP header would have it, without a test whether there is one.
    pub(super) fn llc_protocol(&mut self, protocol: u32) -> PredicateId {
        let llc = self.layers.payload;
        match protocol {
            sap::ISO | sap::IP | sap::NETBEUI => self.equals(Size::Half, llc, protocol << 8 | protocol),
            ethertype::ATALK => self.snap(llc, APPLE, protocol),
            0..=LENGTH_MAX => self.equals(Size::Byte, llc, protocol),
            _ => self.equals(Size::Half, llc.plus(SNAP_TYPE), protocol),
        }
    }
}
