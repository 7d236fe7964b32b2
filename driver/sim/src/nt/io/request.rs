//! Requests: made, dispatched, completed, and looked at when they are (rule R1).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use snapgate_ffi::ntdef::{NTSTATUS, STATUS_INVALID_DEVICE_REQUEST, STATUS_PENDING, UserMode};
use snapgate_ffi::wdm::{
    FILE_OBJECT, IO_DEVICE_CONTROL, IO_READ_WRITE, IO_STACK_LOCATION, IRP, IRP_MJ_DEVICE_CONTROL,
    IRP_MJ_READ, IRP_MJ_WRITE, SL_PENDING_RETURNED,
};

use super::{cancel, device};
use crate::machine::{machine, violate, violate_with};
use crate::nt::mm::{self, Pages};
use crate::nt::pool;
use crate::sched::{self, Signal};
use crate::verify::{Rule, ledger};

/// What a request moves.
pub(crate) enum Transfer {
    /// Nothing: create, cleanup, close.
    Nothing,
    /// Input in, output of at most so many bytes out, through one buffer of the system.
    Buffered { code: u32, input: Vec<u8>, output: usize },
    /// Input through a buffer of the system; the pages are locked.
    Direct { code: u32, input: Vec<u8>, pages: Rc<Pages>, bytes: u32 },
    /// Pages to read into, or to write from.
    Pages { pages: Rc<Pages>, bytes: u32 },
}

/// How a request ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: NTSTATUS,
    pub(crate) information: usize,
    pub(crate) output: Vec<u8>,
}

/// A request, shared by who waits for it and by the I/O manager.
pub(crate) type Shared = Rc<Request>;

/// A request.
pub(crate) struct Request {
    irp: usize,
    file: usize,
    major: u8,
    is_32bit: bool,
    /// Where the system's buffer is, how long the input in it is, how much output it can hold.
    buffer: Cell<(usize, usize, usize)>,
    /// What the buffer is filled with behind the input.
    poison: u64,
    pages: Option<(Rc<Pages>, u32)>,
    dispatched: Cell<bool>,
    completed: Cell<bool>,
    pub(crate) outcome: RefCell<Outcome>,
    pub(crate) done: Signal,
}

impl Request {
    pub(crate) fn is_done(&self) -> bool {
        self.done.is_set()
    }

    /// Cancels it, if it is pending.
    pub(crate) fn cancel(&self) {
        cancel::cancel(std::ptr::with_exposed_provenance_mut(self.irp));
    }

    pub(crate) fn major(&self) -> u8 {
        self.major
    }

    pub(crate) fn file(&self) -> usize {
        self.file
    }

    pub(crate) fn describe(&self) -> String {
        format!("request {:#x} of major function {:#x}", self.irp, self.major)
    }
}

/// Whether a request is known and not completed.
pub(super) fn is_pending(irp: *mut IRP) -> bool {
    machine().nt.io.requests.borrow().get(&irp.addr()).is_some_and(|request| !request.completed.get())
}

/// Whether a request comes from a program with 32-bit addresses.
pub(crate) fn is_32bit(irp: *mut IRP) -> bool {
    find(irp).is_some_and(|request| request.is_32bit)
}

fn find(irp: *mut IRP) -> Option<Shared> {
    machine().nt.io.requests.borrow().get(&irp.addr()).cloned()
}

/// A buffer with the input at its start; the rest has a pattern that no driver would write.
fn buffer(input: &[u8], output: usize, poison: u64) -> *mut u8 {
    let bytes = input.len().max(output);
    if bytes == 0 {
        return std::ptr::null_mut();
    }
    let block = pool::allocate("system buffer", 0, bytes);
    let pattern = poison.to_ne_bytes();
    for (index, byte) in pattern.iter().cycle().take(bytes).enumerate() {
        // SAFETY: inside of the new block.
        unsafe { block.add(index).write(*byte) };
    }
    // SAFETY: the block is at least as long as the input.
    unsafe { std::ptr::copy_nonoverlapping(input.as_ptr(), block, input.len()) };
    block
}

