//! Lists of the filter's own: allocated, sent or indicated, counted, and freed when they are back.

use std::ptr;

use snapgate_ffi::ndis::*;
use snapgate_ffi::wdm::*;

use super::data::{each, link};
use super::life::TAG;
use super::{Module, ModuleState, Sin, k, module, plan, sins};

/// A pool of lists.
pub(super) fn new_pool(owner: NDIS_HANDLE, with_packet: bool, data: u32) -> NDIS_HANDLE {
    let parameters = NET_BUFFER_LIST_POOL_PARAMETERS {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL),
        ProtocolId: NDIS_PROTOCOL_ID_DEFAULT,
        fAllocateNetBuffer: u8::from(with_packet),
        ContextSize: 0,
        PoolTag: TAG,
        DataSize: data,
        Flags: 0,
    };
    k!(NdisAllocateNetBufferListPool(owner, &raw const parameters))
}

/// Whether a list is the module's own, or a clone that it made.
pub(super) fn is_own(module: *mut Module, list: *mut NET_BUFFER_LIST) -> bool {
    k!((*list).SourceHandle) == k!((*module).handle) && !sins(Sin::CompletesOwnUpwards)
}

/// A list with these bytes; null if there is no memory.
fn new_list(module: *mut Module, bytes: &[u8]) -> *mut NET_BUFFER_LIST {
    let length = u32::try_from(bytes.len()).unwrap();
    let data = k!(ExAllocatePoolWithTag(NonPagedPoolNx, bytes.len(), TAG));
    if data.is_null() {
        return ptr::null_mut();
    }
    k!(ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast(), bytes.len()));
    let mdl = k!(NdisAllocateMdl((*module).handle, data, length));
    if mdl.is_null() {
        k!(ExFreePoolWithTag(data, TAG));
        return ptr::null_mut();
    }
    let list = k!(NdisAllocateNetBufferAndNetBufferList((*module).pool, 0, 0, mdl, 0, bytes.len()));
    if list.is_null() {
        k!(NdisFreeMdl(mdl));
        k!(ExFreePoolWithTag(data, TAG));
        return list;
    }
    if !sins(Sin::HidesItsOwn) {
        k!((*list).SourceHandle = (*module).handle);
    }
    list
}

fn free_list(list: *mut NET_BUFFER_LIST) {
    let packet = k!((*list).FirstNetBuffer);
    let mdl = k!((*packet).MdlChain);
    let (data, _) = k!(NdisQueryMdl(mdl, NormalPagePriority));
    if sins(Sin::FreesPacketOfList) {
        k!(NdisFreeNetBuffer(packet));
    }
    if sins(Sin::FreesWithOtherPackets) {
        k!((*list).FirstNetBuffer = ptr::null_mut());
    }
    k!(NdisFreeNetBufferList(list));
    if sins(Sin::FreesTwice) {
        k!(NdisFreeNetBufferList(list));
    }
    k!(NdisFreeMdl(mdl));
    k!(ExFreePoolWithTag(data, TAG));
}

/// Sends so many lists with these bytes, in one chain; answers whether it did.
pub(crate) fn send_own(bytes: &[u8], count: usize) -> bool {
    let Some(module) = module() else { return false };
    if !may_originate(module) {
        return false;
    }
    let lists: Vec<_> = (0..count).map(|_| new_list(module, bytes)).filter(|list| !list.is_null()).collect();
    if lists.is_empty() {
        return false;
    }
    sin_in_own_send(module, lists[0]);
    k!((*module).out += u32::try_from(lists.len()).unwrap());
    k!(NdisFSendNetBufferLists((*module).handle, link(&lists), 0, 0));
    true
}

/// Indicates so many lists with these bytes, in one chain; answers whether it did.
pub(crate) fn indicate(bytes: &[u8], count: usize, lends: bool) -> bool {
    let Some(module) = module() else { return false };
    if !may_originate(module) {
        return false;
    }
    let lists: Vec<_> = (0..count).map(|_| new_list(module, bytes)).filter(|list| !list.is_null()).collect();
    if lists.is_empty() {
        return false;
    }
    let number = u32::try_from(lists.len()).unwrap();
    if sins(Sin::IndicatesTwoPackets) {
        let (one, two) = k!(((*lists[0]).FirstNetBuffer, (*lists[1]).FirstNetBuffer));
        k!((*one).Next = two);
    }
    let flags = if lends { NDIS_RECEIVE_FLAGS_RESOURCES } else { 0 };
    k!((*module).out += number);
    k!(NdisFIndicateReceiveNetBufferLists((*module).handle, link(&lists), 0, number, flags));
    if lends {
        finished(module, link(&lists), 0);
    }
    true
}

fn may_originate(module: *mut Module) -> bool {
    k!((*module).state) == ModuleState::Running || sins(Sin::OriginatesWhilePaused)
}

