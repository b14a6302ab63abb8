//! The job jar: who fetches what next.
//!
//! Fresh bytes are handed out in ascending runs. When none are left, a worker without work takes the tail of the run
//! that would end last, or races for its last bytes. That the jar is empty says nothing about completion: what is
//! complete is for the writer to say, which alone knows what is in the file.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::segment::Segment;
use crate::range::{ByteRange, RangeSet};

/// What one request asks for, in time at the worker's speed.
const RUN: Duration = Duration::from_secs(2);
/// A theft that saves less is not worth its connection.
const GAIN_MIN: Duration = Duration::from_millis(100);
/// The smallest piece that is cut off a run; below it, two workers race for the same bytes.
const CUT_MIN_BYTES: u64 = 64 << 10;
/// The smallest run of [`RunLength::NearFrontier`]: of shorter ones, requests would take more time than bytes.
const NEAR_RUN_MIN_BYTES: u64 = 512 << 10;
/// A run is late for the frontier when it takes this many times as long as a fresh one would.
const LATE: f64 = 1.5;
/// Workers on one segment at most. Of two both may crawl; what three ask for is small.
const RACERS_MAX: usize = 3;

/// Names a worker within its transfer.
pub(crate) type WorkerId = u32;

/// Names a segment within its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SegmentId(u64);

/// How finely runs are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunLength {
    /// As many units as the worker fetches in about two seconds.
    BySpeed,
    /// One unit: what was received stays close behind what is asked for, for a digest or a viewer that follows.
    OneUnit,
    /// What a worker fetches in about two seconds, up to one unit, and a run that is late is helped before fresh bytes
    /// are begun: the file's unbroken beginning grows as fast as all workers together.
    NearFrontier,
}

/// What is known of a worker's speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Speed {
    /// What it delivers now; 0 where it is stalled.
    pub(crate) rate_bytes_per_s: f64,
    /// How long until its (next) bytes are expected, in seconds.
    pub(crate) latency_s: f64,
}

/// Work for one worker.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub(crate) id: SegmentId,
    pub(crate) segment: Arc<Segment>,
    /// How often this range was tried before.
    pub(crate) tries: u32,
    pub(crate) kind: AssignmentKind,
}

/// How a worker came by its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssignmentKind {
    /// Nobody else is at these bytes.
    Own,
    /// Cut off another worker's run.
    Stolen,
    /// The same bytes as another worker.
    Race,
}

/// Who fetches what of one file.
#[derive(Debug)]
pub(crate) struct Plan {
    unit_bytes: u64,
    run_length: RunLength,
    fresh: RangeSet,
    returned: Vec<Returned>,
    active: BTreeMap<SegmentId, Active>,
    next_id: u64,
}

#[derive(Debug, Clone, Copy)]
struct Returned {
    range: ByteRange,
    tries: u32,
    not_before: Instant,
}

#[derive(Debug)]
struct Active {
    segment: Arc<Segment>,
    tries: u32,
    workers: Vec<WorkerId>,
}

impl Plan {
    /// A plan for `missing`, in units of `unit_bytes`.
    pub(crate) fn new(missing: RangeSet, unit_bytes: u64, run_length: RunLength) -> Self {
        Self {
            unit_bytes,
            run_length,
            fresh: missing,
            returned: Vec::new(),
            active: BTreeMap::new(),
            next_id: 0,
        }
    }

    /// Work for `worker` at `speed`, where there is any: a returned range, fresh bytes, another's tail, or a race.
    ///
    /// `crew` is how many workers share what is left; `speed_of` knows each worker that is at work.
    pub(crate) fn next(
        &mut self,
        worker: WorkerId,
        speed: Speed,
        crew: u32,
        now: Instant,
        speed_of: &dyn Fn(WorkerId) -> Speed,
    ) -> Option<Assignment> {
        if let Some(returned) = self.take_returned(now) {
            return Some(self.activate(worker, returned.range, returned.tries, AssignmentKind::Own));
        }
        if let Some(assignment) = self.help_the_frontier(worker, speed, speed_of) {
            return Some(assignment);
        }
        if let Some(range) = self.take_fresh(speed.rate_bytes_per_s, crew) {
            return Some(self.activate(worker, range, 0, AssignmentKind::Own));
        }
        self.steal_or_race(worker, speed, speed_of)
    }