/// Makes a request and sends it to the device of the file. From a thread at PASSIVE_LEVEL.
pub(crate) fn send(file: *mut FILE_OBJECT, major: u8, transfer: Transfer) -> Shared {
    // SAFETY: an open file.
    let device_object = unsafe { (*file).DeviceObject };
    let block = pool::allocate("IRP", 0, size_of::<IRP>() + size_of::<IO_STACK_LOCATION>());
    let irp: *mut IRP = block.cast();
    // SAFETY: the new block has room for both.
    let location: *mut IO_STACK_LOCATION = unsafe { block.add(size_of::<IRP>()).cast() };
    let poison = sched::random(u64::MAX) | 0x0101_0101_0101_0101;
    // SAFETY: the new block; all zeroes is a valid request.
    unsafe {
        block.write_bytes(0, size_of::<IRP>() + size_of::<IO_STACK_LOCATION>());
        (*irp).Type = 6;
        (*irp).Size = 208 + 72;
        (*irp).RequestorMode = UserMode;
        (*irp).StackCount = 1;
        (*irp).CurrentLocation = 1;
        (*irp).Tail.Overlay.CurrentStackLocation = location;
        (*irp).Tail.Overlay.OriginalFileObject = file;
        (*location).MajorFunction = major;
        (*location).DeviceObject = device_object;
        (*location).FileObject = file;
    }
    let mut request = Request {
        irp: irp.expose_provenance(),
        file: file.addr(),
        major,
        is_32bit: sched::this().process.get().1,
        buffer: Cell::new((0, 0, 0)),
        poison,
        pages: None,
        dispatched: Cell::new(false),
        completed: Cell::new(false),
        outcome: RefCell::default(),
        done: Signal::new(),
    };
    match transfer {
        Transfer::Nothing => {}
        Transfer::Buffered { code, input, output } => {
            let system = buffer(&input, output, poison);
            request.buffer.set((system.expose_provenance(), input.len(), output));
            // SAFETY: as above.
            unsafe {
                (*irp).AssociatedIrp.SystemBuffer = system.cast();
                (*location).Parameters.DeviceIoControl = control(code, input.len(), output);
            }
        }
        Transfer::Direct { code, input, pages, bytes } => {
            let system = buffer(&input, 0, poison);
            request.buffer.set((system.expose_provenance(), input.len(), 0));
            // SAFETY: as above.
            unsafe {
                (*irp).AssociatedIrp.SystemBuffer = system.cast();
                (*location).Parameters.DeviceIoControl = control(code, input.len(), bytes as usize);
                if bytes > 0 {
                    (*irp).MdlAddress = mm::lock(&pages, 0, bytes);
                }
            }
            request.pages = Some((pages, bytes));
        }
        Transfer::Pages { pages, bytes } => {
            // SAFETY: as above.
            unsafe {
                (*location).Parameters.Read =
                    IO_READ_WRITE { Length: bytes, Reserved1: 0, Key: 0, Reserved2: 0, ByteOffset: 0 };
                if bytes > 0 {
                    (*irp).MdlAddress = mm::lock(&pages, 0, bytes);
                }
            }
            request.pages = Some((pages, bytes));
        }
    }
    let request = Rc::new(request);
    machine().nt.io.requests.borrow_mut().insert(irp.addr(), Rc::clone(&request));
    ledger::note(irp.cast(), || format!("made, major function {major:#x}"));
    dispatch(&request, irp, location);
    request
}

fn control(code: u32, input: usize, output: usize) -> IO_DEVICE_CONTROL {
    IO_DEVICE_CONTROL {
        OutputBufferLength: u32::try_from(output).unwrap_or(u32::MAX),
        Reserved1: 0,
        InputBufferLength: u32::try_from(input).unwrap_or(u32::MAX),
        Reserved2: 0,
        IoControlCode: code,
        Reserved3: 0,
        Type3InputBuffer: std::ptr::null_mut(),
    }
}

fn name(major: u8) -> &'static str {
    match major {
        0 => "IRP_MJ_CREATE",
        2 => "IRP_MJ_CLOSE",
        IRP_MJ_READ => "IRP_MJ_READ",
        IRP_MJ_WRITE => "IRP_MJ_WRITE",
        IRP_MJ_DEVICE_CONTROL => "IRP_MJ_DEVICE_CONTROL",
        0x12 => "IRP_MJ_CLEANUP",
        _ => "another major function",
    }
}

fn dispatch(request: &Shared, irp: *mut IRP, location: *mut IO_STACK_LOCATION) {
    // SAFETY: the location of a request that is being sent.
    let device_object = unsafe { (*location).DeviceObject };
    let routine = device::of(device_object)
        .and_then(|device| device.dispatch.get(usize::from(request.major)).copied().flatten());
    let Some(routine) = routine else {
        // As the routine that the system puts into empty slots.
        // SAFETY: as above.
        unsafe { (*irp).IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST };
        complete(irp);
        request.dispatched.set(true);
        release(request);
        return;
    };
    let status = sched::call_driver(name(request.major), || {
        // SAFETY: the dispatch routine of the device's driver, with a request of that device.
        unsafe { routine(device_object, irp) }
    });
    // SAFETY: the memory of the request stays until it is completed and this function is through with it.
    let marked = unsafe { (*location).Control } & SL_PENDING_RETURNED != 0;
    if (status == STATUS_PENDING) != marked {
        violate_with(
            Rule::R1,
            irp.cast(),
            format!(
                "{} answered {status:#x}, and the request is {}marked pending",
                name(request.major),
                if marked { "" } else { "not " }
            ),
        );
    }
    if !marked {
        if !request.completed.get() {
            violate_with(
                Rule::R1,
                irp.cast(),
                format!("{} answered {status:#x} and did not complete the request", name(request.major)),
            );
        }
        let completed = request.outcome.borrow().status;
        if completed != status {
            violate_with(
                Rule::R1,
                irp.cast(),
                format!("{} answered {status:#x}, and completed with {completed:#x}", name(request.major)),
            );
        }
    }
    request.dispatched.set(true);
    release(request);
}

