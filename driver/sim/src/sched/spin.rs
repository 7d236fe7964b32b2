//! Spin locks: one owner each, taken at DISPATCH_LEVEL, released by who took them in any order but on the same thread.

use std::collections::HashMap;

use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::thread::Held;
use super::{ThreadId, block_on, point, this, wake};
use crate::machine::{machine, violate};
use crate::verify::Rule;

/// Who holds which lock, by its address.
pub(crate) type Owners = HashMap<usize, ThreadId>;

/// Takes a lock; others that hold it are waited for, as a spinning CPU would.
pub(crate) fn acquire_spin_lock(lock: *mut usize, function: &'static str) {
    let key = lock.addr();
    let thread = this();
    debug_assert!(thread.irql.get() >= DISPATCH_LEVEL);
    point(function);
    loop {
        let owner = machine().sched.spins.borrow().get(&key).copied();
        match owner {
            None => break,
            Some(owner) if owner == thread.id => {
                violate(Rule::K1, format!("{function}: this thread holds the lock {key:#x} already"))
            }
            Some(_) => block_on(key, None, "a spin lock"),
        }
    }
    machine().sched.spins.borrow_mut().insert(key, thread.id);
    thread.held.borrow_mut().push(Held::Spin(key));
    // SAFETY: the caller of the kernel's function gave the address of a lock.
    unsafe { lock.write_volatile(1) };
}

/// Gives a lock back.
pub(crate) fn release_spin_lock(lock: *mut usize, function: &'static str) {
    let key = lock.addr();
    let thread = this();
    let owner = machine().sched.spins.borrow_mut().remove(&key);
    if owner != Some(thread.id) {
        violate(Rule::K1, format!("{function}: the lock {key:#x} is held by {owner:?}, not by this thread"));
    }
    thread.held.borrow_mut().retain(|held| *held != Held::Spin(key));
    // SAFETY: as when it was taken.
    unsafe { lock.write_volatile(0) };
    wake(key);
}

/// Whether anybody holds a lock in this range of addresses.
pub(crate) fn is_spin_lock_held(start: usize, end: usize) -> bool {
    machine().sched.spins.borrow().keys().any(|key| (start..end).contains(key))
}

/// Whether the thread that runs holds a lock.
pub(crate) fn holds_spin_lock(lock: *mut usize) -> bool {
    machine().sched.spins.borrow().get(&lock.addr()) == Some(&this().id)
}
