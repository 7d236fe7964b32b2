//! Entry, unload, and the life of a module.

use std::ptr;

use snapgate_ffi::ndis::*;
use snapgate_ffi::ntdef::*;
use snapgate_ffi::wdm::*;
use snapgate_sim::sched;

use super::{Module, ModuleState, Sin, k, log, plan, sins};
use super::{data, oid, own};

/// "NSIM".
pub(super) const TAG: u32 = 0x4d49_534e;

pub(super) fn words(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(super) fn string(words: &mut [u16]) -> UNICODE_STRING {
    let bytes = u16::try_from(words.len() * 2).unwrap();
    UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: words.as_mut_ptr() }
}

fn module_of(context: NDIS_HANDLE) -> *mut Module {
    context.cast()
}

/// Something at DISPATCH_LEVEL: a spin lock is held meanwhile.
fn at_dispatch(body: impl FnOnce()) {
    let mut lock: KSPIN_LOCK = SPIN_LOCK_FREE;
    let level = k!(acquire_spin_lock(&raw mut lock));
    body();
    k!(release_spin_lock(&raw mut lock, level));
}

fn register(object: *mut DRIVER_OBJECT) -> NDIS_STATUS {
    let version = plan(|plan| plan.version.get())
        .unwrap_or_else(|| NdisVersion::from_runtime(k!(NdisGetVersion())).to_register().unwrap());
    let (mut name, mut unique, mut service) =
        (words("Test filter"), words("{53A1F9C4-6A0E-4E0B-9D27-3C1B5A70E6D3}"), words("testfilter"));
    let mut characteristics = NDIS_FILTER_DRIVER_CHARACTERISTICS {
        Header: NDIS_OBJECT_HEADER::new(
            NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
            version.filter_driver_characteristics(),
        ),
        MajorNdisVersion: version.major(),
        MinorNdisVersion: version.minor(),
        MajorDriverVersion: 1,
        MinorDriverVersion: 0,
        Flags: 0,
        FriendlyName: string(&mut name),
        UniqueName: string(&mut unique),
        ServiceName: string(&mut service),
        SetOptionsHandler: Some(set_options),
        SetFilterModuleOptionsHandler: Some(set_module_options),
        AttachHandler: Some(attach),
        DetachHandler: Some(detach),
        RestartHandler: Some(restart),
        PauseHandler: Some(pause),
        SendNetBufferListsHandler: Some(data::send),
        SendNetBufferListsCompleteHandler: Some(data::send_complete),
        CancelSendNetBufferListsHandler: Some(data::cancel_send),
        ReceiveNetBufferListsHandler: Some(data::receive),
        ReturnNetBufferListsHandler: Some(data::return_lists),
        OidRequestHandler: Some(oid::oid_request),
        OidRequestCompleteHandler: Some(oid::oid_complete),
        CancelOidRequestHandler: Some(oid::cancel_oid),
        DevicePnPEventNotifyHandler: Some(device_event),
        NetPnPEventHandler: Some(net_event),
        StatusHandler: Some(status),
        DirectOidRequestHandler: None,
        DirectOidRequestCompleteHandler: None,
        CancelDirectOidRequestHandler: None,
        SynchronousOidRequestHandler: ptr::null_mut(),
        SynchronousOidRequestCompleteHandler: ptr::null_mut(),
    };
    let mut handle = ptr::null_mut();
    let status =
        k!(NdisFRegisterFilterDriver(object, 0x5eed as _, &raw mut characteristics, &raw mut handle));
    plan(|plan| plan.driver.set(handle.addr()));
    status
}

fn driver_handle() -> NDIS_HANDLE {
    plan(|plan| ptr::without_provenance_mut(plan.driver.get()))
}

/// `data` in the form that partial handlers have.
fn partial(bypass: bool) -> NDIS_FILTER_PARTIAL_CHARACTERISTICS {
    let header = NDIS_OBJECT_HEADER::new(
        NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS,
        FILTER_PARTIAL_CHARACTERISTICS,
    );
    let mut partial = NDIS_FILTER_PARTIAL_CHARACTERISTICS {
        Header: header,
        Flags: 0,
        SendNetBufferListsHandler: Some(data::send),
        SendNetBufferListsCompleteHandler: Some(data::send_complete),
        CancelSendNetBufferListsHandler: Some(data::cancel_send),
        ReceiveNetBufferListsHandler: Some(data::receive),
        ReturnNetBufferListsHandler: Some(data::return_lists),
    };
    if bypass {
        partial.SendNetBufferListsHandler = None;
        partial.SendNetBufferListsCompleteHandler = None;
        partial.CancelSendNetBufferListsHandler = None;
        partial.ReceiveNetBufferListsHandler = None;
        partial.ReturnNetBufferListsHandler = None;
    }
    partial
}

