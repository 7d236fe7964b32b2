//! What a program changes on its handle. All under the driver's mutex; each either happens or changes nothing.

use core::ptr::NonNull;
use core::sync::atomic::Ordering::{Relaxed, SeqCst};

use snapgate_abi::{ReadTimeout, shared};
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_BUFFER_SIZE, STATUS_INVALID_DEVICE_STATE,
    STATUS_SUCCESS,
};

use super::filter::FilterProgram;
use super::mapped::Lent;
use super::settings::Settings;
use super::store::Store;
use super::{Handle, binding, wake};
use crate::driver::ConfigGuard;
use crate::kernel::arc::KArc;
use crate::kernel::event::UserEvent;
use crate::kernel::irp::Irp;
use crate::kernel::mdl;

/// Replaces the ring by one of so many bytes, or by none. What is queued is lost, and counted.
pub(crate) fn set_buffer_size(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    bytes: u32,
) -> Result<(), NTSTATUS> {
    let store = if bytes == 0 {
        None
    } else {
        let store = Store::try_in_pool(bytes).and_then(KArc::try_new);
        Some(store.map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?)
    };
    binding::end_lending(config, handle, STATUS_SUCCESS);
    replace_store(config, handle, store)
}

/// Puts another ring in the place of the one there is: first for the producers, then for the readers, then what is left in
/// the old one is counted.
fn replace_store(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    store: Option<KArc<Store>>,
) -> Result<(), NTSTATUS> {
    let before = handle.state.with(config, |state| core::mem::replace(&mut state.store, store.clone()));
    if let Err(status) = binding::update(config, handle) {
        let failed = handle.state.with(config, |state| core::mem::replace(&mut state.store, before));
        drop(failed);
        return Err(status);
    }
    let old = core::mem::replace(&mut handle.reader.lock().store, store);
    if let Some(old) = old {
        count_lost(handle, &old);
    }
    Ok(())
}

/// What is left in a ring that nobody uses any more.
fn count_lost(handle: &Handle, old: &Store) {
    if let Some(shared) = old.shared() {
        // Each step takes over a bounded number of records, and there are no more than the ring has grains.
        loop {
            let tail = shared.believe();
            count_given_back(handle, tail);
            if !matches!(tail, snapgate_ring::Tail::Moved(records) if records > 0) {
                break;
            }
        }
    }
    handle.counters.lost.add(old.ring().records());
}

/// What a program gave back of a lent ring.
pub(crate) fn count_given_back(handle: &Handle, tail: snapgate_ring::Tail) {
    match tail {
        snapgate_ring::Tail::Moved(records) => handle.counters.delivered.add(records),
        snapgate_ring::Tail::Nonsense => handle.counters.nonsense.add(1),
        snapgate_ring::Tail::Same => {}
    }
}

/// Takes the ring away, without asking whether that can fail: it cannot.
pub(crate) fn forget_ring(config: &ConfigGuard<'_>, handle: &KArc<Handle>) {
    replace_store(config, handle, None).unwrap_or_default();
}

/// The same, for a lent ring whose request is being cancelled. At PASSIVE_LEVEL.
pub(crate) fn drop_ring(handle: &KArc<Handle>) {
    let config = handle.driver.config.lock();
    let is_lent =
        handle.state.with(&config, |state| state.store.as_ref().is_some_and(|store| store.is_lent()));
    if is_lent {
        forget_ring(&config, handle);
    }
}

/// Installs a filter, or none; counters and ring begin anew.
pub(crate) fn set_filter(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    program: Option<KArc<FilterProgram>>,
) {
    let old = handle.state.with(config, |state| core::mem::replace(&mut state.program, program));
    // A handle that captures already never fails, and one that does not stays so.
    binding::update(config, handle).unwrap_or_default();
    restart_counting(config, handle);
    drop(old);
}

