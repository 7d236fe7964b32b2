//! One line for a packet, in the manner of tcpdump.
//!
//! ```text
//! 12:34:56.789012 IP 10.0.0.1.443 > 10.0.0.2.51000: tcp 52, flags [P.]
//! ───── time ──── ── addresses and ports ─────────  protocol, length of its payload
//! ```
//!
//! The crate `etherparse` takes the headers apart; it reads cut and damaged packets as far as they go. What it does not
//! know is printed as the name of its link type and its length. No bytes make a line fail.

mod ip;
mod link;
mod time;
mod transport;

use std::fmt::{self, Write as _};

use crate::capture::Packet;
use time::LocalTime;

/// Writes the lines; remembers the time zone.
pub(crate) struct Summaries {
    local: LocalTime,
    verbose: bool,
}

impl Summaries {
    /// With the time zone of the system or of `TZ`; `verbose` adds the fields of the headers.
    pub(crate) fn new(verbose: bool) -> Self {
        Self { local: LocalTime::system(), verbose }
    }

    /// Appends the line of the packet with this number in the file, with its newline.
    pub(crate) fn line(&mut self, line: &mut String, packet: &Packet<'_>, number: u64) {
        // Writing to a string does not fail.
        self.write(line, packet, number).unwrap_or_default();
    }

    fn write(&mut self, line: &mut String, packet: &Packet<'_>, number: u64) -> fmt::Result {
        match packet.time.resolve() {
            Some(timestamp) => self.local.write(line, timestamp, self.verbose)?,
            None => line.write_str("--:--:--.------")?,
        }
        if self.verbose {
            write!(line, " #{number}")?;
            if packet.interface != 0 {
                write!(line, " on {}", packet.interface)?;
            }
        }
        line.push(' ');
        link::write(line, packet, self.verbose)?;
        if self.verbose && packet.data.len() < packet.wire_len as usize {
            write!(line, " ({} of {} bytes captured)", packet.data.len(), packet.wire_len)?;
        }
        line.push('\n');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
