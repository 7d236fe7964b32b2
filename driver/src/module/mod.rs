//! A filter module: this driver in the stack of one adapter.

pub(crate) mod identity;
pub(crate) mod life;
pub(crate) mod pass;
pub(crate) mod state;

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32};

use snapgate_ffi::ndis::{NDIS_HANDLE, NDIS_STATUS, NdisFRestartFilter};
use snapgate_ffi::ntdef::{NT_SUCCESS, STATUS_SUCCESS};

use crate::driver::{ConfigGuard, DriverRef};
use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::gate::Gate;
use crate::kernel::rwlock::RwCell;
use crate::tap::table::TapTable;
use identity::Identity;
use state::{Event, State};

/// A module, from attach to detach.
pub(crate) struct Module {
    pub(crate) driver: DriverRef,
    /// NDIS' handle of it.
    pub(crate) handle: NDIS_HANDLE,
    pub(crate) identity: Identity,
    /// Who captures here. Written by whoever holds the driver's mutex.
    pub(crate) taps: RwCell<TapTable>,
    /// What it has originated and not got back.
    pub(crate) gate: Gate,
    state: AtomicU8,
    /// Handles that capture: with none, the data path goes round this module.
    capturing: AtomicU32,
    /// Whether NDIS was given handlers before the last restart.
    in_path: AtomicBool,
    pub(crate) mtu: AtomicU32,
    pub(crate) link_is_up: AtomicBool,
    pub(crate) low_power: AtomicBool,
}

// SAFETY: NDIS' handle may be used on any thread; everything else is made for it.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Module {
    fn try_new(driver: DriverRef, handle: NDIS_HANDLE, identity: Identity) -> Result<KArc<Self>, NoMemory> {
        KArc::try_new(Self {
            driver,
            handle,
            identity,
            taps: RwCell::try_new(driver.filter(), TapTable::new())?,
            gate: Gate::new(),
            state: AtomicU8::new(State::Attaching as u8),
            capturing: AtomicU32::new(0),
            in_path: AtomicBool::new(false),
            mtu: AtomicU32::new(0),
            link_is_up: AtomicBool::new(true),
            low_power: AtomicBool::new(false),
        })
    }

    pub(crate) fn state(&self) -> State {
        State::from_number(self.state.load(Acquire))
    }

    /// Goes on by an event of the table; whether it could.
    pub(crate) fn advance(&self, event: Event) -> bool {
        let step = |state| State::from_number(state).next(event).map(|next| next as u8);
        self.state.fetch_update(AcqRel, Acquire, step).is_ok()
    }

    /// Whether packets may pass.
    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.state() == State::Running
    }

    /// Whether anybody captures.
    pub(crate) fn is_capturing(&self) -> bool {
        self.capturing.load(Acquire) > 0
    }

    /// One more handle captures: the first brings the module into the data path.
    ///
    /// A module that is not running now is asked for its handlers before it runs, and looks at its end of the restart
    /// whether they are still right.
    ///
    /// # Errors
    /// NDIS cannot restart the module now; nothing was changed.
    pub(crate) fn start_capture(&self, _config: &ConfigGuard<'_>) -> Result<(), NDIS_STATUS> {
        if self.capturing.fetch_add(1, AcqRel) == 0 && self.is_running() {
            let status = self.restart_for_handlers();
            if !NT_SUCCESS(status) {
                self.capturing.fetch_sub(1, AcqRel);
                return Err(status);
            }
        }
        Ok(())
    }

    /// One less: the last takes the module out of the data path. If NDIS cannot do that now, it stays until the next
    /// restart, and only passes on.
    pub(crate) fn stop_capture(&self, _config: &ConfigGuard<'_>) {
        if self.capturing.fetch_sub(1, AcqRel) == 1 && self.is_running() {
            self.restart_for_handlers();
        }
    }

    /// Notes what handlers NDIS was given before a restart.
    pub(crate) fn note_handlers(&self, in_path: bool, _config: &ConfigGuard<'_>) {
        self.in_path.store(in_path, Relaxed);
    }

    /// At the end of a restart: whether the handlers are wrong by now.
    pub(crate) fn needs_other_handlers(&self, _config: &ConfigGuard<'_>) -> bool {
        self.in_path.load(Relaxed) != self.is_capturing()
    }

    /// Has NDIS pause and restart the module: before the restart it asks for the handlers. A module that is not running
    /// is asked anyway.
    pub(crate) fn restart_for_handlers(&self) -> NDIS_STATUS {
        // SAFETY: the handle of an attached module. It returns before anything is paused.
        let status = unsafe { NdisFRestartFilter(self.handle) };
        if NT_SUCCESS(status) { STATUS_SUCCESS } else { status }
    }

    pub(crate) fn note_mtu(&self, mtu: u32) {
        self.mtu.store(mtu, Relaxed);
    }
}
