//! The I/O manager: devices and their names, files, requests.

mod cancel;
pub(crate) mod device;
pub(crate) mod extension;
pub(crate) mod file;
pub(crate) mod request;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use snapgate_ffi::ntdef::{DISPATCH_LEVEL, KIRQL};
use snapgate_ffi::wdm::IRP;

use crate::machine::machine;
use crate::sched::{self, irql_at_most, irql_exactly, lower_irql, raise_irql};
use crate::verify::Rule;

/// Devices, names and requests of a machine.
#[derive(Default)]
pub(crate) struct Io {
    pub(crate) devices: RefCell<Vec<device::Device>>,
    pub(crate) links: RefCell<BTreeMap<String, String>>,
    pub(crate) requests: RefCell<BTreeMap<usize, request::Shared>>,
    cancel_lock: Cell<usize>,
    pub(crate) files: Cell<u32>,
    processes: Cell<u32>,
}

/// The number of the next process: multiples of 4, as on Windows.
pub(crate) fn next_process() -> u32 {
    let processes = &machine().nt.io.processes;
    processes.set(processes.get().saturating_add(1));
    processes.get().saturating_mul(4).saturating_add(1000)
}

/// Takes the lock of all cancellations.
fn acquire_cancel_lock() -> KIRQL {
    let before = raise_irql(DISPATCH_LEVEL);
    sched::acquire_spin_lock(machine().nt.io.cancel_lock.as_ptr(), "IoAcquireCancelSpinLock");
    before
}

exports! { "ntoskrnl.exe";
    fn IoAcquireCancelSpinLock(irql: *mut KIRQL) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoAcquireCancelSpinLock");
        let before = acquire_cancel_lock();
        // SAFETY: the caller gives memory for the level.
        unsafe { *irql = before };
    }

    fn IoReleaseCancelSpinLock(irql: KIRQL) {
        irql_exactly(DISPATCH_LEVEL, Rule::I2, "IoReleaseCancelSpinLock");
        sched::release_spin_lock(machine().nt.io.cancel_lock.as_ptr(), "IoReleaseCancelSpinLock");
        lower_irql(irql);
    }

    fn IofCompleteRequest(irp: *mut IRP, _boost: i8) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IofCompleteRequest");
        request::complete(irp);
        sched::point("IofCompleteRequest");
    }
}
