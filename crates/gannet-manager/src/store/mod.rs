//! The store: what somebody wants, in `SQLite`. It survives a loss of power at any moment, and holds no progress: that is
//! the journals' own.
//!
//! Calls block on the disk; they run away from the network's threads, one after the other.

mod downloads;
mod finished;
mod hosts;
mod lock;
mod moves;
mod organise;
mod schema;
mod search;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gannet_schema::FinishedPage;
use rusqlite::Connection;

pub(crate) use downloads::{
    Removed, Write, all_secrets, entry, last_id, of_addresses, removed, secrets, unfinished, write,
};
pub(crate) use finished::{all_finished, counts};
pub(crate) use hosts::{hosts, save_hosts};
use lock::{Locking, StoreLock};
pub(crate) use moves::{move_of, moves};
pub(crate) use organise::{
    Organisation, chosen_folders, next_id, read as read_organisation, remembered_roots, remove_category,
    remove_queue, save_category, save_chosen_folders, save_queue, save_remembered_roots, save_settings,
};

use crate::entry::Entry;
use crate::options::OpenError;
use search::SearchText;

/// Another program that reads the file may hold it up for so long.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `SQLite` said no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// What is in it cannot be read.
    #[error("an entry cannot be read: {0}")]
    Entry(#[from] serde_json::Error),
    /// The file cannot be made.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The manager was closed.
    #[error("the list is closed")]
    Closed,
}

/// The store; clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    open: Arc<Mutex<Option<OpenStore>>>,
    /// Whether the text for searches is there, or being read.
    preparing: Arc<AtomicBool>,
}

struct OpenStore {
    connection: Connection,
    search_text: SearchText,
    _lock: StoreLock,
}

impl Store {
    /// Opens the store in `folder`, making both where they are missing. Blocks.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let folder_failed = |source| OpenError::Folder {
            path: folder.to_owned(),
            source,
        };
        make_private_folder(folder).map_err(folder_failed)?;
        let lock = match StoreLock::take(folder).map_err(folder_failed)? {
            Locking::Ours(lock) => lock,
            Locking::HeldBy(holder) => return Err(OpenError::Busy { holder }),
        };
        let path = folder.join("gannet.db");
        make_private_file(&path).map_err(folder_failed)?;
        let mut connection = Connection::open(&path).map_err(StoreError::from)?;
        configure(&connection)?;
        if let schema::Migrated::TooNew(found) = schema::migrate(&mut connection)? {
            return Err(OpenError::TooNew {
                found,
                known: schema::VERSION,
            });
        }
        let search_text = SearchText::of(&mut connection)?;
        Ok(Self {
            open: Arc::new(Mutex::new(Some(OpenStore {
                connection,
                search_text,
                _lock: lock,
            }))),
            preparing: Arc::default(),
        })
    }

    /// Runs `work` on the store, away from the network's threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run_on(move |store| work(&mut store.connection)).await
    }

    /// A page of finished downloads, and how many there are in all.
    pub(crate) async fn page(&self, page: FinishedPage) -> Result<(Vec<Entry>, u32), StoreError> {
        let page = self
            .run_on(move |store| finished::page(&store.connection, &mut store.search_text, &page))
            .await;
        self.prepare_searches();
        page
    }

    /// Who looks at the list may soon search it: what that needs is read beforehand, slice by slice, so that whoever else
    /// wants the store hardly waits.
    fn prepare_searches(&self) {
        if self.preparing.swap(true, Ordering::Relaxed) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            // Where it cannot be read, or the store is closed, whoever searches hears of it.
            while let Ok(false) = store
                .run_on(|store| store.search_text.read_on(&store.connection))
                .await
            {}
        });
    }

    async fn run_on<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut OpenStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let open = Arc::clone(&self.open);
        let done = tokio::task::spawn_blocking(move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            work(open.as_mut().ok_or(StoreError::Closed)?)
        });
        done.await
            .unwrap_or_else(|error| Err(StoreError::File(std::io::Error::other(error))))
    }

    /// Closes the store and gives the lock back.
    pub(crate) async fn close(&self) {
        let open = Arc::clone(&self.open);
        let closing = tokio::task::spawn_blocking(move || {
            drop(open.lock().unwrap_or_else(PoisonError::into_inner).take());
        });
        // A panic in there would have been its own message.
        let _ = closing.await;
    }
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_WAIT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What was deleted may have been a password.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// `SQLite` gives its other files the mode of the first.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        let file = options.open(path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    options.open(path).map(drop)
}
