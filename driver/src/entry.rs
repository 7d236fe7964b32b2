//! The driver comes and goes.

use core::ptr;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::{
    DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES, NDIS_FILTER_DRIVER_CHARACTERISTICS,
    NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES,
    NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS, NdisDeregisterDeviceEx, NdisFDeregisterFilterDriver,
    NdisFRegisterFilterDriver, NdisGetVersion, NdisRegisterDeviceEx, NdisVersion,
};
use snapgate_ffi::ntdef::{
    NT_SUCCESS, NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_REVISION_MISMATCH, STATUS_SUCCESS,
    UNICODE_STRING,
};
use snapgate_ffi::wdm::{
    DO_DEVICE_INITIALIZING, DO_DIRECT_IO, DRIVER_DISPATCH, DRIVER_OBJECT, IRP_MJ_CLEANUP, IRP_MJ_CLOSE,
    IRP_MJ_CREATE, IRP_MJ_DEVICE_CONTROL, IRP_MJ_MAXIMUM_FUNCTION, IRP_MJ_READ, IRP_MJ_WRITE,
    IoAllocateDriverObjectExtension,
};

use crate::control;
use crate::driver::{Driver, DriverRef, client};
use crate::kernel::clock::Clocks;
use crate::kernel::registry;
use crate::kernel::text::utf16;
use crate::module::life;
use crate::tap;

static FRIENDLY_NAME: [u16; 23] = utf16("Snapgate packet capture");
static UNIQUE_NAME: [u16; 38] = utf16("{53A1F9C4-6A0E-4E0B-9D27-3C1B5A70E6D2}");
static SERVICE_NAME: [u16; 8] = utf16("snapgate");
static DEVICE_NAME: [u16; 16] = utf16("\\Device\\Snapgate");
static LINK_NAME: [u16; 20] = utf16("\\DosDevices\\Snapgate");
/// System and administrators: all. Everybody: read and write, which the driver's rings and filters are safe for.
static EVERYBODY: [u16; 41] = utf16("D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;WD)");
static ADMIN_ONLY: [u16; 9] = utf16("AdminOnly");
static ADMINISTRATORS: [u16; 27] = utf16("D:P(A;;GA;;;SY)(A;;GA;;;BA)");

fn text(words: &'static [u16]) -> UNICODE_STRING {
    UNICODE_STRING::from_words(words).unwrap_or(UNICODE_STRING::EMPTY)
}

kernel_abi! {
    /// The entry of the driver: registers the filter and the control device.
    ///
    /// # Safety
    ///
    /// Called once by the system, at PASSIVE_LEVEL, with a new driver object and the path of its key.
    pub fn driver_entry(object: *mut DRIVER_OBJECT, path: *mut UNICODE_STRING) -> NTSTATUS {
        // SAFETY: at PASSIVE_LEVEL.
        let running = NdisVersion::from_runtime(unsafe { NdisGetVersion() });
        let Some(version) = running.to_register() else { return STATUS_REVISION_MISMATCH };
        let mut extension = ptr::null_mut();
        let Ok(bytes) = u32::try_from(size_of::<Driver>()) else { return STATUS_INSUFFICIENT_RESOURCES };
        // SAFETY: the system's driver object; memory for the pointer.
        let status = unsafe { IoAllocateDriverObjectExtension(object, client(), bytes, &raw mut extension) };
        let Some(place) = ptr::NonNull::new(extension.cast::<Driver>()).filter(|_| NT_SUCCESS(status)) else {
            return status;
        };
        // SAFETY: the path that the system gave.
        let admin_only = unsafe { registry::number(path, &ADMIN_ONLY) }.unwrap_or(0) != 0;
        // SAFETY: new memory of this size, aligned as pool memory.
        unsafe { place.write(Driver::new(version, Clocks::start(), admin_only)) };
        // SAFETY: it stays there until the driver is unloaded.
        let driver = unsafe { DriverRef::new(place) };
        // SAFETY: in its final place; nobody knows it yet.
        unsafe { driver.config.init() };
        // SAFETY: the system's driver object.
        unsafe { (*object).DriverUnload = Some(unload) };
        let status = register(driver, object);
        if !NT_SUCCESS(status) {
            // SAFETY: nothing refers to it: no filter is registered.
            unsafe { place.drop_in_place() };
        }
        status
    }

    /// The end of the driver: no file is open any more.
    fn unload(object: *mut DRIVER_OBJECT) {
        // SAFETY: the system's driver object, whose entry succeeded.
        let Some(driver) = (unsafe { DriverRef::of(object) }) else { return };
        // SAFETY: registered by the entry.
        unsafe { NdisDeregisterDeviceEx(driver.device()) };
        // SAFETY: registered by the entry; it detaches all modules before it returns.
        unsafe { NdisFDeregisterFilterDriver(driver.filter()) };
        // SAFETY: no module and no handle is left that could refer to it; the system gives the memory back.
        unsafe { ptr::drop_in_place(driver.into_context().cast::<Driver>()) };
    }
}

