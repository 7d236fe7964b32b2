//! Everything that can end the command, apart from a wrong command line, which clap reports.

use std::io;

use bpf_compile::Diagnostic;
use thiserror::Error;

use crate::capture::CaptureError;
use crate::exit;
use crate::expression::Expression;

/// What to do where there is no machine code.
pub(crate) const OTHER_ENGINES: &str =
    "leave out --engine, or use `--engine interp`: the same packets are selected";

/// Why the command ended. Texts are rendered by [`crate::render`].
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A file could not be opened, created or written.
    #[error("cannot {action}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// Its name as the user gave it.
        name: String,
        /// The answer of the system.
        source: io::Error,
    },
    /// The expression file is no text.
    #[error("the expression is not UTF-8 text")]
    NotText {
        /// The file of the expression.
        name: String,
        /// How many bytes are text.
        valid_bytes: usize,
    },
    /// Reading and writing the same file would destroy it.
    #[error("the output is the input file")]
    SameFile {
        /// The name of the output.
        name: String,
    },
    /// The capture is damaged.
    #[error("{error}")]
    Capture {
        /// The name of the input.
        name: String,
        /// What and where.
        error: CaptureError,
    },
    /// `-d -r`, and the capture does not say for which link type.
    #[error("the capture describes no interface, so there is no link type to compile for")]
    NoInterface {
        /// The name of the input.
        name: String,
    },
    /// `explain -n`, and the capture ends before.
    #[error("packet {number} does not exist: the capture has {count} {}", if *.count == 1 { "packet" } else { "packets" })]
    NoSuchPacket {
        /// The name of the input.
        name: String,
        /// The number that was asked for.
        number: u64,
        /// How many there are.
        count: u64,
    },
    /// `--engine jit`, and there can be no machine code.
    #[error("--engine jit is not possible: {reason}")]
    NoMachineCode {
        /// What stands against it.
        reason: String,
    },
    /// The filter does not compile, or has warnings that are denied.
    #[error("{}", .0.message())]
    Filter(Box<FilterFailure>),
    /// SIGINT.
    #[error("interrupted")]
    Interrupted {
        /// What was done until then.
        summary: String,
    },
}

/// A filter that is refused, and for what.
#[derive(Debug)]
pub(crate) struct FilterFailure {
    /// The text and where it comes from.
    pub(crate) expression: Expression,
    /// What is wrong with it; at least one thing.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The interface and its link type, where the capture decided on it.
    pub(crate) context: Option<String>,
}

impl FilterFailure {
    /// The first thing that is wrong, in words.
    fn message(&self) -> &str {
        self.diagnostics.first().map_or("", |diagnostic| &diagnostic.message)
    }
}

impl Failure {
    /// The exit code. A broken pipe is the reader's way to say "enough".
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => exit::SUCCESS,
            Self::File { .. }
            | Self::NotText { .. }
            | Self::NoInterface { .. }
            | Self::NoSuchPacket { .. }
            | Self::Capture { .. } => exit::FAILURE,
            Self::SameFile { .. } | Self::NoMachineCode { .. } => exit::USAGE,
            Self::Filter(_) => exit::FILTER,
            Self::Interrupted { .. } => exit::INTERRUPTED,
        }
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}
