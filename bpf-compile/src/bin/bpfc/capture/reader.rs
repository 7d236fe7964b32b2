//! The one reader for both formats: the first bytes decide.

use std::io::{ErrorKind, Read};

use super::batch::Batch;
use super::input::Input;
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use super::{CaptureError, Damage, Packet, Step};

/// Reads a capture item by item.
pub(crate) struct Reader<R> {
    input: Input<R>,
    format: Format,
}

enum Format {
    Unknown,
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl<R: Read> Reader<R> {
    /// Nothing is read before the first call of [`Self::next`].
    pub(crate) fn new(source: R) -> Self {
        Self { input: Input::new(source), format: Format::Unknown }
    }

    /// The next item.
    ///
    /// # Errors
    /// Damage of the file, and errors of the source other than `WouldBlock`, which is [`Step::Wait`].
    pub(crate) fn next(&mut self) -> Result<Step<'_>, CaptureError> {
        let offset = self.input.offset();
        let step = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.input),
            Format::Pcapng(pcapng) => pcapng.next(&mut self.input),
            Format::Unknown => first(&mut self.input, &mut self.format),
        };
        match step {
            Ok(step) => Ok(step),
            Err(Damage::Read(error)) if error.kind() == ErrorKind::WouldBlock => Ok(Step::Wait),
            Err(damage) => Err(CaptureError { offset, damage }),
        }
    }

    /// What has been read and not used.
    pub(crate) fn window(&self) -> &[u8] {
        self.input.window()
    }

    /// Puts the packets into the batch that follow the last ones in the window; whether there are any.
    ///
    /// Nearly all packets come this way; what else is next is the matter of [`Self::next`].
    pub(crate) fn fill(&self, batch: &mut Batch<'_>) -> bool {
        batch.restart();
        match &self.format {
            Format::Pcap(pcap) => pcap.batch(batch),
            Format::Pcapng(pcapng) => pcapng.batch(batch),
            Format::Unknown => {}
        }
        !batch.packets().is_empty()
    }

    /// All that the file says of a packet that has been in a batch.
    pub(crate) fn packet_of<'a>(&self, raw: &'a [u8]) -> Option<Packet<'a>> {
        match &self.format {
            Format::Pcap(pcap) => Some(pcap.packet_of(raw)),
            Format::Pcapng(pcapng) => pcapng.packet_of(raw),
            Format::Unknown => None,
        }
    }

    /// Uses up the packets of batches.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.input.take(bytes);
    }

    /// How many bytes have been used.
    pub(crate) fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// The source, to wait for it.
    pub(crate) fn source(&self) -> &R {
        self.input.source()
    }
}

/// Tells the formats apart and gives the first item.
fn first<'a, R: Read>(input: &'a mut Input<R>, format: &mut Format) -> Result<Step<'a>, Damage> {
    let found = fill(input, 4)?;
    let Some(magic) = input.window().first_chunk::<4>().copied() else {
        let truncated = Damage::Truncated { part: "file header", expected: 4, found: found as u64 };
        return Err(if found == 0 { Damage::Empty } else { truncated });
    };
    if magic == super::pcapng::MAGIC {
        let mut pcapng = Pcapng::default();
        let step = pcapng.next(input);
        *format = Format::Pcapng(pcapng);
        return step;
    }
    let (pcap, step) = Pcap::open(magic, input)?;
    *format = Format::Pcap(pcap);
    Ok(step)
}

/// Fills the window, with the error as damage.
pub(super) fn fill<R: Read>(input: &mut Input<R>, wanted: usize) -> Result<usize, Damage> {
    Ok(input.fill(wanted)?)
}
