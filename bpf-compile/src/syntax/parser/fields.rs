//! Primitives with a word and operands of their own: lengths, encapsulations, pf, 802.11, LLC, ATM and SS7.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Parser;
use super::frame::Value;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::Dialect;
use crate::syntax::ast::{ArithOp, ByteOp, Encap, Kind, NameOrNumber, Primitive, RelOp, Word};
use crate::syntax::token::TokenKind;
use crate::syntax::words::{Field80211, PfField};

impl Parser<'_> {
    /// A primitive that begins with its own word; `None` if the token begins none.
    pub(super) fn keyword_primitive(&mut self) -> Result<Option<Value>, Diagnostic> {
        let start = self.token.span;
        let kind = self.token.kind;
        let begins = matches!(
            kind,
            TokenKind::Broadcast
                | TokenKind::Multicast
                | TokenKind::Less
                | TokenKind::Greater
                | TokenKind::Byte
                | TokenKind::Inbound
                | TokenKind::Outbound
                | TokenKind::IfIndex
                | TokenKind::Encap(_)
                | TokenKind::Pf(_)
                | TokenKind::Llc
                | TokenKind::Bare(_)
                | TokenKind::Field(_)
        );
        if !begins {
            return Ok(None);
        }
        self.advance()?;
        let primitive = match kind {
            TokenKind::Broadcast => Primitive::Broadcast(None),
            TokenKind::Multicast => Primitive::Multicast(None),
            TokenKind::Less => Primitive::Less(self.number("a length")?.0),
            TokenKind::Greater => Primitive::Greater(self.number("a length")?.0),
            TokenKind::Byte => self.byte()?,
            TokenKind::Inbound => Primitive::Inbound,
            TokenKind::Outbound => Primitive::Outbound,
            TokenKind::IfIndex => Primitive::IfIndex(self.number("an interface index")?.0),
            TokenKind::Encap(kind) => {
                let id = if kind.has_id() { self.optional_number()? } else { None };
                Primitive::Encap { kind, id, port: self.optional_port(kind)? }
            }
            TokenKind::Pf(field) => Primitive::Pf { field, value: self.pf_value(field)? },
            TokenKind::Llc => Primitive::Llc(self.llc_kind()?),
            TokenKind::Bare(keyword) => Primitive::Bare(keyword),
            TokenKind::Field(field) => Primitive::Field { field, tests: self.field_tests()? },
            _ => return Ok(None),
        };
        let span = start.to(self.before.span);
        Ok(Some(self.primitive(primitive, span)))
    }

    /// `port n` behind the word of an encapsulation over UDP, in the extended language.
    fn optional_port(&mut self, kind: Encap) -> Result<Option<(u32, Span)>, Diagnostic> {
        let is_port = self.token.kind == TokenKind::Kind(Kind::Port);
        if !is_port || self.dialect == Dialect::PcapFilter || kind.default_port().is_none() {
            return Ok(None);
        }
        self.advance()?;
        self.number("the number of a UDP port").map(Some)
    }

    /// `type`, `subtype` or `dir` of an 802.11 frame; `start` is where the primitive begins.
    pub(super) fn wlan(&mut self, start: Span) -> Result<Value, Diagnostic> {
        let field = match self.advance()?.kind {
            TokenKind::Type => {
                let kind = self.name_or_number("a frame type: `mgt`, `ctl` or `data`")?;
                if self.token.kind == TokenKind::Subtype {
                    self.advance()?;
                    Field80211::TypeSubtype(kind, self.name_or_number("a frame subtype such as `beacon`")?)
                } else {
                    Field80211::Type(kind)
                }
            }
            TokenKind::Subtype => Field80211::Subtype(NameOrNumber::Name(
                self.name("the name of a frame subtype such as `beacon`")?,
            )),
            _ => Field80211::Dir(self.name_or_number("a direction: `nods`, `tods`, `fromds` or `dstods`")?),
        };
        let span = start.to(self.before.span);
        Ok(self.primitive(Primitive::Wlan { field }, span))
    }

    /// A number that is written out, without parentheses.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<(u32, Span), Diagnostic> {
        match self.token.kind {
            TokenKind::Number(number) => Ok((number, self.advance()?.span)),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn name(&mut self, expected: &'static str) -> Result<Word, Diagnostic> {
        match self.token.kind {
            TokenKind::Word(text) => Ok(Word { text: String::from(text), span: self.advance()?.span }),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn name_or_number(&mut self, expected: &'static str) -> Result<NameOrNumber, Diagnostic> {
        if let TokenKind::Number(number) = self.token.kind {
            return Ok(NameOrNumber::Number(number, self.advance()?.span));
        }
        self.name(expected).map(NameOrNumber::Name)
    }

    fn byte(&mut self) -> Result<Primitive, Diagnostic> {
        let (offset, _) = self.number("the offset of a byte")?;
        let op = match self.token.kind {
            TokenKind::Rel(RelOp::Eq) => ByteOp::Eq,
            TokenKind::Rel(RelOp::Lt) => ByteOp::Lt,
            TokenKind::Rel(RelOp::Gt) => ByteOp::Gt,
            TokenKind::Arith(ArithOp::And) => ByteOp::And,
            TokenKind::Arith(ArithOp::Or) => ByteOp::Or,
            _ => return Err(self.unexpected("`=`, `<`, `>`, `&` or `|`")),
        };
        self.advance()?;
        let (value, _) = self.number("a number")?;
        Ok(Primitive::Byte { offset, op, value })
    }

    /// A number in any number of parentheses, if one begins here.
    fn optional_number(&mut self) -> Result<Option<(u32, Span)>, Diagnostic> {
        let mut open: Vec<Span> = Vec::new();
        while self.token.kind == TokenKind::Open {
            open.push(self.advance()?.span);
        }
        if open.is_empty() && !matches!(self.token.kind, TokenKind::Number(_)) {
            return Ok(None);
        }
        let number = self.number("a number")?;
        while let Some(at) = open.pop() {
            match self.token.kind {
                TokenKind::Close => self.advance()?,
                TokenKind::End => return Err(self.unclosed(at, ")")),
                _ => return Err(self.unexpected("`)`")),
            };
        }
        Ok(Some(number))
    }

    fn pf_value(&mut self, field: PfField) -> Result<NameOrNumber, Diagnostic> {
        match field {
            PfField::Ifname => self.name("the name of an interface").map(NameOrNumber::Name),
            PfField::Ruleset => self.name("the name of a ruleset").map(NameOrNumber::Name),
            PfField::Action => self.name("an action such as `pass` or `block`").map(NameOrNumber::Name),
            PfField::Reason => self.name_or_number("a reason such as `match`, or its number"),
            PfField::Rulenum | PfField::Subrulenum => {
                self.number("a rule number").map(|(number, span)| NameOrNumber::Number(number, span))
            }
        }
    }

    fn llc_kind(&mut self) -> Result<Option<Word>, Diagnostic> {
        match self.token.kind {
            TokenKind::Word(text) => Ok(Some(Word { text: String::from(text), span: self.advance()?.span })),
            // A supervisory frame's kind has the name of a pf field.
            TokenKind::Pf(PfField::Rulenum) => {
                Ok(Some(Word { text: String::from("rnr"), span: self.advance()?.span }))
            }
            _ => Ok(None),
        }
    }

    fn field_tests(&mut self) -> Result<Vec<(RelOp, u32)>, Diagnostic> {
        match self.token.kind {
            TokenKind::Rel(op) => {
                self.advance()?;
                Ok(vec![(op, self.number("a number")?.0)])
            }
            TokenKind::Open => self.field_list(),
            _ => Ok(vec![(RelOp::Eq, self.number("a number, a comparison, or a list `(1 or 2)`")?.0)]),
        }
    }

    fn field_list(&mut self) -> Result<Vec<(RelOp, u32)>, Diagnostic> {
        let open = self.advance()?.span;
        let mut tests = vec![(RelOp::Eq, self.number("a number")?.0)];
        loop {
            match self.token.kind {
                TokenKind::Or => {
                    self.advance()?;
                    tests.push((RelOp::Eq, self.number("a number")?.0));
                }
                TokenKind::Close => {
                    self.advance()?;
                    return Ok(tests);
                }
                TokenKind::End => return Err(self.unclosed(open, ")")),
                _ => return Err(self.unexpected("`or` or `)`")),
            }
        }
    }
}
