//! Locks and events of NDIS. The lock for readers and writers is opaque: only a pointer.

use crate::ntdef::{KIRQL, KSPIN_LOCK};
use crate::wdm::KEVENT;
use core::marker::{PhantomData, PhantomPinned};

/// A lock for many readers or one writer; NDIS allocates it.
#[repr(C)]
#[derive(Debug)]
pub struct NDIS_RW_LOCK_EX {
    opaque: [u8; 0],
    pinned: PhantomData<(*mut u8, PhantomPinned)>,
}

/// One acquisition of such a lock, on the stack of who holds it.
#[repr(C)]
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct LOCK_STATE_EX {
    pub OldIrql: KIRQL,
    pub LockState: u8,
    pub Flags: u8,
}

/// A spin lock that keeps the level of its holder; see [`crate::wdm::acquire_spin_lock`].
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_SPIN_LOCK {
    pub SpinLock: KSPIN_LOCK,
    pub OldIrql: KIRQL,
}

/// An event.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_EVENT {
    pub Event: KEVENT,
}

layouts! {
    LOCK_STATE_EX: size 3, align 1 { OldIrql = 0, LockState = 1, Flags = 2 }
    NDIS_SPIN_LOCK: size 16, align 8 { SpinLock = 0, OldIrql = 8 }
    NDIS_EVENT: size 24, align 8 { Event = 0 }
}

/// For the acquire functions: the caller is at `DISPATCH_LEVEL` already.
pub const NDIS_RWL_AT_DISPATCH_LEVEL: u8 = 1;
