//! Requests that wait, in the order in which they came.
//!
//! A waiting request has a cancel routine. Whoever takes the routine out owns the request: the driver, to complete it, or the
//! system, to cancel it. A request whose routine the system has taken stays in the queue until that routine, which waits for
//! the reader lock, takes it out.
//!
//! The links are in the requests (`Tail.Overlay.DriverContext`), so nothing is allocated.

use core::ptr::{self, NonNull};

use snapgate_ffi::ntdef::PVOID;
use snapgate_ffi::wdm::{DRIVER_CANCEL, IRP, IoMarkIrpPending, IoSetCancelRoutine};

use crate::kernel::irp::Irp;

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To read packets.
    Read,
    /// To hear that packets are there.
    Wait,
}

/// When it ends at the latest: milliseconds of the driver's clock.
pub(crate) type Deadline = Option<u64>;

/// In `DriverContext`: the next request.
const NEXT: usize = 0;
/// The deadline plus 1; 0 for none.
const DEADLINE: usize = 1;
/// The kind.
const KIND: usize = 2;

/// The queue, under the reader lock.
pub(crate) struct Queue {
    head: *mut IRP,
}

// SAFETY: it owns requests, which belong to no thread.
unsafe impl Send for Queue {}

fn context(irp: *mut IRP, slot: usize) -> *mut PVOID {
    // SAFETY: no access: the address of a field of a request in the queue, which is there.
    let words = unsafe { &raw mut (*irp).Tail.Overlay.DriverContext }.cast::<PVOID>();
    words.wrapping_add(slot & 3)
}

fn get(irp: *mut IRP, slot: usize) -> PVOID {
    // SAFETY: a word of a request that the driver holds.
    unsafe { *context(irp, slot) }
}

fn set(irp: *mut IRP, slot: usize, value: PVOID) {
    // SAFETY: as in `get`.
    unsafe { *context(irp, slot) = value };
}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self { head: ptr::null_mut() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// Puts a request at the end, marked as pending. Answers the request again if it was cancelled already: then it is to be
    /// completed so, after the lock, and the dispatch routine still answers that it is pending.
    pub(crate) fn push(
        &mut self,
        irp: Irp,
        kind: Kind,
        deadline: Deadline,
        cancel: DRIVER_CANCEL,
    ) -> Option<Irp> {
        let irp = irp.into_raw().as_ptr();
        set(irp, NEXT, ptr::null_mut());
        let deadline = deadline.and_then(|time| usize::try_from(time.saturating_add(1)).ok()).unwrap_or(0);
        set(irp, DEADLINE, ptr::without_provenance_mut(deadline));
        set(irp, KIND, ptr::without_provenance_mut(usize::from(kind == Kind::Wait)));
        // SAFETY: held, and nobody else knows it yet.
        unsafe { IoMarkIrpPending(irp) };
        match self.last() {
            Some(last) => set(last, NEXT, irp.cast()),
            None => self.head = irp,
        }
        // SAFETY: not completed; the routine stays callable while the driver is loaded.
        unsafe { IoSetCancelRoutine(irp, Some(cancel)) };
        // SAFETY: in the queue, so not completed: whoever would complete it needs the lock that the caller holds.
        let cancelled = unsafe { ptr::read_volatile(&raw const (*irp).Cancel) } != 0;
        // SAFETY: as above.
        if cancelled && unsafe { IoSetCancelRoutine(irp, None) }.is_some() {
            return self.unlink(irp);
        }
        None
    }

    fn iter(&self) -> impl Iterator<Item = *mut IRP> + use<> {
        let mut next = self.head;
        core::iter::from_fn(move || {
            let irp = NonNull::new(next)?.as_ptr();
            next = get(irp, NEXT).cast();
            Some(irp)
        })
    }

    fn last(&self) -> Option<*mut IRP> {
        self.iter().last()
    }

    /// Takes a request out whose cancel routine the caller has.
    fn unlink(&mut self, irp: *mut IRP) -> Option<Irp> {
        let next: *mut IRP = get(irp, NEXT).cast();
        if self.head == irp {
            self.head = next;
        } else {
            let before = self.iter().find(|other| get(*other, NEXT).cast() == irp)?;
            set(before, NEXT, next.cast());
        }
        // SAFETY: it was in the queue, which gives it away.
        NonNull::new(irp).map(|irp| unsafe { Irp::from_raw(irp) })
    }

    /// Takes out the first request for which this holds, by its kind and deadline. Those that the system cancels are
    /// passed over.
    pub(crate) fn take(&mut self, mut wanted: impl FnMut(Kind, Deadline) -> bool) -> Option<Irp> {
        let mut next = self.head;
        while let Some(irp) = NonNull::new(next).map(NonNull::as_ptr) {
            next = get(irp, NEXT).cast();
            let (kind, deadline) = (kind(irp), deadline(irp));
            // SAFETY: in the queue, so not completed.
            if wanted(kind, deadline) && unsafe { IoSetCancelRoutine(irp, None) }.is_some() {
                return self.unlink(irp);
            }
        }
        None
    }

    /// Takes out a request that is being cancelled.
    pub(crate) fn take_cancelled(&mut self, irp: *mut IRP) -> Option<Irp> {
        if self.iter().any(|other| other == irp) { self.unlink(irp) } else { None }
    }

    /// The earliest deadline.
    pub(crate) fn deadline(&self) -> Deadline {
        self.iter().filter_map(deadline).min()
    }
}

/// What a request from the queue waited for; of any other, to read.
pub(crate) fn kind_of(irp: &Irp) -> Kind {
    kind(irp.as_ptr())
}

/// Notes what a request is about, before it is filled without waiting.
pub(crate) fn mark(irp: &Irp, kind: Kind) {
    set(irp.as_ptr(), KIND, ptr::without_provenance_mut(usize::from(kind == Kind::Wait)));
}

fn kind(irp: *mut IRP) -> Kind {
    if get(irp, KIND).is_null() { Kind::Read } else { Kind::Wait }
}

fn deadline(irp: *mut IRP) -> Deadline {
    u64::try_from(get(irp, DEADLINE).addr()).ok()?.checked_sub(1)
}
