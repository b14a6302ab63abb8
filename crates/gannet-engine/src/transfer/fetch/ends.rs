//! What the end of a run means: for its range, for its address, for its host, for the transfer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::entry::{Expiry, Resolution};
use super::workers::{JobNumber, Worker};
use super::{Fetch, FetchEnd, Proof, Wrong};
use crate::error::Error;
use crate::http::fault::{Fault, FaultKind};
use crate::http::response::{Mismatch, OneStreamReason, RangeAnswer, Verdict};
use crate::http::retry::{RETRY_AFTER_MAX, RetryAfter, wait_before_attempt};
use crate::http::source::{AskError, Epoch, Source};
use crate::plan::queue::Attempt;
use crate::progress::Event;
use crate::range::ByteRange;
use crate::transfer::tries::{DISTRUST_MAX, jitter};
use crate::worker::{JobEnd, Judged, Word};

/// Answers in a row that are not what was asked for, before ranges are given up at an address.
const REFUSALS_MAX: u32 = 4;
/// Refusals in a row within what a host took before, until that is believed to be its new limit.
const BUSY_MAX: u32 = 4;
/// Parts in a row that do not match the digests they bear, before that is believed of all.
const WRONG_PARTS_MAX: u32 = 16;
/// The shortest wait that an order comes to: one of no time is no leave to ask in a circle.
const ORDERED_MIN: Duration = Duration::from_millis(100);
/// Half of the first rest after such a refusal.
const LAG: Duration = Duration::from_millis(10);
/// With less than this in the file a sample of it says little: all of its pieces would lie in the file's head.
const DOUBT_BYTES: u64 = 256 << 10;

