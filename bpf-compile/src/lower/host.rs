//! Addresses of IPv4 and IPv6: hosts and networks.

use crate::diagnostic::Code;
use crate::graph::{Offset, PredicateId, Size};
use crate::syntax::ast::Dir;
use crate::syntax::words::ProtoName;

use super::link::ethertype;
use super::{Lower, Lowering};

/// Where a header has its addresses, in bytes from its start.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) source: u32,
    pub(super) destination: u32,
}

const IPV4: Ends = Ends { source: 12, destination: 16 };
const IPV6: Ends = Ends { source: 8, destination: 24 };
/// The protocol addresses of ARP over Ethernet.
const ARP: Ends = Ends { source: 14, destination: 24 };

impl Lowering<'_> {
    /// IPv4: an address under a mask, both in host order. Without a protocol ARP and RARP are looked at too.
    pub(super) fn ipv4(
        &mut self,
        address: u32,
        mask: u32,
        proto: Option<ProtoName>,
        dir: Option<Dir>,
    ) -> Lower<PredicateId> {
        match proto {
            None => {
                let ip = self.ipv4_of(ethertype::IPV4, IPV4, address, mask, dir)?;
                // Behind MPLS labels there is nothing but IP.
                if self.layers.labels > 0 {
                    return Ok(ip);
                }
                let arp = self.ipv4_of(ethertype::ARP, ARP, address, mask, dir)?;
                let rarp = self.ipv4_of(ethertype::REVARP, ARP, address, mask, dir)?;
                Ok(self.predicates.any([ip, arp, rarp]))
            }
            Some(ProtoName::Ip) => self.ipv4_of(ethertype::IPV4, IPV4, address, mask, dir),
            Some(ProtoName::Arp) => self.ipv4_of(ethertype::ARP, ARP, address, mask, dir),
            Some(ProtoName::Rarp) => self.ipv4_of(ethertype::REVARP, ARP, address, mask, dir),
            Some(ProtoName::Link) => Err(self
                .error(Code::BadQualifiers, "an IPv4 address is not an address of the link layer")
                .with_help("`ether` goes with MAC addresses: `ether host 02:00:00:00:00:01`")),
            Some(ProtoName::Ip6) => {
                Err(self.error(Code::BadQualifiers, "`ip6` goes with IPv6 addresses; this one is IPv4"))
            }
            Some(_) => Err(self
                .error(Code::BadQualifiers, "this protocol has no IPv4 addresses of its own")
                .with_help("addresses go with `ip`, `arp`, `rarp`, or nothing: `tcp and host ...`")),
        }
    }

    fn ipv4_of(
        &mut self,
        protocol: u32,
        ends: Ends,
        address: u32,
        mask: u32,
        dir: Option<Dir>,
    ) -> Lower<PredicateId> {
        let carried = self.link_protocol(protocol)?;
        let same =
            self.at_ends(ends, dir, |this, at| this.address_word(this.layers.network(at), mask, address))?;
        Ok(self.predicates.all([carried, same]))
    }

    /// Four bytes of an address under a mask; where the mask leaves nothing to compare, nothing is read.
    fn address_word(&mut self, at: Offset, mask: u32, address: u32) -> PredicateId {
        if mask == 0 {
            return self.predicates.constant(true);
        }
        self.bits_equal(Size::Word, at, mask, address)
    }

    /// IPv6: an address under a mask.
    pub(super) fn ipv6(
        &mut self,
        address: u128,
        mask: u128,
        proto: Option<ProtoName>,
        dir: Option<Dir>,
    ) -> Lower<PredicateId> {
        if !matches!(proto, None | Some(ProtoName::Ip6)) {
            return Err(self
                .error(Code::BadQualifiers, "this protocol has no IPv6 addresses of its own")
                .with_help("IPv6 addresses go with `ip6`, or nothing: `tcp and host ...`"));
        }
        let carried = self.link_protocol(ethertype::IPV6)?;
        let same = self.at_ends(IPV6, dir, |this, at| {
            let at = this.layers.network(at);
            let words = [0, 1, 2, 3_u32].map(|word| {
                let part = |bits: u128| (bits >> 96_u32.saturating_sub(word * 32)) as u32;
                this.address_word(at.plus(word * 4), part(mask), part(address))
            });
            this.predicates.all(words)
        })?;
        Ok(self.predicates.all([carried, same]))
    }

    /// A test at the source, the destination, either or both.
    pub(super) fn at_ends(
        &mut self,
        ends: Ends,
        dir: Option<Dir>,
        mut test: impl FnMut(&mut Self, u32) -> PredicateId,
    ) -> Lower<PredicateId> {
        match dir {
            Some(Dir::Src) => Ok(test(self, ends.source)),
            Some(Dir::Dst) => Ok(test(self, ends.destination)),
            None | Some(Dir::SrcOrDst) => {
                let either = [test(self, ends.source), test(self, ends.destination)];
                Ok(self.predicates.any(either))
            }
            Some(Dir::SrcAndDst) => {
                let both = [test(self, ends.source), test(self, ends.destination)];
                Ok(self.predicates.all(both))
            }
            Some(Dir::Addr1 | Dir::Addr2 | Dir::Addr3 | Dir::Addr4 | Dir::Ra | Dir::Ta) => Err(self
                .error(Code::BadQualifiers, "only 802.11 frames have such an address")
                .with_help("use `src`, `dst`, `src or dst`, `src and dst`, or nothing")),
        }
    }
}