/// Registers the filter, which may call back at once, and then the device, which needs its handle.
fn register(driver: DriverRef, object: *mut DRIVER_OBJECT) -> NTSTATUS {
    let status = register_filter(driver, object);
    if !NT_SUCCESS(status) {
        return status;
    }
    let status = register_device(driver);
    if !NT_SUCCESS(status) {
        // SAFETY: registered just now; it detaches whatever it has attached.
        unsafe { NdisFDeregisterFilterDriver(driver.filter()) };
        return status;
    }
    STATUS_SUCCESS
}

fn register_filter(driver: DriverRef, object: *mut DRIVER_OBJECT) -> NTSTATUS {
    let version = driver.version;
    let revision = version.filter_driver_characteristics();
    let mut characteristics = NDIS_FILTER_DRIVER_CHARACTERISTICS {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS, revision),
        MajorNdisVersion: version.major(),
        MinorNdisVersion: version.minor(),
        MajorDriverVersion: 1,
        MinorDriverVersion: 0,
        Flags: 0,
        FriendlyName: text(&FRIENDLY_NAME),
        UniqueName: text(&UNIQUE_NAME),
        ServiceName: text(&SERVICE_NAME),
        SetOptionsHandler: None,
        SetFilterModuleOptionsHandler: Some(life::set_module_options),
        AttachHandler: Some(life::attach),
        DetachHandler: Some(life::detach),
        RestartHandler: Some(life::restart),
        PauseHandler: Some(life::pause),
        SendNetBufferListsHandler: Some(tap::send),
        SendNetBufferListsCompleteHandler: Some(tap::send_complete),
        CancelSendNetBufferListsHandler: Some(tap::cancel_send),
        ReceiveNetBufferListsHandler: Some(tap::receive),
        ReturnNetBufferListsHandler: Some(tap::return_lists),
        OidRequestHandler: None,
        OidRequestCompleteHandler: None,
        CancelOidRequestHandler: None,
        DevicePnPEventNotifyHandler: Some(crate::module::pass::device_pnp),
        NetPnPEventHandler: Some(crate::module::pass::net_pnp),
        StatusHandler: Some(crate::module::pass::status),
        DirectOidRequestHandler: None,
        DirectOidRequestCompleteHandler: None,
        CancelDirectOidRequestHandler: None,
        SynchronousOidRequestHandler: ptr::null_mut(),
        SynchronousOidRequestCompleteHandler: ptr::null_mut(),
    };
    let mut handle = ptr::null_mut();
    // SAFETY: everything that the callbacks reach is there already; memory for the handle.
    let status = unsafe {
        NdisFRegisterFilterDriver(object, driver.into_context(), &raw mut characteristics, &raw mut handle)
    };
    driver.set_filter(handle);
    status
}

fn register_device(driver: DriverRef) -> NTSTATUS {
    let mut table: [Option<DRIVER_DISPATCH>; IRP_MJ_MAXIMUM_FUNCTION as usize + 1] = [None; 28];
    let routines: [(u8, DRIVER_DISPATCH); 6] = [
        (IRP_MJ_CREATE, control::create),
        (IRP_MJ_CLEANUP, control::cleanup),
        (IRP_MJ_CLOSE, control::close),
        (IRP_MJ_READ, control::read),
        (IRP_MJ_WRITE, control::write),
        (IRP_MJ_DEVICE_CONTROL, control::device_control),
    ];
    for (major, routine) in routines {
        if let Some(slot) = table.get_mut(usize::from(major)) {
            *slot = Some(routine);
        }
    }
    let (mut name, mut link) = (text(&DEVICE_NAME), text(&LINK_NAME));
    let mut sddl = if driver.admin_only { text(&ADMINISTRATORS) } else { text(&EVERYBODY) };
    let mut attributes = NDIS_DEVICE_OBJECT_ATTRIBUTES {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, DEVICE_OBJECT_ATTRIBUTES),
        DeviceName: &raw mut name,
        SymbolicName: &raw mut link,
        MajorFunctions: table.as_mut_ptr(),
        ExtensionSize: 0,
        DefaultSDDLString: &raw mut sddl,
        DeviceClassGuid: ptr::null(),
    };
    let (mut device, mut handle) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: at PASSIVE_LEVEL; the strings and the table are read before it returns; memory for both results.
    let status = unsafe {
        NdisRegisterDeviceEx(driver.filter(), &raw mut attributes, &raw mut device, &raw mut handle)
    };
    driver.set_device(handle);
    if let Some(device) = ptr::NonNull::new(device).filter(|_| NT_SUCCESS(status)) {
        // SAFETY: a new device of ours; reads and writes come with locked pages.
        unsafe { (*device.as_ptr()).Flags |= DO_DIRECT_IO };
        // SAFETY: as above; from here on programs may open it.
        unsafe { (*device.as_ptr()).Flags &= !DO_DEVICE_INITIALIZING };
    }
    status
}
