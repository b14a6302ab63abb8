//! When bytes may be sent: a time-line per connection and one shared by all, in small slices, without bursts.
//!
//! A slice is due when the line would have carried it, so `n` bytes take `n / rate` seconds however they are asked
//! for. Decisions are pure ([`Timeline`]); [`SharedTimeline`] adds the lock, and `Pacer` the sleeping.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::script::Script;
use crate::site::Site;

/// The bytes that a slice of a paced answer holds: about 5 ms worth, at most 64 KiB.
pub fn slice_bytes(rate_bytes_per_s: u64) -> u64 {
    (rate_bytes_per_s / SLICES_PER_S).clamp(1, MAX_SLICE_BYTES)
}

/// The time-line of something that carries `rate_bytes_per_s`.
#[derive(Clone, Debug)]
pub struct Timeline {
    rate_bytes_per_s: u64,
    free_at: Instant,
}

impl Timeline {
    /// A line that is free from `now` on. A rate of 0 counts as 1 byte per second.
    pub fn new(rate_bytes_per_s: u64, now: Instant) -> Self {
        Self {
            rate_bytes_per_s: rate_bytes_per_s.max(1),
            free_at: now,
        }
    }

    /// The line was idle until `now`: that time is not saved up.
    pub fn resume(&mut self, now: Instant) {
        self.free_at = self.free_at.max(now);
    }

    /// The same line after a pause, from now on with another rate.
    #[must_use]
    pub fn resumed(self, rate_bytes_per_s: u64, now: Instant) -> Self {
        let mut line = Self {
            rate_bytes_per_s: rate_bytes_per_s.max(1),
            ..self
        };
        line.resume(now);
        line
    }

    /// Takes the next free time for `bytes`, and says when they are due. A sender that woke late catches up on at
    /// most [`CATCH_UP`], so that a busy machine does not lower the rate.
    pub fn reserve(&mut self, bytes: u64, now: Instant) -> Instant {
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let seconds = bytes as f64 / self.rate_bytes_per_s as f64;
        self.free_at = self.free_at.max(earliest) + Duration::from_secs_f64(seconds);
        self.free_at
    }
}

/// One line for all connections. Each has at most one slice waiting, so they take turns.
#[derive(Debug)]
pub struct SharedTimeline {
    state: Mutex<Shared>,
}

#[derive(Debug)]
struct Shared {
    line: Timeline,
    senders: usize,
}

impl SharedTimeline {
    /// A line that all senders share.
    pub fn new(rate_bytes_per_s: u64, now: Instant) -> Self {
        Self {
            state: Mutex::new(Shared {
                line: Timeline::new(rate_bytes_per_s, now),
                senders: 0,
            }),
        }
    }

    /// A sender that has bytes to send until the guard is dropped. The first one after a pause starts afresh.
    pub fn join(&self, now: Instant) -> Sender<'_> {
        let mut shared = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.senders == 0 {
            shared.line.resume(now);
        }
        shared.senders += 1;
        Sender { line: self }
    }
}

/// One who sends over a [`SharedTimeline`].
#[derive(Debug)]
pub struct Sender<'a> {
    line: &'a SharedTimeline,
}

impl Sender<'_> {
    /// As [`Timeline::reserve`].
    pub fn reserve(&self, bytes: u64, now: Instant) -> Instant {
        self.line
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .line
            .reserve(bytes, now)
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        self.line
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .senders -= 1;
    }
}

/// When the next slice of an answer may go: after its connection's line and the line of all.
#[derive(Debug)]
pub(crate) struct Pacer<'a> {
    own: Option<Timeline>,
    total: Option<Sender<'a>>,
    slice_bytes: u64,
}

impl<'a> Pacer<'a> {
    /// For an answer on a connection whose line so far is `line`.
    pub(crate) fn new(site: &'a Site, script: &Script, line: Option<Timeline>) -> Self {
        let pace = &site.profile.pace;
        let own_rate = pace
            .per_connection_bytes_per_s
            .into_iter()
            .chain(script.rate_bytes_per_s)
            .min();
        let lowest_rate = own_rate.into_iter().chain(pace.total_bytes_per_s).min();
        let now = Instant::now();
        Self {
            own: own_rate.map(|rate| match line {
                Some(line) => line.resumed(rate, now),
                None => Timeline::new(rate, now),
            }),
            total: site.total.as_ref().map(|total| total.join(now)),
            slice_bytes: lowest_rate.map_or(UNPACED_SLICE_BYTES, slice_bytes),
        }
    }

    /// How much to send at once.
    pub(crate) fn slice_bytes(&self) -> u64 {
        self.slice_bytes
    }

    /// Waits until `bytes` may go.
    pub(crate) async fn wait_for(&mut self, bytes: u64) {
        let now = Instant::now();
        let own = self.own.as_mut().map(|line| line.reserve(bytes, now));
        let total = self.total.as_ref().map(|line| line.reserve(bytes, now));
        if let Some(due) = own.max(total)
            && due > now
        {
            tokio::time::sleep_until(due).await;
        }
    }

    /// The connection's line, for its next answer.
    pub(crate) fn into_own(self) -> Option<Timeline> {
        self.own
    }
}

/// Large enough that system calls cost little, small enough for the processor's cache.
const UNPACED_SLICE_BYTES: u64 = 256 * 1024;
const SLICES_PER_S: u64 = 200;
const MAX_SLICE_BYTES: u64 = 64 * 1024;
/// Longer than a timer is late on a busy machine, short enough that no burst fills a socket's buffer.
pub const CATCH_UP: Duration = Duration::from_millis(40);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_carries_its_rate_and_saves_up_no_idle_time() {
        let start = Instant::now();
        let mut line = Timeline::new(1_000_000, start);
        for slice in 1..=100 {
            let due = line.reserve(10_000, start + Duration::from_millis(10 * (slice - 1)));
            assert_eq!(due, start + Duration::from_millis(10 * slice));
        }
        let later = start + Duration::from_mins(1);
        line.resume(later);
        assert_eq!(line.reserve(10_000, later), later + Duration::from_millis(10));
    }

    #[test]
    fn a_late_sender_catches_up_but_only_a_little() {
        let start = Instant::now();
        let mut line = Timeline::new(1_000_000, start);
        let late = start + Duration::from_millis(30);
        assert_eq!(line.reserve(10_000, late), start + Duration::from_millis(10));
        let very_late = start + Duration::from_secs(10);
        assert_eq!(
            line.reserve(10_000, very_late),
            very_late - CATCH_UP + Duration::from_millis(10)
        );
    }

    #[test]
    fn senders_on_a_shared_line_take_turns() {
        let start = Instant::now();
        let line = SharedTimeline::new(1_000_000, start);
        let (first, second) = (line.join(start), line.join(start));
        let due: Vec<_> = (0..4)
            .map(|turn| if turn % 2 == 0 { &first } else { &second }.reserve(1_000, start))
            .collect();
        assert_eq!(
            due,
            (1..=4)
                .map(|turn| start + Duration::from_millis(turn))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn slices_are_five_milliseconds_long_and_never_empty() {
        assert_eq!(slice_bytes(4_000_000), 20_000);
        assert_eq!(slice_bytes(8_000), 40);
        assert_eq!(slice_bytes(1), 1);
        assert_eq!(slice_bytes(u64::MAX), 64 * 1024);
    }
}
