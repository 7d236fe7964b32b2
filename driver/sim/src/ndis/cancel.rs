//! Cancelling sends: on the way down every module aborts what it keeps, and passes the cancellation on.

use std::rc::Rc;

use snapgate_ffi::ndis::NDIS_HANDLE;
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};

use super::lists::{Holder, Hop, Way, lists};
use super::module::{Module, module_of};
use super::stack::Stack;
use crate::machine::{check, violate_with};
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// Lets lists of the module be cancelled further down.
pub(crate) fn cancel(stack: &Rc<Stack>, from: Option<&Hop>, id: PVOID) {
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.handlers.get().cancel_send
        {
            module.cancelled.borrow_mut().clear();
            module.driver.data_call("FilterCancelSendNetBufferLists", || {
                // SAFETY: the handler with the module's context.
                unsafe { handler(module.context.get(), id) };
            });
            check_cancelled(module, id.addr());
            return;
        }
        hop = stack.below(Some(&at));
    }
    stack.miniport.cancel(stack, id.addr());
}

/// After a cancellation the module keeps no list with that id, and has passed the cancellation on.
fn check_cancelled(module: &Module, id: usize) {
    let slot = usize::from(snapgate_ffi::ndis::NetBufferListCancelId);
    let kept = lists().those(|list| {
        let kept = matches!(list.holder.get(), Holder::Module { module: holder, call: None, way: Way::There } if holder == module.number);
        // An original waits for its clone, which is further down.
        kept && list.clones.get() == 0 && super::layout::info(list.nbl, slot) == id
    });
    if let Some(list) = kept.first() {
        let message =
            format!("FilterCancelSendNetBufferLists: {} still keeps {list:?} with this id", module.name());
        violate_with(Rule::O4, list.key(), message);
    }
    check(module.cancelled.borrow().contains(&id), Rule::O4, || {
        format!("FilterCancelSendNetBufferLists: {} did not pass the cancellation on", module.name())
    });
}

exports! { "ndis.sys";
    fn NdisFCancelSendNetBufferLists(handle: NDIS_HANDLE, id: PVOID) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFCancelSendNetBufferLists");
        point("NdisFCancelSendNetBufferLists");
        let module = module_of(handle, "NdisFCancelSendNetBufferLists");
        module.note_cancel(id);
        cancel(&module.stack(), Some(&Hop::Module(module)), id);
    }
}
