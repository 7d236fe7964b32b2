//! Filtering a capture.
//!
//! ```text
//! Source ──Reader──▶ items ──Selection──▶ Sink: written, printed or counted
//!    ▲ waits                    one program per link type
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

use crate::capture::{Item, Packet, Reader, Step};
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
        selection: Selection::new(cli, expression, &name),
        sink: Sink::new(cli, reader.source())?,
        counts: Counts::default(),
        limit: cli.limit.unwrap_or(u64::MAX),
    };
    let mut progress = Progress::new(reader.source().size_bytes(), work.sink.is_on_terminal());
    let ended = work.items(&mut reader, &mut progress, &name, interrupted);
    progress.erase();
    let compiled = !matches!(ended, Err(Failure::Filter(_)));
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
            while let Some(packet) = reader.buffered_packet() {
                if self.packet(&packet)?.is_break() {
                    return Ok(());
                }
            }
            if interrupted.load(Ordering::Relaxed) {
                let summary = self.sink.tell(self.counts.read, self.counts.matched);
                return Err(Failure::Interrupted { summary });
            }
            progress.look(reader.offset(), self.counts.read, self.counts.matched);
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

    /// An item that did not come the short way.
    #[cold]
    fn item(&mut self, item: &Item<'_>) -> Result<Flow, Failure> {
        match item {
            Item::Packet(packet) => return self.packet(packet),
            Item::Interface(interface) => {
                self.selection.prepare(interface)?;
                self.sink.metadata(interface.raw)?;
            }
            Item::Section(raw) => self.sink.section(raw)?,
            Item::Metadata(raw) => self.sink.metadata(raw)?,
        }
        Ok(Flow::Continue(()))
    }

    /// Inlined where packets come the short way, so that nothing of a packet is stored that the sink does not need.
    #[inline(always)]
    fn packet(&mut self, packet: &Packet<'_>) -> Result<Flow, Failure> {
        self.counts.read += 1;
        if self.selection.accepts(packet)? {
            self.counts.matched += 1;
            self.sink.packet(packet, self.counts.read)?;
            if self.counts.matched >= self.limit {
                return Ok(Flow::Break(()));
            }
        }
        Ok(Flow::Continue(()))
    }
}
