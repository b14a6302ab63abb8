//! Once a tick: who is silent, who is too slow, and how large should the crew be.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::floor::is_below_floor;
use super::workers::Worker;
use super::{Fetch, FetchEnd, Wrong};
use crate::error::Error;
use crate::http::source::Source;
use crate::plan::crew::Evidence;
use crate::plan::queue::{Attempt, WorkerId};
use crate::range::ByteRange;
use crate::transfer::patience::{Exhausted, Spent};
use crate::transfer::tries::MIRROR_AFTER;

/// Silence after which a stream is given up, on its first try, while others deliver.
const SILENCE: Duration = Duration::from_secs(1);
/// Silence after which any connection is given up, though nobody delivers.
const SILENCE_OF_ALL: Duration = Duration::from_secs(15);
/// The same for a request that was not answered, on its first try: who is one too many may be left lying.
const SILENCE_OF_ALL_UNANSWERED: Duration = Duration::from_secs(2);
/// The longest patience with a silent connection.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// New connections that stay silent, one after the other, before that is taken for a refusal.
const SILENT_MAX: u32 = 3;

/// One overdue answer among fewer than this many answers holds the ramp.
const OVERDUE_SHARE: u32 = 4;
/// No answer is overdue before this, however fast the host was so far.
const OVERDUE_MIN: Duration = Duration::from_millis(10);

/// How long a full host may take to notice that a connection is gone.
const DROPPED_LAG: Duration = Duration::from_millis(50);
/// How long a connection whose answer is over may take to come back into the pool. Who asks before opens another one,
/// and a full host leaves that lying.
const RETURNED_LAG: Duration = Duration::from_millis(5);

/// How long a new connection may take, before the next ones wait for its answer.
fn overdue_after(latency_s: f64) -> Duration {
    Duration::from_secs_f64(latency_s * 2.0).max(OVERDUE_MIN)
}

/// A worker that is silent for this long counts as one that delivers nothing, for decisions about its range.
pub(super) fn silence(latency_s: f64) -> Duration {
    Duration::from_secs_f64((latency_s * 3.0).clamp(0.4, 3.0))
}

