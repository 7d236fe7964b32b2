//! Memory with machine code in it, and the calls into it: all unsafe code of this crate.
//!
//! ```text
//! map anonymous (read, write) ─▶ copy the code ─▶ read, execute ─▶ call, call, ... ─▶ unmap
//! ```
//!
//! Invariants:
//! - No page can be written and executed at the same time (`tests/memory.rs` looks at the maps).
//! - A [`Code`] holds the output of [`crate::machine::emit`] for a verified program and nothing else: its constructor is called in
//!   one place, [`crate::filter`].

use std::ptr;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

use crate::error::{JitError, JitErrorKind};
use crate::known::Known;

/// The emitted function: [`crate::lower::signature`].
type Entry = unsafe extern "C" fn(bytes: *const u8, len: usize, wire_len: u32, known: *const Known) -> u32;

/// Executable code; unmapped when the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Beside the map, so that a call has one load fewer to wait for.
    entry: Entry,
    map: Arc<Mmap>,
}

impl Code {
    /// Code from its bytes, which are the output of [`crate::machine::emit`] for a verified program.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, JitError> {
        let failed = |error: std::io::Error| JitError::new(JitErrorKind::Memory, error);
        let mut writable = MmapMut::map_anon(bytes.len().max(1)).map_err(failed)?;
        if let Some(place) = writable.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        let map = writable.make_exec().map_err(failed)?;
        flush(&map)?;
        // SAFETY: transmute: (1) both are pointers of one size, and the address is not null: it is that of a mapping; (2) a
        // function of this type begins there: the mapping holds code that was made for `lower::signature` in the C convention of
        // this machine, and it is executable. Whoever calls it sees to it that it is mapped still: `Code::call`.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(map.as_ptr()) };
        Ok(Self { entry, map: Arc::new(map) })
    }

    /// How many bytes are mapped for it.
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// The verdict of the program. `known` may be `None` only if the program asks for nothing beside the packet.
    #[inline]
    pub(crate) fn call(&self, packet: &[u8], wire_len: u32, known: Option<&Known>) -> u32 {
        let known = known.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: what the emitted code requires of its caller: (1) it is mapped and executable: `self.map` lives; (2) `bytes` points
        // to `len` readable bytes that nobody writes meanwhile: a shared slice; (3) `known` points to a `Known`, or the code does not
        // read it: the contract of this method, which its callers in `crate::filter` keep. It reads nothing else
        // (`crate::lower`, "Loads stay in the packet"), writes nothing but its own stack frame, calls nothing and does not unwind.
        unsafe { (self.entry)(packet.as_ptr(), packet.len(), wire_len, known) }
    }
}

/// Makes what was written visible to the instruction fetch of all processors, where they do not see to it themselves.
#[cfg(target_arch = "aarch64")]
fn flush(map: &Mmap) -> Result<(), JitError> {
    use wasmtime_internal_jit_icache_coherence::{clear_cache, pipeline_flush_mt};
    let failed = |error: std::io::Error| JitError::new(JitErrorKind::Memory, error);
    // SAFETY: the range is a mapping that is alive: clear_cache only tells the caches of it.
    unsafe { clear_cache(map.as_ptr().cast(), map.len()) }.map_err(failed)?;
    pipeline_flush_mt().map_err(failed)
}

/// Nothing to do: on x86-64 the caches are coherent, and the jump into new code serializes.
#[cfg(not(target_arch = "aarch64"))]
fn flush(_map: &Mmap) -> Result<(), JitError> {
    Ok(())
}

/// Asks for the start of a packet to be brought near.
#[inline]
pub(crate) fn prefetch(packet: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: (1) the instruction is part of every x86-64 processor; (2) it is a hint that cannot fault, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(packet.as_ptr().cast()) };
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: (1) the instruction is part of every aarch64 processor; (2) it is a hint that cannot fault, whatever the address; (3)
    // it changes no register, flag or memory.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) packet.as_ptr(), options(nostack, readonly, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = packet;
}