/// Own lists are back: they are freed, and the last one ends a pause.
pub(super) fn finished(module: *mut Module, first: *mut NET_BUFFER_LIST, flags: u32) {
    each(first, |list| {
        if sins(Sin::ReusesDirty) {
            k!((*list).Next = ptr::null_mut());
            k!(NdisFSendNetBufferLists((*module).handle, list, 0, flags));
            return;
        }
        k!((*module).out -= 1);
        if k!((*list).ParentNetBufferList).is_null() {
            free_list(list);
        } else {
            finish_clone(module, list, flags);
        }
    });
    if k!((*module).out) == 0 && k!((*module).pause_pends) {
        k!((*module).pause_pends = false);
        k!((*module).state = ModuleState::Paused);
        k!(NdisFPauseComplete((*module).handle));
    }
}

fn sin_in_own_send(module: *mut Module, list: *mut NET_BUFFER_LIST) {
    let handle = k!((*module).handle);
    if sins(Sin::SendsBeyondMdls) {
        let packet = k!((*list).FirstNetBuffer);
        k!((*packet).DataLength += 1);
    }
    if sins(Sin::MakesListsItself) {
        let memory: *mut NET_BUFFER_LIST = k!(ExAllocatePoolWithTag(NonPagedPoolNx, 400, TAG)).cast();
        k!(memory.cast::<u8>().write_bytes(0, 400));
        k!((*memory).SourceHandle = handle);
        k!(NdisFSendNetBufferLists(handle, memory, 0, 0));
    }
    if sins(Sin::FreesPoolEarly) {
        k!(NdisFreeNetBufferListPool((*module).pool));
    }
    if sins(Sin::AllocatesFromWrongPool) {
        let pool = new_pool(handle, true, 64);
        k!(NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, ptr::null_mut(), 0, 0));
    }
}

/// A chain behind another.
pub(super) fn join(queue: *mut NET_BUFFER_LIST, first: *mut NET_BUFFER_LIST) -> *mut NET_BUFFER_LIST {
    let mut lists = Vec::new();
    each(queue, |list| lists.push(list));
    each(first, |list| lists.push(list));
    link(&lists)
}

/// Passes on what is kept.
pub(crate) fn flush() {
    let Some(module) = module() else { return };
    if k!((*module).state) != ModuleState::Running {
        return;
    }
    let kept = k!(ptr::replace(&raw mut (*module).queue, ptr::null_mut()));
    if !kept.is_null() {
        k!(NdisFSendNetBufferLists((*module).handle, kept, 0, 0));
    }
    if plan(|plan| plan.sends_only.get()) {
        return;
    }
    let held = k!(ptr::replace(&raw mut (*module).held, ptr::null_mut()));
    if !held.is_null() {
        let mut count = 0;
        each(held, |_| count += 1);
        k!(NdisFIndicateReceiveNetBufferLists((*module).handle, held, 0, count, 0));
    }
}

/// Gives back what is kept: the module pauses.
pub(super) fn abort_queue(module: *mut Module) {
    let kept = k!(ptr::replace(&raw mut (*module).queue, ptr::null_mut()));
    if !kept.is_null() {
        each(kept, |list| k!((*list).Status = NDIS_STATUS_PAUSED));
        k!(NdisFSendNetBufferListsComplete((*module).handle, kept, 0));
    }
    let held = k!(ptr::replace(&raw mut (*module).held, ptr::null_mut()));
    if !held.is_null() {
        k!(NdisFReturnNetBufferLists((*module).handle, held, 0));
    }
}

/// Sends clones of a chain; the originals wait.
pub(super) fn send_clones(module: *mut Module, first: *mut NET_BUFFER_LIST, port: u32, flags: u32) {
    let handle = k!((*module).handle);
    let mut clones = Vec::new();
    each(first, |list| {
        k!((*list).Next = ptr::null_mut());
        let clone = k!(NdisAllocateCloneNetBufferList(list, ptr::null_mut(), ptr::null_mut(), clone_flags()));
        if clone.is_null() {
            k!((*list).Status = NDIS_STATUS_RESOURCES);
            k!(NdisFSendNetBufferListsComplete(handle, list, flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL));
            return;
        }
        k!((*clone).SourceHandle = handle);
        k!((*clone).ParentNetBufferList = list);
        clones.push(clone);
    });
    if clones.is_empty() {
        return;
    }
    k!((*module).out += u32::try_from(clones.len()).unwrap());
    k!(NdisFSendNetBufferLists(handle, link(&clones), port, flags));
}

fn clone_flags() -> u32 {
    NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS
}

fn finish_clone(module: *mut Module, clone: *mut NET_BUFFER_LIST, flags: u32) {
    let handle = k!((*module).handle);
    let original = k!((*clone).ParentNetBufferList);
    k!((*original).Status = (*clone).Status);
    if sins(Sin::GivesOriginalBackFirst) {
        k!(NdisFSendNetBufferListsComplete(handle, original, flags));
    }
    if sins(Sin::FreesCloneAsList) {
        k!(NdisFreeNetBufferList(clone));
    }
    let clone_flags = if sins(Sin::FreesCloneWithOtherFlags) { 0 } else { clone_flags() };
    k!(NdisFreeCloneNetBufferList(clone, clone_flags));
    k!(NdisFSendNetBufferListsComplete(handle, original, flags));
}
