//! From files to cases.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::syntax::Dialect;
use bpf_compile::{Options, Target};
use bpf_core::{Metadata, Profile, RawInsn, Vlan, text};
use serde::de::DeserializeOwned;

use super::file::{
    BesideEntries, CaseEntry, CaseFile, ErrorEntry, MachineEntry, OptionEntries, Packets, RefusedEntry,
};
use super::packets::{InScope, Shared};
use super::{Case, Corpus, ErrorCase, Filter, Names, RefusedCase, Sample, Subject};

/// What a tag says that it is.
const TPID: u16 = 0x8100;

/// Reads all files below `folder`: `packets/*.toml`, then `*.toml`.
///
/// # Errors
/// All that is wrong with them, one a line.
pub fn read(folder: &Path) -> Result<Corpus, String> {
    let mut corpus = Corpus::default();
    let mut shared = Shared::default();
    let mut problems = Vec::new();
    for path in toml_files(&folder.join("packets"))? {
        if let Err(problem) = parse(&path).and_then(|file| shared.add(file)) {
            problems.push(format!("{}: {problem}", path.display()));
        }
    }
    for path in toml_files(folder)? {
        let file = match parse(&path) {
            Ok(file) => file,
            Err(problem) => {
                problems.push(format!("{}: {problem}", path.display()));
                continue;
            }
        };
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        problems.extend(add_file(&mut corpus, &mut shared, &stem, file));
    }
    for unused in shared.unused() {
        problems.push(format!("packet {unused}: no case uses it"));
    }
    if problems.is_empty() { Ok(corpus) } else { Err(problems.join("\n")) }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{}: no files", folder.display()));
    }
    Ok(paths)
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    toml::from_str(&text).map_err(|error| error.to_string())
}

/// What a file says about all of its filters.
struct Common {
    options: OptionEntries,
    names: Arc<Names>,
    has_names: bool,
}

/// Adds the cases of one file; returns what is wrong with them.
fn add_file(corpus: &mut Corpus, shared: &mut Shared, stem: &str, file: CaseFile) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut note = |name: &str, problem: String| problems.push(format!("{stem}::{name}: {problem}"));
    let prepared = Names::new(&file.names).and_then(|names| Ok((names, InScope::new(shared, &file.packet)?)));
    let (names, mut packets) = match prepared {
        Ok((names, packets)) => (Arc::new(names), packets),
        Err(problem) => {
            note("", problem);
            return problems;
        }
    };
    let common = Common { options: file.options.clone(), names, has_names: !file.names.is_empty() };
    let mut fresh = |name: &str| {
        let well_formed = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !well_formed {
            return Err(String::from("a name has small letters, digits and hyphens"));
        }
        let full = format!("{stem}::{name}");
        if seen.insert(full.clone()) { Ok(full) } else { Err(String::from("two cases of this name")) }
    };
    for entry in &file.case {
        let link_type = entry.link_type.as_ref().unwrap_or(&file.link_type);
        match fresh(&entry.name).and_then(|name| filter_case(name, entry, link_type, &common, &mut packets)) {
            Ok(case) => corpus.cases.push(case),
            Err(problem) => note(&entry.name, problem),
        }
    }
    for entry in &file.error {
        let link_type = entry.link_type.as_ref().unwrap_or(&file.link_type);
        match fresh(&entry.name).and_then(|name| error_case(name, entry, link_type, &common)) {
            Ok(case) => corpus.errors.push(case),
            Err(problem) => note(&entry.name, problem),
        }
    }
    for entry in &file.machine {
        match fresh(&entry.name).and_then(|name| machine_case(name, entry, &mut packets)) {
            Ok(case) => corpus.cases.push(case),
            Err(problem) => note(&entry.name, problem),
        }
    }
    for entry in &file.refused {
        match fresh(&entry.name).and_then(|name| refused_case(name, entry)) {
            Ok(case) => corpus.refused.push(case),
            Err(problem) => note(&entry.name, problem),
        }
    }
    if seen.is_empty() {
        note("", String::from("no cases"));
    }
    for unused in packets.unused() {
        note("", format!("packet {unused}: no case uses it"));
    }
    problems
}

