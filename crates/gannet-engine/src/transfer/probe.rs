//! The first request: what is the file? Its answer's body is already the first worker's data.

use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use http::HeaderMap;

use super::inbox::{Heard, Inbox};
use super::patience::{Patience, Spent};
use super::resumption::Served;
use super::tally::Tally;
use super::tries::{Neighbours, Step, Tries, Waited, nonsense};
use crate::error::Error;
use crate::http::fault::Fault;
use crate::http::media_type::MediaType;
use crate::http::response::{
    KnownFile, OneStreamReason, ProbeAnswer, RangeAnswer, ResponseHead, Verdict, WholeAnswer, judge_probe,
    judge_range, judge_whole,
};
use crate::http::source::{Answer, AskError, Asking, Source};
use crate::http::validator::{Validator, ValidatorStrength};
use crate::range::ByteRange;
use crate::request::Request;

/// Without an answer after this, a second request is sent beside the first; and where one of them is turned away, the other
/// has as long again.
pub(crate) const SECOND_ASKING_AFTER: Duration = Duration::from_secs(3);
/// Without an answer to either after this, or the time that a connection is given, both are given up and it is asked anew.
const SILENCE_MAX: Duration = Duration::from_secs(15);

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
        why: OneStreamReason,
    },
    /// It is empty.
    Empty,
}

/// Which answer the first request hopes for.
pub(crate) enum Hope<'a> {
    /// Nothing is known: everything from the first byte.
    Anything,
    /// The file was met before in this run, and is asked what it is now: a page instead of it is no answer (case 40).
    Again { met: &'a KnownFile },
    /// An earlier run left the bytes before `missing`: that file's rest.
    Rest {
        known: &'a KnownFile,
        missing: ByteRange,
    },
}

/// How long an address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TryFor {
    /// One try: another address stands by.
    Once,
    /// As long as `time` brings no answer, and where nobody is reached at all as long as `in_reach`: another address stands
    /// by.
    Turn { time: Duration, in_reach: Duration },
    /// As long as this brings no answer: there is no other address.
    Time(Duration),
}

/// How a probe ended.
pub(crate) enum ProbeEnd {
    /// The server told what the file is.
    Met {
        probed: Box<Probed>,
        /// How long the answer took, with the connection made for it.
        latency: Duration,
    },
    /// The answer is not the rest of the very file that was hoped for: it has to be asked anew.
    NotTheRest,
    /// There is no answer for now, and another address stands by.
    GivesWay {
        reason: String,
        /// What the address's time was spent on.
        spent: Spent,
    },
    /// The caller gave another address meanwhile.
    NewAddress,
}

/// Asks `source` until it tells what the file is, or there is no hope.
pub(crate) async fn probe(
    source: &Source,
    hope: Hope<'_>,
    request: &Request,
    try_for: TryFor,
    inbox: &mut Inbox,
    tally: &mut Tally,
) -> Result<ProbeEnd, Error> {
    let retry_for = try_for.time();
    let mut patience = Patience::new(retry_for, request.network_wait, Instant::now());
    let mut tries = Tries::to_probe();
    loop {
        patience.check(Spent::Asking, Instant::now());
        inbox.until_resumed(tally, 0).await?;
        patience.check(Spent::Excused, Instant::now());
        let asking = hope.asking(&tries);
        tries.beside(if request.hosts.is_serving(&source.authority(), Instant::now()) {
            Neighbours::Served
        } else {
            Neighbours::None
        });
        tally.requests += 1;
        let asked_at = Instant::now();
        let silence = SILENCE_MAX
            .max(source.connect_timeout())
            .min(retry_for.max(SECOND_ASKING_AFTER));
        let asked = tokio::time::timeout(silence, ask_twice(source, &asking, tally));
        let asked = match inbox.unless_interrupted(asked).await? {
            Heard::Done(asked) => asked,
            Heard::NewAddress => return Ok(ProbeEnd::NewAddress),
            Heard::Paused => continue,
        };
        let asked = asked.unwrap_or_else(|_| Err(AskError::Fault(Fault::unanswered())));
        let step = match asked {
            Ok(answer) => match judge(answer, &hope, &mut tries, source) {
                Judged::Is(probed) => {
                    // A small file may be over before anybody looks at who brings it.
                    tally.connections_peak = tally.connections_peak.max(1);
                    return Ok(ProbeEnd::Met {
                        probed,
                        latency: asked_at.elapsed(),
                    });
                }
                Judged::NotTheRest => return Ok(ProbeEnd::NotTheRest),
                Judged::Again(step) => step,
            },
            Err(AskError::Fault(fault)) => tries.after_fault(&fault, source, Instant::now()),
            Err(AskError::Redirect(error)) => return Err(error.into()),
            Err(AskError::Setup(error)) => return Err(error),
        };
        let step = match step {
            Step::Wait { spent, reason, .. } if try_for.is_over(&tries, Instant::now()) => {
                tally.retried(&reason);
                return Ok(ProbeEnd::GivesWay { reason, spent });
            }
            step => step,
        };
        if step.carry_out(&mut patience, source, inbox, tally, 0).await? == Waited::NewAddress {
            return Ok(ProbeEnd::NewAddress);
        }
    }
}

