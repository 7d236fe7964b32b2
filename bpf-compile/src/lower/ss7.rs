//! Signalling System 7: MTP level 2 and 3 (ITU-T Q.703, Q.704), with normal and with extended sequence numbers.

use crate::diagnostic::Code;
use crate::graph::{Cond, Offset, PredicateId, Size, ValueId};
use crate::link::LinkType;
use crate::syntax::ast::RelOp;
use crate::syntax::words::{Keyword, Ss7Field};

use super::{Lower, Lowering};

/// Bytes that extended sequence numbers add before the fields behind them.
const EXTENDED: u32 = 3;
/// The length, in six bits.
const LENGTH_MASK: u32 = 0x3f;
/// With extended sequence numbers: nine bits of a little-endian field, here in the order of the bytes.
const LONG_LENGTH_MASK: u32 = 0xff80;
const LONG_LENGTH_2: u32 = 0x0100;

/// Point codes have 14 bits, link selections 4.
const POINT_CODE_MAX: u32 = 0x3fff;
const SELECTION_MAX: u32 = 0x0f;

/// Where the fields are: length, extended length, service information, routing label, link selection.
struct Places {
    length: u32,
    long_length: u32,
    service: u32,
    label: u32,
    selection: u32,
}

impl Lowering<'_> {
    /// A kind of signal unit: by its length.
    pub(super) fn ss7_word(&mut self, word: Keyword) -> Lower<PredicateId> {
        let places = self.ss7_places()?;
        let short = (Size::Byte, places.length, LENGTH_MASK, 2);
        let long = (Size::Half, places.long_length, LONG_LENGTH_MASK, LONG_LENGTH_2);
        let (size, at, mask, two) = match word {
            Keyword::Fisu | Keyword::Lssu | Keyword::Msu => short,
            _ => long,
        };
        let length = self.values.load(size, Offset::at(at));
        let length = self.values.masked(length, mask);
        Ok(match word {
            Keyword::Fisu | Keyword::Hfisu => self.compare(Cond::Eq, length, 0),
            Keyword::Lssu | Keyword::Hlssu => {
                let some = self.compare(Cond::Gt, length, 0);
                let more = self.compare(Cond::Gt, length, two);
                let at_most = self.predicates.not(more);
                self.predicates.all([some, at_most])
            }
            _ => self.compare(Cond::Gt, length, two),
        })
    }

    /// A field with what it is compared with; any comparison of a list may hold.
    pub(super) fn ss7_field(&mut self, field: Ss7Field, tests: &[(RelOp, u32)]) -> Lower<PredicateId> {
        let places = self.ss7_places()?;
        let extended = match field {
            Ss7Field::Hsio | Ss7Field::Hopc | Ss7Field::Hdpc | Ss7Field::Hsls => EXTENDED,
            _ => 0,
        };
        let mut any = alloc::vec::Vec::new();
        for &(op, number) in tests {
            let (value, number) = match field {
                Ss7Field::Sio | Ss7Field::Hsio => {
                    self.check_range("service information", number, 0xff, self.origin)?;
                    (self.values.load(Size::Byte, Offset::at(places.service.wrapping_add(extended))), number)
                }
                Ss7Field::Opc | Ss7Field::Hopc => {
                    self.check_range("point code", number, POINT_CODE_MAX, self.origin)?;
                    let at = places.label.wrapping_add(extended);
                    let mask = (POINT_CODE_MAX << 14).swap_bytes();
                    (self.masked_load(Size::Word, at, mask), (number << 14).swap_bytes())
                }
                Ss7Field::Dpc | Ss7Field::Hdpc => {
                    self.check_range("point code", number, POINT_CODE_MAX, self.origin)?;
                    let at = places.label.wrapping_add(extended);
                    let mask = POINT_CODE_MAX.swap_bytes() >> 16;
                    (self.masked_load(Size::Half, at, mask), number.swap_bytes() >> 16)
                }
                _ => {
                    self.check_range("signalling link selection", number, SELECTION_MAX, self.origin)?;
                    let at = places.selection.wrapping_add(extended);
                    (self.masked_load(Size::Byte, at, SELECTION_MAX << 4), number << 4)
                }
            };
            any.push(self.related(op, value, number));
        }
        Ok(self.predicates.any(any))
    }

    fn masked_load(&mut self, size: Size, at: u32, mask: u32) -> ValueId {
        let value = self.values.load(size, Offset::at(at));
        self.values.masked(value, mask)
    }

    fn ss7_places(&self) -> Lower<Places> {
        let start = match self.layers.link_type {
            LinkType::MTP2 => 0,
            LinkType::MTP2_WITH_PHDR => 4,
            LinkType::ERF => 20,
            other => {
                let message = alloc::format!("packets of link type {other} are not taken for SS7");
                return Err(self
                    .error(Code::LinkType, message)
                    .with_help("SS7 is in captures of the link types MTP2, MTP2_WITH_PHDR and ERF"));
            }
        };
        Ok(Places {
            length: start + 2,
            long_length: start + 4,
            service: start + 3,
            label: start + 4,
            selection: start + 7,
        })
    }
}
