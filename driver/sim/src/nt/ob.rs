//! Handles to events, and references to the objects behind them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use snapgate_ffi::ntdef::{
    ACCESS_MASK, DISPATCH_LEVEL, HANDLE, KPROCESSOR_MODE, NTSTATUS, PVOID, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_HANDLE, STATUS_SUCCESS, UNICODE_STRING, UserMode,
};
use snapgate_ffi::wdm::KEVENT;

use crate::exports::Export;
use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::{ke, pool};
use crate::sched::irql_at_most;
use crate::verify::Rule;

/// An event object.
#[derive(Debug)]
struct Object {
    references: u32,
}

/// The events of all programs, and their handles.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    events: RefCell<BTreeMap<usize, Object>>,
    handles: RefCell<BTreeMap<usize, usize>>,
}

/// `STATUS_OBJECT_TYPE_MISMATCH`.
const STATUS_OBJECT_TYPE_MISMATCH: NTSTATUS = 0xC000_0024_u32.cast_signed();

/// Handles of programs are multiples of 4, as on Windows.
const FIRST_HANDLE: usize = 0x44;

/// Makes an event with a handle. From a thread of the machine.
pub(crate) fn create_event() -> usize {
    let event: *mut KEVENT = pool::allocate("event", 0, size_of::<KEVENT>()).cast();
    ke::KeInitializeEvent(event, 0, 0);
    let objects = &machine().nt.ob;
    objects.events.borrow_mut().insert(event.expose_provenance(), Object { references: 1 });
    let mut handles = objects.handles.borrow_mut();
    let handle = handles.keys().next_back().map_or(FIRST_HANDLE, |last| last.saturating_add(4));
    handles.insert(handle, event.addr());
    handle
}

/// Closes the handle of an event.
pub(crate) fn close_event(handle: usize) {
    let event = machine().nt.ob.handles.borrow_mut().remove(&handle);
    if let Some(event) = event {
        dereference(event, "closing a handle");
    }
}

/// The event behind a handle.
pub(crate) fn event(handle: usize) -> Option<*mut KEVENT> {
    let handles = machine().nt.ob.handles.borrow();
    handles.get(&handle).map(|event| std::ptr::with_exposed_provenance_mut(*event))
}

/// Waits for an event, at most so long.
pub(crate) fn wait(handle: usize, timeout_100ns: u64) -> bool {
    let until = crate::sched::now().saturating_add(timeout_100ns);
    event(handle).is_some_and(|event| ke::wait_for(event.cast(), Some(until), "WaitForSingleObject"))
}

/// Takes an event back.
pub(crate) fn reset(handle: usize) {
    if let Some(event) = event(handle) {
        ke::KeClearEvent(event);
    }
}

fn dereference(event: usize, function: &'static str) -> u32 {
    let mut events = machine().nt.ob.events.borrow_mut();
    let Some(object) = events.get_mut(&event) else {
        drop(events);
        violate(Rule::Pool, format!("{function}: {event:#x} is no object, or not any more"));
    };
    object.references = object.references.saturating_sub(1);
    let left = object.references;
    if left == 0 {
        events.remove(&event);
        drop(events);
        pool::free("event", std::ptr::with_exposed_provenance_mut(event));
    }
    left
}

/// References that a driver holds beside the handles.
pub(crate) fn references_left() -> usize {
    let objects = &machine().nt.ob;
    let handles = objects.handles.borrow();
    let events = objects.events.borrow();
    events
        .iter()
        .filter(|(event, object)| {
            object.references as usize > handles.values().filter(|other| other == event).count()
        })
        .count()
}

/// The type of events: its address is all there is to it.
static EVENT_TYPE: usize = 0x4556_4e54;

/// A pointer to the type.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct TypePointer(*const usize);
// SAFETY: it points to a static, which nobody writes.
unsafe impl Sync for TypePointer {}

static EVENT_TYPE_POINTER: TypePointer = TypePointer(&raw const EVENT_TYPE);

/// `ExEventObjectType` of ntoskrnl.exe: a variable that holds the address of a variable that holds the type's.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct ExportedVariable(*const TypePointer);
// SAFETY: it points to a static, which nobody writes.
unsafe impl Sync for ExportedVariable {}

/// `ExEventObjectType` of ntoskrnl.exe.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is the kernel's")]
pub(crate) static ExEventObjectType: ExportedVariable = ExportedVariable(&raw const EVENT_TYPE_POINTER);

/// The variables that are exported.
pub(crate) static VARIABLES: &[Export] = &[Export {
    file: "ntoskrnl.exe",
    name: "ExEventObjectType",
    address: (&raw const ExEventObjectType).cast(),
}];

exports! { "ntoskrnl.exe";
    fn ObReferenceObjectByHandle(
        handle: HANDLE, _access: ACCESS_MASK, kind: PVOID, mode: KPROCESSOR_MODE, object: *mut PVOID, information: PVOID,
    ) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "ObReferenceObjectByHandle");
        if mode != UserMode {
            violate(Rule::Argument, "ObReferenceObjectByHandle: a program's handle must be looked up with its rights");
        }
        if !information.is_null() || object.is_null() {
            violate(Rule::Argument, "ObReferenceObjectByHandle: arguments");
        }
        if fault::fails(Fault::Object) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        let Some(event) = event(handle.addr()) else { return STATUS_INVALID_HANDLE };
        if kind.addr() != (&raw const EVENT_TYPE).addr() {
            return STATUS_OBJECT_TYPE_MISMATCH;
        }
        if let Some(known) = machine().nt.ob.events.borrow_mut().get_mut(&event.addr()) {
            known.references = known.references.saturating_add(1);
        }
        // SAFETY: the caller gives memory for the pointer.
        unsafe { *object = event.cast() };
        STATUS_SUCCESS
    }

    fn ObfDereferenceObject(object: PVOID) -> isize {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "ObfDereferenceObject");
        dereference(object.addr(), "ObfDereferenceObject") as isize
    }

    fn IoCreateNotificationEvent(_name: *mut UNICODE_STRING, _handle: *mut HANDLE) -> *mut KEVENT {
        irql_at_most(0, Rule::I1, "IoCreateNotificationEvent");
        violate(Rule::Argument, "IoCreateNotificationEvent: named events are not simulated")
    }
}
