//! The registry: the values of the driver's parameters.

use std::cell::RefCell;
use std::collections::BTreeMap;

use snapgate_ffi::ntdef::{
    ACCESS_MASK, HANDLE, NTSTATUS, PVOID, STATUS_BUFFER_OVERFLOW, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INVALID_HANDLE, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS, UNICODE_STRING,
};
use snapgate_ffi::wdm::OBJECT_ATTRIBUTES;

use crate::fault::{self, Fault};
use crate::machine::{Machine, machine};
use crate::nt::driver;
use crate::sched::irql_at_most;
use crate::verify::Rule;

/// Numbers by their names, in lower case, and how many keys are open.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    numbers: RefCell<BTreeMap<String, u32>>,
    open: RefCell<u32>,
}

impl Machine {
    /// Sets a number of the driver's parameters.
    pub fn set_parameter(&self, name: &str, value: u32) {
        self.nt.registry.numbers.borrow_mut().insert(name.to_lowercase(), value);
    }
}

/// A number of the driver's parameters.
pub(crate) fn number(name: &str) -> Option<u32> {
    machine().nt.registry.numbers.borrow().get(&name.to_lowercase()).copied()
}

/// Keys that are open.
pub(crate) fn keys_left() -> u32 {
    *machine().nt.registry.open.borrow()
}

/// The handle of the only key.
const KEY: usize = 0x1004;
/// `KeyValuePartialInformation`: title, type, length, data.
const PARTIAL: u32 = 2;
/// `REG_DWORD`.
const DWORD: u32 = 4;

exports! { "ntoskrnl.exe";
    fn ZwOpenKey(handle: *mut HANDLE, _access: ACCESS_MASK, _attributes: *mut OBJECT_ATTRIBUTES) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "ZwOpenKey");
        if fault::fails(Fault::Registry) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        let registry = &machine().nt.registry;
        if registry.numbers.borrow().is_empty() {
            return STATUS_OBJECT_NAME_NOT_FOUND;
        }
        *registry.open.borrow_mut() += 1;
        // SAFETY: the caller gives memory for the handle.
        unsafe { *handle = std::ptr::without_provenance_mut(KEY) };
        STATUS_SUCCESS
    }

    fn ZwQueryValueKey(
        key: HANDLE, name: *mut UNICODE_STRING, class: u32, information: PVOID, length: u32, needed: *mut u32,
    ) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "ZwQueryValueKey");
        if key.addr() != KEY || class != PARTIAL {
            return STATUS_INVALID_HANDLE;
        }
        let Some(value) = number(&driver::text(name)) else { return STATUS_OBJECT_NAME_NOT_FOUND };
        // SAFETY: the caller gives memory for the length.
        unsafe { *needed = 16 };
        if length < 16 {
            return STATUS_BUFFER_OVERFLOW;
        }
        let words: *mut u32 = information.cast();
        for (index, word) in [0, DWORD, 4, value].into_iter().enumerate() {
            // SAFETY: the caller gives at least 16 bytes.
            unsafe { words.add(index).write_unaligned(word) };
        }
        STATUS_SUCCESS
    }

    fn ZwClose(handle: HANDLE) -> NTSTATUS {
        irql_at_most(0, Rule::I1, "ZwClose");
        if handle.addr() != KEY {
            return STATUS_INVALID_HANDLE;
        }
        let mut open = machine().nt.registry.open.borrow_mut();
        *open = open.saturating_sub(1);
        STATUS_SUCCESS
    }

}
