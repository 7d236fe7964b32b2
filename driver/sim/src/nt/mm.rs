//! Memory descriptor lists, and the pages of programs.
//!
//! ```text
//!   program's address (no access for the kernel)      pages (a memory file)
//!   0x7f..000 ────────────────────────────────────▶  ┌──────────┐
//!   system address, while the MDL is mapped ───────▶  │          │  ◀──── how the program itself reads and writes
//!                                                     └──────────┘
//! ```
//!
//! Each mapping is a new range of addresses, which is gone when the pages are unlocked: use after that is an access to
//! nothing. Mapping may fail at any call (rule B4).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ntdef::{
    APC_LEVEL, BOOLEAN, DISPATCH_LEVEL, KPROCESSOR_MODE, KernelMode, LARGE_INTEGER, PVOID, UNICODE_STRING,
};
use snapgate_ffi::wdm::{
    ADDRESS_AND_SIZE_TO_SPAN_PAGES, IRP, MDL, MDL_MAPPED_TO_SYSTEM_VA, MDL_PAGES_LOCKED,
    MDL_SOURCE_IS_NONPAGED_POOL, PAGE_SIZE,
};

use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::pool;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// Pages of a program.
#[derive(Debug)]
pub(crate) struct Pages {
    file: libc::c_int,
    bytes: usize,
    /// Where the program has them: no access.
    user: usize,
    /// Where the simulator reaches them for the program.
    own: usize,
}

/// What is behind an MDL.
#[derive(Clone, Debug)]
struct Locked {
    pages: Rc<Pages>,
    /// Offset of the first byte in the pages.
    offset: usize,
    /// The mapping for the kernel: address and length.
    mapping: Option<(usize, usize)>,
}

/// The MDLs of locked pages, by their address, and all pages.
#[derive(Debug, Default)]
pub(crate) struct Mm {
    locked: RefCell<BTreeMap<usize, Locked>>,
    users: RefCell<BTreeMap<usize, usize>>,
}

impl Mm {
    pub(crate) fn is_user_address(&self, address: usize) -> bool {
        self.users
            .borrow()
            .range(..=address)
            .next_back()
            .is_some_and(|(start, bytes)| address < start.saturating_add(*bytes))
    }
}

fn map(bytes: usize, protection: libc::c_int, file: libc::c_int, offset: usize) -> usize {
    let flags = if file < 0 {
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE
    } else {
        libc::MAP_SHARED
    };
    let offset = libc::off_t::try_from(offset).unwrap_or_default();
    // SAFETY: a new mapping, anywhere.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, file, offset) };
    if address == libc::MAP_FAILED { 0 } else { address.expose_provenance() }
}

fn unmap(address: usize, bytes: usize) {
    // SAFETY: a mapping of this module.
    unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(address), bytes) };
}

impl Pages {
    /// Pages for so many bytes, zeroed.
    pub(crate) fn new(bytes: usize) -> Rc<Self> {
        let bytes = bytes.max(1).next_multiple_of(PAGE_SIZE);
        // SAFETY: the name is a C string.
        let file = unsafe { libc::memfd_create(c"pages".as_ptr(), 0) };
        // SAFETY: a file of our own.
        unsafe { libc::ftruncate(file, libc::off_t::try_from(bytes).unwrap_or_default()) };
        let user = map(bytes, libc::PROT_NONE, -1, 0);
        let own = map(bytes, libc::PROT_READ | libc::PROT_WRITE, file, 0);
        assert!(file >= 0 && user != 0 && own != 0, "no memory for the pages of a program");
        machine().nt.mm.users.borrow_mut().insert(user, bytes);
        Rc::new(Self { file, bytes, user, own })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The program's own view.
    pub(crate) fn own(&self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.own)
    }

    pub(crate) fn user_address(&self) -> usize {
        self.user
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        unmap(self.own, self.bytes);
        unmap(self.user, self.bytes);
        // SAFETY: a file of our own.
        unsafe { libc::close(self.file) };
        if crate::machine::exists() {
            machine().nt.mm.users.borrow_mut().remove(&self.user);
        }
    }
}