fn filter_case(
    name: String,
    entry: &CaseEntry,
    link_type: &str,
    common: &Common,
    packets: &mut InScope<'_>,
) -> Result<Case, String> {
    let filter = Filter {
        libpcap_1_10: entry.libpcap_1_10.clone(),
        evaluator: entry.evaluator.clone(),
        known: known(&entry.beside)?,
        ..filter(&entry.filter, link_type, entry.netmask.as_deref(), entry.options.as_ref(), common)?
    };
    let mut listed = |list: &Packets| -> Result<Option<Vec<Sample>>, String> {
        match list {
            Packets::Word(word) if word == "rest" => Ok(None),
            Packets::Word(word) => Err(format!("neither a list nor \"rest\": {word:?}")),
            Packets::List(words) => {
                let found: Result<Vec<_>, _> =
                    words.iter().map(|word| packets.named(word, link_type, entry.wire_len)).collect();
                Ok(Some(found?.concat()))
            }
        }
    };
    let (accept, reject) = (listed(&entry.accept)?, listed(&entry.reject)?);
    let mut rest = |but: &[Sample]| {
        let but = but.iter().map(|sample| sample.name.clone()).collect();
        packets.rest(link_type, &but, entry.wire_len)
    };
    let (accept, reject) = match (accept, reject) {
        (Some(accept), Some(reject)) => (accept, reject),
        (Some(accept), None) => {
            let reject = rest(&accept)?;
            (accept, reject)
        }
        (None, Some(reject)) => (rest(&reject)?, reject),
        (None, None) => return Err(String::from("both sides are the rest")),
    };
    let one_sided = accept.is_empty() || reject.is_empty();
    match (&entry.one_sided, one_sided) {
        (None, true) => return Err(String::from("packets on one side only, and nothing says why")),
        (Some(_), true) if accept.is_empty() && reject.is_empty() => return Err(String::from("no packets")),
        (Some(reason), _) if reason.trim().is_empty() => return Err(String::from("an empty reason")),
        _ => {}
    }
    let snap_len = filter.options.snap_len;
    let accepted = accept.into_iter().map(|sample| (sample, snap_len));
    let expected: Vec<_> = accepted.chain(reject.into_iter().map(|sample| (sample, 0))).collect();
    let mut seen = BTreeSet::new();
    for (sample, _) in &expected {
        if !seen.insert(sample.name.as_str()) {
            return Err(format!("packet {} twice", sample.name));
        }
    }
    Ok(Case { name, subject: Subject::Filter(filter), expected })
}

fn error_case(
    name: String,
    entry: &ErrorEntry,
    link_type: &str,
    common: &Common,
) -> Result<ErrorCase, String> {
    let code = Code::ALL.iter().find(|code| code.as_str() == entry.code);
    let code = *code.ok_or_else(|| format!("no code {}", entry.code))?;
    let filter = Filter {
        libpcap_1_10: entry.libpcap_1_10.clone(),
        evaluator: entry.evaluator.clone(),
        ..filter(&entry.filter, link_type, entry.netmask.as_deref(), entry.options.as_ref(), common)?
    };
    Ok(ErrorCase { name, filter, code, at: entry.at.clone() })
}

fn machine_case(name: String, entry: &MachineEntry, packets: &mut InScope<'_>) -> Result<Case, String> {
    let mut expected = Vec::new();
    for (word, value) in &entry.returns {
        // Programs have no link type: no stars, and no rest.
        for sample in packets.named(word, "", entry.wire_len)? {
            expected.push((sample, *value));
        }
    }
    if expected.is_empty() {
        return Err(String::from("no packets"));
    }
    let subject = Subject::Machine(program(&entry.program)?, profile(entry.profile.as_deref())?);
    Ok(Case { name, subject, expected })
}

fn refused_case(name: String, entry: &RefusedEntry) -> Result<RefusedCase, String> {
    let program = program(&entry.program)?;
    Ok(RefusedCase { name, program, profile: profile(entry.profile.as_deref())?, rule: entry.rule })
}

fn filter(
    text: &str,
    link_type: &str,
    netmask: Option<&str>,
    own: Option<&OptionEntries>,
    common: &Common,
) -> Result<Filter, String> {
    let link_type = LinkType::from_name(link_type).ok_or_else(|| format!("no link type {link_type}"))?;
    let mut options = Options::new(link_type);
    options.allow_empty = true;
    if let Some(netmask) = netmask {
        let mask: Ipv4Addr = netmask.parse().map_err(|_| format!("no netmask: {netmask}"))?;
        options.netmask = Some(u32::from(mask));
    }
    let Common { options: of_file, names, has_names } = common;
    let OptionEntries { dialect, scoped, ipv6_extensions, target } = own.unwrap_or(of_file);
    (options.scoped, options.ipv6_extensions) = (*scoped, *ipv6_extensions);
    options.dialect = match dialect.as_deref() {
        None | Some("pcap-filter") => Dialect::PcapFilter,
        Some("extended") => Dialect::Extended,
        Some(other) => return Err(format!("no dialect {other}")),
    };
    if let Some(target) = target {
        let found = Target::ALL.into_iter().find(|known| known.name() == target);
        options.target = found.ok_or_else(|| format!("no target {target}"))?;
    }
    Ok(Filter {
        text: String::from(text),
        options,
        known: Metadata::default(),
        names: Arc::clone(names),
        has_names: *has_names,
        libpcap_1_10: None,
        evaluator: None,
    })
}

