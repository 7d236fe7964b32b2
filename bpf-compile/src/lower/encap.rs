//! What shifts everything textually after it: VLAN tags, MPLS labels, PPPoE sessions. Tunnels are in `tunnel.rs`.

use crate::diagnostic::Code;
use crate::graph::{Ancillary, Cond, Offset, PredicateId, Size, Value, Variable};
use crate::link::{LinkType, Naming, naming};
use crate::span::Span;
use crate::syntax::ast::Encap;

use super::link::ethertype;
use super::{Lower, Lowering};

/// The bits of a tag that are the VLAN's id, and the largest id.
const VLAN_ID_MASK: u32 = 0x0fff;
/// Bytes of a tag.
const TAG_BYTES: u32 = 4;
/// A label is in the upper 20 bits of its word.
const LABEL_MAX: u32 = 0xf_ffff;
const LABEL_SHIFT: u32 = 12;
/// MPLS in PPP, and where each label has the mark of the last one.
const PPP_MPLS: u32 = 0x0281;
const LAST_LABEL_AT: u32 = 2;
/// A PPPoE header: the session at 2, PPP at 6.
const SESSION_AT: u32 = 2;
const PPP_AT: u32 = 6;

impl Lowering<'_> {
    pub(super) fn encapsulation(
        &mut self,
        kind: Encap,
        id: Option<(u32, Span)>,
        port: Option<(u32, Span)>,
    ) -> Lower<PredicateId> {
        match kind {
            Encap::Vlan => self.vlan(id),
            Encap::Mpls => self.mpls(id),
            Encap::Pppoed => self.link_protocol(ethertype::PPPOE_DISCOVERY),
            Encap::Pppoes => self.pppoe_session(id),
            _ => self.tunnel(kind, id, port),
        }
    }

    /// An 802.1Q, 802.1ad or old Q-in-Q tag stands where the protocol is looked for.
    fn vlan(&mut self, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        if self.layers.labels > 0 {
            return Err(self
                .error(Code::BadEncapsulation, "VLAN tags do not follow MPLS labels")
                .with_help("put `vlan` before `mpls`"));
        }
        let link_type = self.layers.link_type;
        let is_wlan = naming(link_type) == Naming::Wlan && link_type != LinkType::PPI;
        if naming(link_type) != Naming::Ethernet && !is_wlan {
            let message = alloc::format!("packets of link type {link_type} have no VLAN tags");
            return Err(self.error(Code::LinkType, message));
        }
        if let Some((number, span)) = id {
            self.check_range("VLAN id", number, VLAN_ID_MASK, span)?;
        }
        if link_type == LinkType::EN10MB
            && self.layers == self.outermost
            && self.options.target.has_loose_tags()
        {
            return self.loose_tag(id.map(|(number, _)| number));
        }
        let tags = [ethertype::VLAN, ethertype::PROVIDER_VLAN, ethertype::QINQ];
        let mut tagged = alloc::vec::Vec::new();
        for tag in tags {
            tagged.push(self.link_protocol(tag)?);
        }
        let tagged = self.predicates.any(tagged);
        let this_vlan = match id {
            None => tagged,
            Some((number, _)) => {
                let same = self.bits_equal(Size::Half, self.layers.network(0), VLAN_ID_MASK, number);
                self.predicates.all([tagged, same])
            }
        };
        self.layers.enter_vlan();
        Ok(this_vlan)
    }

    /// The outermost tag, which the kernel may have taken out of the packet. If it has not, what follows is four bytes further
    /// on, whether there is a tag in the packet or not: as in libpcap.
    fn loose_tag(&mut self, id: Option<u32>) -> Lower<PredicateId> {
        let taken = self.values.intern(Value::Ancillary(Ancillary::VlanTagPresent));
        let is_taken = self.compare(Cond::Eq, taken, 1);
        let tags = [ethertype::VLAN, ethertype::PROVIDER_VLAN, ethertype::QINQ];
        let mut tagged = alloc::vec::Vec::new();
        for tag in tags {
            tagged.push(self.link_protocol(tag)?);
        }
        let tagged = self.predicates.any(tagged);
        let [shift, ..] = self.variables_inside(Encap::Vlan);
        let four = self.values.constant(TAG_BYTES);
        let shifted = self.store(shift, four);
        let in_packet = self.predicates.all([shifted, tagged]);
        let mut parts = alloc::vec![self.predicates.any([is_taken, in_packet])];
        if let Some(number) = id {
            let word = self.values.intern(Value::Ancillary(Ancillary::VlanTag));
            let word = self.values.masked(word, VLAN_ID_MASK);
            let same_word = self.compare(Cond::Eq, word, number);
            let beside = self.predicates.all([is_taken, same_word]);
            let not_taken = self.predicates.not(is_taken);
            let same = self.bits_equal(Size::Half, self.layers.network(0), VLAN_ID_MASK, number);
            let inside = self.predicates.all([not_taken, same]);
            parts.push(self.predicates.any([beside, inside]));
        }
        let base = Some(self.values.variable(shift));
        self.layers.protocol = self.layers.protocol.map(|field| Offset { base, ..field });
        self.layers.payload.base = base;
        self.layers.vlan_depth = 1;
        Ok(self.predicates.all(parts))
    }

    /// The variables of an encapsulation here: the same in all alternatives. They are 0 until it is met.
    pub(super) fn variables_inside(&mut self, kind: Encap) -> [Variable; 4] {
        // Where nothing is scoped, no two begin at the same place.
        let known = self.entered.iter().find(|(around, known, _)| *around == self.layers && *known == kind);
        if let Some((.., variables)) = known {
            return *variables;
        }
        let count = if kind == Encap::Vlan { 1 } else { 4 };
        let first = self.values.fresh_variable();
        let mut variables = [first; 4];
        for variable in variables.iter_mut().take(count).skip(1) {
            *variable = self.values.fresh_variable();
        }
        // Where a tunnel begins is only asked for where there is one.
        self.unset.extend(variables.iter().take(count).skip(usize::from(count > 1)));
        if self.options.scoped {
            self.entered.push((self.layers, kind, variables));
        }
        variables
    }

    /// The first label of a stack, or the next one.
    fn mpls(&mut self, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        let link_type = self.layers.link_type;
        let labelled = if self.layers.labels > 0 {
            // The label before is not the last one.
            self.bits_equal(Size::Byte, self.layers.network(0).back(4).plus(LAST_LABEL_AT), 1, 0)
        } else {
            match (link_type, naming(link_type)) {
                (_, Naming::Ethernet | Naming::Hdlc) => self.link_protocol(ethertype::MPLS)?,
                (LinkType::PPP, _) => self.link_protocol(PPP_MPLS)?,
                _ => {
                    let message = alloc::format!("MPLS labels are not looked for on link type {link_type}");
                    return Err(self.error(Code::LinkType, message));
                }
            }
        };
        let this_label = match id {
            None => labelled,
            Some((number, span)) => {
                self.check_range("MPLS label", number, LABEL_MAX, span)?;
                let at = self.layers.network(0);
                let same = self.bits_equal(Size::Word, at, LABEL_MAX << LABEL_SHIFT, number << LABEL_SHIFT);
                self.predicates.all([labelled, same])
            }
        };
        self.layers.enter_mpls();
        Ok(this_label)
    }

    /// PPP without its framing, behind a PPPoE header.
    fn pppoe_session(&mut self, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        let session = self.link_protocol(ethertype::PPPOE_SESSION)?;
        let this_session = match id {
            None => session,
            Some((number, span)) => {
                self.check_range("PPPoE session", number, 0xffff, span)?;
                let same = self.equals(Size::Half, self.layers.network(SESSION_AT), number);
                self.predicates.all([session, same])
            }
        };
        let ppp = self.layers.network(PPP_AT);
        self.layers.enter(LinkType::PPP, ppp, ppp, ppp.plus(2));
        self.layers.network_without_snap = 0;
        Ok(this_session)
    }
}
