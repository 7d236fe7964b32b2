//! A filter driver that passes everything on and keeps to every rule, and that can be told to break any one of them.
//!
//! ```text
//!   Plan { sin, work, .. } ── thread-local ──▶ entry, attach, restart, ... send, receive, ...
//! ```
//!
//! Its modules live in pool memory, as a driver's do; what the tests steer is thread-local, because a machine is.

mod data;
mod life;
mod oid;
mod own;
mod sin;

pub(crate) use oid::{ask_filter, reset as reset_requests, set_filter};
pub(crate) use own::{flush, indicate, send_own};
pub(crate) use sin::Sin;

use std::cell::{Cell, RefCell};

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_STATUS_SUCCESS, NET_BUFFER_LIST, NdisFRestartFilter, NdisVersion,
};
use snapgate_ffi::wdm::DRIVER_INITIALIZE;

/// A call of a driver into the kernel, or an access to its memory.
macro_rules! k {
    ($($code:tt)*) => {{
        // SAFETY: as the contract of the function wants it, on memory that the module holds. Where a sinner breaks it, the
        // simulator is there to see it.
        unsafe { $($code)* }
    }};
}
pub(crate) use k;

/// What the filter does with lists of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Work {
    /// Passes them on.
    #[default]
    Pass,
    /// Keeps what is sent, and what is received, until [`flush`].
    Queue,
    /// Sends clones, and keeps the originals until the clones are back.
    Clone,
    /// Leaves a context and a header with each list that is sent, until it is back.
    Mark,
}

/// What the tests steer.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) sin: Cell<Option<Sin>>,
    pub(crate) work: Cell<Work>,
    /// The version to register with; the system's if none.
    pub(crate) version: Cell<Option<NdisVersion>>,
    /// Handlers of the data path are set before each restart, or left out.
    pub(crate) bypass: Cell<bool>,
    /// Pause and restart say PENDING, and complete in another thread.
    pub(crate) pends: Cell<bool>,
    /// A flush sends, and indicates nothing.
    pub(crate) sends_only: Cell<bool>,
    /// Attach fails.
    pub(crate) refuses: Cell<bool>,
    /// Restart fails.
    pub(crate) fails_restart: Cell<bool>,
    pub(crate) driver: Cell<usize>,
    pub(crate) modules: RefCell<Vec<*mut Module>>,
    /// The callbacks of life, as they came.
    pub(crate) log: RefCell<Vec<&'static str>>,
    /// Packets that were looked at, and those that could not be mapped.
    pub(crate) seen: Cell<u64>,
    pub(crate) unmapped: Cell<u64>,
}

thread_local! {
    static PLAN: Plan = Plan::default();
}

/// What the tests steer, of this thread's machine.
pub(crate) fn plan<R>(body: impl FnOnce(&Plan) -> R) -> R {
    PLAN.with(body)
}

/// All as at first.
pub(crate) fn reset() {
    plan(|plan| {
        plan.sin.set(None);
        plan.work.set(Work::Pass);
        plan.version.set(None);
        for flag in [&plan.bypass, &plan.pends, &plan.sends_only, &plan.refuses, &plan.fails_restart] {
            flag.set(false);
        }
        plan.driver.set(0);
        plan.modules.borrow_mut().clear();
        plan.log.borrow_mut().clear();
        plan.seen.set(0);
        plan.unmapped.set(0);
    });
}

/// Whether this is the sin to commit.
pub(crate) fn sins(sin: Sin) -> bool {
    plan(|plan| plan.sin.get() == Some(sin))
}

fn log(event: &'static str) {
    plan(|plan| plan.log.borrow_mut().push(event));
}

/// The state of a module, as the driver sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleState {
    Paused,
    Running,
    Pausing,
}

/// One module.
pub(crate) struct Module {
    handle: NDIS_HANDLE,
    state: ModuleState,
    /// Own lists that are out.
    out: u32,
    /// The last of them ends the pause.
    pause_pends: bool,
    /// A pool of lists with packets.
    pool: NDIS_HANDLE,
    /// What it keeps of what is sent: a chain.
    queue: *mut NET_BUFFER_LIST,
    /// What it keeps of what is received.
    held: *mut NET_BUFFER_LIST,
}

/// The first module, if there is one.
pub(crate) fn module() -> Option<*mut Module> {
    plan(|plan| plan.modules.borrow().first().copied())
}

/// The first module asks to be restarted; answers whether it will be.
pub(crate) fn restart() -> bool {
    module().is_some_and(|module| k!(NdisFRestartFilter((*module).handle)) == NDIS_STATUS_SUCCESS)
}

/// The entry of the driver.
pub(crate) const ENTRY: DRIVER_INITIALIZE = life::entry;
