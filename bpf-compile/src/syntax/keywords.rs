//! The keywords and named constants, sorted by spelling.
//!
//! Case counts, as in the language's other implementations. A keyword is a keyword only as a whole word: the lexer
//! looks a word up here after it has found where the word ends, so `icmp-echo` is never `icmp` and something else.

use super::Dialect;
use super::ast::{Dir, Encap, Kind};
use super::token::TokenKind;
use super::token::TokenKind as T;
use super::words::{Keyword, PfField, ProtoName, Ss7Field};

/// Every spelling and what it means, in the order of bytes.
pub(super) const KEYWORDS: &[(&str, TokenKind<'static>)] = &[
    ("aarp", T::Proto(ProtoName::Aarp)),
    ("action", T::Pf(PfField::Action)),
    ("addr1", T::WlanAddress(Dir::Addr1)),
    ("addr2", T::WlanAddress(Dir::Addr2)),
    ("addr3", T::WlanAddress(Dir::Addr3)),
    ("addr4", T::WlanAddress(Dir::Addr4)),
    ("address1", T::WlanAddress(Dir::Addr1)),
    ("address2", T::WlanAddress(Dir::Addr2)),
    ("address3", T::WlanAddress(Dir::Addr3)),
    ("address4", T::WlanAddress(Dir::Addr4)),
    ("ah", T::Proto(ProtoName::Ah)),
    ("and", T::And),
    ("arp", T::Proto(ProtoName::Arp)),
    ("atalk", T::Proto(ProtoName::Atalk)),
    ("bcc", T::Bare(Keyword::Bcc)),
    ("broadcast", T::Broadcast),
    ("byte", T::Byte),
    ("carp", T::Proto(ProtoName::Carp)),
    ("clnp", T::Proto(ProtoName::Clnp)),
    ("connectmsg", T::Bare(Keyword::Connectmsg)),
    ("csnp", T::Proto(ProtoName::Csnp)),
    ("decnet", T::Proto(ProtoName::Decnet)),
    ("dir", T::WlanDir),
    ("direction", T::WlanDir),
    ("dpc", T::Field(Ss7Field::Dpc)),
    ("dst", T::Dst),
    ("es-is", T::Proto(ProtoName::Esis)),
    ("esis", T::Proto(ProtoName::Esis)),
    ("esp", T::Proto(ProtoName::Esp)),
    ("ether", T::Proto(ProtoName::Link)),
    ("fddi", T::Proto(ProtoName::Link)),
    ("fisu", T::Bare(Keyword::Fisu)),
    ("gateway", T::Kind(Kind::Gateway)),
    ("geneve", T::Encap(Encap::Geneve)),
    ("greater", T::Greater),
    ("hdpc", T::Field(Ss7Field::Hdpc)),
    ("hfisu", T::Bare(Keyword::Hfisu)),
    ("hlssu", T::Bare(Keyword::Hlssu)),
    ("hmsu", T::Bare(Keyword::Hmsu)),
    ("hopc", T::Field(Ss7Field::Hopc)),
    ("host", T::Kind(Kind::Host)),
    ("hsio", T::Field(Ss7Field::Hsio)),
    ("hsls", T::Field(Ss7Field::Hsls)),
    ("icmp", T::Proto(ProtoName::Icmp)),
    ("icmp-echo", T::Number(8)),
    ("icmp-echoreply", T::Number(0)),
    ("icmp-ireq", T::Number(15)),
    ("icmp-ireqreply", T::Number(16)),
    ("icmp-maskreply", T::Number(18)),
    ("icmp-maskreq", T::Number(17)),
    ("icmp-paramprob", T::Number(12)),
    ("icmp-redirect", T::Number(5)),
    ("icmp-routeradvert", T::Number(9)),
    ("icmp-routersolicit", T::Number(10)),
    ("icmp-sourcequench", T::Number(4)),
    ("icmp-timxceed", T::Number(11)),
    ("icmp-tstamp", T::Number(13)),
    ("icmp-tstampreply", T::Number(14)),
    ("icmp-unreach", T::Number(3)),
    ("icmp6", T::Proto(ProtoName::Icmp6)),
    ("icmp6-certpathadvert", T::Number(149)),
    ("icmp6-certpathsolicit", T::Number(148)),
    ("icmp6-destinationunreach", T::Number(1)),
    ("icmp6-echo", T::Number(128)),
    ("icmp6-echoreply", T::Number(129)),
    ("icmp6-homeagentdiscoveryreply", T::Number(145)),
    ("icmp6-homeagentdiscoveryrequest", T::Number(144)),
    ("icmp6-ineighbordiscoveryadvert", T::Number(142)),
    ("icmp6-ineighbordiscoverysolicit", T::Number(141)),
    ("icmp6-mobileprefixadvert", T::Number(147)),
    ("icmp6-mobileprefixsolicit", T::Number(146)),
    ("icmp6-multicastlistenerdone", T::Number(132)),
    ("icmp6-multicastlistenerquery", T::Number(130)),
    ("icmp6-multicastlistenerreportv1", T::Number(131)),
    ("icmp6-multicastlistenerreportv2", T::Number(143)),
    ("icmp6-multicastrouteradvert", T::Number(151)),
    ("icmp6-multicastroutersolicit", T::Number(152)),
    ("icmp6-multicastrouterterm", T::Number(153)),
    ("icmp6-neighboradvert", T::Number(136)),
    ("icmp6-neighborsolicit", T::Number(135)),
    ("icmp6-nodeinformationquery", T::Number(139)),
    ("icmp6-nodeinformationresponse", T::Number(140)),
    ("icmp6-packettoobig", T::Number(2)),
    ("icmp6-parameterproblem", T::Number(4)),
    ("icmp6-redirect", T::Number(137)),
    ("icmp6-routeradvert", T::Number(134)),
    ("icmp6-routerrenum", T::Number(138)),
    ("icmp6-routersolicit", T::Number(133)),
    ("icmp6-timeexceeded", T::Number(3)),
    ("icmp6code", T::Number(1)),
    ("icmp6type", T::Number(0)),
    ("icmpcode", T::Number(1)),
    ("icmptype", T::Number(0)),
    ("ifindex", T::IfIndex),
    ("ifname", T::Pf(PfField::Ifname)),
    ("igmp", T::Proto(ProtoName::Igmp)),
    ("igrp", T::Proto(ProtoName::Igrp)),
    ("iih", T::Proto(ProtoName::Iih)),
    ("ilmic", T::Bare(Keyword::Ilmic)),
    ("inbound", T::Inbound),
    ("ip", T::Proto(ProtoName::Ip)),
    ("ip6", T::Proto(ProtoName::Ip6)),
    ("ipx", T::Proto(ProtoName::Ipx)),
    ("is-is", T::Proto(ProtoName::Isis)),
    ("isis", T::Proto(ProtoName::Isis)),
    ("iso", T::Proto(ProtoName::Iso)),
    ("l1", T::Proto(ProtoName::L1)),
    ("l2", T::Proto(ProtoName::L2)),
    ("lane", T::Bare(Keyword::Lane)),
    ("lat", T::Proto(ProtoName::Lat)),
    ("len", T::Len),
    ("length", T::Len),
    ("less", T::Less),
    ("link", T::Proto(ProtoName::Link)),
    ("llc", T::Llc),
    ("lsp", T::Proto(ProtoName::Lsp)),
    ("lssu", T::Bare(Keyword::Lssu)),
    ("lsu", T::Bare(Keyword::Lssu)),
    ("mask", T::Mask),
    ("metac", T::Bare(Keyword::Metac)),
    ("metaconnect", T::Bare(Keyword::Metaconnect)),
    ("mopdl", T::Proto(ProtoName::Mopdl)),
    ("moprc", T::Proto(ProtoName::Moprc)),
    ("mpls", T::Encap(Encap::Mpls)),
    ("msu", T::Bare(Keyword::Msu)),
    ("multicast", T::Multicast),
    ("net", T::Kind(Kind::Net)),
    ("netbeui", T::Proto(ProtoName::Netbeui)),
    ("not", T::Not),
    ("oam", T::Bare(Keyword::Oam)),
    ("oamf4", T::Bare(Keyword::Oamf4)),
    ("oamf4ec", T::Bare(Keyword::Oamf4ec)),
    ("oamf4sc", T::Bare(Keyword::Oamf4sc)),
    ("on", T::Pf(PfField::Ifname)),
    ("opc", T::Field(Ss7Field::Opc)),
    ("or", T::Or),
    ("outbound", T::Outbound),
    ("pim", T::Proto(ProtoName::Pim)),
    ("port", T::Kind(Kind::Port)),
    ("portrange", T::Kind(Kind::PortRange)),
    ("ppp", T::Proto(ProtoName::Link)),
    ("pppoed", T::Encap(Encap::Pppoed)),
    ("pppoes", T::Encap(Encap::Pppoes)),
    ("proto", T::Kind(Kind::Proto)),
    ("protochain", T::Kind(Kind::ProtoChain)),
    ("psnp", T::Proto(ProtoName::Psnp)),
    ("ra", T::WlanAddress(Dir::Ra)),
    ("radio", T::Proto(ProtoName::Radio)),
    ("rarp", T::Proto(ProtoName::Rarp)),
    ("reason", T::Pf(PfField::Reason)),
    ("rnr", T::Pf(PfField::Rulenum)),
    ("rset", T::Pf(PfField::Ruleset)),
    ("rulenum", T::Pf(PfField::Rulenum)),
    ("ruleset", T::Pf(PfField::Ruleset)),
    ("sc", T::Bare(Keyword::Sc)),
    ("sca", T::Proto(ProtoName::Sca)),
    ("sctp", T::Proto(ProtoName::Sctp)),
    ("sio", T::Field(Ss7Field::Sio)),
    ("slip", T::Proto(ProtoName::Link)),
    ("sls", T::Field(Ss7Field::Sls)),
    ("snp", T::Proto(ProtoName::Snp)),
    ("src", T::Src),
    ("srnr", T::Pf(PfField::Subrulenum)),
    ("stp", T::Proto(ProtoName::Stp)),
    ("subrulenum", T::Pf(PfField::Subrulenum)),
    ("subtype", T::Subtype),
    ("ta", T::WlanAddress(Dir::Ta)),
    ("tcp", T::Proto(ProtoName::Tcp)),
    ("tcp-ack", T::Number(0x10)),
    ("tcp-cwr", T::Number(0x80)),
    ("tcp-ece", T::Number(0x40)),
    ("tcp-fin", T::Number(0x01)),
    ("tcp-push", T::Number(0x08)),
    ("tcp-rst", T::Number(0x04)),
    ("tcp-syn", T::Number(0x02)),
    ("tcp-urg", T::Number(0x20)),
    ("tcpflags", T::Number(13)),
    ("tr", T::Proto(ProtoName::Link)),
    ("type", T::Type),
    ("udp", T::Proto(ProtoName::Udp)),
    ("vci", T::Field(Ss7Field::Vci)),
    ("vlan", T::Encap(Encap::Vlan)),
    ("vpi", T::Field(Ss7Field::Vpi)),
    ("vrrp", T::Proto(ProtoName::Vrrp)),
    ("vxlan", T::Encap(Encap::Vxlan)),
    ("wlan", T::Proto(ProtoName::Link)),
];

/// What is a keyword in the extended language only.
pub(super) const EXTENSIONS: &[(&str, TokenKind<'static>)] = &[
    ("erspan", T::Encap(Encap::Erspan)),
    ("gre", T::Encap(Encap::Gre)),
    ("gtp", T::Encap(Encap::Gtp)),
    ("l2tp", T::Encap(Encap::L2tp)),
    ("wireguard", T::Encap(Encap::Wireguard)),
];

/// What a whole word means, if it is a keyword or a named constant.
pub(super) fn keyword(word: &str, dialect: Dialect) -> Option<TokenKind<'static>> {
    let found = |table: &[(&str, TokenKind<'static>)]| {
        let at = table.binary_search_by_key(&word, |&(spelling, _)| spelling).ok()?;
        table.get(at).map(|&(_, kind)| kind)
    };
    match dialect {
        Dialect::PcapFilter => found(KEYWORDS),
        Dialect::Extended => found(KEYWORDS).or_else(|| found(EXTENSIONS)),
    }
}

/// The first of a keyword's spellings; empty for what is no keyword.
pub(super) fn spelling(kind: TokenKind<'static>) -> &'static str {
    KEYWORDS.iter().chain(EXTENSIONS).find(|(_, known)| *known == kind).map_or("", |&(spelling, _)| spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_sorted_and_unique() {
        for table in [KEYWORDS, EXTENSIONS] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
        assert!(EXTENSIONS.iter().all(|(spelling, _)| keyword(spelling, Dialect::PcapFilter).is_none()));
    }

    #[test]
    fn case_counts_and_only_whole_words_match() {
        let keyword = |word| keyword(word, Dialect::PcapFilter);
        assert_eq!(keyword("tcp"), Some(T::Proto(ProtoName::Tcp)));
        assert_eq!(keyword("TCP"), None);
        assert_eq!(keyword("tcp-"), None);
        assert_eq!(keyword("tcp-syn"), Some(T::Number(2)));
    }
}
