//! One open handle: its filter, its ring, its readers and its counters.
//!
//! ```text
//!   tap table ──▶ Tap { handle, program, settings, store }      data path: read lock of the module
//!                          │                        │
//!   file object ──▶ Handle ┤ counters (atomic)      │ producers
//!                          │ reader (spin lock) ────┘ consumer, pending requests, event
//!                          └ state (driver's mutex): binding, program, settings
//! ```

pub(crate) mod binding;
pub(crate) mod change;
pub(crate) mod counters;
pub(crate) mod filter;
pub(crate) mod mapped;
pub(crate) mod queue;
pub(crate) mod reader;
pub(crate) mod settings;
pub(crate) mod store;
pub(crate) mod wake;

use core::sync::atomic::{AtomicBool, AtomicU32};

use snapgate_ffi::wdm::PsGetCurrentProcessId;

use crate::driver::{ConfigCell, DriverRef};
use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::dpc::Deferred;
use crate::kernel::spin::SpinLock;
use binding::Binding;
use counters::Counters;
use filter::FilterProgram;
use reader::Reader;
use settings::Settings;
use store::Store;

/// An open handle. It never moves.
pub(crate) struct Handle {
    pub(crate) driver: DriverRef,
    /// Who opened it.
    pub(crate) process: u32,
    pub(crate) counters: Counters,
    /// Who wants to hear of queued packets: bits of [`wake`].
    pub(crate) interest: AtomicU32,
    /// How many bytes must be queued before anybody hears.
    pub(crate) threshold: AtomicU32,
    /// A packet found no room since the last read.
    pub(crate) is_starved: AtomicBool,
    pub(crate) reader: SpinLock<Reader>,
    pub(crate) deferred: Deferred,
    pub(crate) state: ConfigCell<HandleState>,
}

/// What changes under the driver's mutex.
pub(crate) struct HandleState {
    pub(crate) binding: Binding,
    pub(crate) settings: Settings,
    pub(crate) program: Option<KArc<FilterProgram>>,
    pub(crate) store: Option<KArc<Store>>,
    /// Whether it counts among those who capture on its module.
    pub(crate) is_capturing: bool,
    /// Set at cleanup: nothing can be changed any more.
    pub(crate) is_closing: bool,
}

impl Handle {
    /// A handle that is bound to nothing.
    pub(crate) fn try_new(driver: DriverRef) -> Result<KArc<Self>, NoMemory> {
        // SAFETY: any level.
        let process = unsafe { PsGetCurrentProcessId() };
        let handle = KArc::try_new(Self {
            driver,
            process: u32::try_from(process.addr()).unwrap_or_default(),
            counters: Counters::default(),
            interest: AtomicU32::new(0),
            threshold: AtomicU32::new(0),
            is_starved: AtomicBool::new(false),
            reader: SpinLock::new(Reader::new()),
            deferred: Deferred::new(),
            state: ConfigCell::new(HandleState {
                binding: Binding::Root,
                settings: Settings::default(),
                program: None,
                store: None,
                is_capturing: false,
                is_closing: false,
            }),
        })?;
        // SAFETY: in its final place and unused; the handle outlives what is queued, because its close stops that first.
        unsafe { handle.deferred.init(wake::deferred, handle.as_ptr().cast_mut().cast()) };
        Ok(handle)
    }
}
