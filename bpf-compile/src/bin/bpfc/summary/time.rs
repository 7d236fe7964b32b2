//! The time of day where the user is.
//!
//! The zone is that of `TZ`, else of the system, as the crate `jiff` finds it; without a zone database it is UTC.

use std::fmt::{self, Write as _};

use jiff::tz::TimeZone;

use crate::capture::Timestamp;

const DAY_SECONDS: i64 = 86_400;
/// Zones change their offset only at whole quarters of an hour.
const QUARTER_SECONDS: i64 = 900;

/// Converts to local time; remembers the offset of the last quarter of an hour.
pub(crate) struct LocalTime {
    zone: TimeZone,
    quarter: i64,
    offset_seconds: i64,
}

impl LocalTime {
    /// The zone of `TZ` or of the system.
    pub(crate) fn system() -> Self {
        Self::new(TimeZone::system())
    }

    fn new(zone: TimeZone) -> Self {
        Self { zone, quarter: i64::MIN, offset_seconds: 0 }
    }

    /// `12:34:56.789012`, with the date before it if wanted. A fraction of more than a second, which only a damaged
    /// file has, is printed as it stands.
    pub(super) fn write(&mut self, line: &mut String, timestamp: Timestamp, date: bool) -> fmt::Result {
        let Timestamp { seconds, fraction, digits } = timestamp;
        let local = seconds.saturating_add(self.offset_at(seconds));
        if date {
            write_date(line, local.div_euclid(DAY_SECONDS))?;
        }
        let of_day = local.rem_euclid(DAY_SECONDS);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(line, "{hour:02}:{minute:02}:{second:02}.{fraction:0digits$}")
    }

    fn offset_at(&mut self, utc: i64) -> i64 {
        let quarter = utc.div_euclid(QUARTER_SECONDS);
        if quarter != self.quarter {
            self.quarter = quarter;
            let instant = jiff::Timestamp::from_second(utc).unwrap_or_default();
            self.offset_seconds = self.zone.to_offset(instant).seconds().into();
        }
        self.offset_seconds
    }
}

/// The civil date of a day since 1970, for years that `jiff` has; else the number of the day.
fn write_date(line: &mut String, day: i64) -> fmt::Result {
    let instant = day.checked_mul(DAY_SECONDS).and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    match instant {
        Some(instant) => write!(line, "{} ", TimeZone::UTC.to_datetime(instant).date()),
        None => write!(line, "day {day} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: TimeZone, seconds: i64, fraction: u32, digits: usize, date: bool) -> String {
        let mut line = String::new();
        LocalTime::new(zone).write(&mut line, Timestamp { seconds, fraction, digits }, date).unwrap();
        line
    }

    #[test]
    fn local_times() {
        assert_eq!(written(TimeZone::UTC, 45_296, 789_012, 6, false), "12:34:56.789012");
        assert_eq!(written(TimeZone::UTC, 86_399, 1, 9, true), "1970-01-01 23:59:59.000000001");
        let india = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).unwrap());
        assert_eq!(written(india.clone(), 0, 0, 6, true), "1970-01-01 05:30:00.000000");
        let west = TimeZone::fixed(jiff::tz::Offset::from_seconds(-3600).unwrap());
        assert_eq!(written(west, 0, 0, 6, true), "1969-12-31 23:00:00.000000");
    }

    #[test]
    fn absurd_times() {
        assert_eq!(written(TimeZone::UTC, 0, 4_000_000_000, 6, false), "00:00:00.4000000000");
        assert!(written(TimeZone::UTC, i64::MAX, 0, 6, true).starts_with("day 106751991167300 "));
        assert!(written(TimeZone::UTC, i64::MIN, 0, 6, true).starts_with("day -106751991167301 "));
    }

    #[test]
    fn times_before_1970() {
        assert_eq!(written(TimeZone::UTC, -5, 7, 6, true), "1969-12-31 23:59:55.000007");
    }
}
