//! Warnings: filters that compile, and probably do not mean what their author meant.
//!
//! ```text
//! text, Ast ──▶ Outline (places, leaves, encapsulations)
//!                  │
//!                  ├─ precedence  W0109   a or b and c
//!                  ├─ inherit     W0102, W0103   src host a and b, not host a and b
//!                  ├─ shift       W0101   vlan or ip
//!                  ├─ family      W0104, W0105   ip6 and tcp[13] = 2
//!                  ├─ constant    W0106, W0107   ip[0] > 255
//!                  └─ duplicate   W0108   port 80 or port 80
//!                  ▼
//!              warnings in the order of the text
//! ```
//!
//! Rules:
//! - A warning is for what misleads; idioms stay silent (`port 80 or 443`, `vlan and ip`, `a and b or c`).
//! - A change is offered only if it was tried: the changed text is parsed, and must consist of the clauses that it
//!   was meant to have, qualifiers included. So no change loses what an id inherits.
//! - Nothing recurses; each lint is near-linear in the text. Warnings of one code end at [`PER_CODE_MAX`], and texts
//!   above [`CHANGED_TEXT_BYTES_MAX`] get no changes: each change costs a parse of the whole text.

use alloc::string::String;
use alloc::vec::Vec;

use crate::compile::Options;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::Ast;
use outline::Outline;

mod change;
mod constant;
mod duplicate;
mod family;
mod inherit;
mod interval;
mod outline;
mod precedence;
mod shift;

/// How many warnings of one code are given; a filter with more was made by a program that repeats itself.
pub const PER_CODE_MAX: usize = 16;

/// The longest text for which changes are offered; nobody mends a longer one by hand.
pub const CHANGED_TEXT_BYTES_MAX: usize = 64 * 1024;

/// The warnings for a filter, in the order of the text. `ast` is what [`parse`](crate::syntax::parse) made of `text`.
///
/// # Examples
/// ```
/// use bpf_compile::link::LinkType;
/// use bpf_compile::{Options, diagnostic::Code, lint::lint, syntax::parse};
///
/// let text = "tcp port 80 or tcp port 443 and host 192.0.2.1";
/// let warnings = lint(text, &parse(text)?, &Options::new(LinkType::EN10MB));
/// assert_eq!(warnings[0].code, Code::MixedOperators);
/// # Ok::<(), bpf_compile::Diagnostic>(())
/// ```
#[must_use]
pub fn lint(text: &str, ast: &Ast, options: &Options) -> Vec<Diagnostic> {
    let outline = Outline::new(text, ast);
    let mut findings = Findings::default();
    precedence::check(&outline, &mut findings);
    inherit::check(&outline, &mut findings);
    if !options.scoped {
        shift::check(&outline, &mut findings);
    }
    family::check(&outline, options, &mut findings);
    constant::check(&outline, &mut findings);
    duplicate::check(&outline, &mut findings);
    let mut warnings = findings.warnings;
    warnings.sort_by_key(|warning| (warning.primary.span, warning.code));
    warnings
}

/// The warnings so far.
#[derive(Default)]
struct Findings {
    warnings: Vec<Diagnostic>,
}

impl Findings {
    /// Adds a warning, which is made only while there is room for one of this code.
    fn add(&mut self, code: Code, warning: impl FnOnce() -> Diagnostic) {
        if self.warnings.iter().filter(|known| known.code == code).count() < PER_CODE_MAX {
            self.warnings.push(warning());
        }
    }
}

/// A short piece of the filter in backquotes, for messages; the beginning of a long one.
fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => alloc::format!("`{}...`", text.get(..end).unwrap_or_default()),
        None => alloc::format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests;
