//! Whether two trees say the same, wherever their texts say it.

use alloc::vec;
use alloc::vec::Vec;

use super::ast::{ArithId, ArithKind, Ast, Dotted, ExprId, ExprKind, Id, NameOrNumber, Primitive};
use super::words::Field80211;
use crate::span::Span;

/// Whether the trees are equal but for places, spellings of one address, and whether qualifiers were inherited.
#[must_use]
pub fn same_meaning(a: &Ast, b: &Ast) -> bool {
    let mut todo = match (a.root(), b.root()) {
        (Some(x), Some(y)) => vec![Pair::Expr(x, y)],
        (None, None) => return true,
        _ => return false,
    };
    while let Some(pair) = todo.pop() {
        let same = match pair {
            Pair::Expr(x, y) => same_expr(&a.expr(x).kind, &b.expr(y).kind, &mut todo),
            Pair::Arith(x, y) => same_arith(&a.arith(x).kind, &b.arith(y).kind, &mut todo),
        };
        if !same {
            return false;
        }
    }
    true
}

/// Nodes of both trees that are still to be compared.
enum Pair {
    Expr(ExprId, ExprId),
    Arith(ArithId, ArithId),
}

fn same_expr(a: &ExprKind, b: &ExprKind, todo: &mut Vec<Pair>) -> bool {
    match (a, b) {
        (ExprKind::And(x), ExprKind::And(y)) | (ExprKind::Or(x), ExprKind::Or(y)) => {
            todo.extend(x.iter().zip(y).map(|(&x, &y)| Pair::Expr(x, y)));
            x.len() == y.len()
        }
        (ExprKind::Not(x), ExprKind::Not(y)) => {
            todo.push(Pair::Expr(*x, *y));
            true
        }
        (
            ExprKind::Relation { op: a, left: a_left, right: a_right },
            ExprKind::Relation { op: b, left: b_left, right: b_right },
        ) => {
            todo.extend([Pair::Arith(*a_left, *b_left), Pair::Arith(*a_right, *b_right)]);
            a == b
        }
        (ExprKind::Primitive(x), ExprKind::Primitive(y)) => same_primitive(x, y),
        _ => false,
    }
}

fn same_arith(a: &ArithKind, b: &ArithKind, todo: &mut Vec<Pair>) -> bool {
    match (a, b) {
        (ArithKind::Number(x), ArithKind::Number(y)) => x == y,
        (ArithKind::Len, ArithKind::Len) => true,
        (ArithKind::Neg(x), ArithKind::Neg(y)) => {
            todo.push(Pair::Arith(*x, *y));
            true
        }
        (
            ArithKind::Binary { op: a, left: a_left, right: a_right },
            ArithKind::Binary { op: b, left: b_left, right: b_right },
        ) => {
            todo.extend([Pair::Arith(*a_left, *b_left), Pair::Arith(*a_right, *b_right)]);
            a == b
        }
        (
            ArithKind::Load { proto: a, offset: a_offset, size: a_size, .. },
            ArithKind::Load { proto: b, offset: b_offset, size: b_size, .. },
        ) => {
            todo.push(Pair::Arith(*a_offset, *b_offset));
            a == b && a_size == b_size
        }
        _ => false,
    }
}

fn same_primitive(a: &Primitive, b: &Primitive) -> bool {
    match (a, b) {
        (Primitive::Qualified(x), Primitive::Qualified(y)) => x.quals == y.quals && same_id(&x.id, &y.id),
        (Primitive::Encap { kind: a, id: x, port: p }, Primitive::Encap { kind: b, id: y, port: q }) => {
            let same =
                |a: &Option<(u32, Span)>, b: &Option<(u32, Span)>| a.map(|(n, _)| n) == b.map(|(n, _)| n);
            a == b && same(x, y) && same(p, q)
        }
        (Primitive::Pf { field: a, value: x }, Primitive::Pf { field: b, value: y }) => {
            a == b && same_value(x, y)
        }
        (Primitive::Wlan { field: a }, Primitive::Wlan { field: b }) => match (a, b) {
            (Field80211::Type(x), Field80211::Type(y))
            | (Field80211::Subtype(x), Field80211::Subtype(y))
            | (Field80211::Dir(x), Field80211::Dir(y)) => same_value(x, y),
            (Field80211::TypeSubtype(x, u), Field80211::TypeSubtype(y, v)) => {
                same_value(x, y) && same_value(u, v)
            }
            _ => false,
        },
        (Primitive::Llc(x), Primitive::Llc(y)) => {
            x.as_ref().map(|word| &word.text) == y.as_ref().map(|word| &word.text)
        }
        // What is left has no places in it.
        _ => a == b,
    }
}

fn same_id(a: &Id, b: &Id) -> bool {
    let same = |x: &Dotted, y: &Dotted| x.parts == y.parts;
    match (a, b) {
        (Id::Dotted(x), Id::Dotted(y)) => same(x, y),
        (Id::DottedPrefix(x, a), Id::DottedPrefix(y, b)) => same(x, y) && a == b,
        (Id::DottedMask(x, a), Id::DottedMask(y, b)) => same(x, y) && same(a, b),
        _ => a == b,
    }
}

fn same_value(a: &NameOrNumber, b: &NameOrNumber) -> bool {
    match (a, b) {
        (NameOrNumber::Name(x), NameOrNumber::Name(y)) => x.text == y.text,
        (NameOrNumber::Number(x, _), NameOrNumber::Number(y, _)) => x == y,
        _ => false,
    }
}
