//! An explanation for programs: one object on one line.
//!
//! ```text
//! {"filter":"ip","link_type":{"value":1,"name":"EN10MB"},"snap_len":262144,
//!  "words":[{"depth":0,"start":0,"end":2,"negated":false,"text":"..."}],
//!  "instructions":[{"code":40,"jt":0,"jf":0,"k":12,"text":"ldh      [12]","start":0,"end":2,"purpose":""}],
//!  "facts":{...},"packet":null}
//! ```
//!
//! `start` and `end` are bytes of the filter, null for what no clause asks for.

use bpf_compile::explain::{Decision, Ending, Explanation, PacketStory, ProgramFacts};
use bpf_compile::span::Span;
use bpf_core::{BytesNeeded, text};

use crate::capture::Packet;
use crate::json::{array, object, string};

/// Everything, with the newline at its end.
pub(super) fn explanation(
    explanation: &Explanation<'_>,
    packet: Option<(u64, &Packet<'_>, &PacketStory)>,
) -> String {
    let options = explanation.options();
    let words = explanation.words().into_iter().map(|line| {
        let [start, end] = place(line.clause);
        let negated = ("negated", line.negated.to_string());
        object(&[("depth", line.depth.to_string()), start, end, negated, ("text", string(&line.text))])
    });
    let link_type = object(&[
        ("value", options.link_type.0.to_string()),
        ("name", string(&options.link_type.to_string())),
    ]);
    let told = object(&[
        ("filter", string(explanation.text())),
        ("link_type", link_type),
        ("snap_len", options.snap_len.to_string()),
        ("words", array(words)),
        (
            "instructions",
            array((0..explanation.program().insns().len()).filter_map(|pc| instruction(explanation, pc))),
        ),
        ("facts", facts(&explanation.facts())),
        ("packet", packet.map_or_else(null, |(number, packet, story)| of_packet(number, packet, story))),
    ]);
    told + "\n"
}

fn null() -> String {
    "null".to_owned()
}

fn place(span: Option<Span>) -> [(&'static str, String); 2] {
    let field = |at: Option<u32>| at.map_or_else(null, |at| at.to_string());
    [("start", field(span.map(|span| span.start))), ("end", field(span.map(|span| span.end)))]
}

fn instruction(explanation: &Explanation<'_>, pc: usize) -> Option<String> {
    let insn = *explanation.program().insns().get(pc)?;
    let line = text::line(u32::try_from(pc).ok()?, insn).to_string().replace('\t', " ");
    let words = line.split_once(") ").map_or(line.as_str(), |(_, words)| words);
    let [start, end] = place(explanation.origin(pc));
    Some(object(&[
        ("code", insn.code.to_string()),
        ("jt", insn.jt.to_string()),
        ("jf", insn.jf.to_string()),
        ("k", insn.k.to_string()),
        ("text", string(words.trim_end())),
        start,
        end,
        ("purpose", string(&explanation.purpose(pc))),
    ]))
}

fn facts(facts: &ProgramFacts) -> String {
    let (kind, bytes) = match facts.bytes_needed {
        BytesNeeded::Exactly(bytes) => ("exactly", bytes.to_string()),
        BytesNeeded::AtMost(bytes) => ("at most", bytes.to_string()),
        BytesNeeded::Unbounded => ("unbounded", null()),
    };
    let targets = facts.targets.iter().map(|target| {
        let refusal = target.refusal.as_deref().map_or_else(null, string);
        object(&[
            ("name", string(target.name)),
            ("accepts", target.refusal.is_none().to_string()),
            ("refusal", refusal),
        ])
    });
    object(&[
        ("instructions", facts.instructions.to_string()),
        ("blocks", facts.blocks.to_string()),
        ("worst_case_steps", facts.worst_case_steps.to_string()),
        ("bytes_needed", object(&[("kind", string(kind)), ("bytes", bytes)])),
        ("reads_wire_len", facts.reads_wire_len.to_string()),
        ("may_accept", facts.may_accept.to_string()),
        ("may_reject", facts.may_reject.to_string()),
        ("targets", array(targets)),
    ])
}

fn of_packet(number: u64, packet: &Packet<'_>, story: &PacketStory) -> String {
    let steps = story.steps.iter().map(|step| {
        let [start, end] = place(step.clause);
        let comparison = &step.comparison;
        object(&[
            ("pc", step.pc.to_string()),
            start,
            end,
            ("field", string(&comparison.field)),
            ("found", comparison.found.to_string()),
            ("found_text", string(&comparison.found_text)),
            ("asked", string(&comparison.asked)),
            ("holds", comparison.holds.to_string()),
        ])
    });
    object(&[
        ("number", number.to_string()),
        ("captured_len", packet.data.len().to_string()),
        ("wire_len", packet.wire_len.to_string()),
        ("matches", (story.verdict != 0).to_string()),
        ("verdict", story.verdict.to_string()),
        ("executed", story.executed.to_string()),
        ("steps", array(steps)),
        ("steps_left_out", story.left_out.to_string()),
        ("ending", ending(&story.ending)),
        ("decision", story.decision.as_ref().map_or_else(null, decision)),
    ])
}

fn ending(ending: &Ending) -> String {
    let (kind, pc, load) = match ending {
        Ending::Returned { pc } => ("returned", pc, None),
        Ending::PastEnd { pc, offset, bytes, .. } => ("past end", pc, Some((offset, bytes))),
        Ending::NotKnown { pc, .. } => ("not known", pc, None),
        Ending::DivisionByZero { pc, .. } => ("division by zero", pc, None),
    };
    object(&[
        ("kind", string(kind)),
        ("pc", pc.to_string()),
        ("offset", load.map_or_else(null, |(offset, _)| offset.to_string())),
        ("bytes", load.map_or_else(null, |(_, bytes)| bytes.to_string())),
    ])
}

fn decision(decision: &Decision) -> String {
    let [start, end] = place(Some(decision.place));
    let parts = decision.parts.iter().map(|(span, reason)| {
        let [start, end] = place(Some(*span));
        object(&[start, end, ("reason", string(reason))])
    });
    object(&[
        start,
        end,
        ("reason", string(&decision.reason)),
        ("parts", array(parts)),
        ("parts_left_out", decision.more.to_string()),
    ])
}
