//! What is told when a rule is broken.

use std::backtrace::Backtrace;
use std::fmt;

use super::Rule;

/// A broken rule, and how it came to that.
#[derive(Debug)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// What happened.
    pub message: String,
    /// The thread that did it, with its IRQL and CPU.
    pub thread: String,
    /// The functions of the kernel and callbacks of the driver that it was in, outermost first.
    pub frames: Vec<&'static str>,
    /// The history of the object that it is about: one line per event.
    pub history: Vec<String>,
    /// The seed of the machine.
    pub seed: u64,
    /// Where it was found.
    pub backtrace: Backtrace,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rule {:?} broken: {}", self.rule, self.message)?;
        writeln!(f, "  by {}", self.thread)?;
        writeln!(
            f,
            "  in {}",
            if self.frames.is_empty() { "nothing".to_owned() } else { self.frames.join(" > ") }
        )?;
        writeln!(f, "  seed {:#x}", self.seed)?;
        if !self.history.is_empty() {
            writeln!(f, "  history:")?;
            for line in &self.history {
                writeln!(f, "    {line}")?;
            }
        }
        write!(f, "{}", self.backtrace)
    }
}

impl std::error::Error for Violation {}
