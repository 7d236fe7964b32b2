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

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::capture::{Item, Reader, Step};
use crate::cli::Cli;
use crate::compiler::Settings;
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
    interrupted: &Arc<AtomicBool>,
) -> Result<(), Failure> {
    let source = Source::open(input)?;
    let name = source.name().to_owned();
    let selection = Selection::new(expression, Settings::new(cli), &name, cli.link_type);
    let sink = Sink::new(cli, &source)?;
    let progress = Progress::new(source.size_bytes(), sink.is_on_terminal());
    let mut run = Run { reader: Reader::new(source), selection, sink, progress, counts: Counts::default() };
    let ended = run.items(&name, cli.limit.unwrap_or(u64::MAX), interrupted);
    run.progress.erase();
    let finished = run.sink.finish(run.counts.matched);
    ended.and(finished)
}

struct Run<'a> {
    reader: Reader<Source>,
    selection: Selection<'a>,
    sink: Sink,
    progress: Progress,
    counts: Counts,
}

impl Run<'_> {
    /// Handles items until something ends the run.
    fn items(&mut self, name: &str, limit: u64, interrupted: &AtomicBool) -> Result<(), Failure> {
        loop {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Failure::Interrupted {
                    summary: self.sink.tell(self.counts.read, self.counts.matched),
                });
            }
            let step =
                self.reader.next().map_err(|error| Failure::Capture { name: name.to_owned(), error })?;
            match step {
                Step::Item(Item::Packet(packet)) => {
                    self.counts.read += 1;
                    if self.selection.accepts(&packet)? {
                        self.counts.matched += 1;
                        self.sink.packet(&packet, self.counts.read)?;
                        if self.counts.matched >= limit {
                            return Ok(());
                        }
                    }
                }
                Step::Item(Item::Interface(interface)) => {
                    self.selection.prepare(&interface)?;
                    self.sink.metadata(interface.raw)?;
                }
                Step::Item(Item::Section(raw)) => self.sink.section(raw)?,
                Step::Item(Item::Metadata(raw)) => self.sink.metadata(raw)?,
                Step::Wait => {
                    self.sink.flush()?;
                    self.reader.source().wait();
                }
                Step::End => return Ok(()),
            }
            self.progress.tick(self.reader.offset(), self.counts.read, self.counts.matched);
        }
    }
}
