//! What the parser has begun and not finished: its stack.
//!
//! ```text
//! not host a and (tcp port 80 or ▲          stack, innermost last:  Chain(and)  Paren  Chain(or)
//! ```
//!
//! A frame tells what may stand where its next operand is due ([`Want`]); that is the whole difference between the
//! places of the grammar.

use alloc::vec::Vec;

use crate::span::Span;
use crate::syntax::ast::{ArithId, ArithOp, ExprId, Quals, RelOp};
use crate::syntax::words::ProtoName;

/// What may stand where an operand is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// A condition: the start of the filter.
    Term,
    /// A condition, or an id that inherits its qualifiers: behind `and` and `or`.
    TermOrId,
    /// The same, first in parentheses. What is in parentheses again must be a condition or a number.
    TermOrFirstId,
    /// An id: behind qualifiers, and behind `and` and `or` in a list of ids.
    Id,
    /// The same, first in parentheses. What is in parentheses again must be a number.
    FirstId,
    /// A number that is computed.
    Arith,
    /// A number that is written out: parentheses in parentheses among ids.
    Number,
}

impl Want {
    /// Whether a condition may stand here.
    pub(super) const fn term(self) -> bool {
        matches!(self, Self::Term | Self::TermOrId | Self::TermOrFirstId)
    }

    /// Whether an id may stand here.
    pub(super) const fn id(self) -> bool {
        matches!(self, Self::TermOrId | Self::TermOrFirstId | Self::Id | Self::FirstId)
    }

    /// Whether a computed number may stand here: as itself, or as the left side of a comparison.
    pub(super) const fn arith(self) -> bool {
        self.term() || matches!(self, Self::Arith)
    }

    /// What may stand first in parentheses that stand here.
    const fn in_parentheses(self) -> Self {
        match self {
            Self::Term | Self::TermOrFirstId => Self::Term,
            Self::TermOrId => Self::TermOrFirstId,
            Self::Id => Self::FirstId,
            Self::FirstId | Self::Number => Self::Number,
            Self::Arith => Self::Arith,
        }
    }

    /// What may stand behind a `not` that stands here.
    const fn behind_not(self) -> Self {
        match self {
            Self::TermOrFirstId => Self::TermOrId,
            Self::FirstId => Self::Id,
            other => other,
        }
    }
}

/// A boolean operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Junction {
    /// `and`
    And,
    /// `or`
    Or,
}

/// Qualifiers that an id may take over, and where they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited {
    /// The qualifiers.
    pub(super) quals: Quals,
    /// Where they stand.
    pub(super) span: Span,
    /// Whether an id has used them already; the next one then inherits.
    pub(super) used: bool,
}

/// Something begun.
#[derive(Debug)]
pub(super) enum Frame {
    /// `(`
    Paren {
        /// Where it stands.
        at: Span,
        /// What was due there.
        want: Want,
        /// What could be inherited before it.
        inherited: Option<Inherited>,
    },
    /// `not`
    Not {
        /// Where it stands.
        at: Span,
        /// What is due behind it.
        want: Want,
    },
    /// Qualifiers; their id is due.
    Head(Span),
    /// `a and b and`
    Chain {
        /// The operator.
        junction: Junction,
        /// What it joins so far; never empty.
        items: Vec<ExprId>,
        /// Whether only ids may follow.
        ids: bool,
        /// From the first item to the last.
        span: Span,
    },
    /// `a + `
    Binary {
        /// The operator.
        op: ArithOp,
        /// What stands left of it.
        left: ArithId,
        /// Where that stands.
        span: Span,
    },
    /// `-`
    Neg(Span),
    /// `a < `
    Relation {
        /// The comparison.
        op: RelOp,
        /// What stands left of it.
        left: ArithId,
        /// Where that stands.
        span: Span,
    },
    /// `ip[`
    Load {
        /// The protocol.
        proto: ProtoName,
        /// Where it stands.
        at: Span,
        /// The bracket.
        bracket: Span,
    },
}

impl Frame {
    /// A parenthesis where `want` is due.
    pub(super) const fn paren(at: Span, want: Want, inherited: Option<Inherited>) -> Self {
        Self::Paren { at, want, inherited }
    }

    /// A `not` where `want` is due.
    pub(super) const fn not(at: Span, want: Want) -> Self {
        Self::Not { at, want: want.behind_not() }
    }

    /// What may stand behind it.
    pub(super) const fn want(&self) -> Want {
        match self {
            Self::Paren { want, .. } => want.in_parentheses(),
            Self::Not { want, .. } => *want,
            Self::Head(_) | Self::Chain { ids: true, .. } => Want::Id,
            Self::Chain { ids: false, .. } => Want::TermOrId,
            Self::Binary { .. } | Self::Neg(_) | Self::Relation { .. } | Self::Load { .. } => Want::Arith,
        }
    }
}

/// A finished operand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    /// What it is.
    pub(super) kind: ValueKind,
    /// All the text it covers, parentheses included.
    pub(super) span: Span,
}

/// The kinds of operands.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueKind {
    /// A condition.
    Term(ExprId),
    /// An id with the qualifiers it inherits, or `not` and ids.
    Id(ExprId),
    /// Ids joined by `and` and `or`, in parentheses or about to be closed by one.
    Ids(ExprId),
    /// A number that is written out; it becomes an id or a computed number by what stands behind it.
    Number(u32),
    /// A computed number.
    Arith(ArithId),
}

/// Whether `op` is finished when `next` comes behind its right side; otherwise `next` takes that side first.
/// `None` is the minus sign of one operand.
///
/// Levels from loose to tight: `|`, `&`, shifts, sums, products, the minus sign; equal levels go to the left.
/// `%` and `^` have no level: next to them, whatever comes later binds tighter.
pub(in crate::syntax) const fn finishes(op: Option<ArithOp>, next: ArithOp) -> bool {
    let held = match op {
        None => Some(6),
        Some(op) => level(op),
    };
    match (held, level(next)) {
        (Some(held), Some(next)) => held >= next,
        _ => false,
    }
}

const fn level(op: ArithOp) -> Option<u8> {
    match op {
        ArithOp::Or => Some(1),
        ArithOp::And => Some(2),
        ArithOp::Shl | ArithOp::Shr => Some(3),
        ArithOp::Add | ArithOp::Sub => Some(4),
        ArithOp::Mul | ArithOp::Div => Some(5),
        ArithOp::Mod | ArithOp::Xor => None,
    }
}
