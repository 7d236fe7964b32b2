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
use std::mem;

use super::ahead::{Ahead, ROOM};

/// Bytes read at once: large enough that system calls do not matter.
const BUFFER_BYTES: usize = 1 << 18;

/// A buffered stream whose bytes are looked at before they are consumed.
pub(crate) struct Input<R> {
    source: R,
    /// Where the bytes come from, if not from the source itself.
    ahead: Option<Ahead>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the window begins in the stream.
    offset: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    /// Nothing is read yet.
    pub(crate) fn new(source: R) -> Self {
        Self { source, ahead: None, buffer: vec![0; BUFFER_BYTES], start: 0, end: 0, offset: 0, ended: false }
    }

    /// Has another thread read `file`, which is what the source is.
    pub(crate) fn read_ahead(&mut self, file: impl Read + Send + 'static) {
        // Without another thread it goes on here.
        self.ahead = Ahead::start(file).ok();
    }

    /// Where the window begins in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
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
        self.offset += (self.start - from) as u64;
        self.buffer.get(from..self.start).unwrap_or_default()
    }

    #[cold]
    fn read_more(&mut self, wanted: usize) -> io::Result<usize> {
        if let Some(ahead) = self.ahead.take() {
            let more = self.next_blocks(&ahead, wanted);
            self.ahead = Some(ahead);
            more?;
            return Ok((self.end - self.start).min(wanted));
        }
        self.move_to_front();
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

    fn move_to_front(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    fn next_blocks(&mut self, ahead: &Ahead, wanted: usize) -> io::Result<()> {
        while self.end - self.start < wanted && !self.ended {
            let (mut block, count) = ahead.next()?;
            if count == 0 {
                self.ended = true;
                return Ok(());
            }
            let rest = self.window();
            let place =
                ROOM.checked_sub(rest.len()).and_then(|start| Some((start, block.get_mut(start..ROOM)?)));
            if let Some((start, place)) = place {
                place.copy_from_slice(rest);
                (self.start, self.end) = (start, ROOM + count);
                mem::swap(&mut self.buffer, &mut block);
            } else {
                // A packet longer than the room: rare enough to be copied together.
                self.move_to_front();
                self.buffer.truncate(self.end);
                self.buffer.extend_from_slice(block.get(ROOM..ROOM + count).unwrap_or_default());
                self.end = self.buffer.len();
            }
            ahead.give_back(block);
        }
        Ok(())
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
    fn what_is_read_ahead_is_the_stream() {
        let data: Vec<u8> = (0..5_000_000_u32).map(|n| ((n % 251) ^ (n >> 13)) as u8).collect();
        let mut input = Input::new(io::empty());
        input.read_ahead(io::Cursor::new(data.clone()));
        let mut at = 0;
        for size in [1, 24, 66_000, 70_000, 300_000, 5, 1_000_000, 262_160].iter().cycle() {
            let found = input.fill(*size).unwrap();
            assert_eq!((found, input.offset()), ((*size).min(data.len() - at), at as u64));
            assert!(input.take(*size) == &data[at..at + found], "{size} bytes at {at}");
            at += found;
            if found < *size {
                break;
            }
        }
        assert_eq!((at, input.fill(1).unwrap()), (data.len(), 0));
    }

    /// Fails after some bytes.
    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0).min(1000);
            self.0 -= count;
            if count == 0 { Err(io::Error::other("broken")) } else { Ok(count) }
        }
    }

    #[test]
    fn an_error_ahead_comes_after_the_bytes_before_it() {
        let mut input = Input::new(io::empty());
        input.read_ahead(Failing(300_000));
        assert_eq!(input.fill(300_000).unwrap(), 300_000);
        assert_eq!(input.fill(300_001).unwrap_err().to_string(), "broken");
    }

    #[test]
    fn the_window_outgrows_the_first_buffer() {
        let data = vec![7; BUFFER_BYTES * 3];
        let mut input = Input::new(&data[..]);
        assert_eq!(input.fill(data.len()).unwrap(), data.len());
        assert_eq!(input.take(usize::MAX).len(), data.len());
    }
}
