//! The Windows Driver Model: memory descriptor lists, requests, devices, and the synchronization of the kernel.
//!
//! Offsets: compiled from the public WDK 26100 headers for x64; `tests/mingw.rs` compares all of them with the headers of
//! mingw-w64, which are of another origin.

mod functions;
mod irp;
mod mdl;
mod object;
mod sync;

pub use functions::*;
pub use irp::*;
pub use mdl::*;
pub use object::*;
pub use sync::*;

/// The layouts asserted in each part, those of [`crate::ntdef`] first.
pub const LAYOUTS: [&[crate::StructLayout]; 5] =
    [crate::ntdef::LAYOUTS, irp::LAYOUTS, mdl::LAYOUTS, object::LAYOUTS, sync::LAYOUTS];
