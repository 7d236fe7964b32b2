//! What NDIS tells a module: attach, options, restart, pause, detach. All at PASSIVE_LEVEL, one at a time for each module.

use core::ptr;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::{
    FILTER_ATTRIBUTES, FILTER_PARTIAL_CHARACTERISTICS, NDIS_FILTER_ATTACH_PARAMETERS, NDIS_FILTER_ATTRIBUTES,
    NDIS_FILTER_PARTIAL_CHARACTERISTICS, NDIS_FILTER_PAUSE_PARAMETERS, NDIS_FILTER_RESTART_PARAMETERS,
    NDIS_HANDLE, NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
    NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS, NDIS_RESTART_ATTRIBUTES,
    NDIS_RESTART_GENERAL_ATTRIBUTES, NDIS_STATUS, NDIS_STATUS_FAILURE, NDIS_STATUS_INVALID_PARAMETER,
    NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS, NdisFPauseComplete, NdisFSetAttributes,
    NdisSetOptionalHandlers, OID_GEN_MINIPORT_RESTART_ATTRIBUTES,
};
use snapgate_ffi::ntdef::NT_SUCCESS;

use super::Module;
use super::identity::Identity;
use super::state::{Event, State};
use crate::driver::DriverRef;
use crate::handle::binding;
use crate::kernel::arc::KArc;
use crate::kernel::gate::{Closed, Pass};
use crate::kernel::list::Room;
use crate::tap;

/// Attributes of a restart are a list of a few; a longer one is not believed.
const ATTRIBUTES_MAX: usize = 64;

kernel_abi! {
    /// A new module. It is paused when this returns.
    pub(crate) fn attach(
        handle: NDIS_HANDLE, context: NDIS_HANDLE, parameters: *mut NDIS_FILTER_ATTACH_PARAMETERS,
    ) -> NDIS_STATUS {
        // SAFETY: the context that the driver registered with.
        let Some(driver) = (unsafe { DriverRef::from_context(context) }) else { return NDIS_STATUS_FAILURE };
        // SAFETY: NDIS' parameters for this call.
        let Some(identity) = (unsafe { Identity::from_parameters(parameters) }) else {
            return NDIS_STATUS_INVALID_PARAMETER;
        };
        let (Ok(module), Ok(room)) = (Module::try_new(driver, handle, identity), Room::try_new()) else {
            return NDIS_STATUS_RESOURCES;
        };
        let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, FILTER_ATTRIBUTES);
        let mut attributes = NDIS_FILTER_ATTRIBUTES { Header: header, Flags: 0 };
        // SAFETY: inside of attach, once; the context is the module, which `detach` takes back.
        let status = unsafe { NdisFSetAttributes(handle, module.as_ptr().cast_mut().cast(), &raw mut attributes) };
        if !NT_SUCCESS(status) {
            module.advance(Event::AttachFailed);
            return status;
        }
        module.advance(Event::Attached);
        let mut config = driver.config.lock();
        config.modules.insert(room, KArc::clone(&module));
        binding::reattach(&config, &module);
        drop(config);
        module.into_raw();
        NDIS_STATUS_SUCCESS
    }

    /// Before each restart: in the data path only if somebody captures.
    pub(crate) fn set_module_options(context: NDIS_HANDLE) -> NDIS_STATUS {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        let config = module.driver.config.lock();
        let in_path = module.is_capturing();
        module.note_handlers(in_path, &config);
        drop(config);
        let kind = NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS;
        let mut handlers = NDIS_FILTER_PARTIAL_CHARACTERISTICS {
            Header: NDIS_OBJECT_HEADER::new(kind, FILTER_PARTIAL_CHARACTERISTICS),
            Flags: 0,
            SendNetBufferListsHandler: in_path.then_some(tap::send),
            SendNetBufferListsCompleteHandler: in_path.then_some(tap::send_complete),
            CancelSendNetBufferListsHandler: in_path.then_some(tap::cancel_send),
            ReceiveNetBufferListsHandler: in_path.then_some(tap::receive),
            ReturnNetBufferListsHandler: in_path.then_some(tap::return_lists),
        };
        // SAFETY: inside of set-module-options, on its thread.
        unsafe { NdisSetOptionalHandlers(module.handle, (&raw mut handlers).cast()) };
        // Where that failed the handlers are those from registration: they pass on, and capture for whoever captures.
        NDIS_STATUS_SUCCESS
    }

    /// Packets will move.
    pub(crate) fn restart(context: NDIS_HANDLE, parameters: *mut NDIS_FILTER_RESTART_PARAMETERS) -> NDIS_STATUS {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        if !module.advance(Event::Restart) {
            return NDIS_STATUS_FAILURE;
        }
        // SAFETY: NDIS' parameters for this call.
        if let Some(mtu) = unsafe { mtu(parameters) } {
            module.note_mtu(mtu);
        }
        module.gate.open();
        let config = module.driver.config.lock();
        module.advance(Event::Restarted);
        let again = module.needs_other_handlers(&config);
        drop(config);
        if again {
            module.restart_for_handlers();
        }
        NDIS_STATUS_SUCCESS
    }

    /// Nothing more is originated; complete when nothing is out.
    pub(crate) fn pause(context: NDIS_HANDLE, _parameters: *mut NDIS_FILTER_PAUSE_PARAMETERS) -> NDIS_STATUS {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        module.advance(Event::Pause);
        match module.gate.close() {
            Closed::Drained => {
                module.advance(Event::Paused);
                NDIS_STATUS_SUCCESS
            }
            Closed::Busy => NDIS_STATUS_PENDING,
        }
    }

    /// The module goes. Its handles stay, and wait for the adapter to come back.
    pub(crate) fn detach(context: NDIS_HANDLE) {
        // SAFETY: the context that attach gave away, taken back once.
        let module = unsafe { KArc::<Module>::from_raw(context.cast_const().cast()) };
        let driver = module.driver;
        let mut config = driver.config.lock();
        config.modules.remove(|other| ptr::eq(other, module.as_ptr()));
        binding::detach(&config, &module);
        module.advance(Event::Detach);
        drop(config);
        debug_assert!(module.state() == State::Detached);
    }
}

