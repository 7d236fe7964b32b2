//! Pools of lists and packets.
//!
//! | fAllocateNetBuffer | DataSize | an allocation brings |
//! | --- | --- | --- |
//! | TRUE | 0 | list, packet |
//! | TRUE | more | list, packet, MDL, buffer |
//! | FALSE | 0 | list |
//! | FALSE | more | there is no such pool |

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL,
    NET_BUFFER_LIST_POOL_PARAMETERS, NET_BUFFER_POOL, NET_BUFFER_POOL_PARAMETERS,
};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::module::Module;
use super::{handle_of, raw};
use crate::fault::{self, Fault};
use crate::machine::{check, machine, violate};
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// What comes from a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lists.
    Lists { with_packet: bool, data: u32 },
    /// Packets.
    Packets { data: u32 },
}

/// One pool.
pub(crate) struct Pool {
    pub(crate) handle: usize,
    pub(crate) kind: Kind,
    /// The handle that it was made with.
    owner: usize,
    /// NDIS' own, for clones without a pool.
    default: bool,
    pub(crate) live: Cell<u32>,
}

/// All pools, by handle.
#[derive(Default)]
pub(crate) struct Pools {
    pools: RefCell<BTreeMap<usize, Rc<Pool>>>,
}

fn add(kind: Kind, owner: usize, default: bool) -> Rc<Pool> {
    let handle = machine().ndis.handle();
    let pool = Rc::new(Pool { handle, kind, owner, default, live: Cell::new(0) });
    machine().ndis.pools.pools.borrow_mut().insert(handle, Rc::clone(&pool));
    pool
}

/// The pool behind a handle that a driver gave.
pub(crate) fn pool_of(function: &str, handle: NDIS_HANDLE) -> Rc<Pool> {
    let pool = machine().ndis.pools.pools.borrow().get(&handle.addr()).cloned();
    let Some(pool) = pool else {
        violate(Rule::P1, format!("{function}: {handle:p} is no pool, or it was freed"));
    };
    pool
}

/// NDIS' own pool of a kind.
pub(crate) fn default_pool(kind: Kind) -> Rc<Pool> {
    let found =
        machine().ndis.pools.pools.borrow().values().find(|pool| pool.default && pool.kind == kind).cloned();
    found.unwrap_or_else(|| add(kind, 0, true))
}

/// What a module has left: a pool that it made with its handle.
pub(crate) fn of_module(module: &Module) -> Option<String> {
    let pools = machine().ndis.pools.pools.borrow();
    pools.values().find(|pool| pool.owner == module.handle).map(|pool| format!("a pool of {:?}", pool.kind))
}

/// A driver that is gone has freed its pools.
pub(crate) fn check_gone() {
    let left = machine().ndis.pools.pools.borrow().values().find(|pool| !pool.default).map(|pool| pool.kind);
    if let Some(kind) = left {
        violate(Rule::P1, format!("the driver is gone, and has left a pool of {kind:?}"));
    }
}

fn free(function: &'static str, handle: NDIS_HANDLE, lists: bool) {
    irql_at_most(DISPATCH_LEVEL, Rule::I2, function);
    point(function);
    let pool = pool_of(function, handle);
    check(matches!(pool.kind, Kind::Lists { .. }) == lists, Rule::P1, || {
        format!("{function}: a pool of {:?}", pool.kind)
    });
    check(pool.live.get() == 0, Rule::P1, || format!("{function}: {} of it are not freed", pool.live.get()));
    check(!pool.default, Rule::P1, || format!("{function}: a pool of NDIS"));
    machine().ndis.pools.pools.borrow_mut().remove(&pool.handle);
}

/// Whether a header is what pools are made with: a revision that is known, and at least its size.
fn is_header(header: NDIS_OBJECT_HEADER, revision: snapgate_ffi::ndis::Revision) -> bool {
    header.Type == NDIS_OBJECT_TYPE_DEFAULT
        && header.Revision >= revision.number
        && header.Size >= revision.size
}

exports! { "ndis.sys";
    fn NdisAllocateNetBufferListPool(owner: NDIS_HANDLE, parameters: *const NET_BUFFER_LIST_POOL_PARAMETERS) -> NDIS_HANDLE {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateNetBufferListPool");
        point("NdisAllocateNetBufferListPool");
        let header = raw::get(parameters.cast::<NDIS_OBJECT_HEADER>());
        check(is_header(header, NET_BUFFER_LIST_POOL), Rule::P2, || {
            format!("NdisAllocateNetBufferListPool: the header is {header:?}")
        });
        // The last field is of revision 2: not read.
        macro_rules! field {
            ($field:ident) => {
                raw::get(parameters.wrapping_byte_add(std::mem::offset_of!(NET_BUFFER_LIST_POOL_PARAMETERS, $field)).cast())
            };
        }
        let with_packet: u8 = field!(fAllocateNetBuffer);
        let context: u16 = field!(ContextSize);
        let tag: u32 = field!(PoolTag);
        let data: u32 = field!(DataSize);
        check(context.is_multiple_of(16), Rule::P3, || {
            format!("NdisAllocateNetBufferListPool: ContextSize {context} is no multiple of 16")
        });
        check(tag != 0, Rule::P2, || "NdisAllocateNetBufferListPool: no tag".to_owned());
        let with_packet = with_packet != 0;
        if (!with_packet && data > 0) || fault::fails(Fault::NblPool) {
            return std::ptr::null_mut();
        }
        handle_of(add(Kind::Lists { with_packet, data }, owner.addr(), false).handle)
    }

    fn NdisFreeNetBufferListPool(pool: NDIS_HANDLE) {
        free("NdisFreeNetBufferListPool", pool, true);
    }

    fn NdisAllocateNetBufferPool(owner: NDIS_HANDLE, parameters: *const NET_BUFFER_POOL_PARAMETERS) -> NDIS_HANDLE {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateNetBufferPool");
        point("NdisAllocateNetBufferPool");
        let header = raw::get(parameters.cast::<NDIS_OBJECT_HEADER>());
        check(is_header(header, NET_BUFFER_POOL), Rule::P2, || {
            format!("NdisAllocateNetBufferPool: the header is {header:?}")
        });
        let data: u32 =
            raw::get(parameters.wrapping_byte_add(std::mem::offset_of!(NET_BUFFER_POOL_PARAMETERS, DataSize)).cast());
        if fault::fails(Fault::NblPool) {
            return std::ptr::null_mut();
        }
        handle_of(add(Kind::Packets { data }, owner.addr(), false).handle)
    }

    fn NdisFreeNetBufferPool(pool: NDIS_HANDLE) {
        free("NdisFreeNetBufferPool", pool, false);
    }
}
