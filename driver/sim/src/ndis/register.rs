//! Registering and deregistering filter drivers.

use std::cell::Cell;
use std::mem::offset_of;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_FILTER_DRIVER_CHARACTERISTICS as CHARACTERISTICS, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS, NDIS_STATUS, NDIS_STATUS_BAD_CHARACTERISTICS,
    NDIS_STATUS_BAD_VERSION, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS, NdisVersion,
};
use snapgate_ffi::ntdef::PASSIVE_LEVEL;
use snapgate_ffi::wdm::DRIVER_OBJECT;

use super::change;
use super::driver::{Driver, Handlers};
use super::module::DataHandlers;
use super::{handle_of, raw};
use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::driver as nt_driver;
use crate::sched::{self, irql_at_most, point};
use crate::verify::Rule;

/// A field of the characteristics, which may end before it.
macro_rules! field {
    ($of:expr, $field:ident) => {
        raw::get($of.wrapping_byte_add(offset_of!(CHARACTERISTICS, $field)).cast())
    };
}

/// The handlers; `None` if one that must be there is missing.
fn handlers(of: *const CHARACTERISTICS) -> Option<Handlers> {
    // All of these are in revision 1.
    let attach: Option<_> = field!(of, AttachHandler);
    let detach: Option<_> = field!(of, DetachHandler);
    let restart: Option<_> = field!(of, RestartHandler);
    let pause: Option<_> = field!(of, PauseHandler);
    let data = DataHandlers {
        send: field!(of, SendNetBufferListsHandler),
        send_complete: field!(of, SendNetBufferListsCompleteHandler),
        cancel_send: field!(of, CancelSendNetBufferListsHandler),
        receive: field!(of, ReceiveNetBufferListsHandler),
        return_lists: field!(of, ReturnNetBufferListsHandler),
    };
    if let Some(missing) = data.missing() {
        violate(Rule::L9, format!("NdisFRegisterFilterDriver: {missing}"));
    }
    let oid_request: Option<_> = field!(of, OidRequestHandler);
    let oid_request_complete: Option<_> = field!(of, OidRequestCompleteHandler);
    if oid_request.is_some() && oid_request_complete.is_none() {
        violate(
            Rule::L9,
            "NdisFRegisterFilterDriver: a handler for requests without one for their completion",
        );
    }
    Some(Handlers {
        set_options: field!(of, SetOptionsHandler),
        set_module_options: field!(of, SetFilterModuleOptionsHandler),
        attach: attach?,
        detach: detach?,
        restart: restart?,
        pause: pause?,
        data,
        oid_request,
        oid_request_complete,
        cancel_oid_request: field!(of, CancelOidRequestHandler),
        device_pnp_event: field!(of, DevicePnPEventNotifyHandler),
        net_pnp_event: field!(of, NetPnPEventHandler),
        status: field!(of, StatusHandler),
    })
}

fn registration(of: *const CHARACTERISTICS) -> Result<(NdisVersion, Handlers), NDIS_STATUS> {
    let header: NDIS_OBJECT_HEADER = field!(of, Header);
    let version = NdisVersion::new(field!(of, MajorNdisVersion), field!(of, MinorNdisVersion));
    if !version.at_least(NdisVersion::V6_0) || !machine().ndis.version().at_least(version) {
        return Err(NDIS_STATUS_BAD_VERSION);
    }
    let revision = version.filter_driver_characteristics();
    let fits = header.Type == NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS
        && (1..=revision.number).contains(&header.Revision)
        && header.Size
            >= [0xc8, 0xe0, 0xf0].get(usize::from(header.Revision) - 1).copied().unwrap_or(u16::MAX);
    if !fits {
        return Err(NDIS_STATUS_BAD_CHARACTERISTICS);
    }
    let name = of.wrapping_byte_add(offset_of!(CHARACTERISTICS, UniqueName)).cast();
    let service = of.wrapping_byte_add(offset_of!(CHARACTERISTICS, ServiceName)).cast();
    let friendly = of.wrapping_byte_add(offset_of!(CHARACTERISTICS, FriendlyName)).cast();
    if [name, service, friendly].into_iter().any(|name| raw::string(name).is_empty()) {
        return Err(NDIS_STATUS_BAD_CHARACTERISTICS);
    }
    Ok((version, handlers(of).ok_or(NDIS_STATUS_BAD_CHARACTERISTICS)?))
}

exports! { "ndis.sys";
    fn NdisFRegisterFilterDriver(
        object: *mut DRIVER_OBJECT, context: NDIS_HANDLE, characteristics: *mut CHARACTERISTICS, handle: *mut NDIS_HANDLE,
    ) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFRegisterFilterDriver");
        point("NdisFRegisterFilterDriver");
        if object != nt_driver::object() || object.is_null() {
            violate(Rule::Argument, "NdisFRegisterFilterDriver: not the object of the driver");
        }
        if machine().ndis.drivers.borrow().iter().any(|driver| !driver.gone.get()) {
            violate(Rule::L2, "NdisFRegisterFilterDriver: the driver is registered already");
        }
        if fault::fails(Fault::Register) {
            return NDIS_STATUS_RESOURCES;
        }
        let (version, handlers) = match registration(characteristics) {
            Ok(registration) => registration,
            Err(status) => return status,
        };
        let driver = Rc::new(Driver {
            handle: machine().ndis.handle(),
            context: context.expose_provenance(),
            version,
            handlers,
            leaving: Cell::new(false),
            gone: Cell::new(false),
            data_calls: Cell::new(0),
        });
        raw::set(handle, handle_of(driver.handle));
        machine().ndis.drivers.borrow_mut().push(Rc::clone(&driver));
        if let Some(set_options) = handlers.set_options {
            let status = sched::call_driver("FilterSetOptions", || {
                // SAFETY: the handler with the handle and the context that it was registered with.
                unsafe { set_options(handle_of(driver.handle), driver.context()) }
            });
            if status != NDIS_STATUS_SUCCESS {
                driver.leaving.set(true);
                driver.gone.set(true);
                raw::set(handle, std::ptr::null_mut());
                return status;
            }
        }
        // Modules are attached by another thread, which may run before this call returns.
        change::attach_everywhere(&driver);
        point("NdisFRegisterFilterDriver");
        NDIS_STATUS_SUCCESS
    }

    fn NdisFDeregisterFilterDriver(handle: NDIS_HANDLE) {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFDeregisterFilterDriver");
        point("NdisFDeregisterFilterDriver");
        let found = machine().ndis.drivers.borrow().iter().find(|driver| driver.handle == handle.addr()).cloned();
        let Some(driver) = found else {
            violate(Rule::Argument, format!("NdisFDeregisterFilterDriver: {handle:p} is no handle of a filter driver"));
        };
        if driver.leaving.replace(true) {
            violate(Rule::L2, "NdisFDeregisterFilterDriver: the driver has deregistered already");
        }
        let in_entry = sched::this().frames.borrow().contains(&"DriverEntry");
        if !in_entry && !nt_driver::is_unloading() {
            violate(Rule::L2, "NdisFDeregisterFilterDriver: only in unload, or in an entry that fails");
        }
        change::detach_everywhere(&driver);
        sched::block_until("calls into a driver that deregisters", None, || driver.data_calls.get() == 0);
        driver.gone.set(true);
    }
}
