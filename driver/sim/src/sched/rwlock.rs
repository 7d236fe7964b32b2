//! NDIS' reader-writer locks.
//!
//! Reading may be repeated on the same thread; a reader never becomes a writer; a waiting writer does not hold readers
//! up (NDIS promises no order). Each acquisition has a `LOCK_STATE_EX` of its own, which its release must bring.

use std::collections::HashMap;

use snapgate_ffi::ndis::{LOCK_STATE_EX, NDIS_HANDLE, NDIS_RW_LOCK_EX, NDIS_RWL_AT_DISPATCH_LEVEL};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::thread::Held;
use super::{ThreadId, block_on, irql_at_most, irql_exactly, lower_irql, point, raise_irql, this, wake};
use crate::fault::{self, Fault};
use crate::machine::{machine, violate};
use crate::nt::pool;
use crate::verify::Rule;

/// One lock: its readers, once per acquisition, or its writer.
#[derive(Default)]
pub(crate) struct Lock {
    readers: Vec<ThreadId>,
    writer: Option<ThreadId>,
}

/// All locks of a machine, by address.
pub(crate) type Locks = HashMap<usize, Lock>;

/// In `LOCK_STATE_EX.LockState`, so that a release can be told from the other.
const READING: u8 = 0x52;
const WRITING: u8 = 0x57;

fn with<R>(lock: *mut NDIS_RW_LOCK_EX, function: &'static str, body: impl FnOnce(&mut Lock) -> R) -> R {
    let mut locks = machine().sched.rwlocks.borrow_mut();
    if let Some(lock) = locks.get_mut(&lock.addr()) {
        return body(lock);
    }
    drop(locks);
    violate(Rule::K1, format!("{function}: {lock:p} is no lock"))
}

fn raise(function: &'static str, flags: u8) -> u8 {
    irql_at_most(DISPATCH_LEVEL, Rule::I2, function);
    if flags & !NDIS_RWL_AT_DISPATCH_LEVEL != 0 {
        violate(Rule::Argument, format!("{function}: flags {flags:#x}"));
    }
    if flags & NDIS_RWL_AT_DISPATCH_LEVEL != 0 {
        irql_exactly(DISPATCH_LEVEL, Rule::I3, function);
    }
    raise_irql(DISPATCH_LEVEL)
}

exports! { "ndis.sys";
    fn NdisAllocateRWLock(_handle: NDIS_HANDLE) -> *mut NDIS_RW_LOCK_EX {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateRWLock");
        if fault::fails(Fault::RwLock) {
            return std::ptr::null_mut();
        }
        let lock = pool::allocate("NDIS_RW_LOCK_EX", 0, 64);
        machine().sched.rwlocks.borrow_mut().insert(lock.addr(), Lock::default());
        lock.cast()
    }

    fn NdisFreeRWLock(lock: *mut NDIS_RW_LOCK_EX) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFreeRWLock");
        let used = with(lock, "NdisFreeRWLock", |lock| !lock.readers.is_empty() || lock.writer.is_some());
        if used {
            violate(Rule::K1, "NdisFreeRWLock: the lock is held");
        }
        machine().sched.rwlocks.borrow_mut().remove(&lock.addr());
        pool::free("NDIS_RW_LOCK_EX", lock.cast());
    }

    fn NdisAcquireRWLockRead(lock: *mut NDIS_RW_LOCK_EX, state: *mut LOCK_STATE_EX, flags: u8) {
        let old = raise("NdisAcquireRWLockRead", flags);
        point("NdisAcquireRWLockRead");
        let thread = this();
        loop {
            let taken = with(lock, "NdisAcquireRWLockRead", |lock| match lock.writer {
                None => {
                    lock.readers.push(thread.id);
                    true
                }
                Some(writer) if writer == thread.id => violate(Rule::K1, "NdisAcquireRWLockRead: this thread is the writer"),
                Some(_) => false,
            });
            if taken {
                break;
            }
            block_on(lock.addr(), None, "a reader-writer lock");
        }
        thread.held.borrow_mut().push(Held::Read { lock: lock.addr(), state: state.addr() });
        // SAFETY: the caller gives memory for the state of this acquisition.
        unsafe { state.write(LOCK_STATE_EX { OldIrql: old, LockState: READING, Flags: flags }) };
    }

    fn NdisAcquireRWLockWrite(lock: *mut NDIS_RW_LOCK_EX, state: *mut LOCK_STATE_EX, flags: u8) {
        let old = raise("NdisAcquireRWLockWrite", flags);
        point("NdisAcquireRWLockWrite");
        let thread = this();
        loop {
            let taken = with(lock, "NdisAcquireRWLockWrite", |lock| {
                if lock.readers.contains(&thread.id) {
                    violate(Rule::K1, "NdisAcquireRWLockWrite: this thread is a reader, and promotion waits for itself");
                }
                if lock.writer == Some(thread.id) {
                    violate(Rule::K1, "NdisAcquireRWLockWrite: this thread is the writer already");
                }
                let free = lock.readers.is_empty() && lock.writer.is_none();
                if free {
                    lock.writer = Some(thread.id);
                }
                free
            });
            if taken {
                break;
            }
            block_on(lock.addr(), None, "a reader-writer lock");
        }
        thread.held.borrow_mut().push(Held::Write { lock: lock.addr(), state: state.addr() });
        // SAFETY: the caller gives memory for the state of this acquisition.
        unsafe { state.write(LOCK_STATE_EX { OldIrql: old, LockState: WRITING, Flags: flags }) };
    }

    fn NdisReleaseRWLock(lock: *mut NDIS_RW_LOCK_EX, state: *mut LOCK_STATE_EX) {
        irql_exactly(DISPATCH_LEVEL, Rule::I2, "NdisReleaseRWLock");
        let thread = this();
        // SAFETY: the caller gives the state of an acquisition.
        let LOCK_STATE_EX { OldIrql: old, LockState: kind, .. } = unsafe { state.read() };
        let wanted = match kind {
            READING => Held::Read { lock: lock.addr(), state: state.addr() },
            WRITING => Held::Write { lock: lock.addr(), state: state.addr() },
            _ => violate(Rule::K1, "NdisReleaseRWLock: the state is of no acquisition"),
        };
        let position = thread.held.borrow().iter().rposition(|held| *held == wanted);
        let Some(position) = position else {
            violate(Rule::K1, "NdisReleaseRWLock: this thread does not hold the lock by this state");
        };
        thread.held.borrow_mut().remove(position);
        with(lock, "NdisReleaseRWLock", |lock| {
            if kind == WRITING {
                lock.writer = None;
            } else if let Some(index) = lock.readers.iter().position(|reader| *reader == thread.id) {
                lock.readers.remove(index);
            }
        });
        // SAFETY: as above.
        unsafe { (*state).LockState = 0 };
        wake(lock.addr());
        lower_irql(old);
        point("NdisReleaseRWLock");
    }
}
