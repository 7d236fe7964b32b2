//! A packet without a head, of which only the loads that every packet needs are written.

use bpf_core::{Ancillary, Packet};

pub(crate) struct Plain<P>(pub(crate) P);

impl<P: Packet> Packet for Plain<P> {
    fn wire_len(&self) -> u32 {
        self.0.wire_len()
    }
    fn load_u8(&self, offset: u32) -> Option<u8> {
        self.0.load_u8(offset)
    }
    fn load_u16(&self, offset: u32) -> Option<u16> {
        self.0.load_u16(offset)
    }
    fn load_u32(&self, offset: u32) -> Option<u32> {
        self.0.load_u32(offset)
    }
    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.0.ancillary(which)
    }
}
