//! Digests: given, found, and computed behind the frontier while the rest still arrives.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;

use crate::digest::{Digest, DigestAlgorithm, DigestStrength, Hasher};
use crate::disk::storage::StorageFile;
use crate::disk::written::Written;
use crate::error::Error;
use crate::range::ByteRange;

/// What the bytes of a finished file were held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// A digest of the whole file agrees.
    Verified {
        /// `sha256`, `crc32c`, …
        algorithm: String,
        /// Where the expected value came from.
        source: DigestSource,
    },
    /// Nothing strong enough was known to hold the bytes against.
    Unverified {
        /// A weak digest that agrees all the same (`md5`), where there was one.
        advisory: Option<String>,
    },
}

/// Where a digest came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestSource {
    /// The caller gave it.
    Given,
    /// The server's answer bore it.
    Found,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified {
                algorithm,
                source: DigestSource::Given,
            } => write!(f, "verified by {algorithm}"),
            Self::Verified {
                algorithm,
                source: DigestSource::Found,
            } => {
                write!(f, "verified by the server's {algorithm}")
            }
            Self::Unverified { advisory: None } => f.write_str("unverified"),
            Self::Unverified {
                advisory: Some(algorithm),
            } => {
                write!(f, "unverified ({algorithm} agrees, but proves nothing)")
            }
        }
    }
}

/// Digests of a file's pieces, each `piece_bytes` long but the last (RFC 5854 §4.2.4).
#[derive(Clone, Debug)]
pub struct PieceDigests {
    piece_bytes: u64,
    digests: Arc<[Digest]>,
}

impl PieceDigests {
    /// `None` where a piece would be empty or there is no digest.
    pub fn new(piece_bytes: u64, digests: Vec<Digest>) -> Option<Self> {
        (piece_bytes > 0 && !digests.is_empty()).then(|| Self {
            piece_bytes,
            digests: digests.into(),
        })
    }

    /// How long each piece is, in bytes; the last one may be shorter.
    pub fn piece_bytes(&self) -> u64 {
        self.piece_bytes
    }

    /// The digests, in the order of the pieces.
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Whether they cover a file of `length` bytes exactly.
    pub(crate) fn covers(&self, length: u64) -> bool {
        length.div_ceil(self.piece_bytes) == self.digests.len() as u64
    }

    /// The digest of the piece that holds the byte at `position`.
    pub(crate) fn of(&self, position: u64) -> Option<&Digest> {
        self.digests
            .get(usize::try_from(position / self.piece_bytes).ok()?)
    }

    /// The piece that holds the byte at `position`, in a file of `length` bytes.
    fn at(&self, position: u64, length: u64) -> Option<(ByteRange, &Digest)> {
        let index = position / self.piece_bytes;
        let start = index * self.piece_bytes;
        let range = ByteRange::new(start, (start + self.piece_bytes).min(length))?;
        Some((range, self.of(position)?))
    }
}

/// The digests that a file is to be held against.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    given: Vec<Digest>,
    found: Vec<Digest>,
    advisory: Vec<Digest>,
}

/// What holding the bytes against the digests showed.
#[derive(Debug)]
pub(crate) enum Judgement {
    Right(Verification),
    Wrong { expected: Digest, actual: Digest },
}

impl Expected {
    pub(crate) fn new(given: &[Digest]) -> Self {
        Self {
            given: given.to_vec(),
            ..Self::default()
        }
    }

    /// Adds a digest of the whole file that the server's answer bore.
    pub(crate) fn found(&mut self, digest: Digest) {
        match digest.algorithm().strength() {
            DigestStrength::Strong => self.found.push(digest),
            DigestStrength::Advisory => self.advisory.push(digest),
        }
    }

    /// Forgets what the server said: it was about another version.
    pub(crate) fn forget_found(&mut self) {
        self.found.clear();
        self.advisory.clear();
    }

    /// Whether bytes of several hosts can be told right from wrong at the end.
    pub(crate) fn is_conclusive(&self) -> bool {
        !self.given.is_empty() || !self.found.is_empty()
    }

    /// Whether a server's answer contradicts a digest that is known.
    pub(crate) fn contradicts(&self, digest: &Digest) -> bool {
        let mut known = self
            .given
            .iter()
            .chain(&self.found)
            .filter(|known| known.algorithm() == digest.algorithm());
        known.any(|known| known != digest)
    }

