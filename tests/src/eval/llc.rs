//! `llc` and the kinds of 802.2 frames, told by the control field (IEEE 802.2 clause 5.3).

use super::carry::LENGTH_MAX;
use super::link::Kind;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// Names of kinds: the bits of the control field that tell them, and their values.
const KINDS: [(&str, u32, u32); 14] = [
    ("s", 0x03, 0x01),
    ("u", 0x03, 0x03),
    ("rr", 0x0f, 0x01),
    ("rnr", 0x0f, 0x05),
    ("rej", 0x0f, 0x09),
    ("ui", 0xef, 0x03),
    ("ua", 0xef, 0x63),
    ("disc", 0xef, 0x43),
    ("sabme", 0xef, 0x6f),
    ("test", 0xef, 0xe3),
    ("xid", 0xef, 0xaf),
    ("frmr", 0xef, 0x87),
    ("dm", 0xef, 0x0f),
    // Information frames have one bit of their own.
    ("i", 0x01, 0x00),
];

impl View<'_> {
    /// `llc [kind]`.
    pub(super) fn llc(&self, kind: Option<&str>) -> Result<Truth, EvalError> {
        let is_llc = match self.frame.kind {
            Kind::Ethernet | Kind::SwitchTagged => {
                let length = self.at(self.frame.protocol, Width::Half);
                // Novell's raw 802.3 has a length too, and the checksum field of IPX, all ones, where LLC would be.
                Truth::of(length, |length| length <= LENGTH_MAX)
                    .and(self.is(self.frame.payload, Width::Half, 0xffff).not())
            }
            Kind::SunAtm => self.atm_kind_is(super::atm::LLC),
            Kind::Fddi | Kind::TokenRing | Kind::AtmLlc => Truth::Fixed(true),
            Kind::Dot11(_) => self.is_data_frame(),
            _ => return Err(EvalError::Refused("no 802.2 on this link type")),
        };
        let Some(kind) = kind else { return Ok(is_llc) };
        let found = KINDS.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(kind));
        let (_, mask, value) = found.ok_or(EvalError::Refused("a kind of LLC that nobody knows"))?;
        let control = self.at(self.frame.payload.further(2), Width::Byte);
        Ok(is_llc.and(Truth::of(control, |control| control & mask == *value)))
    }
}
