//! What comes behind a finished operand.

use alloc::vec;
use alloc::vec::Vec;

use super::Parser;
use super::frame::{Frame, Junction, Value, ValueKind, finishes};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::ast::{ArithId, ArithKind, ExprId, ExprKind, RelOp};
use crate::syntax::token::TokenKind;
use crate::syntax::words::ProtoName;

/// What to do next.
pub(super) enum Step {
    /// Look behind this value.
    Value(Value),
    /// Read an operand.
    Operand,
    /// The filter is complete.
    Done(ExprId),
}

impl Parser<'_> {
    /// One step: the token either continues a computation, or finishes the innermost frame.
    pub(super) fn operator(&mut self, value: Value) -> Result<Step, Diagnostic> {
        let number = matches!(value.kind, ValueKind::Number(_) | ValueKind::Arith(_));
        match self.token.kind {
            TokenKind::Arith(op) if number && self.want().arith() => {
                if let Some(Frame::Binary { .. } | Frame::Neg(_)) = self.frames.last()
                    && self.finished_before(op)
                {
                    return self.reduce(value);
                }
                let (left, span) = (self.computed(value), value.span);
                self.advance()?;
                self.frames.push(Frame::Binary { op, left, span });
                Ok(Step::Operand)
            }
            TokenKind::Rel(op) if number && self.want().term() => self.relation(value, op),
            _ => self.reduce(value),
        }
    }

    fn finished_before(&self, next: crate::syntax::ast::ArithOp) -> bool {
        match self.frames.last() {
            Some(Frame::Binary { op, .. }) => finishes(Some(*op), next),
            Some(Frame::Neg(_)) => finishes(None, next),
            _ => false,
        }
    }

    fn relation(&mut self, value: Value, op: RelOp) -> Result<Step, Diagnostic> {
        let (left, span) = (self.computed(value), value.span);
        self.advance()?;
        self.frames.push(Frame::Relation { op, left, span });
        Ok(Step::Operand)
    }

    /// Finishes the innermost frame with its last operand, or goes on with the token if that is its business.
    fn reduce(&mut self, value: Value) -> Result<Step, Diagnostic> {
        let Some(frame) = self.frames.pop() else { return self.outermost(value) };
        match frame {
            Frame::Binary { op, left, span } => {
                let right = self.computed(value);
                Ok(self.reduced_arith(ArithKind::Binary { op, left, right }, span.to(value.span)))
            }
            Frame::Neg(at) => {
                let operand = self.computed(value);
                Ok(self.reduced_arith(ArithKind::Neg(operand), at.to(value.span)))
            }
            Frame::Relation { op, left, span } => {
                let right = self.computed(value);
                self.inherited = None;
                let span = span.to(value.span);
                let relation = self.expr(ExprKind::Relation { op, left, right }, span);
                Ok(Step::Value(Value { kind: ValueKind::Term(relation), span }))
            }
            Frame::Load { proto, at, bracket } => self.load(value, proto, at, bracket),
            Frame::Not { at, want } => {
                let (operand, term) = self.condition(value, want.id())?;
                let span = at.to(value.span);
                let not = self.expr(ExprKind::Not(operand), span);
                let kind = if term { ValueKind::Term(not) } else { ValueKind::Id(not) };
                Ok(Step::Value(Value { kind, span }))
            }
            Frame::Head(at) => {
                let (id, _) = self.condition(value, true)?;
                Ok(Step::Value(Value { kind: ValueKind::Term(id), span: at.to(value.span) }))
            }
            Frame::Chain { junction, mut items, ids, span } => {
                let (item, _) = self.condition(value, true)?;
                items.push(item);
                self.chain(junction, items, ids, span.to(value.span))
            }
            Frame::Paren { at, want, inherited } => {
                self.frames.push(Frame::Paren { at, want, inherited });
                self.in_parentheses(value, at)
            }
        }
    }

    fn reduced_arith(&mut self, kind: ArithKind, span: Span) -> Step {
        let id = self.arith(kind, span);
        Step::Value(Value { kind: ValueKind::Arith(id), span })
    }

    /// Behind the last item of a chain.
    fn chain(
        &mut self,
        junction: Junction,
        items: Vec<ExprId>,
        ids: bool,
        span: Span,
    ) -> Result<Step, Diagnostic> {
        if self.junction() == Some(junction) {
            self.advance()?;
            self.frames.push(Frame::Chain { junction, items, ids, span });
            return Ok(Step::Operand);
        }
        let kind = match junction {
            Junction::And => ExprKind::And(items),
            Junction::Or => ExprKind::Or(items),
        };
        let whole = self.expr(kind, span);
        if self.junction().is_some() {
            return self.begin_chain(whole, ids, span);
        }
        let kind = if ids { ValueKind::Ids(whole) } else { ValueKind::Term(whole) };
        Ok(Step::Value(Value { kind, span }))
    }

    fn begin_chain(&mut self, first: ExprId, ids: bool, span: Span) -> Result<Step, Diagnostic> {
        let Some(junction) = self.junction() else { return Err(self.unexpected_operator()) };
        self.advance()?;
        self.frames.push(Frame::Chain { junction, items: vec![first], ids, span });
        Ok(Step::Operand)
    }

    fn junction(&self) -> Option<Junction> {
        match self.token.kind {
            TokenKind::And => Some(Junction::And),
            TokenKind::Or => Some(Junction::Or),
            _ => None,
        }
    }

    /// Behind a value that stands in no parentheses.
    fn outermost(&mut self, value: Value) -> Result<Step, Diagnostic> {
        let (whole, _) = self.condition(value, false)?;
        match self.token.kind {
            TokenKind::End => Ok(Step::Done(whole)),
            TokenKind::And | TokenKind::Or => self.begin_chain(whole, false, value.span),
            _ => Err(self.unexpected_operator()),
        }
    }

    /// Behind a value that stands first, or as a whole, in the parentheses opened at `open`.
    fn in_parentheses(&mut self, value: Value, open: Span) -> Result<Step, Diagnostic> {
        match self.token.kind {
            TokenKind::Close => self.close(value),
            TokenKind::And | TokenKind::Or => {
                let (first, term) = self.condition(value, self.want().id())?;
                self.begin_chain(first, !term, value.span)
            }
            TokenKind::End => Err(self.unclosed(open, ")")),
            _ => Err(self.unexpected_operator()),
        }
    }

    fn close(&mut self, value: Value) -> Result<Step, Diagnostic> {
        let Some(Frame::Paren { at, inherited, .. }) = self.frames.pop() else {
            return Err(self.unexpected_operator());
        };
        let close = self.advance()?;
        let kind = match value.kind {
            ValueKind::Term(_) => {
                self.inherited = inherited;
                value.kind
            }
            ValueKind::Id(ids) => ValueKind::Ids(ids),
            other => other,
        };
        Ok(Step::Value(Value { kind, span: at.to(close.span) }))
    }

    fn load(&mut self, value: Value, proto: ProtoName, at: Span, bracket: Span) -> Result<Step, Diagnostic> {
        let offset = self.computed(value);
        let (mut size, mut size_span) = (1, Span::new(value.span.end, value.span.end));
        if self.token.kind == TokenKind::Colon {
            self.advance()?;
            (size, size_span) = self.number("the size: 1, 2 or 4")?;
        }
        match self.token.kind {
            TokenKind::BracketClose => {
                let close = self.advance()?;
                let kind = ArithKind::Load { proto, offset, size, size_span };
                Ok(self.reduced_arith(kind, at.to(close.span)))
            }
            TokenKind::End => Err(self.unclosed(bracket, "]")),
            _ => Err(self.unexpected("`]`, or `:` and a size")),
        }
    }

    /// The value as a condition, and whether it is one by itself (and no id). `ids` tells whether ids may stand
    /// here.
    fn condition(&mut self, value: Value, ids: bool) -> Result<(ExprId, bool), Diagnostic> {
        match value.kind {
            ValueKind::Term(id) => Ok((id, true)),
            ValueKind::Id(id) | ValueKind::Ids(id) => Ok((id, false)),
            ValueKind::Number(number) if ids => Ok((self.number_id(number, value.span)?, false)),
            ValueKind::Number(_) => Err(self.nothing_to_inherit(value.span)),
            ValueKind::Arith(_) => Err(self.not_compared(value.span)),
        }
    }

    /// The value as a number. Only numbers come to places where numbers are due.
    fn computed(&mut self, value: Value) -> ArithId {
        match value.kind {
            ValueKind::Arith(id) => id,
            ValueKind::Number(number) => self.arith(ArithKind::Number(number), value.span),
            // What stands on the stack wants numbers only and `operand` gives it nothing else; zero would be caught
            // by the round trip tests.
            ValueKind::Term(_) | ValueKind::Id(_) | ValueKind::Ids(_) => {
                debug_assert!(false, "a condition where a number is due");
                self.arith(ArithKind::Number(0), value.span)
            }
        }
    }

    /// Something is computed, and not compared with anything.
    fn not_compared(&self, span: Span) -> Diagnostic {
        if self.token.kind == TokenKind::End
            || self.junction().is_some()
            || self.token.kind == TokenKind::Close
        {
            return Diagnostic::new(
                Code::WrongKind,
                "this is a number, and a condition is needed here",
                span,
                "a number",
            )
            .with_patch("compare it with something", Span::new(span.end, span.end), " != 0");
        }
        self.unexpected("a comparison such as `=`, `<` or `!=`")
    }
}