impl TryFor {
    fn time(self) -> Duration {
        match self {
            Self::Once => Duration::ZERO,
            Self::Turn { time, .. } | Self::Time(time) => time,
        }
    }

    /// Whether it is another address's turn.
    fn is_over(self, tries: &Tries, now: Instant) -> bool {
        match self {
            Self::Once => true,
            Self::Turn { in_reach, .. } => tries.is_out_of_reach_for(in_reach, now),
            Self::Time(_) => false,
        }
    }
}

impl Hope<'_> {
    /// The question to ask.
    fn asking(&self, tries: &Tries) -> Asking {
        match self {
            _ if tries.without_range() => Asking::whole(),
            Self::Anything | Self::Again { .. } => Asking::from(0, None),
            Self::Rest { known, missing } => Asking::from(missing.start(), known.if_range()),
        }
    }
}

/// Asks once, and a second time beside it where nothing comes. The first answer that brings something counts: that the
/// second one is turned away says nothing of the first, which may be what fills the host.
async fn ask_twice(source: &Source, asking: &Asking, tally: &mut Tally) -> Result<Answer, AskError> {
    let first = source.ask(asking);
    tokio::pin!(first);
    if let Ok(answer) = tokio::time::timeout(SECOND_ASKING_AFTER, &mut first).await {
        return answer;
    }
    tally.requests += 1;
    let second = source.ask_beside(asking);
    tokio::pin!(second);
    let (answer, other) = match select(first, second).await {
        Either::Left((answer, second)) => (answer, Either::Right(second)),
        Either::Right((answer, first)) => (answer, Either::Left(first)),
    };
    if is_of_use(&answer) {
        return answer;
    }
    match tokio::time::timeout(SECOND_ASKING_AFTER, other).await {
        Ok(other) if is_of_use(&other) => other,
        Ok(_) | Err(_) => answer,
    }
}

fn is_of_use(answer: &Result<Answer, AskError>) -> bool {
    let status = answer.as_ref().map(|answer| answer.response.status());
    status.is_ok_and(|status| !status.is_client_error() && !status.is_server_error())
}

enum Judged {
    Is(Box<Probed>),
    NotTheRest,
    Again(Step),
}

/// What an answer told of the file.
enum Told {
    Ranged {
        body: ByteRange,
        complete_length: u64,
    },
    OneStream {
        length: Option<u64>,
        why: OneStreamReason,
    },
    Empty,
    /// It is not the rest that was hoped for.
    NotTheRest,
    /// It is a page instead of the file.
    Page(MediaType),
    /// It contradicts what was never said.
    Nonsense,
}

