//! What hal.dll exports.

use snapgate_ffi::ntdef::LARGE_INTEGER;

use crate::machine::violate;
use crate::sched;
use crate::verify::Rule;

/// Ticks of the performance counter in a second: as Windows 10 on most machines.
const FREQUENCY: i64 = 10_000_000;

exports! { "hal.dll";
    fn KeQueryPerformanceCounter(frequency: *mut LARGE_INTEGER) -> LARGE_INTEGER {
        // SAFETY: null, or memory that the caller gives.
        if let Some(frequency) = unsafe { frequency.as_mut() } {
            *frequency = FREQUENCY;
        }
        // One tick is one unit of the clock. It does not begin at 0, and no two answers are equal.
        sched::pass(1);
        sched::now().cast_signed()
    }

    fn KeStallExecutionProcessor(microseconds: u32) {
        if microseconds > 50 {
            violate(Rule::I2, format!("KeStallExecutionProcessor: {microseconds} microseconds, at most 50"));
        }
        sched::pass(u64::from(microseconds).saturating_mul(10));
    }
}
