//! Answers of a few numbers.

use snapgate_abi::{ABI_VERSION, InfoId, Mode, Statistics, TimestampMode, Version};
use snapgate_ffi::ntdef::{NTSTATUS, STATUS_BUFFER_OVERFLOW, STATUS_SUCCESS};

use crate::driver;
use crate::handle::Handle;

/// Bits of the configuration that programs ask for.
const CONFIG_ADMIN_ONLY: u32 = 4;
/// The level of BPF extensions: programs may load VLAN tags.
const BPF_EXTENSIONS: u32 = 4;

/// Status and number of bytes.
pub(super) type Answer = (NTSTATUS, usize);

/// Writes bytes to the front of the output.
fn put(output: &mut [u8], bytes: &[u8]) -> usize {
    match output.get_mut(..bytes.len()) {
        Some(room) => {
            room.copy_from_slice(bytes);
            bytes.len()
        }
        None => 0,
    }
}

pub(super) fn version(output: &mut [u8]) -> Answer {
    let version = Version { abi: ABI_VERSION, driver: driver::VERSION, features: 0 };
    (STATUS_SUCCESS, version.write(output))
}

pub(super) fn statistics(handle: &Handle, output: &mut [u8]) -> Answer {
    let bytes = handle.counters.statistics().write(output);
    (if bytes == Statistics::BYTES { STATUS_SUCCESS } else { STATUS_BUFFER_OVERFLOW }, bytes)
}

/// The number of modes, and the modes.
pub(super) fn timestamp_modes(output: &mut [u8]) -> Answer {
    let count = u32::try_from(TimestampMode::ALL.len()).unwrap_or_default();
    let numbers = core::iter::once(count).chain(TimestampMode::ALL.iter().map(|mode| mode.number()));
    numbers_to(output, numbers)
}

/// As many numbers as fit.
pub(super) fn numbers_to(output: &mut [u8], numbers: impl Iterator<Item = u32>) -> Answer {
    let mut bytes: usize = 0;
    for number in numbers {
        let written = put(output.get_mut(bytes..).unwrap_or_default(), &number.to_le_bytes());
        if written == 0 {
            return (STATUS_BUFFER_OVERFLOW, bytes);
        }
        bytes = bytes.saturating_add(written);
    }
    (STATUS_SUCCESS, bytes)
}

/// A number about the driver: which, its length, the number.
pub(super) fn info(handle: &Handle, id: InfoId, output: &mut [u8]) -> Answer {
    let value = match id {
        InfoId::Version => driver::VERSION,
        InfoId::Config => {
            if handle.driver.admin_only {
                CONFIG_ADMIN_ONLY
            } else {
                0
            }
        }
        InfoId::BpfExtensions => BPF_EXTENSIONS,
        InfoId::Modes => Mode { statistics: true, send_to_receive: false, nanoseconds: true }.bits(),
        InfoId::Statistics => handle.counters.bpf_stat().received,
        InfoId::Debug => 0,
    };
    numbers_to(output, [id.number(), 4, value].into_iter())
}