    /// When the next returned range may be asked for again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.returned.iter().map(|returned| returned.not_before).min()
    }

    /// The bytes that the first answer brings: a run that begins at `start` and is that worker's own.
    ///
    /// Its answer carries on to `limit`, so the run is the worker's fair share of all: a connection that is cut short
    /// has to be made anew. Where something follows the frontier it is as short as runs are; [`Plan::extend`] adds to it.
    pub(crate) fn take_at(
        &mut self,
        worker: WorkerId,
        start: u64,
        limit: u64,
        crew: u32,
    ) -> Option<Assignment> {
        let first = self
            .fresh
            .iter()
            .find(|range| range.start() <= start && start < range.end())?;
        let end = match self.run_length {
            _ if crew <= 1 => u64::MAX,
            RunLength::OneUnit => self.boundary_behind(start, 1),
            RunLength::BySpeed => {
                let units = (self.fresh.bytes() / self.unit_bytes / u64::from(crew)).max(1);
                self.boundary_behind(start, units)
            }
            RunLength::NearFrontier => start.saturating_add(self.near_run_bytes(0.0)),
        };
        let range = ByteRange::new(start, first.end().min(end).min(limit))?;
        self.fresh.remove(range);
        Some(self.activate(worker, range, 0, AssignmentKind::Own))
    }

    /// Lets an answer that goes on beyond its segment's end go on, as long as what is behind it is nobody's: the next
    /// unit, or a range that was given back. That needs no wait, since nobody is asked for it.
    pub(crate) fn extend(&mut self, id: SegmentId, threshold_bytes: u64) {
        let Some(active) = self.active.get(&id) else {
            return;
        };
        let Some(left) = active.segment.remaining() else {
            return;
        };
        if left.len() > threshold_bytes {
            return;
        }
        let given_back = self
            .returned
            .iter()
            .position(|returned| returned.range.start() == left.end());
        if let Some(index) = given_back {
            if active.segment.extend(self.returned[index].range) {
                self.returned.swap_remove(index);
            }
            return;
        }
        let next = ByteRange::new(left.end(), self.boundary_behind(left.end(), 1));
        if let Some(next) = next.filter(|&next| self.fresh.contains(next))
            && active.segment.extend(next)
        {
            self.fresh.remove(next);
        }
    }

    /// `worker` is at the segment no longer. What nobody took goes back, to be tried again at `not_before`; returns it.
    pub(crate) fn release(
        &mut self,
        id: SegmentId,
        worker: WorkerId,
        attempt: Attempt,
        not_before: Instant,
    ) -> Option<ByteRange> {
        let active = self.active.get_mut(&id)?;
        active.workers.retain(|&other| other != worker);
        if !active.workers.is_empty() && active.segment.remaining().is_some() {
            // The other racer goes on; the range is in its hands.
            return None;
        }
        let active = self.active.remove(&id).expect("it was there a moment ago");
        let range = active.segment.close()?;
        let tries = match attempt {
            Attempt::Failed => active.tries + 1,
            Attempt::Delivered => 0,
            Attempt::Withdrawn => active.tries,
        };
        self.returned.push(Returned {
            range,
            tries,
            not_before,
        });
        Some(range)
    }

    /// Bytes that were fetched and rejected: they are asked for again.
    pub(crate) fn put_back(&mut self, range: ByteRange, now: Instant) {
        self.returned.push(Returned {
            range,
            tries: 1,
            not_before: now,
        });
    }

    /// How much is neither taken by a worker nor in the file.
    pub(crate) fn left_bytes(&self) -> u64 {
        let returned: u64 = self.returned.iter().map(|returned| returned.range.len()).sum();
        let active: u64 = self
            .active
            .values()
            .filter_map(|active| active.segment.remaining())
            .map(ByteRange::len)
            .sum();
        self.fresh.bytes() + returned + active
    }

    /// Whether all that is left is in somebody's hands.
    pub(crate) fn is_handed_out(&self) -> bool {
        self.fresh.is_empty() && self.returned.is_empty()
    }

    /// Whether nobody is at work and nothing is left to hand out.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_handed_out() && self.active.is_empty()
    }

    fn take_returned(&mut self, now: Instant) -> Option<Returned> {
        let (index, _) = self
            .returned
            .iter()
            .enumerate()
            .filter(|(_, returned)| returned.not_before <= now)
            .min_by_key(|(_, returned)| returned.range.start())?;
        Some(self.returned.swap_remove(index))
    }

    fn take_fresh(&mut self, rate_bytes_per_s: f64, crew: u32) -> Option<ByteRange> {
        let first = self.fresh.first(u64::MAX)?;
        let end = match self.run_length {
            RunLength::OneUnit => self.boundary_behind(first.start(), 1),
            RunLength::NearFrontier => first
                .start()
                .saturating_add(self.near_run_bytes(rate_bytes_per_s)),
            RunLength::BySpeed => {
                // A run beyond the fair share of what is left would only be cut again.
                let share = self
                    .fresh
                    .bytes()
                    .div_ceil(self.unit_bytes)
                    .div_ceil(u64::from(crew.max(1)));
                let by_speed = (rate_bytes_per_s * RUN.as_secs_f64() / self.unit_bytes as f64).ceil() as u64;
                // Of a worker without a speed nothing is known yet: half of its share, the rest when it has shown one.
                let wanted = if rate_bytes_per_s > 0.0 {
                    by_speed
                } else {
                    share.div_ceil(2)
                };
                self.boundary_behind(first.start(), wanted.min(share).max(1))
            }
        };
        let range = ByteRange::new(first.start(), first.end().min(end))?;
        self.fresh.remove(range);
        Some(range)
    }

    /// How long a run of [`RunLength::NearFrontier`] is; the shortest for a worker without a speed.
    fn near_run_bytes(&self, rate_bytes_per_s: f64) -> u64 {
        let by_speed = (rate_bytes_per_s * RUN.as_secs_f64()) as u64;
        by_speed
            .min(self.unit_bytes)
            .max(NEAR_RUN_MIN_BYTES)
            .next_multiple_of(CUT_MIN_BYTES)
    }

    /// The end of the `units`-th unit that begins at or before `start`.
    fn boundary_behind(&self, start: u64, units: u64) -> u64 {
        (start / self.unit_bytes)
            .saturating_add(units)
            .saturating_mul(self.unit_bytes)
    }

    fn activate(
        &mut self,
        worker: WorkerId,
        range: ByteRange,
        tries: u32,
        kind: AssignmentKind,
    ) -> Assignment {
        let id = SegmentId(self.next_id);
        self.next_id += 1;
        let segment = Arc::new(Segment::new(range));
        self.active.insert(
            id,
            Active {
                segment: Arc::clone(&segment),
                tries,
                workers: vec![worker],
            },
        );
        Assignment {
            id,
            segment,
            tries,
            kind,
        }
    }

    fn steal_or_race(
        &mut self,
        worker: WorkerId,
        thief: Speed,
        speed_of: &dyn Fn(WorkerId) -> Speed,
    ) -> Option<Assignment> {
        let victim = self.victims(speed_of).max_by(|victim, other| {
            let (ends, other_ends) = (victim.ends_after_s(), other.ends_after_s());
            ends.total_cmp(&other_ends)
        })?;
        let theft = theft(victim.left, victim.speed, thief)?;
        self.carry_out(victim.id, theft, worker)
    }

    /// Where something follows the frontier: a part of the first run that would end later than a fresh one, since all
    /// that is behind it has to wait for it.
    fn help_the_frontier(
        &mut self,
        worker: WorkerId,
        helper: Speed,
        speed_of: &dyn Fn(WorkerId) -> Speed,
    ) -> Option<Assignment> {
        if self.run_length != RunLength::NearFrontier {
            return None;
        }
        let fresh_s = helper.time_for(self.near_run_bytes(helper.rate_bytes_per_s));
        let (id, theft) = self
            .victims(speed_of)
            .filter(|victim| victim.ends_after_s() > LATE * fresh_s)
            .filter_map(|victim| Some((victim, theft(victim.left, victim.speed, helper)?)))
            .min_by_key(|(victim, _)| victim.left.start())
            .map(|(victim, theft)| (victim.id, theft))?;
        self.carry_out(id, theft, worker)
    }

    /// The runs that another worker may help with.
    fn victims(&self, speed_of: &dyn Fn(WorkerId) -> Speed) -> impl Iterator<Item = Victim> {
        self.active
            .iter()
            .filter(|(_, active)| active.workers.len() < RACERS_MAX)
            .filter_map(move |(&id, active)| {
                let left = active.segment.remaining()?;
                let speed = active
                    .workers
                    .iter()
                    .map(|&worker| speed_of(worker))
                    .max_by(Speed::order)?;
                Some(Victim { id, left, speed })
            })
    }

    fn carry_out(&mut self, id: SegmentId, theft: Theft, worker: WorkerId) -> Option<Assignment> {
        let active = self.active.get_mut(&id)?;
        match theft {
            Theft::Tail { cut_at } => {
                let tries = active.tries;
                let tail = active.segment.cut(cut_at)?;
                Some(self.activate(worker, tail, tries, AssignmentKind::Stolen))
            }
            Theft::Race => {
                active.workers.push(worker);
                Some(Assignment {
                    id,
                    segment: Arc::clone(&active.segment),
                    tries: active.tries,
                    kind: AssignmentKind::Race,
                })
            }
        }
    }
}