impl Fetch<'_> {
    pub(super) fn job_ended(&mut self, job: JobNumber, end: JobEnd, now: Instant) {
        let Some(index) = self.workers.iter().position(|worker| worker.job == job) else {
            // It was called back while its end was under way: all is settled.
            return;
        };
        let worker = self.workers.swap_remove(index);
        let id = worker.id;
        tracing::trace!(
            worker = id,
            left_unread = worker.gauge.left_unread(),
            received = worker.gauge.received(),
            "ended"
        );
        let brought = self.note_what_it_brought(&worker, &end, now);
        let attempt = if brought {
            Attempt::Delivered
        } else {
            Attempt::Failed
        };
        match end {
            JobEnd::Exhausted => {
                self.plan
                    .release(worker.assignment.id, id, Attempt::Delivered, now);
            }
            JobEnd::Shorter => self.give_back(&worker, attempt, now),
            JobEnd::Broken(fault) => {
                self.note_trouble(&fault.reason);
                self.give_back(&worker, attempt, now);
            }
            JobEnd::Unanswered(error) => self.unanswered(&worker, error, now),
            JobEnd::Judged(judged) => self.judged(&worker, *judged, now),
            JobEnd::WrongDigest(range) => {
                self.plan.release(worker.assignment.id, id, Attempt::Failed, now);
                self.f.part.sink().retract(range);
                self.retracted = true;
                self.reject(range, Wrong::Answer, now);
                self.count_wrong_part(&worker.source);
            }
            JobEnd::OtherFile(reason) => {
                self.give_back(&worker, Attempt::Withdrawn, now);
                self.drop_or_fail(&worker.source, &reason);
            }
        }
    }

    /// Takes what a worker brought into the books of its address. Returns whether that was anything.
    fn note_what_it_brought(&mut self, worker: &Worker, end: &JobEnd, now: Instant) -> bool {
        let left_unread = worker.gauge.left_unread();
        if matches!(end, JobEnd::WrongDigest(_)) {
            worker.gauge.break_word();
        }
        self.settle_accounts(worker);
        let brought = worker.gauge.received() > 0;
        // A fast file is over before anybody looks: its connections are counted as they end, too.
        self.note_answered(self.answered() + u32::from(brought));
        let served = self.served_by(&worker.source) + u32::from(brought);
        if brought && let Some(entry) = self.f.sources.entry(&worker.source) {
            entry.delivered();
            entry.note_served(served);
            if matches!(worker.gauge.word(), Word::Kept(_)) {
                entry.wrong_parts = 0;
            }
            if let Some(latency_s) = worker.gauge.latency_s().filter(|_| !worker.open_ended) {
                entry.note_latency(latency_s);
            }
        }
        if left_unread {
            self.note_dropped(&worker.source, now);
        } else if brought {
            self.note_returned(&worker.source, now);
        }
        brought
    }

    /// Bytes that a digest rejected are fetched again, and a mirror that they came from is used no longer.
    pub(super) fn reject(&mut self, range: ByteRange, wrong: Wrong, now: Instant) {
        self.pledges.forget(range);
        self.note_trouble(wrong.reason());
        let rejected = self.f.sources.reject(range, wrong, self.f.request, self.f.tally);
        if let Err(error) = rejected {
            self.fail(error);
        }
        self.plan.put_back(range, now);
    }

    /// Whose parts never match their own digests has nothing to give.
    fn count_wrong_part(&mut self, source: &Source) {
        let wrong_parts = self.f.sources.entry(source).map_or(0, |entry| {
            entry.wrong_parts += 1;
            entry.wrong_parts
        });
        if wrong_parts >= WRONG_PARTS_MAX {
            self.drop_or_fail(source, "the parts that it sends do not match their own digests");
        }
    }

    fn unanswered(&mut self, worker: &Worker, error: AskError, now: Instant) {
        match error {
            AskError::Fault(fault) => self.fault(worker, &fault, now),
            AskError::Redirect(error) => {
                self.give_back(worker, Attempt::Failed, now);
                if self.f.sources.is_primary(&worker.source) {
                    self.fail(error.into());
                } else {
                    self.drop_or_fail(&worker.source, &error.to_string());
                }
            }
            AskError::Setup(error) => self.fail(error),
        }
    }

    fn fault(&mut self, worker: &Worker, fault: &Fault, now: Instant) {
        self.note_trouble(&fault.reason);
        let delivering = self.delivering_before(worker);
        if fault.kind.shows_a_network() {
            self.network_missing = false;
        }
        self.out_of_reach_since = fault
            .kind
            .is_out_of_reach()
            .then(|| self.out_of_reach_since.unwrap_or(now));
        self.turned_away = matches!(fault.kind, FaultKind::Rejected | FaultKind::TimedOut);
        match fault.kind {
            FaultKind::Certificate => self.distrusted(&worker.source, &fault.reason, now),
            FaultKind::NoCommonProtocol => {
                self.drop_or_fail(&worker.source, &fault.reason);
            }
            // There was no answer yet: a connection that breaks here was turned away as well.
            FaultKind::Rejected | FaultKind::Broken if delivering > 0 => {
                self.turned_down(worker, delivering, now);
            }
            FaultKind::NetworkMissing => self.network_missing = true,
            FaultKind::Unreachable
            | FaultKind::UnknownHost
            | FaultKind::Rejected
            | FaultKind::TimedOut
            | FaultKind::Broken => {}
        }
        self.back_off(&worker.source, now);
        self.give_back(worker, Attempt::Failed, now);
    }

    /// A certificate cannot be trusted. Where the address delivered before, one of the machines behind it may be broken: the
    /// others go on, and it is over only where nobody of that address delivers any more.
    fn distrusted(&mut self, source: &Source, reason: &str, now: Instant) {
        let is_served = self.served_by(source) > 0;
        let Some(entry) = self.f.sources.entry(source) else {
            return;
        };
        entry.distrusted += 1;
        if source.has_answered() && (is_served || entry.distrusted < DISTRUST_MAX) {
            // Whoever is asked next may be the same one.
            entry.rest(wait_before_attempt(entry.distrusted, jitter()), now);
        } else if self.f.sources.is_primary(source) {
            let (url, reason) = (source.shown(), reason.to_owned());
            self.fail(Error::Certificate { url, reason });
        } else {
            self.drop_or_fail(source, reason);
        }
    }

    fn judged(&mut self, worker: &Worker, judged: Judged, now: Instant) {
        let Judged {
            verdict,
            epoch,
            response,
        } = judged;
        let source = &worker.source;
        self.network_missing = false;
        self.out_of_reach_since = None;
        self.turned_away = matches!(verdict, Verdict::Throttled { .. });
        match verdict {
            Verdict::Answer(RangeAnswer::RangesIgnored) => {
                self.give_back(worker, Attempt::Withdrawn, now);
                if self.f.sources.is_primary(source) {
                    self.end = Some(FetchEnd::OneStream {
                        response: Some(response),
                        why: OneStreamReason::RangesIgnored,
                    });
                } else {
                    self.drop_or_fail(source, "it sends no ranges");
                }
            }
            Verdict::Answer(RangeAnswer::Mismatch(mismatch)) => self.mismatch(worker, mismatch, now),
            Verdict::Answer(RangeAnswer::Message { media_type }) => {
                // A login page, a captive portal: the file may be well behind it.
                source.resolve_again(epoch);
                self.note_trouble(&format!(
                    "the server answers with a page ({media_type}) instead of the file"
                ));
                self.back_off(source, now);
                self.give_back(worker, Attempt::Failed, now);
            }
            Verdict::Answer(RangeAnswer::Part { .. }) => {
                self.give_back(worker, Attempt::Failed, now);
            }
            Verdict::Refuse(refusal) => self.refused_answer(worker, &refusal.to_string(), now),
            Verdict::ProbeAgain => {
                let reason = "the server calls a range inside the file not satisfiable";
                self.doubt(worker, reason, Proof::Open, now);
            }
            Verdict::Throttled { status, retry_after } => {
                self.busy(worker, &status.to_string(), retry_after, now);
            }
            Verdict::Transient { status, retry_after } => {
                self.note_trouble(&status.to_string());
                if let Some(ordered) = retry_after {
                    self.obey(worker, ordered, now);
                }
                self.back_off(source, now);
                self.give_back(worker, Attempt::Failed, now);
            }
            Verdict::Expired { status } => self.expired(worker, status.as_u16(), epoch, now),
            Verdict::Permanent { status } => {
                self.give_back(worker, Attempt::Failed, now);
                if self.f.sources.is_primary(source) {
                    let (url, status) = (source.shown(), status.as_u16());
                    self.fail(Error::Refused { url, status });
                } else {
                    self.drop_or_fail(source, &status.to_string());
                }
            }
            Verdict::Redirect { .. } => {
                self.fail(Error::Internal("a redirect was not followed".to_owned()));
            }
        }
    }

    /// The host turns down what it may take from others: 429, 503, 403.
    fn busy(&mut self, worker: &Worker, reason: &str, retry_after: Option<RetryAfter>, now: Instant) {
        self.note_trouble(reason);
        let delivering = self.delivering_before(worker);
        if let Some(ordered) = retry_after {
            self.obey(worker, ordered, now);
        }
        if delivering > 0 {
            self.turned_down(worker, delivering, now);
        } else {
            self.back_off(&worker.source, now);
        }
        self.give_back(worker, Attempt::Failed, now);
    }

    /// A host said when to come back. Those that it serves go on, and until then no connection is opened beside them; where it
    /// serves none, nothing is asked.
    fn obey(&mut self, worker: &Worker, ordered: RetryAfter, now: Instant) {
        let delivering = self.delivering_before(worker);
        let wait = ordered
            .wait(worker.source.time_of_day(), RETRY_AFTER_MAX, jitter())
            .max(ORDERED_MIN);
        let hosts = &self.f.request.hosts;
        hosts.ordered(&worker.source.authority(), delivering, wait, now);
        if delivering == 0
            && let Some(entry) = self.f.sources.entry(&worker.source)
        {
            entry.rest_as_ordered(wait, now);
        }
    }

    /// One connection was turned down while others deliver: there is one too many, at the latest when it happens again.
    fn turned_down(&mut self, worker: &Worker, delivering: u32, now: Instant) {
        let busy = self.f.sources.entry(&worker.source).map_or(0, |entry| {
            entry.busy += 1;
            entry.busy
        });
        if worker.beyond || busy >= BUSY_MAX {
            self.host_refused(&worker.source, delivering, now);
            self.call_back_later_than(worker, now);
        } else if let Some(entry) = self.f.sources.entry(&worker.source) {
            // Its books may lag behind what it has sent: a moment later the place is free.
            entry.rest(LAG * 2_u32.pow(busy.min(8)), now);
        }
    }

    /// 401, 403, 410: the address has expired, or this is one connection too many, or it is over.
    fn expired(&mut self, worker: &Worker, status: u16, epoch: Epoch, now: Instant) {
        let source = Arc::clone(&worker.source);
        if source.epoch() != epoch {
            // An answer of the old address, after it was resolved anew.
            self.give_back(worker, Attempt::Withdrawn, now);
            return;
        }
        let reason = format!("the server answers {status}");
        let resolution = if source.is_redirected() {
            Resolution::Redirected
        } else {
            Resolution::Direct
        };
        let delivering = self.delivering_before(worker);
        let Some(entry) = self.f.sources.entry(&source) else {
            return;
        };
        match entry.meaning_of_expiry(resolution, delivering) {
            Expiry::OfLink => {
                entry.renewed_beside = Some(delivering);
                source.expire(epoch);
                self.f.tally.event(&Event::LinkRenewed);
                self.note_trouble(&reason);
                // That says nothing of the range, and yet it is asked for again.
                self.f.tally.retries += 1;
                self.give_back(worker, Attempt::Withdrawn, now);
            }
            Expiry::OneTooMany => self.busy(worker, &reason, None, now),
            Expiry::ForGood => {
                self.give_back(worker, Attempt::Failed, now);
                if self.f.sources.is_primary(&source) {
                    let url = source.shown();
                    self.fail(Error::Expired { url, status });
                } else {
                    self.drop_or_fail(&source, &reason);
                }
            }
        }
    }

    fn mismatch(&mut self, worker: &Worker, mismatch: Mismatch, now: Instant) {
        let proof = if mismatch.may_be_equal() {
            Proof::Open
        } else {
            Proof::Different
        };
        if self.f.sources.is_primary(&worker.source) {
            self.doubt(worker, &mismatch.to_string(), proof, now);
        } else {
            self.give_back(worker, Attempt::Withdrawn, now);
            self.drop_or_fail(&worker.source, &mismatch.to_string());
        }
    }

    /// Is it still the same file? Where a sample has to tell, it is asked once there is something to take it from.
    fn doubt(&mut self, worker: &Worker, reason: &str, proven: Proof, now: Instant) {
        let more_will_come = self.workers.iter().any(Worker::is_answered);
        if proven == Proof::Open && more_will_come && self.f.part.written().bytes() < DOUBT_BYTES {
            self.note_trouble(reason);
            self.give_back(worker, Attempt::Failed, now);
            return;
        }
        self.give_back(worker, Attempt::Withdrawn, now);
        self.end = Some(FetchEnd::Doubt {
            reason: reason.to_owned(),
            proven,
        });
    }

    fn refused_answer(&mut self, worker: &Worker, reason: &str, now: Instant) {
        self.note_trouble(reason);
        let refusals = self.f.sources.entry(&worker.source).map_or(0, |entry| {
            entry.refusals += 1;
            entry.refusals
        });
        self.give_back(worker, Attempt::Failed, now);
        if refusals < REFUSALS_MAX || self.serves_ranges(&worker.source) {
            return;
        }
        if self.f.sources.is_primary(&worker.source) {
            self.end = Some(FetchEnd::OneStream {
                response: None,
                why: OneStreamReason::RangesUnusable,
            });
        } else {
            self.drop_or_fail(&worker.source, reason);
        }
    }

    /// Whether an address delivers a range that was asked for: then those that it gets wrong are accidents. The probe's
    /// answer, from the first byte on, says nothing of that.
    fn serves_ranges(&self, source: &Source) -> bool {
        self.workers
            .iter()
            .any(|worker| worker.source.id() == source.id() && worker.is_answered() && !worker.open_ended)
    }

    /// A mirror is dropped. The first address has no substitute: what was wrong with it ends the transfer.
    fn drop_or_fail(&mut self, source: &Source, reason: &str) {
        let reason = reason.to_owned();
        if self.f.sources.is_primary(source) {
            self.fail(Error::Protocol {
                url: source.shown(),
                reason,
            });
        } else if let Some(url) = self.f.sources.drop_source(source.id()) {
            let ids: Vec<_> = self
                .workers
                .iter()
                .filter(|worker| worker.source.id() == source.id())
                .map(|worker| worker.id)
                .collect();
            for id in ids {
                self.dismiss(id, Attempt::Withdrawn, Instant::now());
            }
            self.f.tally.event(&Event::MirrorDropped { url, reason });
        }
    }

    /// The host takes no more connections than those that came before.
    pub(super) fn host_refused(&mut self, source: &Source, delivering: u32, now: Instant) {
        let authority = source.authority();
        let before = self.f.request.hosts.learned(&authority, now);
        let limit = self.f.request.hosts.refused(&authority, delivering, now);
        if before != Some(limit) {
            let host = source.current().host_str().unwrap_or_default().to_owned();
            self.f.tally.event(&Event::Refused { host, limit });
        }
    }

    /// Those asked after a refused one would be refused too: they are called back before they are.
    fn call_back_later_than(&mut self, refused: &Worker, now: Instant) {
        let ids: Vec<_> = self
            .workers
            .iter()
            .filter(|worker| !worker.is_answered() && worker.began > refused.began)
            .filter(|worker| worker.source.id() == refused.source.id())
            .map(|worker| worker.id)
            .collect();
        for id in ids {
            self.dismiss(id, Attempt::Withdrawn, now);
        }
    }

    /// Workers at the same host that are served, or were asked before this one and may yet be.
    fn delivering_before(&self, refused: &Worker) -> u32 {
        let authority = refused.source.authority();
        let counts = |worker: &&Worker| {
            worker.source.authority() == authority && (worker.is_answered() || worker.began < refused.began)
        };
        self.workers.iter().filter(counts).count() as u32
    }

    /// The address gets a rest that is longer with each failure, while nobody delivers.
    fn back_off(&mut self, source: &Source, now: Instant) {
        let nobody_delivers = self.served_by(source) == 0;
        let Some(entry) = self.f.sources.entry(source) else {
            return;
        };
        if !entry.is_resting(now) {
            // Workers that fail together fail once.
            entry.failures += 1;
        }
        if nobody_delivers {
            entry.rest(wait_before_attempt(entry.failures, jitter()), now);
        }
    }

    /// How many an address serves now.
    pub(super) fn served_by(&self, source: &Source) -> u32 {
        let is_served = |worker: &&Worker| worker.source.id() == source.id() && worker.is_answered();
        self.workers.iter().filter(is_served).count() as u32
    }

    fn give_back(&mut self, worker: &Worker, attempt: Attempt, now: Instant) {
        let wait = match attempt {
            Attempt::Failed => wait_before_attempt(worker.assignment.tries + 1, jitter()),
            Attempt::Delivered | Attempt::Withdrawn => Duration::ZERO,
        };
        if attempt != Attempt::Withdrawn && worker.assignment.segment.remaining().is_some() {
            self.f.tally.retries += 1;
        }
        self.plan
            .release(worker.assignment.id, worker.id, attempt, now + wait);
    }

    fn note_trouble(&mut self, reason: &str) {
        reason.clone_into(&mut self.last_reason);
        self.f.tally.event(&Event::Retried {
            reason: reason.to_owned(),
        });
    }
}
