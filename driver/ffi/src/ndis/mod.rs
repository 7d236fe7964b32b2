//! NDIS 6: packets, filter modules, requests, status, pools and locks.
//!
//! Offsets and constants: compiled from the public WDK 26100 headers for x64; `tests/ndis-facts.txt` has them once more, as
//! text, and `tests/facts.rs` compares.

mod device;
mod filter;
mod functions;
mod info;
mod lock;
mod nb;
mod nbl;
mod oid;
mod pool;
mod status;
mod version;

pub use device::*;
pub use filter::*;
pub use functions::*;
pub use info::*;
pub use lock::*;
pub use nb::*;
pub use nbl::*;
pub use oid::*;
pub use pool::*;
pub use status::*;
pub use version::*;

use crate::StructLayout;
use core::ffi::c_void;

/// A handle that NDIS gave, or that it is given.
pub type NDIS_HANDLE = *mut c_void;
/// A port of a miniport.
pub type NDIS_PORT_NUMBER = u32;
/// The only port that most miniports have.
pub const NDIS_DEFAULT_PORT_NUMBER: NDIS_PORT_NUMBER = 0;

/// What begins most structures: what it is, how new, how long.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_OBJECT_HEADER {
    pub Type: u8,
    pub Revision: u8,
    pub Size: u16,
}

impl NDIS_OBJECT_HEADER {
    /// A header.
    #[must_use]
    pub const fn new(kind: u8, revision: Revision) -> Self {
        Self { Type: kind, Revision: revision.number, Size: revision.size }
    }
}

layouts! {
    NDIS_OBJECT_HEADER: size 4, align 2 { Type = 0, Revision = 1, Size = 2 }
}

/// The layouts asserted in each part.
pub const PARTS: [&[StructLayout]; 9] = [
    LAYOUTS,
    device::LAYOUTS,
    filter::LAYOUTS,
    lock::LAYOUTS,
    nb::LAYOUTS,
    nbl::LAYOUTS,
    oid::LAYOUTS,
    pool::LAYOUTS,
    status::LAYOUTS,
];

/// The constants of each part.
pub const CONSTANTS: [&[(&str, u64)]; 9] = [
    DATA_PATH_FLAGS,
    FILTER_CONSTANTS,
    INFO_SLOTS,
    NBL_FLAGS,
    OBJECT_TYPES,
    OIDS,
    PNP_EVENTS,
    STATUS_CODES,
    crate::wdm::MDL_FLAGS,
];
