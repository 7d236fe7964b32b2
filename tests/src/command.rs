//! `bpfc` as a user runs it, and other commands.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The command `bpfc`, built as cargo would build it for a user, in the target folder of the program that asks.
///
/// # Panics
/// When it does not build.
pub fn bpfc() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // A test is at TARGET/debug/deps/NAME, an example at TARGET/debug/examples/NAME: nothing is built twice.
        let here = std::env::current_exe().expect("this program has a path");
        let target = here.ancestors().nth(3).expect("a program of cargo's lies in target/debug/deps");
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "-p",
                "bpf-compile",
                "--bin",
                "bpfc",
                "--manifest-path",
                manifest,
            ])
            .arg("--target-dir")
            .arg(target)
            .status()
            .expect("cargo starts");
        assert!(status.success(), "bpfc does not build");
        target.join("debug/bpfc")
    })
}

/// Runs a command with an input, and waits for its end.
///
/// # Panics
/// When it does not start.
pub fn output(command: &mut Command, input: Option<&[u8]>) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    // Test captures are smaller than what both read before they write; a reader that stops early is no failure.
    let _ = stdin.write_all(input.unwrap_or_default());
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}
