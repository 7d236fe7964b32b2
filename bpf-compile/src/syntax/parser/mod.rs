//! Tokens to tree: a shift-reduce parser with a stack of its own.
//!
//! ```text
//!            ┌── operand ──▶ Value ──┐          operand   reads what stands where an operand is due
//!  tokens ──▶│                       │          operator  looks at the token behind a value and either finishes
//!            └──◀── operator ◀───────┘                    the innermost frame or begins a new one
//! ```
//!
//! Rules that are easy to get wrong:
//! - `and` and `or` bind equally, to the left; `not` binds to one operand.
//! - An id without qualifiers takes those of the primitive before it. A group in parentheses hands out those from
//!   before the parenthesis; anything but a qualified primitive hands out none.
//! - `(` begins a condition, a number or a list of ids; which of them is decided by what comes, never by looking
//!   ahead more than one token.
//!
//! Invariants: nothing recurses; every token is read once and every frame is pushed and popped once, so time and
//! memory are linear in the text. The first error ends the parse.

mod advice;
mod display;
mod fields;
mod frame;
mod ids;
mod operand;
mod operator;

use alloc::format;
use alloc::vec::Vec;

use super::Dialect;
use super::ast::{ArithId, ArithKind, Ast, ExprId, ExprKind};
use super::lexer::Lexer;
use super::limits::TEXT_BYTES_MAX;
use super::token::{Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use frame::{Frame, Inherited, Value, Want};
use operator::Step;

pub(super) use frame::finishes;

/// Reads a filter. The empty text is a filter without a root: it accepts everything.
///
/// # Errors
/// The first thing that is wrong, in the order of the text.
pub fn parse(text: &str) -> Result<Ast, Diagnostic> {
    parse_as(text, Dialect::PcapFilter)
}

/// Reads a filter of this dialect, as [`parse`] does.
///
/// # Errors
/// The first thing that is wrong, in the order of the text.
pub fn parse_as(text: &str, dialect: Dialect) -> Result<Ast, Diagnostic> {
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("a filter is at most {TEXT_BYTES_MAX} bytes long, this one is {}", text.len());
        return Err(Diagnostic::new(Code::TextTooLong, message, Span::default(), "too long"));
    }
    let mut lexer = Lexer::new(text, dialect);
    let token = lexer.read()?;
    if token.kind == TokenKind::End {
        return Ok(Ast::default());
    }
    let before = Token { kind: TokenKind::End, span: Span::default() };
    let parser = Parser {
        text,
        dialect,
        lexer,
        token,
        before,
        ast: Ast::default(),
        frames: Vec::new(),
        inherited: None,
    };
    parser.run()
}

struct Parser<'a> {
    text: &'a str,
    dialect: Dialect,
    lexer: Lexer<'a>,
    /// The token that is looked at.
    token: Token<'a>,
    /// The one before it.
    before: Token<'a>,
    ast: Ast,
    frames: Vec<Frame>,
    /// What an id would inherit here.
    inherited: Option<Inherited>,
}

impl<'a> Parser<'a> {
    fn run(mut self) -> Result<Ast, Diagnostic> {
        let mut value: Option<Value> = None;
        loop {
            value = match value {
                None => self.operand()?,
                Some(value) => match self.operator(value)? {
                    Step::Value(value) => Some(value),
                    Step::Operand => None,
                    Step::Done(root) => {
                        self.ast.set_root(root);
                        return Ok(self.ast);
                    }
                },
            };
        }
    }

    /// Moves to the next token and gives the one it leaves.
    fn advance(&mut self) -> Result<Token<'a>, Diagnostic> {
        self.before = self.token;
        self.token = self.lexer.read()?;
        Ok(self.before)
    }

    /// What may stand where the next operand is due.
    fn want(&self) -> Want {
        self.frames.last().map_or(Want::Term, Frame::want)
    }

    fn expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.ast.add_expr(kind, span)
    }

    fn arith(&mut self, kind: ArithKind, span: Span) -> ArithId {
        self.ast.add_arith(kind, span)
    }
}

#[cfg(test)]
mod tests;
