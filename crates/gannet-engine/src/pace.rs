//! A limit on the byte rate that can change while transfers run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How far a pacer may run ahead of its rate: enough that small reads do not wait each, too little to be a burst.
const BURST: Duration = Duration::from_millis(50);

/// Limits the sum of bytes that pass through it. Clones share one limit: give the same one to several
/// transfers and they share it.
#[derive(Clone, Debug)]
pub struct Pacer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    lane: Mutex<Lane>,
    /// Bytes per second; 0 is no limit. Watched, so that a change wakes those who wait.
    rate: watch::Sender<u64>,
}

/// A time line: each passer books the time that its bytes take behind those before it.
#[derive(Debug)]
struct Lane {
    free_at: Option<Instant>,
}

impl Lane {
    /// Books `bytes` at `rate_bytes_per_s`; returns when they may pass: when their own time is over, so that the last of
    /// them is paced like the first, however large the pieces are.
    fn book(&mut self, bytes: u64, rate_bytes_per_s: u64, now: Instant) -> Instant {
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        let begins = self.free_at.map_or(earliest, |free| free.max(earliest));
        let ends = begins + Duration::from_secs_f64(bytes as f64 / rate_bytes_per_s as f64);
        self.free_at = Some(ends);
        ends
    }
}

impl Pacer {
    /// A pacer that lets `rate_bytes_per_s` pass; `None` is no limit.
    pub fn new(rate_bytes_per_s: Option<u64>) -> Self {
        let (rate, _) = watch::channel(rate_bytes_per_s.unwrap_or(0));
        Self {
            shared: Arc::new(Shared {
                lane: Mutex::new(Lane { free_at: None }),
                rate,
            }),
        }
    }

    /// No limit, until one is set.
    pub fn unlimited() -> Self {
        Self::new(None)
    }

    /// Changes the limit; those who wait now are measured by the new one.
    pub fn set_rate(&self, rate_bytes_per_s: Option<u64>) {
        self.lane().free_at = None;
        self.shared.rate.send_replace(rate_bytes_per_s.unwrap_or(0));
    }

    /// The limit in bytes per second.
    pub fn rate_bytes_per_s(&self) -> Option<u64> {
        Some(*self.shared.rate.borrow()).filter(|&rate| rate > 0)
    }

    /// Waits until `bytes` may pass. Returns whether it had to wait.
    pub async fn pass(&self, bytes: u64) -> bool {
        if *self.shared.rate.borrow() == 0 {
            return false;
        }
        let mut changes = self.shared.rate.subscribe();
        let mut waited = false;
        loop {
            let rate = *changes.borrow_and_update();
            if rate == 0 {
                return waited;
            }
            let now = Instant::now();
            let at = self.lane().book(bytes, rate, now);
            if at <= now {
                return waited;
            }
            waited = true;
            tokio::select! {
                () = tokio::time::sleep_until(at) => return true,
                // A new limit frees the lane: book again under it.
                _ = changes.changed() => {}
            }
        }
    }

    /// Whether what has passed is more than the limit gives by now: whoever comes has to wait.
    pub(crate) fn is_behind(&self) -> bool {
        let is_limited = *self.shared.rate.borrow() > 0;
        is_limited
            && self
                .lane()
                .free_at
                .is_some_and(|free_at| free_at > Instant::now())
    }

    fn lane(&self) -> MutexGuard<'_, Lane> {
        self.shared.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Pacer {
    fn default() -> Self {
        Self::unlimited()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_pass_at_the_rate_and_never_in_a_burst() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut lane = Lane { free_at: None };
        let mut last = start;
        for _ in 0..100 {
            last = lane.book(10_000, 1_000_000, start);
        }
        // A hundred times 10 ms, less what the burst gives.
        assert_eq!(last - start, Duration::from_secs(1).checked_sub(BURST).unwrap());
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut lane = Lane { free_at: None };
        lane.book(1_000, 1_000, start);
        let later = start + Duration::from_hours(1);
        lane.book(1_000_000, 1_000_000, later);
        assert_eq!(
            lane.book(0, 1_000_000, later),
            later + Duration::from_secs(1) - BURST
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_what_everybody_waits_for_only_while_it_is_used_up() {
        let pacer = Pacer::new(Some(1_000_000));
        assert!(!pacer.is_behind());
        let passing = tokio::spawn({
            let pacer = pacer.clone();
            async move { pacer.pass(500_000).await }
        });
        tokio::task::yield_now().await;
        assert!(pacer.is_behind());
        assert!(passing.await.unwrap(), "it had to wait");
        assert!(!pacer.is_behind());
        assert!(!Pacer::unlimited().is_behind());
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_limit_frees_who_waits() {
        let pacer = Pacer::new(Some(1));
        let waiting = tokio::spawn({
            let pacer = pacer.clone();
            async move { pacer.pass(1_000_000).await }
        });
        tokio::task::yield_now().await;
        pacer.set_rate(None);
        assert!(
            tokio::time::timeout(Duration::from_secs(1), waiting)
                .await
                .is_ok()
        );
    }
}
