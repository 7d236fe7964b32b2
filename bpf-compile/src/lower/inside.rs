//! Where what a tunnel carries begins: behind headers whose length the packet says.
//!
//! ```text
//! Geneve  8, and 4 for each word of options
//! VXLAN   8
//! GRE     4, and 4 each for a checksum, a key, a sequence number
//! ERSPAN  GRE, and 8; type III 12, and 8 more with a platform's header; type I nothing
//! GTP     8, and 4 with any of three flags; then headers of which each names the next in its last byte
//! L2TP    6, and 2 for a length, 4 for numbers, 2 and a padding for an offset; then PPP, with or without its framing
//! ```

use crate::graph::{AluOp, Cond, Offset, PredicateId, Size, Value, ValueId, Variable};
use crate::syntax::ast::Encap;

use super::Lowering;
use super::link::ethertype;

/// An Ethernet header: the type, and what follows it.
const TYPE_AT: u32 = 12;
const ETHERNET_BYTES: u32 = 14;
/// Geneve and GRE say at 2 what they carry.
const CARRIED_AT: u32 = 2;
const VXLAN_BYTES: u32 = 8;
/// Geneve: the length of the options, in words.
const GENEVE_BYTES: u32 = 8;
const GENEVE_OPTIONS: u32 = 0x3f;
const GRE_BYTES: u32 = 4;
const GRE_SEQUENCE: u32 = 0x1000;
/// Flags of GRE that stand for four more bytes: how far they are from the bit of 4.
const GRE_FIELDS: [u32; 3] = [13, 11, 10];
/// ERSPAN: the session in its first word; the flag of a platform's header in the last byte of type III.
const SESSION_MASK: u32 = 0x3ff;
const ERSPAN_2_BYTES: u32 = 8;
const ERSPAN_3: u32 = 0x22eb;
const ERSPAN_3_BYTES: u32 = 12;
const PLATFORM_SHIFT: u32 = 3;
/// GTP: with a flag the header is longer; with one of them more headers follow, this many at most.
const GTP_BYTES: u32 = 8;
const GTP_FLAGS: u32 = 7;
const GTP_MORE: u32 = 4;
const GTP_LONG_BYTES: u32 = 12;
pub(super) const GTP_NAME_BYTES: u32 = 1;
const GTP_HEADERS_MAX: usize = 4;
/// L2TP: how far the flags of a length and of numbers are from the bytes that they stand for; the flag of an offset.
const L2TP_BYTES: u32 = 6;
const L2TP_LENGTH: (u32, u32) = (13, 2);
const L2TP_NUMBERS: (u32, u32) = (9, 4);
const L2TP_OFFSET: u32 = 0x0200;
/// PPP's framing, and its bytes.
const PPP_FRAMING: u32 = 0xff03;
const PPP_FRAMING_BYTES: u32 = 2;
const PPP_PROTOCOL_BYTES: u32 = 2;

/// Where a tunnel's header begins, and what is stored about what it carries.
pub(super) struct Places {
    pub(super) start: ValueId,
    pub(super) header: Variable,
    pub(super) protocol: Variable,
    pub(super) payload: Variable,
}

