//! The functions by which drivers send, clone and complete requests.

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST, NDIS_STATUS, NDIS_STATUS_PENDING,
    NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};

use super::{
    Birth, CLONE, cancel, check_results, complete, down, find, finished, is_filter_set, new_request, request,
};
use crate::fault::{self, Fault};
use crate::machine::{check, machine, violate};
use crate::ndis::lists::Hop;
use crate::ndis::module::{Module, module_of};
use crate::ndis::raw;
use crate::ndis::state::State;
use crate::nt::pool;
use crate::sched::{irql_at_most, point};
use crate::verify::{Rule, ledger};

fn check_own_header(asked: *mut NDIS_OID_REQUEST, module: &Module) {
    let header = request::Header(asked);
    let fits = header.Type == NDIS_OBJECT_TYPE_OID_REQUEST
        && [module.driver.version.oid_request(), machine().ndis.version().oid_request()]
            .iter()
            .any(|revision| header.Revision == revision.number && header.Size >= revision.size);
    check(fits, Rule::O2, || format!("NdisFOidRequest: the header of the request is {header:?}"));
}

/// A module that sets the packet filter keeps what others asked for.
fn check_filter(asked: *mut NDIS_OID_REQUEST, module: &Module, own: bool) {
    let Some(filter) = is_filter_set(asked) else { return };
    let (others, who) = if own {
        (module.oids.upper_filter.get(), "what was asked for from above")
    } else {
        (module.oids.own_filter.get(), "what the module itself asked for")
    };
    check(filter & others == others, Rule::O3, || {
        format!("NdisFOidRequest: packet filter {filter:#x} lacks {who}: {others:#x}")
    });
}

exports! { "ndis.sys";
    fn NdisAllocateCloneOidRequest(
        handle: NDIS_HANDLE, original: *mut NDIS_OID_REQUEST, tag: u32, clone: *mut *mut NDIS_OID_REQUEST,
    ) -> NDIS_STATUS {
        const NAME: &str = "NdisAllocateCloneOidRequest";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let module = module_of(handle, NAME);
        let stack = module.stack();
        if find(&stack, original).is_none() {
            violate(Rule::O2, format!("{NAME}: {original:p} is no request that is on its way"));
        }
        if fault::fails(Fault::Oid) {
            return NDIS_STATUS_RESOURCES;
        }
        let size = size_of::<NDIS_OID_REQUEST>();
        let block = pool::allocate_for_driver(CLONE, tag, size);
        raw::write(block, &raw::bytes(original.cast(), size));
        let made: *mut NDIS_OID_REQUEST = block.cast();
        request::set_SourceReserved(made, [std::ptr::null_mut(); 2]);
        new_request(&stack, made, Birth::Clone { module: module.number, of: original.addr() });
        module.oids.clones.set(module.oids.clones.get() + 1);
        raw::set(clone, made);
        NDIS_STATUS_SUCCESS
    }

    fn NdisFreeCloneOidRequest(handle: NDIS_HANDLE, clone: *mut NDIS_OID_REQUEST) {
        const NAME: &str = "NdisFreeCloneOidRequest";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let module = module_of(handle, NAME);
        let stack = module.stack();
        let Some(made) = find(&stack, clone) else {
            violate(Rule::O2, format!("{NAME}: {clone:p} is no request, or was freed"));
        };
        if !matches!(made.birth, Birth::Clone { module: maker, .. } if maker == module.number) {
            made.broken(Rule::O2, format!("{NAME}: a request that is no clone of {}", module.name()));
        }
        if made.out.get() {
            made.broken(Rule::O1, format!("{NAME}: the clone is not complete"));
        }
        stack.oids.requests.borrow_mut().remove(&clone.addr());
        module.oids.clones.set(module.oids.clones.get().saturating_sub(1));
        pool::free(CLONE, clone.cast());
    }

    fn NdisFOidRequest(handle: NDIS_HANDLE, asked: *mut NDIS_OID_REQUEST) -> NDIS_STATUS {
        const NAME: &str = "NdisFOidRequest";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let module = module_of(handle, NAME);
        check(module.state() != State::Attaching, Rule::L8, || format!("{NAME}: {} is attaching", module.name()));
        let stack = module.stack();
        let asked = match find(&stack, asked) {
            Some(known) => {
                if !matches!(known.birth, Birth::Clone { module: maker, .. } if maker == module.number) {
                    known.broken(Rule::O1, format!("{NAME}: {} forwards a request that is no clone of its own", module.name()));
                }
                check_filter(known.memory, &module, false);
                known
            }
            None => {
                check_own_header(asked, &module);
                check_filter(asked, &module, true);
                new_request(&stack, asked, Birth::Own { module: module.number })
            }
        };
        if asked.out.get() || module.oids.out.get() > 0 {
            asked.broken(Rule::O1, format!("{NAME}: {} has a request outstanding", module.name()));
        }
        module.oids.out.set(module.oids.out.get() + 1);
        ledger::note(asked.key(), || format!("request sent by {}", module.name()));
        let status = down(&stack, Some(&Hop::Module(Rc::clone(&module))), &asked);
        if status != NDIS_STATUS_PENDING {
            finished(&module, &asked, status);
        }
        point(NAME);
        status
    }

    fn NdisFOidRequestComplete(handle: NDIS_HANDLE, asked: *mut NDIS_OID_REQUEST, status: NDIS_STATUS) {
        const NAME: &str = "NdisFOidRequestComplete";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let module = module_of(handle, NAME);
        let Some(asked) = find(&module.stack(), asked) else {
            violate(Rule::O1, format!("{NAME}: {asked:p} is no request that is on its way, or is complete"));
        };
        let taken = asked.taken.borrow().as_ref().is_some_and(|(taker, _)| Rc::ptr_eq(taker, &module));
        if !taken {
            asked.broken(Rule::O2, format!("{NAME}: {} completes a request upwards that is its own", module.name()));
        }
        if asked.completed.get().is_some() {
            asked.broken(Rule::O1, format!("{NAME}: the request is complete already"));
        }
        check(status != NDIS_STATUS_PENDING, Rule::O1, || format!("{NAME}: PENDING"));
        check_results(NAME, &asked, status);
        ledger::note(asked.key(), || format!("request completed by {}: {status:#x}", module.name()));
        asked.completed.set(Some(status));
        complete(&asked, status);
        point(NAME);
    }

    fn NdisFCancelOidRequest(handle: NDIS_HANDLE, id: PVOID) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFCancelOidRequest");
        point("NdisFCancelOidRequest");
        let module = module_of(handle, "NdisFCancelOidRequest");
        module.oids.cancelled.borrow_mut().push(id.addr());
        cancel(&module.stack(), Some(&Hop::Module(module)), id);
    }
}
