//! The clock on the wall: hours of queues, and the weekly grid.

use gannet_schema::{LimitHour, QueueSchedule, WeeklyLimits};

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// One instant, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// The local time of the week.
    pub week: WeekMinute,
}

impl Now {
    /// The beginning of the minute that is `minutes` later. Local minutes begin with UTC's: every zone in use is whole
    /// minutes away from it.
    pub(super) fn minutes_later_ms(self, minutes: u32) -> u64 {
        let minute_begin_ms = self.at_ms - self.at_ms % MINUTE_MS;
        minute_begin_ms.saturating_add(u64::from(minutes) * MINUTE_MS)
    }
}

/// A minute of the week in local time, from Monday 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekMinute(u32);

impl WeekMinute {
    /// `days_from_monday` and the minute of that day; what is past the week's end begins it anew.
    pub const fn new(days_from_monday: u32, minute_of_day: u32) -> Self {
        Self((days_from_monday % 7 * DAY_MINUTES + minute_of_day % WEEK_MINUTES) % WEEK_MINUTES)
    }

    pub(super) const fn later(self, minutes: u32) -> Self {
        Self((self.0 + minutes % WEEK_MINUTES) % WEEK_MINUTES)
    }

    /// 1 to 60.
    pub(super) const fn minutes_to_next_hour(self) -> u32 {
        60 - self.0 % 60
    }

    /// Minutes since the last `begin`, 0 to a week.
    const fn since(self, begin: u32) -> u32 {
        (self.0 + WEEK_MINUTES - begin % WEEK_MINUTES) % WEEK_MINUTES
    }
}

/// What the weekly grid says; hours that it does not have are free.
pub(super) fn hour_of(weekly: Option<&WeeklyLimits>, week: WeekMinute) -> LimitHour {
    weekly
        .and_then(|weekly| weekly.hours.get((week.0 / 60) as usize))
        .copied()
        .unwrap_or_default()
}

/// Whether the hours of a queue have come.
pub(super) fn is_within(schedule: &QueueSchedule, week: WeekMinute) -> bool {
    let (from, to) = (u32::from(schedule.from_minute), u32::from(schedule.to_minute));
    let duration = if to > from {
        to - from
    } else {
        to + DAY_MINUTES - from
    };
    beginnings(schedule).any(|begin| week.since(begin) < duration)
}

/// Minutes until the hours come next; `None` where they never do.
pub(super) fn minutes_until_open(schedule: &QueueSchedule, week: WeekMinute) -> Option<u32> {
    beginnings(schedule)
        .map(|begin| WEEK_MINUTES - week.since(begin))
        .min()
}

/// The minutes of the week at which the hours begin.
fn beginnings(schedule: &QueueSchedule) -> impl Iterator<Item = u32> {
    let from = u32::from(schedule.from_minute);
    (0..7)
        .zip(schedule.days.0)
        .filter_map(move |(day, is_on)| is_on.then_some(day * DAY_MINUTES + from))
}

#[cfg(test)]
mod tests {
    use gannet_schema::Days;

    use super::*;

    const MONDAY: u32 = 0;
    const SUNDAY: u32 = 6;

    fn nights(days: [bool; 7]) -> QueueSchedule {
        QueueSchedule {
            from_minute: 22 * 60,
            to_minute: 6 * 60,
            days: Days(days),
        }
    }

    fn only(day: usize) -> [bool; 7] {
        std::array::from_fn(|index| index == day)
    }

    #[test]
    fn hours_cross_midnight_into_a_day_that_is_not_chosen() {
        let schedule = nights(only(0));
        for (day, minute, expected) in [
            (MONDAY, 22 * 60 - 1, false),
            (MONDAY, 22 * 60, true),
            (1, 0, true),
            (1, 6 * 60 - 1, true),
            (1, 6 * 60, false),
            (1, 22 * 60, false),
            (MONDAY, 0, false),
        ] {
            assert_eq!(
                is_within(&schedule, WeekMinute::new(day, minute)),
                expected,
                "{day} {minute}"
            );
        }
    }

    #[test]
    fn sunday_night_lasts_into_monday() {
        let schedule = nights(only(6));
        assert!(is_within(&schedule, WeekMinute::new(MONDAY, 5 * 60)));
        assert!(!is_within(&schedule, WeekMinute::new(MONDAY, 6 * 60)));
        assert_eq!(
            minutes_until_open(&schedule, WeekMinute::new(SUNDAY, 21 * 60)),
            Some(60)
        );
        assert_eq!(
            minutes_until_open(&schedule, WeekMinute::new(SUNDAY, 23 * 60)),
            Some(7 * 24 * 60 - 60)
        );
    }

    #[test]
    fn equal_ends_are_a_whole_day_and_no_days_are_never() {
        let mut schedule = QueueSchedule {
            from_minute: 0,
            to_minute: 0,
            days: Days([true; 7]),
        };
        for minute in 0..WEEK_MINUTES {
            assert!(is_within(&schedule, WeekMinute(minute)));
        }
        schedule.days = Days([false; 7]);
        for minute in 0..WEEK_MINUTES {
            assert!(!is_within(&schedule, WeekMinute(minute)));
        }
        assert_eq!(minutes_until_open(&schedule, WeekMinute(0)), None);
    }

    #[test]
    fn the_grid_begins_on_monday_at_midnight() {
        let mut hours = vec![LimitHour::Free; 7 * 24];
        hours[0] = LimitHour::Off;
        hours[7 * 24 - 1] = LimitHour::Limited;
        let weekly = WeeklyLimits {
            limit_bytes_per_s: 1,
            hours,
        };
        let at = |day, minute| hour_of(Some(&weekly), WeekMinute::new(day, minute));
        assert_eq!(at(MONDAY, 0), LimitHour::Off);
        assert_eq!(at(MONDAY, 59), LimitHour::Off);
        assert_eq!(at(MONDAY, 60), LimitHour::Free);
        assert_eq!(at(SUNDAY, 23 * 60), LimitHour::Limited);
        assert_eq!(hour_of(None, WeekMinute(0)), LimitHour::Free);
    }
}
