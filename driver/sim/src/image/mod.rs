//! What a driver is loaded from: functions linked into this program, or a file of the kind that Windows loads.

use snapgate_ffi::wdm::DRIVER_INITIALIZE;

/// A driver.
#[derive(Clone, Copy, Debug)]
pub enum Image {
    /// Linked into this program.
    Linked(DRIVER_INITIALIZE),
}

impl Image {
    /// Its entry.
    #[must_use]
    pub fn entry(&self) -> DRIVER_INITIALIZE {
        match self {
            Self::Linked(entry) => *entry,
        }
    }
}