snapgate_ffi::kernel_abi! {
    pub(crate) fn entry(object: *mut DRIVER_OBJECT, _registry: *mut UNICODE_STRING) -> NTSTATUS {
        k!((*object).DriverUnload = Some(unload));
        register(object)
    }

    fn unload(_object: *mut DRIVER_OBJECT) {
        if sins(Sin::StaysRegistered) {
            return;
        }
        k!(NdisFDeregisterFilterDriver(driver_handle()));
        if sins(Sin::DeregistersTwice) {
            k!(NdisFDeregisterFilterDriver(driver_handle()));
        }
    }

    fn set_options(_driver: NDIS_HANDLE, context: NDIS_HANDLE) -> NDIS_STATUS {
        assert_eq!(context.addr(), 0x5eed);
        log("set options");
        NDIS_STATUS_SUCCESS
    }

    fn set_module_options(context: NDIS_HANDLE) -> NDIS_STATUS {
        log("set module options");
        let module = module_of(context);
        let mut partial = partial(plan(|plan| plan.bypass.get()));
        if sins(Sin::SetsHalfAPair) {
            partial.SendNetBufferListsCompleteHandler = None;
        }
        k!(NdisSetOptionalHandlers((*module).handle, (&raw mut partial.Header).cast()))
    }

    fn attach(
        handle: NDIS_HANDLE, driver: NDIS_HANDLE, parameters: *mut NDIS_FILTER_ATTACH_PARAMETERS,
    ) -> NDIS_STATUS {
        log("attach");
        assert_eq!(driver.addr(), 0x5eed);
        if plan(|plan| plan.refuses.get()) {
            return NDIS_STATUS_RESOURCES;
        }
        let header = k!((*parameters).Header);
        assert_eq!(header.Type, NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS);
        assert!(k!((*parameters).IfIndex) > 0);
        if sins(Sin::AsksInAttach) {
            oid::ask(handle);
        }
        if sins(Sin::RestartsInAttach) {
            k!(NdisFRestartFilter(handle));
        }
        let memory = k!(ExAllocatePoolWithTag(NonPagedPoolNx, size_of::<Module>(), TAG));
        if memory.is_null() {
            return NDIS_STATUS_RESOURCES;
        }
        let pool = own::new_pool(handle, true, 0);
        if pool.is_null() {
            k!(ExFreePoolWithTag(memory, TAG));
            return NDIS_STATUS_RESOURCES;
        }
        let module: *mut Module = memory.cast();
        k!(module.write(Module { handle, state: ModuleState::Paused, out: 0, pause_pends: false, pool, queue: ptr::null_mut(), held: ptr::null_mut() }));
        let mut attributes = NDIS_FILTER_ATTRIBUTES {
            Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, FILTER_ATTRIBUTES),
            Flags: 0,
        };
        let times = if sins(Sin::SetsNoAttributes) { 0 } else if sins(Sin::SetsAttributesTwice) { 2 } else { 1 };
        for _ in 0..times {
            let status = k!(NdisFSetAttributes(handle, memory, &raw mut attributes));
            if status != NDIS_STATUS_SUCCESS {
                k!(NdisFreeNetBufferListPool(pool));
                k!(ExFreePoolWithTag(memory, TAG));
                return status;
            }
        }
        plan(|plan| plan.modules.borrow_mut().push(module));
        NDIS_STATUS_SUCCESS
    }

    fn detach(context: NDIS_HANDLE) {
        log("detach");
        let module = module_of(context);
        let handle = k!((*module).handle);
        plan(|plan| plan.modules.borrow_mut().retain(|other| *other != module));
        if !sins(Sin::LeavesPool) {
            k!(NdisFreeNetBufferListPool((*module).pool));
        }
        k!(ExFreePoolWithTag(context, TAG));
        if sins(Sin::UsesHandleAfterDetach) {
            let handle = handle.addr();
            sched::spawn("late", move || {
                sched::sleep(10_000);
                k!(NdisFPauseComplete(ptr::without_provenance_mut(handle)));
            });
        }
    }

    fn restart(context: NDIS_HANDLE, parameters: *mut NDIS_FILTER_RESTART_PARAMETERS) -> NDIS_STATUS {
        log("restart");
        let module = module_of(context);
        sin_in_restart(module, parameters);
        if plan(|plan| plan.fails_restart.get()) || sins(Sin::ChangesAttributesAndFails) {
            return NDIS_STATUS_RESOURCES;
        }
        k!((*module).state = ModuleState::Running);
        if sins(Sin::CompletesRestartTwice) {
            k!(NdisFRestartComplete((*module).handle, NDIS_STATUS_SUCCESS));
        }
        if plan(|plan| plan.pends.get()) {
            let handle = k!((*module).handle).addr();
            sched::spawn("restart", move || {
                sched::sleep(20_000);
                k!(NdisFRestartComplete(ptr::without_provenance_mut(handle), NDIS_STATUS_SUCCESS));
            });
            return NDIS_STATUS_PENDING;
        }
        NDIS_STATUS_SUCCESS
    }

    fn pause(context: NDIS_HANDLE, _parameters: *mut NDIS_FILTER_PAUSE_PARAMETERS) -> NDIS_STATUS {
        log("pause");
        let module = module_of(context);
        k!((*module).state = ModuleState::Pausing);
        if sins(Sin::PauseFails) {
            return NDIS_STATUS_FAILURE;
        }
        if !sins(Sin::PauseKeepsForeign) {
            own::abort_queue(module);
        }
        if sins(Sin::PauseNeverEnds) {
            return NDIS_STATUS_PENDING;
        }
        if sins(Sin::PauseCompletesTwice) {
            k!(NdisFPauseComplete((*module).handle));
            return NDIS_STATUS_SUCCESS;
        }
        if k!((*module).out) > 0 && !sins(Sin::PauseIgnoresOwn) {
            k!((*module).pause_pends = true);
            return NDIS_STATUS_PENDING;
        }
        k!((*module).state = ModuleState::Paused);
        if plan(|plan| plan.pends.get()) {
            let handle = k!((*module).handle).addr();
            sched::spawn("pause", move || {
                sched::sleep(20_000);
                k!(NdisFPauseComplete(ptr::without_provenance_mut(handle)));
            });
            return NDIS_STATUS_PENDING;
        }
        NDIS_STATUS_SUCCESS
    }

    fn status(context: NDIS_HANDLE, indication: *mut NDIS_STATUS_INDICATION) {
        log("status");
        if sins(Sin::DeregistersEarly) {
            k!(NdisFDeregisterFilterDriver(driver_handle()));
        }
        k!(NdisFIndicateStatus((*module_of(context)).handle, indication));
    }

    fn net_event(context: NDIS_HANDLE, event: *mut NET_PNP_EVENT_NOTIFICATION) -> NDIS_STATUS {
        log("net event");
        k!(NdisFNetPnPEvent((*module_of(context)).handle, event))
    }

    fn device_event(context: NDIS_HANDLE, event: *mut NET_DEVICE_PNP_EVENT) {
        log("device event");
        k!(NdisFDevicePnPEventNotify((*module_of(context)).handle, event));
    }
}

