//! `docs/language.md` beside the corpus and the compiler: each of its examples is a case, or is compiled with the options that stand
//! behind it; nothing of the language is left out; its numbers are those of the code.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests and their helpers a failure is a failed test"
)]

use std::collections::BTreeMap;
use std::path::Path;

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::syntax::Dialect;
use bpf_compile::{Compiled, Diagnostic, Options, Target, compile, compile_looping};
use bpf_core::{Program, RawInsn, SlicePacket};
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

/// The cells of a line of a table. A bar inside of a cell has a backslash before it.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\0");
    inner.split('|').map(|cell| cell.trim().replace('\0', "|")).collect()
}

/// The part of the document from one heading to another.
fn part(from: &str, to: &str) -> &'static str {
    let (_, rest) = DOCUMENT.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

/// The options of a command line.
fn options(switches: &str) -> Options {
    let mut options = Options::new(LinkType::EN10MB);
    let mut words = switches.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--scoped" => options.scoped = true,
            "--ipv6-ext" => options.ipv6_extensions = true,
            "--extensions" => options.dialect = Dialect::Extended,
            "--allow-empty" => options.allow_empty = true,
            "-O" => options.optimize = false,
            "--protochain-depth" => options.chain_depth = words.next().unwrap().parse().unwrap(),
            "-y" => options.link_type = LinkType::from_name(words.next().unwrap()).unwrap(),
            "--target" => {
                let name = words.next().unwrap();
                options.target = Target::ALL.into_iter().find(|target| target.name() == name).unwrap();
            }
            _ => panic!("{word} is no option"),
        }
    }
    options
}

fn compiled(filter: &str, switches: &str) -> Result<Program<Vec<RawInsn>>, Diagnostic> {
    compile(filter, &options(switches), &Embedded)
}

/// Whether it compiles; with `--protochain-loop` first, to a program that loops.
fn compiles(filter: &str, switches: &str) -> Result<(), Diagnostic> {
    let Some(rest) = switches.strip_prefix("--protochain-loop") else {
        return compiled(filter, switches).map(drop);
    };
    let program = compile_looping(filter, &options(rest), &Embedded)?;
    assert!(matches!(program, Compiled::Looping(_)), "{filter}: no loop");
    Ok(())
}

/// An example: a filter, the options it is compiled with, and the code if it is refused.
fn example(text: &str) -> (String, String, Option<String>) {
    let (text, code) = match text.rsplit_once("`: ") {
        Some((text, code)) => (format!("{text}`"), Some(code.to_owned())),
        None => (text.to_owned(), None),
    };
    match quoted(&text).as_slice() {
        [filter] if text.len() == filter.len() + 2 => ((*filter).to_owned(), String::new(), code),
        [filter, switches] if text == format!("`{filter}` with `{switches}`") => {
            ((*filter).to_owned(), (*switches).to_owned(), code)
        }
        _ => panic!("this is no example: {text}"),
    }
}

#[test]
fn every_example_of_an_option_is_compiled_with_it_or_refused_as_it_says() {
    let mut checked = 0;
    let mut has_examples = false;
    for line in part("## Options that change the language", "## Limits").lines() {
        let cells = if line.starts_with('|') { cells(line) } else { Vec::new() };
        match cells.last().map_or("", String::as_str) {
            "" => has_examples = false,
            "example" => has_examples = true,
            "---" => {}
            last if has_examples => {
                for text in last.split("<br>") {
                    let (filter, switches, expected) = example(text);
                    let found =
                        compiles(&filter, &switches).err().map(|error| error.code.as_str().to_owned());
                    assert_eq!(found, expected, "{text}");
                    checked += 1;
                }
            }
            _ => {}
        }
    }
    assert!(checked > 45, "{checked} examples were compiled");
}

