//! Changes of the text that are tried before they are offered.

use alloc::string::String;
use alloc::vec::Vec;

use super::CHANGED_TEXT_BYTES_MAX;
use super::outline::Outline;
use crate::diagnostic::{Diagnostic, Help, Patch};
use crate::span::Span;
use crate::syntax::ast::Ast;
use crate::syntax::{parse, print_part, same_meaning};

/// One replacement; several make a [`Patch`].
pub(super) struct Edit {
    place: Span,
    replacement: String,
}

impl Edit {
    /// Replaces a place.
    pub(super) fn replace(place: Span, replacement: impl Into<String>) -> Self {
        Self { place, replacement: replacement.into() }
    }

    /// Inserts at an offset.
    pub(super) fn insert(at: u32, new: impl Into<String>) -> Self {
        Self::replace(Span::new(at, at), new)
    }
}

impl Outline<'_> {
    /// The edits as one change that keeps the meaning; `None` if it would not, or the text is too long to try.
    pub(super) fn same(&self, edits: Vec<Edit>) -> Option<Patch> {
        let (patch, changed) = self.tried(edits)?;
        same_meaning(self.ast, &changed.ast).then_some(patch)
    }

    /// The edits as one change after which the filter consists of these leaves of today's, in this order.
    pub(super) fn rearranged(
        &self,
        edits: Vec<Edit>,
        leaves: impl Iterator<Item = usize>,
        accept: impl FnOnce(&Outline<'_>) -> bool,
    ) -> Option<Patch> {
        let (patch, changed) = self.tried(edits)?;
        let after = Outline::new(&changed.text, &changed.ast);
        let mut found = after.leaves.iter();
        for leaf in leaves {
            let (before, after_leaf) = (self.leaves.get(leaf)?, found.next()?);
            if print_part(self.ast, *before) != print_part(after.ast, *after_leaf) {
                return None;
            }
        }
        (found.next().is_none() && accept(&after)).then_some(patch)
    }

    /// The edits as one change after which the filter has the same clauses in the same order.
    pub(super) fn regrouped(&self, edits: Vec<Edit>) -> Option<Patch> {
        self.rearranged(edits, 0..self.leaves.len(), |_| true)
    }

    /// The edits as one change whose result parses.
    pub(super) fn parsing(&self, edits: Vec<Edit>) -> Option<Patch> {
        self.tried(edits).map(|(patch, _)| patch)
    }

    fn tried(&self, edits: Vec<Edit>) -> Option<(Patch, Changed)> {
        if self.text.len() > CHANGED_TEXT_BYTES_MAX {
            return None;
        }
        let patch = self.patch(edits)?;
        let before = self.text.get(..patch.span.start as usize)?;
        let behind = self.text.get(patch.span.end as usize..)?;
        let text = [before, &patch.replacement, behind].concat();
        let ast = parse(&text).ok()?;
        Some((patch, Changed { text, ast }))
    }

    /// One change from the first edit to the last. Edits at the same place keep their order.
    fn patch(&self, mut edits: Vec<Edit>) -> Option<Patch> {
        edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
        let start = edits.first()?.place.start;
        let mut at = start;
        let mut replacement = String::new();
        for edit in &edits {
            replacement.push_str(self.text.get(at as usize..edit.place.start as usize)?);
            replacement.push_str(&edit.replacement);
            at = edit.place.end;
        }
        Some(Patch { span: Span::new(start, at), replacement })
    }
}

struct Changed {
    text: String,
    ast: Ast,
}

/// Adds the changes that passed; the advice in words if none did.
pub(super) fn with_offers<const N: usize>(
    mut warning: Diagnostic,
    offers: [(&'static str, Option<Patch>); N],
    otherwise: &'static str,
) -> Diagnostic {
    for (text, patch) in offers {
        if patch.is_some() {
            warning.help.push(Help { text: text.into(), patch });
        }
    }
    if warning.help.is_empty() { warning.with_help(otherwise) } else { warning }
}
