//! What happens to selected packets.
//!
//! A written capture is the input without the packets that were not selected, byte for byte, with one exception: the
//! section header of pcapng may state the length of the section, which is no longer true; it becomes "not stated".

use std::iter;
use std::mem;
use std::ops::Range;

use crate::capture::{Batch, Packet, Reader};
use crate::cli::Cli;
use crate::error::Failure;
use crate::summary::Summaries;

use super::output::{Output, write_text};
use super::source::Source;

/// Where the section length stands in a section header, and what it is when not stated.
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;
const NOT_STATED: [u8; 8] = [0xff; 8];

/// The destination of selected packets.
pub(super) struct Sink {
    kind: Kind,
    count: bool,
    /// Records of the window that have been selected, lie side by side and are not written yet.
    selected: Range<usize>,
}

enum Kind {
    Nothing,
    Write(Output),
    Print { output: Output, summaries: Summaries, line: String, each_line: bool },
}

impl Sink {
    /// As the command line says.
    pub(super) fn new(cli: &Cli, source: &Source) -> Result<Self, Failure> {
        let kind = match &cli.write {
            Some(path) if source.is_same_file(path) => {
                return Err(Failure::SameFile { name: path.display().to_string() });
            }
            Some(path) => Kind::Write(Output::file(path)?),
            None if cli.count => Kind::Nothing,
            None => {
                let output = Output::standard()?;
                let each_line = output.is_terminal();
                Kind::Print {
                    output,
                    summaries: Summaries::new(cli.verbose > 0),
                    line: String::new(),
                    each_line,
                }
            }
        };
        Ok(Self { kind, count: cli.count, selected: 0..0 })
    }

    /// Whether packets are printed to a terminal.
    pub(super) fn is_on_terminal(&self) -> bool {
        matches!(self.kind, Kind::Print { each_line: true, .. })
    }

    /// The selected packets of a batch, which are 1 in `selected`; `before`: how many packets of the file came before.
    pub(super) fn batch(
        &mut self,
        reader: &Reader<Source>,
        batch: &Batch<'_>,
        selected: u64,
        before: u64,
    ) -> Result<(), Failure> {
        match &mut self.kind {
            Kind::Nothing => Ok(()),
            Kind::Write(output) => runs(selected).try_for_each(|(first, count)| {
                let records = batch.records(first, count);
                if records.start == self.selected.end {
                    self.selected.end = records.end;
                    return Ok(());
                }
                output.put(batch.bytes(mem::replace(&mut self.selected, records)))
            }),
            Kind::Print { .. } => {
                runs(selected).flat_map(|(first, count)| first..first + count).try_for_each(|at| {
                    let Some(packet) = reader.packet_of(batch.bytes(batch.records(at, 1))) else {
                        return Ok(());
                    };
                    self.packet(&packet, before + at as u64 + 1)
                })
            }
        }
    }

    /// The window of the batches is about to move.
    pub(super) fn end_of_window(&mut self, batch: &Batch<'_>) -> Result<(), Failure> {
        let selected = mem::take(&mut self.selected);
        match &mut self.kind {
            Kind::Write(output) => output.put(batch.bytes(selected)),
            Kind::Nothing | Kind::Print { .. } => Ok(()),
        }
    }

    /// A selected packet, with its number in the file.
    pub(super) fn packet(&mut self, packet: &Packet<'_>, number: u64) -> Result<(), Failure> {
        match &mut self.kind {
            Kind::Nothing => Ok(()),
            Kind::Write(output) => output.put(packet.raw),
            Kind::Print { output, summaries, line, each_line } => {
                line.clear();
                summaries.line(line, packet, number);
                output.put(line.as_bytes())?;
                if *each_line { output.flush() } else { Ok(()) }
            }
        }
    }

    /// What is not a packet is kept when written.
    pub(super) fn metadata(&mut self, raw: &[u8]) -> Result<(), Failure> {
        match &mut self.kind {
            Kind::Write(output) => output.put(raw),
            Kind::Nothing | Kind::Print { .. } => Ok(()),
        }
    }

    /// The header of a section.
    pub(super) fn section(&mut self, raw: &[u8]) -> Result<(), Failure> {
        let parts = (raw.get(..SECTION_LENGTH.start), raw.get(SECTION_LENGTH.end..));
        let (Some(before), Some(after)) = parts else { return self.metadata(raw) };
        self.metadata(before)?;
        self.metadata(&NOT_STATED)?;
        self.metadata(after)
    }

    /// Makes everything visible that was selected so far.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.kind {
            Kind::Nothing => Ok(()),
            Kind::Write(output) | Kind::Print { output, .. } => output.flush(),
        }
    }

    /// Ends the output. After a filter that did not compile there is no count, and without a packet no file.
    pub(super) fn finish(&mut self, matched: u64, compiled: bool) -> Result<(), Failure> {
        if compiled || matched > 0 {
            self.flush()?;
        }
        if self.count && compiled { write_text(&format!("{matched}\n")) } else { Ok(()) }
    }

    /// What was done, for the message after an interrupt.
    pub(super) fn tell(&self, read: u64, matched: u64) -> String {
        match &self.kind {
            Kind::Nothing => format!("{read} packets read, {matched} matched"),
            Kind::Write(output) => format!("{read} packets read, {matched} written to {}", output.name()),
            Kind::Print { .. } => format!("{read} packets read, {matched} printed"),
        }
    }
}

/// Where bits side by side are 1: the first, and how many.
fn runs(mut bits: u64) -> impl Iterator<Item = (usize, usize)> {
    iter::from_fn(move || {
        let first = bits.trailing_zeros();
        let count = bits.checked_shr(first)?.trailing_ones();
        // Adding the lowest 1 carries over the run.
        bits &= bits.wrapping_add(1 << first);
        Some((first as usize, count as usize))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_side_by_side() {
        let all = |bits| runs(bits).collect::<Vec<_>>();
        assert_eq!(all(0), []);
        assert_eq!(all(0b1_0110_0111), [(0, 3), (5, 2), (8, 1)]);
        assert_eq!(all(u64::MAX), [(0, 64)]);
        assert_eq!(all(1 << 63 | 1), [(0, 1), (63, 1)]);
        assert_eq!(all(u64::MAX << 40), [(40, 24)]);
    }
}
