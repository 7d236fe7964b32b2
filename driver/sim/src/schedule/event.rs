//! What may happen in a schedule, and its text form.
//!
//! ```text
//!   handle 2 read 4096              programs: one actor per handle
//!   adapter 0 receive 7f3a resources    traffic: one actor per adapter and direction
//!   adapter 1 pause                 configuration: one actor per adapter
//! ```
//!
//! One event per line; words and numbers only; `#` begins a comment. Every event means something in every state of the
//! machine: what is impossible (a read of a closed handle) does nothing. So any list is a schedule, and every
//! part of one is one as well, which is what shrinking needs.

use core::fmt;
use core::str::FromStr;

/// How many handles a schedule has.
pub const HANDLES: u8 = 5;
/// How many adapters a schedule has.
pub const ADAPTERS: u8 = 2;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A program does something with its handle.
    Handle(u8, HandleEvent),
    /// Something happens to an adapter.
    Adapter(u8, AdapterEvent),
}

macro_rules! events {
    ($(#[$meta:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident $word:literal $(($type:ty))?,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $enum { $($(#[$doc])* $name $(($type))?,)* }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self { $(events!(@pattern $enum $name number $($type)?) => {
                    f.write_str($word)?;
                    $(let number: $type = number; write!(f, " {number:x}")?;)?
                })* }
                Ok(())
            }
        }

        impl $enum {
            /// From a word and the numbers that follow it.
            fn parse(word: &str, number: Option<&str>) -> Option<Self> {
                match word {
                    $($word => events!(@value $name number $($type)?),)*
                    _ => None,
                }
            }
        }
    };
    (@pattern $enum:ident $name:ident $number:ident) => { $enum::$name };
    (@pattern $enum:ident $name:ident $number:ident $type:ty) => { $enum::$name($number) };
    (@value $name:ident $number:ident) => { $number.is_none().then_some(Self::$name) };
    (@value $name:ident $number:ident $type:ty) => {
        <$type>::from_str_radix($number?, 16).ok().map(Self::$name)
    };
}

events! {
    /// What a program does. Numbers are hexadecimal.
    HandleEvent {
        /// Opens the adapter of this number; more than there are: the root.
        Open "open" (u8),
        /// Closes the handle, whatever is pending.
        Close "close",
        /// Ends the whole process.
        Exit "exit",
        /// Binds a root handle to an adapter.
        Bind "bind" (u8),
        /// Sets the filter of this number: some are refused.
        Filter "filter" (u8),
        /// Sets the size of the ring.
        Buffer "buffer" (u32),
        /// Sets the mode, by the bits of the request.
        Mode "mode" (u32),
        /// Sets how much must be queued before a read ends.
        MinToCopy "min-to-copy" (u32),
        /// Sets the snap length.
        SnapLength "snap" (u32),
        /// Sets the direction.
        Direction "direction" (u32),
        /// Sets the time after which a read ends, in milliseconds.
        Timeout "timeout" (u32),
        /// Sets the time-stamp mode.
        Clock "clock" (u32),
        /// Sets whether own packets are seen.
        Loopback "loopback" (u32),
        /// Sets an event.
        Notify "notify",
        /// Reads into a buffer of so many bytes, and does not wait.
        Read "read" (u32),
        /// Cancels what is pending.
        Cancel "cancel",
        /// Waits for all that is pending, at most a second.
        Await "await",
        /// Maps a ring of so many bytes.
        MapRing "map" (u32),
        /// Takes everything from the mapped ring.
        Consume "consume",
        /// Writes nonsense to the mapped ring and its indices.
        Scribble "scribble" (u32),
        /// Asks for the counters, and checks them.
        Statistics "statistics",
        /// Sends a device control of random bytes, by a seed.
        Garbage "garbage" (u32),
        /// Does nothing for so many milliseconds.
        Sleep "sleep" (u16),
    }
}

