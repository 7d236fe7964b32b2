//! Requests: from the protocol down through the modules, from modules themselves, and their completions.
//!
//! ```text
//!   protocol ─ request ─▶ FilterOidRequest ─ clone ─▶ NdisFOidRequest ─▶ ... ─▶ miniport
//!            ◀─ NdisFOidRequestComplete ─ results copied ◀─ FilterOidRequestComplete ◀─
//! ```
//!
//! PENDING means that exactly one completion follows, anything else that none does.

mod answers;
mod calls;
mod protocol;

pub(crate) use calls::EXPORTS;
pub use protocol::{OidOutcome, OidQuestion};
pub(crate) use protocol::{ask, cancel_current};

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_OBJECT_HEADER, NDIS_OID_QUERY_SET, NDIS_OID_REQUEST, NDIS_STATUS, NDIS_STATUS_PENDING,
    NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER,
};
use snapgate_ffi::ntdef::{NT_SUCCESS, PVOID};

use super::lists::Hop;
use super::module::Module;
use super::raw::{self, fields};
use super::stack::Stack;
use crate::machine::{check, machine, violate, violate_with};
use crate::sched::{self, Signal};
use crate::verify::{Rule, ledger};

fields! { request: NDIS_OID_REQUEST {
    Header set_Header: NDIS_OBJECT_HEADER,
    RequestType set_RequestType: u32,
    Timeout set_Timeout: u32,
    RequestId set_RequestId: PVOID,
    RequestHandle set_RequestHandle: NDIS_HANDLE,
    SourceReserved set_SourceReserved: [PVOID; 2],
} }

const CLONE: &str = "cloned NDIS_OID_REQUEST";

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Birth {
    Protocol,
    /// A clone that this module made of the request at this address.
    Clone {
        module: u32,
        of: usize,
    },
    /// One that this module made itself.
    Own {
        module: u32,
    },
}

/// One request.
struct Request {
    memory: *mut NDIS_OID_REQUEST,
    birth: Birth,
    /// The module whose handler has it, and what that saw in `SourceReserved`.
    taken: RefCell<Option<(Rc<Module>, [PVOID; 2])>>,
    /// That module has completed it.
    completed: Cell<Option<NDIS_STATUS>>,
    /// On its way down, and not complete.
    out: Cell<bool>,
    /// How many bytes its last clone brought, when that succeeded.
    result: Cell<Option<u32>>,
    signal: Signal,
}

/// What a stack knows of requests.
#[derive(Default)]
pub(crate) struct StackOids {
    busy: Cell<bool>,
    requests: RefCell<BTreeMap<usize, Rc<Request>>>,
    /// The request of the protocol that is on its way.
    current: Cell<usize>,
    pub(crate) packet_filter: Cell<u32>,
    /// The miniport answers later.
    pub(crate) pend: Cell<bool>,
    /// Requests with this id are cancelled at the miniport.
    cancelled: Cell<usize>,
}

/// What a module has to do with requests.
#[derive(Default)]
pub(crate) struct ModuleOids {
    /// On their way down from the module.
    out: Cell<u32>,
    clones: Cell<u32>,
    /// The packet filter that it set by itself, and the one that was asked for from above.
    own_filter: Cell<u32>,
    upper_filter: Cell<u32>,
    cancelled: RefCell<Vec<usize>>,
}

impl ModuleOids {
    pub(crate) fn outstanding(&self) -> Option<&'static str> {
        if self.out.get() > 0 {
            Some("a request")
        } else if self.clones.get() > 0 {
            Some("a cloned request")
        } else {
            None
        }
    }
}

fn data(of: *mut NDIS_OID_REQUEST) -> *mut NDIS_OID_QUERY_SET {
    of.wrapping_byte_add(std::mem::offset_of!(NDIS_OID_REQUEST, DATA)).cast()
}

fn is_filter_set(of: *mut NDIS_OID_REQUEST) -> Option<u32> {
    let set = raw::get(data(of));
    let wanted = request::RequestType(of) == NdisRequestSetInformation
        && set.Oid == OID_GEN_CURRENT_PACKET_FILTER
        && set.InformationBufferLength >= 4
        && !set.InformationBuffer.is_null();
    wanted.then(|| raw::get(set.InformationBuffer.cast::<u32>()))
}

fn new_request(stack: &Stack, memory: *mut NDIS_OID_REQUEST, birth: Birth) -> Rc<Request> {
    let made = Rc::new(Request {
        memory,
        birth,
        taken: RefCell::default(),
        completed: Cell::new(None),
        out: Cell::new(false),
        result: Cell::new(None),
        signal: Signal::new(),
    });
    ledger::forget(memory.cast_const().cast());
    stack.oids.requests.borrow_mut().insert(memory.addr(), Rc::clone(&made));
    made
}

fn find(stack: &Stack, memory: *mut NDIS_OID_REQUEST) -> Option<Rc<Request>> {
    stack.oids.requests.borrow().get(&memory.addr()).cloned()
}

impl Request {
    fn key(&self) -> *const () {
        self.memory.cast_const().cast()
    }

    fn broken(&self, rule: Rule, message: String) -> ! {
        violate_with(rule, self.key(), message)
    }
}

