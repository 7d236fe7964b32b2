//! 802.11: frame types, directions, and the addresses of its frames.
//!
//! ```text
//!   byte 0  ssss tt vv      type tt: 00 management, 01 control, 10 data; subtype ssss
//!   byte 1  ...... FT       F from, T to the distribution system
//!   4 addr1   10 addr2   16 addr3   (22 sequence)   24 addr4
//!
//!   frame           source   destination
//!   management      addr2    addr1
//!   data        ..  addr2    addr1
//!   data        .T  addr2    addr3
//!   data        F.  addr3    addr1
//!   data        FT  addr4    addr3
//! ```

use crate::Diagnostic;
use crate::diagnostic::{Code, nearest};
use crate::graph::{Cond, PredicateId, Size};
use crate::link::{Naming, naming};
use crate::syntax::ast::{Dir, NameOrNumber};
use crate::syntax::words::Field80211;

use super::{Lower, Lowering};

/// Bits of byte 0.
const TYPE_MASK: u32 = 0x0c;
const SUBTYPE_MASK: u32 = 0xf0;
pub(super) const TYPE_CONTROL: u32 = 0x04;
pub(super) const TYPE_DATA: u32 = 0x08;
/// In the subtype of data.
pub(super) const QOS: u32 = 0x80;
/// Subtypes of control frames without a second address.
const CTS: u32 = 0xc0;
const ACK: u32 = 0xd0;
/// Bits of byte 1.
const DIRECTION_MASK: u32 = 0x03;
const TO_DS: u32 = 0x01;
const FROM_DS: u32 = 0x02;

const ADDR1: u32 = 4;
const ADDR2: u32 = 10;
const ADDR3: u32 = 16;
const ADDR4: u32 = 24;

/// Names and their bits.
type Names = &'static [(&'static str, u32)];

const TYPES: Names =
    &[("data", TYPE_DATA), ("mgt", 0), ("management", 0), ("ctl", TYPE_CONTROL), ("control", TYPE_CONTROL)];
const MANAGEMENT: Names = &[
    ("assocreq", 0x00),
    ("assoc-req", 0x00),
    ("assocresp", 0x10),
    ("assoc-resp", 0x10),
    ("reassocreq", 0x20),
    ("reassoc-req", 0x20),
    ("reassocresp", 0x30),
    ("reassoc-resp", 0x30),
    ("probereq", 0x40),
    ("probe-req", 0x40),
    ("proberesp", 0x50),
    ("probe-resp", 0x50),
    ("beacon", 0x80),
    ("atim", 0x90),
    ("disassoc", 0xa0),
    ("disassociation", 0xa0),
    ("auth", 0xb0),
    ("authentication", 0xb0),
    ("deauth", 0xc0),
    ("deauthentication", 0xc0),
];
const CONTROL: Names = &[
    ("bar", 0x80),
    ("ba", 0x90),
    ("ps-poll", 0xa0),
    ("rts", 0xb0),
    ("cts", CTS),
    ("ack", ACK),
    ("cf-end", 0xe0),
    ("cf-end-ack", 0xf0),
];
const DATA: Names = &[
    ("data", 0x00),
    ("data-cf-ack", 0x10),
    ("data-cf-poll", 0x20),
    ("data-cf-ack-poll", 0x30),
    ("null", 0x40),
    ("cf-ack", 0x50),
    ("cf-poll", 0x60),
    ("cf-ack-poll", 0x70),
    ("qos-data", 0x80),
    ("qos-data-cf-ack", 0x90),
    ("qos-data-cf-poll", 0xa0),
    ("qos-data-cf-ack-poll", 0xb0),
    ("qos", 0xc0),
    ("qos-cf-poll", 0xe0),
    ("qos-cf-ack-poll", 0xf0),
];
const DIRECTIONS: Names = &[("nods", 0), ("tods", TO_DS), ("fromds", FROM_DS), ("dstods", DIRECTION_MASK)];

