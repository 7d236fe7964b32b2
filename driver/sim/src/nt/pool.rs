//! Pool memory, watched.
//!
//! ```text
//!   Patterns:  [ canary ][ block: 0xCD until written ][ canary ]      freed: 0xDD, kept until the machine ends
//!   Pages:     [ ... 0xCD | block ][ no page ]                        freed: no page
//! ```
//!
//! Invariants: a block is freed once, by the tag it was allocated with; no timer is set and no lock is held in it then;
//! nothing is written around it, or in it after; a driver that is unloaded has none left.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::collections::BTreeMap;

use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};
use snapgate_ffi::wdm::{NonPagedPool, NonPagedPoolNx};

use crate::fault::{self, Fault};
use crate::machine::{Guard, machine, violate};
use crate::sched::{self, irql_at_most, point};
use crate::verify::Rule;

const FRESH: u8 = 0xcd;
const FREED: u8 = 0xdd;
const CANARY: u8 = 0xfa;
const PAGE: usize = 4096;
/// Freed blocks that are kept, to find late writes: bytes.
const QUARANTINE_BYTES: usize = 4 << 20;

/// A block of memory.
#[derive(Clone, Copy, Debug)]
struct Block {
    what: &'static str,
    tag: u32,
    bytes: usize,
    /// Allocated by a driver: it must free it.
    drivers: bool,
    /// The whole, with its guards.
    start: usize,
    total: usize,
    paged: bool,
}

/// The memory of one machine.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    live: RefCell<BTreeMap<usize, Block>>,
    freed: RefCell<BTreeMap<usize, Block>>,
    freed_bytes: RefCell<usize>,
}

impl Pools {
    /// Gives all memory back, without a look at it.
    pub(crate) fn release(&self) {
        for block in self.live.take().into_values().chain(self.freed.take().into_values()) {
            give_back(block);
        }
    }

    /// What a driver has not freed: for messages.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let live = self.live.borrow();
        let blocks = live.iter().filter(|(_, block)| block.drivers);
        blocks
            .map(|(address, block)| {
                format!("{} bytes {} tag {:?} at {address:#x}", block.bytes, block.what, tag(block.tag))
            })
            .collect()
    }

    /// Freed memory that was written to, if any.
    pub(crate) fn late_write(&self) -> Option<String> {
        let freed = self.freed.borrow();
        freed.iter().filter(|(_, block)| !block.paged).find_map(|(address, block)| {
            let written = changed(*address, block.bytes, FREED)?;
            Some(format!(
                "byte {written} of {} bytes of {} was written after they were freed",
                block.bytes, block.what
            ))
        })
    }

    /// What is known of an address: for messages.
    pub(crate) fn describe(&self, address: usize) -> Option<String> {
        for (blocks, state) in [(&self.live, "allocated"), (&self.freed, "freed")] {
            let blocks = blocks.borrow();
            let near = blocks.range(..=address).next_back();
            if let Some((start, block)) =
                near.filter(|(_, block)| address < block.start.saturating_add(block.total))
            {
                let offset = address.saturating_sub(*start);
                return Some(format!("offset {offset} of {} {state} bytes of {}", block.bytes, block.what));
            }
        }
        None
    }
}

