//! What modules set before every restart, and the functions by which they tell NDIS about themselves.

use std::mem::offset_of;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    FILTER_ATTRIBUTES, FILTER_PARTIAL_CHARACTERISTICS, NDIS_FILTER_ATTRIBUTES,
    NDIS_FILTER_PARTIAL_CHARACTERISTICS as PARTIAL, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS, NDIS_STATUS,
    NDIS_STATUS_INVALID_PARAMETER, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, NT_SUCCESS, PASSIVE_LEVEL};

use super::module::{DataHandlers, Module, module_of};
use super::state::State;
use super::{change, life, raw};
use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::sched::{self, irql_at_most, point};
use crate::verify::Rule;

/// Lets a module set its options; whether it may restart.
pub(crate) fn set(module: &Rc<Module>) -> bool {
    let Some(handler) = module.driver.handlers.set_module_options else { return true };
    module.in_options.set(Some(sched::this().id));
    let status = sched::call_driver("FilterSetModuleOptions", || {
        // SAFETY: the handler with the module's context.
        unsafe { handler(module.context.get()) }
    });
    module.in_options.set(None);
    NT_SUCCESS(status)
}

/// Whether a header is of this kind, with at least this revision's size.
fn is_header(header: NDIS_OBJECT_HEADER, kind: u8, revision: snapgate_ffi::ndis::Revision) -> bool {
    header.Type == kind && header.Revision == revision.number && header.Size >= revision.size
}

exports! { "ndis.sys";
    fn NdisFSetAttributes(handle: NDIS_HANDLE, context: NDIS_HANDLE, attributes: *mut NDIS_FILTER_ATTRIBUTES) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFSetAttributes");
        point("NdisFSetAttributes");
        let module = module_of(handle, "NdisFSetAttributes");
        if module.state() != State::Attaching {
            violate(Rule::L3, format!("NdisFSetAttributes: {} is {:?}, not attaching", module.name(), module.state()));
        }
        let header = raw::get(attributes.cast::<NDIS_OBJECT_HEADER>());
        if !is_header(header, NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, FILTER_ATTRIBUTES) {
            return NDIS_STATUS_INVALID_PARAMETER;
        }
        if fault::fails(Fault::Attributes) {
            return NDIS_STATUS_RESOURCES;
        }
        module.attributes.set(module.attributes.get() + 1);
        if module.attributes.get() > 1 {
            violate(Rule::L3, format!("NdisFSetAttributes: called twice for {}", module.name()));
        }
        module.context.set(context);
        NDIS_STATUS_SUCCESS
    }

    fn NdisSetOptionalHandlers(handle: NDIS_HANDLE, handlers: *mut NDIS_OBJECT_HEADER) -> NDIS_STATUS {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisSetOptionalHandlers");
        point("NdisSetOptionalHandlers");
        if machine().ndis.drivers.borrow().iter().any(|driver| driver.handle == handle.addr()) {
            // Services of whole drivers: none of them is needed here.
            return NDIS_STATUS_INVALID_PARAMETER;
        }
        let module = module_of(handle, "NdisSetOptionalHandlers");
        if module.in_options.get() != Some(sched::this().id) {
            violate(
                Rule::L9,
                format!("NdisSetOptionalHandlers: {} is not in FilterSetModuleOptions on this thread", module.name()),
            );
        }
        let header = raw::get(handlers);
        if !is_header(header, NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS, FILTER_PARTIAL_CHARACTERISTICS) {
            return NDIS_STATUS_INVALID_PARAMETER;
        }
        if fault::fails(Fault::Handlers) {
            return NDIS_STATUS_RESOURCES;
        }
        let partial = handlers.cast_const().cast::<u8>();
        macro_rules! field {
            ($field:ident) => {
                raw::get(partial.wrapping_add(offset_of!(PARTIAL, $field)).cast())
            };
        }
        let data = DataHandlers {
            send: field!(SendNetBufferListsHandler),
            send_complete: field!(SendNetBufferListsCompleteHandler),
            cancel_send: field!(CancelSendNetBufferListsHandler),
            receive: field!(ReceiveNetBufferListsHandler),
            return_lists: field!(ReturnNetBufferListsHandler),
        };
        if let Some(missing) = data.missing() {
            violate(Rule::L9, format!("NdisSetOptionalHandlers: {missing}"));
        }
        module.handlers.set(data);
        NDIS_STATUS_SUCCESS
    }

    fn NdisFRestartFilter(handle: NDIS_HANDLE) -> NDIS_STATUS {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFRestartFilter");
        point("NdisFRestartFilter");
        let module = module_of(handle, "NdisFRestartFilter");
        if module.state() == State::Attaching {
            violate(Rule::L1, format!("NdisFRestartFilter: {} is not attached yet", module.name()));
        }
        if fault::fails(Fault::RestartFilter) {
            return NDIS_STATUS_RESOURCES;
        }
        if !module.restart_wanted.replace(true) {
            change::restart_filter(&module);
        }
        NDIS_STATUS_SUCCESS
    }

    fn NdisFRestartComplete(handle: NDIS_HANDLE, status: NDIS_STATUS) {
        irql_at_most(PASSIVE_LEVEL, Rule::I1, "NdisFRestartComplete");
        point("NdisFRestartComplete");
        let module = module_of(handle, "NdisFRestartComplete");
        let due = module.state() == State::Restarting && module.restarting.entered.get();
        if !due || module.restarting.finished.get().is_some() {
            violate(Rule::L1, format!("NdisFRestartComplete: no restart of {} is pending", module.name()));
        }
        life::finish(&module.restarting, status);
    }

    fn NdisFPauseComplete(handle: NDIS_HANDLE) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFPauseComplete");
        point("NdisFPauseComplete");
        let module = module_of(handle, "NdisFPauseComplete");
        if module.state() != State::Pausing || !module.pausing.entered.get() {
            violate(Rule::L4, format!("NdisFPauseComplete: {} is {:?}, not pausing", module.name(), module.state()));
        }
        if module.pausing.finished.get().is_some() {
            violate(Rule::L4, format!("NdisFPauseComplete: the pause of {} is complete already", module.name()));
        }
        life::check_paused(&module, "NdisFPauseComplete");
        life::finish(&module.pausing, NDIS_STATUS_SUCCESS);
    }
}