impl Lowering<'_> {
    /// `type t`, `type t subtype s`, `subtype s`, `dir d`
    pub(super) fn wlan_field(&mut self, field: &Field80211) -> Lower<PredicateId> {
        let (byte, mask, bits) = match field {
            Field80211::Type(name) => (0, TYPE_MASK, of_names("frame type", TYPES, name, TYPE_MASK)?),
            Field80211::TypeSubtype(name, subtype) => {
                let kind = of_names("frame type", TYPES, name, TYPE_MASK)?;
                let subtypes = match kind {
                    0 => MANAGEMENT,
                    TYPE_CONTROL => CONTROL,
                    TYPE_DATA => DATA,
                    _ => &[],
                };
                let subtype = of_names("frame subtype of that type", subtypes, subtype, SUBTYPE_MASK)?;
                (0, TYPE_MASK | SUBTYPE_MASK, kind | subtype)
            }
            Field80211::Subtype(name) => (0, TYPE_MASK | SUBTYPE_MASK, subtype_alone(name)?),
            Field80211::Dir(name) => (1, DIRECTION_MASK, of_names("direction", DIRECTIONS, name, u32::MAX)?),
        };
        self.needs_wlan()?;
        Ok(self.bits_equal(Size::Byte, self.layers.header.plus(byte), mask, bits))
    }

    fn needs_wlan(&self) -> Lower<()> {
        if naming(self.layers.link_type) == Naming::Wlan {
            return Ok(());
        }
        let link_type = self.layers.link_type;
        Err(self
            .error(Code::LinkType, alloc::format!("packets of link type {link_type} are no 802.11 frames")))
    }

    /// Frames that carry data.
    pub(super) fn is_wlan_data(&mut self) -> PredicateId {
        self.bits_equal(Size::Byte, self.layers.header, TYPE_MASK, TYPE_DATA)
    }

    /// A station at one end of a frame.
    pub(super) fn wlan_station(&mut self, address: &[u8; 6], dir: Option<Dir>) -> PredicateId {
        let mut at = |this: &mut Self, offset| this.bytes_equal(this.layers.header.plus(offset), address);
        match dir {
            Some(Dir::Src) => self.wlan_source(at),
            Some(Dir::Dst) => self.wlan_destination(at),
            Some(Dir::SrcAndDst) => {
                let ends = [self.wlan_source(&mut at), self.wlan_destination(&mut at)];
                self.predicates.all(ends)
            }
            None | Some(Dir::SrcOrDst) => {
                let ends = [self.wlan_source(&mut at), self.wlan_destination(&mut at)];
                self.predicates.any(ends)
            }
            Some(Dir::Addr1) => at(self, ADDR1),
            Some(Dir::Addr2) => {
                let has = self.has_second_address();
                let same = at(self, ADDR2);
                self.predicates.all([has, same])
            }
            Some(Dir::Addr3) => {
                let control = self.bits_equal(Size::Byte, self.layers.header, TYPE_MASK, TYPE_CONTROL);
                let other = self.predicates.not(control);
                let same = at(self, ADDR3);
                self.predicates.all([other, same])
            }
            Some(Dir::Addr4) => {
                let direction = self.layers.header.plus(1);
                let both = self.bits_equal(Size::Byte, direction, DIRECTION_MASK, DIRECTION_MASK);
                let same = at(self, ADDR4);
                self.predicates.all([both, same])
            }
            Some(Dir::Ra) => {
                let has = self.header_bit(0, TYPE_DATA, true);
                let same = at(self, ADDR1);
                self.predicates.all([has, same])
            }
            Some(Dir::Ta) => {
                let not_management = self.header_bit(0, TYPE_DATA, true);
                let has = self.has_second_address();
                let same = at(self, ADDR2);
                self.predicates.all([not_management, has, same])
            }
        }
    }

    /// A bit of the first address of the destination.
    pub(super) fn wlan_multicast(&mut self) -> PredicateId {
        self.wlan_destination(|this, offset| {
            this.field(Cond::Set, Size::Byte, this.layers.header.plus(offset), 1)
        })
    }

    fn wlan_source(&mut self, mut at: impl FnMut(&mut Self, u32) -> PredicateId) -> PredicateId {
        let no_control = self.header_bit(0, TYPE_CONTROL, false);
        let management = self.header_bit(0, TYPE_DATA, false);
        let in_management = at(self, ADDR2);
        let management = self.predicates.all([management, in_management]);
        let data = self.header_bit(0, TYPE_DATA, true);
        let not_from = self.header_bit(1, FROM_DS, false);
        let in_not_from = at(self, ADDR2);
        let not_from = self.predicates.all([not_from, in_not_from]);
        let from = self.header_bit(1, FROM_DS, true);
        let not_to = self.header_bit(1, TO_DS, false);
        let in_not_to = at(self, ADDR3);
        let not_to = self.predicates.all([not_to, in_not_to]);
        let to = self.header_bit(1, TO_DS, true);
        let in_to = at(self, ADDR4);
        let to = self.predicates.all([to, in_to]);
        let either = self.predicates.any([not_to, to]);
        let from = self.predicates.all([from, either]);
        let either = self.predicates.any([not_from, from]);
        let data = self.predicates.all([data, either]);
        let either = self.predicates.any([management, data]);
        self.predicates.all([no_control, either])
    }

    fn wlan_destination(&mut self, mut at: impl FnMut(&mut Self, u32) -> PredicateId) -> PredicateId {
        let no_control = self.header_bit(0, TYPE_CONTROL, false);
        let management = self.header_bit(0, TYPE_DATA, false);
        let in_management = at(self, ADDR1);
        let management = self.predicates.all([management, in_management]);
        let data = self.header_bit(0, TYPE_DATA, true);
        let not_to = self.header_bit(1, TO_DS, false);
        let in_not_to = at(self, ADDR1);
        let not_to = self.predicates.all([not_to, in_not_to]);
        let to = self.header_bit(1, TO_DS, true);
        let in_to = at(self, ADDR3);
        let to = self.predicates.all([to, in_to]);
        let either = self.predicates.any([not_to, to]);
        let data = self.predicates.all([data, either]);
        let either = self.predicates.any([management, data]);
        self.predicates.all([no_control, either])
    }

    /// Frames other than CTS and ACK.
    fn has_second_address(&mut self) -> PredicateId {
        let header = self.layers.header;
        let control = self.bits_equal(Size::Byte, header, TYPE_MASK, TYPE_CONTROL);
        let other = self.predicates.not(control);
        let cts = self.bits_equal(Size::Byte, header, SUBTYPE_MASK, CTS);
        let no_cts = self.predicates.not(cts);
        let ack = self.bits_equal(Size::Byte, header, SUBTYPE_MASK, ACK);
        let no_ack = self.predicates.not(ack);
        let neither = self.predicates.all([no_cts, no_ack]);
        self.predicates.any([other, neither])
    }

    fn header_bit(&mut self, byte: u32, bit: u32, is_set: bool) -> PredicateId {
        let set = self.field(Cond::Set, Size::Byte, self.layers.header.plus(byte), bit);
        if is_set { set } else { self.predicates.not(set) }
    }
}

