//! Memory with machine code in it, and the calls into it: all unsafe code of this crate.
//!
//! ```text
//! map anonymous (read, write) ─▶ copy the code ─▶ read, execute ─▶ call, call, ... ─▶ unmap
//! ```
//!
//! On Linux the code lies near this crate's own code, if there is room: a call from one end of the address space to the other takes
//! longer on processors that were measured (`docs/performance.md`), and each packet is a call.
//!
//! Invariants:
//! - No page can be written and executed at the same time (`tests/memory.rs` looks at the maps).
//! - [`Code`], [`CountingCode`] and [`BatchCode`] hold the output of [`crate::machine::emit`] for a verified program and nothing else: their constructors are
//!   called in [`crate::filter`], [`crate::bitmap`] and [`crate::counting`] only, with what was emitted for them.

use std::ptr;
use std::sync::Arc;

#[cfg(not(target_os = "linux"))]
use anywhere::Pages;
#[cfg(target_os = "linux")]
use near::Pages;

use crate::error::{JitError, JitErrorKind};
use crate::filter::BatchPacket;
use crate::known::Known;
use crate::lower::Layout;

/// The emitted functions: `crate::lower::form`.
type Single = unsafe extern "C" fn(bytes: *const u8, len: usize, wire_len: u32, known: *const Known) -> u32;
type Counting = unsafe extern "C" fn(bytes: *const u8, len: usize, wire_len: u32, known: *const Known) -> u64;
type Bitmap = unsafe extern "C" fn(first: *const BatchPacket<'_>, end: *const BatchPacket<'_>) -> u64;

/// Bytes of code in memory of their own, which can be executed and not written.
fn map(bytes: &[u8]) -> Result<Pages, JitError> {
    let map = Pages::new(bytes).map_err(|error| JitError::new(JitErrorKind::Memory, error))?;
    flush(&map)?;
    Ok(map)
}

/// Code for one packet; unmapped when the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Beside the map, so that a call has one load fewer to wait for.
    entry: Single,
    map: Arc<Pages>,
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
    _map: Pages,
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
    _map: Pages,
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
fn flush(map: &[u8]) -> Result<(), JitError> {
    use wasmtime_internal_jit_icache_coherence::{clear_cache, pipeline_flush_mt};
    let failed = |error: std::io::Error| JitError::new(JitErrorKind::Memory, error);
    // SAFETY: the range is a mapping that is alive: clear_cache only tells the caches of it.
    unsafe { clear_cache(map.as_ptr().cast(), map.len()) }.map_err(failed)?;
    pipeline_flush_mt().map_err(failed)
}

/// Nothing to do: on x86-64 the caches are coherent, and the jump into new code serializes.
#[cfg(not(target_arch = "aarch64"))]
fn flush(_map: &[u8]) -> Result<(), JitError> {
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

/// Pages where the system likes them, on all systems but Linux; there, tests look at them.
#[cfg(any(not(target_os = "linux"), test))]
mod anywhere {
    use std::io;
    use std::ops::Deref;

    use memmap2::{Mmap, MmapMut};

    /// A mapping that nobody writes, unmapped when dropped.
    #[derive(Debug)]
    pub(super) struct Pages(Mmap);

    impl Pages {
        /// Pages that hold these bytes, to be read and executed.
        pub(super) fn new(bytes: &[u8]) -> io::Result<Self> {
            let mut writable = MmapMut::map_anon(bytes.len().max(1))?;
            if let Some(place) = writable.get_mut(..bytes.len()) {
                place.copy_from_slice(bytes);
            }
            writable.make_exec().map(Self)
        }
    }

    impl Deref for Pages {
        type Target = [u8];

        fn deref(&self) -> &[u8] {
            &self.0
        }
    }
}

/// Pages near the code of this crate.
#[cfg(target_os = "linux")]
mod near {
    use std::ffi::c_void;
    use std::io;
    use std::ops::Deref;
    use std::ptr::{self, NonNull};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    /// So far from this crate's code begins the window in which addresses are asked for, out of the way of what grows there.
    const DISTANCE: usize = 256 << 20;
    /// So long is the window. Behind its end it begins again.
    const WINDOW: usize = 1 << 30;
    /// A multiple of all page sizes of the processor, so that no two wishes are for one page. No larger than that: maps side by side
    /// are one for the kernel, which allows some 65,000.
    const PAGE: usize = if cfg!(target_arch = "x86_64") { 1 << 12 } else { 1 << 16 };

    /// A mapping that nobody writes, unmapped when dropped.
    #[derive(Debug)]
    pub(super) struct Pages {
        start: NonNull<u8>,
        len: usize,
    }

    // SAFETY: of `Send` and `Sync`: the mapping is this value's alone, it is not written as long as the value is there, and no thread
    // is special to it.
    unsafe impl Send for Pages {}
    // SAFETY: as above.
    unsafe impl Sync for Pages {}

    impl Pages {
        /// Pages that hold these bytes, to be read and executed.
        pub(super) fn new(bytes: &[u8]) -> io::Result<Self> {
            let len = bytes.len().max(1);
            let (read_write, private) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
            // SAFETY: `mmap` without MAP_FIXED changes no mapping that is there: the address is a wish.
            let start = unsafe { mmap_anonymous(wish(len), len, read_write, private) }?;
            let start = NonNull::new(start.cast::<u8>()).ok_or(io::ErrorKind::OutOfMemory)?;
            let pages = Self { start, len };
            // SAFETY: (1) `bytes` are readable, the new mapping writable for so many bytes, at least; (2) they do not overlap: the
            // mapping is new. Bytes have no alignment.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start.as_ptr(), bytes.len()) };
            // SAFETY: the mapping is ours alone, and nothing refers to it yet.
            unsafe { mprotect(start.as_ptr().cast(), len, MprotectFlags::READ | MprotectFlags::EXEC) }?;
            Ok(pages)
        }
    }

    /// An address for so many bytes, not far from this function, and another one every time.
    fn wish(len: usize) -> *mut c_void {
        static TAKEN: AtomicUsize = AtomicUsize::new(0);
        let len = len.next_multiple_of(PAGE);
        let offset = TAKEN.fetch_add(len, Ordering::Relaxed) % WINDOW;
        let here = wish as fn(usize) -> *mut c_void as usize & !(PAGE - 1);
        // Below are no programs and no heaps, as a rule; a program at the bottom of the address space has them all above.
        let base = here.checked_sub(DISTANCE + WINDOW).unwrap_or(here.saturating_add(DISTANCE));
        ptr::without_provenance_mut(base.saturating_add(offset))
    }

    impl Deref for Pages {
        type Target = [u8];

        fn deref(&self) -> &[u8] {
            // SAFETY: so many bytes are mapped there, readable and initialized (anonymous memory is zero), until this value is dropped;
            // nobody writes them.
            unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: the mapping is this value's alone, and references to it do not outlive the value; who calls code in it holds the
            // value meanwhile (`Code::call`).
            let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.len) };
            debug_assert!(unmapped.is_ok(), "{unmapped:?}");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
