//! Who works on what: opens workers as the crew, the host's budget and the plan allow.

use std::sync::Arc;
use std::time::Instant;

use super::Fetch;
use super::workers::{Typical, Worker};
use crate::hosts::HostPermit;
use crate::http::response::KnownFile;
use crate::http::source::Source;
use crate::pace::Pacer;
use crate::plan::crew::{DOUBLING, enough_for_limit};
use crate::plan::queue::{Assignment, AssignmentKind, Attempt, Speed, WorkerId};
use crate::request::CONNECTIONS_MAX;
use crate::worker::{Gauge, Job, OpenBody, work};

impl Fetch<'_> {
    /// Gives work to as many workers as there should be.
    pub(super) fn staff(&mut self, now: Instant) {
        if self.paused_since.is_some() || self.end.is_some() {
            return;
        }
        let size = self.crew.size(now).min(self.wave(now));
        if self.f.part.is_congested() && !self.workers.is_empty() {
            // What the disk cannot take, another connection need not bring.
            return;
        }
        let size = size.min(self.enough_for_limit());
        while (self.workers.len() as u32) < size {
            if self.is_limit_used_up() && !self.workers.is_empty() {
                // Nor what a limit does not let pass: no theft and no race makes it arrive sooner.
                return;
            }
            if self.is_ramp_in_doubt(now) {
                return;
            }
            let Some((source, permit)) = self.choose_source(now) else {
                self.is_crowded_out = self.f.sources.entries().any(|entry| !entry.is_resting(now));
                return;
            };
            self.is_crowded_out = false;
            let id = self.new_worker_id();
            let typical = self.typical(now);
            let speed = self.expected_speed(&source, typical, now);
            let workers = &self.workers;
            let speed_of = |id: WorkerId| {
                let worker = workers.iter().find(|worker| worker.id == id);
                worker.map_or(
                    Speed {
                        rate_bytes_per_s: 0.0,
                        latency_s: 0.0,
                    },
                    |worker| worker.speed(typical, now),
                )
            };
            let Some(assignment) = self.plan.next(id, speed, size, now, &speed_of) else {
                return;
            };
            if assignment.kind != AssignmentKind::Own {
                tracing::debug!(worker = id, ?assignment.kind, range = ?assignment.segment.remaining(), "takes over");
            }
            self.employ(id, assignment, source, permit, None);
        }
    }

    /// Whether the caller's limit is what holds the bytes back.
    pub(super) fn is_limit_used_up(&self) -> bool {
        self.f.pacers.iter().any(Pacer::is_behind)
    }

    /// How many workers the caller's limit is worth.
    fn enough_for_limit(&self) -> u32 {
        let limit = self.f.pacers.iter().filter_map(Pacer::rate_bytes_per_s).min();
        limit.map_or(u32::MAX, |limit| enough_for_limit(limit, self.typical_before))
    }

    /// How many the ramp may have opened by now. Waves stay apart though this task was late for one: what a host makes of
    /// the first is to be seen before the next.
    fn wave(&mut self, now: Instant) -> u32 {
        if now >= self.wave_at + DOUBLING {
            self.wave_at = now;
            self.wave_size = self.wave_size.saturating_mul(2).min(CONNECTIONS_MAX);
        }
        self.wave_size
    }

    pub(super) fn employ(
        &mut self,
        id: WorkerId,
        assignment: Assignment,
        source: Arc<Source>,
        permit: HostPermit,
        open: Option<OpenBody>,
    ) {
        let gauge = Arc::new(Gauge::new());
        let open_ended = open.is_some();
        let job = Job {
            segment: Arc::clone(&assignment.segment),
            source: Arc::clone(&source),
            known: source.known().unwrap_or_else(|| self.known_of_stranger(&source)),
            expected: Arc::clone(&self.f.expected),
            gauge: Arc::clone(&gauge),
            sink: self.f.part.sink(),
            pacers: Arc::clone(&self.f.pacers),
            open,
        };
        if !open_ended {
            self.f.tally.requests += 1;
        }
        tracing::trace!(
            worker = id,
            range = ?assignment.segment.remaining(),
            tries = assignment.tries,
            open_ended,
            "begins"
        );
        let number = self.next_job;
        self.next_job = number.next();
        let task = self.jobs.spawn(async move { (number, work(job).await) });
        let beyond = self.workers.len() as u32 >= self.answered_peak;
        let now = Instant::now();
        let worker = Worker::new(
            id, number, assignment, source, gauge, task, permit, beyond, open_ended, now,
        );
        self.workers.push(worker);
    }

    /// A mirror that was not asked before is held against the length, and from then on against its own first answer.
    fn known_of_stranger(&self, source: &Source) -> Arc<KnownFile> {
        if self.f.sources.is_primary(source) {
            Arc::clone(&self.f.known)
        } else {
            Arc::new(self.f.known.by_length_alone())
        }
    }

    /// The address with the fewest workers that may have one more.
    fn choose_source(&self, now: Instant) -> Option<(Arc<Source>, HostPermit)> {
        let mut candidates: Vec<_> = self
            .f
            .sources
            .entries()
            .filter(|entry| !entry.is_resting(now))
            .map(|entry| (self.workers_of(&entry.source), &entry.source))
            .collect();
        candidates.sort_by_key(|(workers, _)| *workers);
        candidates.into_iter().find_map(|(_, source)| {
            let permit = self.f.request.hosts.acquire(&source.authority(), now)?;
            Some((Arc::clone(source), permit))
        })
    }

    fn workers_of(&self, source: &Source) -> usize {
        self.workers
            .iter()
            .filter(|worker| worker.source.id() == source.id())
            .count()
    }

    /// What a new worker will probably get.
    fn expected_speed(&self, source: &Source, typical: Typical, now: Instant) -> Speed {
        let same = self
            .workers
            .iter()
            .filter(|worker| worker.source.id() == source.id());
        let at_work = same
            .filter_map(|worker| worker.rate(now))
            .filter(|&rate| rate > 0.0);
        let entry = self
            .f
            .sources
            .entries()
            .find(|entry| entry.source.id() == source.id());
        let usual = entry.and_then(|entry| entry.usual.beside(at_work, now));
        Speed {
            rate_bytes_per_s: usual.unwrap_or(typical.rate_bytes_per_s),
            latency_s: typical.latency_s,
        }
    }

    /// Calls a worker back; what it did not take goes back to the jar.
    pub(super) fn dismiss(&mut self, id: WorkerId, attempt: Attempt, not_before: Instant) {
        let Some(index) = self.workers.iter().position(|worker| worker.id == id) else {
            return;
        };
        let worker = self.workers.swap_remove(index);
        worker.task.abort();
        // Its end may take a moment: what it brings until its range is closed is to be in the accounts.
        self.plan.release(worker.assignment.id, id, attempt, not_before);
        self.settle_accounts(&worker);
        if worker.is_answered() {
            self.note_dropped(&worker.source, Instant::now());
        }
    }

    pub(super) fn dismiss_all(&mut self) {
        let now = Instant::now();
        while let Some(id) = self.workers.first().map(|worker| worker.id) {
            self.dismiss(id, Attempt::Withdrawn, now);
        }
    }

    /// Takes what a worker that leaves has counted into the transfer's own counts.
    pub(super) fn settle_accounts(&mut self, worker: &Worker) {
        let now = Instant::now();
        if let Some(rate) = worker.rate_in_all(now)
            && let Some(entry) = self.f.sources.entry(&worker.source)
        {
            entry.usual.note(rate, now);
        }
        self.received_before += worker.gauge.received();
        self.f.tally.bytes_discarded += worker.gauge.discarded();
        let segment = &worker.assignment.segment;
        if worker.gauge.received() > worker.gauge.discarded() {
            // Where racers share a segment both are noted: when bytes prove wrong, both are suspect.
            let to = segment
                .remaining()
                .map_or(segment.end(), crate::range::ByteRange::start);
            self.note_delivery(worker.source.id(), segment.began_at(), to);
            let (word, length) = (worker.gauge.word(), self.f.known.complete_length);
            self.pledges.take(word, length, &self.f.part.sink());
        }
    }

    /// Median speed, usual latency.
    pub(super) fn typical(&self, now: Instant) -> Typical {
        let at_work = self
            .workers
            .iter()
            .filter_map(|worker| worker.rate(now))
            .filter(|&rate| rate > 0.0);
        let remembered = self.f.sources.entries().flat_map(|entry| entry.usual.recent(now));
        let mut rates: Vec<f64> = at_work.chain(remembered).collect();
        let latency_s = self.f.sources.usual_latency_s().unwrap_or(0.1);
        Typical {
            rate_bytes_per_s: median(&mut rates).unwrap_or(self.typical_before),
            latency_s,
            silence: super::watch::silence(latency_s),
        }
    }
}

pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
