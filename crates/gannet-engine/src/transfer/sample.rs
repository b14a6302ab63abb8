//! Is what is held still the beginning of what the server has? A few pieces, fetched anew and compared byte by byte.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::life::blocking;
use super::tries::jitter;
use crate::disk::part_file::read_full;
use crate::disk::storage::StorageFile;
use crate::error::Error;
use crate::http::response::{KnownFile, RangeAnswer, ResponseHead, Verdict, judge_range};
use crate::http::retry::{RETRY_AFTER_MAX, RetryAfter, wait_before_attempt};
use crate::http::source::{Answer, AskError, Asking, Source};
use crate::range::{ByteRange, RangeSet};

/// The length of one piece.
const PIECE_BYTES: u64 = 16 << 10;
/// Pieces at random places, beside the first and the last.
const RANDOM_PIECES: u32 = 8;
/// Answers to one piece that make no sense or refuse it, before the server is taken to have no other.
const USELESS_MAX: u32 = 5;
/// Silence after which a piece is asked for anew.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// What a sample showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SampleVerdict {
    /// Every piece is equal.
    Equal,
    /// At least one differs.
    Different,
    /// The server answers, and never with a piece.
    Incomparable {
        /// With what instead.
        reason: String,
    },
    /// The server has no answer for now: that says nothing of what is held.
    Unanswered {
        /// What it did instead.
        reason: String,
    },
}

/// What is to be compared.
pub(crate) struct Specimen {
    pub(crate) file: Arc<dyn StorageFile>,
    /// For messages.
    pub(crate) path: PathBuf,
    /// The part of it that matters.
    pub(crate) held: RangeSet,
}

/// Compares pieces of a specimen with the server's. `known` says by what its answers are judged; each piece is asked for as
/// long as `retry_for`.
pub(crate) async fn compare(
    source: &Source,
    known: &KnownFile,
    specimen: &Specimen,
    retry_for: Duration,
    requests: &mut u64,
) -> Result<SampleVerdict, Error> {
    for piece in choose(&specimen.held, &mut fastrand::Rng::new()) {
        let theirs = match fetch(source, known, piece, retry_for, requests).await {
            Ok(theirs) => theirs,
            Err(Missed::Nonsense { reason }) => return Ok(SampleVerdict::Incomparable { reason }),
            Err(Missed::NotNow { reason, .. } | Missed::Refused { reason }) => {
                return Ok(SampleVerdict::Unanswered { reason });
            }
        };
        if specimen.read(piece.start(), theirs.len()).await? != theirs {
            return Ok(SampleVerdict::Different);
        }
    }
    Ok(SampleVerdict::Equal)
}

impl Specimen {
    /// Bytes of it, away from the network's threads; fewer where the file ends before.
    async fn read(&self, start: u64, length: usize) -> Result<Vec<u8>, Error> {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        blocking(move || {
            let mut bytes = vec![0; length];
            let read = read_full(&*file, start, &mut bytes);
            let filled = read.map_err(|error| Error::disk("read", path, error))?;
            bytes.truncate(filled);
            Ok(bytes)
        })
        .await
    }
}

/// The first piece, the last, and some at random in between.
fn choose(held: &RangeSet, random: &mut fastrand::Rng) -> Vec<ByteRange> {
    let ranges: Vec<ByteRange> = held.iter().collect();
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
        return Vec::new();
    };
    let mut pieces = vec![
        ByteRange::new(first.start(), first.end().min(first.start() + PIECE_BYTES)),
        ByteRange::new(
            last.end().saturating_sub(PIECE_BYTES).max(last.start()),
            last.end(),
        ),
    ];
    for _ in 0..RANDOM_PIECES {
        // A byte of what is held, each as likely as the other.
        let mut nth = random.u64(..held.bytes());
        let range = ranges.iter().find(|range| {
            let inside = nth < range.len();
            nth -= if inside { 0 } else { range.len() };
            inside
        });
        pieces.push(range.and_then(|range| {
            let start = range.start() + nth;
            ByteRange::new(start, range.end().min(start + PIECE_BYTES))
        }));
    }
    let mut pieces: Vec<ByteRange> = pieces.into_iter().flatten().collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// Why a piece did not come.
enum Missed {
    /// Another try may bring it, at the earliest when the server says.
    NotNow {
        reason: String,
        retry_after: Option<RetryAfter>,
    },
    /// The server does not give it to this client, or not any more: no word on what is held.
    Refused { reason: String },
    /// The answer was none to the question.
    Nonsense { reason: String },
}

impl Missed {
    fn not_now(reason: &str) -> Self {
        Self::NotNow {
            reason: reason.to_owned(),
            retry_after: None,
        }
    }

