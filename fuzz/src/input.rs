//! What the inputs of the targets about filters say.
//!
//! ```text
//! link  options  numbers  packet_len  beyond │ packet │ text_of
//! ```
//!
//! The text comes last: all that a mutation adds or removes there leaves the rest where it is.

use std::sync::LazyLock;

use bpf_compile::link::LinkType;
use bpf_compile::syntax::Dialect;
use bpf_compile::{LoopbackFamilies, Options, Target};
use bpf_core::{Metadata, SlicePacket, Vlan};

use crate::vocabulary::{EXTENSIONS, KEYWORDS, WORDS_BEHIND};

/// What filters are made of beside the keywords.
const PIECES: &str = r"
&& || ! ( ) [ ] :1 :2 :4 : + - * / % & | ^ << >> < <= = == != > >= 0 1 2 6 14 17 31 32 53 80 443 65535 65536
0x800 0x86dd 4294967295 4294967296 80-90 1-65535 127.0.0.1 10 10.1 10.1/16 10.0.0.0/8 192.168.0.0/24 255.255.255.0
::1 fe80::1 2001:db8::/32 00:11:22:33:44:55 0011.2233.4455 $05 1.10 http domain \ip \tcp \arp \ip6 tcpflags tcp-syn
icmptype icmp-echo icmp6type ip[0] tcp[13] ether[0] ip6[40:4] udp[2:2] len nosuchname
";

/// All words and signs of filters: more than 256.
static ALL_PIECES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let behind = WORDS_BEHIND.iter().flat_map(|(_, words)| words.split_whitespace());
    let keywords = KEYWORDS.iter().chain(EXTENSIONS.iter()).copied();
    PIECES.split_whitespace().chain(keywords).chain(behind).collect()
});

/// The DLT values that filters are compiled for: all of which more is known than bytes and lengths, one of each kind of
/// Juniper's, and one of which nothing is known. Those of every day have more numbers than one.
#[rustfmt::skip]
pub(crate) const LINK_TYPES: [u16; 64] = [
    1, 12, 228, 229, 0, 108, 113, 276, 127, 1, 12, 1, 113, 1, 12, 1,
    6, 7, 8, 9, 10, 11, 15, 16, 19, 50, 51, 99, 104, 105, 107, 109,
    114, 117, 119, 122, 123, 129, 130, 132, 133, 135, 136, 137, 138, 139, 140, 147,
    163, 164, 165, 166, 167, 178, 183, 192, 194, 197, 200, 226, 240, 241, 281, 284,
];

const NETMASK: u8 = 1;
const SCOPED: u8 = 1 << 1;
const IPV6_EXTENSIONS: u8 = 1 << 2;
const EXTENDED: u8 = 1 << 3;
const SAVEFILE: u8 = 1 << 4;
const NOT_OPTIMIZED: u8 = 1 << 5;

/// A filter, what it is compiled for, and a packet.
pub(crate) struct Input<'a> {
    pub(crate) text: String,
    pub(crate) options: Options,
    pub(crate) packet: &'a [u8],
    pub(crate) wire_len: u32,
    pub(crate) known: Metadata,
}

impl<'a> Input<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let ([link, flags, numbers, packet_len, beyond], rest) = bytes.split_first_chunk()?;
        let (packet, text) = rest.split_at_checked(usize::from(*packet_len))?;
        let mut options = Options::new(LinkType(LINK_TYPES[usize::from(*link) % LINK_TYPES.len()]));
        let has = |flag| flags & flag != 0;
        options.allow_empty = true;
        options.netmask = has(NETMASK).then_some(0xffff_ff00);
        options.scoped = has(SCOPED);
        options.ipv6_extensions = has(IPV6_EXTENSIONS);
        options.dialect = if has(EXTENDED) { Dialect::Extended } else { Dialect::PcapFilter };
        options.optimize = !has(NOT_OPTIMIZED);
        if has(SAVEFILE) {
            options.loopback_families = LoopbackFamilies::Savefile;
        }
        options.target = Target::ALL[usize::from(flags >> 6)];
        options.chain_depth = 1 + u32::from(numbers & 7);
        let tag = Vlan::Tagged { tci: 100, tpid: 0x8100 };
        let known = Metadata {
            vlan: [None, Some(Vlan::Untagged), Some(tag), Some(tag)][usize::from(numbers >> 3 & 3)],
            pkt_type: [None, Some(0), Some(4), Some(1)][usize::from(numbers >> 5 & 3)],
            if_index: (numbers & 0x80 != 0).then_some(3),
            ..Metadata::default()
        };
        let wire_len = u32::from(*packet_len) + u32::from(*beyond);
        Some(Self { text: filter_text(text), options, packet, wire_len, known })
    }

    /// The packet, with what is known beside it.
    pub(crate) fn slice(&self) -> SlicePacket<'a, Metadata> {
        SlicePacket::with_metadata(self.packet, self.wire_len, self.known)
    }
}

/// A filter from bytes.
pub(crate) fn filter_text(bytes: &[u8]) -> String {
    crate::text_of(bytes, &ALL_PIECES, " ")
}

/// An input of this filter and packet; `None` where inputs cannot say it.
#[must_use]
pub fn seed(options: &Options, packet: &[u8], filter: &str) -> Option<Vec<u8>> {
    let link = LINK_TYPES.iter().position(|value| *value == options.link_type.0)?;
    let target = Target::ALL.iter().position(|target| *target == options.target)?;
    let mut flags = u8::try_from(target).ok()? << 6;
    for (has, flag) in [
        (options.netmask.is_some(), NETMASK),
        (options.scoped, SCOPED),
        (options.ipv6_extensions, IPV6_EXTENSIONS),
        (options.dialect == Dialect::Extended, EXTENDED),
    ] {
        flags |= if has { flag } else { 0 };
    }
    let head = [u8::try_from(link).ok()?, flags, 7, packet.len().try_into().ok()?, 0];
    Some([&head, packet, &[0], filter.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_say_what_they_were_made_of() {
        let mut options = Options::new(LinkType::LINUX_SLL2);
        options.netmask = Some(0xffff_ff00);
        options.allow_empty = true;
        (options.scoped, options.dialect, options.target) = (true, Dialect::Extended, Target::Bsd);
        let bytes = seed(&options, &[1, 2, 3], "ip or arp").unwrap();
        let input = Input::read(&bytes).unwrap();
        assert_eq!((input.text.as_str(), input.packet, input.wire_len), ("ip or arp", &[1, 2, 3][..], 3));
        assert_eq!(input.options, options);
    }

    #[test]
    fn every_piece_has_a_number() {
        assert!((257..65536).contains(&ALL_PIECES.len()));
        let last = (ALL_PIECES.len() - 1).to_le_bytes();
        assert_eq!(filter_text(&[1, 0, 0, last[0], last[1]]), format!("&& {}", ALL_PIECES.last().unwrap()));
    }
}
