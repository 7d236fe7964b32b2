//! What can be wrong with a filter, as a value.
//!
//! The library never renders: a [`Diagnostic`] carries a stable [`Code`], the message, the place, and what would
//! help; `bpfc` draws it. The first digit after the letter tells who found it:
//!
//! ```text
//! E01xx lexer   E02xx parser   E03xx names   E04xx meaning   E05xx program   W01xx lints
//! ```
//!
//! Codes with an `E` are errors: there is no program. Those with a `W` are warnings: there is one, and it may not be
//! what was meant.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::span::Span;

mod code;
mod suggest;

pub use code::{Code, Severity};
pub use suggest::nearest;

/// One thing that is wrong with a filter, or probably is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of error or warning; stable from release to release.
    pub code: Code,
    /// The sentence that says what is wrong, without the place.
    pub message: Cow<'static, str>,
    /// The place that is wrong, with a few words that stand under the caret.
    pub primary: Label,
    /// Other places that explain the first.
    pub secondary: Vec<Label>,
    /// What can be done, most useful first.
    pub help: Vec<Help>,
}

/// A place and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words; may be empty.
    pub text: Cow<'static, str>,
}

/// Advice, with a change of the text where one can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The advice in words.
    pub text: Cow<'static, str>,
    /// A change that would mend the filter.
    pub patch: Option<Patch>,
}

/// A change of the filter text: the bytes of `span` are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there instead.
    pub replacement: String,
}

impl Diagnostic {
    /// An error or a warning at `span`, with the words that stand under the caret.
    #[must_use]
    pub fn new(
        code: Code,
        message: impl Into<Cow<'static, str>>,
        span: Span,
        label: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Whether the filter has a program in spite of it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Adds another place.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds advice in words.
    #[must_use]
    pub fn with_help(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.help.push(Help { text: text.into(), patch: None });
        self
    }

    /// Adds advice with the change that follows it.
    #[must_use]
    pub fn with_patch(
        mut self,
        text: impl Into<Cow<'static, str>>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        let patch = Patch { span, replacement: replacement.into() };
        self.help.push(Help { text: text.into(), patch: Some(patch) });
        self
    }
}

/// One line: code, message and column; for logs. `bpfc` renders the whole.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = u64::from(self.primary.span.start).saturating_add(1);
        write!(f, "{}: {} (column {column})", self.code, self.message)
    }
}

impl core::error::Error for Diagnostic {}
