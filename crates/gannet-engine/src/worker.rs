//! One connection at work: it asks for a range, streams what comes to the writer, and says how that ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderMap;
use reqwest::Response;

use crate::digest::{Digest, Hasher};
use crate::disk::writer::{Room, Sink};
use crate::disk::written::Standing;
use crate::http::digest_headers::{BodyHolds, Covers, found_digests, of_content};
use crate::http::fault::Fault;
use crate::http::response::{KnownFile, RangeAnswer, ResponseHead, Verdict, judge_range};
use crate::http::source::{Answer, AskError, Asking, Epoch, Source};
use crate::pace::Pacer;
use crate::plan::segment::Segment;
use crate::range::ByteRange;
use crate::verify::Expected;

/// What one worker is to do.
pub(crate) struct Job {
    pub(crate) segment: Arc<Segment>,
    pub(crate) source: Arc<Source>,
    pub(crate) known: Arc<KnownFile>,
    pub(crate) expected: Arc<Expected>,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) sink: Sink,
    pub(crate) pacers: Arc<[Pacer]>,
    /// An answer that is open already and begins at the segment's first byte: the probe's.
    pub(crate) open: Option<OpenBody>,
}

/// An accepted answer with what its body holds.
pub(crate) struct OpenBody {
    pub(crate) response: Response,
    pub(crate) body: ByteRange,
}

/// What an answer says of its own content (RFC 9530 §2).
#[derive(Debug, Clone, Default)]
pub(crate) enum Word {
    /// Nothing.
    #[default]
    None,
    /// That it has this digest, which is still to be seen of what is in the file.
    Given(Pledge),
    /// What proved true of these bytes, all of them its own.
    Kept(ByteRange),
}

/// The digest that an answer gives of its body.
#[derive(Debug, Clone)]
pub(crate) struct Pledge {
    /// What the body holds, as announced.
    pub(crate) range: ByteRange,
    pub(crate) digest: Digest,
}

/// How long the end of a message may follow its last byte.
const END_WAIT: Duration = Duration::from_millis(20);
/// Longer bodies are not read back: what the last one costs, the end of the transfer waits for. Nor are they kept out of the
/// journal until then: a crash would cost all of them.
const READ_BACK_MAX_BYTES: u64 = 256 << 20;

impl Pledge {
    /// Whether it is held against what is in the file of `complete_length` bytes, whoever brought that. The digest of a body
    /// that is the whole file is held against the whole file.
    pub(crate) fn is_to_be_redeemed(&self, complete_length: u64) -> bool {
        self.range.len() < complete_length && self.range.len() <= READ_BACK_MAX_BYTES
    }
}

/// What the transfer reads of a worker while it works.
#[derive(Debug)]
pub(crate) struct Gauge {
    began: Instant,
    received: AtomicU64,
    discarded: AtomicU64,
    /// Time spent waiting for the disk or a limit, in microseconds: it counts for no speed.
    held_back_us: AtomicU64,
    held_back_now: AtomicBool,
    /// What its answer says of what it delivers.
    word: Mutex<Word>,
    /// Whether its answer was not read to the end, so that its connection is of no more use.
    left_unread: AtomicBool,
    /// When the answer's head came, in microseconds since `began`; 0 is not yet.
    answered_us: AtomicU64,
}

/// An answer that is not what was asked for.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict<RangeAnswer>,
    /// Which resolution of the address it came from.
    pub(crate) epoch: Epoch,
    pub(crate) response: Response,
}

/// How a job ended.
pub(crate) enum JobEnd {
    /// Its segment has nothing left.
    Exhausted,
    /// The answer was right and over before the segment was: legal, ask for the rest.
    Shorter,
    /// The stream broke.
    Broken(Fault),
    /// There was no answer to judge.
    Unanswered(AskError),
    /// The answer is not what was asked for.
    Judged(Box<Judged>),
    /// The address serves another file, by its own words.
    OtherFile(String),
    /// The part's own digest does not match: these bytes are wrong.
    WrongDigest(ByteRange),
}

