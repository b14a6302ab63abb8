//! One stream from the first byte to the last: for servers that send no ranges, or do not tell the length.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use url::Url;

use super::fetch::SourceBook;
use super::inbox::{Heard, Inbox};
use super::part::WorkingPart;
use super::patience::{Patience, Spent};
use super::tally::{Moving, RateWindow, Tally};
use super::tries::{MIRROR_AFTER, Step, Tries};
use crate::diagnose::Cause;
use crate::disk::writer::Sink;
use crate::disk::written::Standing;
use crate::error::Error;
use crate::http::fault::Fault;
use crate::http::response::{KnownFile, OneStreamReason, ResponseHead, Verdict, WholeAnswer, judge_whole};
use crate::http::source::{Answer, AskError, Asking, Source};
use crate::pace::Pacer;
use crate::progress::{Phase, WorkerSnapshot, WorkerState};
use crate::range::{ByteRange, RangeSet};
use crate::request::Request;

/// Silence after which the stream is given up and asked for anew.
const SILENCE: Duration = Duration::from_secs(20);
/// The same where the caller has given another address.
const SILENCE_BESIDE_NEW_ADDRESS: Duration = Duration::from_secs(1);
/// How often the picture is renewed.
const TICK: Duration = Duration::from_millis(100);
/// How long the lowest limit may hold what is handed over at once.
const SLICE_OVER: Duration = Duration::from_millis(100);
/// Less than this is not worth a write.
const SLICE_MIN_BYTES: usize = 512;
/// Over how long the speed is averaged that a limit is held against.
const RATE_OVER: Duration = Duration::from_secs(1);

/// What is streamed, and with what.
pub(crate) struct Streaming<'a> {
    pub(crate) request: &'a Request,
    pub(crate) sources: &'a mut SourceBook,
    /// What is known of the file; `None` where its length is not.
    pub(crate) known: Option<&'a KnownFile>,
    /// What the file's first answer said, its length apart: a page instead of it is not the file.
    pub(crate) met: Option<&'a KnownFile>,
    pub(crate) part: &'a mut WorkingPart,
    pub(crate) pacers: Arc<[Pacer]>,
    pub(crate) inbox: &'a mut Inbox,
    pub(crate) tally: &'a mut Tally,
    /// Why there are no more connections than one.
    pub(crate) why_one: OneStreamReason,
}

/// How streaming ended.
pub(crate) enum StreamEnd {
    /// Everything is in the file, which is this long.
    Whole(u64),
    /// What is held cannot be continued by a new stream: it has to begin anew.
    StartOver { reason: String, by: BrokenBy },
    /// What is held is of another file than this answer.
    Replaced {
        reason: String,
        response: reqwest::Response,
    },
    /// The caller gave another address.
    NewAddress(Url),
    /// It cannot go on.
    Failed(Error),
}

/// Who broke a stream off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BrokenBy {
    /// Its server, or the way to it.
    Source,
    /// The caller, by a pause: nothing is held against the server.
    Caller,
}

/// One answer's stream ended.
enum BodyEnd {
    /// As a message ends that is complete.
    Complete {
        position: u64,
    },
    Broken(Fault),
    Silent,
    Paused,
    Failed(Error),
}

/// What came of asking, or of an answer's body.
enum Asked {
    /// An answer whose body is the file.
    Open(reqwest::Response),
    /// None, for now.
    Again(Step),
    /// The caller gave another address meanwhile, or paused.
    Interrupted,
    /// There is nothing more to ask.
    Over(StreamEnd),
}