/// Changes settings. Where records would mean something else afterwards, ring and counters begin anew.
pub(crate) fn set_settings(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    change: impl FnOnce(&mut Settings),
) -> Result<(), NTSTATUS> {
    let (before, after) = handle.state.with(config, |state| {
        let before = state.settings;
        change(&mut state.settings);
        (before, state.settings)
    });
    if let Err(status) = binding::update(config, handle) {
        handle.state.with(config, |state| state.settings = before);
        return Err(status);
    }
    handle.reader.lock().settings = after;
    if (before.statistics, before.nanoseconds, before.clock)
        != (after.statistics, after.nanoseconds, after.clock)
    {
        restart_counting(config, handle);
    }
    Ok(())
}

/// Empties the ring and resets the counters, while no packet is under way. What a program has not given back of a lent ring
/// stays, and counts as new.
fn restart_counting(config: &ConfigGuard<'_>, handle: &KArc<Handle>) {
    let module = handle.state.with(config, |state| state.module());
    let reset = || {
        let reader = handle.reader.lock();
        handle.counters.reset();
        let Some(store) = &reader.store else { return };
        // SAFETY: the reader lock is held.
        if let Some(mut consumer) = unsafe { store.consumer() } {
            consumer.clear();
        } else {
            let kept = store.ring().records();
            let counters = &handle.counters;
            for counter in [&counters.seen, &counters.accepted, &counters.queued] {
                counter.add(kept);
            }
        }
    };
    match module {
        Some(module) => module.taps.write(|_| reset()),
        None => reset(),
    }
}

/// Sets how many bytes must be queued before anybody hears of it.
pub(crate) fn set_min_to_copy(handle: &Handle, bytes: u32) {
    handle.threshold.store(bytes, Relaxed);
    handle.deferred.queue();
}

/// Sets how long reads wait, from the next on.
pub(crate) fn set_timeout(handle: &Handle, timeout: ReadTimeout) {
    handle.reader.lock().timeout = timeout;
}

/// Sets the event, once.
pub(crate) fn set_event(handle: &Handle, event: UserEvent) -> Result<(), UserEvent> {
    let mut reader = handle.reader.lock();
    if reader.event.is_some() {
        drop(reader);
        return Err(event);
    }
    reader.event = Some(event);
    handle.interest.fetch_or(wake::EVENT, SeqCst);
    drop(reader);
    handle.deferred.queue();
    Ok(())
}

/// Lends memory for the ring. Answers what the dispatch routine answers; the request is pending or completed.
pub(crate) fn map_ring(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    irp: Irp,
    device: *mut snapgate_ffi::wdm::DEVICE_OBJECT,
) -> NTSTATUS {
    if handle.reader.lock().lent.is_some() {
        return irp.complete(STATUS_INVALID_DEVICE_STATE, 0);
    }
    let Some(mdl) = NonNull::new(irp.mdl()) else { return irp.complete(STATUS_INVALID_BUFFER_SIZE, 0) };
    // SAFETY: the locked pages of a request that the driver holds.
    let Some((start, bytes)) = (unsafe { mdl::map(mdl.as_ptr()) }) else {
        return irp.complete(STATUS_INSUFFICIENT_RESOURCES, 0);
    };
    let bytes = bytes.min(irp.control().output_len);
    if bytes <= shared::HEADER_BYTES || start.as_ptr().addr() & 0xfff != 0 {
        return irp.complete(STATUS_INVALID_BUFFER_SIZE, 0);
    }
    // SAFETY: the pages stay locked and mapped until the request is completed, and it is not before the ring is gone.
    let store = unsafe { Store::try_in_lent(start, bytes) }.and_then(KArc::try_new);
    let (Ok(store), Ok(lent)) = (store, Lent::try_new(&irp, handle, device)) else {
        return irp.complete(STATUS_INSUFFICIENT_RESOURCES, 0);
    };
    if let Err(status) = replace_store(config, handle, Some(store)) {
        return irp.complete(status, 0);
    }
    let mut reader = handle.reader.lock();
    if lent.pend() {
        reader.lent = Some(lent);
        drop(reader);
        // It is in its place now; nobody forgets it.
        irp.into_raw();
        return snapgate_ffi::ntdef::STATUS_PENDING;
    }
    drop(reader);
    drop(lent);
    forget_ring(config, handle);
    irp.complete(snapgate_ffi::ntdef::STATUS_CANCELLED, 0);
    snapgate_ffi::ntdef::STATUS_PENDING
}
