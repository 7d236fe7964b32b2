//! How many 802.1Q tags the text has named before each node.
//!
//! `vlan` moves what stands after it in the *text*, not what it is joined with: in `(vlan and ip) or arp` the `arp`
//! is looked for behind a tag as well. So the tree is walked once in the order of the text, and each node notes the
//! count on entry; a `vlan` is itself looked for behind the tags before it only.

use std::collections::HashMap;

use bpf_compile::syntax::ast::{Ast, Encap, ExprId, ExprKind, Primitive};

/// For each node under `root`, the tags named before it.
pub(super) fn tags_before(ast: &Ast, root: ExprId) -> HashMap<ExprId, u32> {
    let mut tags = 0;
    let mut before = HashMap::new();
    // The stack holds what is still to be visited, the leftmost on top.
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        before.insert(id, tags);
        match &ast.expr(id).kind {
            ExprKind::And(children) | ExprKind::Or(children) => waiting.extend(children.iter().rev()),
            ExprKind::Not(child) => waiting.push(*child),
            ExprKind::Primitive(Primitive::Encap { kind: Encap::Vlan, .. }) => tags += 1,
            ExprKind::Primitive(_) | ExprKind::Relation { .. } => {}
        }
    }
    before
}
