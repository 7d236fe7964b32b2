//! What follows the IPv6 header: directly, or behind extension headers where the options ask for them (RFC 8200, section 4).
//!
//! ```text
//!   IPv6 │ hop-by-hop │ routing │ fragment │ destination │ TCP      next: the protocol, at: where its header is
//! ```
//!
//! The walk steps over hop-by-hop options (0), routing (43), fragment (44), authentication (51), destination options
//! (60), mobility (135), HIP (139) and shim6 (140) headers, as many as [`crate::Options::chain_depth`] says. It ends at
//! any other, and at a fragment that is not the first: what that carries is the middle of something.

use crate::graph::{Cond, Offset, PredicateId, Size, ValueId, Variable};

use super::Lowering;
use super::protocol::{IPV6_HEADER_LEN, IPV6_NEXT_HEADER, ip_protocol};

/// Headers whose length is in units of 8 bytes, beyond the first 8.
const IN_EIGHTS: [u32; 6] = [0, 43, 60, 135, 139, 140];
/// The fragment header: its offset, above three other bits; its length.
const FRAGMENT_OFFSET_AT: u32 = 2;
const FRAGMENT_OFFSET: u32 = 0xfff8;
const FRAGMENT_BYTES: u32 = 8;

impl Lowering<'_> {
    /// In what is known to be IPv6: one of these protocols is there, and where its header begins.
    pub(super) fn behind_ip6(&mut self, protocols: &[u32]) -> (PredicateId, Offset) {
        if !self.options.ipv6_extensions {
            let next = protocols.iter().map(|&number| self.ipv6_next_header(number));
            let next = next.collect::<alloc::vec::Vec<_>>();
            return (self.predicates.any(next), self.layers.network(IPV6_HEADER_LEN));
        }
        let (walk, _, at) = self.walk(protocols);
        (walk, self.transport(at))
    }

    /// In what is known to be IPv6: this protocol is there, be it in a fragment that is not the first.
    pub(super) fn ip6_chain_carries(&mut self, protocol: u32) -> PredicateId {
        let (walk, kind, at) = self.walk(&[protocol]);
        let at = self.transport(at);
        let fragment = self.compare(Cond::Eq, kind, ip_protocol::FRAGMENT);
        let behind = self.equals(Size::Byte, at, protocol);
        let fragment = self.predicates.all([fragment, behind]);
        self.predicates.any([walk, fragment])
    }

    /// Whether this is one of the headers that are stepped over.
    pub(super) const fn is_extension(protocol: u32) -> bool {
        matches!(protocol, 0 | 43 | 44 | 51 | 60 | 135 | 139 | 140)
    }

    /// The header that the walk has come to, as a place.
    pub(super) fn transport(&mut self, at: Variable) -> Offset {
        Offset { base: Some(self.values.variable(at)), constant: self.layers.network(0).constant }
    }

    /// The variables of the transport header: the same for all, for one is asked for before another is looked for.
    pub(super) fn store_transport(&mut self, transport: Offset) -> (PredicateId, Offset) {
        let (_, at) = self.chain_variables();
        let place = match transport.base {
            Some(base) => base,
            None => self.values.constant(0),
        };
        let stored = self.store(at, place);
        (stored, self.transport(at))
    }

    /// The walk, and what it leaves: the number of the header that it has come to, and its place.
    fn walk(&mut self, protocols: &[u32]) -> (PredicateId, ValueId, Variable) {
        let network = self.layers.network(0);
        let (next, at) = self.chain_variables();
        let first = self.values.load(Size::Byte, network.plus(IPV6_NEXT_HEADER));
        let first = self.store(next, first);
        let behind = match network.base {
            Some(base) => self.values.sum(base, IPV6_HEADER_LEN),
            None => self.values.constant(IPV6_HEADER_LEN),
        };
        let behind = self.store(at, behind);
        let kind = self.values.variable(next);
        let found = |this: &mut Self| {
            let any = protocols.iter().map(|&number| this.compare(Cond::Eq, kind, number));
            let any = any.collect::<alloc::vec::Vec<_>>();
            this.predicates.any(any)
        };
        let mut rest = found(self);
        for _ in 0..self.options.chain_depth {
            let here = found(self);
            let step = self.step(kind, next, at);
            let further = self.predicates.all([step, rest]);
            rest = self.predicates.any([here, further]);
        }
        (self.predicates.all([first, behind, rest]), kind, at)
    }

    /// The header at hand leads on, and is stepped over.
    fn step(&mut self, kind: ValueId, next: Variable, at: Variable) -> PredicateId {
        let is_plain = IN_EIGHTS.map(|number| self.compare(Cond::Eq, kind, number));
        let is_plain = self.predicates.any(is_plain);
        let plain = self.step_over_units(next, at, 1, 8);
        let plain = self.predicates.all([is_plain, plain]);

        let here = self.transport(at);
        let is_fragment = self.compare(Cond::Eq, kind, ip_protocol::FRAGMENT);
        let later = self.field(Cond::Set, Size::Half, here.plus(FRAGMENT_OFFSET_AT), FRAGMENT_OFFSET);
        let first = self.predicates.not(later);
        let following = self.values.load(Size::Byte, here);
        let named = self.store(next, following);
        let place = self.values.variable(at);
        let behind = self.values.sum(place, FRAGMENT_BYTES);
        let moved = self.store(at, behind);
        let fragment = self.predicates.all([is_fragment, first, named, moved]);

        let is_ah = self.compare(Cond::Eq, kind, ip_protocol::AH);
        let ah = self.step_over_units(next, at, 2, 4);
        let ah = self.predicates.all([is_ah, ah]);
        self.predicates.any([plain, fragment, ah])
    }
}
