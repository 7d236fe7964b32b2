//! Requests of the protocol: one at a time on each adapter.

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_QUERY_SET, NDIS_OID_REQUEST, NDIS_STATUS,
    NDIS_STATUS_PENDING,
};

use super::{Birth, cancel, data, down, new_request, request};
use crate::machine::machine;
use crate::ndis::raw;
use crate::ndis::stack::Stack;
use crate::nt::pool;
use crate::sched;
use crate::verify::Rule;

/// What the protocol asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidQuestion {
    /// `NdisRequestQueryInformation` or `NdisRequestSetInformation`.
    pub kind: u32,
    /// Which.
    pub oid: u32,
    /// What is set, or room for the answer.
    pub buffer: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidOutcome {
    /// How it ended.
    pub status: NDIS_STATUS,
    /// How many bytes were written or read.
    pub bytes: u32,
    /// How many would be needed.
    pub needed: u32,
    /// The buffer afterwards.
    pub buffer: Vec<u8>,
}

/// Longer than this no request takes, in units of 100 ns.
const OID_MAX: u64 = 12 * 10_000_000;
const REQUEST: &str = "NDIS_OID_REQUEST";
const BUFFER: &str = "buffer of a request";

/// The protocol asks, and waits for the answer.
pub(crate) fn ask(stack: &Rc<Stack>, question: &OidQuestion) -> OidOutcome {
    sched::block_until("the request before", None, || !stack.oids.busy.get());
    stack.oids.busy.set(true);
    let revision = machine().ndis.version().oid_request();
    let block = pool::allocate(REQUEST, 0, size_of::<NDIS_OID_REQUEST>());
    raw::fill(block, 0, size_of::<NDIS_OID_REQUEST>());
    let memory: *mut NDIS_OID_REQUEST = block.cast();
    let length = u32::try_from(question.buffer.len()).unwrap_or(u32::MAX);
    let buffer = pool::allocate(BUFFER, 0, question.buffer.len().max(1));
    raw::write(buffer, &question.buffer);
    request::set_Header(memory, NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_OID_REQUEST, revision));
    request::set_RequestType(memory, question.kind);
    request::set_RequestId(memory, std::ptr::without_provenance_mut(machine().ndis.handle()));
    raw::set(
        data(memory),
        NDIS_OID_QUERY_SET {
            Oid: question.oid,
            InformationBuffer: buffer.cast(),
            InformationBufferLength: length,
            BytesWritten: 0,
            BytesNeeded: 0,
        },
    );
    let asked = new_request(stack, memory, Birth::Protocol);
    stack.oids.current.set(memory.addr());
    let mut status = down(stack, None, &asked);
    if status == NDIS_STATUS_PENDING {
        if !asked.signal.wait(Some(OID_MAX)) {
            asked.broken(Rule::O1, "a request is PENDING, and not complete after 12 s".to_owned());
        }
        status = asked.completed.get().unwrap_or(status);
    }
    stack.oids.current.set(0);
    stack.oids.requests.borrow_mut().remove(&memory.addr());
    let result = raw::get(data(memory));
    let outcome = OidOutcome {
        status,
        bytes: result.BytesWritten,
        needed: result.BytesNeeded,
        buffer: raw::bytes(buffer, question.buffer.len()),
    };
    pool::free(BUFFER, buffer);
    pool::free(REQUEST, block);
    stack.oids.busy.set(false);
    outcome
}

/// The protocol cancels what it waits for.
pub(crate) fn cancel_current(stack: &Rc<Stack>) {
    let memory: *mut NDIS_OID_REQUEST = std::ptr::with_exposed_provenance_mut(stack.oids.current.get());
    if !memory.is_null() {
        cancel(stack, None, request::RequestId(memory));
    }
}
