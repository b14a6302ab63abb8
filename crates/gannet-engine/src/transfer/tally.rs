//! What a transfer counts, and the picture of it that the reporter gets.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::diagnose::{Cause, Causes};
use crate::disk::written::Picture;
use crate::progress::{Event, Phase, Reporter, Snapshot, WorkerSnapshot};
use crate::range::RangeSet;

/// Over how long the shown speed is averaged.
const SHOWN_OVER: Duration = Duration::from_millis(1500);

/// Counts and speaks for one transfer.
pub(crate) struct Tally {
    pub(crate) reporter: Arc<dyn Reporter>,
    pub(crate) report_every: Duration,
    pub(crate) began: Instant,
    pub(crate) name: Option<String>,
    pub(crate) length: Option<u64>,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) bytes_discarded: u64,
    pub(crate) bytes_resumed: u64,
    pub(crate) connections_peak: u32,
    pub(crate) paused_for: Duration,
    /// Why it is not faster now.
    pub(crate) cause: Option<Cause>,
    /// The same for all of the time.
    pub(crate) causes: Causes,
    written: Arc<RangeSet>,
    rate: RateWindow,
    reported_at: Option<Instant>,
}

/// What moves, beside the tally's own counts.
pub(crate) struct Moving {
    pub(crate) phase: Phase,
    pub(crate) written: Picture,
    pub(crate) hashed_bytes: u64,
    pub(crate) connections: u32,
    pub(crate) workers: Vec<WorkerSnapshot>,
}

impl Tally {
    pub(crate) fn new(reporter: Arc<dyn Reporter>, report_every: Duration) -> Self {
        Self {
            reporter,
            report_every,
            began: Instant::now(),
            name: None,
            length: None,
            requests: 0,
            retries: 0,
            bytes_discarded: 0,
            bytes_resumed: 0,
            connections_peak: 0,
            paused_for: Duration::ZERO,
            cause: None,
            causes: Causes::default(),
            written: Arc::default(),
            rate: RateWindow::new(SHOWN_OVER),
            reported_at: None,
        }
    }

    /// Tells that something happened.
    pub(crate) fn event(&self, event: &Event) {
        tracing::debug!(?event);
        self.reporter.event(event);
    }

    /// Something failed and is asked for again.
    pub(crate) fn retried(&mut self, reason: &str) {
        self.retries += 1;
        self.event(&Event::Retried {
            reason: reason.to_owned(),
        });
    }

    /// Whether the reporter is to get a snapshot now.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.reported_at
            .is_none_or(|at| now.saturating_duration_since(at) >= self.report_every)
    }

    /// Gives the reporter a snapshot.
    pub(crate) fn report(&mut self, moving: Moving, now: Instant) {
        self.reported_at = Some(now);
        self.connections_peak = self.connections_peak.max(moving.connections);
        let Picture { set, retracted_from } = moving.written;
        self.retracted(retracted_from);
        self.rate.note(set.bytes(), now);
        self.written = Arc::new(set);
        let rate_bytes_per_s = match moving.phase {
            Phase::Downloading | Phase::Probing => self.rate.bytes_per_s(),
            _ => 0.0,
        };
        let left = self
            .length
            .map(|length| length.saturating_sub(self.written.bytes()));
        let time_left = left
            .filter(|_| rate_bytes_per_s > 1.0)
            .and_then(|left| Duration::try_from_secs_f64(left as f64 / rate_bytes_per_s).ok());
        self.reporter.snapshot(&Snapshot {
            phase: moving.phase,
            name: self.name.clone(),
            length: self.length,
            written: Arc::clone(&self.written),
            hashed_bytes: moving.hashed_bytes,
            rate_bytes_per_s,
            time_left,
            connections: moving.connections,
            connections_peak: self.connections_peak,
            workers: moving.workers,
            requests: self.requests,
            retries: self.retries,
            bytes_discarded: self.bytes_discarded,
            cause: self.cause.clone(),
        });
    }

    /// Tells of a phase in which nothing moves.
    pub(crate) fn report_phase(&mut self, phase: Phase, hashed_bytes: u64) {
        let written = Picture {
            set: RangeSet::clone(&self.written),
            retracted_from: None,
        };
        let moving = Moving {
            phase,
            written,
            hashed_bytes,
            connections: 0,
            workers: Vec::new(),
        };
        self.report(moving, Instant::now());
    }

    /// Bytes left the file from here on, since it was last told.
    pub(crate) fn retracted(&self, from: Option<u64>) {
        if let Some(from) = from {
            self.event(&Event::Retracted { from });
        }
    }

    /// What is in the file as of now, however it came there: none of it counts for the speed.
    pub(crate) fn set_written(&mut self, written: RangeSet) {
        self.rate = RateWindow::new(SHOWN_OVER);
        self.rate.note(written.bytes(), Instant::now());
        self.written = Arc::new(written);
    }
}

/// A byte rate over a window of time.
#[derive(Debug)]
pub(crate) struct RateWindow {
    over: Duration,
    samples: VecDeque<(Instant, u64)>,
}

impl RateWindow {
    pub(crate) fn new(over: Duration) -> Self {
        Self {
            over,
            samples: VecDeque::new(),
        }
    }

    /// The count stands at `bytes` now. A count that falls begins a new window.
    pub(crate) fn note(&mut self, bytes: u64, now: Instant) {
        if self.samples.back().is_some_and(|&(_, before)| before > bytes) {
            self.samples.clear();
        }
        self.samples.push_back((now, bytes));
        // One sample older than the window stays: the window begins at it.
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|&(at, _)| now.saturating_duration_since(at) >= self.over)
        {
            self.samples.pop_front();
        }
    }

    /// Bytes per second over the window; 0 while it is too short to say.
    pub(crate) fn bytes_per_s(&self) -> f64 {
        let (Some(&(from, first)), Some(&(to, last))) = (self.samples.front(), self.samples.back()) else {
            return 0.0;
        };
        let seconds = (to - from).as_secs_f64();
        if seconds <= 0.0 {
            0.0
        } else {
            (last - first) as f64 / seconds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::ByteRange;
    use std::sync::Mutex;

    /// Keeps the last speed that was shown.
    #[derive(Default)]
    struct Shown(Mutex<f64>);

    impl Reporter for Shown {
        fn snapshot(&self, snapshot: &Snapshot) {
            *self.0.lock().unwrap() = snapshot.rate_bytes_per_s;
        }

        fn event(&self, _: &Event) {}
    }

    fn written(bytes: u64) -> RangeSet {
        let mut set = RangeSet::new();
        set.insert(ByteRange::new(0, bytes).unwrap());
        set
    }

    #[test]
    fn what_is_resumed_counts_for_no_speed() {
        let shown = Arc::new(Shown::default());
        let mut tally = Tally::new(Arc::clone(&shown) as Arc<dyn Reporter>, Duration::ZERO);
        tally.length = Some(100_000_000);
        tally.report_phase(Phase::Probing, 0);
        tally.set_written(written(30_000_000));
        let moving = |bytes| Moving {
            phase: Phase::Downloading,
            written: Picture {
                set: written(bytes),
                retracted_from: None,
            },
            hashed_bytes: 0,
            connections: 1,
            workers: Vec::new(),
        };
        tally.report(moving(34_000_000), Instant::now() + Duration::from_secs(1));
        let rate = *shown.0.lock().unwrap();
        assert!((3.9e6..=4.0e6).contains(&rate), "{rate}");
    }
}
