//! Many workers fetch one file: the loop in which all decisions meet.
//!
//! One task owns the plan, the crew and the workers' records; workers are tasks that each carry out one run and report
//! how it ended. So no decision needs a lock, and every one of them can be read here or in the files beside this one:
//! [`staff`] gives work to workers, [`ends`] decides what a run's end means, [`watch`] looks at speeds and silences, [`view`] says what is to be seen of it.

mod ends;
mod entry;
mod floor;
mod pledges;
mod sources;
mod staff;
mod usual;
mod view;
mod watch;
mod workers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::inbox::Inbox;
use super::part::WorkingPart;
use super::patience::Patience;
use super::tally::{RateWindow, Tally};
use crate::error::Error;
use crate::http::response::{KnownFile, OneStreamReason};
use crate::pace::Pacer;
use crate::plan::crew::{Crew, DOUBLING};
use crate::plan::queue::{Plan, RunLength, WorkerId};
use crate::plan::tiers::unit_bytes;
use crate::progress::Phase;
use crate::range::ByteRange;
use crate::request::{Order, Request};
use crate::verify::Expected;
use crate::worker::{JobEnd, OpenBody};

use pledges::Pledges;
pub(crate) use sources::{SourceBook, Wrong};
use workers::{JobNumber, Worker};

/// How often speeds and silences are looked at.
const TICK: Duration = Duration::from_millis(100);
/// The same for answers that others wait for.
const LOOK_FOR_ANSWERS: Duration = Duration::from_millis(20);
/// A tick that comes later than this says that the process was suspended.
const ABSENCE: Duration = Duration::from_secs(1);
/// Over how long the sum of all speeds is averaged: shorter than a trial of the crew.
const SUM_OVER: Duration = Duration::from_millis(400);

/// What is fetched, and with what.
pub(crate) struct Fetching<'a> {
    pub(crate) request: &'a Request,
    pub(crate) known: Arc<KnownFile>,
    pub(crate) part: &'a mut WorkingPart,
    pub(crate) sources: &'a mut SourceBook,
    pub(crate) pacers: Arc<[Pacer]>,
    /// What the file's digests are to be, for mirrors to be held against.
    pub(crate) expected: Arc<Expected>,
    /// Whether a digest of the whole follows the frontier.
    pub(crate) hashing: bool,
    pub(crate) inbox: &'a mut Inbox,
    pub(crate) tally: &'a mut Tally,
}

/// How fetching ended.
pub(crate) enum FetchEnd {
    /// Every byte is in the file.
    Whole,
    /// The server sends no ranges after all: one stream, this answer if there is one.
    OneStream {
        response: Option<reqwest::Response>,
        why: OneStreamReason,
    },
    /// An answer does not match the first one: does it still fit?
    Doubt { reason: String, proven: Proof },
    /// The caller gave another address.
    NewAddress(url::Url),
    /// It cannot go on.
    Failed(Error),
}

/// Whether a contradiction alone proves that the file is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Equal length: a sample decides.
    Open,
    /// Another length.
    Different,
}

pub(crate) struct Fetch<'a> {
    f: Fetching<'a>,
    plan: Plan,
    crew: Crew,
    jobs: JoinSet<(JobNumber, JobEnd)>,
    workers: Vec<Worker>,
    /// The number of the next job.
    next_job: JobNumber,
    patience: Patience,
    sum: RateWindow,
    /// What all workers that have ended received.
    received_before: u64,
    last_received: u64,
    /// The most workers that were answered at once: what the host has shown to take.
    answered_peak: u32,
    /// Connections beyond what was shown that stayed silent, one after the other.
    silent_in_a_row: u32,
    /// How many the ramp may have opened, and since when.
    wave_size: u32,
    wave_at: Instant,
    /// The usual speed, as it was when workers last had one.
    typical_before: f64,
    last_reason: String,
    network_missing: bool,
    /// Since when nobody was reached at all.
    out_of_reach_since: Option<Instant>,
    /// Whether the host turned away what was asked last, and nothing came since.
    turned_away: bool,
    /// Whether somebody would be asked, were there a place left at its host: others of the same caller have them all.
    is_crowded_out: bool,
    /// Whether bytes were ever taken back out of the file.
    retracted: bool,
    pledges: Pledges,
    paused_since: Option<Instant>,
    end: Option<FetchEnd>,
}

/// Fetches what is missing. `open` is the probe's answer, which begins at its first missing byte.
pub(crate) async fn fetch(fetching: Fetching<'_>, open: Option<OpenBody>) -> FetchEnd {
    Fetch::new(fetching).run(open).await
}

impl<'a> Fetch<'a> {
    fn new(f: Fetching<'a>) -> Self {
        let now = Instant::now();
        let length = f.known.complete_length;
        let missing = f.part.written().snapshot().missing(length);
        let run_length = match f.request.order {
            Order::Fastest if !f.hashing => RunLength::BySpeed,
            Order::Fastest => RunLength::OneUnit,
            Order::Sequential => RunLength::NearFrontier,
        };
        let connections = f.inbox.connections;
        let patience = Patience::new(f.request.retry_for, f.request.network_wait, now);
        Self {
            plan: Plan::new(missing, unit_bytes(length), run_length),
            crew: Crew::new(connections, now),
            jobs: JoinSet::new(),
            workers: Vec::new(),
            next_job: JobNumber(0),
            patience,
            sum: RateWindow::new(SUM_OVER),
            received_before: 0,
            last_received: 0,
            answered_peak: 0,
            silent_in_a_row: 0,
            wave_size: 2,
            wave_at: now,
            typical_before: 0.0,
            last_reason: "no answer".to_owned(),
            network_missing: false,
            out_of_reach_since: None,
            turned_away: false,
            is_crowded_out: false,
            retracted: false,
            pledges: Pledges::default(),
            paused_since: None,
            end: None,
            f,
        }
    }

