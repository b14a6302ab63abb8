//! One download as the store keeps it: what somebody wants, and what has to be known to go on.
//!
//! How far it is does not stand here: the journal beside the part file knows that. What stands here is only shown, for as long
//! as nobody can ask that.

use gannet_schema::{
    CategoryId, Cells, DownloadId, Failure, General, OnChange, OnExisting, Priority, QueueId, Row, Standing,
    Validator, Verified,
};
use serde::{Deserialize, Serialize};

use crate::address::AddressDigest;
use crate::desk::Held;

/// One download as the store keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// A column of its own, as the digest is.
    #[serde(skip, default = "no_id")]
    pub(crate) id: DownloadId,
    /// Of the address.
    #[serde(skip)]
    pub(crate) address_digest: AddressDigest,
    pub(crate) name: Name,
    /// The host, and its port where that is not the usual one.
    pub(crate) host: String,
    /// The address, fit to be shown.
    pub(crate) shown: String,
    pub(crate) mirrors: u32,
    pub(crate) category: Option<CategoryId>,
    /// Somebody chose the category, or chose none: the file's type has no say.
    #[serde(default)]
    pub(crate) category_chosen: bool,
    pub(crate) queue: QueueId,
    pub(crate) position: f64,
    pub(crate) priority: Priority,
    pub(crate) folder: Folder,
    pub(crate) intent: Intent,
    pub(crate) length: Option<u64>,
    pub(crate) resumable: Option<bool>,
    /// How surely another version of the file is told apart.
    #[serde(default)]
    pub(crate) validator: Option<Validator>,
    pub(crate) connections: Option<u32>,
    pub(crate) limit_bytes_per_s: Option<u64>,
    pub(crate) checksums: Vec<String>,
    /// A digest that the source named for the version that was met, written as `checksums` are.
    #[serde(default)]
    pub(crate) found_digest: Option<String>,
    pub(crate) added_at_ms: u64,
    pub(crate) active_ms: u64,
    /// A new address was given for bytes of the old one: where those are another file's, that is said.
    #[serde(default)]
    pub(crate) new_address: bool,
    /// What is there is to be dropped at the next start.
    #[serde(default)]
    pub(crate) start_over: bool,
    /// Somebody agreed that the file of this name in this folder is replaced. Under another name, or elsewhere, or once it
    /// was done, nobody did.
    #[serde(default)]
    pub(crate) may_replace: bool,
    /// What happens to a file that bears its name, where the settings have no say in it.
    #[serde(default)]
    pub(crate) on_existing: Option<OnExisting>,
    /// What happens when the file at the source is another version, where the settings have no say in it.
    #[serde(default)]
    pub(crate) on_change: Option<OnChange>,
    /// What was in its file when it last came to rest. It is shown while the disk is gone; where the file can be looked at,
    /// this has no say.
    #[serde(default)]
    pub(crate) last_held: Held,
}

/// A file's name, and how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub(crate) enum Name {
    /// What the address suggests; the server may say otherwise.
    Proposed(String),
    /// What somebody chose; a number may come to it.
    Chosen(String),
    /// Taken in its folder: no other download gets it, and the part file bears it.
    Settled(String),
}

/// A folder, and how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "path", rename_all = "snake_case")]
pub(crate) enum Folder {
    /// What category and settings say; the file's real name may say otherwise.
    Suggested(String),
    /// Somebody chose it, or the name was settled in it.
    Chosen(String),
}

/// What somebody wants of a download, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Intent {
    /// It is to be fetched.
    Fetch {
        /// Not before this.
        not_before_ms: Option<u64>,
    },
    /// Somebody paused it.
    Pause,
    /// It does not go on by itself.
    Failed { failure: Failure },
    /// It is there.
    Finished {
        at_ms: u64,
        bytes: u64,
        verified: Verified,
    },
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Proposed(text) | Self::Chosen(text) | Self::Settled(text) => text,
        }
    }

    pub(crate) fn settled(&self) -> Option<&str> {
        match self {
            Self::Settled(text) => Some(text),
            Self::Proposed(_) | Self::Chosen(_) => None,
        }
    }
}

impl Folder {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Suggested(path) | Self::Chosen(path) => path,
        }
    }
}

impl Entry {
    pub(crate) fn finished_at_ms(&self) -> Option<u64> {
        match self.intent {
            Intent::Finished { at_ms, .. } => Some(at_ms),
            _ => None,
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.intent, Intent::Finished { .. })
    }

    /// What happens to a file that bears its name.
    pub(crate) fn on_existing(&self, general: &General) -> OnExisting {
        if self.may_replace {
            OnExisting::Overwrite
        } else {
            self.on_existing.unwrap_or(general.on_existing)
        }
    }

    /// The row of a download that is not at work.
    pub(crate) fn row(&self, standing: Standing, bytes: u64, cells: Cells) -> Row {
        let (bytes, verified) = match &self.intent {
            Intent::Finished { bytes, verified, .. } => (*bytes, Some(verified.clone())),
            _ => (bytes, None),
        };
        Row {
            id: self.id,
            name: self.name.as_str().to_owned(),
            host: self.host.clone(),
            url: self.shown.clone(),
            mirrors: self.mirrors,
            file_kind: crate::kinds::file_kind(self.name.as_str()),
            category: self.category,
            queue: self.queue,
            position: self.position,
            priority: self.priority,
            folder: self.folder.as_str().to_owned(),
            standing,
            length: self.length,
            bytes,
            cells,
            connections_limit: self.connections,
            limit_bytes_per_s: self.limit_bytes_per_s,
            added_at_ms: self.added_at_ms,
            finished_at_ms: self.finished_at_ms(),
            active_ms: self.active_ms,
            verified,
            missing: false,
        }
    }
}

/// Until the store puts in the right one.
fn no_id() -> DownloadId {
    DownloadId(0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::address::Address;

    /// A download that is to be fetched, and of which nothing is there.
    pub(crate) fn entry() -> Entry {
        let address = Address::parse("http://127.0.0.1:1/film.mkv").unwrap();
        Entry {
            id: DownloadId(1),
            address_digest: address.digest(),
            name: Name::Proposed("film.mkv".to_owned()),
            host: address.host(),
            shown: address.shown(),
            mirrors: 0,
            category: None,
            category_chosen: true,
            queue: QueueId::MAIN,
            position: 1.0,
            priority: Priority::Normal,
            folder: Folder::Suggested(String::new()),
            intent: Intent::Fetch { not_before_ms: None },
            length: None,
            resumable: None,
            validator: None,
            connections: None,
            limit_bytes_per_s: None,
            checksums: Vec::new(),
            found_digest: None,
            added_at_ms: 1,
            active_ms: 0,
            new_address: false,
            start_over: false,
            may_replace: false,
            on_existing: None,
            on_change: None,
            last_held: Held::default(),
        }
    }
}