/// An MDL, not of locked pages yet.
pub(crate) fn new_mdl(address: usize, length: u32, what: &'static str, drivers: bool) -> *mut MDL {
    let pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, length as usize);
    let bytes = size_of::<MDL>().saturating_add(pages.saturating_mul(8));
    let block =
        if drivers { pool::allocate_for_driver(what, 0, bytes) } else { pool::allocate(what, 0, bytes) };
    let mdl: *mut MDL = block.cast();
    let offset = address % PAGE_SIZE;
    // SAFETY: a new block, large enough for an MDL and the numbers of its pages.
    unsafe {
        mdl.write(MDL {
            Next: std::ptr::null_mut(),
            Size: i16::try_from(bytes).unwrap_or(i16::MAX),
            MdlFlags: 0,
            Process: std::ptr::null_mut(),
            MappedSystemVa: std::ptr::null_mut(),
            StartVa: std::ptr::without_provenance_mut(address.saturating_sub(offset)),
            ByteCount: length,
            ByteOffset: u32::try_from(offset).unwrap_or_default(),
        });
    }
    mdl
}

/// Locks pages of a program for a request, as the I/O manager does.
pub(crate) fn lock(pages: &Rc<Pages>, offset: usize, length: u32) -> *mut MDL {
    let mdl = new_mdl(pages.user.saturating_add(offset), length, "MDL of a request", false);
    // SAFETY: just made.
    unsafe { (*mdl).MdlFlags |= MDL_PAGES_LOCKED };
    let locked = Locked { pages: Rc::clone(pages), offset, mapping: None };
    machine().nt.mm.locked.borrow_mut().insert(mdl.addr(), locked);
    mdl
}

/// Unlocks the pages again, and frees the MDL.
pub(crate) fn unlock(mdl: *mut MDL) {
    let locked = machine().nt.mm.locked.borrow_mut().remove(&mdl.addr());
    if let Some(Locked { mapping: Some((address, bytes)), .. }) = locked {
        unmap(address, bytes);
    }
    pool::free("MDL of a request", mdl.cast());
}

