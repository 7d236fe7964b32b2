//! The memory of a ring, and the ring in it.

use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use snapgate_abi::shared;
use snapgate_ring::{Consumer, GRAIN, Header, Memory, PREFIX, Published, Ring, Shared, map_words};

use crate::kernel::NoMemory;
use crate::kernel::pool::{KBytes, KSlice};

// Programs know both from the interface.
const _: () = assert!(GRAIN == shared::GRAIN && PREFIX as usize == shared::PREFIX_BYTES);

/// Where the data is.
enum Place {
    /// In memory of the driver's, which readers copy from.
    Pool { _bytes: KBytes },
    /// In memory that a program lent, by a request that is pending for as long.
    Lent { page: NonNull<u8>, published: Published },
}

/// A ring with its memory.
pub(crate) struct Store {
    // Before the memory that it points into: fields are dropped in order.
    ring: Ring<'static>,
    place: Place,
    _map: KSlice<u64>,
}

// SAFETY: rings are made for many threads; the addresses are of memory that lives as long as the store.
unsafe impl Send for Store {}
// SAFETY: as above.
unsafe impl Sync for Store {}

/// The words of a map, as the ring uses them.
///
/// # Safety
///
/// The slice lives as long as whatever gets the words, and nobody uses it otherwise.
unsafe fn words(map: &KSlice<u64>) -> &'static [AtomicU64] {
    // SAFETY: the same layout; for as long as the slice lives, by the contract; all access is atomic.
    unsafe { core::slice::from_raw_parts(map.raw().as_ptr().cast::<AtomicU64>(), map.len()) }
}

impl Store {
    /// A ring of at most so many bytes, rounded down to grains, in memory of the driver's.
    pub(crate) fn try_in_pool(bytes: u32) -> Result<Self, NoMemory> {
        let grains = map_words(bytes as usize);
        let map = KSlice::try_filled(0_u64, grains)?;
        let bytes = KBytes::try_zeroed(grains.saturating_mul(GRAIN as usize))?;
        // SAFETY: the memory is the store's, lives as long as it, and is aligned to 16.
        let memory = unsafe { Memory::new(bytes.start(), bytes.len()) };
        // SAFETY: as the memory.
        let ring = Ring::new(memory, unsafe { words(&map) });
        Ok(Self { ring, place: Place::Pool { _bytes: bytes }, _map: map })
    }

    /// A ring in memory that a program lent: a page of words, then the data.
    ///
    /// # Safety
    ///
    /// `bytes` bytes at `page` stay valid until the store is gone.
    pub(crate) unsafe fn try_in_lent(page: NonNull<u8>, bytes: usize) -> Result<Self, NoMemory> {
        let data = bytes.saturating_sub(shared::HEADER_BYTES).min(u32::MAX as usize);
        let grains = map_words(data);
        let map = KSlice::try_filled(0_u64, grains)?;
        // SAFETY: behind the page, inside of the memory by the contract and the line above.
        let start = unsafe { page.add(shared::HEADER_BYTES.min(bytes)) };
        // SAFETY: valid by the contract; pages are aligned.
        let memory = unsafe { Memory::new(start, grains.saturating_mul(GRAIN as usize)) };
        // SAFETY: the map is the store's.
        let ring = Ring::new(memory, unsafe { words(&map) });
        let store = Self { ring, place: Place::Lent { page, published: Published::new() }, _map: map };
        for offset in [shared::HEAD_OFFSET, shared::TAIL_OFFSET, shared::NEEDS_WAKEUP_OFFSET] {
            store.word(page, offset).store(0, Relaxed);
        }
        store.word(page, shared::CAPACITY_OFFSET).store(store.ring.capacity(), Relaxed);
        store.word(page, shared::MAGIC_OFFSET).store(shared::MAGIC, core::sync::atomic::Ordering::Release);
        Ok(store)
    }

    fn word(&self, page: NonNull<u8>, offset: usize) -> &AtomicU64 {
        // SAFETY: offsets of the interface: inside of the first page, aligned to 8.
        let word = unsafe { page.add(offset) }.cast::<u64>();
        // SAFETY: valid as long as the store; all access of the driver is atomic.
        unsafe { AtomicU64::from_ptr(word.as_ptr()) }
    }

    pub(crate) fn ring(&self) -> &Ring<'static> {
        &self.ring
    }

    /// The consuming end, if readers consume.
    ///
    /// # Safety
    ///
    /// The caller holds the reader lock of the handle that the store belongs to, for as long as the consumer lives.
    pub(crate) unsafe fn consumer(&self) -> Option<Consumer<'_, 'static>> {
        match self.place {
            // SAFETY: one consumer at a time by the contract; the memory is the driver's.
            Place::Pool { .. } => Some(unsafe { Ring::consumer_of(&self.ring) }),
            Place::Lent { .. } => None,
        }
    }

    /// The consuming end, if a program consumes.
    #[inline]
    pub(crate) fn shared(&self) -> Option<Shared<'_, 'static>> {
        let Place::Lent { page, published } = &self.place else { return None };
        let header = Header {
            head: self.word(*page, shared::HEAD_OFFSET),
            tail: self.word(*page, shared::TAIL_OFFSET),
            needs_wakeup: self.word(*page, shared::NEEDS_WAKEUP_OFFSET),
        };
        Some(Shared::new(&self.ring, header, published))
    }

    pub(crate) fn is_lent(&self) -> bool {
        matches!(self.place, Place::Lent { .. })
    }
}
