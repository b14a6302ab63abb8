//! One download as a list shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CategoryId, DownloadId, Failure, QueueId};

/// One download as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Row {
    /// Which one.
    pub id: DownloadId,
    /// The file's name, as far as it is known.
    pub name: String,
    /// The host it comes from, and its port where that is not the usual one.
    pub host: String,
    /// The address without userinfo and query.
    pub url: String,
    /// How many mirrors it has beside.
    pub mirrors: u32,
    /// What kind of file it is, by its name.
    pub file_kind: FileKind,
    /// The category it belongs to.
    pub category: Option<CategoryId>,
    /// The queue it stands in.
    pub queue: QueueId,
    /// Its place in all queues: smaller goes first. Fractions, so that a move touches one row.
    pub position: f64,
    /// Before others in its queue, or after them.
    pub priority: Priority,
    /// The folder the file goes to.
    pub folder: String,
    /// Where it stands.
    pub standing: Standing,
    /// The file's length in bytes, once known.
    pub length: Option<u64>,
    /// Bytes in the file, right at their place.
    pub bytes: u64,
    /// What is where.
    pub cells: Cells,
    /// Connections at most; none is what the settings say.
    pub connections_limit: Option<u32>,
    /// Bytes per second at most.
    pub limit_bytes_per_s: Option<u64>,
    /// When it was added.
    pub added_at_ms: u64,
    /// When it was finished.
    pub finished_at_ms: Option<u64>,
    /// How long it downloaded, without pauses.
    pub active_ms: u64,
    /// What the bytes were held against; known once finished.
    pub verified: Option<Verified>,
    /// Whether the file is still where it was put; looked at when a list is asked for.
    pub missing: bool,
}

/// Where a download stands: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// Its turn has not come.
    Queued,
    /// It starts at a time, or when its queue's hours come.
    Scheduled {
        /// When, where that is known.
        at_ms: Option<u64>,
    },
    /// The server is asked what the file is.
    Probing,
    /// Bytes are coming.
    Downloading,
    /// All bytes are there; the digests are being finished, the file gets its name.
    Verifying,
    /// A person paused it.
    Paused,
    /// Something outside is missing; it goes on by itself.
    Waiting {
        /// What is missing.
        reason: WaitReason,
        /// When it tries again, where that is known.
        retry_at_ms: Option<u64>,
        /// What went wrong, where something did.
        failure: Option<Failure>,
    },
    /// It is there, whole.
    Finished,
    /// It does not go on by itself.
    Failed {
        /// Why, and what mends it.
        failure: Failure,
    },
}

/// What a waiting download waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// No network is there.
    Network,
    /// The server said later.
    Server,
    /// The next try after a failure.
    Retry,
    /// The disk is full.
    DiskFull,
    /// The disk or the folder is gone.
    DiskGone,
    /// The machine runs on its battery, and is to be spared.
    Battery,
    /// The line is paid by what goes through it.
    Metered,
}

/// Before others, or after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others.
    High,
    /// In its turn.
    #[default]
    Normal,
    /// When no other waits.
    Low,
}

/// What kind of file it is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// mkv, mp4, webm …
    Video,
    /// flac, mp3, opus …
    Audio,
    /// png, jpg, svg …
    Image,
    /// pdf, epub, docx …
    Document,
    /// zip, tar.zst, 7z …
    Archive,
    /// iso, img, qcow2 …
    DiskImage,
    /// deb, exe, apk …
    Program,
    /// Whatever else.
    Other,
}

/// The file from its first byte to its last, in at most 256 equal cells: how full each is, 0 to 255. Hexadecimal, two
/// digits a cell. Empty where the length is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct Cells(pub String);

/// A worker's place in the file. It crosses as a list of its figures in this order: there may be a thousand of them in a
/// snapshot, and names would be two thirds of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(from = "Figures", into = "Figures")]
#[ts(type = "[worker: number, at: number, end: number, rate_bytes_per_s: number]")]
pub struct Notch {
    /// The worker's number.
    pub worker: u32,
    /// The next byte it brings.
    pub at: u64,
    /// The end of its range, exclusive.
    pub end: u64,
    /// Its speed.
    pub rate_bytes_per_s: f64,
}

/// Of a [`Notch`].
type Figures = (u32, u64, u64, f64);

impl From<Figures> for Notch {
    fn from((worker, at, end, rate_bytes_per_s): Figures) -> Self {
        Self {
            worker,
            at,
            end,
            rate_bytes_per_s,
        }
    }
}

impl From<Notch> for Figures {
    fn from(notch: Notch) -> Self {
        (notch.worker, notch.at, notch.end, notch.rate_bytes_per_s)
    }
}

/// What a finished file was held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verified {
    /// Against a digest.
    By {
        /// Its algorithm, `sha256`.
        algorithm: String,
        /// The digest in hexadecimal.
        digest: String,
        /// Whether a person gave it; otherwise it was found at the source.
        given: bool,
    },
    /// No digest was known; every range had the right length and version.
    Unverified,
}
