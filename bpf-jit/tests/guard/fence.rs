//! Memory between two pages that cannot be touched.

use std::ptr;
use std::slice;

const PAGE: usize = 4096;
const PAGES: usize = 4;

/// Readable pages with a page before and a page behind them that are not.
pub(crate) struct Fenced {
    start: *mut u8,
}

impl Fenced {
    pub(crate) fn new() -> Self {
        let len = (PAGES + 2) * PAGE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: mmap(2): a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED);
        // SAFETY: the second page is within the mapping made above, which has PAGES + 2 pages.
        let readable = unsafe { start.add(PAGE) };
        // SAFETY: mprotect(2): the range is within the mapping made above, and nothing refers to it yet.
        let done = unsafe { libc::mprotect(readable, PAGES * PAGE, libc::PROT_READ | libc::PROT_WRITE) };
        assert_eq!(done, 0);
        let mut fenced = Self { start: readable.cast() };
        for (at, byte) in fenced.bytes().iter_mut().enumerate() {
            *byte = u8::try_from(at * 31 % 251).unwrap();
        }
        fenced
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: (1) PAGES pages from `start` are mapped, readable, writable, and zeroed by the system at first; (2) they are not
        // unmapped before the process ends; (3) only this value refers to them, and it is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.start, PAGES * PAGE) }
    }

    /// The last bytes before the fence.
    pub(crate) fn last(&self, len: usize) -> &[u8] {
        assert!(len <= PAGES * PAGE);
        // SAFETY: `len` is at most the size of the readable pages, so the sum stays within them or at their end.
        let from = unsafe { self.start.add(PAGES * PAGE - len) };
        // SAFETY: (1) `len` bytes from there are mapped and initialized, see `bytes`; (2) `self` is borrowed, so nobody writes.
        unsafe { slice::from_raw_parts(from, len) }
    }

    /// The first bytes behind the fence.
    pub(crate) fn first(&self, len: usize) -> &[u8] {
        assert!(len <= PAGES * PAGE);
        // SAFETY: (1) `len` bytes from there are mapped and initialized, see `bytes`; (2) `self` is borrowed, so nobody writes.
        unsafe { slice::from_raw_parts(self.start, len) }
    }
}