impl Gauge {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            received: AtomicU64::new(0),
            discarded: AtomicU64::new(0),
            held_back_us: AtomicU64::new(0),
            held_back_now: AtomicBool::new(false),
            word: Mutex::default(),
            left_unread: AtomicBool::new(false),
            answered_us: AtomicU64::new(0),
        }
    }

    /// Bytes that came, useful or not.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Bytes that came and were of no use.
    pub(crate) fn discarded(&self) -> u64 {
        self.discarded.load(Ordering::Relaxed)
    }

    /// Time spent waiting for the disk or a limit, in microseconds.
    pub(crate) fn held_back_us(&self) -> u64 {
        self.held_back_us.load(Ordering::Relaxed)
    }

    /// Whether it waits for the disk or a limit now.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back_now.load(Ordering::Relaxed)
    }

    /// What its answer says of what it delivers. A word that proved wrong stands until the job's end is known.
    pub(crate) fn word(&self) -> Word {
        self.lock_word().clone()
    }

    /// Whether what it delivers is still to be held against a digest of its own.
    pub(crate) fn is_unchecked(&self) -> bool {
        matches!(*self.lock_word(), Word::Given(_))
    }

    /// What was said proved wrong, and the bytes are dealt with.
    pub(crate) fn break_word(&self) {
        self.set_word(Word::None);
    }

    fn set_word(&self, word: Word) {
        *self.lock_word() = word;
    }

    fn lock_word(&self) -> MutexGuard<'_, Word> {
        self.word.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its answer was not read to the end, so that its connection was dropped.
    pub(crate) fn left_unread(&self) -> bool {
        self.left_unread.load(Ordering::Relaxed)
    }

    /// How long the answer's head took, in seconds; `None` while there is none.
    pub(crate) fn latency_s(&self) -> Option<f64> {
        match self.answered_us.load(Ordering::Relaxed) {
            0 => None,
            us => Some(us as f64 / 1e6),
        }
    }

    fn answered(&self) {
        self.answered_us
            .store(self.began.elapsed().as_micros().max(1) as u64, Ordering::Relaxed);
    }
}

/// Fetches the job's segment, as far as one answer carries.
pub(crate) async fn work(mut job: Job) -> JobEnd {
    let open = match job.open.take() {
        Some(open) => open,
        None => match ask(&job).await {
            Ok(open) => open,
            Err(end) => return end,
        },
    };
    job.gauge.answered();
    stream(&job, open).await
}

async fn ask(job: &Job) -> Result<OpenBody, JobEnd> {
    let Some(range) = job.segment.remaining() else {
        return Err(JobEnd::Exhausted);
    };
    let asking = Asking::range(range, job.known.if_range());
    let answer = job.source.ask(&asking).await.map_err(JobEnd::Unanswered)?;
    let Answer { response, epoch } = answer;
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: response.headers(),
    };
    match judge_range(range, &job.known, head) {
        Verdict::Answer(RangeAnswer::Part { body }) => {
            if job.source.known().is_none() {
                meet(job, response.headers())?;
            }
            Ok(OpenBody { response, body })
        }
        verdict => Err(JobEnd::Judged(Box::new(Judged {
            verdict,
            epoch,
            response,
        }))),
    }
}

/// The first answer of a mirror: of what it says, nothing may contradict what is known.
fn meet(job: &Job, headers: &HeaderMap) -> Result<(), JobEnd> {
    for found in found_digests(headers, BodyHolds::Part) {
        if found.covers == Covers::File && job.expected.contradicts(&found.digest) {
            return Err(JobEnd::OtherFile(format!(
                "it says that its {} is another one",
                found.digest.algorithm()
            )));
        }
    }
    job.source.set_known(Arc::new(KnownFile::from_headers(
        headers,
        job.known.complete_length,
    )));
    Ok(())
}

async fn stream(job: &Job, open: OpenBody) -> JobEnd {
    let OpenBody { mut response, body } = open;
    let mut position = body.start();
    let mut check = PartCheck::new(response.headers());
    let word = check.word(body);
    let standing = match &word {
        Word::Given(pledge) if pledge.is_to_be_redeemed(job.known.complete_length) => Standing::InQuestion,
        _ => Standing::Believed,
    };
    job.gauge.set_word(word);
    while position < body.end() {
        let (chunk, room) = next_chunk(job, &mut response).await;
        let chunk = match chunk {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return JobEnd::Shorter,
            Err(error) => return JobEnd::Broken(Fault::from_reqwest(&error)),
        };
        // What runs past the stated range is not the server's to say (case 11).
        let chunk = chunk.slice(..chunk.len().min((body.end() - position) as usize));
        job.gauge
            .received
            .fetch_add(chunk.len() as u64, Ordering::Relaxed);
        let len = chunk.len() as u64;
        check.update(&chunk);
        let exhausted = take(job, position, chunk, room, standing).await;
        position += len;
        if exhausted {
            break;
        }
    }
    if position == body.end() {
        match check.outcome() {
            Some(false) => return JobEnd::WrongDigest(body),
            Some(true) if job.gauge.discarded() == 0 => job.gauge.set_word(Word::Kept(body)),
            // What came is right, and some of it another had written before: what is on the disk is held against it.
            Some(true) | None => {}
        }
        // The end of the message lets the connection be used again. What follows too late is not waited for.
        if let Ok(Ok(Some(_)) | Err(_)) = tokio::time::timeout(END_WAIT, response.chunk()).await {
            drop(response);
        }
    } else {
        job.gauge.left_unread.store(true, Ordering::Relaxed);
    }
    if job.segment.remaining().is_none() {
        JobEnd::Exhausted
    } else {
        JobEnd::Shorter
    }
}

