//! What ndis.sys exports.

/// The state of this half of the machine.
#[derive(Default)]
pub(crate) struct Ndis {
    version: u32,
}

impl Ndis {
    pub(crate) fn new(version: u32) -> Self {
        Self { version }
    }
}

pub(crate) fn tables() -> [&'static [crate::exports::Export]; 0] {
    []
}
pub(crate) fn driver_is_gone() {}
