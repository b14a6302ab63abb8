//! The first request: what is the file? Its answer's body is already the first worker's data.

use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, StatusCode};

use super::inbox::Inbox;
use super::patience::{Exhausted, Patience, Spent};
use super::tally::Tally;
use crate::error::Error;
use crate::http::fault::{Fault, FaultKind};
use crate::http::response::KnownFile;
use crate::http::response::{
    ProbeAnswer, RangeAnswer, ResponseHead, Verdict, WholeAnswer, judge_probe, judge_range, judge_whole,
};
use crate::http::retry::{Jitter, RETRY_AFTER_MAX, wait_before_attempt};
use crate::http::source::{Answer, AskError, Asking, Source};
use crate::progress::{Phase, WaitReason};
use crate::range::ByteRange;
use crate::request::Request;

/// Without an answer after this, a second request is sent beside the first.
const SECOND_ASKING_AFTER: Duration = Duration::from_secs(3);
/// Without an answer to either after this, both are given up and it is asked anew.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// Answers that make no sense, before it is asked without a range.
const REFUSALS_MAX: u32 = 3;
/// Times that a name may be unknown, before that is believed.
const UNKNOWN_HOST_MAX: u32 = 3;

/// What the first answer told.
pub(crate) struct Probed {
    pub(crate) headers: HeaderMap,
    pub(crate) shape: Shape,
}

/// How the file can be had.
pub(crate) enum Shape {
    /// In ranges. The answer holds this body, and is open unless it was let go of.
    Ranged {
        body: ByteRange,
        response: Option<reqwest::Response>,
        complete_length: u64,
    },
    /// As one stream from the first byte on; the answer is open unless it was let go of.
    OneStream {
        response: Option<reqwest::Response>,
        length: Option<u64>,
    },
    /// It is empty.
    Empty,
}

/// Which answer the first request hopes for.
pub(crate) enum Hope<'a> {
    /// Nothing is known: everything from the first byte.
    Anything,
    /// An earlier run left the bytes before `missing`: that file's rest.
    Rest {
        known: &'a KnownFile,
        missing: ByteRange,
    },
}

/// Asks `source` until it tells what the file is, or there is no hope.
///
/// With [`Hope::Rest`] an answer that is not the rest of the very file ends in `None`: it has to be asked anew.
pub(crate) async fn probe(
    source: &Source,
    hope: Hope<'_>,
    request: &Request,
    inbox: &mut Inbox,
    tally: &mut Tally,
) -> Result<Option<Probed>, Error> {
    let mut patience = Patience::new(request.retry_for, request.network_wait, Instant::now());
    let mut tries = Tries::default();
    loop {
        let asking = match &hope {
            _ if tries.without_range => Asking::whole(),
            Hope::Anything => Asking::from(0, None),
            Hope::Rest { known, missing } => {
                let if_range = known
                    .validator
                    .strong()
                    .map(super::super::http::validator::StrongValidator::if_range_value);
                Asking::from(missing.start(), if_range)
            }
        };
        tally.requests += 1;
        let silence = SILENCE_MAX.min(request.retry_for.max(SECOND_ASKING_AFTER));
        let asked = tokio::time::timeout(silence, ask_twice(source, &asking, tally));
        let asked = inbox.or_cancelled(asked).await?;
        let asked = asked.unwrap_or_else(|_| Err(AskError::Fault(Fault::unanswered())));
        let step = match asked {
            Ok(answer) => match judge(answer, &hope, &mut tries, source) {
                Judged::Is(probed) => return Ok(Some(*probed)),
                Judged::NotTheRest => return Ok(None),
                Judged::Again(step) => step,
            },
            Err(AskError::Fault(fault)) => tries.after_fault(&fault, source)?,
            Err(AskError::Redirect(error)) => return Err(error.into()),
            Err(AskError::Setup(error)) => return Err(error),
        };
        step.carry_out(&mut patience, source, inbox, tally).await?;
    }
}

/// Asks once, and a second time beside it where nothing comes. The first answer counts.
async fn ask_twice(source: &Source, asking: &Asking, tally: &mut Tally) -> Result<Answer, AskError> {
    let first = source.ask(asking);
    tokio::pin!(first);
    if let Ok(answer) = tokio::time::timeout(SECOND_ASKING_AFTER, &mut first).await {
        return answer;
    }
    tally.requests += 1;
    tokio::select! {
        answer = &mut first => answer,
        answer = source.ask_beside(asking) => answer,
    }
}