fn tag(tag: u32) -> String {
    tag.to_le_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// The first byte that is not the pattern.
fn changed(address: usize, bytes: usize, pattern: u8) -> Option<usize> {
    let start = std::ptr::with_exposed_provenance::<u8>(address);
    // SAFETY: memory of a block that has not been given back.
    let bytes = unsafe { std::slice::from_raw_parts(start, bytes) };
    bytes.iter().position(|byte| *byte != pattern)
}

fn fill(address: usize, bytes: usize, pattern: u8) {
    let start = std::ptr::with_exposed_provenance_mut::<u8>(address);
    // SAFETY: memory of a block that has not been given back.
    unsafe { start.write_bytes(pattern, bytes) };
}

fn align(bytes: usize) -> usize {
    // As Windows: blocks of a page or more begin at a page.
    if bytes >= PAGE { PAGE } else { 16 }
}

fn layout(total: usize, align: usize) -> Layout {
    Layout::from_size_align(total, align).unwrap_or(Layout::new::<u64>())
}

fn give_back(block: Block) {
    let start = std::ptr::with_exposed_provenance_mut::<u8>(block.start);
    if block.paged {
        // SAFETY: the mapping that `take` made.
        unsafe { libc::munmap(start.cast(), block.total) };
    } else {
        // SAFETY: allocated by `take` with this layout.
        unsafe { dealloc(start, layout(block.total, align(block.bytes))) };
    }
}

fn take(what: &'static str, tag: u32, bytes: usize, drivers: bool) -> *mut u8 {
    let (start, address, total, paged) = match machine().options.guard {
        Guard::Patterns => {
            let edge = align(bytes);
            let total = bytes.saturating_add(edge).saturating_add(32);
            // SAFETY: not of no size.
            let start = unsafe { alloc(layout(total, edge)) };
            if start.is_null() {
                return start;
            }
            let start = start.expose_provenance();
            fill(start, total, CANARY);
            (start, start.saturating_add(edge), total, false)
        }
        Guard::Pages => {
            let used = bytes.max(1).next_multiple_of(16).next_multiple_of(PAGE);
            let total = used.saturating_add(PAGE);
            // SAFETY: a new mapping, anywhere.
            let start = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    total,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                )
            };
            if start == libc::MAP_FAILED {
                return std::ptr::null_mut();
            }
            let start = start.expose_provenance();
            fill(start, used, CANARY);
            let last = std::ptr::with_exposed_provenance_mut::<libc::c_void>(start.saturating_add(used));
            // SAFETY: the last page of the mapping.
            unsafe { libc::mprotect(last, PAGE, libc::PROT_NONE) };
            let room = if bytes >= PAGE { used } else { bytes.next_multiple_of(16) };
            (start, start.saturating_add(used).saturating_sub(room), total, true)
        }
    };
    fill(address, bytes, FRESH);
    machine()
        .pools
        .live
        .borrow_mut()
        .insert(address, Block { what, tag, bytes, drivers, start, total, paged });
    std::ptr::with_exposed_provenance_mut(address)
}

fn around_is_whole(address: usize, block: &Block) -> Option<String> {
    let before = address.saturating_sub(block.start).min(4096);
    if let Some(at) = changed(address.saturating_sub(before), before, CANARY) {
        return Some(format!(
            "{} bytes before {} bytes of {} were written",
            before.saturating_sub(at),
            block.bytes,
            block.what
        ));
    }
    let end = address.saturating_add(block.bytes);
    let behind = if block.paged { end.next_multiple_of(16).saturating_sub(end) } else { 32 };
    let at = changed(end, behind, CANARY)?;
    Some(format!("byte {at} behind {} bytes of {} was written", block.bytes, block.what))
}

/// Memory of the simulator's own, watched like the driver's.
pub(crate) fn allocate(what: &'static str, tag: u32, bytes: usize) -> *mut u8 {
    take(what, tag, bytes, false)
}

/// Memory that a driver has to give back.
pub(crate) fn allocate_for_driver(what: &'static str, tag: u32, bytes: usize) -> *mut u8 {
    take(what, tag, bytes, true)
}

