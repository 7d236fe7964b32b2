//! From bytes to a request: total.

use crate::bytes::Reader;
use crate::refusal::Refusal;
use crate::request::{
    AdapterSelector, Direction, InfoId, Mode, OidData, ProgramBytes, ReadTimeout, Request, SendQueue,
    TimestampMode,
};
use crate::table::{Input, Ioctl, Operation, Output, Support};
use crate::{BUFFER_SIZE_MAX, PROGRAM_LEN_MAX};

/// What is known of the program beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Caller {
    /// Its addresses and handles have 32 bits.
    pub is_32bit: bool,
}

/// The request of a code and its input, with room for `output_len` bytes of output.
///
/// # Errors
/// Why there is none. Any code, any bytes and any lengths give one or the other.
pub fn decode(code: u32, input: &[u8], output_len: usize, caller: Caller) -> Result<Request<'_>, Refusal> {
    let row = Ioctl::find(code).ok_or(Refusal::UnknownCode)?;
    if row.support == Support::Obsolete {
        return Err(Refusal::Obsolete);
    }
    check_input(row.input, input, caller)?;
    check_output(row.output, input, output_len)?;
    request(row.operation, input)
}

fn check_input(rule: Input, input: &[u8], caller: Caller) -> Result<(), Refusal> {
    let (fits, expected) = match rule {
        Input::Ignored => (true, 0),
        Input::Exactly(bytes) => (input.len() == bytes, bytes),
        Input::Handle => {
            let bytes = if caller.is_32bit { 4 } else { 8 };
            (input.len() == bytes, bytes)
        }
        Input::Program => {
            let insns = input.as_chunks::<8>();
            (
                insns.1.is_empty() && insns.0.len() <= PROGRAM_LEN_MAX,
                insns.0.len().min(PROGRAM_LEN_MAX).saturating_mul(8),
            )
        }
        Input::Oid => (input.len() >= 8, 8),
        Input::Packets => (input.len() >= 16, 16),
        Input::Adapter => (input.len() >= 8, 8),
    };
    if fits { Ok(()) } else { Err(Refusal::InputLength { expected }) }
}

fn check_output(rule: Output, input: &[u8], output_len: usize) -> Result<(), Refusal> {
    let expected = match rule {
        Output::None | Output::Memory => 0,
        Output::Fixed(bytes) | Output::AtLeast(bytes) => bytes,
        Output::AsInput => input.len(),
    };
    if output_len >= expected { Ok(()) } else { Err(Refusal::OutputLength { expected }) }
}

/// The number that is the whole input.
fn number(input: &[u8]) -> Result<u32, Refusal> {
    Reader(input).u32().ok_or(Refusal::InputLength { expected: 4 })
}

fn request(operation: Operation, input: &[u8]) -> Result<Request<'_>, Refusal> {
    Ok(match operation {
        Operation::SetBufferSize => {
            let bytes = number(input)?;
            if bytes > BUFFER_SIZE_MAX {
                return Err(Refusal::Value);
            }
            Request::SetBufferSize(bytes)
        }
        Operation::SetFilter => Request::SetFilter(ProgramBytes(input)),
        Operation::GetStatistics => Request::GetStatistics,
        Operation::SetMode => Request::SetMode(Mode::from_bits(number(input)?).ok_or(Refusal::Mode)?),
        Operation::SetWriteRepeat => match number(input)? {
            0 => return Err(Refusal::Value),
            times => Request::SetWriteRepeat(times),
        },
        Operation::SetMinToCopy => Request::SetMinToCopy(number(input)?),
        Operation::SetOid => Request::SetOid(oid(input)?),
        Operation::QueryOid => Request::QueryOid(oid(input)?),
        Operation::SendPackets => Request::SendPackets { queue: packets(input)?, paced: false },
        Operation::SendPacketsPaced => Request::SendPackets { queue: packets(input)?, paced: true },
        Operation::SetLoopback => match number(input)? {
            1 => Request::SetLoopback(false),
            2 => Request::SetLoopback(true),
            _ => return Err(Refusal::Value),
        },
        Operation::SetEvent => {
            let handle = match input.len() {
                4 => u64::from(number(input)?),
                _ => Reader(input).u64().ok_or(Refusal::InputLength { expected: 8 })?,
            };
            if handle == 0 {
                return Err(Refusal::Value);
            }
            Request::SetEvent(handle)
        }
        Operation::SetTimestampMode => {
            Request::SetTimestampMode(TimestampMode::from_number(number(input)?).ok_or(Refusal::Value)?)
        }
        Operation::GetTimestampModes => Request::GetTimestampModes,
        Operation::GetProcesses => Request::GetProcesses,
        Operation::GetInfo => {
            let data = oid(input)?;
            Request::GetInfo(InfoId::from_number(data.oid).ok_or(Refusal::Value)?)
        }
        Operation::QueryVersion => Request::QueryVersion,
        Operation::Bind => Request::Bind(adapter(input)?),
        Operation::QueryStatistics => Request::QueryStatistics,
        Operation::SetDirection => {
            Request::SetDirection(Direction::from_number(number(input)?).ok_or(Refusal::Value)?)
        }
        Operation::SetSnapLength => match number(input)? {
            0 => return Err(Refusal::Value),
            bytes => Request::SetSnapLength(bytes),
        },
        Operation::SetReadTimeout => Request::SetReadTimeout(ReadTimeout::from_number(number(input)?)),
        Operation::MapRing => Request::MapRing,
        Operation::WaitRing => Request::WaitRing,
        Operation::HardwareDrops => Request::HardwareDrops,
        Operation::ListAdapters => Request::ListAdapters,
        Operation::Obsolete => return Err(Refusal::Obsolete),
    })
}

/// Number, length, bytes: as many as the length says, and no more.
fn oid(input: &[u8]) -> Result<OidData<'_>, Refusal> {
    let mut reader = Reader(input);
    let short = Refusal::InputLength { expected: 8 };
    let oid = reader.u32().ok_or(short)?;
    let length = reader.u32().ok_or(short)? as usize;
    let expected = length.saturating_add(8);
    if expected != input.len() {
        return Err(Refusal::InputLength { expected });
    }
    Ok(OidData { oid, data: reader.0 })
}

fn packets(input: &[u8]) -> Result<SendQueue<'_>, Refusal> {
    let queue = SendQueue(input);
    if queue.check() { Ok(queue) } else { Err(Refusal::Value) }
}

/// Kind (1 name, 2 index, 3 identifier), four bytes of 0, and the value.
fn adapter(input: &[u8]) -> Result<AdapterSelector<'_>, Refusal> {
    let mut reader = Reader(input);
    let short = Refusal::InputLength { expected: 8 };
    let kind = reader.u32().ok_or(short)?;
    if reader.u32().ok_or(short)? != 0 {
        return Err(Refusal::Value);
    }
    let value = reader.0;
    match kind {
        1 if value.len().is_multiple_of(2) && (2..=256).contains(&value.len()) => {
            Ok(AdapterSelector::Name(value))
        }
        1 => Err(Refusal::Value),
        2 if value.len() == 4 => Ok(AdapterSelector::Index(number(value)?)),
        2 => Err(Refusal::InputLength { expected: 12 }),
        3 if value.len() == 8 => reader.u64().map(AdapterSelector::Luid).ok_or(short),
        3 => Err(Refusal::InputLength { expected: 16 }),
        _ => Err(Refusal::Value),
    }
}
