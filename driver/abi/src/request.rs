//! What a program can ask for.

use crate::bytes::Reader;

/// A request, with what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Sets the size of the ring in bytes; what is queued is lost.
    SetBufferSize(u32),
    /// Sets the filter; no instructions: everything passes.
    SetFilter(ProgramBytes<'a>),
    /// Asks for the four classic counters.
    GetStatistics,
    /// Sets the mode.
    SetMode(Mode),
    /// Sets how often each written packet is sent.
    SetWriteRepeat(u32),
    /// Sets how many bytes must be queued before a reader is woken.
    SetMinToCopy(u32),
    /// Sets a value of the adapter.
    SetOid(OidData<'a>),
    /// Asks for a value of the adapter.
    QueryOid(OidData<'a>),
    /// Sends packets.
    SendPackets {
        /// What to send.
        queue: SendQueue<'a>,
        /// Whether the time stamps set the pace.
        paced: bool,
    },
    /// Sets whether own sent packets are captured.
    SetLoopback(bool),
    /// Sets the event that is signalled when enough is queued: a handle of the caller's.
    SetEvent(u64),
    /// Sets where time stamps come from.
    SetTimestampMode(TimestampMode),
    /// Asks which modes there are.
    GetTimestampModes,
    /// Asks which processes have the adapter open.
    GetProcesses,
    /// Asks for a number about the driver.
    GetInfo(InfoId),
    /// Asks for the version of this interface and of the driver.
    QueryVersion,
    /// Binds a root handle to an adapter.
    Bind(AdapterSelector<'a>),
    /// Asks for all counters.
    QueryStatistics,
    /// Sets which packets are captured, by their direction.
    SetDirection(Direction),
    /// Sets the most bytes of a packet that are captured.
    SetSnapLength(u32),
    /// Sets how long a read waits.
    SetReadTimeout(ReadTimeout),
    /// Lends the driver memory for the ring, until the request is cancelled.
    MapRing,
    /// Waits until enough is queued, or for the time of reads.
    WaitRing,
    /// Asks how many packets the adapter itself dropped.
    HardwareDrops,
    /// Asks for all adapters.
    ListAdapters,
}

/// A program as it came: whole instructions of 8 bytes, at most [`crate::PROGRAM_LEN_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramBytes<'a>(pub(crate) &'a [u8]);

impl<'a> ProgramBytes<'a> {
    /// A program; `None` if the bytes are no whole instructions, or too many.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (insns, rest) = bytes.as_chunks::<8>();
        (rest.is_empty() && insns.len() <= crate::PROGRAM_LEN_MAX).then_some(Self(bytes))
    }

    /// How many instructions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_chunks::<8>().0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instructions: code, jump if true, jump if false, k.
    pub fn insns(&self) -> impl ExactSizeIterator<Item = (u16, u8, u8, u32)> + use<'a> {
        self.0.as_chunks::<8>().0.iter().map(|insn| {
            let [c0, c1, jt, jf, k @ ..] = *insn;
            (u16::from_le_bytes([c0, c1]), jt, jf, u32::from_le_bytes(k))
        })
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// A value of the adapter: `PACKET_OID_DATA`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OidData<'a> {
    /// Which.
    pub oid: u32,
    /// The bytes.
    pub data: &'a [u8],
}

/// Packets to send: each with a header of 16 bytes (seconds, microseconds, captured length, length), one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendQueue<'a>(pub(crate) &'a [u8]);

impl<'a> SendQueue<'a> {
    /// Packets behind their headers; `None` if they are not whole.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let queue = Self(bytes);
        queue.check().then_some(queue)
    }

    /// The packets: seconds, microseconds, bytes. Ends at the first that is not whole.
    pub fn packets(&self) -> impl Iterator<Item = (i32, i32, &'a [u8])> + use<'a> {
        let mut reader = Reader(self.0);
        core::iter::from_fn(move || next_packet(&mut reader))
    }

    /// Whether all of it is whole packets, with lengths that agree.
    pub(crate) fn check(&self) -> bool {
        let mut reader = Reader(self.0);
        while !reader.0.is_empty() {
            if next_packet(&mut reader).is_none() {
                return false;
            }
        }
        true
    }
}

fn next_packet<'a>(reader: &mut Reader<'a>) -> Option<(i32, i32, &'a [u8])> {
    let seconds = reader.u32()?.cast_signed();
    let microseconds = reader.u32()?.cast_signed();
    let captured = reader.u32()?;
    let length = reader.u32()?;
    let data = reader.bytes(usize::try_from(captured).ok()?)?;
    (captured == length && captured > 0).then_some((seconds, microseconds, data))
}

/// What a handle does with the packets that pass its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Mode {
    /// Count them, instead of keeping them.
    pub statistics: bool,
    /// Written packets go up, instead of out.
    pub send_to_receive: bool,
    /// Time stamps in nanoseconds.
    pub nanoseconds: bool,
}

