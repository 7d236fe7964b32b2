//! The bodies of the fuzz targets: functions from bytes to nothing, which panic if a law is broken.
//!
//! `smoke` runs them; inputs that once broke a law lie in `crashes/<target>/` and are tried again by a test below.

mod driver;
mod filter;
mod input;
mod jit;
mod machine;
mod ring;
mod text;

#[path = "../../bpf-core/tests/laws_reference/mod.rs"]
mod reference;

#[path = "../../driver/ring/tests/queue/mod.rs"]
mod queue;

#[expect(unreachable_pub, reason = "it is a module of the tests' library")]
#[path = "../../tests/src/eval/mod.rs"]
mod eval;

#[expect(unreachable_pub, reason = "it is a module of the tests' library")]
#[path = "../../tests/src/vocabulary.rs"]
mod vocabulary;

pub use driver::{driver_events, ioctl_decode};
pub use filter::{compile_filter, compile_vs_eval, explain_filter, parse_filter};
pub use input::seed;
pub use jit::{filter_vs_jit, interp_vs_jit};
pub use machine::{decode_roundtrip, validate_run};
pub use ring::ring_ops;
pub use text::parse_print;

/// The body of a fuzz target.
pub type Target = fn(&[u8]);

/// The targets by name, for the replay of old crashes.
pub const TARGETS: [(&str, Target); 12] = [
    ("compile_filter", compile_filter),
    ("compile_vs_eval", compile_vs_eval),
    ("decode_roundtrip", decode_roundtrip),
    ("driver_events", driver_events),
    ("explain_filter", explain_filter),
    ("filter_vs_jit", filter_vs_jit),
    ("interp_vs_jit", interp_vs_jit),
    ("ioctl_decode", ioctl_decode),
    ("parse_filter", parse_filter),
    ("parse_print", parse_print),
    ("ring_ops", ring_ops),
    ("validate_run", validate_run),
];

/// Text from bytes: as it is (what is not UTF-8 replaced) if the first byte is even, else pieces by number, which get
/// deeper into a parser; a number has two bytes if there are more pieces than one can tell apart.
fn text_of(bytes: &[u8], pieces: &[&str], between: &str) -> String {
    match bytes.split_first() {
        Some((first, rest)) if first % 2 == 1 => {
            let size = if pieces.len() > 256 { 2 } else { 1 };
            let number =
                |bytes: &[u8]| bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte));
            let words = rest.chunks_exact(size).map(|bytes| pieces[number(bytes) % pieces.len()]);
            words.collect::<Vec<_>>().join(between)
        }
        Some((_, rest)) => String::from_utf8_lossy(rest).into_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Inputs that once broke a law, each in the folder of its target.
    #[test]
    fn inputs_that_once_failed_pass() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crashes");
        for (name, target) in TARGETS {
            let Ok(inputs) = std::fs::read_dir(folder.join(name)) else { continue };
            for input in inputs {
                target(&std::fs::read(input.unwrap().path()).unwrap());
            }
        }
    }

    #[test]
    fn every_target_has_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        assert_eq!(files, TARGETS.map(|(name, _)| name));
    }
}
