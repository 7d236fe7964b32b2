//! The basic types of Windows, and the status codes that a filter driver uses.
//!
//! Layouts are those of x64: pointers have 8 bytes, `long` has 4.

use core::ffi::c_void;

/// What every call answers: the upper two bits are the severity.
pub type NTSTATUS = i32;
/// A handle of the object manager.
pub type HANDLE = *mut c_void;
/// Any address.
pub type PVOID = *mut c_void;
/// One byte: 0 is false, everything else is true.
pub type BOOLEAN = u8;
/// An interrupt request level: see [`PASSIVE_LEVEL`] and its neighbours.
pub type KIRQL = u8;
/// The lock word of a spin lock.
pub type KSPIN_LOCK = usize;
/// What may be done through a handle.
pub type ACCESS_MASK = u32;
/// [`KernelMode`] or [`UserMode`].
pub type KPROCESSOR_MODE = i8;
/// 64 bits, signed; times count units of 100 ns.
pub type LARGE_INTEGER = i64;

/// Threads; pageable memory may be touched.
pub const PASSIVE_LEVEL: KIRQL = 0;
/// Asynchronous procedure calls.
pub const APC_LEVEL: KIRQL = 1;
/// Spin locks are held, deferred procedure calls run: no waiting, no pageable memory.
pub const DISPATCH_LEVEL: KIRQL = 2;

/// The caller is the kernel.
pub const KernelMode: KPROCESSOR_MODE = 0;
/// The caller is a program.
pub const UserMode: KPROCESSOR_MODE = 1;

/// A counted string of UTF-16 words; lengths are in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct UNICODE_STRING {
    pub Length: u16,
    pub MaximumLength: u16,
    pub Buffer: *mut u16,
}

impl UNICODE_STRING {
    /// The string of no words.
    pub const EMPTY: Self = Self { Length: 0, MaximumLength: 0, Buffer: core::ptr::null_mut() };

    /// Describes `words`, which need no zero at the end; `None` if they are more than a length can count.
    #[must_use]
    pub const fn from_words(words: &'static [u16]) -> Option<Self> {
        match words.len().checked_mul(2) {
            Some(bytes) if bytes <= 0xfffe => {
                #[expect(clippy::cast_possible_truncation, reason = "at most 0xfffe")]
                let bytes = bytes as u16;
                Some(Self { Length: bytes, MaximumLength: bytes, Buffer: words.as_ptr().cast_mut() })
            }
            _ => None,
        }
    }
}

/// A doubly linked list, circular through its head.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct LIST_ENTRY {
    pub Flink: *mut LIST_ENTRY,
    pub Blink: *mut LIST_ENTRY,
}

/// The head of an interlocked list; opaque.
#[repr(C, align(16))]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct SLIST_HEADER {
    pub Alignment: u64,
    pub Region: u64,
}

/// A globally unique identifier.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct GUID {
    pub Data1: u32,
    pub Data2: u16,
    pub Data3: u16,
    pub Data4: [u8; 8],
}

layouts! {
    UNICODE_STRING: size 16, align 8 { Length = 0, MaximumLength = 2, Buffer = 8 }
    LIST_ENTRY: size 16, align 8 { Flink = 0, Blink = 8 }
    SLIST_HEADER: size 16, align 16 { Alignment = 0, Region = 8 }
    GUID: size 16, align 4 { Data1 = 0, Data2 = 4, Data3 = 6, Data4 = 8 }
}

/// Whether a status is a success or an informational one.
#[must_use]
#[inline]
pub const fn NT_SUCCESS(status: NTSTATUS) -> bool {
    status >= 0
}