impl Lowering<'_> {
    /// Stores where the inner headers are. Fails where they cannot be found.
    pub(super) fn enter_tunnel(&mut self, kind: Encap, places: &Places, id: Option<u32>) -> PredicateId {
        match kind {
            Encap::Geneve => self.enter_geneve(places),
            Encap::Vxlan => {
                let frame = self.values.sum(places.start, VXLAN_BYTES);
                self.enter_frame(frame, places)
            }
            Encap::Gtp => self.enter_gtp(places),
            Encap::L2tp => self.enter_l2tp(places),
            Encap::Erspan => self.enter_erspan(places, id),
            _ => self.enter_gre(places),
        }
    }

    /// Behind options of any length; with an Ethernet header, or without.
    fn enter_geneve(&mut self, places: &Places) -> PredicateId {
        let options = self.values.load(Size::Byte, at(places.start, 0));
        let options = self.values.masked(options, GENEVE_OPTIONS);
        let options = self.alu(AluOp::Mul, options, 4);
        let options = self.values.sum(options, GENEVE_BYTES);
        let end = self.values.intern(Value::Alu(AluOp::Add, options, places.start));
        self.enter_frame_or_packet(end, places)
    }

    fn enter_gre(&mut self, places: &Places) -> PredicateId {
        let end = self.behind_gre(places.start);
        self.enter_frame_or_packet(end, places)
    }

    fn behind_gre(&mut self, start: ValueId) -> ValueId {
        let flags = self.values.load(Size::Half, at(start, 0));
        let mut end = self.values.sum(start, GRE_BYTES);
        for shift in GRE_FIELDS {
            let field = self.alu(AluOp::Rsh, flags, shift);
            let field = self.values.masked(field, 4);
            end = self.values.intern(Value::Alu(AluOp::Add, field, end));
        }
        end
    }

    /// What GRE carries is looked at where `header` says that it is.
    fn enter_erspan(&mut self, places: &Places, id: Option<u32>) -> PredicateId {
        let end = self.behind_gre(places.start);
        let behind_gre = self.store(places.header, end);
        let erspan = self.values.variable(places.header);
        let session = id.map(|number| self.bits_equal(Size::Word, at(erspan, 0), SESSION_MASK, number));
        let third = self.equals(Size::Half, at(places.start, CARRIED_AT), ERSPAN_3);
        let platform = self.values.load(Size::Byte, at(erspan, ERSPAN_3_BYTES.saturating_sub(1)));
        let platform = self.values.masked(platform, 1);
        let platform = self.alu(AluOp::Lsh, platform, PLATFORM_SHIFT);
        let platform = self.values.sum(platform, ERSPAN_3_BYTES);
        let frame = self.values.intern(Value::Alu(AluOp::Add, platform, erspan));
        let frame = self.enter_frame(frame, places);
        let third = self.predicates.all([Some(third), session, Some(frame)].into_iter().flatten());

        // Type II numbers its packets; type I has neither numbers nor a header.
        let second = self.equals(Size::Half, at(places.start, CARRIED_AT), ERSPAN_3);
        let second = self.predicates.not(second);
        let numbered = self.field(Cond::Set, Size::Half, at(places.start, 0), GRE_SEQUENCE);
        let frame = self.values.sum(erspan, ERSPAN_2_BYTES);
        let frame = self.enter_frame(frame, places);
        let numbered = self.predicates.all([Some(numbered), session, Some(frame)].into_iter().flatten());
        let first = if id.is_some() {
            self.predicates.constant(false)
        } else {
            let plain = self.field(Cond::Set, Size::Half, at(places.start, 0), GRE_SEQUENCE);
            let plain = self.predicates.not(plain);
            let frame = self.enter_frame(erspan, places);
            self.predicates.all([plain, frame])
        };
        let either = self.predicates.any([numbered, first]);
        let second = self.predicates.all([second, either]);
        let any = self.predicates.any([third, second]);
        self.predicates.all([behind_gre, any])
    }

    /// A packet of IP. What moves over the headers is the place of the byte that names the next one, right before it.
    fn enter_gtp(&mut self, places: &Places) -> PredicateId {
        let Places { start, payload, .. } = *places;
        let long = self.field(Cond::Set, Size::Byte, at(start, 0), GTP_FLAGS);
        let end = self.values.sum(start, GTP_LONG_BYTES.saturating_sub(GTP_NAME_BYTES));
        let end = self.store(payload, end);
        let place = self.values.variable(payload);
        let more = self.field(Cond::Set, Size::Byte, at(start, 0), GTP_MORE);
        let mut walk = self.equals(Size::Byte, at(place, 0), 0);
        for _ in 0..GTP_HEADERS_MAX {
            let done = self.equals(Size::Byte, at(place, 0), 0);
            let words = self.values.load(Size::Byte, at(place, GTP_NAME_BYTES));
            let bytes = self.alu(AluOp::Mul, words, 4);
            let next = self.values.intern(Value::Alu(AluOp::Add, bytes, place));
            let step = self.store(payload, next);
            let further = self.predicates.all([step, walk]);
            walk = self.predicates.any([done, further]);
        }
        let few = self.predicates.not(more);
        let more = self.field(Cond::Set, Size::Byte, at(start, 0), GTP_MORE);
        let headers = self.predicates.all([more, walk]);
        let headers = self.predicates.any([few, headers]);
        let short_end = self.values.sum(start, GTP_BYTES.saturating_sub(GTP_NAME_BYTES));
        let short_end = self.store(payload, short_end);
        let short = self.field(Cond::Set, Size::Byte, at(start, 0), GTP_FLAGS);
        let short = self.predicates.not(short);
        let short = self.predicates.all([short, short_end]);
        let long = self.predicates.all([long, end, headers]);
        self.predicates.any([short, long])
    }

    fn enter_l2tp(&mut self, places: &Places) -> PredicateId {
        let Places { start, header, protocol, payload } = *places;
        let flags = self.values.load(Size::Half, at(start, 0));
        let mut end = self.values.sum(start, L2TP_BYTES);
        for (shift, bytes) in [L2TP_LENGTH, L2TP_NUMBERS] {
            let field = self.alu(AluOp::Rsh, flags, shift);
            let field = self.values.masked(field, bytes);
            end = self.values.intern(Value::Alu(AluOp::Add, field, end));
        }
        let end = self.store(header, end);
        let place = self.values.variable(header);
        let has_offset = self.field(Cond::Set, Size::Half, at(start, 0), L2TP_OFFSET);
        let padding = self.values.load(Size::Half, at(place, 0));
        let padding = self.values.sum(padding, 2);
        let behind = self.values.intern(Value::Alu(AluOp::Add, padding, place));
        let behind = self.store(header, behind);
        let offset = self.predicates.all([has_offset, behind]);
        let none = self.field(Cond::Set, Size::Half, at(start, 0), L2TP_OFFSET);
        let none = self.predicates.not(none);
        let offset = self.predicates.any([none, offset]);

        let ppp = |this: &mut Self, framing: u32| {
            let named = this.values.sum(place, framing);
            let named = this.store(protocol, named);
            let inner = this.values.sum(place, framing.saturating_add(PPP_PROTOCOL_BYTES));
            let inner = this.store(payload, inner);
            this.predicates.all([named, inner])
        };
        let is_framed = self.equals(Size::Half, at(place, 0), PPP_FRAMING);
        let framed = ppp(self, PPP_FRAMING_BYTES);
        let framed = self.predicates.all([is_framed, framed]);
        let bare = ppp(self, 0);
        let either = self.predicates.any([framed, bare]);
        self.predicates.all([end, offset, either])
    }

    /// Either an Ethernet frame, or a packet whose type is in the tunnel's own header.
    fn enter_frame_or_packet(&mut self, end: ValueId, places: &Places) -> PredicateId {
        let Places { start, header, protocol, payload } = *places;
        let carried = self.values.sum(start, CARRIED_AT);
        let carried = self.store(protocol, carried);
        let behind_tunnel = self.store(header, end);
        let is_frame = self.equals(Size::Half, at(start, CARRIED_AT), ethertype::BRIDGED);
        let end = self.values.variable(header);
        let inner_type = self.values.sum(end, TYPE_AT);
        let inner_type = self.store(protocol, inner_type);
        let behind = self.values.sum(end, ETHERNET_BYTES);
        let behind = self.store(payload, behind);
        let frame = self.predicates.all([is_frame, inner_type, behind]);
        let bare = self.store(payload, end);
        let either = self.predicates.any([frame, bare]);
        self.predicates.all([carried, behind_tunnel, either])
    }

    fn enter_frame(&mut self, frame: ValueId, places: &Places) -> PredicateId {
        let start = self.store(places.header, frame);
        let frame = self.values.variable(places.header);
        let inner_type = self.values.sum(frame, TYPE_AT);
        let inner_type = self.store(places.protocol, inner_type);
        let behind = self.values.sum(frame, ETHERNET_BYTES);
        let behind = self.store(places.payload, behind);
        self.predicates.all([start, inner_type, behind])
    }

    fn alu(&mut self, op: AluOp, value: ValueId, number: u32) -> ValueId {
        let number = self.values.constant(number);
        self.values.intern(Value::Alu(op, value, number))
    }
}

const fn at(base: ValueId, constant: u32) -> Offset {
    Offset { base: Some(base), constant }
}