/// The bits of a name, or of a number that is none but these.
fn of_names(what: &'static str, names: Names, value: &NameOrNumber, mask: u32) -> Lower<u32> {
    match value {
        NameOrNumber::Name(word) => {
            find(names, &word.text).ok_or_else(|| unknown(what, names, &word.text, word.span))
        }
        NameOrNumber::Number(number, _) if number & !mask == 0 => Ok(*number),
        NameOrNumber::Number(number, span) => Err(Diagnostic::new(
            Code::OutOfRange,
            alloc::format!("{number} is no {what}"),
            *span,
            alloc::format!("only bits of {mask:#04x}"),
        )),
    }
}

/// The name of a subtype says the type too.
fn subtype_alone(value: &NameOrNumber) -> Lower<u32> {
    let tables: [(Names, u32); 3] = [(MANAGEMENT, 0), (CONTROL, TYPE_CONTROL), (DATA, TYPE_DATA)];
    let (text, span) = match value {
        NameOrNumber::Name(word) => (word.text.as_str(), word.span),
        NameOrNumber::Number(_, span) => ("", *span),
    };
    let found = tables.iter().find_map(|(names, kind)| find(names, text).map(|bits| bits | kind));
    found.ok_or_else(|| unknown("frame subtype", MANAGEMENT, text, span))
}

fn find(names: Names, text: &str) -> Option<u32> {
    names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|&(_, bits)| bits)
}

fn unknown(what: &str, names: Names, text: &str, span: crate::span::Span) -> Diagnostic {
    let error = Diagnostic::new(
        Code::UnknownWord,
        alloc::format!("`{text}` is no {what}"),
        span,
        "not one of its words",
    );
    match nearest(text, names.iter().map(|&(name, _)| name)) {
        Some(similar) => {
            error.with_patch("a similar word exists", span, alloc::string::String::from(similar))
        }
        None => error,
    }
}
