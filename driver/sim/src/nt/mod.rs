//! What ntoskrnl.exe and hal.dll export.

pub(crate) mod driver;
pub(crate) mod fault_handler;
mod hal;
pub(crate) mod io;
mod ke;
pub(crate) mod mm;
pub(crate) mod ob;
pub(crate) mod pool;
pub(crate) mod ps;
mod registry;
mod security;

pub use security::User;
pub(crate) use security::{READ, WRITE};

use crate::exports::Export;

/// The state of this half of the machine.
#[derive(Default)]
pub(crate) struct Nt {
    pub(crate) driver: driver::Drivers,
    pub(crate) io: io::Io,
    pub(crate) mm: mm::Mm,
    pub(crate) ob: ob::Objects,
    pub(crate) registry: registry::Registry,
}

pub(crate) fn tables() -> [&'static [Export]; 11] {
    [
        pool::EXPORTS,
        ke::EXPORTS,
        hal::EXPORTS,
        mm::EXPORTS,
        io::EXPORTS,
        io::device::EXPORTS,
        io::extension::EXPORTS,
        ob::EXPORTS,
        ob::VARIABLES,
        ps::EXPORTS,
        registry::EXPORTS,
    ]
}
