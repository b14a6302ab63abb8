//! What the transfer keeps of each worker: its work, its speed, its silences.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::hosts::HostPermit;
use crate::http::source::Source;
use crate::plan::queue::{Assignment, AssignmentKind, Speed, WorkerId};
use crate::progress::{WorkerSnapshot, WorkerState};
use crate::worker::Gauge;

/// How many ticks a speed is averaged over: one second.
const WINDOW_TICKS: usize = 10;
/// A worker is too young to have a speed of its own before this.
const YOUNG: Duration = Duration::from_millis(250);

/// What is brought in less time than that has to be at least this much to say something of the speed.
const TELLING_BYTES: u64 = 128 << 10;
/// No time counts as less than this: what lay in buffers comes at any speed.
const BRIEF: Duration = Duration::from_millis(5);

/// Names a job among all of a fetch. A worker's id is given again once it is free, and then the end of a job that was
/// called back too late may still be under way: by its id it would be taken for the end of another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JobNumber(pub(super) u64);

impl JobNumber {
    /// The one behind it.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

pub(super) struct Worker {
    pub(super) id: WorkerId,
    pub(super) job: JobNumber,
    pub(super) assignment: Assignment,
    pub(super) source: Arc<Source>,
    pub(super) gauge: Arc<Gauge>,
    pub(super) task: AbortHandle,
    pub(super) permit: HostPermit,
    pub(super) began: Instant,
    /// Whether it goes beyond the number of connections that the host has shown to take.
    pub(super) beyond: bool,
    /// Whether its answer goes on behind its segment, as the probe's does.
    pub(super) open_ended: bool,
    pub(super) served: bool,
    meter: Meter,
}

/// A worker's speed, from what was received while nothing on this side held it back.
#[derive(Debug)]
struct Meter {
    ticks: VecDeque<Tick>,
    received: u64,
    held_back_us: u64,
    noted_at: Instant,
    /// Time without a byte, as far as it is the server's.
    silent_for: Duration,
    /// The average over the last three seconds is kept too: the floor is measured by it.
    long_ticks: VecDeque<Tick>,
}

#[derive(Debug, Clone, Copy)]
struct Tick {
    bytes: u64,
    active_s: f64,
}

impl Worker {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one fact about a new worker; there is one caller"
    )]
    pub(super) fn new(
        id: WorkerId,
        job: JobNumber,
        assignment: Assignment,
        source: Arc<Source>,
        gauge: Arc<Gauge>,
        task: AbortHandle,
        permit: HostPermit,
        beyond: bool,
        open_ended: bool,
        now: Instant,
    ) -> Self {
        let meter = Meter {
            ticks: VecDeque::with_capacity(WINDOW_TICKS),
            received: 0,
            held_back_us: 0,
            noted_at: now,
            silent_for: Duration::ZERO,
            long_ticks: VecDeque::with_capacity(3 * WINDOW_TICKS),
        };
        Self {
            id,
            job,
            assignment,
            source,
            gauge,
            task,
            permit,
            began: now,
            beyond,
            open_ended,
            served: false,
            meter,
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.gauge.latency_s().is_some()
    }

    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// Time without a byte that is the server's doing.
    pub(super) fn silent_for(&self) -> Duration {
        self.meter.silent_for
    }

    /// Its own speed over the last second; `None` while it is too young to have one.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        (self.is_answered() && self.age(now) >= YOUNG)
            .then(|| average(&self.meter.ticks))
            .flatten()
    }

    /// Its speed over all of its time; `None` where it had too little of it, or brought too little, to have one.
    pub(super) fn rate_in_all(&self, now: Instant) -> Option<f64> {
        let waited = Duration::try_from_secs_f64(self.gauge.latency_s()?).ok()?
            + Duration::from_micros(self.gauge.held_back_us());
        let active = self.age(now).saturating_sub(waited);
        let bytes = self.gauge.received();
        let says_something = active >= YOUNG || bytes >= TELLING_BYTES;
        (says_something && bytes > 0).then(|| bytes as f64 / active.max(BRIEF).as_secs_f64())
    }

    /// Its speed over the last three seconds; `None` while it has not worked that long.
    pub(super) fn rate_over_three_seconds(&self) -> Option<f64> {
        (self.meter.long_ticks.len() >= 3 * WINDOW_TICKS)
            .then(|| average(&self.meter.long_ticks))
            .flatten()
    }

    /// Leaves what happened until now out of its speed and its silence.
    pub(super) fn skip_to(&mut self, now: Instant) {
        self.meter.received = self.gauge.received();
        self.meter.held_back_us = self.gauge.held_back_us();
        self.meter.noted_at = now;
    }

    /// Looks at the gauge, once a tick.
    pub(super) fn note(&mut self, now: Instant) {
        let (received, held_back_us) = (self.gauge.received(), self.gauge.held_back_us());
        let meter = &mut self.meter;
        let bytes = received - meter.received;
        let elapsed = now.saturating_duration_since(meter.noted_at);
        let held_back = Duration::from_micros(held_back_us - meter.held_back_us);
        let active = elapsed.saturating_sub(held_back);
        meter.noted_at = now;
        meter.received = received;
        meter.held_back_us = held_back_us;
        if bytes > 0 {
            meter.silent_for = Duration::ZERO;
        } else if !self.gauge.is_held_back() {
            meter.silent_for += active;
        }
        if self.gauge.latency_s().is_none() || (self.gauge.is_held_back() && bytes == 0) {
            return;
        }
        let tick = Tick {
            bytes,
            active_s: active.as_secs_f64(),
        };
        for (ticks, most) in [
            (&mut meter.ticks, WINDOW_TICKS),
            (&mut meter.long_ticks, 3 * WINDOW_TICKS),
        ] {
            if ticks.len() == most {
                ticks.pop_front();
            }
            ticks.push_back(tick);
        }
    }

    /// Its speed for a decision about its range: what others get stands in for what is not known yet.
    pub(super) fn speed(&self, typical: Typical, now: Instant) -> Speed {
        let silent = self.silent_for() >= typical.silence;
        match (self.is_answered(), silent) {
            (_, true) => Speed {
                rate_bytes_per_s: 0.0,
                latency_s: 0.0,
            },
            (true, false) => {
                let rate_bytes_per_s = self.rate(now).unwrap_or(typical.rate_bytes_per_s);
                Speed {
                    rate_bytes_per_s,
                    latency_s: 0.0,
                }
            }
            (false, false) => {
                let latency_s = (typical.latency_s - self.age(now).as_secs_f64()).max(0.02);
                Speed {
                    rate_bytes_per_s: typical.rate_bytes_per_s,
                    latency_s,
                }
            }
        }
    }

    pub(super) fn snapshot(&self) -> Option<WorkerSnapshot> {
        let state = match (self.is_answered(), self.assignment.kind) {
            (false, _) => WorkerState::Asking,
            (true, AssignmentKind::Race) => WorkerState::Racing,
            (true, AssignmentKind::Own | AssignmentKind::Stolen) => WorkerState::Receiving,
        };
        let host: Arc<str> = self.source.current().host_str().unwrap_or_default().into();
        Some(WorkerSnapshot {
            id: self.id,
            host,
            range: self.assignment.segment.remaining()?,
            began_at: self.assignment.segment.began_at(),
            rate_bytes_per_s: average(&self.meter.ticks).unwrap_or(0.0),
            tries: self.assignment.tries,
            state,
        })
    }
}

/// What workers of this transfer usually get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typical {
    /// The median speed; 0 while nobody has one.
    pub(super) rate_bytes_per_s: f64,
    /// How long an answer usually takes, in seconds.
    pub(super) latency_s: f64,
    /// A worker that is silent for longer counts as one that delivers nothing.
    pub(super) silence: Duration,
}

fn average(ticks: &VecDeque<Tick>) -> Option<f64> {
    let (bytes, seconds) = ticks.iter().fold((0, 0.0), |(bytes, seconds), tick| {
        (bytes + tick.bytes, seconds + tick.active_s)
    });
    (seconds > 0.0).then(|| bytes as f64 / seconds)
}
