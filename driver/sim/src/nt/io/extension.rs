//! Memory that belongs to a driver object.

use snapgate_ffi::ntdef::{
    DISPATCH_LEVEL, NTSTATUS, PVOID, STATUS_INSUFFICIENT_RESOURCES, STATUS_OBJECT_NAME_COLLISION,
    STATUS_SUCCESS,
};
use snapgate_ffi::wdm::DRIVER_OBJECT;

use crate::fault::{self, Fault};
use crate::machine::machine;
use crate::nt::pool;
use crate::sched::irql_at_most;
use crate::verify::Rule;

exports! { "ntoskrnl.exe";
    fn IoAllocateDriverObjectExtension(
        _driver: *mut DRIVER_OBJECT, client: PVOID, bytes: u32, extension: *mut PVOID,
    ) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "IoAllocateDriverObjectExtension");
        let extensions = &machine().nt.driver.extensions;
        if extensions.borrow().iter().any(|(known, _)| *known == client.addr()) {
            return STATUS_OBJECT_NAME_COLLISION;
        }
        if fault::fails(Fault::Extension) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        let block = pool::allocate("driver object extension", 0, bytes as usize);
        // SAFETY: a new block of so many bytes; and the caller gives memory for the pointer.
        unsafe {
            block.write_bytes(0, bytes as usize);
            *extension = block.cast();
        }
        extensions.borrow_mut().push((client.addr(), block.expose_provenance()));
        STATUS_SUCCESS
    }

    fn IoGetDriverObjectExtension(_driver: *mut DRIVER_OBJECT, client: PVOID) -> PVOID {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoGetDriverObjectExtension");
        let extensions = machine().nt.driver.extensions.borrow();
        let found = extensions.iter().find(|(known, _)| *known == client.addr());
        found.map_or(std::ptr::null_mut(), |(_, address)| std::ptr::with_exposed_provenance_mut(*address))
    }
}
