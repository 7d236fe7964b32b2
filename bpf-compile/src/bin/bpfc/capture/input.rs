//! A window over a stream of bytes.
//!
//! ```text
//! stream   ····consumed····[ start ── window ── end )····not yet read····
//!                          ▲ offset()
//! ```
//!
//! `fill(n)` makes the window at least `n` bytes long, unless the stream ends before; the bytes are parsed where they
//! lie. The buffer only grows as data really arrives, so a length field that lies about a short stream costs nothing.
//! A source that would have to wait answers `WouldBlock`; nothing is lost by it, and `fill` can be called again.

use std::io::{self, ErrorKind, Read};

/// Bytes read at once: large enough that system calls do not matter.
const BUFFER_BYTES: usize = 1 << 18;

/// A buffered stream whose bytes are looked at before they are consumed.
pub(crate) struct Input<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the buffer begins in the stream.
    base: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    /// Nothing is read yet.
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; BUFFER_BYTES], start: 0, end: 0, base: 0, ended: false }
    }

    /// Where the window begins in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// What is read and not consumed.
    pub(crate) fn window(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The source, to wait for it.
    pub(crate) fn source(&self) -> &R {
        &self.source
    }

    /// Makes the window `wanted` bytes long, or shorter where the stream ends; gives how many of them there are.
    #[inline]
    pub(crate) fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        if self.end - self.start >= wanted {
            return Ok(wanted);
        }
        self.read_more(wanted)
    }

    /// Takes `count` bytes from the window, at most all of it, and gives them.
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> &[u8] {
        let from = self.start;
        self.start = self.end.min(from.saturating_add(count));
        self.buffer.get(from..self.start).unwrap_or_default()
    }

    #[cold]
    fn read_more(&mut self, wanted: usize) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        while self.end < wanted && !self.ended {
            if self.end == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            match self.source.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end.min(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, and `WouldBlock` before every second one.
    struct Hesitant<'a>(&'a [u8], bool);

    impl Read for Hesitant<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn a_hesitating_source_loses_nothing() {
        let mut input = Input::new(Hesitant(b"abcdef", false));
        let mut waits = 0;
        let mut patient = |input: &mut Input<Hesitant<'_>>, wanted| loop {
            match input.fill(wanted) {
                Ok(count) => return count,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    waits += 1;
                }
            }
        };
        assert_eq!(patient(&mut input, 4), 4);
        assert_eq!(input.take(4), b"abcd");
        assert_eq!(patient(&mut input, 4), 2, "the stream ends");
        assert_eq!((input.window(), input.offset()), (&b"ef"[..], 4));
        assert_eq!(input.take(9), b"ef");
        assert_eq!(patient(&mut input, 1), 0);
        assert!(waits > 0);
    }

    #[test]
    fn the_window_outgrows_the_first_buffer() {
        let data = vec![7; BUFFER_BYTES * 3];
        let mut input = Input::new(&data[..]);
        assert_eq!(input.fill(data.len()).unwrap(), data.len());
        assert_eq!(input.take(usize::MAX).len(), data.len());
    }
}
