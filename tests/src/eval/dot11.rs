//! 802.11: whose address is whose, and the fields of the frame control (IEEE 802.11 clause 9.2).
//!
//! ```text
//! byte 0   subtype(4) type(2) version(2)          type 0 management, 1 control, 2 data
//! byte 1   order .. from-DS(2) to-DS(1)
//! bytes 4, 10, 16, 24   addresses 1 to 4
//!
//!              from-DS  to-DS   destination  source
//! management                         1          2
//! data             0      0          1          2
//! data             0      1          3          2
//! data             1      0          1          3
//! data             1      1          3          4
//! ```

use bpf_compile::syntax::ast::{Dir, NameOrNumber};
use bpf_compile::syntax::words::Field80211;

use super::dot11_names::{SUBTYPES, TYPES};
use super::link::Kind;
use super::net::Ends;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// Bits of the first byte: control, and data.
const CONTROL: u32 = 0x04;
const DATA: u32 = 0x08;
/// Bits of the second byte.
const TO_DS: u32 = 0x01;
const FROM_DS: u32 = 0x02;
/// Offsets of the addresses.
const ADDRESS: [u32; 4] = [4, 10, 16, 24];

/// Bits of the first byte that are the type, and those that are type and subtype.
const TYPE: u32 = 0x0c;
const TYPE_SUBTYPE: u32 = 0xfc;
/// The control frames without a second address, by their subtype bits.
const CTS: u32 = 0xc0;
const ACK: u32 = 0xd0;

