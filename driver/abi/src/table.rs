//! The table of all device controls, from which the decoder works and the documentation is made.

use crate::code::{Access, ControlCode, Method};

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the request of the same name")]
pub enum Operation {
    SetBufferSize,
    SetFilter,
    GetStatistics,
    SetMode,
    SetWriteRepeat,
    SetMinToCopy,
    SetOid,
    QueryOid,
    SendPackets,
    SendPacketsPaced,
    SetLoopback,
    SetEvent,
    SetTimestampMode,
    GetTimestampModes,
    GetProcesses,
    GetInfo,
    QueryVersion,
    Bind,
    QueryStatistics,
    SetDirection,
    SetSnapLength,
    SetReadTimeout,
    MapRing,
    WaitRing,
    HardwareDrops,
    ListAdapters,
    Obsolete,
}

/// How long the input must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Whatever it is: it is not looked at.
    Ignored,
    /// Exactly so many bytes.
    Exactly(usize),
    /// A handle: 8 bytes, 4 from a 32-bit program.
    Handle,
    /// Whole instructions, at most 4,096.
    Program,
    /// Number, length, and so many bytes.
    Oid,
    /// Packets, each behind a header.
    Packets,
    /// Kind, and a name, an index or an identifier.
    Adapter,
}

/// How long the output buffer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// Nothing is written.
    None,
    /// At least so many bytes; so many are written.
    Fixed(usize),
    /// At least so many bytes; as much is written as fits.
    AtLeast(usize),
    /// As long as the input.
    AsInput,
    /// The memory that is lent.
    Memory,
}

/// What state the handle must be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Any, also bound to no adapter.
    Any,
    /// Bound to an adapter, which may be gone.
    Bound,
    /// Bound to an adapter that is there.
    Attached,
}

/// Whether the driver does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// Yes.
    Yes,
    /// It is decoded and checked, and then answered with `STATUS_NOT_SUPPORTED`.
    NotYet,
    /// No: programs of old send it, and it means nothing any more.
    Obsolete,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Ioctl {
    /// The name in the field.
    pub name: &'static str,
    /// What it does.
    pub operation: Operation,
    /// The code.
    pub code: Option<u32>,
    /// The number that programs of old use, if they do.
    pub old: Option<u32>,
    /// Input.
    pub input: Input,
    /// Output.
    pub output: Output,
    /// State.
    pub needs: Needs,
    /// Whether the driver does it.
    pub support: Support,
}

impl Ioctl {
    /// The row of a code, the old numbers included.
    #[must_use]
    pub fn find(code: u32) -> Option<&'static Self> {
        IOCTLS.iter().find(|row| row.code == Some(code) || row.old == Some(code))
    }

    /// The row of an operation.
    #[must_use]
    pub fn of(operation: Operation) -> Option<&'static Self> {
        IOCTLS.iter().find(|row| row.operation == operation)
    }
}

const fn native(function: u16, method: Method, access: Access) -> Option<u32> {
    Some(ControlCode::new(function, method, access).0)
}

macro_rules! rows {
    ($($name:literal $operation:ident: $code:expr, $old:expr, $input:expr, $output:expr, $needs:ident, $support:ident;)*) => {
        &[$(Ioctl {
            name: $name,
            operation: Operation::$operation,
            code: $code,
            old: $old,
            input: $input,
            output: $output,
            needs: Needs::$needs,
            support: Support::$support,
        },)*]
    };
}

use Access::{Any, Read};
use Input::{Adapter, Exactly, Handle, Ignored, Oid, Packets, Program};
use Method::{Buffered, OutDirect};
use Output::{AsInput, AtLeast, Fixed, Memory, None as Nothing};

