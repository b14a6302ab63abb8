//! Everything about the one download that somebody watches.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{DownloadId, Verified};

/// Everything about the one download that somebody watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Detail {
    /// Which one.
    pub id: DownloadId,
    /// What is in the file, as `[start, end)` pairs in ascending order; the longest 4,096 where there are more.
    pub ranges: Vec<(u64, u64)>,
    /// Everyone at work on it.
    pub workers: Vec<Worker>,
    /// Requests sent so far.
    pub requests: u64,
    /// Requests that had to be sent again.
    pub retries: u64,
    /// Bytes that arrived and were of no use.
    pub bytes_discarded: u64,
    /// Bytes that have been through the digest.
    pub bytes_hashed: u64,
    /// The most connections that ever delivered at once.
    pub connections_peak: u32,
    /// Why it is not faster.
    pub cause: Option<Cause>,
    /// Whether the server sends ranges, so that it can go on after a stop; unknown before the probe.
    pub resumable: Option<bool>,
    /// By what another version of the file is told from this one; unknown before the probe.
    pub validator: Option<Validator>,
    /// The digests that the file is to be held against, or was.
    pub digests: Vec<Verified>,
    /// Where it comes from; the first is the address that was given.
    pub sources: Vec<Source>,
    /// The names of the headers that are sent beside our own; never their values.
    pub header_names: Vec<String>,
    /// The mean speed of each second, the last 600 at most.
    pub rates_bytes_per_s: Vec<f64>,
    /// What happened, the last 500 entries at most, oldest first.
    pub log: Vec<LogEntry>,
}

/// By what a server names the version of a file, so that parts of two versions never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Validator {
    /// A strong entity tag: equal ones mean equal bytes.
    StrongEntityTag,
    /// A date of change that is old enough to be as sure.
    StrongDate,
    /// Signs that may stay equal although bytes changed: before old bytes are used, some of them are compared.
    Weak,
    /// Nothing.
    None,
}

/// One connection at work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Worker {
    /// Its number.
    pub id: u32,
    /// The host it talks to.
    pub host: String,
    /// Where its range began.
    pub began: u64,
    /// The next byte it brings.
    pub at: u64,
    /// The end of its range, exclusive.
    pub end: u64,
    /// Its speed.
    pub rate_bytes_per_s: f64,
    /// How many times this range was tried before.
    pub tries: u32,
    /// What it is doing.
    pub state: WorkerState,
}

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// Its request is out; no header has come.
    Asking,
    /// Bytes are coming.
    Receiving,
    /// It fetches the same bytes as another; the first to arrive counts.
    Racing,
}

/// Why it is not faster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// Every connection gets the same rate.
    PerConnectionLimit {
        /// What one gets.
        rate_bytes_per_s: f64,
        /// How many are at that limit.
        connections: u32,
    },
    /// More connections bring nothing.
    LineFull {
        /// What the line carries.
        rate_bytes_per_s: f64,
    },
    /// The disk takes less than the network brings.
    Disk,
    /// A limit that was set here.
    UserLimit {
        /// The limit.
        rate_bytes_per_s: f64,
    },
    /// The host refuses more connections.
    HostLimit {
        /// How many it takes.
        connections: u32,
    },
    /// The server sends no ranges.
    NoRanges,
    /// The proxy gives no more.
    Proxy,
}

/// An address that the file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Source {
    /// Without userinfo and query.
    pub url: String,
    /// Whether it is used.
    pub state: SourceState,
}

/// Whether a source is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceState {
    /// It delivers, or will.
    Used,
    /// It is used no longer.
    Dropped {
        /// Why.
        reason: String,
    },
}

/// Something that happened to a download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogEntry {
    /// When.
    pub at_ms: u64,
    /// What kind of thing.
    pub kind: LogKind,
    /// In English, without secrets.
    pub text: String,
    /// How many times in a row.
    pub times: u32,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// As it should be.
    Progress,
    /// Worth knowing.
    Notice,
    /// Went wrong and is mended by itself.
    Trouble,
    /// Went wrong.
    Failure,
}