fn judge(answer: Answer, hope: &Hope<'_>, tries: &mut Tries, source: &Source) -> Judged {
    let Answer { response, epoch } = answer;
    let told = told_by(&response, hope, tries);
    let headers = response.headers().clone();
    let is = |shape| Judged::Is(Box::new(Probed { headers, shape }));
    match told {
        Verdict::Answer(Told::Ranged {
            body,
            complete_length,
        }) => is(Shape::Ranged {
            body,
            response: Some(response),
            complete_length,
        }),
        Verdict::Answer(Told::OneStream { length, why }) => is(Shape::OneStream {
            response: Some(response),
            length,
            why,
        }),
        Verdict::Answer(Told::Empty) => is(Shape::Empty),
        Verdict::Answer(Told::NotTheRest) => Judged::NotTheRest,
        // A portal or a login has come between: what is held is of the file, and not of the page (case 40).
        Verdict::Answer(Told::Page(media_type)) => {
            source.resolve_again(epoch);
            Judged::Again(tries.after_a_page(&media_type))
        }
        Verdict::Answer(Told::Nonsense) => {
            Judged::Again(Step::Fail(nonsense(source, "it contradicts what was never said")))
        }
        other => Judged::Again(tries.after_verdict(&other, source, epoch)),
    }
}

fn told_by(response: &reqwest::Response, hope: &Hope<'_>, tries: &Tries) -> Verdict<Told> {
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: response.headers(),
    };
    if let Hope::Again { met } = hope
        && let Some(media_type) = met.page_instead(&head)
    {
        return Verdict::Answer(Told::Page(media_type));
    }
    match hope {
        _ if tries.without_range() => told_by_whole(head),
        Hope::Rest { known, missing } => told_by_rest(*missing, known, head),
        Hope::Anything | Hope::Again { .. } => judge_probe(head).map(|answer| match answer {
            ProbeAnswer::Ranged {
                body,
                complete_length,
            } => Told::Ranged {
                body,
                complete_length,
            },
            ProbeAnswer::OneStream { length, reason } => Told::OneStream { length, why: reason },
            ProbeAnswer::Empty => Told::Empty,
        }),
    }
}

fn told_by_whole(head: ResponseHead<'_>) -> Verdict<Told> {
    judge_whole(None, head).map(|answer| match answer {
        WholeAnswer::Body { length } => Told::OneStream {
            length,
            why: OneStreamReason::RangesUnusable,
        },
        WholeAnswer::Empty => Told::Empty,
        WholeAnswer::Mismatch(_) | WholeAnswer::Message { .. } => Told::Nonsense,
    })
}

fn told_by_rest(missing: ByteRange, known: &KnownFile, head: ResponseHead<'_>) -> Verdict<Told> {
    match judge_range(missing, known, head) {
        Verdict::ProbeAgain | Verdict::Refuse(_) => Verdict::Answer(Told::NotTheRest),
        verdict => verdict.map(|answer| match answer {
            RangeAnswer::Part { body } => Told::Ranged {
                body,
                complete_length: known.complete_length,
            },
            RangeAnswer::Message { media_type } => Told::Page(media_type),
            RangeAnswer::RangesIgnored | RangeAnswer::Mismatch(_) => Told::NotTheRest,
        }),
    }
}

impl Probed {
    /// How surely another version of the file is told from this one.
    pub(crate) fn validator_strength(&self) -> ValidatorStrength {
        Validator::from_headers(&self.headers).strength()
    }

    /// An answer that was asked for without a range, and is taken from its first byte.
    pub(crate) fn one_stream(response: reqwest::Response, why: OneStreamReason) -> Self {
        let headers = response.headers().clone();
        let length = response.content_length();
        Self {
            headers,
            shape: Shape::OneStream {
                response: Some(response),
                length,
                why,
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

    /// What it allows for bytes that are held already.
    pub(crate) fn served(&self) -> Served {
        match self {
            Self::Ranged { .. } => Served::InRanges,
            Self::OneStream {
                why: OneStreamReason::EncodedParts,
                ..
            } => Served::Encoded,
            Self::OneStream { .. } | Self::Empty => Served::WholeOnly,
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
