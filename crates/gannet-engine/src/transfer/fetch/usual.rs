//! What a connection to an address usually brings, remembered beyond the connections that showed it.
//!
//! Near the end few are left at work, and those may be just the ones that crawl: whoever asked only them would take
//! crawling for normal, and expect no better of another connection.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::staff::median;

/// Connections remembered.
const REMEMBERED: usize = 32;
/// How long: lines and servers change.
const MEMORY: Duration = Duration::from_secs(10);

/// The speeds of connections that have ended, in bytes per second.
#[derive(Debug, Default)]
pub(super) struct UsualSpeed {
    shown: VecDeque<(Instant, f64)>,
}

impl UsualSpeed {
    /// A connection that ended at `now` brought so much.
    pub(super) fn note(&mut self, rate_bytes_per_s: f64, now: Instant) {
        if self.shown.len() == REMEMBERED {
            self.shown.pop_front();
        }
        self.shown.push_back((now, rate_bytes_per_s));
    }

    /// What was shown not long before `now`.
    pub(super) fn recent(&self, now: Instant) -> impl Iterator<Item = f64> {
        let is_recent = move |at: Instant| now.saturating_duration_since(at) < MEMORY;
        let recent = self.shown.iter().filter(move |(at, _)| is_recent(*at));
        recent.map(|&(_, rate_bytes_per_s)| rate_bytes_per_s)
    }

    /// The median of what was shown and of what those show that are `at_work`; `None` where nothing is known.
    pub(super) fn beside(&self, at_work: impl Iterator<Item = f64>, now: Instant) -> Option<f64> {
        let mut rates: Vec<f64> = self.recent(now).chain(at_work).collect();
        median(&mut rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_crawl_at_the_end_are_not_taken_for_usual() {
        let now = Instant::now();
        let mut usual = UsualSpeed::default();
        for _ in 0..REMEMBERED {
            usual.note(2e6, now);
        }
        assert_eq!(usual.beside([8e3, 8e3].into_iter(), now), Some(2e6));
    }

    #[test]
    fn a_line_that_has_become_slow_is_believed_in_the_end() {
        let now = Instant::now();
        let mut usual = UsualSpeed::default();
        usual.note(2e6, now);
        usual.note(2e6, now);
        assert_eq!(usual.beside([8e3].into_iter(), now + MEMORY), Some(8e3));
        assert_eq!(usual.beside(std::iter::empty(), now + MEMORY), None);
    }
}
