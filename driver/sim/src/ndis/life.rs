//! The life of one module: attach, restart, pause, detach, each with what must hold before and after.

use std::mem::offset_of;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    FILTER_PAUSE_PARAMETERS, NDIS_FILTER_ATTACH_PARAMETERS as ATTACH, NDIS_FILTER_PAUSE_PARAMETERS,
    NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS, NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS,
    NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS,
};
use snapgate_ffi::ntdef::{NT_SUCCESS, NTSTATUS, UNICODE_STRING};

use super::driver::Driver;
use super::events;
use super::lists::{Holder, List, lists};
use super::module::Module;
use super::options;
use super::pools;
use super::raw;
use super::stack::Stack;
use super::state::{Event, State};
use crate::machine::{machine, violate, violate_with};
use crate::nt::{driver as nt_driver, pool};
use crate::sched;
use crate::verify::Rule;

/// Longer than this no module pauses, in units of 100 ns.
pub(crate) const PAUSE_MAX: u64 = 10 * 10_000_000;

/// Memory that a callback is given for its time: gone when it returns.
struct Lent {
    what: &'static str,
    block: *mut u8,
    strings: Vec<*mut UNICODE_STRING>,
}

impl Lent {
    fn new(what: &'static str, bytes: usize) -> Self {
        let block = pool::allocate(what, 0, bytes);
        raw::fill(block, 0, bytes);
        Self { what, block, strings: Vec::new() }
    }

    fn put<T>(&self, offset: usize, value: T) {
        raw::set(self.block.wrapping_add(offset).cast(), value);
    }

    fn text(&mut self, text: &str) -> *mut UNICODE_STRING {
        let string: *mut UNICODE_STRING =
            pool::allocate("UNICODE_STRING", 0, size_of::<UNICODE_STRING>()).cast();
        raw::set(string, nt_driver::string(text));
        self.strings.push(string);
        string
    }

    fn free(self) {
        for string in self.strings {
            pool::free("text", raw::get(string).Buffer.cast());
            pool::free("UNICODE_STRING", string.cast());
        }
        pool::free(self.what, self.block);
    }
}

/// The parameters of an attach, as long as those of the version that the driver registered with, and no longer.
fn attach_parameters(module: &Module, stack: &Stack) -> Lent {
    let revision = module.driver.version.filter_attach_parameters();
    let config = &stack.config;
    let mut lent = Lent::new("NDIS_FILTER_ATTACH_PARAMETERS", usize::from(revision.size));
    lent.put(
        offset_of!(ATTACH, Header),
        NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS, revision),
    );
    lent.put(offset_of!(ATTACH, IfIndex), config.if_index + 1000);
    lent.put(offset_of!(ATTACH, NetLuid), config.net_luid | 1 << 56);
    let guid = lent.text(&format!("{}-{{53A1F9C4-6A0E-4E0B-9D27-3C1B5A70E6D2}}-0000", config.guid));
    lent.put(offset_of!(ATTACH, FilterModuleGuidName), guid);
    lent.put(offset_of!(ATTACH, BaseMiniportIfIndex), config.if_index);
    let instance = lent.text(&config.name);
    lent.put(offset_of!(ATTACH, BaseMiniportInstanceName), instance);
    let name = lent.text(&format!("\\DEVICE\\{}", config.guid));
    lent.put(offset_of!(ATTACH, BaseMiniportName), name);
    lent.put(offset_of!(ATTACH, MediaConnectState), if stack.connected.get() { 1u32 } else { 2 });
    lent.put(offset_of!(ATTACH, MediaDuplexState), 2u32);
    lent.put(offset_of!(ATTACH, XmitLinkSpeed), config.link_speed);
    lent.put(offset_of!(ATTACH, RcvLinkSpeed), config.link_speed);
    lent.put(offset_of!(ATTACH, MiniportMediaType), config.media);
    lent.put(offset_of!(ATTACH, MiniportPhysicalMediaType), config.physical_media);
    lent.put(offset_of!(ATTACH, MacAddressLength), 6u16);
    lent.put(offset_of!(ATTACH, CurrentMacAddress), config.mac);
    lent.put(offset_of!(ATTACH, BaseMiniportNetLuid), config.net_luid);
    lent.put(offset_of!(ATTACH, LowerIfIndex), config.if_index);
    lent.put(offset_of!(ATTACH, LowerIfNetLuid), config.net_luid);
    if usize::from(revision.size) > offset_of!(ATTACH, BaseMiniportIfConnectorPresent) {
        lent.put(offset_of!(ATTACH, BaseMiniportIfConnectorPresent), 1u8);
    }
    lent
}

/// Attaches a module of a driver; `None` if the driver did not want it.
pub(crate) fn attach(stack: &Rc<Stack>, driver: &Rc<Driver>) -> Option<Rc<Module>> {
    let module = Module::new(stack, driver);
    module.go(Event::Attach);
    let parameters = attach_parameters(&module, stack);
    let attach = driver.handlers.attach;
    let status = sched::call_driver("FilterAttach", || {
        // SAFETY: the handler with the handle of the new module, the driver's context, and parameters for its time.
        unsafe { attach(module.handle(), driver.context(), parameters.block.cast()) }
    });
    parameters.free();
    if status == NDIS_STATUS_PENDING {
        violate(Rule::L1, "FilterAttach: answered PENDING");
    }
    if !NT_SUCCESS(status) {
        module.go(Event::AttachFailed);
        check_detached(&module, "FilterAttach failed");
        return None;
    }
    if module.attributes.get() != 1 {
        violate(
            Rule::L3,
            format!("FilterAttach: NdisFSetAttributes was called {} times", module.attributes.get()),
        );
    }
    module.go(Event::Attached);
    stack.insert(&module);
    Some(module)
}

