//! Broadcast and multicast.

use crate::diagnostic::Code;
use crate::graph::{PredicateId, Size};
use crate::syntax::words::ProtoName;

use super::link::ethertype;
use super::{Lower, Lowering};

/// Offset of the destination address in an IPv4 header.
const IPV4_DESTINATION: u32 = 16;
/// Offset of the destination address in an IPv6 header.
const IPV6_DESTINATION: u32 = 24;

/// The netmask that callers of libpcap give where they know none.
const NETMASK_UNKNOWN: u32 = u32::MAX;

impl Lowering<'_> {
    /// `[ether | ip] broadcast`
    pub(super) fn broadcast(&mut self, proto: Option<ProtoName>) -> Lower<PredicateId> {
        match proto {
            None | Some(ProtoName::Link) => self.link_broadcast(),
            Some(ProtoName::Ip) => {
                let Some(netmask) = self.options.netmask.filter(|&netmask| netmask != NETMASK_UNKNOWN) else {
                    return Err(self
                        .error(
                            Code::UnknownNetmask,
                            "`ip broadcast` needs the netmask of the network, which is not known",
                        )
                        .with_help("give it (`bpfc --netmask 255.255.255.0`), or use `ether broadcast`"));
                };
                let host_bits = !netmask;
                let ip = self.link_protocol(ethertype::IPV4)?;
                let destination = self.layers.network(IPV4_DESTINATION);
                let zeros = self.bits_equal(Size::Word, destination, host_bits, 0);
                let ones = self.bits_equal(Size::Word, destination, host_bits, host_bits);
                let either = self.predicates.any([zeros, ones]);
                Ok(self.predicates.all([ip, either]))
            }
            Some(_) => Err(self
                .error(Code::BadQualifiers, "this protocol has no broadcasts")
                .with_help("`broadcast` goes with `ether`, `ip`, or nothing")),
        }
    }

    /// `[ether | ip | ip6] multicast`
    pub(super) fn multicast(&mut self, proto: Option<ProtoName>) -> Lower<PredicateId> {
        match proto {
            None | Some(ProtoName::Link) => self.link_multicast(),
            Some(ProtoName::Ip) => {
                let ip = self.link_protocol(ethertype::IPV4)?;
                // 224.0.0.0/4
                let destination = self.layers.network(IPV4_DESTINATION);
                let group = self.bits_equal(Size::Byte, destination, 0xf0, 0xe0);
                Ok(self.predicates.all([ip, group]))
            }
            Some(ProtoName::Ip6) => {
                let ip6 = self.link_protocol(ethertype::IPV6)?;
                let group = self.equals(Size::Byte, self.layers.network(IPV6_DESTINATION), 0xff);
                Ok(self.predicates.all([ip6, group]))
            }
            Some(_) => Err(self
                .error(Code::BadQualifiers, "this protocol has no multicasts")
                .with_help("`multicast` goes with `ether`, `ip`, `ip6`, or nothing")),
        }
    }
}
