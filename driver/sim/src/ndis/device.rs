//! The control device that a filter driver registers.

use std::cell::RefCell;

use snapgate_ffi::ndis::{
    DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_STATUS, NDIS_STATUS_FAILURE,
    NDIS_STATUS_INVALID_PARAMETER, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS,
};
use snapgate_ffi::ntdef::{PASSIVE_LEVEL, PVOID};
use snapgate_ffi::wdm::{DEVICE_OBJECT, DRIVER_DISPATCH};

use super::{handle_of, raw};
use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::io::device;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// A registered device.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    handle: usize,
    object: usize,
    link: String,
}

/// All of them.
pub(crate) type Devices = RefCell<Vec<Registered>>;

fn devices() -> &'static Devices {
    &machine().ndis.services.devices
}

/// A driver that is gone has deregistered its device.
pub(crate) fn check_gone() {
    if let Some(device) = devices().borrow().first().cloned() {
        violate(Rule::L2, format!("the driver is gone, and has left its device {}", device.link));
    }
}

exports! { "ndis.sys";
    fn NdisRegisterDeviceEx(
        handle: NDIS_HANDLE, attributes: *mut NDIS_DEVICE_OBJECT_ATTRIBUTES, object: *mut *mut DEVICE_OBJECT,
        device_handle: *mut NDIS_HANDLE,
    ) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisRegisterDeviceEx");
        point("NdisRegisterDeviceEx");
        let known = machine().ndis.drivers.borrow().iter().any(|driver| driver.handle == handle.addr() && !driver.gone.get());
        if !known {
            violate(Rule::Argument, "NdisRegisterDeviceEx: not the handle of a registered filter driver");
        }
        let attributes = raw::get(attributes);
        let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, DEVICE_OBJECT_ATTRIBUTES);
        if attributes.Header != header || attributes.DeviceName.is_null() || attributes.SymbolicName.is_null() {
            return NDIS_STATUS_INVALID_PARAMETER;
        }
        if fault::fails(Fault::Device) {
            return NDIS_STATUS_RESOURCES;
        }
        let mut dispatch: [Option<DRIVER_DISPATCH>; 28] = [None; 28];
        for (index, entry) in dispatch.iter_mut().enumerate() {
            *entry = raw::get(attributes.MajorFunctions.wrapping_add(index));
        }
        let name = raw::string(attributes.DeviceName);
        let link = raw::string(attributes.SymbolicName);
        let sddl = raw::string(attributes.DefaultSDDLString);
        let links = &machine().nt.io.links;
        if links.borrow().contains_key(&link) {
            return NDIS_STATUS_FAILURE;
        }
        let Some(made) = device::create(name.clone(), sddl, dispatch, attributes.ExtensionSize as usize) else {
            return NDIS_STATUS_FAILURE;
        };
        links.borrow_mut().insert(link.clone(), name);
        let registered = Registered { handle: machine().ndis.handle(), object: made.expose_provenance(), link };
        raw::set(object, made);
        raw::set(device_handle, handle_of(registered.handle));
        devices().borrow_mut().push(registered);
        point("NdisRegisterDeviceEx");
        NDIS_STATUS_SUCCESS
    }

    fn NdisDeregisterDeviceEx(handle: NDIS_HANDLE) {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisDeregisterDeviceEx");
        point("NdisDeregisterDeviceEx");
        let position = devices().borrow().iter().position(|device| device.handle == handle.addr());
        let Some(position) = position else {
            violate(Rule::Argument, format!("NdisDeregisterDeviceEx: {handle:p} is no device, or was deregistered"));
        };
        let registered = devices().borrow_mut().remove(position);
        machine().nt.io.links.borrow_mut().remove(&registered.link);
        device::delete(std::ptr::with_exposed_provenance_mut(registered.object));
    }

    fn NdisGetDeviceReservedExtension(object: *mut DEVICE_OBJECT) -> PVOID {
        match device::of(object) {
            Some(device) => std::ptr::with_exposed_provenance_mut(device.extension),
            None => violate(Rule::Argument, format!("NdisGetDeviceReservedExtension: {object:p} is no device")),
        }
    }
}
