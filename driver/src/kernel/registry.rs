//! A number of the driver's parameters.

use core::ptr;

use snapgate_ffi::ntdef::{NT_SUCCESS, UNICODE_STRING};
use snapgate_ffi::wdm::{OBJECT_ATTRIBUTES, ZwClose, ZwOpenKey, ZwQueryValueKey};

/// `KEY_READ`.
const KEY_READ: u32 = 0x2_0019;
/// `OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE`.
const ATTRIBUTES: u32 = 0x240;
/// `KeyValuePartialInformation`: title, type, length, data.
const PARTIAL: u32 = 2;
/// `REG_DWORD`.
const DWORD: u32 = 4;

/// The number of this name directly under the driver's key; `None` if there is none.
///
/// # Safety
///
/// `path` points to the path of a key; the IRQL is PASSIVE_LEVEL.
pub(crate) unsafe fn number(path: *mut UNICODE_STRING, name: &'static [u16]) -> Option<u32> {
    let mut attributes = OBJECT_ATTRIBUTES {
        Length: u32::try_from(size_of::<OBJECT_ATTRIBUTES>()).ok()?,
        RootDirectory: ptr::null_mut(),
        ObjectName: path,
        Attributes: ATTRIBUTES,
        SecurityDescriptor: ptr::null_mut(),
        SecurityQualityOfService: ptr::null_mut(),
    };
    let mut key = ptr::null_mut();
    // SAFETY: at PASSIVE_LEVEL, with a path; memory for the handle.
    let status = unsafe { ZwOpenKey(&raw mut key, KEY_READ, &raw mut attributes) };
    if !NT_SUCCESS(status) {
        return None;
    }
    let mut name = UNICODE_STRING::from_words(name)?;
    // Title, type, length, value.
    let mut information = [0_u32; 4];
    let mut needed = 0;
    // SAFETY: an open key, a string, and memory for 16 bytes.
    let status = unsafe {
        ZwQueryValueKey(key, &raw mut name, PARTIAL, information.as_mut_ptr().cast(), 16, &raw mut needed)
    };
    // SAFETY: opened above.
    unsafe { ZwClose(key) };
    let [_title, kind, length, value] = information;
    (NT_SUCCESS(status) && kind == DWORD && length == 4).then_some(value)
}