enum Judged {
    Is(Box<Probed>),
    NotTheRest,
    Again(Step),
}

/// What to do before the next try.
enum Step {
    Wait {
        wait: Duration,
        spent: Spent,
        phase: Phase,
        reason: String,
    },
    Fail(Error),
}

#[derive(Default)]
struct Tries {
    attempts: u32,
    refusals: u32,
    unknown_host: u32,
    without_range: bool,
    renewed: bool,
}

fn judge(answer: Answer, hope: &Hope<'_>, tries: &mut Tries, source: &Source) -> Judged {
    let Answer { response, epoch } = answer;
    let headers = response.headers().clone();
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: &headers,
    };
    let is = |shape| {
        Judged::Is(Box::new(Probed {
            headers: headers.clone(),
            shape,
        }))
    };
    if tries.without_range {
        return match judge_whole(None, head) {
            Verdict::Answer(WholeAnswer::Body { length }) => is(Shape::OneStream {
                response: Some(response),
                length,
            }),
            Verdict::Answer(WholeAnswer::Empty) => is(Shape::Empty),
            Verdict::Answer(WholeAnswer::Mismatch(_) | WholeAnswer::Message { .. }) => {
                Judged::Again(Step::Fail(nonsense(source, "it contradicts what was never said")))
            }
            other => Judged::Again(tries.after_verdict(&other, source, epoch)),
        };
    }
    match hope {
        Hope::Rest { known, missing } => match judge_range(*missing, known, head) {
            Verdict::Answer(RangeAnswer::Part { body }) => {
                let complete_length = known.complete_length;
                is(Shape::Ranged {
                    body,
                    response: Some(response),
                    complete_length,
                })
            }
            Verdict::Answer(_) | Verdict::ProbeAgain | Verdict::Refuse(_) => Judged::NotTheRest,
            other => Judged::Again(tries.after_verdict(&other, source, epoch)),
        },
        Hope::Anything => match judge_probe(head) {
            Verdict::Answer(ProbeAnswer::Ranged {
                body,
                complete_length,
            }) => is(Shape::Ranged {
                body,
                response: Some(response),
                complete_length,
            }),
            Verdict::Answer(ProbeAnswer::OneStream { length, .. }) => is(Shape::OneStream {
                response: Some(response),
                length,
            }),
            Verdict::Answer(ProbeAnswer::Empty) => is(Shape::Empty),
            other => Judged::Again(tries.after_verdict(&other, source, epoch)),
        },
    }
}

impl Tries {
    fn after_fault(&mut self, fault: &Fault, source: &Source) -> Result<Step, Error> {
        self.attempts += 1;
        let url = source.shown();
        let reason = fault.reason.clone();
        match fault.kind {
            FaultKind::Certificate => return Err(Error::Certificate { url, reason }),
            FaultKind::NoCommonProtocol => return Err(Error::Protocol { url, reason }),
            FaultKind::UnknownHost => {
                self.unknown_host += 1;
                if self.unknown_host >= UNKNOWN_HOST_MAX {
                    return Err(Error::GaveOut { url, reason });
                }
            }
            FaultKind::NetworkMissing | FaultKind::Rejected | FaultKind::TimedOut | FaultKind::Broken => {}
        }
        let wait = wait_before_attempt(self.attempts, jitter());
        let (spent, phase) = if fault.kind == FaultKind::NetworkMissing {
            (Spent::WithoutNetwork, Phase::Waiting(WaitReason::Network))
        } else {
            (
                Spent::Asking,
                Phase::Waiting(WaitReason::Retry {
                    reason: reason.clone(),
                }),
            )
        };
        Ok(Step::Wait {
            wait,
            spent,
            phase,
            reason,
        })
    }

