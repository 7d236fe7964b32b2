//! One filter module: a driver's instance in the stack of one adapter, as NDIS knows it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use snapgate_ffi::ndis::{
    FILTER_RECEIVE_NET_BUFFER_LISTS, FILTER_RETURN_NET_BUFFER_LISTS, FILTER_SEND_NET_BUFFER_LISTS,
    FILTER_SEND_NET_BUFFER_LISTS_COMPLETE, NDIS_HANDLE, NDIS_STATUS,
};
use snapgate_ffi::ntdef::PVOID;

use super::driver::Driver;
use super::stack::Stack;
use super::state::{Event, State};
use crate::machine::{machine, violate};
use crate::sched::{self, Signal};
use crate::verify::Rule;

/// Cancels sends: (module, cancel id).
type CancelSend = snapgate_ffi::ndis::FILTER_CANCEL_SEND_NET_BUFFER_LISTS;

/// The handlers of the data path; what is missing is passed by.
#[derive(Clone, Copy, Default)]
pub(crate) struct DataHandlers {
    pub(crate) send: Option<FILTER_SEND_NET_BUFFER_LISTS>,
    pub(crate) send_complete: Option<FILTER_SEND_NET_BUFFER_LISTS_COMPLETE>,
    pub(crate) cancel_send: Option<CancelSend>,
    pub(crate) receive: Option<FILTER_RECEIVE_NET_BUFFER_LISTS>,
    pub(crate) return_lists: Option<FILTER_RETURN_NET_BUFFER_LISTS>,
}

impl DataHandlers {
    /// Handlers come in pairs: who takes lists gets them back.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        if self.send.is_some() && self.send_complete.is_none() {
            return Some("a send handler without one for its completion");
        }
        if self.receive.is_some() && self.return_lists.is_none() {
            return Some("a receive handler without one for the return");
        }
        None
    }
}

/// A restart or a pause that the driver has not finished.
#[derive(Default)]
pub(crate) struct Transition {
    /// The callback was called, and has not returned.
    pub(crate) inside: Cell<bool>,
    /// The callback was called.
    pub(crate) entered: Cell<bool>,
    /// It said PENDING.
    pub(crate) pending: Cell<bool>,
    /// It is finished, with this.
    pub(crate) finished: Cell<Option<NDIS_STATUS>>,
    pub(crate) signal: Signal,
}

impl Transition {
    pub(crate) fn begin(&self) {
        self.inside.set(false);
        self.entered.set(false);
        self.pending.set(false);
        self.finished.set(None);
        self.signal.reset();
    }

    pub(crate) fn finish(&self, status: NDIS_STATUS) {
        self.finished.set(Some(status));
        self.signal.set();
    }
}

/// One filter module.
pub(crate) struct Module {
    /// In order of their making, for messages.
    pub(crate) number: u32,
    pub(crate) handle: usize,
    /// What the driver gave with `NdisFSetAttributes`.
    pub(crate) context: Cell<NDIS_HANDLE>,
    pub(crate) stack: Weak<Stack>,
    pub(crate) driver: Rc<Driver>,
    state: Cell<State>,
    /// How often `NdisFSetAttributes` was called.
    pub(crate) attributes: Cell<u32>,
    pub(crate) handlers: Cell<DataHandlers>,
    /// The thread that is in `FilterSetModuleOptions`.
    pub(crate) in_options: Cell<Option<sched::ThreadId>>,
    pub(crate) restarting: Transition,
    pub(crate) pausing: Transition,
    /// `NdisFRestartFilter` was called, and no restart has begun since.
    pub(crate) restart_wanted: Cell<bool>,
    /// Calls into the data path that began while no data may flow.
    strict_calls: RefCell<Vec<u64>>,
    /// Calls of status, request and event handlers that run.
    pub(crate) control_calls: Cell<u32>,
    /// A cancel of sends by this id has been passed on by the driver.
    pub(crate) cancelled: RefCell<Vec<usize>>,
    pub(crate) oids: super::oid::ModuleOids,
}

