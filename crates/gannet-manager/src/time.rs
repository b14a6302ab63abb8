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
    at(&Zoned::now())
}

fn at(local: &Zoned) -> Now {
    let day = local.weekday().to_monday_zero_offset().unsigned_abs();
    let minute = u32::from(local.hour().unsigned_abs()) * 60 + u32::from(local.minute().unsigned_abs());
    Now {
        at_ms: u64::try_from(local.timestamp().as_millisecond()).unwrap_or(0),
        week: WeekMinute::new(u32::from(day), minute),
    }
}

#[cfg(test)]
mod tests {
    use gannet_schema::{Days, Queue, QueueId, QueueSchedule, Settings, WhenDone};
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::schedule::{Gate, decide};

    /// When a queue with these hours opens and closes from `begin` on, for 48 hours, looked at only when the schedule
    /// itself says that it is to be looked at again.
    fn gates(begin: &str, from_minute: u16, to_minute: u16) -> Vec<String> {
        // Central Europe.
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let queue = Queue {
            id: QueueId::MAIN,
            name: "Main".to_owned(),
            running: true,
            at_once: 1,
            limit_bytes_per_s: None,
            schedule: Some(QueueSchedule {
                from_minute,
                to_minute,
                days: Days([true; 7]),
            }),
            retries: 0,
            when_done: WhenDone::Nothing,
        };
        let begin: Timestamp = begin.parse().unwrap();
        let end_ms = begin.as_millisecond().cast_unsigned() + 48 * 3_600_000;
        let mut now = at(&begin.to_zoned(zone.clone()));
        let mut was_open = false;
        let mut seen = Vec::new();
        while now.at_ms < end_ms {
            let plan = decide(now, None, &Settings::default(), std::slice::from_ref(&queue), &[]);
            let is_open = plan.queues[&QueueId::MAIN].gate == Gate::Open;
            let instant = Timestamp::from_millisecond(now.at_ms.cast_signed()).unwrap();
            if is_open != was_open {
                let word = if is_open { "opens" } else { "closes" };
                seen.push(format!("{} {word}", instant.strftime("%d. %H:%M")));
            }
            was_open = is_open;
            let wake_at_ms = plan.wake_at_ms.unwrap();
            assert!(wake_at_ms > now.at_ms);
            let wake_at = Timestamp::from_millisecond(wake_at_ms.cast_signed()).unwrap();
            now = at(&wake_at.to_zoned(zone.clone()));
        }
        seen
    }

    #[test]
    fn hours_are_those_of_the_wall_when_its_clock_is_put_forward() {
        // From 2:00 to 3:00 on Sunday 29 March 2026, which is 01:00 UTC.
        let gates = |from, to| gates("2026-03-28T11:00:00Z", from, to);
        assert_eq!(
            gates(22 * 60, 6 * 60),
            [
                "28. 21:00 opens",
                "29. 04:00 closes",
                "29. 20:00 opens",
                "30. 04:00 closes"
            ]
        );
        assert_eq!(
            gates(2 * 60 + 30, 4 * 60),
            [
                "29. 01:00 opens",
                "29. 02:00 closes",
                "30. 00:30 opens",
                "30. 02:00 closes"
            ],
            "what begins in the hour that is left out begins after it"
        );
        assert_eq!(
            gates(2 * 60 + 30, 2 * 60 + 45),
            ["30. 00:30 opens", "30. 00:45 closes"],
            "those minutes were not on that day"
        );
    }

    #[test]
    fn hours_are_those_of_the_wall_when_its_clock_is_put_back() {
        // From 3:00 to 2:00 on Sunday 25 October 2026, which is 01:00 UTC.
        let gates = |from, to| gates("2026-10-24T10:00:00Z", from, to);
        assert_eq!(
            gates(22 * 60, 6 * 60),
            [
                "24. 20:00 opens",
                "25. 05:00 closes",
                "25. 21:00 opens",
                "26. 05:00 closes"
            ]
        );
        assert_eq!(
            gates(2 * 60 + 30, 2 * 60 + 45),
            [
                "25. 00:30 opens",
                "25. 00:45 closes",
                "25. 01:30 opens",
                "25. 01:45 closes",
                "26. 01:30 opens",
                "26. 01:45 closes"
            ],
            "those minutes were twice on that day"
        );
    }
}
