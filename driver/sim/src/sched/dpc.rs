//! Deferred procedure calls: a queue per CPU, run at DISPATCH_LEVEL before the threads below.

use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};
use snapgate_ffi::wdm::{KDEFERRED_ROUTINE, KDPC};

use super::thread::spawn_at;
use crate::machine::machine;

/// A call that waits for its CPU.
#[derive(Clone, Copy)]
pub(crate) struct Queued {
    dpc: usize,
    routine: KDEFERRED_ROUTINE,
    context: PVOID,
    arguments: [PVOID; 2],
}

/// Queues a call on the CPU that runs; whether it was not queued already.
pub(crate) fn insert_dpc(
    dpc: *mut KDPC,
    routine: KDEFERRED_ROUTINE,
    context: PVOID,
    arguments: [PVOID; 2],
) -> bool {
    if is_queued(dpc) {
        return false;
    }
    let cpu = super::cpu();
    if let Some(queue) = machine().sched.dpcs.borrow_mut().get_mut(cpu) {
        queue.push_back(Queued { dpc: dpc.addr(), routine, context, arguments });
    }
    true
}

/// Takes a call out of its queue; whether it was there.
pub(crate) fn remove_dpc(dpc: *mut KDPC) -> bool {
    let mut found = false;
    for queue in machine().sched.dpcs.borrow_mut().iter_mut() {
        queue.retain(|queued| {
            found |= queued.dpc == dpc.addr();
            queued.dpc != dpc.addr()
        });
    }
    found
}

fn is_queued(dpc: *mut KDPC) -> bool {
    machine().sched.dpcs.borrow().iter().flatten().any(|queued| queued.dpc == dpc.addr())
}

/// Calls that are queued: none may be in memory that is given back.
pub(crate) fn any_between(start: usize, end: usize) -> bool {
    machine().sched.dpcs.borrow().iter().flatten().any(|queued| (start..end).contains(&queued.dpc))
}

/// Whether no call is queued and none runs.
pub(crate) fn dpcs_are_idle() -> bool {
    let sched = &machine().sched;
    sched.dpcs.borrow().iter().all(std::collections::VecDeque::is_empty)
        && sched.threads.borrow().iter().all(|thread| thread.name != NAME || thread.is_done())
}

const NAME: &str = "dpc";

/// Starts the calls of a CPU: until its queue is empty.
pub(super) fn start(cpu: usize) {
    spawn_at(NAME.to_owned(), DISPATCH_LEVEL, cpu, move || {
        loop {
            let next = machine().sched.dpcs.borrow_mut().get_mut(cpu).and_then(|queue| queue.pop_front());
            let Some(queued) = next else { return };
            let dpc = std::ptr::with_exposed_provenance_mut::<KDPC>(queued.dpc);
            super::call_driver("DeferredRoutine", || {
                // SAFETY: whoever queued the call promised that routine and context stay valid until it has run.
                unsafe { (queued.routine)(dpc, queued.context, queued.arguments[0], queued.arguments[1]) };
            });
        }
    });
}
