//! Why a packet of a capture matches or does not.

use std::fmt::Write as _;
use std::path::Path;

use bpf_compile::explain::{
    Comparison, Decision, Ending, Explanation, LIST_MAX, PacketStory, StoryStep, grouped,
};
use bpf_core::SlicePacket;

use super::json;
use super::text::counted;
use crate::capture::{Item, Packet, Reader, Step};
use crate::cli::{ExplainFormat, ExplainOptions};
use crate::compiler::Settings;
use crate::error::{Failure, FilterFailure};
use crate::exit;
use crate::expression::Expression;
use crate::filter::Source;
use crate::render;
use crate::summary::Summaries;
use crate::warnings::Warnings;

/// The longest filter that is drawn with all its places underlined: they must fit in one look.
const DRAWN_BYTES_MAX: usize = 1000;

/// Finds the packet and explains it; gives the exit code, too.
pub(super) fn explained(
    options: &ExplainOptions,
    expression: &Expression,
    path: &Path,
    number: u64,
) -> Result<(String, u8), Failure> {
    let source = Source::open(path)?;
    let name = source.name().to_owned();
    let mut reader = Reader::new(source);
    let mut count = 0;
    loop {
        match reader.next().map_err(|error| Failure::Capture { name: name.clone(), error })? {
            Step::Item(Item::Packet(packet)) => {
                count += 1;
                if count == number {
                    return one(options, expression, &name, &packet, number);
                }
            }
            Step::Item(_) => {}
            Step::Wait => reader.source().wait(),
            Step::End => return Err(Failure::NoSuchPacket { name, number, count }),
        }
    }
}

fn one(
    options: &ExplainOptions,
    expression: &Expression,
    name: &str,
    packet: &Packet<'_>,
    number: u64,
) -> Result<(String, u8), Failure> {
    let (link_type, description) = (packet.link_type, packet.link_type.description());
    let context = format!("packet {number} of {name} has link type {link_type} ({description})");
    let settings = Settings::new(&options.program, true);
    // Why a packet does not match is a question that has an answer, even if no packet does.
    let explanation =
        settings.explain(&expression.text, link_type, packet.snap_len, true).map_err(|diagnostic| {
            let (expression, diagnostics) = (expression.clone(), vec![diagnostic]);
            let context = Some(context.clone());
            Failure::Filter(Box::new(FilterFailure { expression, diagnostics, context }))
        })?;
    let mut warnings = Warnings::new(&options.reports, settings, false);
    warnings.check(expression, link_type, Some(context))?;
    warnings.about_files(explanation.program());
    let story = explanation.packet(&SlicePacket::new(packet.data, packet.wire_len));
    let code = if story.verdict == 0 { exit::NO_MATCH } else { exit::SUCCESS };
    let told = match options.format {
        ExplainFormat::Json => json::explanation(&explanation, Some((number, packet, &story))),
        _ => {
            let mut out = format!("packet {number} of {name}, link type {link_type} ({description}):\n  ");
            Summaries::new(true).line(&mut out, packet, number);
            text(&mut out, expression, &explanation, packet, number, &story);
            out
        }
    };
    Ok((told, code))
}

fn text(
    out: &mut String,
    expression: &Expression,
    explanation: &Explanation<'_>,
    packet: &Packet<'_>,
    number: u64,
    story: &PacketStory,
) {
    let of = explanation.program().insns().len();
    // Writing to a string does not fail, here and below.
    let _ = writeln!(out, "\npath, {} of {}:", grouped(story.executed), counted(of, "instruction"));
    let rows: Vec<[String; 3]> = story.steps.iter().map(|step| row(explanation, step)).collect();
    let columns = [0, 1, 2].map(|at| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    });
    for (at, (step, [words, found, asked])) in story.steps.iter().zip(&rows).enumerate() {
        if at == LIST_MAX && story.left_out > 0 {
            let _ = writeln!(out, "  ... {} more", grouped(story.left_out));
        }
        let [words_columns, found_columns, asked_columns] = columns;
        let answer = if step.comparison.holds { "yes" } else { "no" };
        let _ = writeln!(
            out,
            "  ({:03}) {words:<words_columns$}  {found:<found_columns$}  {asked:<asked_columns$}  {answer}",
            step.pc
        );
    }
    let _ = writeln!(out, "  {}\n", ending(&story.ending, packet, story.verdict));
    let title = if story.verdict == 0 {
        format!("packet {number} does not match")
    } else {
        format!("packet {number} matches")
    };
    match &story.decision {
        Some(decision) => out.push_str(&decided(expression, explanation, &title, decision)),
        None => {
            let why = if expression.text.trim().is_empty() {
                "an empty filter accepts every packet"
            } else {
                "what comes before the filter, or the link type alone, decided"
            };
            let _ = write!(out, "{title}: {why}");
        }
    }
    out.push('\n');
}

fn row(explanation: &Explanation<'_>, step: &StoryStep) -> [String; 3] {
    let Comparison { field, found_text, asked, .. } = &step.comparison;
    let words = step.clause.map(|span| explanation.source_words(span)).unwrap_or_default();
    [words, format!("{field} = {found_text}"), format!("{asked}?")]
}

/// The last line of the path.
fn ending(ending: &Ending, packet: &Packet<'_>, verdict: u32) -> String {
    match ending {
        Ending::Returned { pc } if verdict == 0 => format!("({pc:03}) no match"),
        Ending::Returned { pc } => format!("({pc:03}) match: keep {} bytes", grouped(verdict as usize)),
        Ending::PastEnd { pc, offset, bytes, .. } => {
            let captured = packet.data.len();
            let what = match bytes {
                1 => format!("byte {offset} is needed"),
                bytes => {
                    format!("bytes {offset} to {} are needed", offset.saturating_add(u64::from(bytes - 1)))
                }
            };
            let why = if captured < packet.wire_len as usize {
                format!("{captured} of {} bytes were captured", packet.wire_len)
            } else {
                format!("the packet has {captured}")
            };
            format!("({pc:03}) no match: {what}, and {why}; bytes are counted from 0")
        }
        Ending::NotKnown { pc, what, .. } => {
            format!("({pc:03}) no match: the {what} is asked for, and captures do not tell it")
        }
        Ending::DivisionByZero { pc, .. } => format!("({pc:03}) no match: a division by zero"),
    }
}

fn decided(
    expression: &Expression,
    explanation: &Explanation<'_>,
    title: &str,
    decision: &Decision,
) -> String {
    let Decision { place, reason, parts, more } = decision;
    if parts.is_empty() {
        return render::places(expression, title, &[(*place, reason.clone())]);
    }
    if expression.text.len() <= DRAWN_BYTES_MAX && *more == 0 {
        return render::places(expression, &format!("{title}: {reason}"), parts);
    }
    let mut out = format!("{title}: {reason}\n");
    for (span, reason) in parts {
        let _ = writeln!(out, "  `{}` {reason}", explanation.source_words(*span));
    }
    if *more > 0 {
        let _ = writeln!(out, "  ... and {} more", grouped(*more));
    }
    out.truncate(out.trim_end().len());
    out
}
