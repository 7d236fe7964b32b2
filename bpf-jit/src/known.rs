//! What is known beside the packet, in the form that emitted code reads.
//!
//! ```text
//! there: one bit for each value   │ value 0 │ value 1 │ ...      all words of 32 bits
//! ```

use bpf_core::{Ancillary, Metadata, MetadataSource};

const VALUES: usize = Ancillary::ALL.len();

/// Which values are there, and the values.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Known {
    there: u32,
    values: [u32; VALUES],
}

impl Known {
    /// Where the bits are.
    pub(crate) const THERE_OFFSET: i32 = 0;

    /// Where a value is.
    pub(crate) const fn value_offset(index: u8) -> i32 {
        4 + 4 * index as i32
    }

    /// Nothing.
    pub(crate) fn nothing() -> Self {
        Self { there: 0, values: [0; VALUES] }
    }

    /// As it lies in memory.
    #[cfg(test)]
    pub(crate) fn words(&self) -> impl Iterator<Item = u32> + use<> {
        std::iter::once(self.there).chain(self.values)
    }

    /// What this metadata knows.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let mut known = Self::nothing();
        for (index, (which, place)) in Ancillary::ALL.into_iter().zip(&mut known.values).enumerate() {
            if let Some(value) = metadata.value(which) {
                *place = value;
                known.there |= 1 << index;
            }
        }
        known
    }
}

const _: () = {
    assert!(core::mem::offset_of!(Known, there) == Known::THERE_OFFSET as usize);
    assert!(core::mem::offset_of!(Known, values) == Known::value_offset(0) as usize);
    assert!(VALUES <= 32, "a bit for each");
};

/// The number of a value; `None` for the operation A ^ X, which is none.
pub(crate) fn index(which: Ancillary) -> Option<u8> {
    if which == Ancillary::AluXorX {
        return None;
    }
    let index = Ancillary::ALL.iter().position(|&other| other == which)?;
    u8::try_from(index).ok()
}
