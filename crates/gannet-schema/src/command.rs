//! The closed menu of all that a face may ask.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Category, CategoryId, DownloadId, DuplicateChoice, NewDownload, OptionChanges, Priority, Queue, QueueId,
    RequestOptions, Settings, Ticket,
};

/// The closed menu of all that a face may ask. `{"action": "pause", "ids": [7]}`.
///
/// Commands that name several downloads do all that they can: one that does not fit where it stands is passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Command {
    /// Asks what an address leads to, and holds the answer open for 30 s. Answered by `probed`.
    Probe {
        /// Where the file is.
        url: String,
        /// How to ask.
        #[serde(default)]
        options: RequestOptions,
    },
    /// Lets go of an answer that is held open.
    Release {
        /// Which one.
        ticket: Ticket,
    },
    /// Finds addresses in a pasted text or a file's content: one a line, patterns (`file[001-100].zip`, `{a,b}`),
    /// Metalink. At most 10,000. Answered by `links`.
    ReadLinks {
        /// The text.
        text: String,
    },
    /// Adds downloads. Answered by `added`.
    Add {
        /// Which.
        downloads: Vec<NewDownload>,
        /// What to do with addresses that the list holds already.
        #[serde(default)]
        duplicates: DuplicateChoice,
    },

    /// Stops downloads, and keeps what is there.
    Pause {
        /// Which.
        ids: Vec<DownloadId>,
    },
    /// Lets paused, waiting and failed downloads have their turns; what is there is kept.
    Resume {
        /// Which.
        ids: Vec<DownloadId>,
    },
    /// Stops every download.
    PauseAll,
    /// Lets every paused download have its turn.
    ResumeAll,
    /// Drops what is there and fetches from the first byte.
    Restart {
        /// Which.
        ids: Vec<DownloadId>,
    },
    /// Takes downloads from the list; for 10 s that can be undone. Answered by `removed`.
    Remove {
        /// Which.
        ids: Vec<DownloadId>,
        /// What becomes of the files, once it cannot be undone any more.
        files: FileChoice,
    },
    /// Takes a removal back.
    UndoRemove {
        /// Which.
        ids: Vec<DownloadId>,
    },

    /// Limits the speed.
    SetLimit {
        /// Of what.
        scope: LimitScope,
        /// Bytes per second; none is no limit.
        limit_bytes_per_s: Option<u64>,
    },
    /// Switches the limit over all downloads on or off, without forgetting it.
    SwitchLimit {
        /// Whether it is on.
        on: bool,
    },
    /// Changes how many connections each of some downloads may have; none is what the settings say.
    SetConnections {
        /// Which.
        ids: Vec<DownloadId>,
        /// How many, 1 to 64.
        connections: Option<u32>,
    },
    /// Goes on from another address of the same file; it is held against what is known before a byte of it is used.
    ReplaceUrl {
        /// Which.
        id: DownloadId,
        /// The address.
        url: String,
    },
    /// Adds another address of the same file.
    AddMirror {
        /// Which.
        id: DownloadId,
        /// The address.
        url: String,
    },
    /// Says who asks, or with which headers, from now on. What is not named stays as it is.
    SetOptions {
        /// Which.
        id: DownloadId,
        /// What is to be another way.
        options: OptionChanges,
    },
    /// Brings files, finished or not, into another folder beneath a root.
    MoveFiles {
        /// Which.
        ids: Vec<DownloadId>,
        /// Where to.
        folder: String,
    },
    /// Gives a file, finished or not, another name.
    Rename {
        /// Which.
        id: DownloadId,
        /// The name.
        name: String,
    },
    /// Asks for full addresses. Answered by `addresses`.
    CopyLinks {
        /// Whose.
        ids: Vec<DownloadId>,
    },

    /// Moves downloads within the order, and into a queue.
    MoveInOrder {
        /// Which, in their new order.
        ids: Vec<DownloadId>,
        /// The queue; none leaves each in its own.
        #[serde(default)]
        queue: Option<QueueId>,
        /// Where to.
        place: Place,
    },
    /// Before others in the queue, or after them.
    SetPriority {
        /// Which.
        ids: Vec<DownloadId>,
        /// What.
        priority: Priority,
    },
    /// Puts downloads into a category; the files stay where they are.
    SetCategory {
        /// Which.
        ids: Vec<DownloadId>,
        /// Which category; none is none.
        category: Option<CategoryId>,
    },
    /// Makes a queue. Answered by `queue`.
    AddQueue {
        /// What it is to be.
        queue: Queue,
    },
    /// Changes a queue.
    ChangeQueue {
        /// What it is to be.
        queue: Queue,
    },
    /// Removes a queue; its downloads go to the main one, which itself stays.
    RemoveQueue {
        /// Which.
        id: QueueId,
    },
    /// Lets a queue's downloads have their turns, or stops them.
    RunQueue {
        /// Which.
        id: QueueId,
        /// What.
        run: QueueRun,
    },
    /// Makes a category. Answered by `category`.
    AddCategory {
        /// What it is to be.
        category: Category,
    },
    /// Changes a category.
    ChangeCategory {
        /// What it is to be.
        category: Category,
    },
    /// Removes a category; its downloads have none then.
    RemoveCategory {
        /// Which.
        id: CategoryId,
    },

    /// Changes the settings as a whole; each value is checked.
    ChangeSettings {
        /// What they are to be.
        settings: Box<Settings>,
    },

    /// Asks for finished downloads, a page at a time. Answered by `finished`.
    ListFinished {
        /// Which.
        page: FinishedPage,
    },
    /// Asks for everything that is known about one download. Answered by `detail`.
    GetDetail {
        /// Which.
        id: DownloadId,
    },
    /// Asks for the folders in a folder beneath a root. Answered by `folders`.
    ListFolders {
        /// Which folder.
        folder: String,
    },
    /// Makes a folder beneath a root.
    MakeFolder {
        /// Which.
        folder: String,
    },
    /// Takes a folder back that a person chose in a dialog of the system, so that nothing new goes there. Downloads that
    /// have it are finished there all the same; settings and categories that name it name none then.
    DismissFolder {
        /// Which, as the root's path says.
        folder: String,
    },
    /// Asks for the list as a file, with full addresses: a signed one is a key to its file. Logins, headers, cookies and
    /// proxies are left out, and it says where. Answered by `exported`.
    Export,
    /// Takes in a list that was exported, as a whole or not at all. Answered by `added`.
    Import {
        /// The file's content.
        text: String,
    },
    /// Ends the program, with journals synced.
    Quit,
}

/// What becomes of the files of a removed download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileChoice {
    /// A finished file stays; what is unfinished is deleted.
    Keep,
    /// Finished files are deleted too.
    Delete,
}

/// What a limit is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LimitScope {
    /// All downloads together.
    All,
    /// The downloads of a queue together.
    Queue {
        /// Which.
        id: QueueId,
    },
    /// Some downloads, each by itself.
    Downloads {
        /// Which.
        ids: Vec<DownloadId>,
    },
}

/// A place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// Just before another.
    Before {
        /// Which.
        id: DownloadId,
    },
}

/// Whether a queue runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueRun {
    /// Its downloads get their turns.
    Start,
    /// None begins, and those that run stop and keep what is there.
    Stop,
}

/// A page of the finished downloads, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FinishedPage {
    /// How many to pass over.
    pub offset: u32,
    /// How many at most, up to 1,000.
    pub count: u32,
    /// Only those whose name or host holds this.
    #[serde(default)]
    pub search: Option<String>,
    /// Only those of this category.
    #[serde(default)]
    pub category: Option<CategoryId>,
}
