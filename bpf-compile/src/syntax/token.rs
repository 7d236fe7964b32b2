//! The words and signs of the language.
//!
//! A token is what the lexer hands to the parser: a kind, with the value that was read, and its place. Keywords
//! that only differ in spelling (`ether` and `link`, `and` and `&&`) are one kind, and named constants (`tcp-syn`)
//! are numbers.

use super::ast::{ArithOp, Dir, Encap, Kind, RelOp};
use super::words::{Keyword, PfField, ProtoName, Ss7Field};
use crate::span::Span;

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// What it is.
    pub(super) kind: TokenKind<'a>,
    /// Where it stands.
    pub(super) span: Span,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// The end of the text.
    End,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    BracketOpen,
    /// `]`
    BracketClose,
    /// `:`
    Colon,
    /// `and` or `&&`
    And,
    /// `or` or `||`
    Or,
    /// `not` or `!`
    Not,
    /// An arithmetic sign.
    Arith(ArithOp),
    /// A comparison.
    Rel(RelOp),
    /// A number or a named constant.
    Number(u32),
    /// A name; without the backslash if it was escaped.
    Word(&'a str),
    /// Two to four numbers with dots between them.
    Dotted(&'a str),
    /// An IPv6 address.
    Ipv6([u8; 16]),
    /// A 48-bit MAC address.
    Mac([u8; 6]),
    /// An 8-bit MAC address.
    Mac8(u8),
    /// A protocol.
    Proto(ProtoName),
    /// `src`
    Src,
    /// `dst`
    Dst,
    /// The directions that 802.11 adds.
    WlanAddress(Dir),
    /// `host`, `net`, `port`, ...
    Kind(Kind),
    /// `mask`
    Mask,
    /// `broadcast`
    Broadcast,
    /// `multicast`
    Multicast,
    /// `less`
    Less,
    /// `greater`
    Greater,
    /// `byte`
    Byte,
    /// `inbound`
    Inbound,
    /// `outbound`
    Outbound,
    /// `ifindex`
    IfIndex,
    /// `vlan`, `mpls`, ...
    Encap(Encap),
    /// `llc`
    Llc,
    /// `ifname`, `rulenum`, ...
    Pf(PfField),
    /// `type`
    Type,
    /// `subtype`
    Subtype,
    /// `dir` or `direction`
    WlanDir,
    /// `len` or `length`
    Len,
    /// An ATM or SS7 message kind.
    Bare(Keyword),
    /// An ATM or SS7 field.
    Field(Ss7Field),
}

impl TokenKind<'_> {
    /// Whether it can name something in a qualified primitive: all ids but a number in parentheses begin so.
    pub(super) const fn is_id(self) -> bool {
        matches!(
            self,
            Self::Number(_) | Self::Word(_) | Self::Dotted(_) | Self::Ipv6(_) | Self::Mac(_) | Self::Mac8(_)
        )
    }

    /// Whether it is spelled with letters and is no name: a backslash makes a name of it.
    pub(super) const fn is_keyword(self) -> bool {
        !matches!(
            self,
            Self::End
                | Self::Open
                | Self::Close
                | Self::BracketOpen
                | Self::BracketClose
                | Self::Colon
                | Self::Arith(_)
                | Self::Rel(_)
                | Self::Number(_)
                | Self::Word(_)
                | Self::Dotted(_)
                | Self::Ipv6(_)
                | Self::Mac(_)
                | Self::Mac8(_)
        )
    }
}