/// Down, from below a hop.
fn down(stack: &Rc<Stack>, from: Option<&Hop>, asked: &Rc<Request>) -> NDIS_STATUS {
    asked.out.set(true);
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.driver.handlers.oid_request
        {
            let reserved = request::SourceReserved(asked.memory);
            *asked.taken.borrow_mut() = Some((Rc::clone(module), reserved));
            asked.completed.set(None);
            if let Some(filter) = is_filter_set(asked.memory) {
                module.oids.upper_filter.set(filter);
            }
            ledger::note(asked.key(), || format!("request given to {}", module.name()));
            let status = module.control_call("FilterOidRequest", || {
                // SAFETY: the handler with the module's context and a request that is its until it is complete.
                unsafe { handler(module.context.get(), asked.memory) }
            });
            if status == NDIS_STATUS_PENDING {
                return status;
            }
            if asked.completed.get().is_some() {
                asked.broken(
                    Rule::O1,
                    format!("FilterOidRequest: {status:#x}, and NdisFOidRequestComplete was called as well"),
                );
            }
            check_results("FilterOidRequest", asked, status);
            asked.out.set(false);
            return status;
        }
        hop = stack.below(Some(&at));
    }
    at_miniport(stack, asked)
}

/// A module is done with a request from above: what it must not touch is as it was, and results are copied.
fn check_results(function: &str, asked: &Request, status: NDIS_STATUS) {
    let taken = asked.taken.borrow().clone();
    let Some((_, reserved)) = taken else { return };
    if request::SourceReserved(asked.memory) != reserved {
        asked.broken(
            Rule::O2,
            format!(
                "{function}: SourceReserved of a request from above was written; it is free in clones only"
            ),
        );
    }
    let bytes = raw::get(data(asked.memory)).BytesWritten;
    if let Some(result) = asked.result.take()
        && NT_SUCCESS(status)
        && bytes != result
    {
        asked.broken(
            Rule::O2,
            format!("{function}: the clone has {result} bytes, the request {bytes}: not copied back"),
        );
    }
}

/// The miniport answers, now or later.
fn at_miniport(stack: &Rc<Stack>, asked: &Rc<Request>) -> NDIS_STATUS {
    ledger::note(asked.key(), || "request given to the miniport".to_owned());
    if !stack.oids.pend.get() {
        let status = answers::answer(stack, asked.memory);
        asked.out.set(false);
        return status;
    }
    let (stack, asked) = (Rc::clone(stack), Rc::clone(asked));
    sched::spawn("a miniport that answers a request", move || {
        let id = request::RequestId(asked.memory).addr();
        let until = sched::now() + 100_000;
        sched::block_until("a cancellation", Some(until), || stack.oids.cancelled.get() == id);
        let status = if stack.oids.cancelled.get() == id {
            snapgate_ffi::ndis::NDIS_STATUS_REQUEST_ABORTED
        } else {
            answers::answer(&stack, asked.memory)
        };
        complete(&asked, status);
    });
    NDIS_STATUS_PENDING
}

/// A request that was pending is complete: whoever sent it is told.
fn complete(asked: &Rc<Request>, status: NDIS_STATUS) {
    asked.out.set(false);
    let module = match asked.birth {
        Birth::Protocol => {
            asked.completed.set(Some(status));
            asked.signal.set();
            return;
        }
        Birth::Clone { module, .. } | Birth::Own { module } => module,
    };
    let modules = machine().ndis.modules.borrow().values().cloned().collect::<Vec<_>>();
    let Some(module) = modules.into_iter().find(|other| other.number == module) else { return };
    finished(&module, asked, status);
    let Some(handler) = module.driver.handlers.oid_request_complete else {
        violate(Rule::O1, format!("{} has no handler for the completion of a request", module.name()));
    };
    module.control_call("FilterOidRequestComplete", || {
        // SAFETY: the handler with the module's context and a request that it sent.
        unsafe { handler(module.context.get(), asked.memory, status) };
    });
}

/// A request that a module sent is back.
fn finished(module: &Module, asked: &Request, status: NDIS_STATUS) {
    module.oids.out.set(module.oids.out.get().saturating_sub(1));
    let stack = module.stack();
    match asked.birth {
        Birth::Clone { of, .. } if NT_SUCCESS(status) => {
            if let Some(original) = find(&stack, std::ptr::without_provenance_mut(of)) {
                original.result.set(Some(raw::get(data(asked.memory)).BytesWritten));
            }
        }
        Birth::Own { .. } => {
            if let Some(filter) = is_filter_set(asked.memory).filter(|_| NT_SUCCESS(status)) {
                module.oids.own_filter.set(filter & !module.oids.upper_filter.get());
            }
            stack.oids.requests.borrow_mut().remove(&asked.memory.addr());
        }
        _ => {}
    }
}

fn cancel(stack: &Rc<Stack>, from: Option<&Hop>, id: PVOID) {
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && module.driver.handlers.oid_request.is_some()
        {
            let pending = module.oids.out.get() > 0;
            module.oids.cancelled.borrow_mut().clear();
            if let Some(handler) = module.driver.handlers.cancel_oid_request {
                module.control_call("FilterCancelOidRequest", || {
                    // SAFETY: the handler with the module's context.
                    unsafe { handler(module.context.get(), id) };
                });
            }
            check(!pending || !module.oids.cancelled.borrow().is_empty(), Rule::O4, || {
                format!("FilterCancelOidRequest: {} has a clone below, and did not cancel it", module.name())
            });
            return;
        }
        hop = stack.below(Some(&at));
    }
    stack.oids.cancelled.set(id.addr());
}
