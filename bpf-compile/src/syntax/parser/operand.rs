//! What stands where an operand is due.

use super::Parser;
use super::frame::{Frame, Inherited, Value, ValueKind, Want};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{ArithKind, ArithOp, Dir, ExprKind, Kind, Primitive, Quals};
use crate::syntax::token::TokenKind;
use crate::syntax::words::ProtoName;

impl Parser<'_> {
    /// Reads an operand, or the beginning of one: then there is a frame more and no value yet.
    pub(super) fn operand(&mut self) -> Result<Option<Value>, Diagnostic> {
        let want = self.want();
        let span = self.token.span;
        match self.token.kind {
            TokenKind::Open => {
                self.advance()?;
                self.frames.push(Frame::paren(span, want, self.inherited));
                Ok(None)
            }
            TokenKind::Not if want.term() || want.id() => {
                self.advance()?;
                self.frames.push(Frame::not(span, want));
                Ok(None)
            }
            TokenKind::Arith(ArithOp::Sub) if want.arith() => {
                self.advance()?;
                self.frames.push(Frame::Neg(span));
                Ok(None)
            }
            TokenKind::Number(number) => {
                self.advance()?;
                Ok(Some(Value { kind: ValueKind::Number(number), span }))
            }
            TokenKind::Len if want.arith() => {
                self.advance()?;
                let len = self.arith(ArithKind::Len, span);
                Ok(Some(Value { kind: ValueKind::Arith(len), span }))
            }
            TokenKind::Proto(proto) if want == Want::Arith => {
                self.advance()?;
                self.begin_load(proto, span)
            }
            TokenKind::Proto(proto) if want.term() => self.protocol(proto, span),
            kind if kind.is_id() && want.id() => self.id().map(Some),
            _ if want.term() => self.condition_word(want),
            _ => Err(self.unexpected_operand(want)),
        }
    }

    /// What begins with a protocol: bytes of it, qualifiers, or the protocol alone.
    fn protocol(&mut self, proto: ProtoName, span: Span) -> Result<Option<Value>, Diagnostic> {
        self.advance()?;
        match self.token.kind {
            TokenKind::BracketOpen => self.begin_load(proto, span),
            TokenKind::Broadcast => {
                let all = span.to(self.advance()?.span);
                Ok(Some(self.primitive(Primitive::Broadcast(Some(proto)), all)))
            }
            TokenKind::Multicast => {
                let all = span.to(self.advance()?.span);
                Ok(Some(self.primitive(Primitive::Multicast(Some(proto)), all)))
            }
            TokenKind::Type | TokenKind::Subtype | TokenKind::WlanDir => self.wlan(span).map(Some),
            TokenKind::Src | TokenKind::Dst | TokenKind::WlanAddress(_) | TokenKind::Kind(_) => {
                self.head(Some(proto), span)?;
                Ok(None)
            }
            _ => Ok(Some(self.primitive(Primitive::Proto(proto), span))),
        }
    }

    fn begin_load(&mut self, proto: ProtoName, at: Span) -> Result<Option<Value>, Diagnostic> {
        if self.token.kind != TokenKind::BracketOpen {
            return Err(self.protocol_without_bytes(at));
        }
        let bracket = self.advance()?.span;
        self.frames.push(Frame::Load { proto, at, bracket });
        Ok(None)
    }

    /// Conditions that begin with a word of their own.
    fn condition_word(&mut self, want: Want) -> Result<Option<Value>, Diagnostic> {
        let span = self.token.span;
        match self.token.kind {
            TokenKind::Src | TokenKind::Dst | TokenKind::WlanAddress(_) | TokenKind::Kind(_) => {
                self.head(None, span)?;
                Ok(None)
            }
            TokenKind::Type | TokenKind::Subtype | TokenKind::WlanDir => self.wlan(span).map(Some),
            _ => match self.keyword_primitive()? {
                Some(value) => Ok(Some(value)),
                None => Err(self.unexpected_operand(want)),
            },
        }
    }

    /// Direction and kind; the id is due behind them.
    fn head(&mut self, proto: Option<ProtoName>, start: Span) -> Result<(), Diagnostic> {
        let direction = self.token.span;
        let dir = self.direction()?;
        let kind = match self.token.kind {
            TokenKind::Kind(kind) => {
                let undirected = matches!(kind, Kind::Proto | Kind::ProtoChain | Kind::Gateway);
                if dir.is_some() && undirected {
                    return Err(self.takes_no_direction(direction));
                }
                self.advance()?;
                Some(kind)
            }
            _ => None,
        };
        let span = start.to(self.before.span);
        self.inherited = Some(Inherited { quals: Quals { proto, dir, kind }, span, used: false });
        self.frames.push(Frame::Head(span));
        Ok(())
    }

    fn direction(&mut self) -> Result<Option<Dir>, Diagnostic> {
        let (alone, other) = match self.token.kind {
            TokenKind::WlanAddress(dir) => {
                self.advance()?;
                return Ok(Some(dir));
            }
            TokenKind::Src => (Dir::Src, TokenKind::Dst),
            TokenKind::Dst => (Dir::Dst, TokenKind::Src),
            _ => return Ok(None),
        };
        self.advance()?;
        let both = match self.token.kind {
            TokenKind::Or => Dir::SrcOrDst,
            TokenKind::And => Dir::SrcAndDst,
            _ => return Ok(Some(alone)),
        };
        self.advance()?;
        if self.token.kind != other {
            return Err(self.half_direction(alone));
        }
        self.advance()?;
        Ok(Some(both))
    }

    /// A finished primitive; nothing can be inherited from it.
    pub(super) fn primitive(&mut self, primitive: Primitive, span: Span) -> Value {
        self.inherited = None;
        let id = self.expr(ExprKind::Primitive(primitive), span);
        Value { kind: ValueKind::Term(id), span }
    }
}