/// TCP to port 80; the same behind the tag 5; UDP to port 53 behind the label 7.
fn packets() -> [(&'static str, Vec<u8>); 3] {
    let ipv4 = |protocol: u8, port: u8| {
        let mut packet = vec![0; 60];
        (packet[0], packet[9], packet[23]) = (0x45, protocol, port);
        packet
    };
    let frame = |kinds: &[u8], payload: Vec<u8>| [&[2; 12][..], kinds, &payload].concat();
    [
        ("plain", frame(&[0x08, 0], ipv4(6, 80))),
        ("tagged", frame(&[0x81, 0, 0, 5, 0x08, 0], ipv4(6, 80))),
        ("labelled", frame(&[0x88, 0x47, 0, 0, 0x71, 64], ipv4(17, 53))),
    ]
}

/// What a cell of the table of scopes should say.
fn accepted(filter: &str, switches: &str) -> String {
    let program = match compiled(filter, &format!("{switches} --allow-empty")) {
        Ok(program) => program,
        Err(error) => return error.code.as_str().to_owned(),
    };
    let accepts = |packet: &[u8]| program.run(&SlicePacket::new(packet, 100)) != 0;
    let names: Vec<&str> =
        packets().iter().filter(|(_, packet)| accepts(packet)).map(|(name, _)| *name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[test]
fn the_table_of_scopes_says_what_is_accepted() {
    let mut checked = 0;
    for line in part("<!-- scoped -->", "<!-- /scoped -->").lines().skip(3) {
        let [filter, without, with] = cells(line).try_into().unwrap();
        let filter = filter.trim_matches('`');
        assert_eq!(accepted(filter, ""), without, "{filter}");
        assert_eq!(accepted(filter, "--scoped"), with, "{filter} with --scoped");
        checked += 1;
    }
    assert!(checked > 8, "{checked} filters were tried");
}

#[test]
fn filters_that_the_document_calls_refused_are_refused() {
    let link_types = ["EN10MB", "SUNATM", "JUNIPER_VP", "IEEE802_11_RADIO"];
    let mut checked = 0;
    for line in part("## Where we differ", "## Explaining").lines().filter(|line| line.starts_with('|')) {
        let cells = cells(line);
        let Some((_, code)) = cells.last().unwrap().split_once("refused (") else { continue };
        let code = code.split_once(')').unwrap().0;
        for filter in quoted(&cells[0]) {
            let codes = link_types.map(|link_type| compiled(filter, &format!("-y {link_type}")).err());
            let found = codes.iter().flatten().any(|error| error.code.as_str() == code);
            assert!(found, "{filter} is not refused by {code}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked} filters were compiled");
}

/// A number of the code by its name, as it is written there.
fn constant(name: &str) -> u64 {
    const SOURCES: [&str; 9] = [
        include_str!("../../bpf-compile/src/syntax/limits.rs"),
        include_str!("../../bpf-compile/src/compile.rs"),
        include_str!("../../bpf-compile/src/lower/inside.rs"),
        include_str!("../../bpf-compile/src/lint/mod.rs"),
        include_str!("../../bpf-compile/src/explain/mod.rs"),
        include_str!("../../bpf-compile/src/bin/bpfc/capture/limits.rs"),
        include_str!("../../bpf-core/src/verify/profile.rs"),
        include_str!("../../bpf-core/src/insn/mod.rs"),
        include_str!("../../bpf-core/src/lib.rs"),
    ];
    let start = format!("const {name}: ");
    let lines = SOURCES.iter().flat_map(|source| source.lines());
    let line = lines.filter_map(|line| line.split_once(&start)).map(|(_, rest)| rest).next();
    let value = line.and_then(|rest| rest.split_once(" = ")).and_then(|(_, value)| value.strip_suffix(';'));
    let factors = value.unwrap_or_else(|| panic!("{name} is not in the code")).split(" * ");
    factors.map(|factor| factor.replace('_', "").parse::<u64>().unwrap()).product()
}

#[test]
fn limits_are_those_of_the_code() {
    let mut checked = 0;
    for line in part("## Limits", "## What one must know").lines().filter(|line| line.starts_with('|')) {
        for (before, after) in
            line.match_indices("` = ").map(|(at, mark)| (&line[..at], &line[at + mark.len()..]))
        {
            let name = before.rsplit('`').next().unwrap();
            let digits: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
            let number: u64 = digits.replace(',', "").parse().unwrap();
            assert_eq!(constant(name), number, "{name}");
            checked += 1;
        }
        for code in line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("E0")) {
            assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{code}");
        }
    }
    assert!(checked > 8, "{checked} limits were looked up");
}
