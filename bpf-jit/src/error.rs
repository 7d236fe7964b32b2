//! Why there is no machine code.

use std::fmt;

/// A program could not be turned into machine code. It still runs: on bpf-core's interpreter, with the same verdicts.
#[derive(Debug)]
pub struct JitError {
    kind: JitErrorKind,
    detail: String,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JitErrorKind {
    /// The program has more instructions than [`crate::LEN_MAX`].
    TooLong,
    /// There is no code generator for the processor of this machine.
    UnsupportedHost,
    /// The code generator did not come to an end: a bug.
    Codegen,
    /// The system gave no memory for code, or did not let it be executed.
    Memory,
}

impl JitError {
    pub(crate) fn new(kind: JitErrorKind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> JitErrorKind {
        self.kind
    }

    /// What to do.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.kind {
            JitErrorKind::TooLong => "run it on the interpreter, or compile the filter to a shorter program",
            JitErrorKind::UnsupportedHost => "run it on the interpreter; the JIT knows x86-64 and aarch64",
            JitErrorKind::Codegen => "run it on the interpreter, and report the program",
            JitErrorKind::Memory => {
                "run it on the interpreter; raise the limit on memory or on maps, or let the process execute what it wrote"
            }
        }
    }
}

impl fmt::Display for JitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            JitErrorKind::TooLong => "the program is too long for the JIT",
            JitErrorKind::UnsupportedHost => "the JIT does not know this processor",
            JitErrorKind::Codegen => "the code generator failed",
            JitErrorKind::Memory => "no memory for machine code",
        };
        write!(f, "{what}: {}", self.detail)
    }
}

impl std::error::Error for JitError {}
