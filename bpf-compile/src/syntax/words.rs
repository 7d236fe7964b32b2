//! The keywords of the language, sorted by what they do.

use super::ast::{Dir, Encap, Kind, NameOrNumber};
use super::keywords::spelling;
use super::token::TokenKind;

/// Protocol words: qualifiers (`tcp port 80`), primitives (`tcp`) and headers (`tcp[13]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtoName {
    /// `link`, and its other spellings `ether ppp slip fddi tr wlan`
    Link,
    /// `ip`
    Ip,
    /// `ip6`
    Ip6,
    /// `arp`
    Arp,
    /// `rarp`
    Rarp,
    /// `tcp`
    Tcp,
    /// `udp`
    Udp,
    /// `sctp`
    Sctp,
    /// `icmp`
    Icmp,
    /// `icmp6`
    Icmp6,
    /// `igmp`
    Igmp,
    /// `igrp`
    Igrp,
    /// `pim`
    Pim,
    /// `vrrp`
    Vrrp,
    /// `carp`
    Carp,
    /// `ah`
    Ah,
    /// `esp`
    Esp,
    /// `atalk`
    Atalk,
    /// `aarp`
    Aarp,
    /// `decnet`
    Decnet,
    /// `lat`
    Lat,
    /// `sca`
    Sca,
    /// `mopdl`
    Mopdl,
    /// `moprc`
    Moprc,
    /// `iso`
    Iso,
    /// `clnp`
    Clnp,
    /// `esis` or `es-is`
    Esis,
    /// `isis` or `is-is`
    Isis,
    /// `l1`, IS-IS level 1
    L1,
    /// `l2`, IS-IS level 2
    L2,
    /// `iih`, IS-IS hello
    Iih,
    /// `lsp`, IS-IS link state
    Lsp,
    /// `snp`, IS-IS sequence numbers
    Snp,
    /// `csnp`, complete sequence numbers
    Csnp,
    /// `psnp`, partial sequence numbers
    Psnp,
    /// `stp`
    Stp,
    /// `ipx`
    Ipx,
    /// `netbeui`
    Netbeui,
    /// `radio`, the 802.11 radio header
    Radio,
}

/// Words that are a whole primitive of ATM or SS7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `lane`
    Lane,
    /// `metac`
    Metac,
    /// `bcc`
    Bcc,
    /// `oam`
    Oam,
    /// `oamf4`
    Oamf4,
    /// `oamf4ec`
    Oamf4ec,
    /// `oamf4sc`
    Oamf4sc,
    /// `sc`
    Sc,
    /// `ilmic`
    Ilmic,
    /// `connectmsg`
    Connectmsg,
    /// `metaconnect`
    Metaconnect,
    /// `fisu`
    Fisu,
    /// `lssu` or `lsu`
    Lssu,
    /// `msu`
    Msu,
    /// `hfisu`
    Hfisu,
    /// `hlssu`
    Hlssu,
    /// `hmsu`
    Hmsu,
}

/// Fields of ATM and SS7 headers that are compared with numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ss7Field {
    /// `vpi` (ATM)
    Vpi,
    /// `vci` (ATM)
    Vci,
    /// `sio`
    Sio,
    /// `opc`
    Opc,
    /// `dpc`
    Dpc,
    /// `sls`
    Sls,
    /// `hsio`
    Hsio,
    /// `hopc`
    Hopc,
    /// `hdpc`
    Hdpc,
    /// `hsls`
    Hsls,
}

/// Fields of a pf log header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PfField {
    /// `ifname` or `on`
    Ifname,
    /// `rset` or `ruleset`
    Ruleset,
    /// `rnr` or `rulenum`
    Rulenum,
    /// `srnr` or `subrulenum`
    Subrulenum,
    /// `reason`
    Reason,
    /// `action`
    Action,
}

/// Fields of the 802.11 frame control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field80211 {
    /// `type t`
    Type(NameOrNumber),
    /// `type t subtype s`
    TypeSubtype(NameOrNumber, NameOrNumber),
    /// `subtype s`: the name says the type too
    Subtype(NameOrNumber),
    /// `dir d`
    Dir(NameOrNumber),
}

macro_rules! spelled {
    ($($word:ident => $token:ident,)*) => {
        $(impl $word {
            /// How it is spelled; the first of the spellings if there are several.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                spelling(TokenKind::$token(self))
            }
        })*
    };
}

spelled! {
    ProtoName => Proto,
    Keyword => Bare,
    Ss7Field => Field,
    PfField => Pf,
    Kind => Kind,
    Encap => Encap,
}

impl Dir {
    /// How it is spelled; the first of the spellings if there are several.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Src => "src",
            Self::Dst => "dst",
            Self::SrcOrDst => "src or dst",
            Self::SrcAndDst => "src and dst",
            other => spelling(TokenKind::WlanAddress(other)),
        }
    }
}
