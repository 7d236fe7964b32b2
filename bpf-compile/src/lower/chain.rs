//! `protochain`: a protocol anywhere in the chain of headers behind IP.
//!
//! ```text
//!   IPv6 │ hop-by-hop │ routing │ fragment │ AH │ TCP          next: the protocol, at: where its header is
//!   next = 0 ─▶ 43 ─▶ 44 ─▶ 51 ─▶ 6
//! ```
//!
//! The walk is unrolled: as many headers are stepped over as [`crate::Options::chain_depth`] says, so the program only jumps
//! forward, and any kernel takes it. On request it is a loop, as in libpcap, which no kernel takes ([`crate::compile_looping`]).

use crate::diagnostic::Code;
use crate::graph::{AluOp, Cond, PredicateId, Size, Value, ValueId, Variable};
use crate::span::Span;
use crate::syntax::words::ProtoName;

use super::link::ethertype;
use super::protocol::{IPV6_HEADER_LEN, ip_protocol};
use super::{Chains, Lower, Lowering};

/// Where the headers of both versions name what follows them.
const IPV4_PROTOCOL: u32 = 9;
const IPV6_NEXT_HEADER: u32 = 6;
/// Headers of IPv6 that say what follows, and their length in units of 8 bytes beyond the first 8.
const HOP_BY_HOP: u32 = 0;
const ROUTING: u32 = 43;
const DESTINATION_OPTIONS: u32 = 60;

/// Which IP.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Four,
    Six,
}

impl Lowering<'_> {
    /// `[ip | ip6] protochain n`
    pub(super) fn protocol_chain(
        &mut self,
        proto: Option<ProtoName>,
        number: u32,
        span: Span,
    ) -> Lower<PredicateId> {
        let versions: &[Version] = match proto {
            None => &[Version::Four, Version::Six],
            Some(ProtoName::Ip) => &[Version::Four],
            Some(ProtoName::Ip6) => &[Version::Six],
            Some(_) => {
                return Err(self
                    .error(Code::BadQualifiers, "this protocol has no chain of headers")
                    .with_help("`protochain` goes with `ip`, `ip6`, or nothing"));
            }
        };
        self.check_range("protocol number", number, 0xff, span)?;
        if self.layers.payload.base.is_some() {
            return Err(self
                .error(
                    Code::BadEncapsulation,
                    "`protochain` is not followed behind headers of varying length",
                )
                .with_help("`ip proto` and `ip6 proto` are"));
        }
        let mut any = alloc::vec::Vec::new();
        for version in versions {
            any.push(self.chain_of(*version, number)?);
        }
        Ok(self.predicates.any(any))
    }

    fn chain_of(&mut self, version: Version, number: u32) -> Lower<PredicateId> {
        let network = self.layers.network(0);
        let (protocol, next_at) = match version {
            Version::Four => (ethertype::IPV4, IPV4_PROTOCOL),
            Version::Six => (ethertype::IPV6, IPV6_NEXT_HEADER),
        };
        let carried = self.link_protocol(protocol)?;
        let (next, at) = self.chain_variables();
        let first = self.values.load(Size::Byte, network.plus(next_at));
        let first = self.store(next, first);
        let length = match version {
            Version::Four => self.values.intern(Value::IpHeaderLen(network.constant)),
            Version::Six => self.values.constant(IPV6_HEADER_LEN),
        };
        let length = self.store(at, length);
        let walk = self.chain_steps(version, number, next, at);
        Ok(self.predicates.all([carried, first, length, walk]))
    }

    /// Two words, the same for all chains of a filter: one ends before another begins.
    pub(super) fn chain_variables(&mut self) -> (Variable, Variable) {
        *self.chain.get_or_insert_with(|| (self.values.fresh_variable(), self.values.fresh_variable()))
    }

    /// From the last step to the first: each is the wanted header, or steps over one that leads on.
    fn chain_steps(&mut self, version: Version, number: u32, next: Variable, at: Variable) -> PredicateId {
        let kind = self.values.variable(next);
        if self.chains == Chains::Looped {
            let (walk, again) = self.predicates.open_walk();
            let found = self.compare(Cond::Eq, kind, number);
            let step = self.chain_step(version, kind, next, at);
            let further = self.predicates.all([step, again]);
            let body = self.predicates.any([found, further]);
            return self.predicates.close_walk(walk, body);
        }
        let mut rest = self.compare(Cond::Eq, kind, number);
        for _ in 0..self.options.chain_depth {
            let found = self.compare(Cond::Eq, kind, number);
            let step = self.chain_step(version, kind, next, at);
            let further = self.predicates.all([step, rest]);
            rest = self.predicates.any([found, further]);
        }
        rest
    }

    /// The header at hand leads on, and is stepped over.
    fn chain_step(&mut self, version: Version, kind: ValueId, next: Variable, at: Variable) -> PredicateId {
        let is_ah = self.compare(Cond::Eq, kind, ip_protocol::AH);
        let over_ah = self.step_over_units(next, at, 2, 4);
        let ah = self.predicates.all([is_ah, over_ah]);
        if version == Version::Four {
            return ah;
        }
        let kinds = [HOP_BY_HOP, DESTINATION_OPTIONS, ROUTING, ip_protocol::FRAGMENT];
        let is_extension = kinds.map(|number| self.compare(Cond::Eq, kind, number));
        let is_extension = self.predicates.any(is_extension);
        let over_extension = self.step_over_units(next, at, 1, 8);
        let extension = self.predicates.all([is_extension, over_extension]);
        self.predicates.any([extension, ah])
    }

    /// Over a header that names the next one, and has its own length in units, not counting some of them.
    pub(super) fn step_over_units(
        &mut self,
        next: Variable,
        at: Variable,
        uncounted: u32,
        unit: u32,
    ) -> PredicateId {
        let here = self.transport(at);
        let place = self.values.variable(at);
        let following = self.values.load(Size::Byte, here);
        let length = self.values.load(Size::Byte, here.plus(1));
        // The length is read before the variable of the place changes.
        let units = self.values.sum(length, uncounted);
        let unit = self.values.constant(unit);
        let bytes = self.values.intern(Value::Alu(AluOp::Mul, units, unit));
        let behind = self.values.intern(Value::Alu(AluOp::Add, bytes, place));
        let named = self.store(next, following);
        let moved = self.store(at, behind);
        self.predicates.all([named, moved])
    }
}