impl Mode {
    pub(crate) const STATISTICS: u32 = 1;
    pub(crate) const SEND_TO_RX: u32 = 0x100;
    pub(crate) const CLEAR_SEND_TO_RX: u32 = 0x200;
    pub(crate) const NANOSECONDS: u32 = 0x400;

    /// From the bits of the request. `None`: bits of modes that are no more, or of none.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Option<Self> {
        let known = Self::STATISTICS | Self::SEND_TO_RX | Self::CLEAR_SEND_TO_RX | Self::NANOSECONDS;
        if bits & !known != 0 {
            return None;
        }
        Some(Self {
            statistics: bits & Self::STATISTICS != 0,
            send_to_receive: bits & Self::SEND_TO_RX != 0 && bits & Self::CLEAR_SEND_TO_RX == 0,
            nanoseconds: bits & Self::NANOSECONDS != 0,
        })
    }

    /// The bits of the request.
    #[must_use]
    pub const fn bits(self) -> u32 {
        (if self.statistics { Self::STATISTICS } else { 0 })
            | (if self.send_to_receive { Self::SEND_TO_RX } else { 0 })
            | (if self.nanoseconds { Self::NANOSECONDS } else { 0 })
    }
}

/// Declares an enum of numbers, each way.
macro_rules! numbers {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// By its number.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its number.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)* }
            }
        }
    };
}

numbers! {
    /// Where time stamps come from.
    TimestampMode {
        /// The performance counter, set by the clock once: even steps.
        Counter = 0,
        /// The clock, as coarse as its ticks.
        SystemTime = 2,
        /// The clock, as fine as it can be asked.
        PreciseSystemTime = 4,
    }
}

numbers! {
    /// Which packets are captured.
    Direction {
        /// All.
        Both = 0,
        /// What comes in.
        In = 1,
        /// What goes out.
        Out = 2,
    }
}

numbers! {
    /// Numbers about the driver.
    InfoId {
        /// Its version.
        Version = 1,
        /// How it is configured.
        Config = 2,
        /// Which extensions of BPF it knows.
        BpfExtensions = 3,
        /// Which bits of [`Mode`] it takes.
        Modes = 4,
        /// Counters of the handle.
        Statistics = 5,
        /// For its makers.
        Debug = 6,
    }
}

/// How long a read waits until enough is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ReadTimeout {
    /// Not at all: what is queued is read.
    #[default]
    Never,
    /// So many milliseconds.
    Milliseconds(u32),
    /// As long as it takes.
    Infinite,
}

impl ReadTimeout {
    /// By its number.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Never,
            u32::MAX => Self::Infinite,
            milliseconds => Self::Milliseconds(milliseconds),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Milliseconds(milliseconds) => milliseconds,
            Self::Infinite => u32::MAX,
        }
    }
}

/// Which adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterSelector<'a> {
    /// By its GUID or name: words of UTF-16, little-endian.
    Name(&'a [u8]),
    /// By the index of its interface.
    Index(u32),
    /// By its locally unique identifier.
    Luid(u64),
}
