//! Events, timers, deferred procedure calls, spin locks.
//!
//! The macros of NDIS for spin locks map to these: `NdisAcquireSpinLock` is [`acquire_spin_lock`], its `Dpr` form
//! [`acquire_spin_lock_at_dpc_level`], for callers that are at `DISPATCH_LEVEL` already.

use crate::ntdef::{KIRQL, KSPIN_LOCK, LARGE_INTEGER, LIST_ENTRY, PVOID};
use crate::wdm::{
    KeAcquireSpinLockAtDpcLevel, KeAcquireSpinLockRaiseToDpc, KeReleaseSpinLock,
    KeReleaseSpinLockFromDpcLevel,
};

kernel_abi! {
    /// Runs at `DISPATCH_LEVEL`.
    pub type KDEFERRED_ROUTINE = fn(*mut KDPC, PVOID, PVOID, PVOID);
}

/// What threads wait for. Only its owner `Ke...` functions touch it.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct DISPATCHER_HEADER {
    pub Type: u8,
    pub Signalling: u8,
    pub Size: u8,
    pub Reserved1: u8,
    pub SignalState: i32,
    pub WaitListHead: LIST_ENTRY,
}

/// An event.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct KEVENT {
    pub Header: DISPATCHER_HEADER,
}

/// A deferred procedure call.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct KDPC {
    pub Type: u8,
    pub Importance: u8,
    pub Number: u16,
    pub DpcListEntry: LIST_ENTRY,
    pub DeferredRoutine: Option<KDEFERRED_ROUTINE>,
    pub DeferredContext: PVOID,
    pub SystemArgument1: PVOID,
    pub SystemArgument2: PVOID,
    pub DpcData: PVOID,
}

/// A timer.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct KTIMER {
    pub Header: DISPATCHER_HEADER,
    pub DueTime: u64,
    pub TimerListEntry: LIST_ENTRY,
    pub Dpc: *mut KDPC,
    pub Processor: u32,
    pub Period: u32,
}

/// A list of blocks of one size; opaque.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct LOOKASIDE_LIST_EX {
    opaque: [u64; 12],
}

layouts! {
    DISPATCHER_HEADER: size 24, align 8 { Type = 0, Signalling = 1, Size = 2, SignalState = 4, WaitListHead = 8 }
    KEVENT: size 24, align 8 { Header = 0 }
    KDPC: size 64, align 8 {
        Type = 0, Importance = 1, Number = 2, DpcListEntry = 8, DeferredRoutine = 24, DeferredContext = 32,
        SystemArgument1 = 40, SystemArgument2 = 48, DpcData = 56,
    }
    KTIMER: size 64, align 8 {
        Header = 0, DueTime = 24, TimerListEntry = 32, Dpc = 48, Processor = 56, Period = 60,
    }
    LOOKASIDE_LIST_EX: size 96, align 16 {}
}

/// For `KeInitializeEvent`: stays signalled until it is reset.
pub const NotificationEvent: i32 = 0;
/// For `KeInitializeEvent`: wakes one waiter, which resets it.
pub const SynchronizationEvent: i32 = 1;
/// The reason of a wait that a driver gives.
pub const Executive: i32 = 0;
/// A queue of work items.
pub const DelayedWorkQueue: i32 = 1;

/// For `ExAllocatePoolWithTag`: memory that is always there, and holds no code. Windows 8 and later.
pub const NonPagedPoolNx: u32 = 512;
/// For `ExAllocatePoolWithTag`: memory that is always there.
pub const NonPagedPool: u32 = 0;

/// A lock nobody holds: `KeInitializeSpinLock`.
pub const SPIN_LOCK_FREE: KSPIN_LOCK = 0;

/// A time from now, as the `Ke...` functions take it: negative, in units of 100 ns.
#[must_use]
#[inline]
pub const fn relative_milliseconds(milliseconds: u32) -> LARGE_INTEGER {
    // At most 2^32 times 10^4: far below 2^63.
    (milliseconds as i64).wrapping_mul(-10_000)
}

/// Raises to `DISPATCH_LEVEL` and takes the lock: `KeAcquireSpinLock`, `NdisAcquireSpinLock`. Answers the level from before.
///
/// # Safety
///
/// 1. `lock` points to a lock in memory that is always there, and that lives until it is released.
/// 2. The IRQL is at most `DISPATCH_LEVEL`, and this CPU does not hold the lock.
#[inline]
pub unsafe fn acquire_spin_lock(lock: *mut KSPIN_LOCK) -> KIRQL {
    // SAFETY: the same contract.
    unsafe { KeAcquireSpinLockRaiseToDpc(lock) }
}

/// Gives the lock back and goes back to `level`: `KeReleaseSpinLock`, `NdisReleaseSpinLock`.
///
/// # Safety
///
/// The lock was taken by [`acquire_spin_lock`] on this CPU, which answered `level`.
#[inline]
pub unsafe fn release_spin_lock(lock: *mut KSPIN_LOCK, level: KIRQL) {
    // SAFETY: the same contract.
    unsafe { KeReleaseSpinLock(lock, level) };
}

/// Takes the lock: `NdisDprAcquireSpinLock`.
///
/// # Safety
///
/// 1. `lock` points to a lock in memory that is always there, and that lives until it is released.
/// 2. The IRQL is `DISPATCH_LEVEL`, and this CPU does not hold the lock.
#[inline]
pub unsafe fn acquire_spin_lock_at_dpc_level(lock: *mut KSPIN_LOCK) {
    // SAFETY: the same contract.
    unsafe { KeAcquireSpinLockAtDpcLevel(lock) };
}

/// Gives the lock back: `NdisDprReleaseSpinLock`.
///
/// # Safety
///
/// The lock was taken by [`acquire_spin_lock_at_dpc_level`] on this CPU.
#[inline]
pub unsafe fn release_spin_lock_from_dpc_level(lock: *mut KSPIN_LOCK) {
    // SAFETY: the same contract.
    unsafe { KeReleaseSpinLockFromDpcLevel(lock) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_from_now_are_negative_and_count_100_ns() {
        assert_eq!(relative_milliseconds(1), -10_000);
        assert_eq!(relative_milliseconds(u32::MAX), -42_949_672_950_000);
    }
}
