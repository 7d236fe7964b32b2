//! The one reader for both formats: the first bytes decide.

use std::io::{ErrorKind, Read};

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
    #[inline]
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

    /// The next item if it is a sound packet that has been read already; what else is next is the matter of
    /// [`Self::next`]. Nearly all packets come this way, which makes no detour through large results.
    #[inline]
    pub(crate) fn buffered_packet(&mut self) -> Option<Packet<'_>> {
        match &self.format {
            Format::Pcap(pcap) => pcap.buffered(&mut self.input),
            Format::Pcapng(pcapng) => pcapng.buffered(&mut self.input),
            Format::Unknown => None,
        }
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