exports! { "ntoskrnl.exe";
    fn MmGetSystemRoutineAddress(name: *mut UNICODE_STRING) -> PVOID {
        irql_at_most(0, Rule::I1, "MmGetSystemRoutineAddress");
        let name = crate::nt::driver::text(name);
        if !machine().options.new_routines {
            return std::ptr::null_mut();
        }
        crate::exports::lookup("ntoskrnl.exe", &name).map_or(std::ptr::null_mut(), |address| address.cast_mut().cast())
    }

    fn MmMapLockedPagesSpecifyCache(
        mdl: *mut MDL, mode: KPROCESSOR_MODE, _cache: u32, _address: PVOID, _bug_check: u32, _priority: u32,
    ) -> PVOID {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "MmMapLockedPagesSpecifyCache");
        point("MmMapLockedPagesSpecifyCache");
        if mode != KernelMode {
            violate(Rule::Argument, "MmMapLockedPagesSpecifyCache for a program raises exceptions, which nobody here can catch");
        }
        // SAFETY: the caller gives an MDL.
        let (flags, length) = unsafe { ((*mdl).MdlFlags, (*mdl).ByteCount as usize) };
        if flags & MDL_MAPPED_TO_SYSTEM_VA != 0 {
            violate(Rule::Argument, "MmMapLockedPagesSpecifyCache: the MDL is mapped already");
        }
        if fault::fails(Fault::Mapping) {
            return std::ptr::null_mut();
        }
        let mut all = machine().nt.mm.locked.borrow_mut();
        let Some(locked) = all.get_mut(&mdl.addr()) else {
            drop(all);
            violate(Rule::I4, "MmMapLockedPagesSpecifyCache: the pages are not locked");
        };
        let first = locked.offset / PAGE_SIZE * PAGE_SIZE;
        let inside = locked.offset - first;
        let bytes = inside.saturating_add(length).max(1).next_multiple_of(PAGE_SIZE);
        let address = map(bytes, libc::PROT_READ | libc::PROT_WRITE, locked.pages.file, first);
        if address == 0 {
            return std::ptr::null_mut();
        }
        locked.mapping = Some((address, bytes));
        let system: PVOID = std::ptr::with_exposed_provenance_mut(address.saturating_add(inside));
        // SAFETY: the caller's MDL, which nobody else changes.
        unsafe {
            (*mdl).MappedSystemVa = system;
            (*mdl).MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
        }
        system
    }

    fn MmUnmapLockedPages(address: PVOID, mdl: *mut MDL) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "MmUnmapLockedPages");
        // SAFETY: the caller gives an MDL.
        let (flags, mapped) = unsafe { ((*mdl).MdlFlags, (*mdl).MappedSystemVa) };
        if flags & MDL_MAPPED_TO_SYSTEM_VA == 0 || mapped != address {
            violate(Rule::Argument, "MmUnmapLockedPages: the MDL is not mapped there");
        }
        // SAFETY: as above.
        unsafe { (*mdl).MdlFlags &= !MDL_MAPPED_TO_SYSTEM_VA };
        let mut all = machine().nt.mm.locked.borrow_mut();
        if let Some((start, bytes)) = all.get_mut(&mdl.addr()).and_then(|locked| locked.mapping.take()) {
            unmap(start, bytes);
        }
    }

    fn MmAllocatePagesForMdlEx(
        _low: LARGE_INTEGER, _high: LARGE_INTEGER, _skip: LARGE_INTEGER, bytes: usize, _cache: u32, _flags: u32,
    ) -> *mut MDL {
        irql_at_most(APC_LEVEL, Rule::I2, "MmAllocatePagesForMdlEx");
        if fault::fails(Fault::Pool) {
            return std::ptr::null_mut();
        }
        let pages = Pages::new(bytes);
        let mdl = new_mdl(0, u32::try_from(bytes).unwrap_or(u32::MAX), pool::POOL, true);
        // SAFETY: just made.
        unsafe { (*mdl).MdlFlags |= MDL_PAGES_LOCKED };
        machine().nt.mm.locked.borrow_mut().insert(mdl.addr(), Locked { pages, offset: 0, mapping: None });
        mdl
    }

    fn MmFreePagesFromMdl(mdl: *mut MDL) {
        irql_at_most(APC_LEVEL, Rule::I2, "MmFreePagesFromMdl");
        match machine().nt.mm.locked.borrow_mut().remove(&mdl.addr()) {
            Some(Locked { mapping: None, .. }) => {}
            Some(_) => violate(Rule::Argument, "MmFreePagesFromMdl: the pages are mapped"),
            None => violate(Rule::Argument, "MmFreePagesFromMdl: not pages of this kind"),
        }
    }

    fn MmBuildMdlForNonPagedPool(mdl: *mut MDL) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "MmBuildMdlForNonPagedPool");
        // SAFETY: the caller gives an MDL of its own.
        unsafe {
            (*mdl).MappedSystemVa = (*mdl).StartVa.wrapping_byte_add((*mdl).ByteOffset as usize);
            (*mdl).MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
        }
    }

    fn IoAllocateMdl(address: PVOID, length: u32, _secondary: BOOLEAN, _charge: BOOLEAN, irp: *mut IRP) -> *mut MDL {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoAllocateMdl");
        if !irp.is_null() {
            violate(Rule::Argument, "IoAllocateMdl: no request takes an MDL here");
        }
        if fault::fails(Fault::Mdl) {
            return std::ptr::null_mut();
        }
        new_mdl(address.addr(), length, "MDL", true)
    }

    fn IoFreeMdl(mdl: *mut MDL) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "IoFreeMdl");
        pool::free("MDL", mdl.cast());
    }
}