    fn after_verdict<T>(
        &mut self,
        verdict: &Verdict<T>,
        source: &Source,
        epoch: crate::http::source::Epoch,
    ) -> Step {
        self.attempts += 1;
        let url = source.shown();
        match *verdict {
            Verdict::Expired { status } if !self.renewed && source.expire(epoch) => {
                self.renewed = true;
                self.at_once(format!("{status}"))
            }
            Verdict::Permanent { status } | Verdict::Expired { status } => Step::Fail(Error::Refused {
                url,
                status: status.as_u16(),
            }),
            Verdict::Throttled { status, retry_after } | Verdict::Transient { status, retry_after } => {
                self.after_busy(status, retry_after)
            }
            // The server means well and its ranges do not work: as one stream, then.
            Verdict::ProbeAgain => {
                if std::mem::replace(&mut self.without_range, true) {
                    return Step::Fail(nonsense(source, "416 to a request without a range"));
                }
                self.at_once("416 Range Not Satisfiable".to_owned())
            }
            Verdict::Refuse(ref refusal) => {
                self.refusals += 1;
                if self.without_range && self.refusals > REFUSALS_MAX {
                    return Step::Fail(nonsense(source, &refusal.to_string()));
                }
                if self.refusals >= REFUSALS_MAX && !self.without_range {
                    self.without_range = true;
                    self.refusals = 0;
                }
                self.after_a_wait(refusal.to_string())
            }
            Verdict::Answer(_) | Verdict::Redirect { .. } => {
                Step::Fail(Error::Internal("an answer was judged twice".to_owned()))
            }
        }
    }

    fn after_busy(
        &mut self,
        status: StatusCode,
        retry_after: Option<crate::http::retry::RetryAfter>,
    ) -> Step {
        let own = wait_before_attempt(self.attempts, jitter());
        match retry_after {
            Some(ordered) => {
                let wait = ordered
                    .wait(SystemTime::now(), RETRY_AFTER_MAX, jitter())
                    .max(own);
                let phase = Phase::Waiting(WaitReason::Server { wait });
                Step::Wait {
                    wait,
                    spent: Spent::Excused,
                    phase,
                    reason: status.to_string(),
                }
            }
            None => self.after_a_wait(status.to_string()),
        }
    }

    fn after_a_wait(&self, reason: String) -> Step {
        let wait = wait_before_attempt(self.attempts, jitter());
        let phase = Phase::Waiting(WaitReason::Retry {
            reason: reason.clone(),
        });
        Step::Wait {
            wait,
            spent: Spent::Asking,
            phase,
            reason,
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the others of its kind")]
    fn at_once(&self, reason: String) -> Step {
        Step::Wait {
            wait: Duration::ZERO,
            spent: Spent::Asking,
            phase: Phase::Probing,
            reason,
        }
    }
}

impl Step {
    async fn carry_out(
        self,
        patience: &mut Patience,
        source: &Source,
        inbox: &mut Inbox,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let (wait, spent, phase, reason) = match self {
            Self::Fail(error) => return Err(error),
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
        tally.report_phase(phase, 0);
        inbox.or_cancelled(tokio::time::sleep(wait)).await?;
        match patience.check(spent, Instant::now()) {
            Some(Exhausted::Sources | Exhausted::Network) => Err(Error::GaveOut {
                url: source.shown(),
                reason,
            }),
            None => Ok(()),
        }
    }
}

pub(crate) fn jitter() -> Jitter {
    Jitter::new(fastrand::f64())
}

fn nonsense(source: &Source, reason: &str) -> Error {
    Error::Protocol {
        url: source.shown(),
        reason: reason.to_owned(),
    }
}

impl Probed {
    /// An answer that was asked for without a range, and is taken from its first byte.
    pub(crate) fn one_stream(response: reqwest::Response) -> Self {
        let headers = response.headers().clone();
        let length = response.content_length();
        Self {
            headers,
            shape: Shape::OneStream {
                response: Some(response),
                length,
            },
        }
    }
}

impl Shape {
    /// The file's length, where the server tells it.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Ranged { complete_length, .. } => Some(*complete_length),
            Self::OneStream { length, .. } => *length,
            Self::Empty => Some(0),
        }
    }

    /// Lets go of the answer: nothing of its body is wanted for now, and its server need not wait.
    pub(crate) fn let_go(&mut self) {
        match self {
            Self::Ranged { response, .. } | Self::OneStream { response, .. } => *response = None,
            Self::Empty => {}
        }
    }
}