/// All device controls.
#[rustfmt::skip]
pub static IOCTLS: &[Ioctl] = rows! {
    "BIOCSETBUFFERSIZE"        SetBufferSize:     Some(0x21_6804), Some(9592),        Exactly(4), Nothing,    Attached, Yes;
    "BIOCSETF"                 SetFilter:         Some(0x21_6808), Some(9030),        Program,    Nothing,    Bound,    Yes;
    "BIOCGSTATS"               GetStatistics:     Some(0x21_680c), None,              Ignored,    Fixed(16),  Bound,    Yes;
    "BIOCSMODE"                SetMode:           Some(0x21_6814), Some(7412),        Exactly(4), Nothing,    Attached, Yes;
    "BIOCSWRITEREP"            SetWriteRepeat:    Some(0x21_a818), Some(7413),        Exactly(4), Nothing,    Attached, NotYet;
    "BIOCSMINTOCOPY"           SetMinToCopy:      Some(0x21_681c), Some(7414),        Exactly(4), Nothing,    Bound,    Yes;
    "BIOCSETOID"               SetOid:            Some(0x21_a820), Some(0x8000_0000), Oid,        AsInput,    Attached, NotYet;
    "BIOCQUERYOID"             QueryOid:          Some(0x21_6824), Some(0x8000_0004), Oid,        AsInput,    Attached, NotYet;
    "BIOCSENDPACKETSNOSYNC"    SendPackets:       Some(0x21_a830), Some(9032),        Packets,    Nothing,    Attached, NotYet;
    "BIOCSENDPACKETSSYNC"      SendPacketsPaced:  Some(0x21_a834), Some(9033),        Packets,    Nothing,    Attached, NotYet;
    "BIOCISETLOBBEH"           SetLoopback:       Some(0x21_6840), Some(7410),        Exactly(4), Nothing,    Bound,    Yes;
    "BIOCSETEVENTHANDLE"       SetEvent:          Some(0x21_6844), Some(7920),        Handle,     Nothing,    Bound,    Yes;
    "BIOCSTIMESTAMPMODE"       SetTimestampMode:  Some(0x21_6848), None,              Exactly(4), Nothing,    Bound,    Yes;
    "BIOCGTIMESTAMPMODES"      GetTimestampModes: Some(0x21_684c), None,              Ignored,    AtLeast(4), Any,      Yes;
    "BIOCGETPIDS"              GetProcesses:      Some(0x21_6c04), None,              Ignored,    AtLeast(4), Bound,    Yes;
    "BIOCGETINFO"              GetInfo:           Some(0x21_6c08), None,              Exactly(12), Fixed(12), Any,      Yes;
    "BIOCSRTIMEOUT"            Obsolete:          Some(0x21_6810), Some(7416),        Ignored,    Nothing,    Any,      Obsolete;
    "BIOCGEVNAME"              Obsolete:          Some(0x21_682c), None,              Ignored,    Nothing,    Any,      Obsolete;
    "BIOCSETDUMPFILENAME"      Obsolete:          None,            Some(9029),        Ignored,    Nothing,    Any,      Obsolete;
    "BIOCSETDUMPLIMITS"        Obsolete:          None,            Some(9034),        Ignored,    Nothing,    Any,      Obsolete;
    "SNAPGATE_QUERY_VERSION"   QueryVersion:      native(0x900, Buffered, Any),   None, Ignored,    AtLeast(16),  Any,      Yes;
    "SNAPGATE_BIND"            Bind:              native(0x901, Buffered, Read),  None, Adapter,    Nothing,      Any,      Yes;
    "SNAPGATE_STATISTICS"      QueryStatistics:   native(0x902, Buffered, Read),  None, Ignored,    AtLeast(8),   Bound,    Yes;
    "SNAPGATE_SET_DIRECTION"   SetDirection:      native(0x903, Buffered, Read),  None, Exactly(4), Nothing,      Bound,    Yes;
    "SNAPGATE_SET_SNAP_LENGTH" SetSnapLength:     native(0x904, Buffered, Read),  None, Exactly(4), Nothing,      Bound,    Yes;
    "SNAPGATE_SET_TIMEOUT"     SetReadTimeout:    native(0x905, Buffered, Read),  None, Exactly(4), Nothing,      Bound,    Yes;
    "SNAPGATE_MAP_RING"        MapRing:           native(0x906, OutDirect, Read), None, Ignored,    Memory,       Attached, Yes;
    "SNAPGATE_WAIT_RING"       WaitRing:          native(0x907, Buffered, Read),  None, Ignored,    Nothing,      Bound,    Yes;
    "SNAPGATE_HARDWARE_DROPS"  HardwareDrops:     native(0x908, Buffered, Read),  None, Ignored,    Fixed(8),     Attached, NotYet;
    "SNAPGATE_LIST_ADAPTERS"   ListAdapters:      native(0x909, Buffered, Any),   None, Ignored,    AtLeast(4),   Any,      Yes;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_passes_addresses_and_only_the_ring_is_direct() {
        for row in IOCTLS.iter().filter(|row| row.support != Support::Obsolete) {
            for code in [row.code, row.old].into_iter().flatten().map(ControlCode) {
                assert_ne!(code.method(), Method::Neither, "{}", row.name);
                // Numbers of old may say direct: their input still comes in a buffer of the system, and they have no output.
                let direct = code.method() != Method::Buffered;
                let old = row.old == Some(code.0) && row.output == Nothing;
                assert!(!direct || old || row.operation == Operation::MapRing, "{}", row.name);
            }
        }
    }

    #[test]
    fn every_code_is_there_once() {
        let mut codes: std::vec::Vec<u32> =
            IOCTLS.iter().flat_map(|row| [row.code, row.old]).flatten().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
