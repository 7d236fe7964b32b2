//! Where time stamps come from.

use snapgate_abi::TimestampMode;
use snapgate_ffi::ndis::NdisGetCurrentSystemTime;
use snapgate_ffi::ntdef::UNICODE_STRING;
use snapgate_ffi::wdm::{KE_QUERY_SYSTEM_TIME_PRECISE, KeQueryPerformanceCounter, MmGetSystemRoutineAddress};

use super::text::utf16;

/// From 1601, where Windows' time begins, to 1970, where that of captures does: units of 100 ns.
const UNIX_EPOCH: i64 = 116_444_736_000_000_000;
/// Units of 100 ns in a second.
const SECOND: i64 = 10_000_000;

/// A time since 1970 in units of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(i64);

impl Stamp {
    /// Seconds, and the rest in micro- or nanoseconds.
    pub(crate) fn split(self, nanoseconds: bool) -> (i32, u32) {
        let seconds = self.0.div_euclid(SECOND);
        let rest = self.0.rem_euclid(SECOND);
        let rest =
            if nanoseconds { rest.saturating_mul(100) } else { rest.checked_div(10).unwrap_or_default() };
        (i32::try_from(seconds).unwrap_or(i32::MAX), u32::try_from(rest).unwrap_or_default())
    }
}

/// The clocks, set when the driver starts.
#[derive(Clone, Copy)]
pub(crate) struct Clocks {
    precise: Option<KE_QUERY_SYSTEM_TIME_PRECISE>,
    frequency: i64,
    /// The counter and the system time, once.
    base: (i64, i64),
}

impl Clocks {
    /// At PASSIVE_LEVEL.
    pub(crate) fn start() -> Self {
        const NAME: [u16; 24] = utf16("KeQuerySystemTimePrecise");
        let name = UNICODE_STRING::from_words(&NAME);
        let routine = name.and_then(|mut name| {
            // SAFETY: a string of the driver's, at PASSIVE_LEVEL.
            core::ptr::NonNull::new(unsafe { MmGetSystemRoutineAddress(&raw mut name) })
        });
        // SAFETY: the routine of this name has this signature.
        let precise = routine.map(|routine| unsafe {
            core::mem::transmute::<*mut core::ffi::c_void, KE_QUERY_SYSTEM_TIME_PRECISE>(routine.as_ptr())
        });
        let mut frequency = 0;
        // SAFETY: memory for the frequency.
        let counter = unsafe { KeQueryPerformanceCounter(&raw mut frequency) };
        let mut clocks = Self { precise, frequency, base: (counter, 0) };
        clocks.base.1 = clocks.precise_time();
        clocks
    }

    fn system_time() -> i64 {
        let mut time = 0;
        // SAFETY: memory for the time.
        unsafe { NdisGetCurrentSystemTime(&raw mut time) };
        time
    }

    fn precise_time(&self) -> i64 {
        let Some(routine) = self.precise else { return Self::system_time() };
        let mut time = 0;
        // SAFETY: memory for the time.
        unsafe { routine(&raw mut time) };
        time
    }

    /// The counter, in milliseconds since some start: for time limits.
    pub(crate) fn milliseconds(&self) -> u64 {
        u64::try_from(self.elapsed(self.counter()).checked_div(10_000).unwrap_or_default())
            .unwrap_or_default()
    }

    fn counter(&self) -> i64 {
        // SAFETY: no frequency is asked for.
        unsafe { KeQueryPerformanceCounter(core::ptr::null_mut()) }
    }

    /// Units of 100 ns from the start to a value of the counter.
    fn elapsed(&self, counter: i64) -> i64 {
        let ticks = counter.wrapping_sub(self.base.0);
        let seconds = ticks.checked_div(self.frequency).unwrap_or_default();
        let rest = ticks.checked_rem(self.frequency).unwrap_or_default();
        let rest = rest.saturating_mul(SECOND).checked_div(self.frequency).unwrap_or_default();
        seconds.saturating_mul(SECOND).saturating_add(rest)
    }

    /// The time now.
    pub(crate) fn now(&self, mode: TimestampMode) -> Stamp {
        let time = match mode {
            TimestampMode::Counter => self.base.1.saturating_add(self.elapsed(self.counter())),
            TimestampMode::SystemTime => Self::system_time(),
            TimestampMode::PreciseSystemTime => self.precise_time(),
        };
        Stamp(time.saturating_sub(UNIX_EPOCH))
    }
}

/// The times of one batch, as records hold them: each clock is asked once, when it is needed first.
pub(crate) struct Stamps<'a> {
    clocks: &'a Clocks,
    /// By clock: in microseconds, and in nanoseconds.
    taken: [Option<[(i32, u32); 2]>; 3],
}

impl<'a> Stamps<'a> {
    pub(crate) fn new(clocks: &'a Clocks) -> Self {
        Self { clocks, taken: [None; 3] }
    }

    #[inline]
    pub(crate) fn get(&mut self, mode: TimestampMode, nanoseconds: bool) -> (i32, u32) {
        let [counter, system, precise] = &mut self.taken;
        let slot = match mode {
            TimestampMode::Counter => counter,
            TimestampMode::SystemTime => system,
            TimestampMode::PreciseSystemTime => precise,
        };
        let [micros, nanos] = *slot.get_or_insert_with(|| {
            let now = self.clocks.now(mode);
            [now.split(false), now.split(true)]
        });
        if nanoseconds { nanos } else { micros }
    }
}
