//! Processes, their files, and what they have asked for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use snapgate_ffi::ntdef::{NTSTATUS, STATUS_ACCESS_DENIED};
use snapgate_ffi::wdm::{FILE_OBJECT, IRP_MJ_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_WRITE};

use super::{GENERIC_READ, GENERIC_WRITE, Memory, User};
use crate::nt::io::file;
use crate::nt::io::request::{self, Outcome, Shared, Transfer};
use crate::nt::ob;
use crate::sched;

/// A process.
#[derive(Clone, Debug)]
pub struct Process {
    user: User,
    /// Its number, and whether it has 32-bit addresses.
    id: (u32, bool),
    files: Rc<RefCell<Vec<File>>>,
    events: Rc<RefCell<Vec<usize>>>,
}

/// A handle to a file; clones are the same handle.
#[derive(Clone, Debug)]
pub struct File {
    object: usize,
    access: u32,
    process: (u32, bool),
    open: Rc<Cell<bool>>,
}

/// A request that was sent; it may be done already.
#[derive(Clone)]
pub struct Pending {
    request: Option<Shared>,
    refused: NTSTATUS,
}

impl Process {
    /// A process of a user.
    #[must_use]
    pub fn new(user: User) -> Self {
        Self::with_addresses(user, false)
    }

    /// A process with 32-bit addresses and handles.
    #[must_use]
    pub fn new_32bit(user: User) -> Self {
        Self::with_addresses(user, true)
    }

    fn with_addresses(user: User, is_32bit: bool) -> Self {
        Self {
            user,
            id: (crate::nt::io::next_process(), is_32bit),
            files: Rc::default(),
            events: Rc::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id.0
    }

    /// Opens a path like `\\.\Snapgate\{GUID}`.
    ///
    /// # Errors
    /// The status of the system or of the driver.
    pub fn open(&self, path: &str, access: u32) -> Result<File, NTSTATUS> {
        let object = sched::for_process(self.id, || file::open(path, access, self.user))?;
        let object = object.expose_provenance();
        let file = File { object, access, process: self.id, open: Rc::new(Cell::new(true)) };
        self.files.borrow_mut().push(file.clone());
        Ok(file)
    }

    /// Makes an event; answers its handle.
    #[must_use]
    pub fn create_event(&self) -> usize {
        let event = ob::create_event();
        self.events.borrow_mut().push(event);
        event
    }

    /// Waits for an event, at most so long; answers whether it is set.
    #[must_use]
    pub fn wait_event(&self, event: usize, timeout_100ns: u64) -> bool {
        ob::wait(event, timeout_100ns)
    }

    /// Takes an event back.
    pub fn reset_event(&self, event: usize) {
        ob::reset(event);
    }

    /// Ends the process: what is pending is cancelled, then all handles are closed.
    pub fn exit(&self) {
        let files = self.files.take();
        for file in &files {
            file.cancel();
        }
        for file in files {
            file.close();
        }
        for event in self.events.take() {
            ob::close_event(event);
        }
    }
}

impl File {
    fn object(&self) -> *mut FILE_OBJECT {
        std::ptr::with_exposed_provenance_mut(self.object)
    }

    /// Whether it has not been closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.get()
    }

    fn send(&self, major: u8, transfer: Transfer) -> Pending {
        if !self.is_open() {
            return Pending { request: None, refused: snapgate_ffi::ntdef::STATUS_INVALID_HANDLE };
        }
        Pending {
            request: Some(sched::for_process(self.process, || request::send(self.object(), major, transfer))),
            refused: 0,
        }
    }

    fn refuse(status: NTSTATUS) -> Pending {
        Pending { request: None, refused: status }
    }

    /// Reads into memory, from its start.
    #[must_use]
    pub fn read_into(&self, memory: &Memory, bytes: u32) -> Pending {
        if self.access & GENERIC_READ == 0 {
            return Self::refuse(STATUS_ACCESS_DENIED);
        }
        self.send(IRP_MJ_READ, Transfer::Pages { pages: Rc::clone(memory.pages()), bytes })
    }

