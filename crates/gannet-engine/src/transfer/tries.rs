//! What to do before asking again: how long to wait, at whose expense, and when to give up.

use std::time::{Duration, Instant};

use http::StatusCode;

use super::inbox::{Heard, Inbox};
use super::patience::{Patience, Spent};
use super::tally::Tally;
use crate::error::Error;
use crate::http::fault::{Fault, FaultKind};
use crate::http::media_type::MediaType;
use crate::http::response::Verdict;
use crate::http::retry::{Jitter, RETRY_AFTER_MAX, RetryAfter, wait_before_attempt};
use crate::http::source::{Epoch, Source};
use crate::progress::{Event, Phase, WaitReason};

/// Answers that make no sense, before it is asked without a range, and then before the server is given up.
const REFUSALS_MAX: u32 = 3;
/// How long an address that delivered before may be out of reach, before a mirror that stands by takes its place.
pub(crate) const MIRROR_AFTER: Duration = Duration::from_secs(5);
/// Certificates in a row that cannot be trusted, where others of the same address could, before that is believed of it: one
/// of many machines behind a name may be broken.
pub(crate) const DISTRUST_MAX: u32 = 4;
/// Times that a name may be unknown, before that is believed.
const UNKNOWN_HOST_MAX: u32 = 3;

/// What one address was asked in vain, by one who asks it one question at a time.
pub(crate) struct Tries {
    attempts: u32,
    refusals: u32,
    unknown_host: u32,
    /// Certificates in a row that cannot be trusted.
    distrusted: u32,
    /// Since when nobody answers at all there.
    out_of_reach_since: Option<Instant>,
    renewed: bool,
    question: Question,
    neighbours: Neighbours,
}

/// Whether the host is at work for other transfers of the same caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neighbours {
    None,
    /// It is: who is turned away has to wait for its turn, and that costs no patience.
    Served,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// What is the file? By a range.
    Probe,
    /// The same without a range, which made no sense to the server.
    ProbeWhole,
    /// All of a file that was met before.
    Stream,
}

/// What to do before the next try.
pub(crate) enum Step {
    /// Nothing at all.
    AtOnce { reason: String },
    /// The link has expired: the next request resolves the original one.
    Renew { reason: String },
    /// A wait.
    Wait {
        wait: Duration,
        spent: Spent,
        phase: Phase,
        reason: String,
    },
    /// There is no next try.
    Fail(Error),
}

/// How the time before the next try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// It is over.
    Over,
    /// The caller gave another address: nobody waits for this one any longer.
    NewAddress,
}

impl Tries {
    /// For the first request.
    pub(crate) fn to_probe() -> Self {
        Self::of(Question::Probe)
    }

    /// For requests that go on with one stream.
    pub(crate) fn to_stream() -> Self {
        Self::of(Question::Stream)
    }

    fn of(question: Question) -> Self {
        Self {
            attempts: 0,
            refusals: 0,
            unknown_host: 0,
            distrusted: 0,
            out_of_reach_since: None,
            renewed: false,
            question,
            neighbours: Neighbours::None,
        }
    }

    /// Whom the host serves by now.
    pub(crate) fn beside(&mut self, neighbours: Neighbours) {
        self.neighbours = neighbours;
    }

    /// Whether the next request goes without a range.
    pub(crate) fn without_range(&self) -> bool {
        self.question != Question::Probe
    }

    /// Bytes came: earlier failures are forgiven.
    pub(crate) fn delivered(&mut self) {
        *self = Self::of(self.question);
    }

    /// Whether nobody has answered at all for so long: then another address may have the file.
    pub(crate) fn is_out_of_reach_for(&self, time: Duration, now: Instant) -> bool {
        self.out_of_reach_since
            .is_some_and(|since| now.saturating_duration_since(since) >= time)
    }

    /// There was no answer, or it broke off.
    pub(crate) fn after_fault(&mut self, fault: &Fault, source: &Source, now: Instant) -> Step {
        let (url, reason) = (source.shown(), fault.reason.clone());
        self.out_of_reach_since = fault
            .kind
            .is_out_of_reach()
            .then(|| self.out_of_reach_since.unwrap_or(now));
        match fault.kind {
            FaultKind::Certificate => {
                self.distrusted += 1;
                if !source.has_answered() || self.distrusted >= DISTRUST_MAX {
                    return Step::Fail(Error::Certificate { url, reason });
                }
            }
            FaultKind::NoCommonProtocol => return Step::Fail(Error::Protocol { url, reason }),
            FaultKind::UnknownHost => {
                self.unknown_host += 1;
                if self.unknown_host >= UNKNOWN_HOST_MAX {
                    return Step::Fail(Error::GaveOut { url, reason });
                }
            }
            FaultKind::NetworkMissing => {
                self.attempts += 1;
                return Step::for_network(self.attempts, reason);
            }
            FaultKind::Rejected | FaultKind::TimedOut => return self.after_a_turn(reason),
            FaultKind::Unreachable | FaultKind::Broken => {}
        }
        self.after_a_wait(reason)
    }

