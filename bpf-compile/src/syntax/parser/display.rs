//! Wireshark's display filters, which look alike and are another language: recognized and translated.

use alloc::format;
use alloc::string::String;

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::ast::{ArithOp, RelOp};
use crate::syntax::lexer::Lexer;
use crate::syntax::token::TokenKind;

/// What a display filter's field is here.
#[derive(Clone, Copy)]
enum Field {
    /// Qualifiers that stand before the value.
    Qualifiers(&'static str),
    /// A number to compare.
    Number(&'static str),
    /// Bits of a number: set or not.
    Bits(&'static str),
}

/// Fields that have a translation.
const FIELDS: &[(&str, Field)] = &[
    ("arp.dst.proto_ipv4", Field::Qualifiers("arp dst host")),
    ("arp.src.proto_ipv4", Field::Qualifiers("arp src host")),
    ("eth.addr", Field::Qualifiers("ether host")),
    ("eth.dst", Field::Qualifiers("ether dst")),
    ("eth.src", Field::Qualifiers("ether src")),
    ("eth.type", Field::Qualifiers("ether proto")),
    ("frame.len", Field::Number("len")),
    ("icmp.code", Field::Number("icmp[icmpcode]")),
    ("icmp.type", Field::Number("icmp[icmptype]")),
    ("icmpv6.code", Field::Number("icmp6[icmp6code]")),
    ("icmpv6.type", Field::Number("icmp6[icmp6type]")),
    ("ip.addr", Field::Qualifiers("host")),
    ("ip.dst", Field::Qualifiers("dst host")),
    ("ip.host", Field::Qualifiers("host")),
    ("ip.id", Field::Number("ip[4:2]")),
    ("ip.len", Field::Number("ip[2:2]")),
    ("ip.proto", Field::Qualifiers("ip proto")),
    ("ip.src", Field::Qualifiers("src host")),
    ("ip.ttl", Field::Number("ip[8]")),
    ("ipv6.addr", Field::Qualifiers("ip6 host")),
    ("ipv6.dst", Field::Qualifiers("ip6 dst host")),
    ("ipv6.hlim", Field::Number("ip6[7]")),
    ("ipv6.nxt", Field::Qualifiers("ip6 proto")),
    ("ipv6.src", Field::Qualifiers("ip6 src host")),
    ("sctp.dstport", Field::Qualifiers("sctp dst port")),
    ("sctp.port", Field::Qualifiers("sctp port")),
    ("sctp.srcport", Field::Qualifiers("sctp src port")),
    ("tcp.dstport", Field::Qualifiers("tcp dst port")),
    ("tcp.flags", Field::Number("tcp[tcpflags]")),
    ("tcp.flags.ack", Field::Bits("tcp[tcpflags] & tcp-ack")),
    ("tcp.flags.fin", Field::Bits("tcp[tcpflags] & tcp-fin")),
    ("tcp.flags.push", Field::Bits("tcp[tcpflags] & tcp-push")),
    ("tcp.flags.reset", Field::Bits("tcp[tcpflags] & tcp-rst")),
    ("tcp.flags.syn", Field::Bits("tcp[tcpflags] & tcp-syn")),
    ("tcp.flags.urg", Field::Bits("tcp[tcpflags] & tcp-urg")),
    ("tcp.port", Field::Qualifiers("tcp port")),
    ("tcp.srcport", Field::Qualifiers("tcp src port")),
    ("udp.dstport", Field::Qualifiers("udp dst port")),
    ("udp.length", Field::Number("udp[4:2]")),
    ("udp.port", Field::Qualifiers("udp port")),
    ("udp.srcport", Field::Qualifiers("udp src port")),
    ("vlan.id", Field::Qualifiers("vlan")),
];

/// Protocols that are words there and no keywords here.
const PROTOCOLS: &[(&str, &str)] = &[
    ("bootp", "(udp port 67 or udp port 68)"),
    ("dhcp", "(udp port 67 or udp port 68)"),
    ("dns", "port 53"),
    ("ftp", "tcp port 21"),
    ("http", "tcp port 80"),
    ("icmpv6", "icmp6"),
    ("ipv6", "ip6"),
    ("mdns", "udp port 5353"),
    ("ntp", "udp port 123"),
    ("quic", "udp port 443"),
    ("ssh", "tcp port 22"),
    ("ssl", "tcp port 443"),
    ("tls", "tcp port 443"),
];

/// `field op value`, as far as it is there.
struct Test {
    op: RelOp,
    /// From the first byte of the value to its last; `None` if it is nothing that can be taken over.
    value: Option<Span>,
}

impl Parser<'_> {
    /// An error that explains the word at `span` as part of a display filter, if it is one.
    pub(super) fn display_filter(&self, span: Span) -> Option<Diagnostic> {
        let word = span.text(self.text);
        if let Some((_, here)) = PROTOCOLS.iter().find(|(there, _)| *there == word) {
            let message =
                format!("`{word}` is a display filter's protocol, and no keyword of capture filters");
            return Some(Diagnostic::new(Code::DisplayFilter, message, span, "unknown keyword").with_patch(
                "in a capture filter this is said so",
                span,
                *here,
            ));
        }
        let known = FIELDS.iter().find(|(there, _)| *there == word).map(|&(_, field)| field);
        let test = self.display_test(span);
        if known.is_none() && !(word.contains('.') && test.is_some()) {
            return None;
        }
        let message = format!("`{word}` is a display filter's field; capture filters are another language");
        let error = Diagnostic::new(Code::DisplayFilter, message, span, "not a capture filter");
        let translated = known.zip(test).and_then(|(field, test)| self.translate(field, &test));
        Some(match (translated, known) {
            (Some((end, text)), _) => {
                let whole = Span::new(span.start, end);
                error.with_patch("in a capture filter this is said so", whole, text)
            }
            (None, Some(Field::Qualifiers(here))) => error.with_help(format!("write `{here}` and the value")),
            (None, Some(Field::Number(here) | Field::Bits(here))) => {
                error.with_help(format!("write `{here}`, a comparison and a number"))
            }
            (None, None) => error.with_help(
                "capture filters know addresses, ports, protocols and bytes: `tcp port 80`, `ip[8] < 5`",
            ),
        })
    }

    /// Reads `op value` behind a field.
    fn display_test(&self, field: Span) -> Option<Test> {
        let mut lexer = Lexer::starting_at(self.text, field.end, self.dialect);
        let op = match lexer.read().ok()?.kind {
            TokenKind::Rel(op) => op,
            TokenKind::Word("eq" | "contains" | "matches" | "in") => RelOp::Eq,
            TokenKind::Word("ne") => RelOp::Ne,
            TokenKind::Word("gt") => RelOp::Gt,
            TokenKind::Word("ge") => RelOp::Ge,
            TokenKind::Word("lt") => RelOp::Lt,
            TokenKind::Word("le") => RelOp::Le,
            _ => return None,
        };
        let Some(token) = lexer.read().ok().filter(|token| token.kind.is_id()) else {
            return Some(Test { op, value: None });
        };
        let mut value = token.span;
        if matches!(token.kind, TokenKind::Dotted(_) | TokenKind::Ipv6(_))
            && lexer.read().is_ok_and(|token| token.kind == TokenKind::Arith(ArithOp::Div))
            && let Ok(len) = lexer.read()
            && matches!(len.kind, TokenKind::Number(_))
        {
            value = value.to(len.span);
        }
        Some(Test { op, value: Some(value) })
    }

    /// The test in our words, and where it ended in theirs.
    fn translate(&self, field: Field, test: &Test) -> Option<(u32, String)> {
        let span = test.value?;
        let value = span.text(self.text);
        let sign = match test.op {
            RelOp::Eq => "=",
            RelOp::Ne => "!=",
            RelOp::Gt => ">",
            RelOp::Ge => ">=",
            RelOp::Lt => "<",
            RelOp::Le => "<=",
        };
        let text = match (field, test.op) {
            (Field::Qualifiers(here), RelOp::Eq | RelOp::Ne) => {
                // A network has another keyword than a host.
                let here = if value.contains('/') { here.replace("host", "net") } else { String::from(here) };
                let not = if test.op == RelOp::Ne { "not " } else { "" };
                format!("{not}{here} {value}")
            }
            (Field::Qualifiers(_), _) => return None,
            (Field::Number(here), _) => format!("{here} {sign} {value}"),
            (Field::Bits(here), RelOp::Eq | RelOp::Ne) => {
                let set = (value == "1" || value == "true") == (test.op == RelOp::Eq);
                format!("{here} {} 0", if set { "!=" } else { "=" })
            }
            (Field::Bits(_), _) => return None,
        };
        Some((span.end, text))
    }
}
