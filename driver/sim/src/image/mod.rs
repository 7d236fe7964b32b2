//! What a driver is loaded from: functions linked into this program, or a file of the kind that Windows loads.

pub mod pe;

use std::rc::Rc;

use snapgate_ffi::wdm::DRIVER_INITIALIZE;

/// A driver.
#[derive(Clone, Debug)]
pub enum Image {
    /// Linked into this program.
    Linked(DRIVER_INITIALIZE),
    /// Mapped from its file.
    Mapped(Rc<pe::Mapped>),
}

impl Image {
    /// The driver in a file.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub fn from_file(path: &std::path::Path) -> Result<Self, pe::Error> {
        Ok(Self::Mapped(Rc::new(pe::Mapped::load(path)?)))
    }

    /// Its entry.
    #[must_use]
    pub fn entry(&self) -> DRIVER_INITIALIZE {
        match self {
            Self::Linked(entry) => *entry,
            Self::Mapped(mapped) => {
                let entry = std::ptr::with_exposed_provenance::<()>(mapped.entry());
                // SAFETY: the entry of a loaded driver, in code that was checked to be inside of its image; such entries have
                // this signature. The image lives as long as whoever asked for the entry keeps it.
                unsafe { std::mem::transmute::<*const (), DRIVER_INITIALIZE>(entry) }
            }
        }
    }
}