    /// The wait that the server ordered.
    fn ordered(&self, source: &Source) -> Option<Duration> {
        match self {
            Self::NotNow { retry_after, .. } => {
                retry_after.map(|ordered| ordered.wait(source.time_of_day(), RETRY_AFTER_MAX, jitter()))
            }
            Self::Refused { .. } | Self::Nonsense { .. } => None,
        }
    }
}

/// A piece as the server has it, or why it did not come. Waits that the server orders are not counted.
async fn fetch(
    source: &Source,
    known: &KnownFile,
    piece: ByteRange,
    retry_for: Duration,
    requests: &mut u64,
) -> Result<Vec<u8>, Missed> {
    let (mut attempt, mut useless) = (0, 0);
    let mut spent = Duration::ZERO;
    loop {
        *requests += 1;
        attempt += 1;
        let asked_at = Instant::now();
        let missed = match fetch_once(source, known, piece).await {
            Ok(bytes) => return Ok(bytes),
            Err(missed) => missed,
        };
        spent += asked_at.elapsed();
        useless += u32::from(!matches!(missed, Missed::NotNow { .. }));
        if useless >= USELESS_MAX || spent >= retry_for {
            return Err(missed);
        }
        let own = wait_before_attempt(attempt, jitter());
        let ordered = missed.ordered(source);
        if ordered.is_none() {
            spent += own;
        }
        tokio::time::sleep(own.max(ordered.unwrap_or_default())).await;
    }
}

async fn fetch_once(source: &Source, known: &KnownFile, piece: ByteRange) -> Result<Vec<u8>, Missed> {
    // Without `If-Range`: the very question is whether the bytes are the same under another validator.
    let nonsense = |reason| Missed::Nonsense { reason };
    let asking = Asking::range(piece, None);
    let asked = timeout(SILENCE_MAX, source.ask(&asking))
        .await
        .map_err(|_| Missed::not_now("the request was not answered"))?;
    let Answer { mut response, epoch } = asked.map_err(|error| match error {
        AskError::Fault(fault) => Missed::not_now(&fault.reason),
        AskError::Redirect(error) => nonsense(error.to_string()),
        AskError::Setup(error) => nonsense(error.to_string()),
    })?;
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: response.headers(),
    };
    let body = match judge_range(piece, known, head) {
        Verdict::Answer(RangeAnswer::Part { body }) => body,
        Verdict::Throttled { status, retry_after } | Verdict::Transient { status, retry_after } => {
            let reason = status.to_string();
            return Err(Missed::NotNow { reason, retry_after });
        }
        // A portal or a login has come between: the file may be well behind it (case 40).
        Verdict::Answer(RangeAnswer::Message { media_type }) => {
            source.resolve_again(epoch);
            let reason = format!("the server answers with a page ({media_type}) instead of the file");
            return Err(Missed::not_now(&reason));
        }
        // The next try resolves the original link (case 39).
        Verdict::Expired { status } if source.is_redirected() && source.expire(epoch) => {
            return Err(Missed::not_now(&status.to_string()));
        }
        Verdict::Expired { status } | Verdict::Permanent { status } => {
            let reason = format!("the server answers {status}");
            return Err(Missed::Refused { reason });
        }
        _ => {
            let status = response.status();
            return Err(nonsense(format!(
                "it does not send the pieces that it is asked for ({status})"
            )));
        }
    };
    let wanted = body.len() as usize;
    let mut bytes = Vec::with_capacity(wanted);
    while bytes.len() < wanted {
        match timeout(SILENCE_MAX, response.chunk()).await {
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            Ok(Ok(None) | Err(_)) => return Err(Missed::not_now("the answer ended early")),
            Err(_) => return Err(Missed::not_now("the connection fell silent")),
        }
    }
    bytes.truncate(wanted);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sample_lies_within_what_is_held(
            ranges in prop::collection::vec((0u64..1_000_000, 1u64..200_000), 1..12), seed in any::<u64>(),
        ) {
            let held: RangeSet = ranges.into_iter().filter_map(|(start, len)| ByteRange::new(start, start + len)).collect();
            let pieces = choose(&held, &mut fastrand::Rng::with_seed(seed));
            prop_assert!(!pieces.is_empty());
            for piece in &pieces {
                prop_assert!(held.contains(*piece) && piece.len() <= PIECE_BYTES, "{piece:?}");
            }
            let (first, last) = (held.iter().next().unwrap(), held.iter().next_back().unwrap());
            prop_assert_eq!(pieces.first().unwrap().start(), first.start());
            prop_assert!(pieces.iter().any(|piece| piece.end() == last.end()));
        }
    }
}
