//! Driver objects: load, unload, and the memory that goes with them.

use std::cell::{Cell, RefCell};

use snapgate_ffi::ntdef::{NT_SUCCESS, NTSTATUS, UNICODE_STRING};
use snapgate_ffi::wdm::DRIVER_OBJECT;

use crate::image::Image;
use crate::machine::{machine, violate};
use crate::nt::pool;
use crate::sched;
use crate::verify::Rule;

/// The driver that is loaded: one at a time.
#[derive(Default)]
pub(crate) struct Drivers {
    object: Cell<usize>,
    /// Extensions by client address.
    pub(crate) extensions: RefCell<Vec<(usize, usize)>>,
    unloading: Cell<bool>,
}

/// The text of a counted string of UTF-16; what is no character is replaced.
pub(crate) fn text(string: *const UNICODE_STRING) -> String {
    // SAFETY: null, or a string that the caller of a kernel function gives.
    let Some(string) = (unsafe { string.as_ref() }) else { return String::new() };
    if string.Buffer.is_null() {
        return String::new();
    }
    // SAFETY: so many bytes are there, by the string's contract.
    let words = unsafe { std::slice::from_raw_parts(string.Buffer, usize::from(string.Length) / 2) };
    String::from_utf16_lossy(words)
}

/// A counted string whose words live in the simulator's pool, until the machine ends.
pub(crate) fn string(text: &str) -> UNICODE_STRING {
    let words: Vec<u16> = text.encode_utf16().collect();
    let bytes = words.len() * 2;
    let buffer: *mut u16 = pool::allocate("text", 0, bytes.max(2)).cast();
    for (index, word) in words.iter().enumerate() {
        // SAFETY: the block has room for all words.
        unsafe { buffer.add(index).write(*word) };
    }
    let bytes = u16::try_from(bytes).unwrap_or(u16::MAX - 1);
    UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: buffer }
}

/// The loaded driver's object; null if there is none.
pub(crate) fn object() -> *mut DRIVER_OBJECT {
    std::ptr::with_exposed_provenance_mut(machine().nt.driver.object.get())
}

/// Whether the driver's unload runs.
pub(crate) fn is_unloading() -> bool {
    machine().nt.driver.unloading.get()
}

/// Makes the object and calls the entry. From a thread of the machine.
pub(crate) fn load(image: &Image) -> Result<(), NTSTATUS> {
    let drivers = &machine().nt.driver;
    let object: *mut DRIVER_OBJECT = pool::allocate("DRIVER_OBJECT", 0, size_of::<DRIVER_OBJECT>()).cast();
    // SAFETY: a new block of that size; all zeroes is a valid value.
    unsafe { object.write_bytes(0, 1) };
    // SAFETY: as above.
    unsafe {
        (*object).Type = 4;
        (*object).Size = 336;
        (*object).DriverName = string("\\Driver\\snapgate");
    }
    drivers.object.set(object.expose_provenance());
    let mut registry = string("\\Registry\\Machine\\System\\CurrentControlSet\\Services\\snapgate");
    let entry = image.entry();
    let status = sched::call_driver("DriverEntry", || {
        // SAFETY: the entry of a driver, with its object and its key.
        unsafe { entry(object, &raw mut registry) }
    });
    pool::free("text", registry.Buffer.cast());
    if NT_SUCCESS(status) {
        return Ok(());
    }
    forget_driver(object);
    Err(status)
}

/// Calls the driver's unload, and looks at what it left. From a thread of the machine.
pub(crate) fn unload() {
    let object = object();
    if object.is_null() {
        return;
    }
    // SAFETY: the object of the loaded driver.
    let Some(routine) = (unsafe { (*object).DriverUnload }) else {
        violate(Rule::L2, "the driver cannot be unloaded: it set no routine");
    };
    machine().nt.driver.unloading.set(true);
    sched::call_driver("DriverUnload", || {
        // SAFETY: the unload routine with its object.
        unsafe { routine(object) };
    });
    machine().nt.driver.unloading.set(false);
    forget_driver(object);
}

/// After the driver is gone nothing of it may be left.
fn forget_driver(object: *mut DRIVER_OBJECT) {
    let machine = machine();
    crate::ndis::driver_is_gone();
    // SAFETY: the object of the driver that is gone.
    if !unsafe { (*object).DeviceObject }.is_null() {
        violate(Rule::L7, "the driver left its device behind");
    }
    for (_, address) in machine.nt.driver.extensions.take() {
        pool::free("driver object extension", std::ptr::with_exposed_provenance_mut(address));
    }
    // SAFETY: as above.
    let name = unsafe { (*object).DriverName.Buffer };
    pool::free("text", name.cast());
    pool::free("DRIVER_OBJECT", object.cast());
    machine.nt.driver.object.set(0);
    sched::block_until("queued DPCs of a driver that is gone", None, sched::dpcs_are_idle);
    let leaks = machine.pools.leaks();
    if !leaks.is_empty() {
        violate(Rule::Pool, format!("the driver is gone and left:\n    {}", leaks.join("\n    ")));
    }
    if machine.sched.rwlocks_left() > 0 {
        violate(Rule::Pool, "the driver is gone and left a reader-writer lock");
    }
    if super::ob::references_left() > 0 {
        violate(Rule::Pool, "the driver is gone and left a reference to an event");
    }
    if super::registry::keys_left() > 0 {
        violate(Rule::Pool, "the driver is gone and left a registry key open");
    }
    if let Some(written) = machine.pools.late_write() {
        violate(Rule::Pool, written);
    }
}