    /// The answer is none to the question.
    pub(crate) fn after_verdict<T>(&mut self, verdict: &Verdict<T>, source: &Source, epoch: Epoch) -> Step {
        self.out_of_reach_since = None;
        self.distrusted = 0;
        match *verdict {
            Verdict::Expired { status }
                if !self.renewed && source.is_redirected() && source.expire(epoch) =>
            {
                self.renewed = true;
                Step::Renew {
                    reason: status.to_string(),
                }
            }
            Verdict::Expired { status } if self.question == Question::Stream => Step::Fail(Error::Expired {
                url: source.shown(),
                status: status.as_u16(),
            }),
            Verdict::Permanent { status } | Verdict::Expired { status } => Step::Fail(Error::Refused {
                url: source.shown(),
                status: status.as_u16(),
            }),
            Verdict::Throttled {
                status,
                retry_after: None,
            } => self.after_a_turn(status.to_string()),
            Verdict::Throttled { status, retry_after } | Verdict::Transient { status, retry_after } => {
                self.after_busy(status, retry_after, source)
            }
            // The server means well and its ranges do not work: as one stream, then.
            Verdict::ProbeAgain if self.question == Question::Probe => {
                self.question = Question::ProbeWhole;
                Step::AtOnce {
                    reason: StatusCode::RANGE_NOT_SATISFIABLE.to_string(),
                }
            }
            Verdict::ProbeAgain => Step::Fail(nonsense(source, "416 to a request without a range")),
            Verdict::Refuse(ref refusal) => {
                self.refusals += 1;
                if self.without_range() && self.refusals > REFUSALS_MAX {
                    return Step::Fail(nonsense(source, &refusal.to_string()));
                }
                if self.refusals >= REFUSALS_MAX && self.question == Question::Probe {
                    self.question = Question::ProbeWhole;
                    self.refusals = 0;
                }
                self.after_a_wait(refusal.to_string())
            }
            Verdict::Answer(_) | Verdict::Redirect { .. } => {
                Step::Fail(Error::Internal("an answer was judged twice".to_owned()))
            }
        }
    }

    /// Another try, after a wait that grows with each.
    pub(crate) fn after_a_wait(&mut self, reason: String) -> Step {
        self.attempts += 1;
        Step::Wait {
            wait: wait_before_attempt(self.attempts, jitter()),
            spent: Spent::Asking,
            phase: Phase::Waiting(WaitReason::Retry {
                reason: reason.clone(),
            }),
            reason,
        }
    }

    /// The host may have turned this one away because it is busy with others: the wait is then at nobody's expense.
    fn after_a_turn(&mut self, reason: String) -> Step {
        let mut step = self.after_a_wait(reason);
        if let (Neighbours::Served, Step::Wait { spent, .. }) = (self.neighbours, &mut step) {
            *spent = Spent::Excused;
        }
        step
    }

    /// A page came with a good status: the file may be well behind it (case 40).
    pub(crate) fn after_a_page(&mut self, media_type: &MediaType) -> Step {
        self.after_a_wait(format!(
            "the server answers with a page ({media_type}) instead of the file"
        ))
    }

    fn after_busy(&mut self, status: StatusCode, retry_after: Option<RetryAfter>, source: &Source) -> Step {
        let Some(ordered) = retry_after else {
            return self.after_a_wait(status.to_string());
        };
        self.attempts += 1;
        let own = wait_before_attempt(self.attempts, jitter());
        let wait = ordered
            .wait(source.time_of_day(), RETRY_AFTER_MAX, jitter())
            .max(own);
        Step::Wait {
            wait,
            spent: Spent::Excused,
            phase: Phase::Waiting(WaitReason::Server { wait }),
            reason: status.to_string(),
        }
    }
}

impl Step {
    /// Waits for a network, again and again: each time a little longer.
    pub(crate) fn for_network(attempt: u32, reason: String) -> Self {
        Self::Wait {
            wait: wait_before_attempt(attempt, jitter()),
            spent: Spent::WithoutNetwork,
            phase: Phase::Waiting(WaitReason::Network),
            reason,
        }
    }

    /// Waits, unless the caller gives another address meanwhile; fails where there is no next try, or no patience left.
    pub(crate) async fn carry_out(
        self,
        patience: &mut Patience,
        source: &Source,
        inbox: &mut Inbox,
        tally: &mut Tally,
        hashed_bytes: u64,
    ) -> Result<Waited, Error> {
        let (wait, spent, phase, reason) = match self {
            Self::Fail(error) => return Err(error),
            Self::AtOnce { reason } => (Duration::ZERO, Spent::Asking, Phase::Probing, reason),
            Self::Renew { reason } => {
                tally.event(&Event::LinkRenewed);
                (Duration::ZERO, Spent::Asking, Phase::Probing, reason)
            }
            Self::Wait {
                wait,
                spent,
                phase,
                reason,
            } => (wait, spent, phase, reason),
        };
        // The asking itself took time too: it is counted as what it came to.
        patience.check(spent, Instant::now());
        tally.retried(&reason);
        tally.report_phase(phase.clone(), hashed_bytes);
        let exhausted = loop {
            match inbox.unless_interrupted(tokio::time::sleep(wait)).await? {
                Heard::Done(()) => break patience.check(spent, Instant::now()),
                Heard::NewAddress => return Ok(Waited::NewAddress),
                Heard::Paused => {
                    patience.check(spent, Instant::now());
                    inbox.until_resumed(tally, hashed_bytes).await?;
                    patience.check(Spent::Excused, Instant::now());
                    tally.report_phase(phase.clone(), hashed_bytes);
                }
            }
        };
        match exhausted {
            Some(_) => Err(Error::GaveOut {
                url: source.shown(),
                reason,
            }),
            None => Ok(Waited::Over),
        }
    }

    /// What went wrong.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::AtOnce { reason } | Self::Renew { reason } | Self::Wait { reason, .. } => reason.clone(),
            Self::Fail(error) => error.to_string(),
        }
    }
}

/// A number that spreads waits.
pub(crate) fn jitter() -> Jitter {
    Jitter::new(fastrand::f64())
}

/// The server's answers make no sense.
pub(crate) fn nonsense(source: &Source, reason: &str) -> Error {
    Error::Protocol {
        url: source.shown(),
        reason: reason.to_owned(),
    }
}
