//! The data path: looks at every packet, and passes every list on.

use std::ptr;

use snapgate_ffi::ndis::*;
use snapgate_ffi::ntdef::*;
use snapgate_ffi::wdm::*;
use snapgate_sim::sched;

use super::life::TAG;
use super::own::{self, is_own};
use super::{Module, ModuleState, Sin, Work, k, plan, sins};

/// Splits a chain in two, by a condition, in the same order.
pub(super) fn split(
    first: *mut NET_BUFFER_LIST,
    holds: impl Fn(*mut NET_BUFFER_LIST) -> bool,
) -> (*mut NET_BUFFER_LIST, *mut NET_BUFFER_LIST) {
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    let mut list = first;
    while !list.is_null() {
        if holds(list) {
            yes.push(list)
        } else {
            no.push(list)
        }
        list = k!((*list).Next);
    }
    (link(&yes), link(&no))
}

pub(super) fn link(lists: &[*mut NET_BUFFER_LIST]) -> *mut NET_BUFFER_LIST {
    let mut next = ptr::null_mut();
    for list in lists.iter().rev() {
        k!((**list).Next = next);
        next = *list;
    }
    next
}

pub(super) fn each(first: *mut NET_BUFFER_LIST, mut body: impl FnMut(*mut NET_BUFFER_LIST)) {
    let mut list = first;
    while !list.is_null() {
        let next = k!((*list).Next);
        body(list);
        list = next;
    }
}

/// Adds up the bytes of a packet; `None` if one of its MDLs cannot be mapped.
fn sum(packet: *mut NET_BUFFER) -> Option<u64> {
    let mut mdl = k!((*packet).CurrentMdl);
    let mut offset = k!((*packet).CurrentMdlOffset) as usize;
    let mut left = k!((*packet).DataLength) as usize;
    let mut sum = 0;
    if sins(Sin::ReadsBeyondData) {
        left += 1;
    }
    while left > 0 && !mdl.is_null() {
        let (address, length) = k!(NdisQueryMdl(mdl, NormalPagePriority));
        if address.is_null() && !sins(Sin::IgnoresNoMapping) {
            return None;
        }
        let length = (length as usize - offset).min(left);
        for index in 0..length {
            let byte = address.cast::<u8>().wrapping_add(offset + index);
            sum += u64::from(k!(byte.read_volatile()));
        }
        left -= length;
        offset = 0;
        mdl = k!((*mdl).Next);
    }
    Some(sum)
}

/// Looks at every packet of a chain.
fn look(first: *mut NET_BUFFER_LIST) {
    each(first, |list| {
        let mut packet = k!((*list).FirstNetBuffer);
        while !packet.is_null() {
            let mut header = [0u8; 14];
            let start = k!(NdisGetDataBuffer(packet, 14, header.as_mut_ptr().cast(), 1, 0));
            if !start.is_null() || sins(Sin::IgnoresNoBuffer) {
                k!(start.cast::<u8>().read_volatile());
            }
            let summed = sum(packet);
            plan(|plan| {
                let counter = if summed.is_some() { &plan.seen } else { &plan.unmapped };
                counter.set(counter.get() + 1);
            });
            if sins(Sin::WritesData) {
                let (address, _) = k!(NdisQueryMdl((*packet).CurrentMdl, NormalPagePriority));
                k!(address.cast::<u8>().wrapping_add((*packet).CurrentMdlOffset as usize).write(0x55));
            }
            packet = k!((*packet).Next);
        }
    });
}

fn complete(module: *mut Module, first: *mut NET_BUFFER_LIST, status: NDIS_STATUS, flags: u32) {
    each(first, |list| k!((*list).Status = status));
    k!(NdisFSendNetBufferListsComplete((*module).handle, first, flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL));
}