/// Gives a block back. Whatever is wrong with that is a violation.
pub(crate) fn free(what: &'static str, pointer: *mut u8) {
    let address = pointer.addr();
    let pools = &machine().pools;
    let block = pools.live.borrow_mut().remove(&address);
    let Some(block) = block else {
        let known = pools.describe(address).unwrap_or_else(|| "no block".to_owned());
        violate(Rule::Pool, format!("{address:#x} was freed as {what}, but is {known}"));
    };
    if block.what != what {
        violate(Rule::Pool, format!("{} bytes of {} were freed as {what}", block.bytes, block.what));
    }
    if let Some(damage) = around_is_whole(address, &block) {
        violate(Rule::Pool, damage);
    }
    let end = address.saturating_add(block.bytes);
    if sched::any_timer_between(address, end) {
        violate(
            Rule::Pool,
            format!("{} bytes of {} were freed with a timer in them that is set", block.bytes, block.what),
        );
    }
    if sched::is_spin_lock_held(address, end) {
        violate(
            Rule::Pool,
            format!("{} bytes of {} were freed with a lock in them that is held", block.bytes, block.what),
        );
    }
    if sched::any_dpc_between(address, end) {
        violate(
            Rule::Pool,
            format!("{} bytes of {} were freed with a DPC in them that is queued", block.bytes, block.what),
        );
    }
    if block.paged {
        let start = std::ptr::with_exposed_provenance_mut::<libc::c_void>(block.start);
        // SAFETY: the mapping of this block, which nobody may use any more.
        unsafe { libc::mprotect(start, block.total, libc::PROT_NONE) };
    } else {
        fill(address, block.bytes, FREED);
    }
    let mut freed_bytes = pools.freed_bytes.borrow_mut();
    *freed_bytes = freed_bytes.saturating_add(block.total);
    pools.freed.borrow_mut().insert(address, block);
    while *freed_bytes > QUARANTINE_BYTES {
        let Some((oldest, block)) = pools.freed.borrow_mut().pop_first() else { break };
        *freed_bytes = freed_bytes.saturating_sub(block.total);
        let written = if block.paged { None } else { changed(oldest, block.bytes, FREED) };
        give_back(block);
        if let Some(at) = written {
            drop(freed_bytes);
            violate(
                Rule::Pool,
                format!(
                    "byte {at} of {} bytes of {} was written after they were freed",
                    block.bytes, block.what
                ),
            );
        }
    }
}

/// What `ExAllocatePoolWithTag` gives, in messages.
pub(crate) const POOL: &str = "pool memory";

fn allocate_pool(function: &'static str, tag: u32, bytes: usize, zeroed: bool) -> PVOID {
    irql_at_most(DISPATCH_LEVEL, Rule::I2, function);
    point(function);
    if tag == 0 {
        violate(Rule::Argument, format!("{function}: a tag of 0"));
    }
    // A machine of this size has no more.
    if bytes > 1 << 31 || fault::fails(Fault::Pool) {
        return std::ptr::null_mut();
    }
    let block = allocate_for_driver(POOL, tag, bytes);
    if zeroed && !block.is_null() {
        // SAFETY: a new block of so many bytes.
        unsafe { block.write_bytes(0, bytes) };
    }
    block.cast()
}

exports! { "ntoskrnl.exe";
    fn ExAllocatePoolWithTag(pool_type: u32, bytes: usize, tag: u32) -> PVOID {
        if pool_type != NonPagedPool && pool_type != NonPagedPoolNx {
            violate(Rule::I4, format!("ExAllocatePoolWithTag: pool type {pool_type}: this driver has no pageable memory"));
        }
        allocate_pool("ExAllocatePoolWithTag", tag, bytes, false)
    }

    fn ExAllocatePool2(_flags: u64, bytes: usize, tag: u32) -> PVOID {
        allocate_pool("ExAllocatePool2", tag, bytes, true)
    }

    fn ExFreePoolWithTag(block: PVOID, tag: u32) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "ExFreePoolWithTag");
        if block.is_null() {
            violate(Rule::Pool, "ExFreePoolWithTag: null");
        }
        let known = machine().pools.live.borrow().get(&block.addr()).map(|block| block.tag);
        if let Some(known) = known && tag != 0 && known != tag {
            violate(Rule::Pool, format!("ExFreePoolWithTag: the tag is {known:#x}, not {tag:#x}"));
        }
        free(POOL, block.cast());
    }
}
