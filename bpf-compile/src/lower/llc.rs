//! 802.2 frames by their control field.

use crate::Diagnostic;
use crate::diagnostic::{Code, nearest};
use crate::graph::{Cond, PredicateId, Size};
use crate::link::{LinkType, Naming, naming};
use crate::syntax::ast::Word;

use super::{Lower, Lowering};

/// Where the control field is in an 802.2 header.
const CONTROL_AT: u32 = 2;
/// Novell's frames of bare IPX have these where others have the access points.
const NOVELL: u32 = 0xffff;

/// Kinds of frames: mask and value of the control field.
const KINDS: [(&str, u32, u32); 14] = [
    ("i", 0x01, 0x00),
    ("s", 0x03, 0x01),
    ("u", 0x03, 0x03),
    ("rr", 0x0f, 0x01),
    ("rnr", 0x0f, 0x05),
    ("rej", 0x0f, 0x09),
    ("ui", 0xef, 0x03),
    ("ua", 0xef, 0x63),
    ("disc", 0xef, 0x43),
    ("dm", 0xef, 0x0f),
    ("sabme", 0xef, 0x6f),
    ("test", 0xef, 0xe3),
    ("xid", 0xef, 0xaf),
    ("frmr", 0xef, 0x87),
];

impl Lowering<'_> {
    /// `llc [kind]`
    pub(super) fn llc(&mut self, kind: Option<&Word>) -> Lower<PredicateId> {
        let bits = kind.map(kind_bits).transpose()?;
        let frame = self.has_llc()?;
        let Some((mask, value)) = bits else { return Ok(frame) };
        let control = self.layers.payload.plus(CONTROL_AT);
        let same = if value == 0 {
            let set = self.field(Cond::Set, Size::Byte, control, mask);
            self.predicates.not(set)
        } else {
            self.bits_equal(Size::Byte, control, mask, value)
        };
        Ok(self.predicates.all([frame, same]))
    }

    fn has_llc(&mut self) -> Lower<PredicateId> {
        let link_type = self.layers.link_type;
        match (link_type, naming(link_type)) {
            (LinkType::EN10MB | LinkType::DSA_TAG_BRCM | LinkType::DSA_TAG_DSA, _) => {
                let is_length = self.is_length(self.layers.protocol.unwrap_or(self.layers.header));
                let novell = self.equals(Size::Half, self.layers.payload, NOVELL);
                let other = self.predicates.not(novell);
                Ok(self.predicates.all([is_length, other]))
            }
            (_, Naming::SunAtm) => Ok(self.atm_payload_is(super::atm::LLC)),
            // They have nothing else.
            (LinkType::IEEE802 | LinkType::FDDI | LinkType::ATM_RFC1483, _) => {
                Ok(self.predicates.constant(true))
            }
            (_, Naming::Wlan) => Ok(self.is_wlan_data()),
            _ => Err(self.error(
                Code::LinkType,
                alloc::format!("packets of link type {link_type} have no 802.2 header"),
            )),
        }
    }
}

fn kind_bits(kind: &Word) -> Lower<(u32, u32)> {
    let found = KINDS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&kind.text));
    found.map(|&(_, mask, value)| (mask, value)).ok_or_else(|| {
        let error = Diagnostic::new(
            Code::UnknownWord,
            alloc::format!("`{}` is no kind of 802.2 frame", kind.text),
            kind.span,
            "not one of its words",
        );
        match nearest(&kind.text, KINDS.iter().map(|&(name, ..)| name)) {
            Some(similar) => {
                error.with_patch("a similar word exists", kind.span, alloc::string::String::from(similar))
            }
            None => error.with_help("kinds are i s u rr rnr rej ui ua disc dm sabme test xid frmr"),
        }
    })
}
