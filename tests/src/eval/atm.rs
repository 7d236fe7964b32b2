//! SunATM: kinds of traffic, virtual paths and channels, signalling.
//!
//! ```text
//! kind(4 of 8) path(1) channel(2) payload         kind 1 is LAN emulation, 2 is LLC
//! Q.2931 in the payload: discriminator(1) reference length(1) reference(3) message(1)
//! ```

use bpf_compile::syntax::ast::RelOp;
use bpf_compile::syntax::words::{Keyword, Ss7Field};

use super::link::Kind;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// The kind of LAN emulation.
const LANE: u32 = 1;
/// The kind of protocols behind 802.2.
pub(super) const LLC: u32 = 2;

/// Messages of Q.2931 that set up or end a connection: release complete, release, connect acknowledge, connect, setup, call proceeding.
const CONNECTION: [u32; 6] = [0x5a, 0x4d, 0x0f, 0x07, 0x05, 0x02];

impl View<'_> {
    pub(super) fn atm_kind_is(&self, kind: u32) -> Truth {
        Truth::of(self.at(self.frame.header, Width::Byte), |first| first & 0xf == kind)
    }

    /// Inside of something else there is no such header any more.
    fn refuse_unless_atm(&self) -> Result<(), EvalError> {
        if self.frame.kind == Kind::SunAtm { Ok(()) } else { Err(EvalError::Refused("not SunATM")) }
    }

    /// One of the words of ATM.
    pub(super) fn atm(&self, word: Keyword) -> Result<Truth, EvalError> {
        self.refuse_unless_atm()?;
        let path = self.is(self.frame.header.further(1), Width::Byte, 0);
        let channel = |number| self.is(self.frame.header.further(2), Width::Half, number);
        let message = |numbers: &[u32]| {
            let at = self.frame.header.further(9);
            Truth::any(numbers.iter().map(|number| self.is(at, Width::Byte, *number)))
        };
        Ok(match word {
            Keyword::Lane => self.atm_kind_is(LANE),
            Keyword::Metac => path.and(channel(1)),
            Keyword::Bcc => path.and(channel(2)),
            Keyword::Oamf4sc => path.and(channel(3)),
            Keyword::Oamf4ec => path.and(channel(4)),
            Keyword::Oam | Keyword::Oamf4 => path.and(channel(3).or(channel(4))),
            Keyword::Sc => path.and(channel(5)),
            Keyword::Ilmic => path.and(channel(16)),
            Keyword::Connectmsg => path.and(channel(5)).and(message(&CONNECTION)),
            Keyword::Metaconnect => {
                let on_meta: Vec<u32> = CONNECTION.into_iter().filter(|number| *number != 0x0f).collect();
                path.and(channel(1)).and(message(&on_meta))
            }
            _ => return Err(EvalError::Refused("not a word of ATM")),
        })
    }

    /// `vpi` and `vci`.
    pub(super) fn atm_field(&self, field: Ss7Field, tests: &[(RelOp, u32)]) -> Result<Truth, EvalError> {
        self.refuse_unless_atm()?;
        let (at, width, max) = match field {
            Ss7Field::Vpi => (1, Width::Byte, 0xff),
            _ => (2, Width::Half, 0xffff),
        };
        if tests.iter().any(|(_, number)| *number > max) {
            return Err(EvalError::Refused("a number that does not fit"));
        }
        let found = self.at(self.frame.header.further(at), width);
        Ok(Truth::any(
            tests
                .iter()
                .map(|(op, number)| Truth::of(found, |found| super::relation::holds(*op, found, *number))),
        ))
    }

    /// Whether a word steps into LAN emulation.
    pub(super) fn enters_lan_emulation(&self, word: Keyword) -> bool {
        word == Keyword::Lane && self.frame.kind == Kind::SunAtm
    }
}