/// Restarts a module; whether data may flow through it.
pub(crate) fn restart(module: &Rc<Module>) -> bool {
    module.restarting.begin();
    module.go(Event::Restart);
    // What is asked for from here on needs another restart.
    module.restart_wanted.set(false);
    let ready = options::set(module);
    if !ready {
        module.go(Event::RestartFailed);
        return false;
    }
    let status = events::restart(module);
    let ready = NT_SUCCESS(status);
    module.go(if ready { Event::Restarted } else { Event::RestartFailed });
    ready
}

/// Pauses a module.
pub(crate) fn pause(module: &Rc<Module>, reason: u32) {
    let begin = sched::now();
    module.pausing.begin();
    module.go(Event::Pause);
    let parameters = Lent::new("NDIS_FILTER_PAUSE_PARAMETERS", size_of::<NDIS_FILTER_PAUSE_PARAMETERS>());
    let header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS, FILTER_PAUSE_PARAMETERS);
    parameters.put(offset_of!(NDIS_FILTER_PAUSE_PARAMETERS, Header), header);
    parameters.put(offset_of!(NDIS_FILTER_PAUSE_PARAMETERS, PauseReason), reason);
    let pause = module.driver.handlers.pause;
    module.pausing.entered.set(true);
    module.pausing.inside.set(true);
    let status = sched::call_driver("FilterPause", || {
        // SAFETY: the handler with the module's context and parameters for its time.
        unsafe { pause(module.context.get(), parameters.block.cast()) }
    });
    module.pausing.inside.set(false);
    parameters.free();
    let left = (begin + PAUSE_MAX).saturating_sub(sched::now());
    match status {
        NDIS_STATUS_SUCCESS => {
            if module.pausing.finished.get().is_some() {
                violate(Rule::L4, "FilterPause: SUCCESS, and NdisFPauseComplete was called as well");
            }
            check_paused(module, "FilterPause: SUCCESS");
            module.pausing.finish(status);
        }
        NDIS_STATUS_PENDING => {
            module.pausing.pending.set(true);
            if !module.pausing.signal.wait(Some(left)) {
                violate(Rule::L4, format!("{}: not paused after 10 s: {}", module.name(), out(module)));
            }
        }
        other => violate(Rule::L4, format!("FilterPause: cannot fail, but answered {other:#x}")),
    }
    if sched::now() > begin + PAUSE_MAX {
        violate(Rule::L4, format!("{}: paused after more than 10 s", module.name()));
    }
    module.go(Event::Paused);
}

/// Detaches a module that is paused.
pub(crate) fn detach(stack: &Stack, module: &Rc<Module>) {
    // No status and no event finds it from here on; calls of the data path may still run, with nothing in their hands.
    stack.remove(module);
    sched::block_until("control calls into a module", None, || module.control_calls.get() == 0);
    let detach = module.driver.handlers.detach;
    if module.state() != State::Paused {
        violate(Rule::L1, format!("{}: detached while {:?}", module.name(), module.state()));
    }
    sched::call_driver("FilterDetach", || {
        // SAFETY: the handler with the module's context.
        unsafe { detach(module.context.get()) };
    });
    module.go(Event::Detach);
    check_detached(module, "FilterDetach returned");
}

/// Lists of the module's own that are not back.
fn own_out(module: &Module) -> Vec<Rc<List>> {
    lists().those(|list| list.owner.get() == Some(module.number) && list.holder.get() != Holder::Owner)
}

/// Lists of others that the module keeps, after the call that brought them.
fn queued(module: &Module) -> Vec<Rc<List>> {
    lists().those(|list| {
        matches!(list.holder.get(), Holder::Module { module: holder, call: None, .. } if holder == module.number)
    })
}

fn out(module: &Module) -> String {
    let own =
        own_out(module).into_iter().map(|list| format!("{list:?} of its own is held by {}", list.held_by()));
    let queued = queued(module).into_iter().map(|list| format!("{list:?} is kept by it"));
    let all: Vec<_> = own.chain(queued).collect();
    if all.is_empty() { "nothing of it is out".to_owned() } else { all.join(", ") }
}

/// A module that says it is paused has everything at home, and nothing of others.
pub(crate) fn check_paused(module: &Module, when: &str) {
    if let Some(list) = own_out(module).first() {
        let message = format!(
            "{when}, but {list:?}, which {} originated, is held by {}",
            module.name(),
            list.held_by()
        );
        violate_with(Rule::L4, list.key(), message);
    }
    if let Some(list) = queued(module).first() {
        violate_with(Rule::L4, list.key(), format!("{when}, but {} keeps {list:?}", module.name()));
    }
}

/// A module that is gone has left nothing.
fn check_detached(module: &Module, when: &str) {
    if let Some(list) =
        lists().those(|list| list.is_held_by(module.number) && !list.birth.is_drivers()).first()
    {
        violate_with(Rule::L7, list.key(), format!("{when}, but {} keeps {list:?}", module.name()));
    }
    if let Some(pool) = pools::of_module(module) {
        violate(Rule::L7, format!("{when}, but {} has left {pool}", module.name()));
    }
    if let Some(request) = module.oids.outstanding() {
        violate(Rule::L7, format!("{when}, but {} has {request} outstanding", module.name()));
    }
    machine().ndis.services.check_module(module.handle, when);
}

/// For the exported completion: the module's restart or pause is finished.
pub(crate) fn finish(transition: &super::module::Transition, status: NTSTATUS) {
    transition.finish(status);
}
