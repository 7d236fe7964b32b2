//! Device controls: copied, decoded, done.

use snapgate_abi::{Caller, Ioctl, Method, Mode, Needs, Request, Support, decode};
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_BUFFER_OVERFLOW, STATUS_DEVICE_REMOVED, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_DEVICE_STATE, STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED, STATUS_OBJECT_NAME_EXISTS,
    STATUS_SUCCESS,
};
use snapgate_ffi::wdm::DEVICE_OBJECT;

use super::answer::{self, Answer};
use super::{bind, wait_or_fill};
use crate::handle::binding::Binding;
use crate::handle::filter::{FilterProgram, Refused};
use crate::handle::queue::Kind;
use crate::handle::{Handle, change};
use crate::kernel::arc::KArc;
use crate::kernel::event::UserEvent;
use crate::kernel::irp::Irp;
use crate::kernel::pool::KSlice;

/// Answers a device control.
pub(super) fn execute(handle: &KArc<Handle>, irp: Irp, device: *mut DEVICE_OBJECT) -> NTSTATUS {
    let control = irp.control();
    let buffer = irp.system_buffer();
    // Input and output share the system's buffer: what is decoded must not be what is written.
    let input = match copy_input(buffer, control.input_len) {
        Ok(input) => input,
        Err(status) => return irp.complete(status, 0),
    };
    let caller = Caller { is_32bit: irp.is_32bit() };
    let request = match decode(control.code, &input, control.output_len, caller) {
        Ok(request) => request,
        Err(refusal) => return irp.complete(refusal.status(), 0),
    };
    let row = Ioctl::of(request.operation());
    if let Err(status) = check_state(handle, row) {
        return irp.complete(status, 0);
    }
    if row.is_some_and(|row| row.support != Support::Yes) {
        return irp.complete(STATUS_NOT_SUPPORTED, 0);
    }
    match request {
        Request::MapRing => {
            let config = handle.driver.config.lock();
            change::map_ring(&config, handle, irp, device)
        }
        Request::WaitRing => wait_or_fill(handle, irp, Kind::Wait),
        request => {
            // Only buffered requests have an output in this buffer.
            let buffered = snapgate_abi::ControlCode(control.code).method() == Method::Buffered;
            let room = if buffered && !buffer.is_null() { control.output_len } else { 0 };
            let start = if room == 0 { core::ptr::NonNull::dangling().as_ptr() } else { buffer };
            // SAFETY: the system's buffer has room for so many bytes, and is this request's alone until it is completed.
            let output = unsafe { core::slice::from_raw_parts_mut(start, room) };
            let (status, bytes) = answer(handle, &request, output);
            irp.complete(status, bytes)
        }
    }
}

/// The input in memory of the driver's own.
fn copy_input(buffer: *mut u8, bytes: usize) -> Result<KSlice<u8>, NTSTATUS> {
    let bytes = if buffer.is_null() { 0 } else { bytes };
    let start = if bytes == 0 { core::ptr::NonNull::dangling().as_ptr() } else { buffer };
    // SAFETY: the system copied so many bytes of input there.
    let input = unsafe { core::slice::from_raw_parts(start, bytes) };
    KSlice::try_from_iter(input.iter().copied()).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)
}

/// Whether the handle is in a state for the request.
fn check_state(handle: &KArc<Handle>, row: Option<&Ioctl>) -> Result<(), NTSTATUS> {
    let config = handle.driver.config.lock();
    handle.state.with(&config, |state| match (&state.binding, row.map(|row| row.needs)) {
        _ if state.is_closing => Err(STATUS_INVALID_DEVICE_STATE),
        (_, None | Some(Needs::Any))
        | (Binding::Bound(_), _)
        | (Binding::Detached(_), Some(Needs::Bound)) => Ok(()),
        (Binding::Detached(_), Some(Needs::Attached)) => Err(STATUS_DEVICE_REMOVED),
        (Binding::Root, _) => Err(STATUS_INVALID_DEVICE_STATE),
    })
}