fn sin_in_restart(module: *mut Module, parameters: *mut NDIS_FILTER_RESTART_PARAMETERS) {
    let handle = k!((*module).handle);
    if sins(Sin::OpensConfigurationAtDispatch) {
        let mut object = NDIS_CONFIGURATION_OBJECT {
            Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, CONFIGURATION_OBJECT),
            NdisHandle: driver_handle(),
            Flags: 0,
        };
        let mut opened = ptr::null_mut();
        at_dispatch(|| {
            k!(NdisOpenConfigurationEx(&raw mut object, &raw mut opened));
        });
    }
    if sins(Sin::SleepsAtDispatch) {
        at_dispatch(|| k!(NdisMSleep(1)));
    }
    if sins(Sin::SetsHandlersInRestart) {
        let mut partial = partial(true);
        k!(NdisSetOptionalHandlers(handle, (&raw mut partial.Header).cast()));
    }
    let mut attribute = k!((*parameters).RestartAttributes);
    if sins(Sin::AddsAttribute) && attribute.is_null() {
        let added = k!(ExAllocatePoolWithTag(NonPagedPoolNx, size_of::<NDIS_RESTART_ATTRIBUTES>(), TAG));
        k!((*parameters).RestartAttributes = added.cast());
    }
    while !attribute.is_null() {
        let known = k!((*attribute).Oid) == OID_GEN_MINIPORT_RESTART_ATTRIBUTES;
        if (!known && sins(Sin::ChangesUnknownAttribute)) || (known && sins(Sin::ChangesAttributesAndFails)) {
            k!((*attribute).Data = [0x77]);
        }
        attribute = k!((*attribute).Next);
    }
}