/// How an attempt at a range ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Nothing came of it.
    Failed,
    /// It brought bytes before it ended: the count begins anew.
    Delivered,
    /// It was called back; the range is not to blame.
    Withdrawn,
}

impl Speed {
    /// How long the worker needs for `bytes`, in seconds.
    fn time_for(self, bytes: u64) -> f64 {
        if self.rate_bytes_per_s <= 0.0 {
            f64::INFINITY
        } else {
            self.latency_s + bytes as f64 / self.rate_bytes_per_s
        }
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.rate_bytes_per_s.total_cmp(&other.rate_bytes_per_s)
    }
}

/// A run in work that another worker may help with.
#[derive(Debug, Clone, Copy)]
struct Victim {
    id: SegmentId,
    left: ByteRange,
    /// Of the fastest worker at it.
    speed: Speed,
}

impl Victim {
    fn ends_after_s(&self) -> f64 {
        self.speed.time_for(self.left.len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theft {
    Tail { cut_at: u64 },
    Race,
}

/// Whether, and how, a thief shortens the time in which the victim's `left` arrives.
fn theft(left: ByteRange, victim: Speed, thief: Speed) -> Option<Theft> {
    if thief.rate_bytes_per_s <= 0.0 {
        return None;
    }
    let alone_s = victim.time_for(left.len());
    let gains = |together_s: f64| alone_s - together_s >= GAIN_MIN.as_secs_f64();
    if victim.rate_bytes_per_s <= 0.0 {
        // It delivers nothing: all of it, as long as that leaves the victim a chance with what is small anyway.
        return Some(if left.len() <= CUT_MIN_BYTES {
            Theft::Race
        } else {
            Theft::Tail { cut_at: left.start() }
        });
    }
    // Both end at the same moment: latency + tail ÷ thief = victim's latency + (left − tail) ÷ victim.
    let tail = (alone_s - thief.latency_s) / (1.0 / thief.rate_bytes_per_s + 1.0 / victim.rate_bytes_per_s);
    let tail_bytes = tail.max(0.0) as u64;
    if tail_bytes >= CUT_MIN_BYTES && gains(thief.latency_s + tail / thief.rate_bytes_per_s) {
        // Aligned, so that neighbouring writes meet on a page; never beyond what is left.
        let cut_at = (left.end() - tail_bytes.min(left.len())).next_multiple_of(CUT_MIN_BYTES);
        if left.start() <= cut_at && cut_at < left.end() {
            return Some(Theft::Tail { cut_at });
        }
    }
    let race_s = thief.latency_s + left.len() as f64 / thief.rate_bytes_per_s;
    (left.len() <= 2 * CUT_MIN_BYTES && gains(race_s)).then_some(Theft::Race)
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
