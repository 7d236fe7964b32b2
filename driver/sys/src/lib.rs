//! `snapgate.sys`: what Windows needs around the driver's logic, and nothing else.
//!
//! ```text
//!   DriverEntry ─▶ snapgate_driver::driver_entry      imports: ntoskrnl.exe, ndis.sys, hal.dll
//!   panic       ─▶ KeBugCheckEx                       cannot be reached: `driver/sys/audit` looks for its text
//! ```

#![no_std]
#![cfg(windows)]

use core::panic::PanicInfo;

use snapgate_ffi::ntdef::{NTSTATUS, UNICODE_STRING};
use snapgate_ffi::wdm::{DRIVER_OBJECT, KeBugCheckEx};

/// The code of a stop that a panic would cause: outside of those that Windows uses.
const BUG_CHECK: u32 = 0xe534_4e50;

/// Where Windows begins.
///
/// # Safety
///
/// Called once by the system, at PASSIVE_LEVEL, with the driver's object and the path of its key.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DriverEntry(object: *mut DRIVER_OBJECT, path: *mut UNICODE_STRING) -> NTSTATUS {
    // SAFETY: the same contract.
    unsafe { snapgate_driver::driver_entry(object, path) }
}

/// Stops the system.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let line = info.location().map_or(0, |location| location.line() as usize);
    // SAFETY: any level; it does not return.
    unsafe { KeBugCheckEx(BUG_CHECK, line, 0, 0, 0) }
}

/// The linker asks for it when it sees a floating-point register; no code here uses one.
#[cfg(not(feature = "wdk"))]
#[unsafe(no_mangle)]
pub static _fltused: i32 = 0;
