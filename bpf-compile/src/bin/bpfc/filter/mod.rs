//! Filtering a capture.
//!
//! ```text
//! Source ──Reader──▶ batches of packets ──Selection──▶ Sink: written, printed or counted
//!    ▲ waits         and other items      one program per link type
//! ```
//!
//! Rules:
//! 1. Whatever ends the run (end of file, `-c`, damage, SIGINT, a full disk), what was selected before has been
//!    written first.
//! 2. While the source has no data, everything selected so far is flushed: a pipeline shows packets as they come.
//! 3. The output file is created when there is something to put in it, after the filter has been compiled for the
//!    first interface: a mistake in the filter does not destroy a file.

mod output;
mod progress;
mod selection;
mod sink;
mod source;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::capture::{Batch, Item, Reader, Step};
use crate::cli::Cli;
use crate::error::Failure;
use crate::expression::Expression;
use progress::Progress;
use selection::Selection;
use sink::Sink;

pub(crate) use output::write_text;
pub(crate) use source::Source;

/// What has been done.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    read: u64,
    matched: u64,
}

/// Filters the capture as the command line says. `interrupted` is set by SIGINT.
pub(crate) fn run(
    cli: &Cli,
    expression: &Expression,
    input: &Path,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let source = Source::open(input)?;
    let name = source.name().to_owned();
    let mut reader = Reader::new(source);
    let mut work = Work {
        selection: Selection::new(cli, expression, &name, reader.source().size_bytes().unwrap_or_default()),
        sink: Sink::new(cli, reader.source())?,
        counts: Counts::default(),
        limit: cli.limit.unwrap_or(u64::MAX),
    };
    let mut progress = Progress::new(reader.source().size_bytes(), work.sink.is_on_terminal());
    let ended = work.items(&mut reader, &mut progress, &name, interrupted);
    progress.erase();
    let compiled = !matches!(ended, Err(Failure::Filter(_) | Failure::NoMachineCode { .. }));
    let finished = work.sink.finish(work.counts.matched, compiled);
    ended.and(finished)
}

struct Work<'a> {
    selection: Selection<'a>,
    sink: Sink,
    counts: Counts,
    limit: u64,
}

/// Whether the run goes on.
type Flow = ControlFlow<()>;

impl Work<'_> {
    /// Handles items until something ends the run.
    fn items(
        &mut self,
        reader: &mut Reader<Source>,
        progress: &mut Progress,
        name: &str,
        interrupted: &AtomicBool,
    ) -> Result<(), Failure> {
        loop {
            if self.window(reader)?.is_break() {
                return Ok(());
            }
            if interrupted.load(Ordering::Relaxed) {
                let summary = self.sink.tell(self.counts.read, self.counts.matched);
                return Err(Failure::Interrupted { summary });
            }
            progress.look(reader.offset(), self.counts.read, self.counts.matched);
            self.selection.filtered(reader.offset());
            match reader.next().map_err(|error| Failure::Capture { name: name.to_owned(), error })? {
                Step::Item(item) => {
                    if self.item(&item)?.is_break() {
                        return Ok(());
                    }
                }
                Step::Wait => {
                    self.sink.flush()?;
                    reader.source().wait();
                }
                Step::End => return Ok(()),
            }
        }
    }

    /// Handles what has been read already, as far as it is packets.
    fn window(&mut self, reader: &mut Reader<Source>) -> Result<Flow, Failure> {
        let mut batch = Batch::new(reader.window());
        let mut flow = Ok(Flow::Continue(()));
        while matches!(flow, Ok(Flow::Continue(()))) && reader.fill(&mut batch) {
            flow = self.batch(reader, &batch);
        }
        self.sink.end_of_window(&batch)?;
        let used = batch.end();
        reader.consume(used);
        flow
    }

    fn batch(&mut self, reader: &Reader<Source>, batch: &Batch<'_>) -> Result<Flow, Failure> {
        let accepted = self.selection.accepts(batch)?;
        let wanted = lowest(accepted, self.limit - self.counts.matched);
        self.counts.matched += u64::from(wanted.count_ones());
        self.sink.batch(reader, batch, wanted, self.counts.read)?;
        self.counts.read += batch.packets().len() as u64;
        Ok(self.flow())
    }

    /// What did not come in a batch.
    fn item(&mut self, item: &Item<'_>) -> Result<Flow, Failure> {
        match item {
            Item::Packet(packet) => {
                self.counts.read += 1;
                if self.selection.accepts(&Batch::of(packet))? != 0 {
                    self.counts.matched += 1;
                    self.sink.packet(packet, self.counts.read)?;
                }
            }
            Item::Interface(interface) => {
                self.selection.prepare(interface)?;
                self.sink.metadata(interface.raw)?;
            }
            Item::Section(raw) => self.sink.section(raw)?,
            Item::Metadata(raw) => self.sink.metadata(raw)?,
        }
        Ok(self.flow())
    }

    fn flow(&self) -> Flow {
        if self.counts.matched < self.limit { Flow::Continue(()) } else { Flow::Break(()) }
    }
}

/// The lowest bits that are 1, at most so many of them.
fn lowest(bits: u64, count: u64) -> u64 {
    let mut rest = bits;
    for _ in 0..count.min(64) {
        rest &= rest.wrapping_sub(1);
    }
    bits & !rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_packets_are_kept() {
        assert_eq!(lowest(0b1011_0100, 0), 0);
        assert_eq!(lowest(0b1011_0100, 1), 0b100);
        assert_eq!(lowest(0b1011_0100, 3), 0b11_0100);
        assert_eq!(lowest(0b1011_0100, 5), 0b1011_0100);
        assert_eq!(lowest(u64::MAX, u64::MAX), u64::MAX);
    }
}
