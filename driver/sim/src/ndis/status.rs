//! Status indications, on their way up.

use std::mem::offset_of;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS, NDIS_STATUS_INDICATION,
    STATUS_INDICATION,
};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::lists::Hop;
use super::module::module_of;
use super::raw;
use super::stack::Stack;
use crate::machine::check;
use crate::nt::pool;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

const INDICATION: &str = "NDIS_STATUS_INDICATION";
const BUFFER: &str = "buffer of a status";

/// The miniport indicates a status.
pub(crate) fn indicate(stack: &Rc<Stack>, code: NDIS_STATUS, buffer: &[u8]) {
    let block = pool::allocate(INDICATION, 0, size_of::<NDIS_STATUS_INDICATION>());
    raw::fill(block, 0, size_of::<NDIS_STATUS_INDICATION>());
    let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_STATUS_INDICATION, STATUS_INDICATION);
    raw::set(block.cast(), header);
    raw::set(
        block.wrapping_add(offset_of!(NDIS_STATUS_INDICATION, SourceHandle)).cast(),
        stack.miniport.end.handle(),
    );
    raw::set(block.wrapping_add(offset_of!(NDIS_STATUS_INDICATION, StatusCode)).cast(), code);
    let data = pool::allocate(BUFFER, 0, buffer.len().max(1));
    raw::write(data, buffer);
    if !buffer.is_empty() {
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        raw::set(block.wrapping_add(offset_of!(NDIS_STATUS_INDICATION, StatusBuffer)).cast(), data);
        raw::set(block.wrapping_add(offset_of!(NDIS_STATUS_INDICATION, StatusBufferSize)).cast(), length);
    }
    up(stack, None, block.cast());
    pool::free(BUFFER, data);
    pool::free(INDICATION, block);
}

/// A status whose buffer is a structure.
pub(crate) fn indicate_value<T>(stack: &Rc<Stack>, code: NDIS_STATUS, value: &T) {
    indicate(stack, code, &raw::bytes((&raw const *value).cast(), size_of::<T>()));
}

fn up(stack: &Rc<Stack>, from: Option<&Hop>, indication: *mut NDIS_STATUS_INDICATION) {
    let mut hop = stack.above(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.driver.handlers.status
        {
            module.control_call("FilterStatus", || {
                // SAFETY: the handler with the module's context and an indication for its time.
                unsafe { handler(module.context.get(), indication) };
            });
            return;
        }
        hop = stack.above(Some(&at));
    }
    stack.protocol.note_status(raw::get(indication).StatusCode);
}

exports! { "ndis.sys";
    fn NdisFIndicateStatus(handle: NDIS_HANDLE, indication: *mut NDIS_STATUS_INDICATION) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFIndicateStatus");
        point("NdisFIndicateStatus");
        let module = module_of(handle, "NdisFIndicateStatus");
        let header = raw::get(indication.cast::<NDIS_OBJECT_HEADER>());
        check(header == NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_STATUS_INDICATION, STATUS_INDICATION), Rule::Argument, || {
            format!("NdisFIndicateStatus: the header is {header:?}")
        });
        up(&module.stack(), Some(&Hop::Module(module)), indication);
    }
}