snapgate_ffi::kernel_abi! {
    pub(crate) fn send(context: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, port: u32, flags: u32) {
        let module: *mut Module = context.cast();
        let handle = k!((*module).handle);
        if k!((*module).state) != ModuleState::Running && !sins(Sin::PassesSendsWhilePaused) {
            if sins(Sin::KeepsWhilePaused) {
                return;
            }
            let status = if sins(Sin::SucceedsWhilePaused) { NDIS_STATUS_SUCCESS } else { NDIS_STATUS_PAUSED };
            complete(module, first, status, flags);
            return;
        }
        look(first);
        if sin_in_send(module, first, flags) {
            return;
        }
        match plan(|plan| plan.work.get()) {
            Work::Pass => k!(NdisFSendNetBufferLists(handle, first, port, flags)),
            Work::Queue => k!((*module).queue = own::join((*module).queue, first)),
            Work::Clone => own::send_clones(module, first, port, flags),
            Work::Mark => {
                each(first, mark);
                k!(NdisFSendNetBufferLists(handle, first, port, flags));
            }
        }
        sin_after_send(first);
    }

    pub(crate) fn send_complete(context: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, flags: u32) {
        let module: *mut Module = context.cast();
        let handle = k!((*module).handle);
        if sins(Sin::CompletesOwnUpwards) {
            k!(NdisFSendNetBufferListsComplete(handle, first, flags));
            return;
        }
        let (own, foreign) = split(first, |list| is_own(module, list));
        if plan(|plan| plan.work.get()) == Work::Mark {
            each(foreign, unmark);
        }
        if !foreign.is_null() {
            if sins(Sin::SendsTwice) {
                k!(NdisFSendNetBufferLists(handle, foreign, 0, 0));
            }
            k!(NdisFSendNetBufferListsComplete(handle, foreign, flags));
        }
        own::finished(module, own, flags);
    }

    pub(crate) fn receive(context: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, port: u32, count: u32, flags: u32) {
        let module: *mut Module = context.cast();
        let handle = k!((*module).handle);
        let lent = flags & NDIS_RECEIVE_FLAGS_RESOURCES != 0;
        if k!((*module).state) != ModuleState::Running && !sins(Sin::PassesReceivesWhilePaused) {
            if !lent {
                k!(NdisFReturnNetBufferLists(handle, first, flags & NDIS_RETURN_FLAGS_DISPATCH_LEVEL));
            }
            return;
        }
        look(first);
        if lent && sin_with_lent(module, first, port, count, flags) {
            return;
        }
        if sins(Sin::DropsAReceive) {
            return;
        }
        if !lent && plan(|plan| plan.work.get()) == Work::Queue {
            k!((*module).held = own::join((*module).held, first));
            return;
        }
        let count = if sins(Sin::MiscountsLists) { count + 1 } else { count };
        k!(NdisFIndicateReceiveNetBufferLists(handle, first, port, count, flags));
    }

    pub(crate) fn return_lists(context: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, flags: u32) {
        let module: *mut Module = context.cast();
        let (own, foreign) = split(first, |list| is_own(module, list));
        if !foreign.is_null() {
            k!(NdisFReturnNetBufferLists((*module).handle, foreign, flags));
        }
        own::finished(module, own, flags);
    }

    pub(crate) fn cancel_send(context: NDIS_HANDLE, id: PVOID) {
        let module: *mut Module = context.cast();
        if sins(Sin::SwallowsCancel) {
            return;
        }
        let version = plan(|plan| plan.version.get()).unwrap_or(NdisVersion::V6_20);
        let is_cancelled = |list| {
            let word = k!(NET_BUFFER_LIST_INFO(list, version, NetBufferListCancelId)).unwrap();
            k!(*word) == id
        };
        let (cancelled, kept) = split(k!((*module).queue), is_cancelled);
        k!((*module).queue = kept);
        if !cancelled.is_null() {
            complete(module, cancelled, NDIS_STATUS_SEND_ABORTED, 0);
        }
        k!(NdisFCancelSendNetBufferLists((*module).handle, id));
    }
}

/// Leaves a context with a list, and a header before each of its packets.
fn mark(list: *mut NET_BUFFER_LIST) {
    let size = if sins(Sin::TakesOddContext) { 10 } else { 16 };
    let status = k!(NdisAllocateNetBufferListContext(list, size, 0, TAG));
    if status == NDIS_STATUS_SUCCESS {
        let data = k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list));
        k!(data.cast::<u64>().write(0x1122_3344));
    }
    if sins(Sin::FreesContextsInOrder) {
        k!(NdisAllocateNetBufferListContext(list, 24, 0, TAG));
    }
    let packet = k!((*list).FirstNetBuffer);
    let status = k!(NdisRetreatNetBufferDataStart(packet, 8, 4, ptr::null_mut()));
    assert_eq!(status, NDIS_STATUS_SUCCESS);
}

