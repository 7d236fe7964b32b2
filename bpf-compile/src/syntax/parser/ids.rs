//! Ids: what a qualified primitive names.

use alloc::string::String;

use super::Parser;
use super::frame::{Value, ValueKind};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{ArithOp, Dotted, ExprId, ExprKind, Id, Primitive, Qualified};
use crate::syntax::token::TokenKind;

impl Parser<'_> {
    /// An id other than a number.
    pub(super) fn id(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token.span;
        if self.inherited.is_none() {
            return Err(self.nothing_to_inherit(start));
        }
        let kind = self.advance()?.kind;
        let id = match kind {
            TokenKind::Word(name) => Id::Name(String::from(name)),
            TokenKind::Mac(bytes) => Id::Mac(bytes),
            TokenKind::Mac8(byte) => Id::Mac8(byte),
            TokenKind::Ipv6(address) => match self.prefix_len()? {
                Some(len) => Id::Ipv6Prefix(address, len),
                None => Id::Ipv6(address),
            },
            TokenKind::Dotted(text) => self.network(text)?,
            TokenKind::Number(number) => Id::Number(number),
            _ => return Err(self.unexpected_operand(self.want())),
        };
        let span = start.to(self.before.span);
        let id = self.qualified(id, span)?;
        Ok(Value { kind: ValueKind::Id(id), span })
    }

    /// A number that turned out to be an id.
    pub(super) fn number_id(&mut self, number: u32, span: Span) -> Result<ExprId, Diagnostic> {
        self.qualified(Id::Number(number), span)
    }

    fn qualified(&mut self, id: Id, id_span: Span) -> Result<ExprId, Diagnostic> {
        let Some(from) = &mut self.inherited else { return Err(self.nothing_to_inherit(id_span)) };
        let (quals, quals_span, inherited) = (from.quals, from.span, from.used);
        from.used = true;
        let span = if inherited { id_span } else { quals_span.to(id_span) };
        let qualified = Qualified { quals, inherited, quals_span, id, id_span };
        Ok(self.expr(ExprKind::Primitive(Primitive::Qualified(qualified)), span))
    }

    fn network(&mut self, text: &str) -> Result<Id, Diagnostic> {
        let address = dotted(text);
        if let Some(len) = self.prefix_len()? {
            return Ok(Id::DottedPrefix(address, len));
        }
        if self.token.kind != TokenKind::Mask {
            return Ok(Id::Dotted(address));
        }
        self.advance()?;
        let TokenKind::Dotted(mask) = self.token.kind else {
            return Err(self.unexpected("a mask such as `255.255.0.0`"));
        };
        self.advance()?;
        Ok(Id::DottedMask(address, dotted(mask)))
    }

    fn prefix_len(&mut self) -> Result<Option<u32>, Diagnostic> {
        if self.token.kind != TokenKind::Arith(ArithOp::Div) {
            return Ok(None);
        }
        self.advance()?;
        self.number("a prefix length").map(|(len, _)| Some(len))
    }
}

/// The parts are decimal even with leading zeros; what is no decimal number of 32 bits is too big for any use.
fn dotted(text: &str) -> Dotted {
    let parts = text.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect();
    Dotted { parts, text: String::from(text) }
}
