//! Memory with machine code in it, and the calls into it: all unsafe code of this crate.
//!
//! ```text
//! map anonymous (read, write) ─▶ copy the code ─▶ read, execute ─▶ call, call, ... ─▶ unmap
//! ```
//!
//! Invariants:
//! - No page can be written and executed at the same time (`tests/memory.rs` looks at the maps).
//! - [`Code`], [`CountingCode`] and [`BatchCode`] hold the output of [`crate::machine::emit`] for a verified program and nothing else: their constructors are
//!   called in [`crate::filter`], [`crate::bitmap`] and [`crate::counting`] only, with what was emitted for them.

use std::ptr;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

use crate::error::{JitError, JitErrorKind};
use crate::filter::BatchPacket;
use crate::known::Known;
use crate::lower::Layout;

/// The emitted functions: `crate::lower::form`.
type Single = unsafe extern "C" fn(bytes: *const u8, len: usize, wire_len: u32, known: *const Known) -> u32;
type Counting = unsafe extern "C" fn(bytes: *const u8, len: usize, wire_len: u32, known: *const Known) -> u64;
type Bitmap = unsafe extern "C" fn(first: *const BatchPacket<'_>, end: *const BatchPacket<'_>) -> u64;

/// Bytes of code in memory of their own, which can be executed and not written.
fn map(bytes: &[u8]) -> Result<Mmap, JitError> {
    let failed = |error: std::io::Error| JitError::new(JitErrorKind::Memory, error);
    let mut writable = MmapMut::map_anon(bytes.len().max(1)).map_err(failed)?;
    if let Some(place) = writable.get_mut(..bytes.len()) {
        place.copy_from_slice(bytes);
    }
    let map = writable.make_exec().map_err(failed)?;
    flush(&map)?;
    Ok(map)
}

/// Code for one packet; unmapped when the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Beside the map, so that a call has one load fewer to wait for.
    entry: Single,
    map: Arc<Mmap>,
}

impl Code {
    /// Code from its bytes, which are the output of [`crate::machine::emit`] for a verified program, as [`crate::lower::Form::Single`].
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, JitError> {
        let map = map(bytes)?;
        // SAFETY: transmute: (1) both are pointers of one size, and the address is not null: it is that of a mapping; (2) a
        // function of this type begins there: the bytes are code that was made for this type in the C convention of this machine,
        // and can be executed. Whoever calls it sees to it that it is mapped still: `Code::call`.
        let entry = unsafe { std::mem::transmute::<*const u8, Single>(map.as_ptr()) };
        Ok(Self { entry, map: Arc::new(map) })
    }

    /// It can be read, too.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// How many bytes are mapped for it.
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// The verdict of the program. `known` may be `None` only if the program asks for nothing beside the packet.
    #[inline]
    pub(crate) fn call(&self, packet: &[u8], wire_len: u32, known: Option<&Known>) -> u32 {
        let known = known.map_or(ptr::null(), ptr::from_ref);
        // It reads nothing but what it is given (`crate::lower`, "Loads stay in the packet"), writes nothing but its own stack frame,
        // calls nothing and does not unwind.
        // SAFETY: what the emitted code requires of its caller: (1) it is mapped and executable: `self.map` lives; (2) `bytes` points
        // to `len` readable bytes that nobody writes meanwhile: a shared slice; (3) `known` points to a `Known`, or the code does not
        // read it: the contract of this method, which its callers in `crate::filter` keep.
        unsafe { (self.entry)(packet.as_ptr(), packet.len(), wire_len, known) }
    }
}

/// Code for one packet that counts; unmapped when dropped.
#[derive(Debug)]
pub(crate) struct CountingCode {
    entry: Counting,
    _map: Mmap,
}

impl CountingCode {
    /// Code from its bytes, which are the output of [`crate::machine::emit`] for a verified program, as [`crate::lower::Form::Counted`].
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, JitError> {
        let map = map(bytes)?;
        // SAFETY: as in `Code::new`, for the other type; `self` holds the map.
        let entry = unsafe { std::mem::transmute::<*const u8, Counting>(map.as_ptr()) };
        Ok(Self { entry, _map: map })
    }

    /// The steps of the program, and below them its verdict.
    pub(crate) fn call(&self, packet: &[u8], wire_len: u32, known: &Known) -> u64 {
        // SAFETY: as in `Code::call`: (1) the map lives as long as `self`; (2) a shared slice; (3) `known` is a reference. What else is
        // said there holds for this form too: `crate::lower` makes it of the same parts.
        unsafe { (self.entry)(packet.as_ptr(), packet.len(), wire_len, known) }
    }
}

/// Code for a batch; unmapped when dropped.
#[derive(Debug)]
pub(crate) struct BatchCode {
    entry: Bitmap,
    _map: Mmap,
}

impl BatchCode {
    /// Code from its bytes, which are the output of [`crate::machine::emit`] for a verified program that asks for nothing beside the
    /// packet, as [`crate::lower::Form::Bitmap`] of [`layout`].
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, JitError> {
        let map = map(bytes)?;
        // SAFETY: as in `Code::new`, for the other type; `self` holds the map.
        let entry = unsafe { std::mem::transmute::<*const u8, Bitmap>(map.as_ptr()) };
        Ok(Self { entry, _map: map })
    }

    /// Bit `n` is 1 if packet `n` is accepted. Only the first 64 packets are looked at.
    #[inline]
    pub(crate) fn call(&self, packets: &[BatchPacket<'_>]) -> u64 {
        let packets = packets.get(..64).unwrap_or(packets);
        if packets.is_empty() {
            return 0;
        }
        let range = packets.as_ptr_range();
        // It reads nothing but what it is given, writes nothing but its own stack frame, calls nothing and does not unwind. From
        // `first` to `end` there are packets, at least one and at most 64; their bytes are slices that outlive the borrow of `packets`.
        // SAFETY: what the emitted code requires of its caller: (1) it is mapped and executable: the map lives as long as `self`; (2)
        // packets and bytes are readable, and nobody writes to them meanwhile: shared slices; (3) the parts of a packet lie where
        // `layout` says, which is what the code was made for.
        unsafe { (self.entry)(range.start, range.end) }
    }
}

/// Where the parts of a packet lie in a batch. The language does not say in which order a reference to a slice has its address and its
/// length, so one is looked at; all are alike.
pub(crate) fn layout() -> Option<Layout> {
    const LEN: usize = 3;
    let slice: &[u8] = &[0; LEN];
    // SAFETY: a reference to a slice has the size of two words, and all its bytes are initialized: an address and a length.
    let words = unsafe { std::mem::transmute::<&[u8], [usize; 2]>(slice) };
    let word = size_of::<usize>();
    let (bytes, len) = match words {
        [address, LEN] if address == slice.as_ptr().addr() => (0, word),
        [LEN, address] if address == slice.as_ptr().addr() => (word, 0),
        _ => return None,
    };
    let slice = std::mem::offset_of!(BatchPacket<'_>, bytes);
    let offset = |at: usize| u16::try_from(at).ok();
    Some(Layout {
        stride: offset(size_of::<BatchPacket<'_>>())?,
        bytes: offset(slice.checked_add(bytes)?)?,
        len: offset(slice.checked_add(len)?)?,
        wire_len: offset(std::mem::offset_of!(BatchPacket<'_>, wire_len))?,
    })
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
