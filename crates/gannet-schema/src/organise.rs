//! Queues, categories and roots: where downloads stand and where files go.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CategoryId, FileKind, QueueId};

/// A queue: downloads that take turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Queue {
    /// Which one; ignored where a new one is made.
    pub id: QueueId,
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// Whether its downloads get their turns.
    pub running: bool,
    /// Downloads at once, 1 to 64.
    pub at_once: u32,
    /// Bytes per second at most, over all of its downloads.
    pub limit_bytes_per_s: Option<u64>,
    /// Its hours; none is always.
    pub schedule: Option<QueueSchedule>,
    /// Further tries after a failure that may pass, 0 to 100.
    pub retries: u32,
    /// What happens when its last download is done.
    pub when_done: WhenDone,
}

/// The hours of a queue, in local time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueSchedule {
    /// Minutes after midnight, 0 to 1439.
    pub from_minute: u16,
    /// Minutes after midnight, 0 to 1439; at or before `from_minute` it is on the next day.
    pub to_minute: u16,
    /// On which days it begins.
    pub days: Days,
}

/// Days of the week, from Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "[boolean, boolean, boolean, boolean, boolean, boolean, boolean]")]
pub struct Days(pub [bool; 7]);

/// What happens when a queue's last download is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WhenDone {
    /// Nothing.
    #[default]
    Nothing,
    /// It is said.
    Notify,
    /// The program quits.
    Quit,
    /// The command runs that the configuration file names, set there by hand; it cannot be set from here.
    Command,
}

/// A category: files of one sort, and their folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Category {
    /// Which one; ignored where a new one is made.
    pub id: CategoryId,
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// Kinds of files that belong to it by themselves.
    pub file_kinds: Vec<FileKind>,
    /// Extensions that belong to it before any kind, without dot.
    pub extensions: Vec<String>,
    /// Its folder, absolute and beneath a root; none is the default folder.
    pub folder: Option<String>,
}

/// A folder beneath which files may be put; it comes from the configuration file or a native dialog only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Root {
    /// Its path.
    pub path: String,
    /// Whether a person chose it in a dialog, and may take it back; the others are the configuration's.
    pub chosen: bool,
    /// Bytes free there; none where the folder is gone.
    pub free_bytes: Option<u64>,
    /// Bytes that all that is queued for this disk still needs.
    pub needed_bytes: u64,
}