/// Streams the file; `response` is an answer that is open already, at its first byte.
///
/// Another address is taken up when this one has nothing to send: a stream that is under way is worth more.
pub(crate) async fn stream(mut s: Streaming<'_>, mut response: Option<reqwest::Response>) -> StreamEnd {
    let source = s.sources.primary();
    let mut patience = Patience::new(s.request.retry_for, s.request.network_wait, Instant::now());
    let mut tries = Tries::to_stream();
    loop {
        if let Some(end) = heed_caller(&mut s, &mut patience).await {
            return end;
        }
        let before = s.part.written().bytes();
        let is_asked = response.is_none();
        let came = match response.take() {
            Some(response) => {
                let end = body(&mut s, &source, response, &mut patience).await;
                after_body(&s, end, &source, &mut tries, before).await
            }
            None => ask(&mut s, &source, &mut tries).await,
        };
        let step = match came {
            Asked::Open(answer) => {
                response = Some(answer);
                continue;
            }
            Asked::Again(step) => step,
            Asked::Interrupted => continue,
            Asked::Over(end) => return end,
        };
        if s.inbox.new_address.is_some() {
            continue;
        }
        if cannot_go_on(&s) {
            let reason = step.reason();
            s.tally.retried(&reason);
            return StreamEnd::StartOver {
                reason,
                by: BrokenBy::Source,
            };
        }
        let held_bytes = s.part.written().bytes();
        // What a refusal says stands, though the disk may only now have caught up with the answer before it.
        let step = if held_bytes > before && !is_asked {
            // What an answer brought is not waited for.
            tries.delivered();
            Step::AtOnce {
                reason: step.reason(),
            }
        } else {
            step
        };
        if s.sources.may_stand_in(held_bytes) && tries.is_out_of_reach_for(MIRROR_AFTER, Instant::now()) {
            return StreamEnd::Failed(Error::GaveOut {
                url: source.shown(),
                reason: step.reason(),
            });
        }
        let hashed_bytes = s.part.hashed_bytes();
        let waited = step
            .carry_out(&mut patience, &source, s.inbox, s.tally, hashed_bytes)
            .await;
        if let Err(error) = waited {
            return StreamEnd::Failed(error);
        }
    }
}

/// Takes in what the caller said, and stands still while that is a pause.
async fn heed_caller(s: &mut Streaming<'_>, patience: &mut Patience) -> Option<StreamEnd> {
    s.sources.take_in(s.inbox);
    if s.inbox.paused {
        let resumed = s.inbox.until_resumed(s.tally, s.part.hashed_bytes()).await;
        patience.check(Spent::Excused, Instant::now());
        if let Err(error) = resumed {
            return Some(StreamEnd::Failed(error));
        }
    }
    s.inbox.new_address.take().map(StreamEnd::NewAddress)
}

/// Whether something is held that no other stream goes on with.
fn cannot_go_on(s: &Streaming<'_>) -> bool {
    !is_repeatable(s.known, s.why_one) && s.part.written().bytes() > 0
}

/// Whether the next stream brings the same bytes as the one before. Without a strong validator nobody knows whether it is of the
/// same file, and an encoded form of that may be made anew for each answer (case 32).
fn is_repeatable(known: Option<&KnownFile>, why_one: OneStreamReason) -> bool {
    why_one != OneStreamReason::EncodedParts && known.is_some_and(|known| known.validator.strong().is_some())
}

/// What the end of a body means for the next question; `before` it, so many bytes were there.
async fn after_body(
    s: &Streaming<'_>,
    end: BodyEnd,
    source: &Source,
    tries: &mut Tries,
    before: u64,
) -> Asked {
    Asked::Again(match end {
        BodyEnd::Complete { position } => match s.known {
            Some(known) if position < known.complete_length => {
                tries.after_a_wait("the answer ended early".to_owned())
            }
            Some(known) => return Asked::Over(settled(s, known.complete_length).await),
            None => return Asked::Over(settled(s, position).await),
        },
        BodyEnd::Failed(error) => return Asked::Over(StreamEnd::Failed(error)),
        BodyEnd::Paused if cannot_go_on(s) => {
            return Asked::Over(StreamEnd::StartOver {
                reason: "it was paused, and the server sends it only as a whole".to_owned(),
                by: BrokenBy::Caller,
            });
        }
        BodyEnd::Paused => {
            if s.part.written().bytes() > before {
                tries.delivered();
            }
            return Asked::Interrupted;
        }
        BodyEnd::Broken(fault) => tries.after_fault(&fault, source, Instant::now()),
        BodyEnd::Silent => tries.after_a_wait("the connection fell silent".to_owned()),
    })
}

