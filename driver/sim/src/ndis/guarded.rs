//! Bytes of packets with a page behind them that is not there: whoever reads on finds the end.
//!
//! ```text
//!   [ page ... filler | data ][ no page ]      given back: no page at all, for a while
//! ```
//!
//! Unlike blocks of the pools these end exactly with their data, at any alignment.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::{memory, raw};

const PAGE: usize = 4096;
/// Mappings that stay without access after they are given back.
const QUARANTINE: usize = 256;

/// One mapping.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    start: usize,
    total: usize,
    data: usize,
    length: usize,
}

impl Mapping {
    fn has(&self, address: usize) -> bool {
        address.checked_sub(self.start).is_some_and(|offset| offset < self.total)
    }

    fn unmap(&self) {
        // SAFETY: a mapping of this module, which nobody uses any more.
        unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(self.start), self.total) };
    }
}

/// What an address is, that was accessed and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// So many bytes behind the start of data of this length.
    Behind { offset: usize, length: usize },
    /// In data that was given back.
    GivenBack,
}

/// All mappings of a machine.
#[derive(Default)]
pub(crate) struct Guarded {
    live: RefCell<BTreeMap<usize, Mapping>>,
    given_back: RefCell<VecDeque<Mapping>>,
}

impl Guarded {
    /// New memory with these bytes; null if there is none.
    pub(crate) fn new_block(&self, data: &[u8]) -> *mut u8 {
        let used = data.len().max(1).next_multiple_of(PAGE);
        let total = used + PAGE;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, anywhere.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), total, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return std::ptr::null_mut();
        }
        // SAFETY: the last page of the mapping.
        unsafe { libc::mprotect(start.wrapping_byte_add(used), PAGE, libc::PROT_NONE) };
        let start: *mut u8 = start.cast();
        raw::fill(start, memory::FILLER, used);
        let at = start.wrapping_add(used - data.len());
        raw::write(at, data);
        let mapping =
            Mapping { start: start.expose_provenance(), total, data: at.addr(), length: data.len() };
        self.live.borrow_mut().insert(at.addr(), mapping);
        at
    }

    /// Gives a block back.
    pub(crate) fn free(&self, block: *mut u8) {
        let Some(mapping) = self.live.borrow_mut().remove(&block.addr()) else { return };
        // SAFETY: a mapping of this module, which nobody may use any more.
        unsafe {
            libc::mprotect(
                std::ptr::with_exposed_provenance_mut(mapping.start),
                mapping.total,
                libc::PROT_NONE,
            )
        };
        let mut given_back = self.given_back.borrow_mut();
        given_back.push_back(mapping);
        if given_back.len() > QUARANTINE
            && let Some(oldest) = given_back.pop_front()
        {
            oldest.unmap();
        }
    }

    /// What an address is; `None` if it is none of these, or the question comes at a bad time.
    pub(crate) fn place(&self, address: usize) -> Option<Place> {
        let live = self.live.try_borrow().ok()?;
        let mapping = live.range(..=address).next_back().map(|(_, mapping)| *mapping);
        if let Some(mapping) = mapping.filter(|mapping| mapping.has(address)) {
            return Some(Place::Behind { offset: address - mapping.data, length: mapping.length });
        }
        let given_back = self.given_back.try_borrow().ok()?;
        given_back.iter().any(|mapping| mapping.has(address)).then_some(Place::GivenBack)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        for mapping in self.live.take().into_values().chain(self.given_back.take()) {
            mapping.unmap();
        }
    }
}
