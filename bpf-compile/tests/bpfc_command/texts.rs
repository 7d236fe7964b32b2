//! Help, manual page, completions and the list of link types, all from the one definition of the options.
//!
//! `BLESS=1 cargo test` writes the golden files anew.

use std::path::Path;
use std::{env, fs};

use crate::run::succeed;

pub(crate) fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{} differs; BLESS=1 writes it anew", path.display());
}

#[test]
fn help() {
    golden("bpfc_help.txt", succeed(&["-h"]).text());
    golden("bpfc_long_help.txt", succeed(&["--help"]).text());
}

#[test]
fn manual_page() {
    let manual = succeed(&["--man"]);
    golden("bpfc.1", manual.text());
    assert!(manual.text().contains("interrupted by SIGINT"), "exit codes are in the manual");
}

#[test]
fn version() {
    assert_eq!(succeed(&["--version"]).text(), concat!("bpfc ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn completions_know_every_option() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = succeed(&["--completions", shell]);
        for option in ["netmask", "resolve", "count", "completions", "man"] {
            assert!(script.text().contains(option), "{shell}: {option}");
        }
    }
}

#[test]
fn link_types() {
    let list = succeed(&["-L"]);
    let ethernet = list.text().lines().nth(1).unwrap();
    assert_eq!(ethernet.split_whitespace().collect::<Vec<_>>(), ["1", "EN10MB", "Ethernet"]);
    assert!(list.text().lines().count() > 200);
}
