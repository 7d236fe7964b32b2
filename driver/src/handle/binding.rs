//! Which adapter a handle captures on, and whether it does. All under the driver's mutex.
//!
//! ```text
//!   Root ──bind──▶ Bound ──the adapter goes──▶ Detached ──it comes back──▶ Bound
//! ```
//!
//! A handle captures when it is bound and has a ring or counts; then, and only then, it is in its module's table, and counts
//! among those for whom the module is in the data path.

use snapgate_ffi::ntdef::{NTSTATUS, STATUS_DEVICE_REMOVED, STATUS_INSUFFICIENT_RESOURCES};

use super::mapped::Lent;
use super::{Handle, HandleState};
use crate::driver::ConfigGuard;
use crate::kernel::arc::KArc;
use crate::module::Module;
use crate::module::identity::Identity;
use crate::tap::table::{Tap, TapTable};

/// Where a handle belongs.
pub(crate) enum Binding {
    /// To no adapter.
    Root,
    /// To an adapter that is there.
    Bound(KArc<Module>),
    /// To an adapter that was there.
    Detached(Identity),
}

impl HandleState {
    /// The module, if the adapter is there.
    pub(crate) fn module(&self) -> Option<KArc<Module>> {
        match &self.binding {
            Binding::Bound(module) => Some(KArc::clone(module)),
            _ => None,
        }
    }

    fn wants_to_capture(&self) -> bool {
        !self.is_closing && (self.store.is_some() || self.settings.statistics)
    }

    fn tap(&self, handle: &KArc<Handle>) -> Tap {
        Tap {
            handle: KArc::clone(handle),
            program: self.program.clone(),
            settings: self.settings,
            store: self.store.clone(),
        }
    }
}

/// Brings the table of the handle's module up to date with what was set.
///
/// # Errors
/// No memory, or NDIS cannot bring the module into the data path: then the handle does not capture. A handle that captures
/// already, or stops, never fails.
pub(crate) fn update(config: &ConfigGuard<'_>, handle: &KArc<Handle>) -> Result<(), NTSTATUS> {
    let (module, was, wants, tap) = handle.state.with(config, |state| {
        (state.module(), state.is_capturing, state.wants_to_capture(), state.tap(handle))
    });
    let Some(module) = module else { return Ok(()) };
    if wants && was {
        let old = module.taps.write(|table| table.replace(tap));
        drop(old);
    } else if wants {
        let count = module.taps.read(false, TapTable::len);
        let room =
            TapTable::try_with_room(count.saturating_add(1)).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
        module.start_capture(config)?;
        let old = module.taps.write(|table| table.grow(room, tap));
        drop(old);
        handle.state.with(config, |state| state.is_capturing = true);
    } else if was {
        let old = module.taps.write(|table| table.remove(handle));
        drop(old);
        handle.state.with(config, |state| state.is_capturing = false);
        module.stop_capture(config);
    }
    Ok(())
}

/// Binds a handle to a module.
///
/// # Errors
/// As [`update`]; then the handle is bound to nothing.
pub(crate) fn bind(
    config: &ConfigGuard<'_>,
    handle: &KArc<Handle>,
    module: &KArc<Module>,
) -> Result<(), NTSTATUS> {
    handle.state.with(config, |state| state.binding = Binding::Bound(KArc::clone(module)));
    let result = update(config, handle);
    if result.is_err() {
        handle.state.with(config, |state| state.binding = Binding::Root);
    } else {
        handle.reader.lock().is_detached = false;
    }
    result
}

/// Takes a handle off its module, for good.
pub(crate) fn unbind(config: &ConfigGuard<'_>, handle: &KArc<Handle>) {
    handle.state.with(config, |state| state.is_closing = true);
    // A handle that stops never fails.
    update(config, handle).unwrap_or_default();
    handle.state.with(config, |state| state.binding = Binding::Root);
}

/// An adapter comes: handles that were on it are again. One that cannot be, for want of memory, stays as it is.
pub(crate) fn reattach(config: &ConfigGuard<'_>, module: &KArc<Module>) {
    for handle in config.handles.iter() {
        let identity = handle.state.with(config, |state| match &state.binding {
            Binding::Detached(identity) if identity.is_same(&module.identity) && !state.is_closing => {
                Some(*identity)
            }
            _ => None,
        });
        let Some(identity) = identity else { continue };
        if bind(config, handle, module).is_err() {
            handle.state.with(config, |state| state.binding = Binding::Detached(identity));
        }
    }
}

/// An adapter goes: its handles stay, and whoever waits on them is woken. Allocates nothing, and cannot fail.
pub(crate) fn detach(config: &ConfigGuard<'_>, module: &KArc<Module>) {
    for handle in config.handles.iter() {
        let is_here =
            handle.state.with(config, |state| state.module().is_some_and(|other| other.is_same(module)));
        if !is_here {
            continue;
        }
        let old = module.taps.write(|table| table.remove(handle));
        drop(old);
        handle.reader.lock().is_detached = true;
        handle.state.with(config, |state| {
            state.is_capturing = false;
            state.binding = Binding::Detached(module.identity);
        });
        end_lending(config, handle, STATUS_DEVICE_REMOVED);
        handle.serve();
    }
}

/// Gives lent memory back, and completes the request. If the system is cancelling it, its cancel routine does both.
pub(crate) fn end_lending(config: &ConfigGuard<'_>, handle: &KArc<Handle>, status: NTSTATUS) {
    let taken = Lent::take_from(&mut handle.reader.lock().lent);
    if let Some((lent, irp)) = taken {
        super::change::forget_ring(config, handle);
        drop(lent);
        irp.complete(status, 0);
    }
}