fn unmark(list: *mut NET_BUFFER_LIST) {
    let packet = k!((*list).FirstNetBuffer);
    let delta = if sins(Sin::AdvancesTooFar) { 20 } else { 8 };
    if !sins(Sin::KeepsHeader) {
        k!(NdisAdvanceNetBufferDataStart(packet, delta, 1, None));
    }
    if !sins(Sin::LeavesContext) {
        let data = k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list));
        assert!(sins(Sin::FreesContextsInOrder) || k!(data.cast::<u64>().read()) == 0x1122_3344);
        k!(NdisFreeNetBufferListContext(list, 16));
    }
}

/// Sins before a chain is passed on; whether that is all.
fn sin_in_send(module: *mut Module, first: *mut NET_BUFFER_LIST, flags: u32) -> bool {
    let handle = k!((*module).handle);
    if sins(Sin::DropsASend) {
        return true;
    }
    if sins(Sin::LiesAboutDispatch) && flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL == 0 {
        k!(NdisFSendNetBufferLists(handle, first, 0, flags | NDIS_SEND_FLAGS_DISPATCH_LEVEL));
    }
    if sins(Sin::SendsNothing) {
        k!(NdisFSendNetBufferLists(handle, ptr::null_mut(), 0, flags));
    }
    if sins(Sin::SendsALoop) {
        k!((*first).Next = first);
        k!(NdisFSendNetBufferLists(handle, first, 0, flags));
    }
    if sins(Sin::WritesSource) {
        k!((*first).SourceHandle = handle);
    }
    if sins(Sin::FreesForeign) {
        k!(NdisFreeNetBufferList(first));
    }
    if sins(Sin::ChangesLength) {
        let packet = k!((*first).FirstNetBuffer);
        k!((*packet).DataLength -= 1);
    }
    if sins(Sin::CompletesTwice) {
        complete(module, first, NDIS_STATUS_SUCCESS, flags);
        k!(NdisFSendNetBufferListsComplete(handle, first, 0));
    }
    if sins(Sin::SetsNoStatus) {
        k!(NdisFSendNetBufferListsComplete(handle, first, 0));
    }
    if sins(Sin::HoldsTooLong) {
        let (handle, first) = (handle.addr(), first.expose_provenance());
        sched::spawn("late", move || {
            sched::sleep(31 * 10_000_000);
            let first: *mut NET_BUFFER_LIST = ptr::with_exposed_provenance_mut(first);
            k!(NdisFSendNetBufferLists(ptr::without_provenance_mut(handle), first, 0, 0));
        });
        return true;
    }
    false
}

/// Sins after a chain was passed on, which somebody else holds now.
fn sin_after_send(first: *mut NET_BUFFER_LIST) {
    if sins(Sin::WritesAfterSend) {
        k!((*first).Scratch = 1 as _);
    }
    if sins(Sin::FollowsAfterSend) {
        let module = super::module().unwrap();
        let next = k!((*first).Next);
        if !next.is_null() {
            k!(NdisFSendNetBufferLists((*module).handle, next, 0, 0));
        }
    }
}

/// Sins with lists that are lent; whether that is all.
fn sin_with_lent(
    module: *mut Module,
    first: *mut NET_BUFFER_LIST,
    port: u32,
    count: u32,
    flags: u32,
) -> bool {
    let handle = k!((*module).handle);
    if sins(Sin::ReturnsLent) {
        k!(NdisFReturnNetBufferLists(handle, first, flags & NDIS_RETURN_FLAGS_DISPATCH_LEVEL));
    }
    if sins(Sin::ClearsResources) {
        let flags = flags & !NDIS_RECEIVE_FLAGS_RESOURCES;
        k!(NdisFIndicateReceiveNetBufferLists(handle, first, port, count, flags));
    }
    if sins(Sin::UnlinksLent) {
        each(first, |list| {
            k!((*list).Next = ptr::null_mut());
            k!(NdisFIndicateReceiveNetBufferLists(handle, list, port, 1, flags));
        });
        return true;
    }
    if sins(Sin::ReturnsLentLater) {
        let (handle, first) = (handle.addr(), first.expose_provenance());
        sched::spawn("late", move || {
            sched::sleep(1000);
            let first: *mut NET_BUFFER_LIST = ptr::with_exposed_provenance_mut(first);
            k!(NdisFReturnNetBufferLists(ptr::without_provenance_mut(handle), first, 0));
        });
        return true;
    }
    false
}
