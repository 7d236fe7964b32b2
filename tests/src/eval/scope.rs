//! Which primitives take part, and which of them are reached.
//!
//! An encapsulation moves what stands after it in the *text*, not what it is joined with: in `(vlan and ip) or arp`
//! the `arp` is looked for behind a tag as well. The nodes of the tree stand in the order of the text, so that needs
//! no walk. But where a tunnel's frame lies is known only when its test was made: `tcp or geneve` tests a TCP packet
//! for nothing more, and what follows then looks at the start of the packet.

use std::collections::HashMap;

use bpf_compile::syntax::ast::{Ast, ExprId, ExprKind};

use super::truth::Truth;

/// The parent of each node under the root, the root having none.
pub(super) fn parents(ast: &Ast, root: ExprId) -> HashMap<ExprId, Option<ExprId>> {
    let mut parents = HashMap::from([(root, None)]);
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        let children = children(ast, id);
        parents.extend(children.iter().map(|child| (*child, Some(id))));
        waiting.extend(children);
    }
    parents
}

fn children(ast: &Ast, id: ExprId) -> &[ExprId] {
    match &ast.expr(id).kind {
        ExprKind::And(children) | ExprKind::Or(children) => children,
        ExprKind::Not(child) => std::slice::from_ref(child),
        ExprKind::Primitive(_) | ExprKind::Relation { .. } => &[],
    }
}

/// Whether nothing that is tested before a node decides without it.
///
/// `truths` has the nodes before it; `fixed` those that the link type decides, wherever they stand: tests beside one
/// of those that decides are not made at all.
pub(super) fn is_reached(
    ast: &Ast,
    parents: &HashMap<ExprId, Option<ExprId>>,
    truths: &HashMap<ExprId, Truth>,
    fixed: &HashMap<ExprId, Truth>,
    node: ExprId,
) -> bool {
    let mut at = node;
    while let Some(Some(parent)) = parents.get(&at) {
        if matches!(fixed.get(parent), Some(Truth::Fixed(_))) {
            return false;
        }
        let goes_on = matches!(ast.expr(*parent).kind, ExprKind::And(_));
        let before = children(ast, *parent).iter().take_while(|child| **child != at);
        let passed =
            |truth: Truth| matches!(truth, Truth::Fixed(value) | Truth::Tested(value) if value == goes_on);
        if !before.into_iter().all(|child| truths.get(child).is_some_and(|truth| passed(*truth))) {
            return false;
        }
        at = *parent;
    }
    true
}