    /// Reads into memory of its own.
    #[must_use]
    pub fn read(&self, bytes: u32) -> Pending {
        self.read_into(&Memory::new(bytes as usize), bytes)
    }

    /// Writes bytes.
    #[must_use]
    pub fn write(&self, bytes: &[u8]) -> Pending {
        if self.access & GENERIC_WRITE == 0 {
            return Self::refuse(STATUS_ACCESS_DENIED);
        }
        let memory = Memory::new(bytes.len());
        memory.write(0, bytes);
        let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.send(IRP_MJ_WRITE, Transfer::Pages { pages: Rc::clone(memory.pages()), bytes })
    }

    /// Whether the handle may send a device control with this code.
    fn may(&self, code: u32) -> bool {
        let wanted = code >> 14 & 3;
        (wanted & 1 == 0 || self.access & GENERIC_READ != 0)
            && (wanted & 2 == 0 || self.access & GENERIC_WRITE != 0)
    }

    /// Sends a device control with input and room for output.
    #[must_use]
    pub fn control(&self, code: u32, input: &[u8], output: usize) -> Pending {
        if !self.may(code) {
            return Self::refuse(STATUS_ACCESS_DENIED);
        }
        if code & 3 == 0 {
            self.send(IRP_MJ_DEVICE_CONTROL, Transfer::Buffered { code, input: input.to_vec(), output })
        } else {
            self.control_direct(code, input, &Memory::new(output), u32::try_from(output).unwrap_or(u32::MAX))
        }
    }

    /// Sends a device control whose output buffer is this memory: its pages are locked until it is completed.
    #[must_use]
    pub fn control_direct(&self, code: u32, input: &[u8], memory: &Memory, bytes: u32) -> Pending {
        if !self.may(code) {
            return Self::refuse(STATUS_ACCESS_DENIED);
        }
        let pages = Rc::clone(memory.pages());
        self.send(IRP_MJ_DEVICE_CONTROL, Transfer::Direct { code, input: input.to_vec(), pages, bytes })
    }

    /// The same, and waits: status and output.
    #[must_use]
    pub fn control_sync(&self, code: u32, input: &[u8], output: usize) -> (NTSTATUS, Vec<u8>) {
        let pending = self.control(code, input, output);
        pending.wait(None);
        (pending.status(), pending.output())
    }

    /// Cancels whatever is pending.
    pub fn cancel(&self) {
        if self.is_open() {
            for request in request::of_file(self.object) {
                request.cancel();
            }
        }
    }

    /// Requests of this file that are not done.
    #[must_use]
    pub fn pending(&self) -> usize {
        request::of_file(self.object).len()
    }

    /// Closes the handle, whatever is pending.
    pub fn close(&self) {
        if self.open.replace(false) {
            sched::for_process(self.process, || file::close(self.object()));
        }
    }
}

impl Pending {
    fn outcome(&self) -> Outcome {
        match &self.request {
            Some(request) => request.outcome.borrow().clone(),
            None => Outcome { status: self.refused, ..Outcome::default() },
        }
    }

    /// Whether it asks to read.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.request.as_ref().is_some_and(|request| request.major() == IRP_MJ_READ)
    }

    /// Whether it is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.request.as_ref().is_none_or(|request| request.is_done())
    }

    /// Waits until it is done, at most so long; answers whether it is.
    pub fn wait(&self, timeout_100ns: Option<u64>) -> bool {
        self.request.as_ref().is_none_or(|request| request.done.wait(timeout_100ns))
    }

    /// Cancels it.
    pub fn cancel(&self) {
        if let Some(request) = self.request.as_ref().filter(|request| !request.is_done()) {
            request.cancel();
        }
    }

    /// How it ended.
    #[must_use]
    pub fn status(&self) -> NTSTATUS {
        self.outcome().status
    }

    /// How many bytes it moved.
    #[must_use]
    pub fn information(&self) -> usize {
        self.outcome().information
    }

    /// The bytes.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        self.outcome().output
    }
}
