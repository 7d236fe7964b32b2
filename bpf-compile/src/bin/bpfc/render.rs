//! Errors as users see them, drawn by the crate `annotate-snippets`.
//!
//! ```text
//! error[E0201]: expected `port` after `dst`          error: truncated packet data: expected 66 bytes, found 44
//!  --> <filter>:1:16                                 --> ssh.pcap: byte 4660
//!   |
//! 1 | ip and tcp dst prot 80
//!   |                ^^^^ unknown qualifier
//! ```
//!
//! Colours: only when the standard error is a terminal and `NO_COLOR` is unset or empty.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use bpf_compile::Diagnostic;
use bpf_compile::diagnostic::{Help, Severity};
use bpf_compile::span::Span;

use crate::cli::Format;
use crate::error::{self, Failure, FilterFailure};
use crate::expression::Expression;
use crate::json;

/// The longest line that is shown with a change; the renderer never shortens it, as it does where an error is shown.
const PATCHED_LINE_BYTES_MAX: usize = 1000;

/// Prints the failure, unless there is nothing to say.
pub(crate) fn failure(failure: &Failure, format: Format) {
    if failure.is_silent() {
        return;
    }
    match format {
        Format::Text => tell(&text(failure, color())),
        Format::Json => tell(&json::failure(failure)),
    }
}

/// Prints a warning about the filter.
pub(crate) fn warning(
    expression: &Expression,
    diagnostic: &Diagnostic,
    context: Option<&str>,
    format: Format,
) {
    match format {
        Format::Text => {
            let groups = filter_groups(expression, diagnostic, Severity::Warning, context);
            tell(&renderer(color()).render(&groups));
        }
        Format::Json => tell(&json::diagnostic(expression, diagnostic, Severity::Warning, context)),
    }
}

fn color() -> bool {
    io::stderr().is_terminal() && color_is_wanted()
}

fn color_is_wanted() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn renderer(color: bool) -> Renderer {
    if color { Renderer::styled() } else { Renderer::plain() }
}

/// The filter with places in it underlined, for the standard output.
pub(crate) fn places(expression: &Expression, title: &str, places: &[(Span, String)]) -> String {
    let text = expression.text.as_str();
    let annotations = places
        .iter()
        .map(|(span, label)| AnnotationKind::Primary.span(inside(text, span.range())).label(label.as_str()));
    let snippet = Snippet::source(text).path(expression.origin.as_str()).annotations(annotations);
    let color = io::stdout().is_terminal() && color_is_wanted();
    renderer(color).render(&[Level::NOTE.primary_title(title).element(snippet)])
}

/// Writes a line to the standard error. That nobody can read it is no reason to fail in another way.
pub(crate) fn tell(line: &str) {
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}

/// The whole text, without the last newline.
fn text(failure: &Failure, color: bool) -> String {
    let renderer = renderer(color);
    let groups = match failure {
        Failure::Filter(filter) => {
            let FilterFailure { expression, diagnostics, context } = &**filter;
            let rendered = diagnostics.iter().map(|diagnostic| {
                renderer.render(&filter_groups(expression, diagnostic, Severity::Error, context.as_deref()))
            });
            return rendered.collect::<Vec<_>>().join("\n");
        }
        Failure::Interrupted { summary } => return format!("bpfc: interrupted: {summary}"),
        Failure::File { name, .. } | Failure::NoInterface { name } | Failure::NoSuchPacket { name, .. } => {
            vec![plain(failure, name.clone(), None)]
        }
        Failure::NoMachineCode { .. } => {
            let title = Level::ERROR.primary_title(failure.to_string());
            vec![Group::with_title(title).element(Level::HELP.message(error::OTHER_ENGINES))]
        }
        Failure::NotText { name, valid_bytes } => vec![plain(failure, at(name, *valid_bytes as u64), None)],
        Failure::SameFile { name } => {
            vec![plain(failure, name.clone(), Some("write to another file, and rename it afterwards"))]
        }
        Failure::Capture { name, error } => vec![plain(failure, at(name, error.offset), error.damage.help())],
    };
    renderer.render(&groups)
}

fn at(name: &str, offset: u64) -> String {
    format!("{name}: byte {offset}")
}

/// An error without source text.
fn plain<'a>(failure: &Failure, place: String, help: Option<&'a str>) -> Group<'a> {
    let group = Level::ERROR.primary_title(failure.to_string()).element(Origin::path(place));
    match help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// The severity is not that of the diagnostic where warnings are denied.
fn filter_groups<'a>(
    expression: &'a Expression,
    diagnostic: &'a Diagnostic,
    severity: Severity,
    context: Option<&'a str>,
) -> Vec<Group<'a>> {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let text = expression.text.as_str();
    let primary = annotation(AnnotationKind::Primary, text, &diagnostic.primary);
    let secondary = diagnostic.secondary.iter().map(|label| annotation(AnnotationKind::Context, text, label));
    let snippet =
        Snippet::source(text).path(expression.origin.as_str()).annotation(primary).annotations(secondary);
    let mut first = level.primary_title(&*diagnostic.message).id(diagnostic.code.as_str()).element(snippet);
    if let Some(context) = context {
        first = first.element(Level::NOTE.message(context));
    }
    let (patches, words): (Vec<_>, Vec<_>) = diagnostic.help.iter().partition(|help| help.patch.is_some());
    for help in words {
        first = first.element(Level::HELP.message(&*help.text));
    }
    let mut groups = vec![first];
    groups.extend(patches.into_iter().filter_map(|help| patch_group(text, help)));
    groups
}

fn annotation<'a>(
    kind: AnnotationKind,
    text: &str,
    label: &'a bpf_compile::diagnostic::Label,
) -> Annotation<'a> {
    let annotation = kind.span(inside(text, label.span.range()));
    if label.text.is_empty() { annotation } else { annotation.label(&*label.text) }
}

/// The line before and after the change; where it is too long to be shown twice, only the change.
fn patch_group<'a>(text: &'a str, help: &'a Help) -> Option<Group<'a>> {
    let patch = help.patch.as_ref()?;
    let range = inside(text, patch.span.range());
    let line_start = text.get(..range.start).and_then(|before| before.rfind('\n')).unwrap_or_default();
    let behind = text.get(range.end..).unwrap_or_default();
    let line_end = range.end + behind.find('\n').unwrap_or(behind.len());
    if line_end - line_start > PATCHED_LINE_BYTES_MAX {
        let found = text.get(range).unwrap_or_default();
        let words = match (found, patch.replacement.as_str()) {
            ("", new) => format!("{}: insert `{new}`", help.text),
            (old, "") => format!("{}: leave out `{old}`", help.text),
            (old, new) => format!("{}: `{new}` instead of `{old}`", help.text),
        };
        return Some(Group::with_title(Level::HELP.secondary_title(words)));
    }
    let patch = Patch::new(range, patch.replacement.as_str());
    Some(Level::HELP.secondary_title(&*help.text).element(Snippet::source(text).patch(patch)))
}

/// The range cut to the text and widened to whole characters, as the renderer needs it.
fn inside(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(range.start);
    start..text.ceil_char_boundary(range.end.min(text.len())).max(start)
}

#[cfg(test)]
mod tests;
