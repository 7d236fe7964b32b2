//! What the repository promises about itself: sizes of files, places of `unsafe`, paths that documents name.

use std::path::{Path, PathBuf};

/// No source file may be longer.
const LINES_MAX: usize = 800;

/// The only places with `unsafe` code; each block has its proof beside it, which clippy checks.
const UNSAFE_PLACES: [&str; 12] = [
    "benches/src/bin/engines/peers.rs",
    "bpf-core/no-panic/src/",
    "bpf-jit/src/memory.rs",
    "bpf-jit/tests/guard/fence.rs",
    "driver/ffi/",
    "driver/ring/src/",
    "driver/sim/",
    "driver/src/",
    "driver/sys/src/",
    "fuzz/fuzz_targets/ring_ops.rs",
    "tests/src/oracle/",
    "tests/tests/tidy.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files that git tracks, with their paths from the root.
fn tracked() -> Vec<String> {
    let output = std::process::Command::new("git").arg("ls-files").current_dir(root()).output();
    let output =
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let files: Vec<String> = output.lines().map(str::to_owned).collect();
    assert!(files.len() > 100, "git lists only {} files", files.len());
    files
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn sources() -> Vec<(String, String)> {
    tracked()
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

#[test]
fn no_source_file_is_too_long_and_each_says_what_it_is_for() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{path} has {lines} lines");
        let first = text.lines().find(|line| !line.starts_with("#!") && !line.is_empty()).unwrap_or_default();
        assert!(first.starts_with("//!"), "{path} begins with `{first}`, not with what it is for");
    }
}

#[test]
fn unsafe_code_stands_only_where_it_is_expected() {
    for (path, text) in sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code.filter(|line| line.contains("unsafe {") || line.contains("unsafe fn")).count();
        let expected = UNSAFE_PLACES.iter().any(|place| path.starts_with(place));
        assert!(found == 0 || expected, "{path}: {found} lines with unsafe code");
    }
}

#[test]
fn the_machine_and_the_compiler_forbid_unsafe_code() {
    for path in ["bpf-core/src/lib.rs", "bpf-compile/src/lib.rs"] {
        assert!(read(path).contains("#![forbid(unsafe_code)]"), "{path}");
    }
    assert!(read("bpf-core/src/lib.rs").contains("#![no_std]"));
}

#[test]
fn paths_that_documents_name_exist() {
    let files = tracked();
    let prefixes =
        ["bpf-core/", "bpf-compile/", "tests/", "fuzz/", "benches/", "docs/", "driver/", "bpf-jit/"];
    let mut checked = 0;
    for document in files.iter().filter(|path| path.ends_with(".md")) {
        let text = read(document);
        for quoted in text.split('`').skip(1).step_by(2) {
            let path = quoted.split_whitespace().next().unwrap_or_default();
            if !prefixes.iter().any(|prefix| path.starts_with(prefix)) {
                continue;
            }
            // A star stands for any text, as in a shell.
            let (start, end) = path.split_once('*').unwrap_or((path, ""));
            let known = files.iter().any(|file| file.starts_with(start) && file.ends_with(end))
                || root().join(path).exists();
            assert!(known, "{document} names {path}, which is not there");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} paths were found in the documents");
}

/// How a heading is named in links: as GitHub does it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The lines of a document that are not inside of a block of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

#[test]
fn links_in_documents_lead_to_files_and_headings_that_are_there() {
    let files = tracked();
    let mut checked = 0;
    for document in files.iter().filter(|path| path.ends_with(".md")) {
        let text = read(document);
        // What is quoted is no link.
        let prose: String = prose(&text).flat_map(|line| line.split('`').step_by(2).chain(["\n"])).collect();
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for link in links.filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(document).parent().unwrap_or(Path::new(""));
            let target = if path.is_empty() { PathBuf::from(document) } else { folder.join(path) };
            assert!(root().join(&target).exists(), "{document} links to {link}, which is not there");
            if !heading.is_empty() {
                let linked = read(&target.to_string_lossy());
                let found = self::prose(&linked).any(|line| line.starts_with('#') && anchor(line) == heading);
                assert!(found, "{document} links to {link}, which has no such heading");
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found in the documents");
}

#[test]
fn nothing_unfinished_is_left_in_the_sources() {
    // Spelled so that this file does not find itself.
    let marks = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["FIX", "ME"].concat(),
        ["dbg", "!("].concat(),
    ];
    for (path, text) in sources() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{path} has {mark}");
        }
    }
}

#[test]
fn the_readme_lists_what_is_not_supported() {
    let readme = read("README.md");
    let refusals = readme.lines().filter(|line| line.starts_with('|') && line.contains("| No")).count();
    assert!(refusals >= 8, "{refusals} No rows");
}
