//! What shifts everything textually after it.

use crate::diagnostic::Code;
use crate::graph::{PredicateId, Size};
use crate::link::LinkType;
use crate::span::Span;
use crate::syntax::ast::Encap;

use super::link::ethertype;
use super::{Lower, Lowering};

/// The bits of a tag that are the VLAN's id, and the largest id.
const VLAN_ID_MASK: u32 = 0x0fff;

impl Lowering<'_> {
    pub(super) fn encapsulation(&mut self, kind: Encap, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        match kind {
            Encap::Vlan => self.vlan(id),
            Encap::Mpls => Err(self.not_yet("`mpls`")),
            Encap::Pppoed | Encap::Pppoes => Err(self.not_yet("PPPoE")),
            Encap::Geneve => Err(self.not_yet("`geneve`")),
            Encap::Vxlan => Err(self.not_yet("`vxlan`")),
        }
    }

    /// An 802.1Q, 802.1ad or old Q-in-Q tag stands where the protocol is looked for.
    fn vlan(&mut self, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        match self.layers.link_type {
            LinkType::EN10MB => {}
            other => {
                return Err(self.error(
                    Code::LinkType,
                    alloc::format!("packets of link type {other} have no VLAN tags"),
                ));
            }
        }
        let tags = [ethertype::VLAN, ethertype::PROVIDER_VLAN, ethertype::QINQ];
        let mut tagged = alloc::vec::Vec::new();
        for tag in tags {
            tagged.push(self.link_protocol(tag)?);
        }
        let tagged = self.predicates.any(tagged);
        let this_vlan = match id {
            None => tagged,
            Some((number, span)) => {
                self.check_range("VLAN id", number, VLAN_ID_MASK, span)?;
                let same = self.bits_equal(Size::Half, self.layers.payload, VLAN_ID_MASK, number);
                self.predicates.all([tagged, same])
            }
        };
        self.layers.enter_vlan();
        Ok(this_vlan)
    }
}
