//! What a command is answered.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Candidate, CategoryId, Detail, DownloadId, Duplicate, Failure, Probed, QueueId, Row};

/// What a command is answered. A command that was not carried out is answered by `failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// It was done.
    Done,
    /// It was not done, and nothing was changed by it.
    Failed {
        /// Why, and what mends it.
        failure: Failure,
    },
    /// What an address leads to.
    Probed {
        /// What.
        probed: Box<Probed>,
    },
    /// What was found in a text.
    Links {
        /// In the order of the text.
        candidates: Vec<Candidate>,
    },
    /// What was added.
    Added {
        /// The new downloads, in the order given.
        ids: Vec<DownloadId>,
        /// What was not added, since the list holds it already.
        duplicates: Vec<Duplicate>,
    },
    /// What was removed.
    Removed {
        /// Until when that can be undone.
        undo_until_ms: u64,
    },
    /// Full addresses, which may hold secrets.
    Addresses {
        /// In the order asked for.
        urls: Vec<String>,
    },
    /// The new queue.
    Queue {
        /// Which.
        id: QueueId,
    },
    /// The new category.
    Category {
        /// Which.
        id: CategoryId,
    },
    /// A page of finished downloads.
    Finished {
        /// The rows, the latest first.
        rows: Vec<Row>,
        /// How many there are in all.
        total: u32,
    },
    /// Everything about one download.
    Detail {
        /// What.
        detail: Box<Detail>,
    },
    /// Folders in a folder.
    Folders {
        /// Which, by name.
        folders: Vec<Folder>,
        /// Bytes free there.
        free_bytes: Option<u64>,
        /// Bytes that all that is queued for that disk still needs.
        needed_bytes: u64,
    },
    /// The list as a file.
    Exported {
        /// JSON.
        text: String,
    },
}

/// A folder beneath a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
}
