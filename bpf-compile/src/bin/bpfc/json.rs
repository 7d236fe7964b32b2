//! Errors and warnings as JSON Lines: one object each, always with the same fields in the same order.
//!
//! ```text
//! {"severity":"error","code":"E0201","message":"...","origin":"<filter>","offset":null,
//!  "spans":[{"start":15,"end":19,"line":1,"column":16,"text":"prot","label":"...","primary":true}],
//!  "notes":[],"help":[],"patches":[{"message":"...","start":15,"end":19,"replacement":"port"}]}
//! ```
//!
//! (On one line.) `start` and `end` are bytes of the filter; applying a patch is replacing these bytes.

use std::fmt::Write as _;

use bpf_compile::Diagnostic;
use bpf_compile::diagnostic::{Help, Label, Severity};

use crate::error::{self, Failure};
use crate::expression::Expression;

/// The lines of a failure, without the last newline.
pub(crate) fn failure(failure: &Failure) -> String {
    let (origin, offset, help) = match failure {
        Failure::Filter(filter) => {
            let lines = filter.diagnostics.iter().map(|found| {
                diagnostic(&filter.expression, found, Severity::Error, filter.context.as_deref())
            });
            return lines.collect::<Vec<_>>().join("\n");
        }
        Failure::Interrupted { summary } => {
            return plain(Severity::Error, &format!("interrupted: {summary}"), None, None, None);
        }
        Failure::File { name, .. }
        | Failure::NoInterface { name }
        | Failure::NoSuchPacket { name, .. }
        | Failure::SameFile { name } => (name, None, None),
        Failure::NoMachineCode { .. } => {
            return plain(Severity::Error, &failure.to_string(), None, None, Some(error::OTHER_ENGINES));
        }
        Failure::NotText { name, valid_bytes } => (name, Some(*valid_bytes as u64), None),
        Failure::Capture { name, error } => (name, Some(error.offset), error.damage.help()),
    };
    plain(Severity::Error, &failure.to_string(), Some(origin), offset, help)
}

/// A warning about something else than the filter.
pub(crate) fn plain_warning(message: &str) -> String {
    plain(Severity::Warning, message, None, None, None)
}

/// The line of an error or a warning about the filter.
pub(crate) fn diagnostic(
    expression: &Expression,
    diagnostic: &Diagnostic,
    severity: Severity,
    context: Option<&str>,
) -> String {
    let text = expression.text.as_str();
    let primary = span(text, &diagnostic.primary, true);
    let secondary = diagnostic.secondary.iter().map(|label| span(text, label, false));
    let spans: Vec<String> = std::iter::once(primary).chain(secondary).collect();
    let words = diagnostic.help.iter().filter(|help| help.patch.is_none());
    object(&[
        ("severity", string(severity.as_str())),
        ("code", string(diagnostic.code.as_str())),
        ("message", string(&diagnostic.message)),
        ("origin", string(&expression.origin)),
        ("offset", "null".to_owned()),
        ("spans", array(spans)),
        ("notes", array(context.map(string))),
        ("help", array(words.map(|help| string(&help.text)))),
        ("patches", array(diagnostic.help.iter().filter_map(patch))),
    ])
}

/// An error or a warning without a filter.
fn plain(
    severity: Severity,
    message: &str,
    origin: Option<&str>,
    offset: Option<u64>,
    help: Option<&str>,
) -> String {
    let null = || "null".to_owned();
    object(&[
        ("severity", string(severity.as_str())),
        ("code", null()),
        ("message", string(message)),
        ("origin", origin.map_or_else(null, string)),
        ("offset", offset.map_or_else(null, |offset| offset.to_string())),
        ("spans", array([])),
        ("notes", array([])),
        ("help", array(help.map(string))),
        ("patches", array([])),
    ])
}

fn patch(help: &Help) -> Option<String> {
    let patch = help.patch.as_ref()?;
    Some(object(&[
        ("message", string(&help.text)),
        ("start", patch.span.start.to_string()),
        ("end", patch.span.end.to_string()),
        ("replacement", string(&patch.replacement)),
    ]))
}

/// A place with its line, and its column in characters.
fn span(text: &str, label: &Label, primary: bool) -> String {
    let range = label.span.range();
    let before = text.get(..text.floor_char_boundary(range.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let in_line = before.rsplit('\n').next().unwrap_or_default();
    object(&[
        ("start", range.start.to_string()),
        ("end", range.end.to_string()),
        ("line", line.to_string()),
        ("column", (in_line.chars().count() + 1).to_string()),
        ("text", string(label.span.text(text))),
        ("label", string(&label.text)),
        ("primary", primary.to_string()),
    ])
}

/// An object with these fields, whose values are JSON already.
pub(crate) fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// An array of values that are JSON already.
pub(crate) fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

/// With everything escaped that RFC 8259 demands, and what would break a line or hide in a terminal.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string does not fail; all of these are below U+10000.
                write!(json, "\\u{:04x}", u32::from(c)).unwrap_or_default();
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests;