impl Fetch<'_> {
    /// Looks at everything; the last look was `elapsed` ago, as far as that time counts.
    pub(super) fn tick(&mut self, elapsed: Duration, now: Instant) {
        for worker in &mut self.workers {
            worker.note(now);
        }
        self.typical_before = self.typical(now).rate_bytes_per_s;
        self.note_answers(now);
        self.carry_on_open_answers(now);
        self.collect_bad_pieces(now);
        self.hold_pledges();
        self.keep_safe();
        let received = self.received_before
            + self
                .workers
                .iter()
                .map(|worker| worker.gauge.received())
                .sum::<u64>();
        let moved = received > self.last_received;
        self.last_received = received;
        self.sum.note(received, now);
        self.replace_idlers(now);
        self.let_go_of_the_superfluous(now);
        self.spend_patience(moved, now);
        if self.paused_since.is_none() {
            let cause = self.diagnose(now);
            self.f.tally.causes.note(cause.clone(), elapsed);
            let answered = self.answered();
            self.f.tally.cause = cause.or_else(|| self.f.tally.cause.take()?.still_true(answered));
        }
        if self.f.tally.is_due(now) {
            let phase = self.phase(now);
            self.report(phase, now);
        }
    }

    /// Nobody was silent while this process was suspended: that time counts for no worker and against no patience.
    pub(super) fn excuse_absence(&mut self, now: Instant) {
        self.patience.check(Spent::Excused, now);
        for worker in &mut self.workers {
            worker.skip_to(now);
        }
    }

    /// Heads that came since the last tick.
    fn note_answers(&mut self, now: Instant) {
        let mut newly_served = Vec::new();
        for worker in self.workers.iter_mut().filter(|worker| !worker.served) {
            let Some(latency_s) = worker.gauge.latency_s() else {
                continue;
            };
            worker.served = true;
            newly_served.push(Arc::clone(&worker.source));
            worker.permit.served(now);
            if let Some(entry) = self.f.sources.entry(&worker.source)
                && !worker.open_ended
            {
                entry.note_latency(latency_s);
            }
        }
        for source in newly_served {
            let served = self.served_by(&source);
            if let Some(entry) = self.f.sources.entry(&source) {
                entry.note_served(served);
            }
        }
        self.note_answered(self.answered());
    }

    /// So many are answered at once.
    pub(super) fn note_answered(&mut self, answered: u32) {
        if answered > self.answered_peak {
            // It took one more than ever before: what was silent was not a refusal.
            self.answered_peak = answered;
            self.silent_in_a_row = 0;
        }
        self.f.tally.connections_peak = self.f.tally.connections_peak.max(answered);
    }

    /// Workers that are answered now.
    pub(super) fn answered(&self) -> u32 {
        self.workers.iter().filter(|worker| worker.is_answered()).count() as u32
    }

    /// The probe's answer holds the whole file: its worker goes on as long as what lies behind is nobody's.
    fn carry_on_open_answers(&mut self, now: Instant) {
        let ahead = ((self.sum.bytes_per_s() * 0.25) as u64).max(256 << 10);
        self.relieve_silent_neighbours(ahead, now);
        for worker in self.workers.iter().filter(|worker| worker.open_ended) {
            self.plan.extend(worker.assignment.id, ahead);
        }
    }

    /// What an open answer is about to reach, and a request that is not answered lies on, the open answer may bring.
    fn relieve_silent_neighbours(&mut self, ahead: u64, now: Instant) {
        let typical = self.typical(now);
        let silence = if self.silent_in_a_row > 0 {
            // The last one was left lying, too.
            overdue_after(typical.latency_s)
        } else {
            typical.silence
        };
        let reached: Vec<u64> = self
            .workers
            .iter()
            .filter(|worker| worker.open_ended)
            .filter_map(|worker| worker.assignment.segment.remaining())
            .filter(|left| left.len() <= ahead)
            .map(ByteRange::end)
            .collect();
        let silent: Vec<WorkerId> = self
            .workers
            .iter()
            .filter(|worker| !worker.is_answered() && worker.age(now) >= silence)
            .filter(|worker| reached.contains(&worker.assignment.segment.began_at()))
            .map(|worker| worker.id)
            .collect();
        for id in silent {
            self.replace(id, Idleness::Unanswered, now);
        }
    }

    /// Pieces that their digest rejected are fetched again, and the mirror they came from is used no longer.
    fn collect_bad_pieces(&mut self, now: Instant) {
        let bad = self
            .f
            .part
            .hasher()
            .map(crate::verify::FrontierHasher::take_bad_pieces)
            .unwrap_or_default();
        for range in bad {
            self.reject(range, Wrong::Piece, now);
        }
    }

    /// A transfer that is over in a moment needs no journal; this one is not.
    fn keep_safe(&mut self) {
        if self.f.part.is_unsafe()
            && let Err(error) = self.f.part.keep_safe()
        {
            self.fail(error);
        }
    }

    /// Replaces those that are silent, and those that are much slower than the others.
    fn replace_idlers(&mut self, now: Instant) {
        let typical = self.typical(now);
        let delivering = self
            .workers
            .iter()
            .filter(|worker| worker.silent_for() < SILENCE && worker.is_answered())
            .count();
        let mut idlers: Vec<(WorkerId, Idleness)> = Vec::new();
        for worker in &self.workers {
            let others_deliver =
                delivering > usize::from(worker.silent_for() < SILENCE && worker.is_answered());
            let spent = worker.assignment.segment.remaining().is_none();
            let idleness = if spent && worker.silent_for() >= super::TICK {
                Some(Idleness::Spent)
            } else if worker.silent_for() >= self.patience_with(worker, typical.latency_s, others_deliver) {
                Some(if worker.is_answered() {
                    Idleness::Silent
                } else {
                    Idleness::Unanswered
                })
            } else if self.is_below_floor(worker, now) {
                Some(Idleness::Slow)
            } else {
                None
            };
            idlers.extend(idleness.map(|idleness| (worker.id, idleness)));
        }
        for (id, idleness) in idlers {
            self.replace(id, idleness, now);
        }
    }

    /// How long a worker may be silent. Each try of its range doubles it, and each connection beyond what the host has
    /// shown to take that was left lying before: a server that needs long gets long in the end.
    fn patience_with(&self, worker: &Worker, latency_s: f64, others_deliver: bool) -> Duration {
        let (first, most) = match (others_deliver, worker.is_answered()) {
            (false, true) => (SILENCE_OF_ALL, SILENCE_OF_ALL),
            (false, false) => {
                let usual = Duration::from_secs_f64((latency_s * 4.0).min(15.0));
                (SILENCE_OF_ALL_UNANSWERED.max(usual), SILENCE_OF_ALL)
            }
            (true, true) => (SILENCE, SILENCE_MAX),
            (true, false) => {
                let usual = Duration::from_secs_f64((latency_s * 4.0 + 0.4).clamp(0.75, 5.0));
                (usual, SILENCE_MAX)
            }
        };
        let left_lying = if worker.beyond { self.silent_in_a_row } else { 0 };
        let doublings = worker.assignment.tries.max(left_lying).min(5);
        first.saturating_mul(1 << doublings).min(most)
    }

    fn replace(&mut self, id: WorkerId, idleness: Idleness, now: Instant) {
        let Some(worker) = self.workers.iter().find(|worker| worker.id == id) else {
            return;
        };
        tracing::debug!(worker = id, ?idleness, range = ?worker.assignment.segment.remaining(), "is replaced");
        // Others may have taken all of its work meanwhile: it was not answered all the same.
        let unanswered = !worker.is_answered() && worker.silent_for() >= self.typical(now).silence;
        let (beyond, source) = (worker.beyond, Arc::clone(&worker.source));
        let attempt = match idleness {
            Idleness::Spent => Attempt::Withdrawn,
            // One connection too many says nothing of the range that it was to bring.
            Idleness::Unanswered if beyond => Attempt::Withdrawn,
            Idleness::Silent | Idleness::Unanswered | Idleness::Slow => Attempt::Failed,
        };
        if let Some(reason) = idleness.reason() {
            reason.clone_into(&mut self.last_reason);
            self.f.tally.retried(reason);
        }
        self.turned_away |= idleness == Idleness::Unanswered;
        self.dismiss(id, attempt, now);
        if unanswered && beyond {
            self.silent_in_a_row += 1;
            if self.silent_in_a_row >= SILENT_MAX {
                // The host takes connections and leaves them lying: a refusal without a word. Where runs end and
                // begin, fewer deliver for a moment than it takes: what it has shown to take is the measure.
                let delivering = self.workers.iter().any(Worker::is_answered);
                if delivering {
                    self.host_refused(&source, self.answered_peak, now);
                    self.call_back_unanswered(&source, now);
                }
            }
        }
    }

    /// Whether those that were asked last should be heard of before another is: a host that leaves lying what is beyond
    /// its cap says so only by its silence, and each connection that was opened meanwhile stays silent too.
    pub(super) fn is_ramp_in_doubt(&self, now: Instant) -> bool {
        let answered = self.answered();
        let overdue = self.overdue(now);
        if (self.workers.len() as u32) - overdue < self.answered_peak {
            // So many were served before, and those that lie unanswered take nobody's place.
            return false;
        }
        // One silent answer among many is an accident; after the first lesson they are asked one by one.
        let one_by_one = self.silent_in_a_row > 0 && (self.workers.len() as u32) > answered;
        one_by_one || (overdue > 0 && overdue * OVERDUE_SHARE >= answered)
    }

    /// Requests whose answer is late.
    fn overdue(&self, now: Instant) -> u32 {
        let late = overdue_after(self.typical(now).latency_s);
        let is_overdue = |worker: &&Worker| !worker.is_answered() && worker.age(now) >= late;
        self.workers.iter().filter(is_overdue).count() as u32
    }

    /// A connection was dropped in the middle of its answer. A host that is full takes another in its place only when it
    /// has noticed, and may leave one lying that comes before.
    pub(super) fn note_dropped(&mut self, source: &Source, now: Instant) {
        self.rest_where_full(source, DROPPED_LAG, now);
    }

    /// A connection's answer was read to its end: the next request is to find it in the pool.
    pub(super) fn note_returned(&mut self, source: &Source, now: Instant) {
        self.rest_where_full(source, RETURNED_LAG, now);
    }

    fn rest_where_full(&mut self, source: &Source, lag: Duration, now: Instant) {
        let is_full = self.silent_in_a_row > 0
            || self.overdue(now) > 0
            || self.f.request.hosts.learned(&source.authority(), now).is_some();
        if is_full
            && let Some(entry) = self.f.sources.entry(source)
            && !entry.is_resting(now)
        {
            entry.rest(lag, now);
        }
    }

    /// Those that are not answered yet would stay so, and hold what the others could use.
    fn call_back_unanswered(&mut self, source: &Source, now: Instant) {
        let ids: Vec<_> = self
            .workers
            .iter()
            .filter(|worker| worker.beyond && !worker.is_answered())
            .filter(|worker| worker.source.id() == source.id())
            .map(|worker| worker.id)
            .collect();
        for id in ids {
            self.dismiss(id, Attempt::Withdrawn, now);
        }
    }

    fn is_below_floor(&self, worker: &Worker, now: Instant) -> bool {
        let Some(rate) = worker.rate_over_three_seconds() else {
            return false;
        };
        let authority = worker.source.authority();
        let others = self
            .workers
            .iter()
            .filter(|other| other.id != worker.id && other.source.authority() == authority)
            .filter_map(|other| other.rate(now));
        // At the end those that are left may all crawl: then it counts what others brought before them.
        let before = self
            .f
            .sources
            .entries()
            .filter(|entry| self.plan.is_handed_out() && entry.source.authority() == authority)
            .flat_map(|entry| entry.usual.recent(now));
        is_below_floor(rate, worker.assignment.tries, others.chain(before))
    }

    /// A smaller crew: the last to come are the first to go.
    fn let_go_of_the_superfluous(&mut self, now: Instant) {
        let delivering = self.answered();
        let rate_bytes_per_s = self.sum.bytes_per_s();
        let left = self.plan.left_bytes() as f64;
        let time_left =
            Duration::try_from_secs_f64(left / rate_bytes_per_s.max(1.0)).unwrap_or(Duration::MAX);
        let held_back = self.is_held_back();
        self.crew.observe(
            Evidence {
                rate_bytes_per_s,
                delivering,
                time_left,
                held_back,
            },
            now,
        );
        let size = self.crew.size(now) as usize;
        while self.workers.len() > size {
            let Some(last) = self
                .workers
                .iter()
                .max_by_key(|worker| worker.began)
                .map(|worker| worker.id)
            else {
                return;
            };
            self.dismiss(last, Attempt::Withdrawn, now);
        }
    }

    fn is_held_back(&self) -> bool {
        let held = self
            .workers
            .iter()
            .filter(|worker| worker.gauge.is_held_back())
            .count();
        self.f.part.is_congested()
            || self.is_limit_used_up()
            || (!self.workers.is_empty() && held * 2 >= self.workers.len())
    }

    /// Whether the host serves others of the same caller, and has no place for this one meanwhile.
    pub(super) fn waits_for_its_turn(&self, now: Instant) -> bool {
        let authority = self.f.sources.primary().authority();
        let is_turned_away = self.turned_away && self.answered() == 0;
        (self.workers.is_empty() && self.is_crowded_out)
            || (is_turned_away && self.f.request.hosts.is_serving(&authority, now))
    }

    /// Whether the first address has been out of reach for long enough for one that stands by to take its place.
    fn is_a_mirrors_turn(&self, now: Instant) -> bool {
        let is_due = |since| now.saturating_duration_since(since) >= MIRROR_AFTER;
        let (sources, held_bytes) = (&self.f.sources, self.f.part.written().bytes());
        // Those that may be used anyway are at work.
        self.out_of_reach_since.is_some_and(is_due)
            && !sources.mirrors_allowed
            && sources.may_stand_in(held_bytes)
    }

    fn spend_patience(&mut self, moved: bool, now: Instant) {
        let spent = if moved {
            self.network_missing = false;
            self.out_of_reach_since = None;
            self.turned_away = false;
            Spent::Receiving
        } else if self.paused_since.is_some()
            || self.is_held_back()
            || self.f.sources.all_rest_by_order(now)
            || self.waits_for_its_turn(now)
        {
            Spent::Excused
        } else if self.network_missing {
            Spent::WithoutNetwork
        } else {
            Spent::Asking
        };
        let exhausted = self.patience.check(spent, now);
        if spent != Spent::Excused && self.is_a_mirrors_turn(now) {
            let (url, reason) = (self.f.sources.primary().shown(), self.last_reason.clone());
            self.end = Some(FetchEnd::Failed(Error::GaveOut { url, reason }));
        } else if let Some(exhausted) = exhausted {
            let reason = match exhausted {
                Exhausted::Sources => self.last_reason.clone(),
                Exhausted::Network => format!("there was no network for too long ({})", self.last_reason),
            };
            let url = self.f.sources.primary().shown();
            self.end = Some(FetchEnd::Failed(Error::GaveOut { url, reason }));
        }
    }
}

/// Why a worker is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Idleness {
    /// Its work was taken over by others.
    Spent,
    /// Its stream stopped.
    Silent,
    /// No answer came.
    Unanswered,
    /// Below the floor.
    Slow,
}

impl Idleness {
    fn reason(self) -> Option<&'static str> {
        match self {
            Self::Spent => None,
            Self::Silent => Some("a connection fell silent"),
            Self::Unanswered => Some("a request was not answered"),
            Self::Slow => Some("a connection was much slower than the others"),
        }
    }
}