impl Module {
    pub(crate) fn new(stack: &Rc<Stack>, driver: &Rc<Driver>) -> Rc<Self> {
        let ndis = &machine().ndis;
        let module = Rc::new(Self {
            number: ndis.next_module(),
            handle: ndis.handle(),
            context: Cell::new(std::ptr::null_mut()),
            stack: Rc::downgrade(stack),
            driver: Rc::clone(driver),
            state: Cell::new(State::Detached),
            attributes: Cell::new(0),
            handlers: Cell::new(driver.handlers.data),
            in_options: Cell::new(None),
            restarting: Transition::default(),
            pausing: Transition::default(),
            restart_wanted: Cell::new(false),
            strict_calls: RefCell::default(),
            control_calls: Cell::new(0),
            cancelled: RefCell::default(),
            oids: super::oid::ModuleOids::default(),
        });
        ndis.modules.borrow_mut().insert(module.handle, Rc::clone(&module));
        module
    }

    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Moves along an edge of the table.
    pub(crate) fn go(&self, event: Event) {
        match self.state.get().next(event) {
            Some(state) => self.state.set(state),
            None => violate(Rule::L1, format!("{}: no {event:?} from {:?}", self.name(), self.state.get())),
        }
    }

    /// For messages.
    pub(crate) fn name(&self) -> String {
        format!("filter module {}", self.number)
    }

    pub(crate) fn handle(&self) -> NDIS_HANDLE {
        super::handle_of(self.handle)
    }

    /// The adapter's stack, which lives as long as the module is attached.
    pub(crate) fn stack(&self) -> Rc<Stack> {
        match self.stack.upgrade() {
            Some(stack) => stack,
            None => violate(Rule::L7, format!("{}: its adapter is gone", self.name())),
        }
    }

    /// Whether data that comes now must be sent back: the driver knows that no data may flow.
    pub(crate) fn is_strict(&self) -> bool {
        match self.state.get() {
            State::Running => false,
            State::Restarting => !self.restarting.entered.get(),
            State::Pausing => self.pausing.pending.get() || self.pausing.finished.get().is_some(),
            State::Detached | State::Attaching | State::Paused => true,
        }
    }

    /// Whether the driver may send or indicate lists of its own. While it pauses, a call may have begun before.
    pub(crate) fn may_originate(&self) -> bool {
        match self.state.get() {
            State::Running => true,
            State::Pausing => self.pausing.finished.get().is_none(),
            State::Restarting => self.restarting.entered.get(),
            State::Detached | State::Attaching | State::Paused => false,
        }
    }

    pub(crate) fn begin_call(&self, call: u64) {
        if self.is_strict() {
            self.strict_calls.borrow_mut().push(call);
        }
    }

    /// Data may flow now: a call that is still running may have seen that, whatever comes after.
    pub(crate) fn forgive_calls(&self) {
        self.strict_calls.borrow_mut().clear();
    }

    pub(crate) fn is_strict_call(&self, call: Option<u64>) -> bool {
        // A call that came while nothing moved, and looks at the state when it runs again, is not to blame.
        self.is_strict() && call.is_some_and(|call| self.strict_calls.borrow().contains(&call))
    }

    pub(crate) fn end_call(&self, call: u64) {
        self.strict_calls.borrow_mut().retain(|strict| *strict != call);
    }

    /// Runs a handler of the control path: the module is not detached meanwhile.
    pub(crate) fn control_call<R>(&self, name: &'static str, body: impl FnOnce() -> R) -> R {
        self.control_calls.set(self.control_calls.get() + 1);
        let result = sched::call_driver(name, body);
        self.control_calls.set(self.control_calls.get() - 1);
        result
    }

    /// Notes that the driver passed the cancellation of an id on.
    pub(crate) fn note_cancel(&self, id: PVOID) {
        self.cancelled.borrow_mut().push(id.addr());
    }
}

/// The module behind a handle that a driver gave.
pub(crate) fn module_of(handle: NDIS_HANDLE, function: &'static str) -> Rc<Module> {
    let found = machine().ndis.modules.borrow().get(&handle.addr()).cloned();
    let Some(module) = found else {
        violate(Rule::Argument, format!("{function}: {handle:p} is no handle of a filter module"));
    };
    if module.state() == State::Detached {
        violate(Rule::L7, format!("{function}: {} is detached", module.name()));
    }
    module
}