#[expect(
    dead_code,
    reason = "what the driver will originate (injected packets) comes home here; it originates nothing yet"
)]
/// One of the module's own comes home: the last one through a closed gate completes the pause.
pub(crate) fn come_home(module: &Module, pass: Pass) {
    // The handle is read before: behind the last one the module may be gone.
    let handle = module.handle;
    if module.gate.leave(pass) && module.advance(Event::Paused) {
        // SAFETY: a pause of this module is pending, and only one is the last.
        unsafe { NdisFPauseComplete(handle) };
    }
}

/// The module of a context.
///
/// # Safety
///
/// A context that attach gave to NDIS, and that detach has not taken back.
pub(crate) unsafe fn module<'a>(context: NDIS_HANDLE) -> &'a Module {
    // SAFETY: by the contract; NDIS calls nothing with it after detach.
    unsafe { &*context.cast_const().cast::<Module>() }
}

/// The MTU among the attributes of a restart.
///
/// # Safety
///
/// `parameters` is null, or points to what NDIS gave to restart.
unsafe fn mtu(parameters: *const NDIS_FILTER_RESTART_PARAMETERS) -> Option<u32> {
    // SAFETY: null, or readable by the contract.
    let mut attributes: *const NDIS_RESTART_ATTRIBUTES = unsafe { parameters.as_ref() }?.RestartAttributes;
    for _ in 0..ATTRIBUTES_MAX {
        // SAFETY: null, or the next of NDIS' list.
        let attribute = unsafe { attributes.as_ref() }?;
        let needed = core::mem::offset_of!(NDIS_RESTART_GENERAL_ATTRIBUTES, MaxXmitLinkSpeed);
        if attribute.Oid == OID_GEN_MINIPORT_RESTART_ATTRIBUTES && attribute.DataLength as usize >= needed {
            let data = attributes
                .wrapping_byte_add(core::mem::offset_of!(NDIS_RESTART_ATTRIBUTES, Data))
                .cast::<NDIS_RESTART_GENERAL_ATTRIBUTES>();
            // SAFETY: so many bytes are there, by the length; the list's memory is aligned to 16.
            return Some(unsafe { (*data).MtuSize });
        }
        attributes = attribute.Next;
    }
    None
}