fn status_of(result: Result<(), NTSTATUS>) -> Answer {
    (result.err().unwrap_or(STATUS_SUCCESS), 0)
}

fn answer(handle: &KArc<Handle>, request: &Request<'_>, output: &mut [u8]) -> Answer {
    match request {
        Request::GetStatistics => (STATUS_SUCCESS, handle.counters.bpf_stat().write(output)),
        Request::QueryStatistics => answer::statistics(handle, output),
        Request::QueryVersion => answer::version(output),
        Request::GetTimestampModes => answer::timestamp_modes(output),
        Request::GetInfo(id) => answer::info(handle, *id, output),
        Request::GetProcesses => processes(handle, output),
        Request::ListAdapters => {
            let (bytes, all) = bind::list_adapters(handle, output);
            (if all { STATUS_SUCCESS } else { STATUS_BUFFER_OVERFLOW }, bytes)
        }
        request => status_of(set(handle, request)),
    }
}

/// The processes that have the same adapter open: their number, and each.
fn processes(handle: &KArc<Handle>, output: &mut [u8]) -> Answer {
    let config = handle.driver.config.lock();
    let Some(module) = handle.state.with(&config, |state| state.module()) else {
        return answer::numbers_to(output, core::iter::once(0));
    };
    let here = |other: &&KArc<Handle>| {
        other.state.with(&config, |state| state.module().is_some_and(|other| other.is_same(&module)))
    };
    let count = config.handles.iter().filter(here).count();
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let numbers =
        core::iter::once(count).chain(config.handles.iter().filter(here).map(|other| other.process));
    answer::numbers_to(output, numbers)
}

/// What changes something and answers nothing.
fn set(handle: &KArc<Handle>, request: &Request<'_>) -> Result<(), NTSTATUS> {
    match request {
        Request::SetBufferSize(bytes) => {
            let config = handle.driver.config.lock();
            change::set_buffer_size(&config, handle, *bytes)
        }
        Request::SetFilter(bytes) => {
            let program = if bytes.is_empty() {
                None
            } else {
                Some(FilterProgram::try_new(bytes).map_err(|refused| match refused {
                    Refused::NoMemory => STATUS_INSUFFICIENT_RESOURCES,
                    Refused::Invalid => STATUS_INVALID_PARAMETER,
                })?)
            };
            let config = handle.driver.config.lock();
            change::set_filter(&config, handle, program);
            Ok(())
        }
        Request::SetMode(Mode { send_to_receive: true, .. }) => Err(STATUS_NOT_SUPPORTED),
        Request::SetMode(mode) => {
            let config = handle.driver.config.lock();
            change::set_settings(&config, handle, |settings| {
                settings.statistics = mode.statistics;
                settings.nanoseconds = mode.nanoseconds;
            })
        }
        Request::SetLoopback(on) => {
            let config = handle.driver.config.lock();
            change::set_settings(&config, handle, |settings| settings.sees_loopback = *on)
        }
        Request::SetTimestampMode(mode) => {
            let config = handle.driver.config.lock();
            change::set_settings(&config, handle, |settings| settings.clock = *mode)
        }
        Request::SetDirection(direction) => {
            let config = handle.driver.config.lock();
            change::set_settings(&config, handle, |settings| settings.direction = *direction)
        }
        Request::SetSnapLength(bytes) => {
            let config = handle.driver.config.lock();
            change::set_settings(&config, handle, |settings| settings.snap_len = *bytes)
        }
        Request::SetMinToCopy(bytes) => {
            change::set_min_to_copy(handle, *bytes);
            Ok(())
        }
        Request::SetReadTimeout(timeout) => {
            change::set_timeout(handle, *timeout);
            Ok(())
        }
        Request::SetEvent(number) => {
            let event = UserEvent::from_handle(*number)?;
            change::set_event(handle, event).map_err(|_| STATUS_OBJECT_NAME_EXISTS)
        }
        Request::Bind(selector) => bind::bind(handle, selector),
        _ => Err(STATUS_NOT_SUPPORTED),
    }
}
