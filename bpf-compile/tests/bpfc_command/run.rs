//! Runs the command.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The command in UTC, without the settings of the caller.
pub(crate) fn bpfc(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpfc"));
    command.args(arguments).env("TZ", "UTC").env_remove("COLUMNS").env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What came out.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by itself"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs to the end without standard input.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    bpfc(arguments).output().unwrap().into()
}

/// Runs to the end with this standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = bpfc(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // The command may stop before it has read everything.
    writer.join().unwrap().unwrap_or_default();
    output.into()
}

/// Runs and demands success and silence.
pub(crate) fn succeed(arguments: &[&str]) -> Outcome {
    let outcome = run(arguments);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    outcome
}
