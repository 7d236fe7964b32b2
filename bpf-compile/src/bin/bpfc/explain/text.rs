//! An explanation for people.

use std::fmt::Write as _;

use bpf_compile::explain::{Explanation, Line, ProgramFacts, grouped, source_words};
use bpf_compile::link::LinkType;
use bpf_core::{BytesNeeded, text};

/// How many instructions are printed; `-d` and `--format json` have all.
const INSTRUCTIONS_MAX: usize = 1000;

/// Columns for an instruction; longer ones move what stands beside them.
const INSTRUCTION_COLUMNS: usize = 46;

/// The three parts: words, program, facts.
pub(super) fn program(explanation: &Explanation<'_>) -> String {
    let mut out = words(explanation.text(), explanation.words(), explanation.options().link_type);
    // Writing to a string does not fail.
    let _ = write!(out, "\n{}\n{}", listing(explanation), facts(&explanation.facts()));
    out
}

/// A filter in words.
pub(super) fn words(filter: &str, lines: Vec<Line>, link_type: LinkType) -> String {
    let mut out = format!("packets of link type {link_type} ({}) that match:", link_type.description());
    for Line { depth, clause, negated, text } in lines {
        let indent = "  ".repeat(depth as usize + 1);
        match clause {
            Some(clause) => {
                let not = if negated { "not " } else { "" };
                let _ = write!(out, "\n{indent}{not}`{}`: {text}", source_words(filter, clause));
            }
            None => {
                let _ = write!(out, "\n{indent}{text}");
            }
        }
    }
    out.push('\n');
    out
}

fn listing(explanation: &Explanation<'_>) -> String {
    let insns = explanation.program().insns();
    let told = insns.len().min(INSTRUCTIONS_MAX);
    let origin = |pc| explanation.origin(pc).map(|span| explanation.source_words(span)).unwrap_or_default();
    let columns = (0..told).map(|pc| origin(pc).chars().count()).max().unwrap_or_default();
    let mut out = String::from("program:\n");
    for (pc, insn) in (0_u32..).zip(insns).take(told) {
        let line = text::line(pc, *insn).to_string().replace('\t', " ");
        let (words, purpose) = (origin(pc as usize), explanation.purpose(pc as usize));
        let row = format!("{:<INSTRUCTION_COLUMNS$}  {words:<columns$}  {purpose}", line.trim_end());
        let _ = writeln!(out, "  {}", row.trim_end());
    }
    if insns.len() > told {
        let _ = writeln!(out, "  ... and {} more", grouped(insns.len() - told));
    }
    out
}

fn facts(facts: &ProgramFacts) -> String {
    let mut out = String::from("facts:\n");
    let mut fact = |name: &str, text: String| {
        let _ = writeln!(out, "  {name:<14}{text}");
    };
    fact("instructions", format!("{} in {}", grouped(facts.instructions), counted(facts.blocks, "block")));
    fact("longest run", counted(facts.worst_case_steps as usize, "instruction"));
    fact("snap length", snap_len(facts.bytes_needed));
    if facts.reads_wire_len {
        fact("", "the length on the wire is asked for, too".to_owned());
    }
    match (facts.may_accept, facts.may_reject) {
        (false, _) => fact("verdict", "no packet matches".to_owned()),
        (true, false) => fact("verdict", "every packet matches".to_owned()),
        (true, true) => {}
    }
    let accepting: Vec<&str> =
        facts.targets.iter().filter(|target| target.refusal.is_none()).map(|target| target.name).collect();
    let accepting = if accepting.is_empty() { "nobody".to_owned() } else { accepting.join(", ") };
    fact("accepted by", accepting);
    for target in &facts.targets {
        if let Some(refusal) = &target.refusal {
            fact("refused by", format!("{}: {refusal}", target.name));
        }
    }
    out
}

/// With the plural where it belongs.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

fn snap_len(needed: BytesNeeded) -> String {
    match needed {
        BytesNeeded::Exactly(0) => "no byte of the packet is looked at".to_owned(),
        BytesNeeded::Exactly(bytes) => format!("the first {} decide", counted(bytes as usize, "byte")),
        BytesNeeded::AtMost(bytes) => {
            format!("{} are always enough to decide", counted(bytes as usize, "byte"))
        }
        BytesNeeded::Unbounded => "any byte may be looked at, so no length is always enough".to_owned(),
    }
}
