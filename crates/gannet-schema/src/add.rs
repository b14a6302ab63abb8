//! From a pasted link to a download.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CategoryId, DownloadId, Failure, FileKind, OnChange, OnExisting, PieceSet, QueueId, Secret};

/// A download to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct NewDownload {
    /// Where the file is.
    pub url: String,
    /// Other addresses of the same file.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// The file's name; none takes what the server says.
    #[serde(default)]
    pub name: Option<String>,
    /// The folder, absolute and beneath a root, or none for what category and settings say.
    #[serde(default)]
    pub folder: Option<String>,
    /// The category; none lets the file's type decide.
    #[serde(default)]
    pub category: Option<CategoryId>,
    /// The queue; none is the main one.
    #[serde(default)]
    pub queue: Option<QueueId>,
    /// When it begins.
    #[serde(default)]
    pub start: Start,
    /// Digests that the file must have, as `ALGORITHM:HEX`.
    #[serde(default)]
    pub checksums: Vec<String>,
    /// Connections at most; none is what the settings say.
    #[serde(default)]
    pub connections: Option<u32>,
    /// Bytes per second at most.
    #[serde(default)]
    pub limit_bytes_per_s: Option<u64>,
    /// How to ask.
    #[serde(default)]
    pub options: RequestOptions,
    /// The answer of a probe that is held open: it becomes the transfer's first.
    #[serde(default)]
    pub ticket: Option<Ticket>,
    /// The digests of its pieces, as they were read with its link.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub pieces: Option<PieceSet>,
    /// Whether a file of exactly this name in exactly this folder, both of which are given, may be replaced: a person
    /// agreed to that. Any other file is treated as the settings say.
    #[serde(default)]
    pub replace: bool,
    /// What happens to a file that bears its name; none is what the settings say.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub on_existing: Option<OnExisting>,
    /// What happens when the file at the source is another version; none is what the settings say.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub on_change: Option<OnChange>,
}

/// How to ask the server; all of it is kept secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RequestOptions {
    /// Headers for the address's own origin.
    pub headers: Vec<(String, Secret)>,
    /// A Cookie header's value, for the address's own origin.
    pub cookies: Option<Secret>,
    /// The page that the link was found on.
    pub referer: Option<String>,
    /// Who asks.
    pub credentials: Option<Credentials>,
    /// The proxy for this download alone; `direct` is none.
    pub proxy: Option<Secret>,
    /// Who one says to be; none is what the settings say.
    pub user_agent: Option<String>,
}

impl fmt::Debug for RequestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestOptions")
            .field(
                "headers",
                &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credentials {
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token.
    Bearer {
        /// The token.
        token: Secret,
    },
}

/// When a new download begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Start {
    /// When its turn comes.
    #[default]
    InTurn,
    /// Not before somebody resumes it.
    Paused,
    /// Not before this time.
    At {
        /// When.
        at_ms: u64,
    },
}

/// What to do with an address that is in the list already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateChoice {
    /// Add nothing of it, and say so.
    #[default]
    Ask,
    /// Add it once more, under another name.
    Add,
    /// Leave it out.
    Skip,
}

/// An answer that is held open for the transfer to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct Ticket(pub u32);

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Probed {
    /// The answer that is held open, for 30 s.
    pub ticket: Ticket,
    /// The file's name.
    pub name: String,
    /// Its length in bytes, where the server tells.
    pub length: Option<u64>,
    /// What kind of file it is.
    pub file_kind: FileKind,
    /// Its media type, as the server says.
    pub media_type: Option<String>,
    /// Whether it can be fetched through many connections, and go on after a stop.
    pub resumable: bool,
    /// The host that it really comes from.
    pub host: String,
    /// The category that fits.
    pub category: Option<CategoryId>,
    /// The folder it would go to.
    pub folder: String,
    /// Bytes free there.
    pub free_bytes: Option<u64>,
    /// Bytes that all that is queued for that disk still needs.
    pub needed_bytes: u64,
    /// A digest that the server names.
    pub digest: Option<String>,
    /// Whether a file of this name is there already; then the new one gets a number.
    pub name_taken: bool,
    /// Downloads of the same address that the list holds already.
    pub duplicates: Vec<Duplicate>,
}

/// A download of the same address that the list holds already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Duplicate {
    /// The address that was to be added, without userinfo and query.
    pub url: String,
    /// Which one it is.
    pub id: DownloadId,
    /// Its name.
    pub name: String,
    /// Whether it is finished.
    pub finished: bool,
}

/// A file found in what was pasted or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Link {
    /// Its address.
    pub url: String,
    /// Other addresses of the same file.
    pub mirrors: Vec<String>,
    /// Its name as a list shows it: the one that the text gives, or else what the address suggests.
    pub name: String,
    /// The name that the text itself gives it: a Metalink file, `out=` in a list, `-o` of a copied command.
    pub given_name: Option<String>,
    /// Its length in bytes, where that is known.
    pub length: Option<u64>,
    /// What kind of file it is, by its name.
    pub file_kind: FileKind,
    /// Its digests, as `ALGORITHM:HEX`.
    pub checksums: Vec<String>,
    /// The digests of its pieces, where the text names some; kept for a while, for the download that is added of it.
    pub pieces: Option<PieceSet>,
    /// How to ask, where the text says so: a command that a browser copied.
    pub options: RequestOptions,
    /// A download of the same address that the list holds already.
    pub duplicate: Option<Duplicate>,
}

/// A line of a pasted text, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Candidate {
    /// A file.
    Link {
        /// Which.
        link: Box<Link>,
    },
    /// Something that looks like an address and is none.
    Refused {
        /// The text, cut to 200 characters.
        text: String,
        /// Why.
        failure: Failure,
    },
}
