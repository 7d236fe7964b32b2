//! W0106 and W0107: comparisons that no packet can change.

use alloc::format;
use alloc::string::String;

use super::Findings;
use super::interval::{Interval, decided, intervals, may_fail};
use super::outline::Outline;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::ast::{ByteOp, ExprKind, Primitive};

/// The largest value of a byte.
const BYTE_MAX: u32 = 0xff;

pub(super) fn check(outline: &Outline<'_>, findings: &mut Findings) {
    let intervals = intervals(outline.ast);
    let fails = may_fail(outline.ast, &intervals);
    for (_, expr) in outline.ast.exprs() {
        match &expr.kind {
            ExprKind::Relation { op, left, right } => {
                let of = |at: usize| intervals.get(at).copied();
                let (Some(a), Some(b)) = (of(left.index()), of(right.index())) else { continue };
                let fails = [left, right].iter().any(|id| fails.get(id.index()) == Some(&true));
                if let Some(holds) = decided(*op, a, b)
                    && !(holds && fails)
                {
                    let places =
                        [(left, a), (right, b)].map(|(id, value)| (outline.ast.arith(*id).span, value));
                    report(expr.span, holds, places, findings);
                }
            }
            ExprKind::Primitive(primitive) => {
                if let Some((holds, why)) = of_primitive(primitive) {
                    findings.add(code(holds), || warning(expr.span, holds, why));
                }
            }
            _ => {}
        }
    }
}

/// Comparisons that are written as words.
fn of_primitive(primitive: &Primitive) -> Option<(bool, &'static str)> {
    match *primitive {
        Primitive::Greater(0) => Some((true, "no length is less than 0")),
        Primitive::Less(u32::MAX) => Some((true, "no length is greater")),
        Primitive::Byte { op: ByteOp::Gt, value: BYTE_MAX.., .. } => Some((false, "no byte is greater")),
        Primitive::Byte { op: ByteOp::Lt, value: 0, .. } => Some((false, "no byte is less than 0")),
        Primitive::Byte { op: ByteOp::And, value: 0, .. } => Some((false, "tests no bit")),
        Primitive::Byte { op: ByteOp::Or, value: 1.., .. } => Some((true, "is never 0")),
        _ => None,
    }
}

const fn code(holds: bool) -> Code {
    if holds { Code::AlwaysTrue } else { Code::AlwaysFalse }
}

fn warning(span: Span, holds: bool, label: &'static str) -> Diagnostic {
    let message = if holds {
        "this comparison always holds"
    } else {
        "this comparison never holds, whatever the packet"
    };
    Diagnostic::new(code(holds), message, span, label)
}

fn report(span: Span, holds: bool, sides: [(Span, Interval); 2], findings: &mut Findings) {
    findings.add(code(holds), || {
        let mut found = warning(span, holds, "");
        for (place, values) in sides {
            if let Some(words) = described(values) {
                found = found.with_secondary(place, words);
            }
        }
        if holds {
            found.with_help("what remains of it is the question whether the packet has these headers")
        } else {
            found
        }
    });
}

/// What values a side can have; nothing of a number that stands there.
fn described(values: Interval) -> Option<String> {
    let Interval { low, high, bits } = values;
    if low == high {
        return None;
    }
    let all_bits = u32::MAX.checked_shr(high.leading_zeros()).unwrap_or_default();
    Some(if bits != all_bits {
        format!("has no bits but those of {bits:#x}")
    } else if low == 0 {
        format!("is at most {high}")
    } else {
        format!("is from {low} to {high}")
    })
}
