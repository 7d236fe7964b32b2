//! `docs/language.md` beside the corpus: each of its examples is a case, and nothing of the language is left out.

use std::collections::BTreeMap;
use std::path::Path;

use snapgate_tests::corpus::{self, Subject};

const DOCUMENT: &str = include_str!("../../docs/language.md");
const KEYWORD_TABLE: &str = include_str!("../../bpf-compile/src/syntax/keywords.rs");

/// The filters of the corpus by the names of their cases.
fn filters() -> Result<BTreeMap<String, String>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let cases = corpus::read(&folder)?.cases;
    Ok(cases
        .into_iter()
        .filter_map(|case| match case.subject {
            Subject::Filter(filter) => Some((case.name, filter.text)),
            Subject::Machine(..) => None,
        })
        .collect())
}

/// What is quoted in a line.
fn quoted(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_example_is_a_case_of_the_corpus() {
    let filters = filters().unwrap();
    let mut checked = 0;
    for line in DOCUMENT.lines().filter(|line| line.starts_with('|')) {
        for pair in quoted(line).windows(2).filter(|pair| pair[1].contains("::") && !pair[1].contains(' ')) {
            // In a table a bar is written with a backslash.
            let (text, name) = (pair[0].replace("\\|", "|"), pair[1]);
            let Some(found) = filters.get(name) else { continue };
            assert_eq!(*found, text, "{name}");
            checked += 1;
        }
    }
    let named = DOCUMENT.matches("` — `").count();
    assert!(checked == named && named > 70, "{checked} of {named} examples are cases");
}

#[test]
fn every_keyword_is_in_the_document() {
    let primitives = DOCUMENT.split("## What one must know").next().unwrap();
    let quoted: Vec<&str> = primitives.lines().flat_map(quoted).collect();
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let words: Vec<&str> = quoted.iter().flat_map(|text| text.split(ends)).collect();
    let mut checked = 0;
    // The words of the extended language are in a table of their own.
    let table = KEYWORD_TABLE.split("const KEYWORDS:").nth(1).and_then(|rest| rest.split("];").next());
    for line in table.unwrap().lines().filter_map(|line| line.trim().strip_prefix("(\"")) {
        let Some((word, meaning)) = line.split_once("\", T::") else { continue };
        // Constants are told by their common beginning; `addr1..addr4` stands for four.
        let constant = meaning.starts_with("Number") && word.contains('-');
        if constant || word.starts_with("addr") {
            continue;
        }
        assert!(words.contains(&word), "{word} is not in the document");
        checked += 1;
    }
    assert!(checked > 120, "{checked} keywords were looked for");
}

#[test]
fn every_link_type_that_can_be_asked_is_in_the_document() {
    let rows = include_str!("corpus_rows.rs");
    let features = rows.split("const FEATURES: &str = \"").nth(1).and_then(|rest| rest.split("\";").next());
    let table = DOCUMENT.split("## Link types").nth(1).unwrap();
    let names: Vec<&str> =
        features.unwrap().lines().filter_map(|row| row.trim().split_once(':')).map(|row| row.0).collect();
    assert!(names.len() > 60);
    for name in names {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        assert!(table.split(ends).any(|word| word == name), "{name} is not in the document");
    }
}