/// Asks for the whole anew.
async fn ask(s: &mut Streaming<'_>, source: &Source, tries: &mut Tries) -> Asked {
    s.tally.requests += 1;
    let asking = Asking::whole();
    let asked = tokio::time::timeout(SILENCE, source.ask(&asking));
    let asked = match s.inbox.unless_interrupted(asked).await {
        Ok(Heard::Done(asked)) => asked,
        Ok(Heard::NewAddress | Heard::Paused) => return Asked::Interrupted,
        Err(error) => return Asked::Over(StreamEnd::Failed(error)),
    };
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(AskError::Fault(fault))) => {
            return Asked::Again(tries.after_fault(&fault, source, Instant::now()));
        }
        Ok(Err(AskError::Redirect(error))) => return Asked::Again(Step::Fail(error.into())),
        Ok(Err(AskError::Setup(error))) => return Asked::Over(StreamEnd::Failed(error)),
        Err(_) => return Asked::Again(tries.after_fault(&Fault::unanswered(), source, Instant::now())),
    };
    let Answer { response, epoch } = answer;
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: response.headers(),
    };
    if let Some(media_type) = s.met.and_then(|met| met.page_instead(&head)) {
        source.resolve_again(epoch);
        return Asked::Again(tries.after_a_page(&media_type));
    }
    match judge_whole(s.known, head) {
        Verdict::Answer(WholeAnswer::Body { .. }) => Asked::Open(response),
        Verdict::Answer(WholeAnswer::Mismatch(mismatch)) => Asked::Over(StreamEnd::Replaced {
            reason: mismatch.to_string(),
            response,
        }),
        Verdict::Answer(WholeAnswer::Message { media_type }) => {
            source.resolve_again(epoch);
            Asked::Again(tries.after_a_page(&media_type))
        }
        Verdict::Answer(WholeAnswer::Empty) => {
            Asked::Again(tries.after_a_wait("the server sends nothing where a file was".to_owned()))
        }
        other => Asked::Again(tries.after_verdict(&other, source, epoch)),
    }
}

/// Why a body does not come faster, as time goes by.
struct Brake {
    rate: RateWindow,
    noted_at: Instant,
}

impl Brake {
    fn new(now: Instant) -> Self {
        let mut rate = RateWindow::new(RATE_OVER);
        rate.note(0, now);
        Self { rate, noted_at: now }
    }

    /// So many bytes have come by now. One connection is all there can be, but a limit that it reaches is the reason.
    fn note(&mut self, s: &mut Streaming<'_>, received: u64, now: Instant) {
        self.rate.note(received, now);
        let limit = Cause::of_limits(&s.pacers, self.rate.bytes_per_s());
        let cause = limit.or_else(|| s.why_one.sends_none().then_some(Cause::NoRanges));
        s.tally.cause.clone_from(&cause);
        let elapsed = now.saturating_duration_since(self.noted_at);
        s.tally.causes.note(cause, elapsed);
        self.noted_at = now;
    }
}

/// Streams one answer's body; what is in the file already is passed over.
async fn body(
    s: &mut Streaming<'_>,
    source: &Source,
    response: reqwest::Response,
    patience: &mut Patience,
) -> BodyEnd {
    let now = Instant::now();
    let mut permit = s.request.hosts.hold(&source.authority(), now);
    permit.served(now);
    let mut brake = Brake::new(now);
    let mut position = 0;
    let end = pour(s, source, response, patience, &mut position, &mut brake).await;
    brake.note(s, position, Instant::now());
    end
}

async fn pour(
    s: &mut Streaming<'_>,
    source: &Source,
    mut response: reqwest::Response,
    patience: &mut Patience,
    position: &mut u64,
    brake: &mut Brake,
) -> BodyEnd {
    let sink = s.part.sink();
    s.tally.connections_peak = s.tally.connections_peak.max(1);
    let missing = s
        .known
        .map(|known| s.part.written().snapshot().missing(known.complete_length));
    let mut heard_at = Instant::now();
    let mut ticker = tokio::time::interval(TICK);
    // What came and is not yet handed over, and the wait for the first of it to be.
    let mut waiting = Bytes::new();
    let mut passing: Option<Passing> = None;
    loop {
        if passing.is_none() && !waiting.is_empty() {
            let slice = waiting.split_to(waiting.len().min(slice_bytes(&s.pacers)));
            let pieces = wanted(missing.as_ref(), *position, *position + slice.len() as u64);
            let pacers = Arc::clone(&s.pacers);
            passing = Some(Passing::begin(slice, *position, pieces, pacers, sink.clone()));
        }
        tokio::select! {
            biased;
            _ = ticker.tick() => {
                if passing.is_some() {
                    // The limit and the disk are what it waits for, and not the server.
                    heard_at = Instant::now();
                }
                brake.note(s, *position, Instant::now());
                if let Some(end) = tick(s, source, *position) {
                    return end;
                }
                if heard_at.elapsed() >= silence_of(s.inbox) {
                    return BodyEnd::Silent;
                }
            }
            () = s.inbox.next() => {}
            passed = Passing::end(&mut passing), if passing.is_some() => {
                passing = None;
                *position += passed;
                heard_at = Instant::now();
                patience.check(Spent::Receiving, heard_at);
            }
            chunk = response.chunk(), if passing.is_none() => {
                waiting = match chunk {
                    Ok(Some(chunk)) => chunk,
                    Ok(None) => return BodyEnd::Complete { position: *position },
                    Err(error) => return BodyEnd::Broken(Fault::from_reqwest(&error)),
                };
            }
        }
    }
}

