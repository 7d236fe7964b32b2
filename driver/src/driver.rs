//! What the driver as a whole owns.

use core::cell::UnsafeCell;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{Acquire, Release};

use snapgate_ffi::ndis::{NDIS_HANDLE, NdisVersion};
use snapgate_ffi::ntdef::PVOID;
use snapgate_ffi::wdm::{DEVICE_OBJECT, DRIVER_OBJECT, IoGetDriverObjectExtension};

use crate::handle::Handle;
use crate::kernel::clock::Clocks;
use crate::kernel::list::List;
use crate::kernel::mutex::{Mutex, MutexGuard};
use crate::module::Module;

/// Which version this is: major, minor, patch.
pub(crate) const VERSION: u32 = 0x00_01_00;

/// The driver: in the driver object's extension from its entry to its unload.
pub(crate) struct Driver {
    /// What it registered with.
    pub(crate) version: NdisVersion,
    pub(crate) clocks: Clocks,
    /// Whether only administrators may open the device.
    pub(crate) admin_only: bool,
    pub(crate) config: Mutex<Config>,
    filter: AtomicPtr<core::ffi::c_void>,
    device: AtomicPtr<core::ffi::c_void>,
}

/// What changes under the driver's mutex.
pub(crate) struct Config {
    pub(crate) modules: List<Module>,
    pub(crate) handles: List<Handle>,
}

/// By whose address the extension is found.
static CLIENT: u8 = 0;

/// The address by which the extension is found.
pub(crate) fn client() -> PVOID {
    (&raw const CLIENT).cast_mut().cast()
}

impl Driver {
    pub(crate) const fn new(version: NdisVersion, clocks: Clocks, admin_only: bool) -> Self {
        let config = Config { modules: List::new(), handles: List::new() };
        Self {
            version,
            clocks,
            admin_only,
            config: Mutex::new(config),
            filter: AtomicPtr::new(core::ptr::null_mut()),
            device: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// NDIS' handle of the filter driver.
    pub(crate) fn filter(&self) -> NDIS_HANDLE {
        self.filter.load(Acquire)
    }

    pub(crate) fn set_filter(&self, handle: NDIS_HANDLE) {
        self.filter.store(handle, Release);
    }

    /// NDIS' handle of the control device.
    pub(crate) fn device(&self) -> NDIS_HANDLE {
        self.device.load(Acquire)
    }

    pub(crate) fn set_device(&self, handle: NDIS_HANDLE) {
        self.device.store(handle, Release);
    }
}

/// The driver, from anything that it owns: it outlives them all.
#[derive(Clone, Copy)]
pub(crate) struct DriverRef(NonNull<Driver>);

// SAFETY: the driver is shared between threads by design; see its fields.
unsafe impl Send for DriverRef {}
// SAFETY: as above.
unsafe impl Sync for DriverRef {}

impl DriverRef {
    /// # Safety
    ///
    /// The driver stays where it is until everything that gets the reference is gone.
    pub(crate) unsafe fn new(driver: NonNull<Driver>) -> Self {
        Self(driver)
    }

    /// The driver of a driver object; `None` before its entry and after its unload.
    ///
    /// # Safety
    ///
    /// A driver object whose entry is this crate's.
    pub(crate) unsafe fn of(object: *mut DRIVER_OBJECT) -> Option<Self> {
        // SAFETY: a driver object, by the contract.
        let extension = unsafe { IoGetDriverObjectExtension(object, client()) };
        NonNull::new(extension.cast()).map(Self)
    }

    /// The driver of its device.
    ///
    /// # Safety
    ///
    /// A device of this driver.
    pub(crate) unsafe fn of_device(device: *mut DEVICE_OBJECT) -> Option<Self> {
        // SAFETY: a device, by the contract.
        let object = unsafe { (*device).DriverObject };
        // SAFETY: its driver.
        unsafe { Self::of(object) }
    }

    /// NDIS' context of the filter driver.
    pub(crate) fn into_context(self) -> NDIS_HANDLE {
        self.0.as_ptr().cast()
    }

    /// # Safety
    ///
    /// `context` came from [`DriverRef::into_context`].
    pub(crate) unsafe fn from_context(context: NDIS_HANDLE) -> Option<Self> {
        NonNull::new(context.cast()).map(Self)
    }
}

impl Deref for DriverRef {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        // SAFETY: by the contract of `new`.
        unsafe { self.0.as_ref() }
    }
}

/// Proof that the driver's mutex is held.
pub(crate) type ConfigGuard<'a> = MutexGuard<'a, Config>;

/// A value that is reached under the driver's mutex only.
pub(crate) struct ConfigCell<T>(UnsafeCell<T>);

// SAFETY: one thread at a time holds the mutex.
unsafe impl<T: Send> Sync for ConfigCell<T> {}

impl<T> ConfigCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Reads or changes it. `_config` is the guard of the driver that the value belongs to: a machine has one.
    ///
    /// The closure must not reach the same value again; all that this crate does inside is plain assignments.
    pub(crate) fn with<R>(&self, _config: &ConfigGuard<'_>, body: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the mutex is held, so no other thread is here; this one is here once.
        body(unsafe { &mut *self.0.get() })
    }
}
