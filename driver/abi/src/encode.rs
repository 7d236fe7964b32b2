//! From a request to code and bytes: what programs send.

use crate::bytes::Writer;
use crate::request::{AdapterSelector, Request};
use crate::table::{Ioctl, Operation};

/// The most bytes of input that this encoder writes itself: an adapter's name. Programs and packets stay where they are.
pub const INPUT_BYTES_MAX: usize = 264;

/// A request, ready to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a> {
    /// The code.
    pub code: u32,
    /// The input.
    pub input: &'a [u8],
}

impl<'a> Request<'a> {
    /// Code and input. `room` holds the input unless it is bytes of the request already.
    #[must_use]
    pub fn encode<'b>(&self, room: &'b mut [u8; INPUT_BYTES_MAX]) -> Encoded<'b>
    where
        'a: 'b,
    {
        let code = Ioctl::of(self.operation()).and_then(|row| row.code).unwrap_or_default();
        match self {
            Self::SetFilter(program) => return Encoded { code, input: program.bytes() },
            Self::SendPackets { queue, .. } => return Encoded { code, input: queue.0 },
            _ => {}
        }
        let mut writer = Writer::new(room);
        match self {
            Self::SetBufferSize(number)
            | Self::SetWriteRepeat(number)
            | Self::SetMinToCopy(number)
            | Self::SetSnapLength(number) => writer.put(&number.to_le_bytes()),
            Self::SetMode(mode) => writer.put(&mode.bits().to_le_bytes()),
            Self::SetLoopback(on) => writer.put(&if *on { 2_u32 } else { 1 }.to_le_bytes()),
            Self::SetEvent(handle) => writer.put(&handle.to_le_bytes()),
            Self::SetTimestampMode(mode) => writer.put(&mode.number().to_le_bytes()),
            Self::SetDirection(direction) => writer.put(&direction.number().to_le_bytes()),
            Self::SetReadTimeout(timeout) => writer.put(&timeout.number().to_le_bytes()),
            Self::GetInfo(id) => {
                for number in [id.number(), 4, 0] {
                    writer.put(&number.to_le_bytes());
                }
            }
            Self::SetOid(data) | Self::QueryOid(data) => {
                writer.put(&data.oid.to_le_bytes());
                writer.put(&u32::try_from(data.data.len()).unwrap_or(u32::MAX).to_le_bytes());
                writer.put(data.data);
            }
            Self::Bind(adapter) => {
                let kind: u32 = match adapter {
                    AdapterSelector::Name(_) => 1,
                    AdapterSelector::Index(_) => 2,
                    AdapterSelector::Luid(_) => 3,
                };
                writer.put(&kind.to_le_bytes());
                writer.put(&[0; 4]);
                match adapter {
                    AdapterSelector::Name(words) => writer.put(words),
                    AdapterSelector::Index(index) => writer.put(&index.to_le_bytes()),
                    AdapterSelector::Luid(luid) => writer.put(&luid.to_le_bytes()),
                }
            }
            _ => {}
        }
        let written = writer.written();
        Encoded { code, input: room.get(..written).unwrap_or_default() }
    }

    /// Its row in the table.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::SetBufferSize(_) => Operation::SetBufferSize,
            Self::SetFilter(_) => Operation::SetFilter,
            Self::GetStatistics => Operation::GetStatistics,
            Self::SetMode(_) => Operation::SetMode,
            Self::SetWriteRepeat(_) => Operation::SetWriteRepeat,
            Self::SetMinToCopy(_) => Operation::SetMinToCopy,
            Self::SetOid(_) => Operation::SetOid,
            Self::QueryOid(_) => Operation::QueryOid,
            Self::SendPackets { paced: false, .. } => Operation::SendPackets,
            Self::SendPackets { paced: true, .. } => Operation::SendPacketsPaced,
            Self::SetLoopback(_) => Operation::SetLoopback,
            Self::SetEvent(_) => Operation::SetEvent,
            Self::SetTimestampMode(_) => Operation::SetTimestampMode,
            Self::GetTimestampModes => Operation::GetTimestampModes,
            Self::GetProcesses => Operation::GetProcesses,
            Self::GetInfo(_) => Operation::GetInfo,
            Self::QueryVersion => Operation::QueryVersion,
            Self::Bind(_) => Operation::Bind,
            Self::QueryStatistics => Operation::QueryStatistics,
            Self::SetDirection(_) => Operation::SetDirection,
            Self::SetSnapLength(_) => Operation::SetSnapLength,
            Self::SetReadTimeout(_) => Operation::SetReadTimeout,
            Self::MapRing => Operation::MapRing,
            Self::WaitRing => Operation::WaitRing,
            Self::HardwareDrops => Operation::HardwareDrops,
            Self::ListAdapters => Operation::ListAdapters,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::*;
    use crate::{Caller, Refusal, decode};
    use std::vec::Vec;

    fn requests() -> Vec<Request<'static>> {
        let packet: &[u8] = &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 7, 8, 9];
        std::vec![
            Request::SetBufferSize(1 << 20),
            Request::SetFilter(ProgramBytes(&[6, 0, 0, 0, 0xff, 0xff, 0, 0])),
            Request::SetFilter(ProgramBytes(&[])),
            Request::GetStatistics,
            Request::SetMode(Mode { statistics: true, send_to_receive: false, nanoseconds: true }),
            Request::SetWriteRepeat(3),
            Request::SetMinToCopy(16_000),
            Request::SetOid(OidData { oid: 0x1_010e, data: &[1, 2, 3, 4] }),
            Request::QueryOid(OidData { oid: 0x1_010e, data: &[0; 4] }),
            Request::SendPackets { queue: SendQueue(packet), paced: false },
            Request::SendPackets { queue: SendQueue(packet), paced: true },
            Request::SetLoopback(true),
            Request::SetLoopback(false),
            Request::SetEvent(0x44),
            Request::SetTimestampMode(TimestampMode::PreciseSystemTime),
            Request::GetTimestampModes,
            Request::GetProcesses,
            Request::GetInfo(InfoId::BpfExtensions),
            Request::QueryVersion,
            Request::Bind(AdapterSelector::Name(&[0x41, 0, 0x42, 0])),
            Request::Bind(AdapterSelector::Index(7)),
            Request::Bind(AdapterSelector::Luid(0x0123_4567_89ab_cdef)),
            Request::QueryStatistics,
            Request::SetDirection(Direction::Out),
            Request::SetSnapLength(96),
            Request::SetReadTimeout(ReadTimeout::Infinite),
            Request::MapRing,
            Request::WaitRing,
            Request::HardwareDrops,
            Request::ListAdapters,
        ]
    }

    #[test]
    fn every_request_is_decoded_as_it_was_encoded() {
        for request in requests() {
            let mut room = [0; INPUT_BYTES_MAX];
            let Encoded { code, input } = request.encode(&mut room);
            assert_eq!(decode(code, input, 512, Caller::default()), Ok(request), "{request:?}");
        }
    }

    #[test]
    fn every_row_of_the_table_can_be_reached() {
        for row in crate::IOCTLS {
            let found = requests().iter().any(|request| request.operation() == row.operation);
            assert!(found || row.operation == Operation::Obsolete, "{}", row.name);
        }
    }

    #[test]
    fn a_length_that_is_off_by_one_is_refused() {
        for request in requests() {
            let mut room = [0; INPUT_BYTES_MAX];
            let Encoded { code, input } = request.encode(&mut room);
            let row = Ioctl::find(code).unwrap();
            if row.input == crate::Input::Ignored || input.is_empty() {
                continue;
            }
            for length in [input.len() - 1, input.len() + 1] {
                let mut longer = input.to_vec();
                longer.resize(length, 0);
                assert!(
                    decode(code, &longer, 512, Caller::default()).is_err(),
                    "{request:?} of {length} bytes"
                );
            }
        }
    }

    #[test]
    fn handles_of_32_bit_programs_have_four_bytes() {
        let code = 0x21_6844;
        let small = Caller { is_32bit: true };
        assert_eq!(decode(code, &[4, 1, 0, 0], 0, small), Ok(Request::SetEvent(0x104)));
        assert_eq!(
            decode(code, &[4, 1, 0, 0], 0, Caller::default()),
            Err(Refusal::InputLength { expected: 8 })
        );
        assert_eq!(decode(code, &[0; 4], 0, small), Err(Refusal::Value));
    }

    #[test]
    fn what_no_driver_does_any_more_is_refused() {
        let caller = Caller::default();
        assert_eq!(decode(0x21_6810, &[0; 4], 0, caller), Err(Refusal::Obsolete));
        assert_eq!(decode(9031, &[], 64, caller), Err(Refusal::UnknownCode), "passes addresses");
        for mode in [2_u32, 0x10, 0x8000_0000] {
            assert_eq!(decode(7412, &mode.to_le_bytes(), 0, caller), Err(Refusal::Mode));
        }
        assert_eq!(decode(9592, &0x4000_0001_u32.to_le_bytes(), 0, caller), Err(Refusal::Value));
        assert_eq!(
            decode(9592, &0x4000_0000_u32.to_le_bytes(), 0, caller),
            Ok(Request::SetBufferSize(0x4000_0000))
        );
    }
}
