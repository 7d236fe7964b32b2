//! Events, timers, deferred procedure calls, spin locks, waits.

use snapgate_ffi::ntdef::{
    APC_LEVEL, BOOLEAN, DISPATCH_LEVEL, KIRQL, KPROCESSOR_MODE, KSPIN_LOCK, LARGE_INTEGER, NTSTATUS,
    PASSIVE_LEVEL, PVOID, STATUS_SUCCESS, STATUS_TIMEOUT,
};
use snapgate_ffi::wdm::{
    DISPATCHER_HEADER, KDEFERRED_ROUTINE, KDPC, KEVENT, KTIMER, NotificationEvent, SynchronizationEvent,
};

use crate::machine::{machine, violate};
use crate::sched::{
    self, acquire_spin_lock, block_on, irql, irql_at_most, irql_exactly, lower_irql, point, raise_irql,
    release_spin_lock, wake,
};
use crate::verify::Rule;

/// `Header.Type` of each kind of object that can be waited for.
const NOTIFICATION: u8 = 0;
const SYNCHRONIZATION: u8 = 1;
const TIMER: u8 = 8;
/// Of no object: an event that was never initialized has it only by chance.
const MARK: u8 = 0xa5;

fn header(object: *mut DISPATCHER_HEADER, function: &'static str) -> (u8, i32) {
    // SAFETY: the caller of the kernel's function gives an object.
    let (kind, mark, state) = unsafe { ((*object).Type, (*object).Reserved1, (*object).SignalState) };
    if mark != MARK {
        violate(Rule::Argument, format!("{function}: the object at {object:p} was never initialized"));
    }
    (kind, state)
}

fn initialize(object: *mut DISPATCHER_HEADER, kind: u8, signalled: bool) {
    // SAFETY: the caller of the kernel's function gives memory for an object.
    unsafe {
        (*object).Type = kind;
        (*object).Reserved1 = MARK;
        (*object).SignalState = i32::from(signalled);
    }
}

/// Signals an event; answers whether it was signalled.
pub(crate) fn set_event(event: *mut KEVENT, function: &'static str) -> i32 {
    let (_, before) = header(event.cast(), function);
    // SAFETY: an initialized event.
    unsafe { (*event).Header.SignalState = 1 };
    wake(event.addr());
    before
}

/// The time at which a wait ends: absolute if positive, from now if negative.
fn until(timeout: *const LARGE_INTEGER) -> Option<u64> {
    // SAFETY: null, or a time that the caller gives.
    let timeout = unsafe { timeout.as_ref() }?;
    Some(match u64::try_from(*timeout) {
        Ok(absolute) => absolute,
        Err(_) => sched::now().saturating_add(timeout.unsigned_abs()),
    })
}

/// Waits for an object.
pub(crate) fn wait_for(object: *mut DISPATCHER_HEADER, until: Option<u64>, function: &'static str) -> bool {
    point(function);
    loop {
        let (kind, state) = header(object, function);
        if state > 0 {
            if kind == SYNCHRONIZATION {
                // SAFETY: an initialized object.
                unsafe { (*object).SignalState = 0 };
            }
            return true;
        }
        if until.is_some_and(|until| sched::now() >= until) {
            return false;
        }
        block_on(object.addr(), until, "an event");
    }
}

