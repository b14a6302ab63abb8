//! Is what is held still the beginning of what the server has? A few pieces, fetched anew and compared byte by byte.

use crate::disk::storage::StorageFile;
use crate::error::Error;
use crate::http::response::{KnownFile, RangeAnswer, ResponseHead, Verdict, judge_range};
use crate::http::source::{Asking, Source};
use crate::range::{ByteRange, RangeSet};

/// The length of one piece.
const PIECE_BYTES: u64 = 16 << 10;
/// Pieces at random places, beside the first and the last.
const RANDOM_PIECES: u32 = 8;
/// Tries for one piece, before the server is taken to have no answer.
const TRIES: u32 = 5;

/// What a sample showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SampleVerdict {
    /// Every piece is equal.
    Equal,
    /// At least one differs.
    Different,
    /// The server did not answer in a way that could be compared.
    Unknown,
}

/// Compares pieces of what is `held` in `file` with the server's. `known` says by what its answers are judged.
pub(crate) async fn compare(
    source: &Source,
    known: &KnownFile,
    file: &dyn StorageFile,
    held: &RangeSet,
    requests: &mut u64,
) -> Result<SampleVerdict, Error> {
    for piece in choose(held, &mut fastrand::Rng::new()) {
        let Some(theirs) = fetch(source, known, piece, requests).await else {
            return Ok(SampleVerdict::Unknown);
        };
        let mut ours = vec![0; theirs.len()];
        let mut filled = 0;
        while filled < ours.len() {
            let read = file.read_at(piece.start() + filled as u64, &mut ours[filled..]);
            match read
                .map_err(|error| Error::disk("read", std::path::PathBuf::from("the part file"), error))?
            {
                0 => return Ok(SampleVerdict::Different),
                read => filled += read,
            }
        }
        if ours != theirs {
            return Ok(SampleVerdict::Different);
        }
    }
    Ok(SampleVerdict::Equal)
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

async fn fetch(source: &Source, known: &KnownFile, piece: ByteRange, requests: &mut u64) -> Option<Vec<u8>> {
    for attempt in 1..=TRIES {
        *requests += 1;
        if let Some(bytes) = fetch_once(source, known, piece).await {
            return Some(bytes);
        }
        tokio::time::sleep(crate::http::retry::wait_before_attempt(
            attempt,
            super::tries::jitter(),
        ))
        .await;
    }
    None
}

async fn fetch_once(source: &Source, known: &KnownFile, piece: ByteRange) -> Option<Vec<u8>> {
    // Without `If-Range`: the very question is whether the bytes are the same under another validator.
    let mut response = source.ask(&Asking::range(piece, None)).await.ok()?.response;
    let head = ResponseHead {
        status: response.status(),
        version: response.version(),
        headers: response.headers(),
    };
    let Verdict::Answer(RangeAnswer::Part { body }) = judge_range(piece, known, head) else {
        return None;
    };
    let wanted = body.len() as usize;
    let mut bytes = Vec::with_capacity(wanted);
    while bytes.len() < wanted {
        bytes.extend_from_slice(&response.chunk().await.ok()??);
    }
    bytes.truncate(wanted);
    Some(bytes)
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
