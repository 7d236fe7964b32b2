//! A line on the terminal while a long file is filtered.
//!
//! Shown only when the standard error is a terminal and packets are not printed to one, after the run has taken a
//! second; erased at the end.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const SILENT: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(200);

/// The line and when it was drawn.
pub(super) struct Progress {
    size_bytes: Option<u64>,
    enabled: bool,
    next: Instant,
    drawn: bool,
}

impl Progress {
    /// Nothing is drawn yet.
    pub(super) fn new(size_bytes: Option<u64>, prints_on_terminal: bool) -> Self {
        Self {
            size_bytes,
            enabled: !prints_on_terminal && io::stderr().is_terminal(),
            next: Instant::now() + SILENT,
            drawn: false,
        }
    }

    /// Draws the line if it is time. Called about once per buffer of input.
    pub(super) fn look(&mut self, offset_bytes: u64, read: u64, matched: u64) {
        if !self.enabled {
            return;
        }
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + INTERVAL;
        self.drawn = true;
        draw(&text(self.size_bytes, offset_bytes, read, matched));
    }

    /// Removes the line.
    pub(super) fn erase(&mut self) {
        if std::mem::take(&mut self.drawn) {
            draw("");
        }
    }
}

/// Draws over the line. A terminal that fails is no reason to fail.
fn draw(text: &str) {
    let mut terminal = io::stderr().lock();
    write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush()).unwrap_or_default();
}

fn text(size_bytes: Option<u64>, offset_bytes: u64, read: u64, matched: u64) -> String {
    let share = size_bytes.filter(|size| *size > 0).map(|size| offset_bytes.saturating_mul(100) / size);
    let megabytes = offset_bytes / 1_000_000;
    match share {
        Some(percent) => format!("{percent:3} %  {megabytes} MB  {read} packets, {matched} matched"),
        None => format!("{megabytes} MB  {read} packets, {matched} matched"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line() {
        assert_eq!(text(Some(200_000_000), 50_000_000, 9, 3), " 25 %  50 MB  9 packets, 3 matched");
        assert_eq!(text(None, 50_000_000, 9, 3), "50 MB  9 packets, 3 matched");
        assert_eq!(text(Some(0), 0, 0, 0), "0 MB  0 packets, 0 matched");
    }
}
