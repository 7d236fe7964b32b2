//! `protochain`: a protocol anywhere in the chain of headers that IPv6 (RFC 8200) and AH (RFC 4302) make.
//!
//! At most eight headers are stepped over; what follows the eighth is still compared.

use bpf_compile::syntax::ast::Quals;
use bpf_compile::syntax::words::ProtoName;

use super::frame::{Place, Waits};
use super::link::ethertype;
use super::packet::Width;
use super::proto::{IPV4_PROTOCOL, IPV6_LEN, IPV6_NEXT_HEADER, ip};
use super::truth::Truth;
use super::{EvalError, View};

/// How many headers are stepped over.
const STEPS: u32 = 8;

impl View<'_> {
    pub(super) fn protochain(&self, quals: Quals, number: u32) -> Result<Truth, EvalError> {
        if quals.dir.is_some() {
            return Err(EvalError::Refused("a protocol has no direction"));
        }
        // A place that nobody knows is refused by its own name.
        if !matches!(self.frame.payload.waits, Waits::No | Waits::Never) || self.frame.tunneled {
            return Err(EvalError::Refused("no protocol chains behind headers of variable length"));
        }
        let v4 = || -> Result<Truth, EvalError> {
            let start = self.in_payload(IPV4_PROTOCOL, Width::Byte).zip(self.ipv4_header_len());
            Ok(self.carries(ethertype::IPV4)?.and(self.chain_has(number, start, false)))
        };
        let v6 = || -> Result<Truth, EvalError> {
            let start = self.in_payload(IPV6_NEXT_HEADER, Width::Byte).map(|next| (next, IPV6_LEN));
            Ok(self.carries(ethertype::IPV6)?.and(self.chain_has(number, start, true)))
        };
        match quals.proto {
            None => Ok(v4()?.or(v6()?)),
            Some(ProtoName::Ip) => v4(),
            Some(ProtoName::Ip6) => v6(),
            Some(_) => Err(EvalError::Refused("this protocol has no chains")),
        }
    }

    /// From the first protocol and the place of its header on.
    fn chain_has(&self, number: u32, start: Option<(u32, u32)>, extensions: bool) -> Truth {
        let Some((mut protocol, mut at)) = start else { return Truth::Stopped };
        for _ in 0..STEPS {
            if protocol == number || protocol == ip::IPV6_NO_NEXT {
                break;
            }
            let step = match protocol {
                ip::IPV6_HOP_BY_HOP | ip::IPV6_OPTIONS | ip::IPV6_ROUTING | ip::IPV6_FRAGMENT
                    if extensions =>
                {
                    self.header_at(at).map(|(next, words)| (next, (words + 1) * 8))
                }
                ip::AH => self.header_at(at).map(|(next, words)| (next, (words + 2) * 4)),
                _ => break,
            };
            let Some((next, length)) = step else { return Truth::Stopped };
            protocol = next;
            at = at.wrapping_add(length);
        }
        Truth::Tested(protocol == number)
    }

    /// The next protocol and the length field of a header.
    fn header_at(&self, at: u32) -> Option<(u32, u32)> {
        let place: Place = self.frame.network().indexed(at);
        Some((self.at(place, Width::Byte)?, self.at(place.further(1), Width::Byte)?))
    }
}
