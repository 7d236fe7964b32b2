//! Contexts: what drivers keep with a list.
//!
//! ```text
//!   list.Context ─▶ [ header | free: Offset bytes | used ... ] ─Next─▶ the block before
//! ```
//!
//! Each driver takes a slice and gives it back before the one that it found is given back: last in, first out.

use snapgate_ffi::ndis::{
    NDIS_STATUS, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS, NET_BUFFER_LIST, NET_BUFFER_LIST_CONTEXT,
};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::chain;
use super::layout::{context, nbl};
use super::lists::{ContextBlock, Holder, List};
use crate::fault::{self, Fault};
use crate::machine::{check, violate_with};
use crate::nt::pool;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

const BLOCK: &str = "NET_BUFFER_LIST_CONTEXT";

/// Takes a slice: of the current block if it has room, else of a new one.
pub(crate) fn add(list: &List, size: u16, back_fill: u16, module: Option<u32>) {
    let current = nbl::Context(list.nbl);
    if !current.is_null() && context::Offset(current) >= size {
        context::set_Offset(current, context::Offset(current) - size);
    } else {
        let room = size.saturating_add(back_fill);
        let header = size_of::<NET_BUFFER_LIST_CONTEXT>();
        let block: *mut NET_BUFFER_LIST_CONTEXT = pool::allocate(BLOCK, 0, header + usize::from(room)).cast();
        context::set_Next(block, current);
        context::set_Size(block, room);
        context::set_Offset(block, back_fill);
        nbl::set_Context(list.nbl, block);
    }
    let initial = list.contexts.borrow().is_empty() && list.trips.get() == 0 && module.is_none();
    list.contexts.borrow_mut().push(ContextBlock { size, module, initial });
}

fn remove(list: &List, size: u16) {
    list.contexts.borrow_mut().pop();
    let current = nbl::Context(list.nbl);
    let offset = context::Offset(current).saturating_add(size);
    context::set_Offset(current, offset);
    if offset >= context::Size(current) || list.contexts.borrow().is_empty() {
        nbl::set_Context(list.nbl, context::Next(current));
        pool::free(BLOCK, current.cast());
    }
}

/// Frees the context that came with a list.
pub(crate) fn drop_initial(list: &List) {
    let last = list.contexts.borrow().last().copied();
    if let Some(block) = last.filter(|block| block.initial) {
        remove(list, block.size);
    }
}

/// The module that holds a list; `None` if its owner does.
fn holder(function: &str, list: &List) -> Option<u32> {
    match list.holder.get() {
        Holder::Owner => None,
        Holder::Module { module, .. } => Some(module),
        _ => {
            violate_with(Rule::N1, list.key(), format!("{function}: {list:?} is held by {}", list.held_by()))
        }
    }
}

exports! { "ndis.sys";
    fn NdisAllocateNetBufferListContext(
        list: *mut NET_BUFFER_LIST, size: u16, back_fill: u16, tag: u32,
    ) -> NDIS_STATUS {
        const NAME: &str = "NdisAllocateNetBufferListContext";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let list = chain::known(NAME, list);
        let module = holder(NAME, &list);
        check(size > 0 && size.is_multiple_of(8) && back_fill.is_multiple_of(8), Rule::P3, || {
            format!("{NAME}: sizes {size} and {back_fill} are no multiples of 8")
        });
        check(tag != 0, Rule::Argument, || format!("{NAME}: no tag"));
        if fault::fails(Fault::Nbl) {
            return NDIS_STATUS_RESOURCES;
        }
        add(&list, size, back_fill, module);
        NDIS_STATUS_SUCCESS
    }

    fn NdisFreeNetBufferListContext(list: *mut NET_BUFFER_LIST, size: u16) {
        const NAME: &str = "NdisFreeNetBufferListContext";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let list = chain::known(NAME, list);
        let module = holder(NAME, &list);
        let last = list.contexts.borrow().last().copied();
        let Some(last) = last else {
            violate_with(Rule::P3, list.key(), format!("{NAME}: {list:?} has no context"));
        };
        if last.module != module || last.size != size {
            let message = format!("{NAME}: the last context of {list:?} is {last:?}, not one of {size} bytes of the caller");
            violate_with(Rule::P3, list.key(), message);
        }
        remove(&list, size);
    }
}