events! {
    /// What happens to an adapter. Numbers are hexadecimal.
    AdapterEvent {
        /// It comes.
        Plug "plug",
        /// It goes, in order.
        Unplug "unplug",
        /// It is pulled out.
        Surprise "surprise",
        /// Its stack is paused.
        Pause "pause",
        /// Its stack is restarted.
        Restart "restart",
        /// The system sleeps and wakes.
        Power "power",
        /// The link goes down or up.
        Link "link" (u8),
        /// A protocol asks for something.
        Oid "oid",
        /// A batch comes in, of packets by a seed; the lowest bit says whether it is only lent (RESOURCES).
        Receive "receive" (u32),
        /// A batch goes out, of packets by a seed.
        Send "send" (u32),
        /// What was sent is completed, in the order of this number.
        Complete "complete" (u8),
        /// What was received is returned, in the order of this number.
        Return "return" (u8),
        /// The wire is silent for so many milliseconds.
        Silence "silence" (u16),
    }
}

/// Who does it: each actor is a thread of its own, which does its events one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Actor {
    /// The thread of the program with this handle.
    Program(u8),
    /// The thread that configures this adapter.
    Configuration(u8),
    /// What this adapter receives.
    Wire(u8),
    /// What is sent through this adapter.
    Protocol(u8),
}

impl Event {
    /// Who does it.
    #[must_use]
    pub fn actor(self) -> Actor {
        match self {
            Self::Handle(handle, _) => Actor::Program(handle),
            Self::Adapter(adapter, event) => match event {
                AdapterEvent::Receive(_) | AdapterEvent::Return(_) | AdapterEvent::Silence(_) => {
                    Actor::Wire(adapter)
                }
                AdapterEvent::Send(_) | AdapterEvent::Complete(_) | AdapterEvent::Oid => {
                    Actor::Protocol(adapter)
                }
                _ => Actor::Configuration(adapter),
            },
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handle(handle, event) => write!(f, "handle {handle} {event}"),
            Self::Adapter(adapter, event) => write!(f, "adapter {adapter} {event}"),
        }
    }
}

/// A line that is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no event: expected `handle N WHAT [NUMBER]` or `adapter N WHAT [NUMBER]`, numbers in hexadecimal"
)]
pub struct NoEvent(pub String);

impl FromStr for Event {
    type Err = NoEvent;

    fn from_str(line: &str) -> Result<Self, NoEvent> {
        let event = || {
            let mut words = line.split_whitespace();
            let kind = words.next()?;
            let index: u8 = words.next()?.parse().ok()?;
            let what = words.next()?;
            let number = words.next();
            if words.next().is_some() {
                return None;
            }
            match kind {
                "handle" if index < HANDLES => Some(Self::Handle(index, HandleEvent::parse(what, number)?)),
                "adapter" if index < ADAPTERS => {
                    Some(Self::Adapter(index, AdapterEvent::parse(what, number)?))
                }
                _ => None,
            }
        };
        event().ok_or_else(|| NoEvent(line.to_owned()))
    }
}

/// Reads a list of events.
///
/// # Errors
/// The first line that is neither an event nor empty nor a comment.
pub fn parse(text: &str) -> Result<Vec<Event>, NoEvent> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::parse).collect()
}

/// Writes a list of events, to be read by [`parse`].
#[must_use]
pub fn write(events: &[Event]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back_as_it_was_written() {
        let events = [
            Event::Handle(0, HandleEvent::Open(1)),
            Event::Handle(4, HandleEvent::Buffer(0xffff_ffff)),
            Event::Handle(4, HandleEvent::Close),
            Event::Adapter(1, AdapterEvent::Receive(0x7f3a)),
            Event::Adapter(0, AdapterEvent::Surprise),
        ];
        assert_eq!(parse(&write(&events)).unwrap(), events);
        assert_eq!(
            parse("# nothing\n\n  handle 2 read 10 # bytes\n").unwrap(),
            [Event::Handle(2, HandleEvent::Read(16))]
        );
    }

    #[test]
    fn what_is_no_event_is_named() {
        for line in [
            "handle 2",
            "handle 9 close",
            "adapter 0 close",
            "handle 0 read",
            "handle 0 close 1",
            "handle 0 read xyz",
            "x",
        ] {
            assert_eq!(parse(line), Err(NoEvent(line.to_owned())));
        }
    }
}
