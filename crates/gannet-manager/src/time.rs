//! The one place that looks at the clock on the wall.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Zoned;

use crate::schedule::{Now, WeekMinute};

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// This instant, on both clocks.
pub(crate) fn now() -> Now {
    let local = Zoned::now();
    let day = local.weekday().to_monday_zero_offset().unsigned_abs();
    let minute = u32::from(local.hour().unsigned_abs()) * 60 + u32::from(local.minute().unsigned_abs());
    Now {
        at_ms: now_ms(),
        week: WeekMinute::new(u32::from(day), minute),
    }
}