/// A driver completes a request.
pub(super) fn complete(irp: *mut IRP) {
    let Some(request) = find(irp) else {
        violate(Rule::R1, format!("IofCompleteRequest: {irp:p} is no request, or not any more"));
    };
    if request.completed.get() {
        violate_with(Rule::R1, irp.cast(), "IofCompleteRequest: completed a second time");
    }
    // SAFETY: a request that is not completed.
    let (status, information, routine) =
        unsafe { ((*irp).IoStatus.Status, (*irp).IoStatus.Information, (*irp).CancelRoutine) };
    ledger::note(irp.cast(), || format!("completed with {status:#x}, {information} bytes"));
    if routine.is_some() {
        violate_with(Rule::R1, irp.cast(), "IofCompleteRequest: the cancel routine is still set");
    }
    if status == STATUS_PENDING {
        violate_with(Rule::R1, irp.cast(), "IofCompleteRequest: with STATUS_PENDING");
    }
    let (system, input, output) = request.buffer.get();
    let mut bytes = Vec::new();
    match &request.pages {
        Some((pages, length)) => {
            if information > *length as usize {
                violate_with(
                    Rule::R1,
                    irp.cast(),
                    format!("{information} bytes of information, and a buffer of {length}"),
                );
            }
            // SAFETY: so many bytes are in the pages; nothing else runs.
            bytes.extend_from_slice(unsafe {
                std::slice::from_raw_parts(pages.own(), information.min(pages.bytes()))
            });
        }
        // An error copies nothing, a warning does.
        None if status.cast_unsigned() >> 30 != 3 => {
            if request.major == IRP_MJ_DEVICE_CONTROL && information > output {
                violate_with(
                    Rule::R1,
                    irp.cast(),
                    format!("{information} bytes of information, and a buffer of {output}"),
                );
            }
            if system != 0 {
                let start: *const u8 = std::ptr::with_exposed_provenance(system);
                // SAFETY: the system's buffer is at least so long.
                let written = unsafe { std::slice::from_raw_parts(start, information.min(output)) };
                if let Some(at) = unwritten(written, input, request.poison) {
                    violate_with(
                        Rule::R1,
                        irp.cast(),
                        format!("{information} bytes of information, and byte {at} was never written"),
                    );
                }
                bytes.extend_from_slice(written);
            }
        }
        None => {}
    }
    *request.outcome.borrow_mut() = Outcome { status, information, output: bytes };
    request.completed.set(true);
    release(&request);
}

/// Where eight bytes in a row have the pattern, behind the input.
fn unwritten(bytes: &[u8], input: usize, poison: u64) -> Option<usize> {
    let start = input.next_multiple_of(8);
    let words = bytes.get(start..)?.chunks_exact(8);
    words.enumerate().find(|(_, word)| **word == poison.to_ne_bytes()).map(|(index, _)| start + index * 8)
}

/// When the request is completed and its dispatch routine has returned, it is gone.
fn release(request: &Shared) {
    if !(request.completed.get() && request.dispatched.get()) || request.is_done() {
        return;
    }
    let irp: *mut IRP = std::ptr::with_exposed_provenance_mut(request.irp);
    machine().nt.io.requests.borrow_mut().remove(&request.irp);
    // SAFETY: the memory of the request, which is given back below.
    let mdl = unsafe { (*irp).MdlAddress };
    if !mdl.is_null() {
        mm::unlock(mdl);
    }
    let (system, ..) = request.buffer.get();
    if system != 0 {
        pool::free("system buffer", std::ptr::with_exposed_provenance_mut(system));
    }
    ledger::forget(irp.cast());
    pool::free("IRP", irp.cast());
    request.done.set();
}

/// The requests of a file that are not done.
pub(crate) fn of_file(file: usize) -> Vec<Shared> {
    machine().nt.io.requests.borrow().values().filter(|request| request.file() == file).cloned().collect()
}
