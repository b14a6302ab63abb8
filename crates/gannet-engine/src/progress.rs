//! What a transfer tells while it runs: a snapshot of everything that moves, and events for what happened.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnose::Cause;
use crate::http::validator::ValidatorStrength;
use crate::range::{ByteRange, RangeSet};
use crate::verify::Verification;

/// Receives what a transfer tells. Called from the transfer's own task: it must return at once.
pub trait Reporter: Send + Sync + 'static {
    /// The present state, every 250 ms by default and at each change of phase.
    fn snapshot(&self, snapshot: &Snapshot);

    /// Something happened.
    fn event(&self, event: &Event);
}

/// A reporter that nobody listens to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn snapshot(&self, _: &Snapshot) {}
    fn event(&self, _: &Event) {}
}

/// Where a transfer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Asking the server what the file is.
    Probing,
    /// Comparing what is held of an earlier run with the server's file.
    Sampling,
    /// Bytes are coming.
    Downloading,
    /// All bytes are there; the digests are being finished.
    Verifying,
    /// The file gets its name.
    Publishing,
    /// The caller paused it.
    Paused,
    /// Nothing moves for a reason outside, and it will go on by itself.
    Waiting(WaitReason),
}

/// Why a transfer waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitReason {
    /// No network is there at all.
    Network,
    /// The server ordered it (`Retry-After`).
    Server {
        /// How long it asked for.
        wait: Duration,
    },
    /// Trying again after a fault.
    Retry {
        /// What went wrong, in words.
        reason: String,
    },
}

/// The present state of a transfer.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Where it stands.
    pub phase: Phase,
    /// The file's name, once known.
    pub name: Option<String>,
    /// The file's length in bytes, once known.
    pub length: Option<u64>,
    /// What is in the file, right at its place.
    pub written: Arc<RangeSet>,
    /// How much of it has been through the digest; 0 where none is known.
    pub hashed_bytes: u64,
    /// Speed smoothed over about 1.5 s.
    pub rate_bytes_per_s: f64,
    /// Expected time until the last byte.
    pub time_left: Option<Duration>,
    /// Connections that deliver now.
    pub connections: u32,
    /// The most connections that ever delivered at once.
    pub connections_peak: u32,
    /// Every worker with a range.
    pub workers: Vec<WorkerSnapshot>,
    /// Requests sent so far.
    pub requests: u64,
    /// Requests that had to be sent again.
    pub retries: u64,
    /// Bytes that arrived and were of no use.
    pub bytes_discarded: u64,
    /// Why it is not faster, where the evidence names a cause.
    pub cause: Option<Cause>,
}

impl Snapshot {
    /// Bytes in the file: the transfer's progress.
    pub fn bytes(&self) -> u64 {
        self.written.bytes()
    }
}

/// One connection at work.
#[derive(Debug, Clone)]
pub struct WorkerSnapshot {
    /// Counts from 0; a worker keeps its number.
    pub id: u32,
    /// The host it talks to, without port.
    pub host: Arc<str>,
    /// What it still has to fetch.
    pub range: ByteRange,
    /// Where its range began.
    pub began_at: u64,
    /// Its speed.
    pub rate_bytes_per_s: f64,
    /// How many times this range was tried before.
    pub tries: u32,
    /// What it is doing.
    pub state: WorkerState,
}

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// Its request is out; no header has come.
    Asking,
    /// Bytes are coming.
    Receiving,
    /// It fetches the same bytes as another worker; the first to arrive counts.
    Racing,
}

/// Something that happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The server answered: this is the file.
    Probed {
        /// Its name.
        name: String,
        /// Its length, where the server tells.
        length: Option<u64>,
        /// Whether it can be fetched in ranges.
        ranges: bool,
        /// How surely another version of it is told apart.
        validator: ValidatorStrength,
        /// The address it really comes from, without userinfo and query.
        final_url: String,
    },
    /// Bytes of an earlier run are used.
    Resumed {
        /// How many.
        bytes: u64,
    },
    /// What was held cannot be completed and is dropped; the transfer starts from the first byte.
    Restarted {
        /// Why.
        reason: String,
    },
    /// Bytes that were in the file proved wrong and left it; they are fetched again. Told at once with the next snapshot
    /// and before it, even where the bytes came anew meanwhile: whoever took bytes from the file behind this offset may
    /// hold wrong ones.
    Retracted {
        /// The lowest offset of them.
        from: u64,
    },
    /// A request failed; its range is asked for again.
    Retried {
        /// What went wrong.
        reason: String,
    },
    /// The host takes no more connections than this.
    Refused {
        /// The host.
        host: String,
        /// How many it takes, as far as is known.
        limit: u32,
    },
    /// A mirror is used no longer.
    MirrorDropped {
        /// Which one, without userinfo and query.
        url: String,
        /// Why.
        reason: String,
    },
    /// The transfer ends early, and the same request goes on from here another time. Comes once, at the very end, and not
    /// at all where nothing is kept.
    Kept {
        /// How many bytes.
        bytes: u64,
    },
    /// The expired link was resolved again from the original one.
    LinkRenewed,
    /// Something that the user should know, in words.
    Notice(String),
}

/// A finished transfer.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Where the file is.
    pub path: std::path::PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// From start to published, without pauses.
    pub elapsed: Duration,
    /// How many of the bytes were there from an earlier run.
    pub bytes_resumed: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests that had to be sent again.
    pub retries: u64,
    /// The most connections that delivered at once.
    pub connections_peak: u32,
    /// Bytes that arrived and were of no use.
    pub bytes_discarded: u64,
    /// From the last byte in the file to the published name.
    pub finish_time: Duration,
    /// What the bytes were held against.
    pub verification: Verification,
    /// Why it was not faster, where the evidence names a cause.
    pub cause: Option<Cause>,
    /// How it came to be there.
    pub outcome: Outcome,
}

/// How a finished file came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was downloaded.
    Downloaded,
    /// The same file was there already; nothing was fetched.
    AlreadyThere,
    /// A file of that name exists and the request says to skip then.
    Skipped,
}
