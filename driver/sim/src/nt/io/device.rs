//! Devices: objects with a name, rights, and the driver's dispatch table.

use snapgate_ffi::ntdef::{
    NTSTATUS, PVOID, STATUS_OBJECT_NAME_COLLISION, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS,
    UNICODE_STRING,
};
use snapgate_ffi::wdm::{DEVICE_OBJECT, DRIVER_DISPATCH, DRIVER_OBJECT, IO_WORKITEM_ROUTINE};

use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::{driver, pool};
use crate::sched::{self, irql_at_most};
use crate::verify::Rule;

/// A device.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) object: usize,
    pub(crate) name: String,
    pub(crate) sddl: String,
    /// By major function.
    pub(crate) dispatch: [Option<DRIVER_DISPATCH>; 28],
    pub(crate) extension: usize,
}

/// Makes a device of the loaded driver.
pub(crate) fn create(
    name: String,
    sddl: String,
    dispatch: [Option<DRIVER_DISPATCH>; 28],
    extension_bytes: usize,
) -> Option<*mut DEVICE_OBJECT> {
    let devices = &machine().nt.io.devices;
    if devices.borrow().iter().any(|device| device.name == name) {
        return None;
    }
    let object: *mut DEVICE_OBJECT = pool::allocate("DEVICE_OBJECT", 0, size_of::<DEVICE_OBJECT>()).cast();
    let extension = pool::allocate("device extension", 0, extension_bytes.max(16));
    let driver: *mut DRIVER_OBJECT = driver::object();
    // SAFETY: new blocks of these sizes, for which all zeroes is valid; the driver is loaded.
    unsafe {
        object.write_bytes(0, 1);
        extension.write_bytes(0, extension_bytes.max(16));
        (*object).Type = 3;
        (*object).DriverObject = driver;
        (*object).NextDevice = (*driver).DeviceObject;
        (*object).StackSize = 1;
        (*driver).DeviceObject = object;
    }
    let device = Device {
        object: object.expose_provenance(),
        name,
        sddl,
        dispatch,
        extension: extension.expose_provenance(),
    };
    devices.borrow_mut().push(device);
    Some(object)
}

/// Deletes a device.
pub(crate) fn delete(object: *mut DEVICE_OBJECT) {
    let devices = &machine().nt.io.devices;
    let position = devices.borrow().iter().position(|device| device.object == object.addr());
    let Some(position) = position else { violate(Rule::Argument, "a device was deleted that is none") };
    // SAFETY: a device that is not deleted.
    if unsafe { (*object).ReferenceCount } != 0 {
        violate(Rule::R1, "a device was deleted while files of it are open");
    }
    let device = devices.borrow_mut().remove(position);
    // SAFETY: the driver's list of devices, of which this one is a member.
    unsafe {
        let mut link = &raw mut (*(*object).DriverObject).DeviceObject;
        while !(*link).is_null() && *link != object {
            link = &raw mut (**link).NextDevice;
        }
        if *link == object {
            *link = (*object).NextDevice;
        }
    }
    pool::free("device extension", std::ptr::with_exposed_provenance_mut(device.extension));
    pool::free("DEVICE_OBJECT", object.cast());
}

/// The device of an object.
pub(crate) fn of(object: *mut DEVICE_OBJECT) -> Option<Device> {
    machine().nt.io.devices.borrow().iter().find(|device| device.object == object.addr()).cloned()
}

/// The device that a program's path leads to, and the rest of the path.
pub(crate) fn find(path: &str) -> Option<(Device, String)> {
    let io = &machine().nt.io;
    let rest = path.strip_prefix(r"\\.\")?;
    for (link, target) in io.links.borrow().iter() {
        let name = link.strip_prefix(r"\DosDevices\").unwrap_or(link);
        let name = name.strip_prefix(r"Global\").unwrap_or(name);
        let rest = rest.strip_prefix(r"Global\").unwrap_or(rest);
        let Some(tail) = rest
            .get(..name.len())
            .filter(|head| head.eq_ignore_ascii_case(name))
            .map(|_| &rest[name.len()..])
        else {
            continue;
        };
        if tail.is_empty() || tail.starts_with('\\') {
            let device =
                io.devices.borrow().iter().find(|device| device.name.eq_ignore_ascii_case(target)).cloned();
            return device.map(|device| (device, tail.to_owned()));
        }
    }
    None
}

exports! { "ntoskrnl.exe";
    fn IoCreateSymbolicLink(link: *mut UNICODE_STRING, target: *mut UNICODE_STRING) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "IoCreateSymbolicLink");
        if fault::fails(Fault::Device) {
            return snapgate_ffi::ntdef::STATUS_INSUFFICIENT_RESOURCES;
        }
        let mut links = machine().nt.io.links.borrow_mut();
        let link = driver::text(link);
        if links.contains_key(&link) {
            return STATUS_OBJECT_NAME_COLLISION;
        }
        links.insert(link, driver::text(target));
        STATUS_SUCCESS
    }

    fn IoDeleteSymbolicLink(link: *mut UNICODE_STRING) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "IoDeleteSymbolicLink");
        match machine().nt.io.links.borrow_mut().remove(&driver::text(link)) {
            Some(_) => STATUS_SUCCESS,
            None => STATUS_OBJECT_NAME_NOT_FOUND,
        }
    }

    fn IoAllocateWorkItem(device: *mut DEVICE_OBJECT) -> PVOID {
        irql_at_most(2, Rule::I2, "IoAllocateWorkItem");
        if fault::fails(Fault::WorkItem) {
            return std::ptr::null_mut();
        }
        let item: *mut usize = pool::allocate_for_driver("work item", 0, 16).cast();
        // SAFETY: a new block of two words.
        unsafe {
            item.write(device.expose_provenance());
            item.add(1).write(0);
        }
        item.cast()
    }

    fn IoQueueWorkItem(item: PVOID, routine: IO_WORKITEM_ROUTINE, _queue: i32, context: PVOID) {
        irql_at_most(2, Rule::I2, "IoQueueWorkItem");
        let item: *mut usize = item.cast();
        // SAFETY: the caller gives a work item.
        let (device, queued) = unsafe { (*item, *item.add(1)) };
        if queued != 0 {
            violate(Rule::Argument, "IoQueueWorkItem: the item is queued already");
        }
        // SAFETY: as above.
        unsafe { *item.add(1) = 1 };
        sched::spawn("work item", move || {
            // SAFETY: an item that is queued is not freed.
            unsafe { *item.add(1) = 0 };
            sched::call_driver("WorkerRoutine", || {
                // SAFETY: routine and context are the driver's, and stay valid until it has run.
                unsafe { routine(std::ptr::with_exposed_provenance_mut(device), context) };
            });
        });
    }

    fn IoFreeWorkItem(item: PVOID) {
        irql_at_most(2, Rule::I2, "IoFreeWorkItem");
        let item: *mut usize = item.cast();
        // SAFETY: the caller gives a work item.
        if unsafe { *item.add(1) } != 0 {
            violate(Rule::Argument, "IoFreeWorkItem: the item is queued");
        }
        pool::free("work item", item.cast());
    }
}
