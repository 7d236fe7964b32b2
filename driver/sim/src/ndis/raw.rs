//! Memory that the simulator shares with drivers: structures of NDIS, read and written field by field.
//!
//! Whatever a driver gives may be wrong. An address where nothing is becomes a broken rule by the handler of faults, so
//! these functions are called with drivers' pointers as they are; what can be checked before is checked before.

use std::ptr;

/// The value at an address.
pub(crate) fn get<T>(at: *const T) -> T {
    // SAFETY: memory of the simulator that lives as long as its record, or of a driver by the contract of the function that
    // it called; a breach faults, and ends the thread. All values read so are plain data.
    unsafe { ptr::read_volatile(at) }
}

/// Sets the value at an address.
pub(crate) fn set<T>(at: *mut T, value: T) {
    // SAFETY: as in `get`; nobody has a reference to it, because drivers are suspended or further up on this stack.
    unsafe { ptr::write_volatile(at, value) };
}

/// The bytes at an address.
pub(crate) fn bytes(at: *const u8, length: usize) -> Vec<u8> {
    if length == 0 {
        return Vec::new();
    }
    let mut copy = vec![0; length];
    // SAFETY: as in `get`, for each of so many bytes; the copy is new memory.
    unsafe { ptr::copy_nonoverlapping(at, copy.as_mut_ptr(), length) };
    copy
}

/// Writes bytes to an address.
pub(crate) fn write(at: *mut u8, bytes: &[u8]) {
    // SAFETY: as in `set`, for each byte; the source is memory of the simulator's own.
    unsafe { ptr::copy(bytes.as_ptr(), at, bytes.len()) };
}

/// Fills memory with one byte.
pub(crate) fn fill(at: *mut u8, byte: u8, length: usize) {
    // SAFETY: as in `set`, for each byte.
    unsafe { at.write_bytes(byte, length) };
}

/// The text of a counted string; empty if there is none.
pub(crate) fn string(at: *const snapgate_ffi::ntdef::UNICODE_STRING) -> String {
    crate::nt::driver::text(at)
}

/// Reads and writes of single fields, by functions named after them.
macro_rules! fields {
    ($module:ident: $struct:ty { $($field:ident $set:ident: $type:ty,)* }) => {
        /// The fields, each read by its name and written by `set_` and its name.
        #[allow(dead_code, non_snake_case, reason = "the names are C's; all of a structure are made")]
        pub(crate) mod $module {
            #[allow(unused_imports, reason = "for the types of the fields")]
            use super::*;
            $(
                pub(crate) fn $field(of: *const $struct) -> $type {
                    $crate::ndis::raw::get(of.wrapping_byte_add(std::mem::offset_of!($struct, $field)).cast())
                }
                pub(crate) fn $set(of: *mut $struct, value: $type) {
                    $crate::ndis::raw::set(of.wrapping_byte_add(std::mem::offset_of!($struct, $field)).cast(), value);
                }
            )*
        }
    };
}
pub(crate) use fields;
