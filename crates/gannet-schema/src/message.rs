//! What a face is told by itself, and what it says back on the same way.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Category, CategoryId, Cells, Detail, DownloadId, Failure, Notch, Queue, QueueId, Root, Row, Settings,
    Standing,
};

/// What a face is told: first the whole state, then everything that changes it. The numbers count up by one; where the
/// listener was too slow and messages were dropped, the whole state comes anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Everything; what was known before is forgotten.
    State {
        /// The message's number.
        sequence: u64,
        /// Everything.
        state: Box<State>,
    },
    /// All that moves now. The last one replaces those before.
    Snapshot {
        /// The message's number.
        sequence: u64,
        /// All that moves.
        snapshot: Box<Snapshot>,
    },
    /// Something happened.
    Event {
        /// The message's number.
        sequence: u64,
        /// What.
        event: Box<Event>,
    },
}

/// Everything but the finished downloads, which are asked for by page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct State {
    /// [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub program_version: String,
    /// Every download that is not finished.
    pub rows: Vec<Row>,
    /// Every queue; the main one first.
    pub queues: Vec<Queue>,
    /// Every category.
    pub categories: Vec<Category>,
    /// What is set.
    pub settings: Settings,
    /// Where files may be put.
    pub roots: Vec<Root>,
    /// How many there are of what.
    pub counts: Counts,
    /// The latest snapshot.
    pub snapshot: Snapshot,
}

/// All that moves now.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// When it was taken.
    pub at_ms: u64,
    /// Every download at work.
    pub moving: Vec<Moving>,
    /// Their speed together.
    pub rate_bytes_per_s: f64,
    /// Of the download that this listener watches.
    pub detail: Option<Box<Detail>>,
}

/// What moves of a download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Moving {
    /// Which one.
    pub id: DownloadId,
    /// Where it stands.
    pub standing: Standing,
    /// The file's length in bytes, once known.
    pub length: Option<u64>,
    /// Bytes in the file.
    pub bytes: u64,
    /// Speed, smoothed over about 1.5 s.
    pub rate_bytes_per_s: f64,
    /// Expected milliseconds until the last byte.
    pub time_left_ms: Option<u64>,
    /// Connections that deliver now.
    pub connections: u32,
    /// What is where.
    pub cells: Cells,
    /// Where the workers are, 64 at most.
    pub notches: Vec<Notch>,
}

/// How many downloads there are of what; finished ones are counted too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Counts {
    /// All.
    pub all: u32,
    /// Finished.
    pub finished: u32,
    /// By category, finished ones too.
    pub categories: Vec<(CategoryId, u32)>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Downloads are new, or came back, or are not as they were.
    Changed {
        /// As they are now.
        rows: Vec<Row>,
        /// How many there are of what.
        counts: Counts,
    },
    /// Downloads are gone from the list.
    Removed {
        /// Which.
        ids: Vec<DownloadId>,
        /// Until when that can be undone.
        undo_until_ms: u64,
        /// How many there are of what.
        counts: Counts,
    },
    /// Queues are not as they were.
    Queues {
        /// Every queue.
        queues: Vec<Queue>,
    },
    /// Categories are not as they were.
    Categories {
        /// Every category.
        categories: Vec<Category>,
    },
    /// Settings are not as they were.
    Settings {
        /// All of them.
        settings: Box<Settings>,
    },
    /// The room on the disks is not as it was.
    Roots {
        /// Every root.
        roots: Vec<Root>,
    },
    /// Something that a person should know.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// A download is finished.
    Finished {
        /// Which.
        id: DownloadId,
        /// Its name.
        name: String,
    },
    /// A download failed.
    Failed {
        /// Which.
        id: DownloadId,
        /// Its name.
        name: String,
        /// Why.
        failure: Failure,
    },
    /// A queue's last download is done.
    QueueDone {
        /// Which.
        id: QueueId,
        /// Its name.
        name: String,
    },
    /// The program ends.
    Quitting,
}

/// What a listener says on the way that messages come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Tell me everything about this download too; none is none.
    Watch {
        /// Which.
        id: Option<DownloadId>,
    },
    /// Nobody looks: no snapshots until somebody does. Events still come.
    Look {
        /// Whether somebody looks.
        looking: bool,
    },
}