fn known(beside: &BesideEntries) -> Result<Metadata, String> {
    let vlan = match (beside.vlan, beside.untagged) {
        (None, false) => None,
        (None, true) => Some(Vlan::Untagged),
        (Some(tci), false) => Some(Vlan::Tagged { tci, tpid: TPID }),
        (Some(_), true) => return Err(String::from("a tag and none")),
    };
    Ok(Metadata { vlan, pkt_type: beside.pkt_type, if_index: beside.if_index, ..Metadata::default() })
}

fn program(source: &str) -> Result<Vec<RawInsn>, String> {
    text::parse(source).map_err(|error| format!("program: {error}"))
}

fn profile(name: Option<&str>) -> Result<Profile, String> {
    let Some(name) = name else {
        return Ok(Profile::STRICT);
    };
    let found = Profile::ALL.into_iter().find(|profile| profile.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("no profile {name}"))
}

#[cfg(test)]
mod tests {
    use super::{Corpus, Shared, add_file};

    /// What is wrong with a file of cases, next to two packets `a` and `b`.
    fn problems(text: &str) -> String {
        let packets = r#"
            link_types = ["EN10MB"]
            packet.a = { about = "one", hex = "00" }
            packet.b = { about = "two", hex = "01" }
        "#;
        let mut shared = Shared::default();
        shared.add(toml::from_str(packets).unwrap()).unwrap();
        match toml::from_str(text) {
            Ok(file) => add_file(&mut Corpus::default(), &mut shared, "file", file).join("\n"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_well_formed_case_is_taken() {
        assert_eq!(
            problems(r#"case = [{ name = "x", filter = "ip", accept = ["a"], reject = "rest" }]"#),
            ""
        );
    }

    #[test]
    fn mistakes_are_found() {
        for (mistake, text) in [
            ("no cases", ""),
            ("unknown field", r#"case = [{ name = "x", filter = "ip", acept = ["a"] }]"#),
            ("on one side only", r#"case = [{ name = "x", filter = "ip", accept = ["a"] }]"#),
            (
                "both sides are the rest",
                r#"case = [{ name = "x", filter = "", accept = "rest", reject = "rest" }]"#,
            ),
            ("packet a twice", r#"case = [{ name = "x", filter = "ip", accept = ["a"], reject = ["a"] }]"#),
            ("neither a list", r#"case = [{ name = "x", filter = "ip", accept = "all", reject = ["a"] }]"#),
            ("no packet c", r#"case = [{ name = "x", filter = "ip", accept = ["c"], reject = ["a"] }]"#),
            ("small letters", r#"case = [{ name = "X y", filter = "ip", accept = ["a"], reject = ["b"] }]"#),
            ("no code E9999", r#"error = [{ name = "x", filter = "ip", code = "E9999" }]"#),
            ("no packets", r#"machine = [{ name = "x", program = "ret #1", returns = {} }]"#),
            (
                "no dialect french",
                r#"error = [{ name = "x", filter = "ip", code = "E0201", options = { dialect = "french" } }]"#,
            ),
            (
                "no target moon",
                r#"error = [{ name = "x", filter = "ip", code = "E0201", options = { target = "moon" } }]"#,
            ),
            (
                "a tag and none",
                r#"case = [{ name = "x", filter = "ip", beside = { vlan = 1, untagged = true }, accept = ["a"], reject = ["b"] }]"#,
            ),
            ("no profile", r#"refused = [{ name = "x", program = "ret #1", profile = "mild", rule = 1 }]"#),
            ("program:", r#"refused = [{ name = "x", program = "rot #1", rule = 1 }]"#),
            (
                "two cases of this name",
                r#"refused = [{ name = "x", program = "ret #1", rule = 1 }, { name = "x", program = "ret a", rule = 1 }]"#,
            ),
            (
                "packet mine: no case uses it",
                r#"
                    packet.mine = { about = "three", hex = "" }
                    refused = [{ name = "x", program = "ret #1", rule = 1 }]
                "#,
            ),
        ] {
            let found = problems(text);
            assert!(found.contains(mistake), "{mistake:?} not in {found:?}");
        }
    }
}
