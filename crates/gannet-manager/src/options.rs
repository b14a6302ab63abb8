//! What a manager is opened with: all that no face may change.

use std::fmt;
use std::path::PathBuf;

/// What a [`crate::Manager`] is opened with.
#[derive(Clone)]
pub struct ManagerOptions {
    /// Where the store lies; made, for its owner alone, where it is missing.
    pub data_dir: PathBuf,
    /// Folders beneath which files may be put; the first is the default download folder. Made where they are missing.
    pub roots: Vec<PathBuf>,
    /// The command that [`gannet_schema::WhenDone::Command`] runs: program and arguments, set by hand only.
    pub when_done_command: Option<Vec<String>>,
    /// Whether nothing has its turn before [`crate::Manager::give_turns`]: a face that has something to tell first, such as
    /// the desktop's proxy, says so here.
    pub waits_for_face: bool,
}

impl ManagerOptions {
    /// Options with one download folder.
    pub fn new(data_dir: impl Into<PathBuf>, downloads: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            roots: vec![downloads.into()],
            when_done_command: None,
            waits_for_face: false,
        }
    }
}

impl fmt::Debug for ManagerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerOptions")
            .field("data_dir", &self.data_dir)
            .field("roots", &self.roots)
            .field("when_done_command", &self.when_done_command.is_some())
            .field("waits_for_face", &self.waits_for_face)
            .finish()
    }
}

/// Why a manager could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns the store; talk to it instead.
    #[error("the list is in use by {}", holder.as_deref().unwrap_or("another process"))]
    Busy {
        /// Who, where that is known.
        holder: Option<String>,
    },
    /// A folder cannot be used.
    #[error("cannot use the folder {}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No folder for downloads was named.
    #[error("no folder for downloads is configured")]
    NoRoots,
    /// The store was written by a newer version of the program.
    #[error("the list was written by a newer version of Gannet (format {found}; this one knows {known})")]
    TooNew {
        /// The store's format.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// The store cannot be read or written.
    #[error("the list cannot be opened: {0}")]
    Store(#[from] crate::store::StoreError),
    /// The network cannot be used as it is set.
    #[error(transparent)]
    Network(#[from] gannet_engine::Error),
}
