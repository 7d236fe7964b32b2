//! SS7: message transfer part level 2 (ITU-T Q.703), with the routing label of level 3 (Q.704) behind it.
//!
//! ```text
//! .. length indicator(6 of 8) service information(1) destination(14) origin(14) link selection(4)    little-endian
//! ```
//!
//! The high-speed forms have a length indicator of 9 bits, in 16, and everything behind it 3 bytes further on.

use bpf_compile::syntax::ast::RelOp;
use bpf_compile::syntax::words::{Keyword, Ss7Field};

use super::link::Kind;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// How much further on everything lies in the high-speed forms.
const HIGH_SPEED: u32 = 3;

impl View<'_> {
    /// Where the length indicator lies.
    fn indicator_at(&self) -> Result<u32, EvalError> {
        match self.frame.kind {
            Kind::Mtp2 => Ok(2),
            Kind::Mtp2Phdr => Ok(6),
            Kind::Erf => Ok(22),
            _ => Err(EvalError::Refused("not SS7")),
        }
    }

    /// One of the kinds of signal units, told by the length: fill-in 0, link status 1 and 2, messages more.
    pub(super) fn signal_unit(&self, word: Keyword) -> Result<Truth, EvalError> {
        let at = self.indicator_at()?;
        let length = self.packet.read(at.into(), Width::Byte).map(|found| found & 0x3f);
        let long = self.packet.read((at + 2).into(), Width::Half).map(|found| found >> 7);
        Ok(match word {
            Keyword::Fisu => Truth::of(length, |length| length == 0),
            Keyword::Lssu => Truth::of(length, |length| length == 1 || length == 2),
            Keyword::Msu => Truth::of(length, |length| length > 2),
            Keyword::Hfisu => Truth::of(long, |length| length == 0),
            Keyword::Hlssu => Truth::of(long, |length| length == 1 || length == 2),
            Keyword::Hmsu => Truth::of(long, |length| length > 2),
            _ => return Err(EvalError::Refused("not a word of SS7")),
        })
    }

    /// Fields of the routing label. They are compared as they lie in the packet, not as the numbers they mean: of two
    /// point codes that is the greater whose first byte is.
    pub(super) fn ss7_field(&self, field: Ss7Field, tests: &[(RelOp, u32)]) -> Result<Truth, EvalError> {
        let base = self.indicator_at()?;
        let further = match field {
            Ss7Field::Hsio | Ss7Field::Hopc | Ss7Field::Hdpc | Ss7Field::Hsls => HIGH_SPEED,
            _ => 0,
        };
        let (at, width, mask, max) = match field {
            Ss7Field::Sio | Ss7Field::Hsio => (1, Width::Byte, 0xff, 0xff),
            Ss7Field::Opc | Ss7Field::Hopc => (2, Width::Word, 0x00c0_ff0f, 0x3fff),
            Ss7Field::Dpc | Ss7Field::Hdpc => (2, Width::Half, 0xff3f, 0x3fff),
            Ss7Field::Sls | Ss7Field::Hsls => (5, Width::Byte, 0xf0, 0xf),
            Ss7Field::Vpi | Ss7Field::Vci => return Err(EvalError::Refused("not a field of SS7")),
        };
        if tests.iter().any(|(_, number)| *number > max) {
            return Err(EvalError::Refused("a number that does not fit"));
        }
        let found = self.packet.read((base + at + further).into(), width).map(|found| found & mask);
        Ok(Truth::any(tests.iter().map(|(op, number)| {
            let wanted = in_place(field, *number);
            Truth::of(found, |found| super::relation::holds(*op, found, wanted))
        })))
    }
}

/// A number as its bits lie in the packet.
fn in_place(field: Ss7Field, number: u32) -> u32 {
    match field {
        // Bits 14 to 27 of the label, the first of them the lowest.
        Ss7Field::Opc | Ss7Field::Hopc => (number << 14).swap_bytes(),
        Ss7Field::Dpc | Ss7Field::Hdpc => number.swap_bytes() >> 16,
        Ss7Field::Sls | Ss7Field::Hsls => number << 4,
        _ => number,
    }
}
