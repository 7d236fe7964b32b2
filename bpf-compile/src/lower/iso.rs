//! The protocols of ISO: CLNP, ES-IS, IS-IS, told apart by the first byte of the network header (the NLPID).

use crate::graph::{PredicateId, Size};
use crate::link::{Naming, naming};
use crate::span::Span;
use crate::syntax::words::ProtoName;

use super::link::sap;
use super::{Lower, Lowering};

/// NLPIDs of ISO/IEC TR 9577.
const CLNP: u32 = 0x81;
const ESIS: u32 = 0x82;
const ISIS: u32 = 0x83;

/// Where an IS-IS header has the type of its PDU, in five bits (ISO/IEC 10589).
const PDU_TYPE_AT: u32 = 4;
const PDU_TYPE_MASK: u32 = 0x1f;

const L1_HELLO: u32 = 15;
const L2_HELLO: u32 = 16;
const POINT_TO_POINT_HELLO: u32 = 17;
const L1_LINK_STATE: u32 = 18;
const L2_LINK_STATE: u32 = 20;
const L1_COMPLETE: u32 = 24;
const L2_COMPLETE: u32 = 25;
const L1_PARTIAL: u32 = 26;
const L2_PARTIAL: u32 = 27;

impl Lowering<'_> {
    /// A word for a protocol of ISO; `None` if it is none.
    pub(super) fn iso_word(&mut self, proto: ProtoName) -> Option<Lower<PredicateId>> {
        use ProtoName as P;
        let types: &[u32] = match proto {
            P::Clnp => return Some(self.iso_protocol(CLNP)),
            P::Esis => return Some(self.iso_protocol(ESIS)),
            P::Isis => return Some(self.iso_protocol(ISIS)),
            P::L1 => &[L1_HELLO, POINT_TO_POINT_HELLO, L1_LINK_STATE, L1_COMPLETE, L1_PARTIAL],
            P::L2 => &[L2_HELLO, POINT_TO_POINT_HELLO, L2_LINK_STATE, L2_COMPLETE, L2_PARTIAL],
            P::Iih => &[L1_HELLO, L2_HELLO, POINT_TO_POINT_HELLO],
            P::Lsp => &[L1_LINK_STATE, L2_LINK_STATE],
            P::Snp => &[L1_COMPLETE, L2_COMPLETE, L1_PARTIAL, L2_PARTIAL],
            P::Csnp => &[L1_COMPLETE, L2_COMPLETE],
            P::Psnp => &[L1_PARTIAL, L2_PARTIAL],
            _ => return None,
        };
        Some(self.isis_types(types))
    }

    /// `iso proto n`, `isis proto n`
    pub(super) fn iso_number(&mut self, proto: ProtoName, number: u32, span: Span) -> Lower<PredicateId> {
        if proto == ProtoName::Isis {
            self.check_range("IS-IS PDU type", number, PDU_TYPE_MASK, span)?;
            return self.isis_types(&[number]);
        }
        self.check_range("ISO protocol", number, 0xff, span)?;
        self.iso_protocol(number)
    }

    /// The number of a protocol by its name; `iso proto` knows these.
    pub(super) fn iso_by_name(name: &str) -> Option<u32> {
        match name {
            "clnp" => Some(CLNP),
            "esis" => Some(ESIS),
            "isis" => Some(ISIS),
            _ => None,
        }
    }

    fn iso_protocol(&mut self, number: u32) -> Lower<PredicateId> {
        let header = self.layers.header;
        let naming = naming(self.layers.link_type);
        if naming == Naming::FrameRelay && self.layers.labels == 0 {
            return Ok(self.frame_relay_nlpid(header, number));
        }
        let carried = self.link_protocol(sap::ISO)?;
        let at = self.iso_header();
        let same = self.equals(Size::Byte, at, number);
        Ok(self.predicates.all([carried, same]))
    }

    fn isis_types(&mut self, types: &[u32]) -> Lower<PredicateId> {
        let mut any = alloc::vec::Vec::new();
        for number in types {
            let isis = self.iso_protocol(ISIS)?;
            let at = self.iso_header().plus(PDU_TYPE_AT);
            let same = self.bits_equal(Size::Byte, at, PDU_TYPE_MASK, *number);
            any.push(self.predicates.all([isis, same]));
        }
        Ok(self.predicates.any(any))
    }

    /// Behind an 802.2 header without SNAP; Cisco's framing has one more byte before.
    fn iso_header(&self) -> crate::graph::Offset {
        let stuffed = u32::from(naming(self.layers.link_type) == Naming::Hdlc);
        self.layers.payload.plus(self.layers.network_without_snap).plus(stuffed)
    }
}