/// How long nothing may come.
fn silence_of(inbox: &Inbox) -> Duration {
    if inbox.new_address.is_some() {
        SILENCE_BESIDE_NEW_ADDRESS
    } else {
        SILENCE
    }
}

/// Bytes on their way past the limits to the disk. Of a large chunk a low limit makes minutes, and the caller is heard, and
/// sees it grow, meanwhile.
struct Passing(Pin<Box<dyn Future<Output = u64> + Send>>);

impl Passing {
    fn begin(slice: Bytes, begin: u64, pieces: Vec<ByteRange>, pacers: Arc<[Pacer]>, sink: Sink) -> Self {
        Self(Box::pin(async move {
            for pacer in pacers.iter() {
                pacer.pass(slice.len() as u64).await;
            }
            for piece in pieces {
                let bytes = slice.slice((piece.start() - begin) as usize..(piece.end() - begin) as usize);
                // In one stream the order of waiting and handing over cannot cost a byte.
                let room = sink.reserve(bytes.len()).await;
                sink.push(room, piece.start(), bytes, Standing::Believed);
            }
            slice.len() as u64
        }))
    }

    /// Waits until all of them are handed over; returns how many they were.
    async fn end(passing: &mut Option<Self>) -> u64 {
        match passing {
            Some(passing) => passing.0.as_mut().await,
            None => std::future::pending().await,
        }
    }
}

/// How much may pass the limits at once.
fn slice_bytes(pacers: &[Pacer]) -> usize {
    let lowest = pacers.iter().filter_map(Pacer::rate_bytes_per_s).min();
    lowest.map_or(usize::MAX, |rate| {
        let bytes = (rate as f64 * SLICE_OVER.as_secs_f64()) as usize;
        bytes.max(SLICE_MIN_BYTES)
    })
}

/// What of `start..end` is missing in the file.
fn wanted(missing: Option<&RangeSet>, start: u64, end: u64) -> Vec<ByteRange> {
    let Some(range) = ByteRange::new(start, end) else {
        return Vec::new();
    };
    match missing {
        None => vec![range],
        Some(missing) => missing.overlapping(range).collect(),
    }
}

fn tick(s: &mut Streaming<'_>, source: &Source, position: u64) -> Option<BodyEnd> {
    let now = Instant::now();
    if s.part.has_failed() {
        return Some(BodyEnd::Failed(Error::Internal("writing failed".to_owned())));
    }
    if s.inbox.cancelled {
        return Some(BodyEnd::Failed(Error::Cancelled));
    }
    if s.inbox.paused {
        return Some(BodyEnd::Paused);
    }
    if s.known.is_some()
        && s.part.is_unsafe()
        && let Err(error) = s.part.keep_safe()
    {
        return Some(BodyEnd::Failed(error));
    }
    if s.tally.is_due(now) {
        let length = s.known.map_or(u64::MAX, |known| known.complete_length);
        let worker = ByteRange::new(position, length).map(|range| WorkerSnapshot {
            id: 0,
            host: source.current().host_str().unwrap_or_default().into(),
            range,
            began_at: 0,
            rate_bytes_per_s: 0.0,
            tries: 0,
            state: WorkerState::Receiving,
        });
        let moving = Moving {
            phase: Phase::Downloading,
            written: s.part.written().picture(),
            hashed_bytes: s.part.hashed_bytes(),
            connections: 1,
            workers: worker.into_iter().collect(),
        };
        s.tally.report(moving, now);
    }
    None
}

/// Waits until everything that was handed over is in the file.
async fn settled(s: &Streaming<'_>, length: u64) -> StreamEnd {
    // The writer tells when a known length is reached; of an unknown one only it knows nothing.
    while !s.part.written().is_whole(length) && !s.part.has_failed() {
        if s.part.is_settled() && !s.part.written().is_whole(length) {
            return StreamEnd::Failed(Error::Internal(
                "bytes were lost on the way to the disk".to_owned(),
            ));
        }
        // polls: the writer has at most its queue to go.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    if s.part.has_failed() {
        return StreamEnd::Failed(Error::Internal("writing failed".to_owned()));
    }
    StreamEnd::Whole(length)
}
