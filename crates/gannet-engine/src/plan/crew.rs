//! How many workers are worth their connection: ramp up fast, then let go of those that bring nothing.

use std::time::{Duration, Instant};

/// The time in which the number of workers doubles.
pub(crate) const DOUBLING: Duration = Duration::from_millis(25);
/// How long the full crew is watched before it is asked whether fewer would do.
const SETTLE: Duration = Duration::from_secs(2);
/// How long a smaller crew is watched before the next step.
const WATCH: Duration = Duration::from_millis(500);
/// A step down is kept where the sum falls by less.
const LOSS_MAX: f64 = 0.05;
/// Below this number nothing is gained by letting go.
const CREW_MIN: u32 = 4;
/// A trial must be able to pay for itself: it is not made where less time is left.
const TIME_LEFT_MIN: Duration = Duration::from_secs(4);
/// After a trial that failed the next one comes this much later.
const TRIAL_PAUSE: Duration = Duration::from_secs(30);

/// What a connection is expected to bring, while nothing is known of it.
const UNKNOWN_BYTES_PER_S: f64 = 1e6;
/// However low a limit, one may fall silent.
const LIMIT_RESERVE: u32 = 1;

/// The size of the crew of one transfer.
#[derive(Debug)]
pub(crate) struct Crew {
    wanted: u32,
    ramp_began: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// All that are wanted, opened one after the other.
    Ramping,
    /// A size that was found good, until the next trial.
    Settled { size: u32, trial_at: Instant },
    /// Trying a smaller size: since when, and against which rate.
    Trial {
        size: u32,
        from: u32,
        began: Instant,
        before_bytes_per_s: f64,
    },
}

/// What the transfer measures at a tick.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    /// Sum over all workers, smoothed over less than [`WATCH`].
    pub(crate) rate_bytes_per_s: f64,
    /// Workers that deliver.
    pub(crate) delivering: u32,
    /// Time until the end at this rate.
    pub(crate) time_left: Duration,
    /// Whether something on this side (the disk, a limit) holds the workers back: then no speed means anything.
    pub(crate) held_back: bool,
}

impl Crew {
    /// A crew of up to `wanted`, whose first member begins at `now`.
    pub(crate) fn new(wanted: u32, now: Instant) -> Self {
        Self {
            wanted: wanted.max(1),
            ramp_began: now,
            state: State::Ramping,
        }
    }

    /// Changes the number wanted. Where that is news, what is missing is opened in a new ramp.
    pub(crate) fn want(&mut self, wanted: u32, now: Instant) {
        if self.wanted == wanted.max(1) {
            return;
        }
        self.wanted = wanted.max(1);
        self.ramp_began = now.checked_sub(ramp_time(self.size(now))).unwrap_or(now);
        self.state = State::Ramping;
    }

    /// How many workers there should be at `now`.
    pub(crate) fn size(&self, now: Instant) -> u32 {
        match self.state {
            State::Ramping => {
                let doublings =
                    now.saturating_duration_since(self.ramp_began).as_secs_f64() / DOUBLING.as_secs_f64();
                // The first instant has two: the probe's worker and one beside it.
                let size = 2.0_f64.powf((doublings + 1.0).min(16.0)) as u32;
                size.clamp(1, self.wanted)
            }
            State::Settled { size, .. } | State::Trial { size, .. } => size.min(self.wanted),
        }
    }

    /// When the ramp allows one more than `size`.
    pub(crate) fn next_opening(&self, size: u32) -> Option<Instant> {
        (self.state == State::Ramping && size < self.wanted).then(|| self.ramp_began + ramp_time(size + 1))
    }

    /// Whether a trial has shown that fewer workers bring as much.
    pub(crate) fn line_is_full(&self) -> bool {
        match self.state {
            State::Ramping => false,
            State::Settled { size, .. } => size < self.wanted,
            State::Trial { from, .. } => from < self.wanted,
        }
    }

    /// Looks at the evidence of a tick, and begins, judges or ends a trial.
    pub(crate) fn observe(&mut self, evidence: Evidence, now: Instant) {
        if evidence.held_back {
            if let State::Trial { from, .. } = self.state {
                self.state = State::Settled {
                    size: from,
                    trial_at: now + WATCH,
                };
            }
            return;
        }
        match self.state {
            State::Ramping => {
                let due = self.ramp_began + ramp_time(self.wanted) + SETTLE;
                if now >= due {
                    self.begin_trial(evidence, now);
                }
            }
            State::Settled { trial_at, .. } if now >= trial_at => self.begin_trial(evidence, now),
            State::Settled { .. } => {}
            State::Trial {
                size,
                from,
                began,
                before_bytes_per_s,
            } => {
                if now.saturating_duration_since(began) < WATCH {
                    return;
                }
                if evidence.rate_bytes_per_s < before_bytes_per_s * (1.0 - LOSS_MAX) {
                    self.state = State::Settled {
                        size: from,
                        trial_at: now + TRIAL_PAUSE,
                    };
                } else if size > CREW_MIN {
                    // It costs nothing so far: a bigger step.
                    let rate = before_bytes_per_s.max(evidence.rate_bytes_per_s);
                    let next = (size / 2).max(CREW_MIN);
                    self.state = State::Trial {
                        size: next,
                        from: size,
                        began: now,
                        before_bytes_per_s: rate,
                    };
                } else {
                    self.state = State::Settled {
                        size,
                        trial_at: now + TRIAL_PAUSE,
                    };
                }
            }
        }
    }

