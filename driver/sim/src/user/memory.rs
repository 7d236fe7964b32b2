//! Memory of a program.

use std::rc::Rc;

use crate::nt::mm::Pages;

/// Pages of a program; clones are the same memory.
#[derive(Clone, Debug)]
pub struct Memory {
    pages: Rc<Pages>,
}

impl Memory {
    /// Zeroed memory of at least so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { pages: Pages::new(bytes) }
    }

    pub(super) fn pages(&self) -> &Rc<Pages> {
        &self.pages
    }

    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pages.bytes()
    }

    /// The address that the program knows, and that the kernel must not use.
    #[must_use]
    pub fn address(&self) -> usize {
        self.pages.user_address()
    }

    /// Where this process can read and write the memory, as the program does.
    #[must_use]
    pub fn as_ptr(&self) -> *mut u8 {
        self.pages.own()
    }

    /// A copy of some bytes; what is beyond the end is missing.
    #[must_use]
    pub fn read(&self, offset: usize, bytes: usize) -> Vec<u8> {
        let start = offset.min(self.bytes());
        let count = bytes.min(self.bytes() - start);
        // SAFETY: inside of the pages; the kernel's side runs on this OS thread, so not now.
        unsafe { std::slice::from_raw_parts(self.as_ptr().add(start), count) }.to_vec()
    }

    /// Writes bytes; what is beyond the end is dropped.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        let start = offset.min(self.bytes());
        let count = bytes.len().min(self.bytes() - start);
        // SAFETY: inside of the pages; the kernel's side runs on this OS thread, so not now.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.as_ptr().add(start), count) };
    }
}
