//! Which clause decided, and on what.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bpf_core::Packet;

use super::{Decision, Ending};
use crate::explain::evaluate::{Failed, Outcome, evaluate};
use crate::explain::{Explanation, LIST_MAX};
use crate::graph::Predicate;
use crate::span::Span;
use crate::syntax::ast::{ExprId, ExprKind};

/// How many comparisons of a clause are told where it failed.
const FACTS_MAX: usize = 4;

impl Explanation<'_> {
    /// The part of the filter that decided; `None` if nothing in it did.
    pub(super) fn decision<P: Packet>(&self, packet: &P, verdict: u32, ending: &Ending) -> Option<Decision> {
        match ending {
            Ending::PastEnd { clause, .. } | Ending::NotKnown { clause, .. } => {
                return clause.map(|place| failed(place, Failed::Load));
            }
            Ending::DivisionByZero { clause, .. } => {
                return clause.map(|place| failed(place, Failed::Division));
            }
            Ending::Returned { .. } => {}
        }
        let clauses = &self.lowered.clauses;
        let outcome = evaluate(&clauses.predicates, &self.lowered.values, clauses.root, packet);
        let matched = verdict != 0;
        if let Some((why, origin)) = outcome.ended {
            // The program may know without the load that the packet does not match.
            let place = self.clause_at(origin).map(|clause| self.ast.expr(clause).span);
            return place.filter(|_| !matched).map(|place| failed(place, why));
        }
        if outcome.holds.get(&clauses.root) != Some(&matched) {
            return None;
        }
        let root = self.ast.root()?;
        let mut compared: BTreeMap<ExprId, Vec<usize>> = BTreeMap::new();
        for (at, (test, _)) in outcome.compared.iter().enumerate() {
            if let Some(clause) = self.clause_at(test.origin) {
                compared.entry(clause).or_default().push(at);
            }
        }
        let decided = Decided { explanation: self, outcome: &outcome, compared };
        // What comes before the filter may have decided.
        let holds = decided.holds(root).filter(|&holds| holds == matched)?;
        Some(decided.decision(root, holds))
    }
}

fn failed(place: Span, why: Failed) -> Decision {
    let reason = match why {
        Failed::Load => "what this needs is not there, which rejects the packet",
        Failed::Division => "this divides by zero, which rejects the packet",
    };
    Decision { place, reason: reason.into(), parts: Vec::new(), more: 0 }
}

/// What is known of the clauses after a run.
struct Decided<'a> {
    explanation: &'a Explanation<'a>,
    outcome: &'a Outcome,
    /// For each clause its comparisons, as places in the outcome.
    compared: BTreeMap<ExprId, Vec<usize>>,
}

impl Decided<'_> {
    /// Whether a node of the tree holds; `None` if it was not asked.
    fn holds(&self, expr: ExprId) -> Option<bool> {
        let clauses = &self.explanation.lowered.clauses;
        let id = clauses.of_expr.get(expr.index())?;
        match clauses.predicates.get(*id) {
            Predicate::Constant(holds) => Some(*holds),
            _ => self.outcome.holds.get(id).copied(),
        }
    }

    fn decision(&self, root: ExprId, holds: bool) -> Decision {
        let (expr, holds) = self.narrowed(root, holds);
        let ast = &self.explanation.ast;
        let place = ast.expr(expr).span;
        let (ExprKind::And(items) | ExprKind::Or(items)) = &ast.expr(expr).kind else {
            return Decision { place, reason: self.reason(expr, holds), parts: Vec::new(), more: 0 };
        };
        let told = items.iter().filter(|item| self.holds(**item) == Some(holds));
        let parts = told
            .take(LIST_MAX)
            .map(|&item| {
                let (part, holds) = self.narrowed(item, holds);
                (ast.expr(part).span, self.reason(part, holds))
            })
            .collect();
        let reason = if holds { "all of this holds" } else { "none of this holds" };
        let more = items.len().saturating_sub(LIST_MAX);
        Decision { place, reason: reason.into(), parts, more }
    }

    /// The smallest part of a node that decides alone.
    fn narrowed(&self, mut expr: ExprId, mut holds: bool) -> (ExprId, bool) {
        loop {
            let next = match &self.explanation.ast.expr(expr).kind {
                ExprKind::Not(operand) => {
                    holds = !holds;
                    Some(*operand)
                }
                ExprKind::And(items) if !holds => self.first(items, false),
                ExprKind::Or(items) if holds => self.first(items, true),
                _ => None,
            };
            match next {
                Some(next) => expr = next,
                None => return (expr, holds),
            }
        }
    }

    fn first(&self, items: &[ExprId], holds: bool) -> Option<ExprId> {
        items.iter().copied().find(|item| self.holds(*item) == Some(holds))
    }

    fn reason(&self, expr: ExprId, holds: bool) -> String {
        let ast = &self.explanation.ast;
        match ast.expr(expr).kind {
            ExprKind::And(_) | ExprKind::Or(_) => {
                return if holds { "all of this holds" } else { "nothing of this holds" }.into();
            }
            _ => {}
        }
        let answer = if holds { "holds" } else { "does not hold" };
        let facts = self.facts(expr, holds);
        if facts.is_empty() {
            return format!("{answer}, whatever the packet");
        }
        format!("{answer}: {}", facts.join(", "))
    }

    /// What was found where the clause was decided: the last comparison if it holds; if not, all of those that say most.
    fn facts(&self, expr: ExprId, holds: bool) -> Vec<String> {
        let mut facts: Vec<String> = Vec::new();
        let mut heaviest = 0;
        let compared = self.compared.get(&expr).map(Vec::as_slice).unwrap_or_default();
        for &at in compared.iter().rev() {
            let Some((test, left)) = self.outcome.compared.get(at) else { continue };
            let field = self.explanation.field(test.left, Some(expr));
            let weight = field.weight();
            if weight > heaviest {
                facts.clear();
                heaviest = weight;
            }
            let fact = format!("{} is {}", field.name, field.number(*left));
            if weight == heaviest && facts.len() < FACTS_MAX && !facts.contains(&fact) {
                facts.push(fact);
            }
            if holds {
                break;
            }
        }
        facts.reverse();
        facts
    }
}
