//! When a packet was captured, in the units of its file.

/// The clock of an interface of pcapng.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Units per second.
    pub(crate) units: u64,
    /// Seconds to add.
    pub(crate) offset_seconds: i64,
}

impl Default for Clock {
    /// Microseconds since 1970: what holds without options.
    fn default() -> Self {
        Self { units: MICROSECONDS, offset_seconds: 0 }
    }
}

const MICROSECONDS: u64 = 1_000_000;
const NANOSECONDS: u64 = 1_000_000_000;

/// A time as it stands in the file; resolved only for packets that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// The file has none for this packet.
    Unknown,
    /// Seconds and microseconds or nanoseconds: classic pcap.
    Fields {
        /// Since 1970.
        seconds: u32,
        /// Of the second; damaged files have more than a second here.
        fraction: u32,
        /// The fraction counts nanoseconds.
        nanoseconds: bool,
    },
    /// Units of a clock: pcapng.
    Ticks {
        /// Units since the clock's start.
        ticks: u64,
        /// The clock of the interface.
        clock: Clock,
    },
}

/// A time in decimal units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    /// Since 1970; negative before. What a damaged file puts beyond 2^63 is negative too.
    pub(crate) seconds: i64,
    /// Of the second.
    pub(crate) fraction: u32,
    /// Digits of the fraction: 6 or 9.
    pub(crate) digits: usize,
}

impl Time {
    /// In microseconds, or in nanoseconds where the file is finer than microseconds.
    pub(crate) fn resolve(self) -> Option<Timestamp> {
        match self {
            Self::Unknown => None,
            Self::Fields { seconds, fraction, nanoseconds } => {
                let digits = if nanoseconds { 9 } else { 6 };
                Some(Timestamp { seconds: seconds.into(), fraction, digits })
            }
            Self::Ticks { ticks, clock } => {
                let units = clock.units.max(1);
                let (scale, digits) = if units > MICROSECONDS { (NANOSECONDS, 9) } else { (MICROSECONDS, 6) };
                let fraction = u128::from(ticks % units) * u128::from(scale) / u128::from(units);
                let seconds = (ticks / units).cast_signed().wrapping_add(clock.offset_seconds);
                Some(Timestamp { seconds, fraction: u32::try_from(fraction).unwrap_or(u32::MAX), digits })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(ticks: u64, units: u64, offset_seconds: i64) -> (i64, u32, usize) {
        let time = Time::Ticks { ticks, clock: Clock { units, offset_seconds } }.resolve().unwrap();
        (time.seconds, time.fraction, time.digits)
    }

    #[test]
    fn resolutions() {
        assert_eq!(ticks(3_000_007, 1_000_000, 0), (3, 7, 6));
        assert_eq!(ticks(3_000_000_007, 1_000_000_000, 5), (8, 7, 9));
        assert_eq!(ticks(35, 10, 0), (3, 500_000, 6));
        assert_eq!(ticks(3, 1, 0), (3, 0, 6));
        assert_eq!(ticks((1 << 33) + (1 << 31), 1 << 32, 0), (2, 500_000_000, 9), "binary resolution");
        assert_eq!(ticks(u64::MAX, 1 << 63, 0).0, 1);
        assert_eq!(ticks(u64::MAX, 10_u64.pow(19), -1).0, 0, "a negative offset of one second");
    }

    #[test]
    fn a_negative_offset_leads_before_1970() {
        assert_eq!(ticks(3_000_007, 1_000_000, -5), (-2, 7, 6));
        assert_eq!(ticks(0, 1_000_000, i64::MIN).0, i64::MIN);
        assert_eq!(ticks(u64::MAX, 1, i64::MIN).0, i64::MAX, "wraps");
    }
}