    async fn run(mut self, open: Option<OpenBody>) -> FetchEnd {
        if let Some(open) = open {
            self.employ_open(open);
        }
        let mut ticked_at = Instant::now();
        loop {
            let now = Instant::now();
            self.take_in_commands(now);
            self.staff(now);
            if let Some(end) = self.conclusion() {
                self.note_answered(self.answered());
                self.dismiss_all();
                self.report(Phase::Downloading, Instant::now());
                // A task that was called back holds the part file, and so its lock, until it is gone: whoever comes
                // next would find it held by this very process.
                self.jobs.shutdown().await;
                self.pledges.wait_for_readings().await;
                return end;
            }
            let wake = self.next_wake(now).min(ticked_at + TICK);
            let news = Arc::clone(&self.f.part.news);
            tokio::select! {
                Some(joined) = self.jobs.join_next() => {
                    // A worker that was called back has been taken care of already.
                    if let Ok((job, end)) = joined {
                        self.job_ended(job, end, Instant::now());
                    }
                }
                Some((pledge, is_kept)) = self.pledges.next() => {
                    self.pledge_held(&pledge, is_kept, Instant::now());
                }
                () = news.notified() => {}
                () = self.f.inbox.next() => {}
                () = tokio::time::sleep_until(wake.into()) => {
                    let now = Instant::now();
                    if now >= ticked_at + TICK {
                        let mut elapsed = now.saturating_duration_since(ticked_at);
                        if elapsed >= ABSENCE {
                            self.excuse_absence(now);
                            elapsed = Duration::ZERO;
                        }
                        ticked_at = now;
                        self.tick(elapsed, now);
                    }
                }
            }
        }
    }

    /// Whether, and how, fetching is over. That nothing is left to hand out says nothing: what is in the file decides.
    fn conclusion(&mut self) -> Option<FetchEnd> {
        if self.f.part.has_failed() {
            // The writer or the syncer tells the reason when it is ended.
            return Some(FetchEnd::Failed(Error::Internal("writing failed".to_owned())));
        }
        if self.f.part.written().is_whole(self.f.known.complete_length) {
            self.hold_pledges();
            if !self.is_in_question() {
                return Some(FetchEnd::Whole);
            }
        }
        if self.f.inbox.cancelled {
            return Some(FetchEnd::Failed(Error::Cancelled));
        }
        if self.plan.is_idle() && self.workers.is_empty() && self.f.part.is_settled() {
            // Nobody is at it, nothing is queued, and yet bytes are missing: they go back into the jar.
            let missing = self
                .f
                .part
                .written()
                .snapshot()
                .missing(self.f.known.complete_length);
            for range in missing.iter() {
                self.plan.put_back(range, Instant::now());
            }
        }
        self.end.take()
    }

    /// Whether something that is in the file may yet prove wrong by its part's own digest.
    fn is_in_question(&self) -> bool {
        let checked_yet = self.workers.iter().all(|worker| !worker.gauge.is_unchecked());
        !checked_yet || !self.pledges.are_settled() || (self.retracted && !self.f.part.is_settled())
    }

    fn take_in_commands(&mut self, now: Instant) {
        self.crew.want(self.f.inbox.connections, now);
        self.f.sources.take_in(self.f.inbox);
        if let Some(url) = self.f.inbox.new_address.take() {
            self.end = Some(FetchEnd::NewAddress(url));
        }
        match (self.f.inbox.paused, self.paused_since) {
            (true, None) => {
                self.paused_since = Some(now);
                self.dismiss_all();
                self.report(Phase::Paused, now);
            }
            (false, Some(since)) => {
                self.f.tally.paused_for += now.saturating_duration_since(since);
                self.paused_since = None;
            }
            _ => {}
        }
    }

    fn next_wake(&self, now: Instant) -> Instant {
        let opening = self.crew.next_opening(self.workers.len() as u32);
        let due = self.plan.next_due();
        // Answers tell nobody that they came: who waits for them looks.
        let answer = self.is_ramp_in_doubt(now).then(|| now + LOOK_FOR_ANSWERS);
        let wave = (self.wave_size < self.crew.size(now)).then(|| self.wave_at + DOUBLING);
        let rested = self.f.sources.entries().filter_map(|entry| entry.rest_until);
        let soonest = [opening, due, answer, wave]
            .into_iter()
            .flatten()
            .chain(rested)
            .filter(|&at| at > now)
            .min();
        soonest.unwrap_or(now + TICK)
    }

    fn employ_open(&mut self, open: OpenBody) {
        let id = self.new_worker_id();
        let crew = self.f.inbox.connections;
        let assignment = self.plan.take_at(id, open.body.start(), open.body.end(), crew);
        let Some(assignment) = assignment else { return };
        let source = self.f.sources.primary();
        let authority = source.authority();
        let permit = self.f.request.hosts.hold(&authority, Instant::now());
        self.employ(id, assignment, source, permit, Some(open));
    }

    fn new_worker_id(&mut self) -> WorkerId {
        let mut id = 0;
        // The lowest number that is free: a worker's row in the picture stays where it is.
        while self.workers.iter().any(|worker| worker.id == id) {
            id += 1;
        }
        id
    }

    fn fail(&mut self, error: Error) {
        self.end = Some(FetchEnd::Failed(error));
    }

    /// Bytes that a source delivered, for the day on which one of them proves wrong.
    fn note_delivery(&mut self, source: usize, from: u64, to: u64) {
        if let Some(range) = ByteRange::new(from, to) {
            self.f.sources.delivered(source, range);
        }
    }
}
