//! Filter drivers that have registered.

use std::cell::Cell;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    FILTER_ATTACH, FILTER_CANCEL_OID_REQUEST, FILTER_DETACH, FILTER_DEVICE_PNP_EVENT_NOTIFY,
    FILTER_NET_PNP_EVENT, FILTER_OID_REQUEST, FILTER_OID_REQUEST_COMPLETE, FILTER_PAUSE, FILTER_RESTART,
    FILTER_SET_FILTER_MODULE_OPTIONS, FILTER_STATUS, NDIS_HANDLE, NdisVersion, SET_OPTIONS_HANDLER,
};

use super::module::DataHandlers;
use crate::machine::{machine, violate};
use crate::sched;
use crate::verify::Rule;

/// What a driver registered with.
#[derive(Clone, Copy)]
pub(crate) struct Handlers {
    pub(crate) set_options: Option<SET_OPTIONS_HANDLER>,
    pub(crate) set_module_options: Option<FILTER_SET_FILTER_MODULE_OPTIONS>,
    pub(crate) attach: FILTER_ATTACH,
    pub(crate) detach: FILTER_DETACH,
    pub(crate) restart: FILTER_RESTART,
    pub(crate) pause: FILTER_PAUSE,
    pub(crate) data: DataHandlers,
    pub(crate) oid_request: Option<FILTER_OID_REQUEST>,
    pub(crate) oid_request_complete: Option<FILTER_OID_REQUEST_COMPLETE>,
    pub(crate) cancel_oid_request: Option<FILTER_CANCEL_OID_REQUEST>,
    pub(crate) device_pnp_event: Option<FILTER_DEVICE_PNP_EVENT_NOTIFY>,
    pub(crate) net_pnp_event: Option<FILTER_NET_PNP_EVENT>,
    pub(crate) status: Option<FILTER_STATUS>,
}

/// A filter driver.
pub(crate) struct Driver {
    pub(crate) handle: usize,
    pub(crate) context: usize,
    pub(crate) version: NdisVersion,
    pub(crate) handlers: Handlers,
    /// It deregisters, or has.
    pub(crate) leaving: Cell<bool>,
    pub(crate) gone: Cell<bool>,
    /// Calls into its data path that run.
    pub(crate) data_calls: Cell<u32>,
}

impl Driver {
    pub(crate) fn context(&self) -> NDIS_HANDLE {
        std::ptr::with_exposed_provenance_mut(self.context)
    }

    /// Runs a handler of the data path: the driver's code stays in memory meanwhile.
    pub(crate) fn data_call<R>(&self, name: &'static str, body: impl FnOnce() -> R) -> R {
        self.data_calls.set(self.data_calls.get() + 1);
        let result = sched::call_driver(name, body);
        self.data_calls.set(self.data_calls.get() - 1);
        result
    }
}

/// The drivers that have not deregistered.
pub(crate) fn registered() -> Vec<Rc<Driver>> {
    machine().ndis.drivers.borrow().iter().filter(|driver| !driver.leaving.get()).cloned().collect()
}

/// A driver that is gone must have deregistered.
pub(crate) fn check_gone() {
    if machine().ndis.drivers.borrow().iter().any(|driver| !driver.gone.get()) {
        violate(Rule::L2, "the driver is gone, and has not deregistered its filter");
    }
}