impl View<'_> {
    fn control(&self, at: u32, width: Width) -> Option<u32> {
        self.at(self.frame.header.further(at), width)
    }

    /// Whether the bits of a byte of the frame control have a value.
    fn control_is(&self, at: u32, mask: u32, value: u32) -> Truth {
        Truth::of(self.control(at, Width::Byte), |found| found & mask == value)
    }

    fn control_has(&self, at: u32, bits: u32) -> Truth {
        Truth::of(self.control(at, Width::Byte), |found| found & bits != 0)
    }

    /// Neither management nor control: something may lie behind the header.
    pub(super) fn is_data_frame(&self) -> Truth {
        self.control_has(0, CONTROL).not().and(self.control_has(0, DATA))
    }

    fn address_is(&self, number: usize, mac: [u8; 6]) -> Truth {
        let at = ADDRESS.get(number).copied().unwrap_or_default();
        self.mac_is(self.frame.header.further(at), mac)
    }

    /// The destination satisfies `test`, which is given the number of the address that holds it.
    fn destination(&self, test: impl Fn(usize) -> Truth) -> Truth {
        let to_ds = self.control_has(1, TO_DS);
        let data = to_ds.not().and(test(0)).or(to_ds.and(test(2)));
        self.of_frame(test(0), data)
    }

    /// The source, likewise.
    fn source(&self, test: impl Fn(usize) -> Truth) -> Truth {
        let (to_ds, from_ds) = (self.control_has(1, TO_DS), self.control_has(1, FROM_DS));
        let from_afar = from_ds.and(to_ds.not().and(test(2)).or(to_ds.and(test(3))));
        self.of_frame(test(1), from_ds.not().and(test(1)).or(from_afar))
    }

    /// The test for management frames, or that for data frames; control frames have neither end.
    fn of_frame(&self, management: Truth, data: Truth) -> Truth {
        let is_data = self.control_has(0, DATA);
        let either = is_data.not().and(management).or(is_data.and(data));
        self.control_has(0, CONTROL).not().and(either)
    }

    /// `wlan host`, and the directions that only 802.11 has.
    pub(super) fn wireless_station(&self, dir: Option<Dir>, mac: [u8; 6]) -> Result<Truth, EvalError> {
        let has = |number| self.address_is(number, mac);
        Ok(match dir {
            Some(Dir::Addr1) => has(0),
            Some(Dir::Addr2) => self.has_second_address().and(has(1)),
            Some(Dir::Addr3) => self.control_is(0, TYPE, CONTROL).not().and(has(2)),
            Some(Dir::Addr4) => self.control_is(1, TO_DS | FROM_DS, TO_DS | FROM_DS).and(has(3)),
            Some(Dir::Ra) => self.control_has(0, DATA).and(has(0)),
            Some(Dir::Ta) => self.control_has(0, DATA).and(self.has_second_address()).and(has(1)),
            _ => Ends::from_dir(dir)?.test(self.source(has), self.destination(has)),
        })
    }

    /// All but the control frames CTS and ACK have a second address.
    fn has_second_address(&self) -> Truth {
        let subtype_is = |value| self.control_is(0, 0xf0, value);
        self.control_is(0, TYPE, CONTROL).not().or(subtype_is(CTS).not().and(subtype_is(ACK).not()))
    }

    /// `multicast`: the group bit of the destination.
    pub(super) fn wireless_multicast(&self) -> Truth {
        self.destination(|number| {
            let at = ADDRESS.get(number).copied().unwrap_or_default();
            self.control_has(at, 1)
        })
    }

    /// `type`, `subtype` and `dir`.
    pub(super) fn wireless_field(&self, field: &Field80211) -> Result<Truth, EvalError> {
        if !matches!(self.frame.kind, Kind::Dot11(_)) {
            return Err(EvalError::Refused("not 802.11"));
        }
        match field {
            Field80211::Type(kind) => Ok(self.control_is(0, TYPE, type_number(kind)?)),
            Field80211::TypeSubtype(kind, subtype) => {
                let kind = type_number(kind)?;
                let subtype = match subtype {
                    NameOrNumber::Number(number, _) if number & !0xf0 == 0 => *number,
                    NameOrNumber::Number(..) => {
                        return Err(EvalError::Refused("a subtype has the upper 4 bits"));
                    }
                    NameOrNumber::Name(word) => SUBTYPES
                        .iter()
                        .find(|(name, of, _)| name.eq_ignore_ascii_case(&word.text) && *of == kind)
                        .map(|(_, _, subtype)| *subtype)
                        .ok_or(EvalError::Refused("a subtype that nobody knows"))?,
                };
                Ok(self.control_is(0, TYPE_SUBTYPE, kind | subtype))
            }
            Field80211::Subtype(NameOrNumber::Name(word)) => {
                let found = SUBTYPES.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(&word.text));
                let (_, kind, subtype) = found.ok_or(EvalError::Refused("a subtype that nobody knows"))?;
                Ok(self.control_is(0, TYPE_SUBTYPE, kind | subtype))
            }
            Field80211::Subtype(NameOrNumber::Number(..)) => {
                Err(EvalError::Refused("the number of a subtype does not say its type"))
            }
            Field80211::Dir(dir) => {
                let number = match dir {
                    NameOrNumber::Number(number, _) => *number,
                    NameOrNumber::Name(word) => match word.text.to_ascii_lowercase().as_str() {
                        "nods" => 0,
                        "tods" => TO_DS,
                        "fromds" => FROM_DS,
                        "dstods" => TO_DS | FROM_DS,
                        _ => return Err(EvalError::Refused("a direction that nobody knows")),
                    },
                };
                Ok(self.control_is(1, TO_DS | FROM_DS, number))
            }
        }
    }
}

/// The bits of a type, which are where they are in the frame control.
fn type_number(kind: &NameOrNumber) -> Result<u32, EvalError> {
    match kind {
        NameOrNumber::Number(number, _) if number & !TYPE == 0 => Ok(*number),
        NameOrNumber::Number(..) => Err(EvalError::Refused("a type has bits 2 and 3")),
        NameOrNumber::Name(word) => {
            let found = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word.text));
            found.map(|(_, number)| *number).ok_or(EvalError::Refused("a type that nobody knows"))
        }
    }
}