    /// Which algorithms have to run. An advisory digest runs too: where it disagrees, somebody should hear of it.
    pub(crate) fn algorithms(&self) -> Vec<DigestAlgorithm> {
        let mut algorithms: Vec<_> = self
            .given
            .iter()
            .chain(&self.found)
            .chain(&self.advisory)
            .map(Digest::algorithm)
            .collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// Holds the digests of the finished file against what is expected.
    pub(crate) fn judge(&self, actual: &[Digest]) -> Judgement {
        let actual_of = |expected: &Digest| {
            actual
                .iter()
                .find(|actual| actual.algorithm() == expected.algorithm())
        };
        for expected in self.given.iter().chain(&self.found) {
            if let Some(actual) = actual_of(expected).filter(|actual| *actual != expected) {
                return Judgement::Wrong {
                    expected: expected.clone(),
                    actual: actual.clone(),
                };
            }
        }
        let best = |digests: &[Digest]| {
            digests
                .iter()
                .map(Digest::algorithm)
                .min()
                .map(|algorithm| algorithm.to_string())
        };
        let verification = match (best(&self.given), best(&self.found)) {
            (Some(algorithm), _) => Verification::Verified {
                algorithm,
                source: DigestSource::Given,
            },
            (None, Some(algorithm)) => Verification::Verified {
                algorithm,
                source: DigestSource::Found,
            },
            (None, None) => {
                let agrees = |expected: &&Digest| actual_of(expected) == Some(*expected);
                let advisory = self
                    .advisory
                    .iter()
                    .find(agrees)
                    .map(|digest| digest.algorithm().to_string());
                Verification::Unverified { advisory }
            }
        };
        Judgement::Right(verification)
    }

    /// The advisory digest that does not agree, where there is one: worth a word, not a failure.
    pub(crate) fn disagreeing_advisory(&self, actual: &[Digest]) -> Option<DigestAlgorithm> {
        self.advisory
            .iter()
            .find(|expected| {
                actual
                    .iter()
                    .any(|actual| actual.algorithm() == expected.algorithm() && actual != *expected)
            })
            .map(Digest::algorithm)
    }
}

/// Reads buffered at once while hashing.
const READ_BYTES: usize = 256 << 10;
/// How long the hasher waits for the frontier before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);

/// Hashes the contiguous beginning of a part file while the rest still arrives.
pub(crate) struct FrontierHasher {
    shared: Arc<HasherShared>,
    thread: Option<JoinHandle<()>>,
}

struct HasherShared {
    part: Arc<dyn StorageFile>,
    written: Arc<Written>,
    length: u64,
    pieces: Option<PieceDigests>,
    hashed: AtomicU64,
    stopped: AtomicBool,
    bad_pieces: Mutex<Vec<ByteRange>>,
    finished: Notify,
    outcome: Mutex<Option<io::Result<Vec<Digest>>>>,
}

impl FrontierHasher {
    /// Begins to hash `part`, of which `written` tells how much is there.
    pub(crate) fn start(
        part: Arc<dyn StorageFile>,
        written: Arc<Written>,
        length: u64,
        algorithms: &[DigestAlgorithm],
        pieces: Option<PieceDigests>,
    ) -> Result<Self, Error> {
        let shared = Arc::new(HasherShared {
            part,
            written,
            length,
            pieces,
            hashed: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            bad_pieces: Mutex::default(),
            finished: Notify::new(),
            outcome: Mutex::new(None),
        });
        let whole: Vec<_> = algorithms
            .iter()
            .map(|&algorithm| Hasher::new(algorithm))
            .collect();
        let thread = std::thread::Builder::new()
            .name("gannet-hasher".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let outcome = shared.run(whole);
                    *shared.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                    shared.finished.notify_one();
                }
            })
            .map_err(|error| Error::Internal(format!("no thread for the digest: {error}")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// How many bytes went through the digest.
    pub(crate) fn hashed_bytes(&self) -> u64 {
        self.shared.hashed.load(Ordering::Relaxed)
    }

    /// Pieces that were wrong since the last call. They left the set of written bytes and must be fetched again.
    pub(crate) fn take_bad_pieces(&self) -> Vec<ByteRange> {
        std::mem::take(
            &mut *self
                .shared
                .bad_pieces
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Waits until it has been through the whole file, or found a bad piece at the end of it.
    pub(crate) async fn wait(&self) {
        self.shared.finished.notified().await;
    }

    /// The digests, in no order; only after [`FrontierHasher::wait`].
    pub(crate) fn digests(&self) -> io::Result<Vec<Digest>> {
        let outcome = self
            .shared
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        outcome.unwrap_or_else(|| Err(io::Error::other("the digest was not finished")))
    }
}

impl Drop for FrontierHasher {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.shared.written.wake();
        if let Some(thread) = self.thread.take() {
            // It looks whether it is still wanted after each buffer.
            let _ = thread.join();
        }
    }
}

/// The digests of the first `length` bytes of a file. Blocks.
pub(crate) fn digests_of(
    file: &dyn StorageFile,
    length: u64,
    algorithms: &[DigestAlgorithm],
) -> io::Result<Vec<Digest>> {
    let mut hashers: Vec<_> = algorithms
        .iter()
        .map(|&algorithm| Hasher::new(algorithm))
        .collect();
    read_through(file, 0, length, |bytes| {
        for hasher in &mut hashers {
            hasher.update(bytes);
        }
    })?;
    Ok(hashers.into_iter().map(Hasher::finish).collect())
}

/// The digest of a part of a file. Blocks.
pub(crate) fn digest_of_range(
    file: &dyn StorageFile,
    range: ByteRange,
    algorithm: DigestAlgorithm,
) -> io::Result<Digest> {
    let mut hasher = Hasher::new(algorithm);
    read_through(file, range.start(), range.end(), |bytes| hasher.update(bytes))?;
    Ok(hasher.finish())
}

fn read_through(file: &dyn StorageFile, start: u64, end: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut position = start;
    while position < end {
        let wanted = (end - position).min(READ_BYTES as u64) as usize;
        match file.read_at(position, &mut buffer[..wanted])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                take(&buffer[..read]);
                position += read as u64;
            }
        }
    }
    Ok(())
}

/// Where the hasher stands: all digests of `0..position`, and that of the piece under way.
#[derive(Clone)]
struct Stand {
    position: u64,
    whole: Vec<Hasher>,
}

impl HasherShared {
    fn run(&self, whole: Vec<Hasher>) -> io::Result<Vec<Digest>> {
        let beginning = Stand { position: 0, whole };
        let mut stand = beginning.clone();
        let mut piece = self.piece_from(&stand);
        let mut buffer = vec![0; READ_BYTES];
        while stand.position < self.length && !self.stopped.load(Ordering::Acquire) {
            if self.written.take_retracted_before(stand.position) {
                stand = beginning.clone();
                piece = self.piece_from(&stand);
            }
            let frontier = self
                .written
                .wait_for_frontier(stand.position, PATIENCE)
                .min(self.length);
            let wanted = (frontier.saturating_sub(stand.position)).min(READ_BYTES as u64) as usize;
            let wanted = piece.as_ref().map_or(wanted, |piece| {
                wanted.min((piece.range.end() - stand.position) as usize)
            });
            if wanted == 0 {
                continue;
            }
            let read = self.part.read_at(stand.position, &mut buffer[..wanted])?;
            if read == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the part file was cut while it was read",
                ));
            }
            let bytes = &buffer[..read];
            stand.whole.iter_mut().for_each(|hasher| hasher.update(bytes));
            stand.position += read as u64;
            if let Some(current) = &mut piece {
                current.hasher.update(bytes);
                if stand.position == current.range.end() {
                    let current = piece.take().expect("it was there a moment ago");
                    if !current.is_right() {
                        stand = current.began.clone();
                        self.reject(current.range);
                    }
                    piece = self.piece_from(&stand);
                }
            }
            self.hashed.store(stand.position, Ordering::Relaxed);
        }
        Ok(stand.whole.into_iter().map(Hasher::finish).collect())
    }

    fn piece_from(&self, stand: &Stand) -> Option<PieceInHand> {
        let (range, expected) = self.pieces.as_ref()?.at(stand.position, self.length)?;
        let hasher = Hasher::new(expected.algorithm());
        Some(PieceInHand {
            range,
            expected: expected.clone(),
            hasher,
            began: stand.clone(),
        })
    }

    fn reject(&self, range: ByteRange) {
        self.written.remove(range);
        self.bad_pieces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(range);
    }
}

struct PieceInHand {
    range: ByteRange,
    expected: Digest,
    hasher: Hasher,
    /// Where to go back to when the piece is wrong.
    began: Stand,
}

impl PieceInHand {
    fn is_right(&self) -> bool {
        self.hasher.clone().finish() == self.expected
    }
}
