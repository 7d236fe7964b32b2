//! `inbound`, `outbound` and `ifindex`, where the link header tells.

use super::link::Kind;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

impl View<'_> {
    pub(super) fn direction(&self, outbound: bool) -> Result<Truth, EvalError> {
        let is = |at, width, value| self.is(self.frame.header.further(at), width, value);
        let either = |inward, outward| if outbound { outward } else { inward };
        // Cooked captures say who sent it: 4 is this machine.
        let unless_in = |sent: Truth| if outbound { sent } else { sent.not() };
        match self.frame.kind {
            Kind::Slip | Kind::PppPppd => Ok(is(0, Width::Byte, either(0, 1))),
            Kind::Sll => Ok(unless_in(is(0, Width::Half, 4))),
            Kind::Sll2 => Ok(unless_in(is(10, Width::Byte, 4))),
            Kind::Ipnet => Ok(is(2, Width::Half, either(2, 1))),
            Kind::Pflog => Ok(is(60, Width::Byte, either(1, 2))),
            Kind::Juniper => {
                let flags = self.at(self.frame.header.further(3), Width::Byte);
                Ok(Truth::of(flags, |flags| flags & 1 == either(1, 0)))
            }
            Kind::SwitchTagged => Err(EvalError::Unsupported("directions of switch tags")),
            _ => Err(EvalError::Refused("this link type does not tell directions")),
        }
    }

    pub(super) fn interface_index(&self, index: u32) -> Result<Truth, EvalError> {
        match self.frame.kind {
            Kind::Sll2 => Ok(self.is(self.frame.header.further(4), Width::Word, index)),
            _ => Err(EvalError::Refused("this link type does not tell interfaces")),
        }
    }
}