    fn begin_trial(&mut self, evidence: Evidence, now: Instant) {
        let from = evidence.delivering.min(self.size(now));
        if from <= CREW_MIN || evidence.time_left < TIME_LEFT_MIN {
            self.state = match self.state {
                State::Ramping => State::Ramping,
                _ => State::Settled {
                    size: self.size(now),
                    trial_at: now + TRIAL_PAUSE,
                },
            };
            return;
        }
        // One in eight: enough to be seen in the sum, little to lose where every connection counts.
        let size = (from - from.div_ceil(8)).max(CREW_MIN);
        self.state = State::Trial {
            size,
            from,
            began: now,
            before_bytes_per_s: evidence.rate_bytes_per_s,
        };
    }
}

/// How many workers use up a limit where each usually brings so much by itself, and one in reserve. That the limit happens
/// not to be used up for a moment is no reason for more. 0 is a speed that is not known.
pub(crate) fn enough_for_limit(limit_bytes_per_s: u64, usual_bytes_per_s: f64) -> u32 {
    let each = if usual_bytes_per_s > 0.0 {
        usual_bytes_per_s
    } else {
        UNKNOWN_BYTES_PER_S
    };
    let needed = (limit_bytes_per_s as f64 / each).ceil() as u32;
    needed.saturating_add(LIMIT_RESERVE)
}

/// The time from the ramp's beginning until it allows `size` workers.
fn ramp_time(size: u32) -> Duration {
    DOUBLING.mul_f64((f64::from(size.max(2)).log2() - 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(100);

    /// A source that gives each connection `each`, and `all` in sum.
    fn run(each: f64, all: f64, seconds: u32) -> (Crew, Vec<u32>) {
        let start = Instant::now();
        let mut crew = Crew::new(32, start);
        let mut sizes = vec![];
        for tick in 0..seconds * 10 {
            let now = start + TICK * tick;
            let size = crew.size(now);
            sizes.push(size);
            let rate = (each * f64::from(size)).min(all);
            let time_left = Duration::from_secs(100);
            crew.observe(
                Evidence {
                    rate_bytes_per_s: rate,
                    delivering: size,
                    time_left,
                    held_back: false,
                },
                now,
            );
        }
        (crew, sizes)
    }

    #[test]
    fn thirty_two_workers_are_open_after_four_doublings() {
        let start = Instant::now();
        let crew = Crew::new(32, start);
        assert_eq!(crew.size(start), 2);
        assert_eq!(crew.size(start + DOUBLING * 4 + Duration::from_millis(1)), 32);
        assert!(
            crew.next_opening(2)
                .is_some_and(|at| at > start && at < start + DOUBLING)
        );
        assert_eq!(crew.next_opening(32), None);
    }

    #[test]
    fn a_limit_is_worth_as_many_as_use_it_up_and_one() {
        for (limit, usual, expected) in [
            (1_000_000, 0.0, 2),
            (1_000, 0.0, 2),
            (1_000_000, 5e8, 2),
            (2_000_000, 1e6, 3),
            (10_000_000, 300e3, 35),
            (u64::MAX, 1.0, u32::MAX),
        ] {
            assert_eq!(enough_for_limit(limit, usual), expected, "{limit} at {usual}");
        }
    }

    #[test]
    fn a_full_line_needs_few_connections() {
        let (crew, sizes) = run(100e6, 100e6, 10);
        assert!(sizes[50..].iter().all(|&size| size <= 8), "{sizes:?}");
        assert!(crew.line_is_full());
    }

    #[test]
    fn a_limit_per_connection_keeps_them_all() {
        let (crew, sizes) = run(4e6, 1e12, 60);
        assert!(sizes[10..].iter().all(|&size| size >= 28), "{sizes:?}");
        let short = sizes[10..].iter().filter(|&&size| size < 32).count();
        assert!(short <= 12, "a trial costs half a second in thirty: {short}");
        assert!(!crew.line_is_full());
    }
}
