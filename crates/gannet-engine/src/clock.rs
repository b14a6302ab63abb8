//! What time it is elsewhere: dates that servers and cookie files speak of, by a clock that nobody sets.

use std::time::{Duration, Instant, SystemTime};

/// The wall clock as it stood once, and the time that has passed since. Somebody who sets this machine's clock in the middle of
/// a transfer changes nothing in it: no date comes nearer or goes further away but by waiting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SteadyClock {
    wall: SystemTime,
    at: Instant,
}

impl SteadyClock {
    /// A clock that shows `wall` at the moment `at`.
    pub(crate) fn new(wall: SystemTime, at: Instant) -> Self {
        Self { wall, at }
    }

    /// What it shows at `at`.
    pub(crate) fn shows(&self, at: Instant) -> SystemTime {
        let passed: Duration = at.saturating_duration_since(self.at);
        self.wall.checked_add(passed).unwrap_or(self.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_by_the_time_that_passes() {
        let (wall, at) = (SystemTime::UNIX_EPOCH + Duration::from_hours(24), Instant::now());
        let clock = SteadyClock::new(wall, at);
        let minute = Duration::from_mins(1);
        assert_eq!(clock.shows(at), wall);
        assert_eq!(clock.shows(at + minute), wall + minute);
        assert_eq!(SteadyClock::new(wall, at + minute).shows(at), wall);
    }
}
