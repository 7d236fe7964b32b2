//! Processes, as requests know them.

use snapgate_ffi::ntdef::{BOOLEAN, DISPATCH_LEVEL, HANDLE, PVOID};
use snapgate_ffi::wdm::IRP;

use crate::nt::io::request;
use crate::sched::{self, irql_at_most};
use crate::verify::Rule;

/// The process of the system itself.
pub(crate) const SYSTEM: u32 = 4;

exports! { "ntoskrnl.exe";
    fn PsGetCurrentProcessId() -> HANDLE {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "PsGetCurrentProcessId");
        std::ptr::without_provenance_mut(sched::process() as usize)
    }

    fn IoGetCurrentProcess() -> PVOID {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoGetCurrentProcess");
        std::ptr::without_provenance_mut(0x5000_0000 + sched::process() as usize * 0x1000)
    }

    fn IoGetRequestorProcessId(_irp: *mut IRP) -> u32 {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoGetRequestorProcessId");
        sched::process()
    }

    fn IoIs32bitProcess(irp: *mut IRP) -> BOOLEAN {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoIs32bitProcess");
        BOOLEAN::from(request::is_32bit(irp))
    }
}
