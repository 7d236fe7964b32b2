//! Protocols of OSI: told by the first byte behind the access points (ISO 9577), and IS-IS by its PDU type (ISO 10589).

use bpf_compile::syntax::ast::Id;
use bpf_compile::syntax::words::ProtoName;

use super::link::{Kind, sap};
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

const CLNP: u32 = 0x81;
const ESIS: u32 = 0x82;
const ISIS: u32 = 0x83;

/// PDU types of IS-IS: hello on broadcast links at each level and on point-to-point links, link state, complete and
/// partial sequence numbers.
mod pdu {
    pub(super) const L1_HELLO: u32 = 15;
    pub(super) const L2_HELLO: u32 = 16;
    pub(super) const POINT_TO_POINT_HELLO: u32 = 17;
    pub(super) const L1_LINK_STATE: u32 = 18;
    pub(super) const L2_LINK_STATE: u32 = 20;
    pub(super) const L1_COMPLETE: u32 = 24;
    pub(super) const L2_COMPLETE: u32 = 25;
    pub(super) const L1_PARTIAL: u32 = 26;
    pub(super) const L2_PARTIAL: u32 = 27;
}

impl View<'_> {
    /// A word of OSI that is a whole primitive.
    pub(super) fn iso_alone(&self, proto: ProtoName) -> Result<Truth, EvalError> {
        use pdu::{
            L1_COMPLETE, L1_HELLO, L1_LINK_STATE, L1_PARTIAL, L2_COMPLETE, L2_HELLO, L2_LINK_STATE,
            L2_PARTIAL, POINT_TO_POINT_HELLO,
        };
        let pdus: &[u32] = match proto {
            ProtoName::Clnp => return self.over_iso(CLNP),
            ProtoName::Esis => return self.over_iso(ESIS),
            ProtoName::Isis => return self.over_iso(ISIS),
            // Hellos on point-to-point links are of both levels.
            ProtoName::L1 => &[L1_PARTIAL, L1_COMPLETE, L1_LINK_STATE, L1_HELLO, POINT_TO_POINT_HELLO],
            ProtoName::L2 => &[L2_PARTIAL, L2_COMPLETE, L2_LINK_STATE, L2_HELLO, POINT_TO_POINT_HELLO],
            ProtoName::Iih => &[POINT_TO_POINT_HELLO, L1_HELLO, L2_HELLO],
            ProtoName::Lsp => &[L1_LINK_STATE, L2_LINK_STATE],
            ProtoName::Snp => &[L1_COMPLETE, L2_COMPLETE, L1_PARTIAL, L2_PARTIAL],
            ProtoName::Csnp => &[L1_COMPLETE, L2_COMPLETE],
            ProtoName::Psnp => &[L1_PARTIAL, L2_PARTIAL],
            _ => return Err(EvalError::Refused("not a protocol of OSI")),
        };
        let tests: Result<Vec<_>, _> = pdus.iter().map(|pdu| self.over_isis(*pdu)).collect();
        Ok(Truth::any(tests?))
    }

    /// `iso proto`.
    pub(super) fn over_iso(&self, number: u32) -> Result<Truth, EvalError> {
        // What Frame Relay has for a protocol field is this very identifier.
        if self.frame.kind == Kind::FrameRelay {
            return Ok(self.frame_relay_identifier_is(number));
        }
        Ok(self.carries(sap::OSI)?.and(self.is(self.osi_header(), Width::Byte, number)))
    }

    /// `isis proto`: the upper three bits of the byte are reserved.
    pub(super) fn over_isis(&self, pdu: u32) -> Result<Truth, EvalError> {
        let kind = self.at(self.osi_header().further(4), Width::Byte);
        Ok(self.over_iso(ISIS)?.and(Truth::of(kind, |kind| kind & 0x1f == pdu)))
    }

    fn osi_header(&self) -> super::frame::Place {
        let header = self.frame.osi();
        // A byte of padding lies between type and header.
        if self.frame.kind == Kind::CiscoHdlc { header.further(1) } else { header }
    }

    pub(super) fn iso_number(&self, id: &Id) -> Result<u32, EvalError> {
        match id {
            Id::Number(number) if *number <= 0xff => Ok(*number),
            Id::Name(name) => match name.as_str() {
                "clnp" => Ok(CLNP),
                "esis" => Ok(ESIS),
                "isis" => Ok(ISIS),
                _ => Err(EvalError::Refused("a protocol of OSI that nobody knows")),
            },
            _ => Err(EvalError::Refused("not a protocol of OSI")),
        }
    }

    pub(super) fn isis_number(&self, id: &Id) -> Result<u32, EvalError> {
        match id {
            Id::Number(number) if *number <= 0x1f => Ok(*number),
            _ => Err(EvalError::Refused("not a PDU type of IS-IS")),
        }
    }
}