macro_rules! statuses {
    ($($(#[$meta:meta])* $name:ident = $value:literal,)*) => {
        $($(#[$meta])* pub const $name: NTSTATUS = u32::cast_signed($value);)*
        /// Name and value of every status here, for comparison with tables of other origin.
        pub const STATUSES: &[(&str, u32)] = &[$((stringify!($name), $value)),*];
    };
}

statuses! {
    /// Done.
    STATUS_SUCCESS = 0,
    /// A wait ended because its time was over.
    STATUS_TIMEOUT = 0x102,
    /// Will be completed later.
    STATUS_PENDING = 0x103,
    /// The output is not whole; more is there.
    STATUS_BUFFER_OVERFLOW = 0x8000_0005,
    /// No reason known.
    STATUS_UNSUCCESSFUL = 0xC000_0001,
    /// This device does not do that, in any state.
    STATUS_INVALID_DEVICE_REQUEST = 0xC000_0010,
    /// The system cannot do that.
    STATUS_NOT_IMPLEMENTED = 0xC000_0002,
    /// A length is not the one that belongs to the request.
    STATUS_INFO_LENGTH_MISMATCH = 0xC000_0004,
    /// A handle that is none, or of another kind.
    STATUS_INVALID_HANDLE = 0xC000_0008,
    /// An argument makes no sense.
    STATUS_INVALID_PARAMETER = 0xC000_000D,
    /// Completion goes on later.
    STATUS_MORE_PROCESSING_REQUIRED = 0xC000_0016,
    /// The caller may not.
    STATUS_ACCESS_DENIED = 0xC000_0022,
    /// The output buffer cannot hold the answer.
    STATUS_BUFFER_TOO_SMALL = 0xC000_0023,
    /// There is no such name.
    STATUS_OBJECT_NAME_NOT_FOUND = 0xC000_0034,
    /// There already is one.
    STATUS_OBJECT_NAME_COLLISION = 0xC000_0035,
    /// There already is one, and it is used. Informational: `NT_SUCCESS` holds.
    STATUS_OBJECT_NAME_EXISTS = 0x4000_0000,
    /// No memory.
    STATUS_INSUFFICIENT_RESOURCES = 0xC000_009A,
    /// Not in this state of the device.
    STATUS_DEVICE_NOT_READY = 0xC000_00A3,
    /// Not supported.
    STATUS_NOT_SUPPORTED = 0xC000_00BB,
    /// Cancelled.
    STATUS_CANCELLED = 0xC000_0120,
    /// Not in this state of the handle.
    STATUS_INVALID_DEVICE_STATE = 0xC000_0184,
    /// The size of a buffer is wrong.
    STATUS_INVALID_BUFFER_SIZE = 0xC000_0206,
    /// The version asked for is not spoken here.
    STATUS_REVISION_MISMATCH = 0xC000_0059,
    /// The adapter is gone.
    STATUS_DEVICE_REMOVED = 0xC000_02B6,
    /// The adapter could not be opened.
    STATUS_NDIS_OPEN_FAILED = 0xC023_0007,
    /// There is no such adapter.
    STATUS_NDIS_INTERFACE_NOT_FOUND = 0xC023_002B,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_and_warnings_are_no_success() {
        assert!(NT_SUCCESS(STATUS_SUCCESS));
        assert!(NT_SUCCESS(STATUS_PENDING));
        assert!(NT_SUCCESS(STATUS_OBJECT_NAME_EXISTS));
        assert!(!NT_SUCCESS(STATUS_BUFFER_OVERFLOW));
        assert!(!NT_SUCCESS(STATUS_DEVICE_REMOVED));
    }

    #[test]
    fn strings_count_bytes_and_refuse_what_a_length_cannot_count() {
        static WORDS: [u16; 0x8000] = [0x41; 0x8000];
        let name = UNICODE_STRING::from_words(&WORDS[..3]).unwrap();
        assert_eq!((name.Length, name.MaximumLength), (6, 6));
        assert_eq!(UNICODE_STRING::from_words(&WORDS[..0x7fff]).unwrap().Length, 0xfffe);
        assert!(UNICODE_STRING::from_words(&WORDS).is_none());
        assert_eq!(UNICODE_STRING::EMPTY.Length, 0);
    }
}
