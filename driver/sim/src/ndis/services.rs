//! The rest: memory, events, the registry, time and version.

use std::cell::RefCell;
use std::collections::BTreeMap;

use snapgate_ffi::ndis::{
    CONFIGURATION_OBJECT, NDIS_CONFIGURATION_OBJECT, NDIS_EVENT, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, NDIS_STATUS, NDIS_STATUS_INVALID_PARAMETER, NDIS_STATUS_RESOURCES,
    NDIS_STATUS_SUCCESS,
};
use snapgate_ffi::ntdef::{
    APC_LEVEL, BOOLEAN, DISPATCH_LEVEL, KernelMode, PASSIVE_LEVEL, PVOID, STATUS_SUCCESS,
};
use snapgate_ffi::wdm::{
    Executive, KEVENT, KeClearEvent, KeInitializeEvent, KeSetEvent, KeWaitForSingleObject, NotificationEvent,
    relative_milliseconds,
};

use super::device::Devices;
use super::{handle_of, raw};
use crate::fault::{self, Fault};
use crate::machine::{check, machine, violate};
use crate::nt::pool;
use crate::sched::{self, irql_at_most, point};
use crate::verify::Rule;

/// What services have given out.
#[derive(Default)]
pub(crate) struct Services {
    pub(crate) devices: Devices,
    /// Memory by address: its length, and the handle that it was allocated with.
    memory: RefCell<BTreeMap<usize, (u32, usize)>>,
    configurations: RefCell<Vec<usize>>,
}

impl Services {
    /// A module that is gone has freed the memory that it allocated with its handle.
    pub(crate) fn check_module(&self, handle: usize, when: &str) {
        let left =
            self.memory.borrow().values().find(|(_, owner)| *owner == handle).map(|(length, _)| *length);
        if let Some(length) = left {
            violate(
                Rule::L7,
                format!("{when}, but {length} bytes of NdisAllocateMemoryWithTagPriority are left"),
            );
        }
    }
}

/// A driver that is gone has closed its configurations.
pub(crate) fn check_gone() {
    if !machine().ndis.services.configurations.borrow().is_empty() {
        violate(Rule::Pool, "the driver is gone, and has left a configuration open");
    }
}

const MEMORY: &str = "memory of NDIS";
/// Units of 100 ns between two ticks of the clock.
const TICK: u64 = 156_250;

fn event(of: *mut NDIS_EVENT) -> *mut KEVENT {
    of.cast()
}

exports! { "ndis.sys";
    fn NdisAllocateMemoryWithTagPriority(handle: NDIS_HANDLE, length: u32, tag: u32, _priority: u32) -> PVOID {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateMemoryWithTagPriority");
        point("NdisAllocateMemoryWithTagPriority");
        if fault::fails(Fault::Pool) {
            return std::ptr::null_mut();
        }
        let block = pool::allocate_for_driver(MEMORY, tag, length as usize);
        machine().ndis.services.memory.borrow_mut().insert(block.addr(), (length, handle.addr()));
        block.cast()
    }

    fn NdisFreeMemory(block: PVOID, length: u32, _flags: u32) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFreeMemory");
        point("NdisFreeMemory");
        let known = machine().ndis.services.memory.borrow_mut().remove(&block.addr());
        match known {
            Some((allocated, _)) => check(length == 0 || length == allocated, Rule::Pool, || {
                format!("NdisFreeMemory: {length} bytes, but {allocated} were allocated")
            }),
            None => violate(Rule::Pool, format!("NdisFreeMemory: {block:p} was not allocated by NDIS, or was freed")),
        }
        pool::free(MEMORY, block.cast());
    }

    fn NdisInitializeEvent(of: *mut NDIS_EVENT) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisInitializeEvent");
        // SAFETY: the caller gives memory for an event.
        unsafe { KeInitializeEvent(event(of), NotificationEvent, 0) };
    }

    fn NdisSetEvent(of: *mut NDIS_EVENT) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisSetEvent");
        // SAFETY: the caller gives an event.
        unsafe { KeSetEvent(event(of), 0, 0) };
    }

    fn NdisResetEvent(of: *mut NDIS_EVENT) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisResetEvent");
        // SAFETY: the caller gives an event.
        unsafe { KeClearEvent(event(of)) };
    }

    fn NdisWaitEvent(of: *mut NDIS_EVENT, milliseconds: u32) -> BOOLEAN {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisWaitEvent");
        let mut time = relative_milliseconds(milliseconds);
        let time = if milliseconds == 0 { std::ptr::null_mut() } else { &raw mut time };
        // SAFETY: the caller gives an event; the time is on this stack.
        let status = unsafe { KeWaitForSingleObject(event(of).cast(), Executive, KernelMode, 0, time) };
        BOOLEAN::from(status == STATUS_SUCCESS)
    }

    fn NdisMSleep(microseconds: u32) {
        irql_at_most(APC_LEVEL, Rule::I2, "NdisMSleep");
        sched::sleep(u64::from(microseconds) * 10);
    }

    fn NdisOpenConfigurationEx(object: *mut NDIS_CONFIGURATION_OBJECT, handle: *mut NDIS_HANDLE) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisOpenConfigurationEx");
        point("NdisOpenConfigurationEx");
        let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, CONFIGURATION_OBJECT);
        if raw::get(object.cast::<NDIS_OBJECT_HEADER>()) != header {
            return NDIS_STATUS_INVALID_PARAMETER;
        }
        if fault::fails(Fault::Registry) {
            return NDIS_STATUS_RESOURCES;
        }
        let services = &machine().ndis.services;
        let opened = machine().ndis.handle();
        services.configurations.borrow_mut().push(opened);
        raw::set(handle, handle_of(opened));
        NDIS_STATUS_SUCCESS
    }

    fn NdisCloseConfiguration(handle: NDIS_HANDLE) {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisCloseConfiguration");
        let mut configurations = machine().ndis.services.configurations.borrow_mut();
        let position = configurations.iter().position(|opened| *opened == handle.addr());
        match position {
            Some(position) => {
                configurations.remove(position);
            }
            None => {
                drop(configurations);
                violate(Rule::Argument, format!("NdisCloseConfiguration: {handle:p} is not open"));
            }
        }
    }

    fn NdisGetVersion() -> u32 {
        machine().ndis.runtime_version
    }

    fn NdisGetCurrentSystemTime(time: *mut i64) {
        raw::set(time, (sched::now() / TICK * TICK).cast_signed());
    }

    fn NdisGroupMaxProcessorCount(group: u16) -> u32 {
        if group == 0 || group == 0xffff { u32::try_from(machine().options.cpus).unwrap_or(u32::MAX) } else { 0 }
    }
}
