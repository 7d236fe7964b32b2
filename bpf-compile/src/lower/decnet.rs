//! Addresses of DECnet phase IV.
//!
//! Behind two bytes of length there may be one byte of padding (0x81), then flags that tell a long header (6) from a short
//! one (2). Addresses are 6 bits of area and 10 of node, little-endian.

use alloc::vec::Vec;

use crate::diagnostic::Code;
use crate::graph::{PredicateId, Size};
use crate::syntax::ast::{Dir, Dotted, Kind, Qualified};

use super::link::ethertype;
use super::{Lower, Lowering};

const AREA_MAX: u32 = 63;
const NODE_MAX: u32 = 1023;
const NODE_BITS: u32 = 10;

/// Behind the length: padding, flags.
const HEADER_AT: u32 = 2;
const PADDED: u32 = 0x81;
const FLAGS_MASK: u32 = 0x07;
const LONG: u32 = 6;
const SHORT: u32 = 2;

/// Where an address is, from the flags on: in a long header, in a short one.
#[derive(Clone, Copy)]
struct Places {
    long: u32,
    short: u32,
}

const DESTINATION: Places = Places { long: 7, short: 1 };
const SOURCE: Places = Places { long: 15, short: 3 };

impl Lowering<'_> {
    /// `decnet host area.node`
    pub(super) fn decnet(&mut self, dotted: &Dotted, at: &Qualified) -> Lower<PredicateId> {
        if !matches!(at.quals.kind, None | Some(Kind::Host)) {
            return Err(self.bad_decnet(at));
        }
        let address = match *dotted.parts {
            [area, node] if area <= AREA_MAX && node <= NODE_MAX => area << NODE_BITS | node,
            _ => return Err(self.bad_decnet(at)),
        };
        let wire = address.swap_bytes() >> 16;
        let carried = self.link_protocol(ethertype::DECNET)?;
        let same = match at.quals.dir {
            Some(Dir::Src) => self.decnet_at(SOURCE, wire),
            Some(Dir::Dst) => self.decnet_at(DESTINATION, wire),
            Some(Dir::SrcAndDst) => {
                let both = [self.decnet_at(SOURCE, wire), self.decnet_at(DESTINATION, wire)];
                self.predicates.all(both)
            }
            None | Some(Dir::SrcOrDst) => {
                let either = [self.decnet_at(SOURCE, wire), self.decnet_at(DESTINATION, wire)];
                self.predicates.any(either)
            }
            Some(_) => return Err(self.error(Code::BadQualifiers, "only 802.11 frames have such an address")),
        };
        Ok(self.predicates.all([carried, same]))
    }

    pub(super) fn bad_decnet(&self, at: &Qualified) -> crate::Diagnostic {
        crate::Diagnostic::new(
            Code::BadAddress,
            "this is no address of DECnet",
            at.id_span,
            "an area of at most 63, a dot, a node of at most 1023",
        )
        .with_help("write `decnet host 12.34`")
    }

    /// Short headers first, and those without padding. What is near enough is compared at once.
    fn decnet_at(&mut self, places: Places, wire: u32) -> PredicateId {
        let at = |bytes: u32| self.layers.network(HEADER_AT + bytes);
        let (start, long, short) = (at(0), at(places.long), at(places.short));
        let mut any = Vec::new();
        for (kind, place) in [(SHORT, short), (LONG, long)] {
            let near = kind == SHORT && places.short == DESTINATION.short;
            if near {
                let plain = kind << 24 | wire << 8;
                any.push(self.bits_equal(Size::Word, start, FLAGS_MASK << 24 | 0xffff << 8, plain));
                let padded = (PADDED << 8 | kind) << 16 | wire;
                any.push(self.bits_equal(Size::Word, start, (0xff00 | FLAGS_MASK) << 16 | 0xffff, padded));
                continue;
            }
            let is_plain = self.bits_equal(Size::Byte, start, FLAGS_MASK, kind);
            let same = self.equals(Size::Half, place, wire);
            any.push(self.predicates.all([is_plain, same]));
            let is_padded = self.bits_equal(Size::Half, start, 0xff00 | FLAGS_MASK, PADDED << 8 | kind);
            let same = self.equals(Size::Half, place.plus(1), wire);
            any.push(self.predicates.all([is_padded, same]));
        }
        self.predicates.any(any)
    }
}