/// What comes next. Where the disk is behind, there is room for it first: what nobody takes from its connection waits with
/// the sender, and in no memory of ours.
async fn next_chunk(job: &Job, response: &mut Response) -> (reqwest::Result<Option<Bytes>>, Option<Room>) {
    if job.sink.is_congested() && !is_limited(job) {
        let room = held_back(job, job.sink.reserve_ahead()).await;
        // While the network is waited for, the room is for others.
        if let Some(chunk) = response.chunk().now_or_never() {
            return (chunk, Some(room));
        }
    }
    (response.chunk().await, None)
}

/// Hands the part of a chunk that nobody had before to the writer. Returns whether the segment is exhausted.
async fn take(job: &Job, position: u64, chunk: Bytes, room: Option<Room>, standing: Standing) -> bool {
    let room = match room.and_then(|room| room.fit(chunk.len())) {
        Some(room) => room,
        None => wait_for_room(job, position, chunk.len()).await,
    };
    // From here on nothing waits: what is claimed is queued, whatever becomes of this task.
    let claim = job.segment.claim(position, chunk.len() as u64);
    let useless = chunk.len() as u64 - claim.take;
    if useless > 0 {
        job.gauge.discarded.fetch_add(useless, Ordering::Relaxed);
    }
    if claim.take > 0 {
        let (from, to) = (claim.skip as usize, (claim.skip + claim.take) as usize);
        job.sink
            .push(room, position + claim.skip, chunk.slice(from..to), standing);
    }
    claim.exhausted
}

/// Waits for the limits and for room in the writer's queue.
async fn wait_for_room(job: &Job, position: u64, bytes: usize) -> Room {
    let is_limited = is_limited(job);
    if !is_limited && let Some(room) = job.sink.try_reserve(bytes) {
        return room;
    }
    held_back(job, async {
        for pacer in job.pacers.iter().filter(|_| is_limited) {
            // What others have brought by now is of no use, and charged to nobody.
            pacer.pass(job.segment.free(position, bytes as u64)).await;
        }
        job.sink.reserve(bytes).await
    })
    .await
}

fn is_limited(job: &Job) -> bool {
    job.pacers.iter().any(|pacer| pacer.rate_bytes_per_s().is_some())
}

/// Waits for the disk or a limit, and keeps the time apart: it says nothing of the server.
async fn held_back<T>(job: &Job, wait: impl Future<Output = T>) -> T {
    let began = Instant::now();
    job.gauge.held_back_now.store(true, Ordering::Relaxed);
    let over = wait.await;
    job.gauge.held_back_now.store(false, Ordering::Relaxed);
    job.gauge
        .held_back_us
        .fetch_add(began.elapsed().as_micros() as u64, Ordering::Relaxed);
    over
}

/// The digest of an answer's own content, where the answer bears one (RFC 9530 §2).
struct PartCheck {
    expected: Option<(Digest, Hasher)>,
}

impl PartCheck {
    fn new(headers: &HeaderMap) -> Self {
        Self {
            expected: of_content(headers).map(|digest| {
                let hasher = digest.hasher();
                (digest, hasher)
            }),
        }
    }

    fn update(&mut self, chunk: &[u8]) {
        if let Some((_, hasher)) = &mut self.expected {
            hasher.update(chunk);
        }
    }

    fn word(&self, body: ByteRange) -> Word {
        match &self.expected {
            Some((digest, _)) => Word::Given(Pledge {
                range: body,
                digest: digest.clone(),
            }),
            None => Word::None,
        }
    }

    /// Whether what came is as it says; `None` where it says nothing.
    fn outcome(self) -> Option<bool> {
        self.expected
            .map(|(expected, hasher)| hasher.finish() == expected)
    }
}