exports! { "ntoskrnl.exe";
    fn KeInitializeEvent(event: *mut KEVENT, kind: i32, state: BOOLEAN) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeInitializeEvent");
        let kind = if kind == NotificationEvent {
            NOTIFICATION
        } else if kind == SynchronizationEvent {
            SYNCHRONIZATION
        } else {
            violate(Rule::Argument, format!("KeInitializeEvent: type {kind}"))
        };
        initialize(event.cast(), kind, state != 0);
    }

    fn KeSetEvent(event: *mut KEVENT, _increment: i32, wait: BOOLEAN) -> i32 {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeSetEvent");
        if wait != 0 {
            violate(Rule::Argument, "KeSetEvent: Wait is set, and no wait follows");
        }
        let before = set_event(event, "KeSetEvent");
        point("KeSetEvent");
        before
    }

    fn KeClearEvent(event: *mut KEVENT) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeClearEvent");
        header(event.cast(), "KeClearEvent");
        // SAFETY: an initialized event.
        unsafe { (*event).Header.SignalState = 0 };
    }

    fn KeEnterCriticalRegion() {
        irql_at_most(APC_LEVEL, Rule::I2, "KeEnterCriticalRegion");
        let thread = sched::this();
        thread.critical.set(thread.critical.get().saturating_add(1));
    }

    fn KeLeaveCriticalRegion() {
        irql_at_most(APC_LEVEL, Rule::I2, "KeLeaveCriticalRegion");
        let thread = sched::this();
        if thread.critical.get() == 0 {
            violate(Rule::K1, "KeLeaveCriticalRegion: the thread is in none");
        }
        thread.critical.set(thread.critical.get().saturating_sub(1));
    }

    fn KeWaitForSingleObject(
        object: PVOID, _reason: i32, _mode: KPROCESSOR_MODE, _alertable: BOOLEAN, timeout: *mut LARGE_INTEGER,
    ) -> NTSTATUS {
        // SAFETY: null, or a time that the caller gives.
        let at_once = unsafe { timeout.as_ref() } == Some(&0);
        irql_at_most(if at_once { DISPATCH_LEVEL } else { APC_LEVEL }, Rule::I2, "KeWaitForSingleObject");
        let signalled = wait_for(object.cast(), until(timeout), "KeWaitForSingleObject");
        if signalled { STATUS_SUCCESS } else { STATUS_TIMEOUT }
    }

    fn KeDelayExecutionThread(_mode: KPROCESSOR_MODE, _alertable: BOOLEAN, interval: *mut LARGE_INTEGER) -> NTSTATUS {
        irql_at_most(APC_LEVEL, Rule::I2, "KeDelayExecutionThread");
        let until = until(interval).unwrap_or_default();
        sched::sleep(until.saturating_sub(sched::now()));
        STATUS_SUCCESS
    }

    fn KeInitializeTimer(timer: *mut KTIMER) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeInitializeTimer");
        initialize(timer.cast(), TIMER, false);
    }

    fn KeSetTimerEx(timer: *mut KTIMER, due: LARGE_INTEGER, period: i32, dpc: *mut KDPC) -> BOOLEAN {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeSetTimerEx");
        header(timer.cast(), "KeSetTimerEx");
        // SAFETY: an initialized timer.
        unsafe { (*timer).Header.SignalState = 0 };
        let due = until(&raw const due).unwrap_or_default();
        BOOLEAN::from(sched::set_timer(timer, due, u32::try_from(period).unwrap_or_default(), dpc))
    }

    fn KeCancelTimer(timer: *mut KTIMER) -> BOOLEAN {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeCancelTimer");
        header(timer.cast(), "KeCancelTimer");
        let was_set = sched::cancel_timer(timer);
        point("KeCancelTimer");
        BOOLEAN::from(was_set)
    }

    fn KeInitializeDpc(dpc: *mut KDPC, routine: KDEFERRED_ROUTINE, context: PVOID) {
        // SAFETY: the caller gives memory for the call.
        unsafe {
            (*dpc).Type = MARK;
            (*dpc).DeferredRoutine = Some(routine);
            (*dpc).DeferredContext = context;
        }
    }

    fn KeInsertQueueDpc(dpc: *mut KDPC, first: PVOID, second: PVOID) -> BOOLEAN {
        // SAFETY: the caller gives a call.
        let (mark, routine, context) = unsafe { ((*dpc).Type, (*dpc).DeferredRoutine, (*dpc).DeferredContext) };
        let Some(routine) = routine.filter(|_| mark == MARK) else {
            violate(Rule::Argument, "KeInsertQueueDpc: the call was never initialized");
        };
        let queued = sched::insert_dpc(dpc, routine, context, [first, second]);
        point("KeInsertQueueDpc");
        BOOLEAN::from(queued)
    }

    fn KeRemoveQueueDpc(dpc: *mut KDPC) -> BOOLEAN {
        BOOLEAN::from(sched::remove_dpc(dpc))
    }

    fn KeFlushQueuedDpcs() {
        irql_exactly(PASSIVE_LEVEL, Rule::I1, "KeFlushQueuedDpcs");
        sched::block_until("queued DPCs", None, sched::dpcs_are_idle);
    }

    fn KeAcquireSpinLockRaiseToDpc(lock: *mut KSPIN_LOCK) -> KIRQL {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "KeAcquireSpinLockRaiseToDpc");
        let before = raise_irql(DISPATCH_LEVEL);
        acquire_spin_lock(lock, "KeAcquireSpinLockRaiseToDpc");
        before
    }

    fn KeReleaseSpinLock(lock: *mut KSPIN_LOCK, level: KIRQL) {
        irql_exactly(DISPATCH_LEVEL, Rule::I2, "KeReleaseSpinLock");
        release_spin_lock(lock, "KeReleaseSpinLock");
        lower_irql(level);
        point("KeReleaseSpinLock");
    }

    fn KeAcquireSpinLockAtDpcLevel(lock: *mut KSPIN_LOCK) {
        irql_exactly(DISPATCH_LEVEL, Rule::I2, "KeAcquireSpinLockAtDpcLevel");
        acquire_spin_lock(lock, "KeAcquireSpinLockAtDpcLevel");
    }

    fn KeReleaseSpinLockFromDpcLevel(lock: *mut KSPIN_LOCK) {
        irql_exactly(DISPATCH_LEVEL, Rule::I2, "KeReleaseSpinLockFromDpcLevel");
        release_spin_lock(lock, "KeReleaseSpinLockFromDpcLevel");
        point("KeReleaseSpinLockFromDpcLevel");
    }

    fn KeGetCurrentProcessorNumberEx(_number: PVOID) -> u32 {
        u32::try_from(sched::cpu()).unwrap_or_default()
    }

    fn KeQueryTimeIncrement() -> u32 {
        156_250
    }

    fn KeQuerySystemTimePrecise(time: *mut LARGE_INTEGER) {
        sched::pass(1);
        // SAFETY: the caller gives memory for the time.
        unsafe { *time = sched::now().cast_signed() };
    }

    fn KeBugCheckEx(code: u32, first: usize, second: usize, third: usize, fourth: usize) -> ! {
        if irql() > DISPATCH_LEVEL {
            machine().fail(Rule::BugCheck, "above DISPATCH_LEVEL".to_owned());
        }
        violate(Rule::BugCheck, format!("KeBugCheckEx({code:#x}, {first:#x}, {second:#x}, {third:#x}, {fourth:#x})"))
    }
}
