//! Makes what is written survive a loss of power, and says so in the journal: in this order, on a thread of its own,
//! so that no socket ever waits for a sync.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::journal::{JournalState, JournalWriter};
use super::storage::{Directory, StorageFile};
use super::written::Written;
use crate::error::Error;
use crate::range::{ByteRange, RangeSet};

/// Data older than this is synced and recorded.
const EVERY: Duration = Duration::from_secs(1);
/// So is this much of it, whatever its age.
const EVERY_BYTES: u64 = 256 << 20;
/// How often the system is asked to begin writing back what is new.
const WRITEBACK_EVERY: Duration = Duration::from_millis(100);
/// Less than this is not worth the asking.
const WRITEBACK_MIN_BYTES: u64 = 8 << 20;

/// Syncs one part file and keeps its journal.
pub(crate) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<(Journal, Option<Error>)>>,
}

/// What the syncer works on.
pub(crate) struct Subject {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) part: Arc<dyn StorageFile>,
    /// For messages.
    pub(crate) part_path: PathBuf,
    pub(crate) written: Arc<Written>,
}

/// The journal, which is begun when there is something to record.
pub(crate) enum Journal {
    /// Not begun: its name, and what its first record will say.
    Unwritten { name: String, state: JournalState },
    /// On disk.
    Open(JournalWriter),
    /// There is nothing that another run could go on with.
    Unwanted,
}

/// Whether the end of a transfer is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It will go on later: everything written is synced and recorded.
    Record,
    /// It is about to be published, which syncs by itself.
    Leave,
}

struct Shared {
    subject: Subject,
    ending: Mutex<Option<Ending>>,
    ended: Condvar,
    failed: Mutex<bool>,
}

impl Syncer {
    /// Begins to sync `subject` each second or 256 MiB, and to record in `journal` what is safe.
    pub(crate) fn start(subject: Subject, journal: Journal) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            subject,
            ending: Mutex::new(None),
            ended: Condvar::new(),
            failed: Mutex::new(false),
        });
        let thread = std::thread::Builder::new()
            .name("gannet-sync".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.run(journal)
            })
            .map_err(|error| Error::Internal(format!("no thread for the sync: {error}")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Whether a sync or a record failed; [`Syncer::end`] says how.
    pub(crate) fn has_failed(&self) -> bool {
        *lock(&self.shared.failed)
    }

    /// Ends it; blocks for the last sync where that is wanted. Returns the journal.
    pub(crate) fn end(mut self, ending: Ending) -> (Option<Journal>, Option<Error>) {
        self.stop(ending).map_or_else(
            || (None, Some(Error::Internal("the sync thread panicked".to_owned()))),
            |(journal, error)| (Some(journal), error),
        )
    }

    fn stop(&mut self, ending: Ending) -> Option<(Journal, Option<Error>)> {
        let thread = self.thread.take()?;
        *lock(&self.shared.ending) = Some(ending);
        self.shared.ended.notify_all();
        thread.join().ok()
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.stop(Ending::Record);
    }
}

impl Journal {
    /// The journal's writer, where it was ever begun.
    pub(crate) fn into_writer(self) -> Option<JournalWriter> {
        match self {
            Self::Open(writer) => Some(writer),
            Self::Unwritten { .. } | Self::Unwanted => None,
        }
    }

    /// The journal's writer, or what it would begin with.
    pub(crate) fn into_parts(self) -> (Option<JournalWriter>, Option<Self>) {
        match self {
            Self::Open(writer) => (Some(writer), None),
            unwritten @ (Self::Unwritten { .. } | Self::Unwanted) => (None, Some(unwritten)),
        }
    }

    /// How many bytes its last record claims; `None` where it was never begun, and what an earlier one claimed stands.
    pub(crate) fn recorded_bytes(&self) -> Option<u64> {
        match self {
            Self::Open(writer) => Some(writer.recorded_bytes()),
            Self::Unwritten { .. } | Self::Unwanted => None,
        }
    }

    /// Records `written`, beginning the journal where that is still to be done.
    pub(crate) fn record(self, directory: &Arc<dyn Directory>, written: &RangeSet) -> (Self, io::Result<()>) {
        match self {
            Self::Open(mut writer) => {
                let result = writer.record_written(written);
                (Self::Open(writer), result)
            }
            Self::Unwanted => (Self::Unwanted, Ok(())),
            Self::Unwritten { name, mut state } => {
                state.written = written.clone();
                match JournalWriter::begin(Arc::clone(directory), &name, state.clone()) {
                    Ok(writer) => (Self::Open(writer), Ok(())),
                    Err(error) => (Self::Unwritten { name, state }, Err(error)),
                }
            }
        }
    }
}

impl Shared {
    fn run(&self, mut journal: Journal) -> (Journal, Option<Error>) {
        // Nothing is: the journal begins with the first record, and what was held has to be in it.
        let mut recorded = RangeSet::new();
        let mut synced_at = Instant::now();
        let mut handed_bytes = recorded.bytes();
        loop {
            let ending = self.wait();
            if ending == Some(Ending::Leave) {
                return (journal, None);
            }
            let bytes = self.subject.written.bytes();
            if bytes.abs_diff(handed_bytes) >= WRITEBACK_MIN_BYTES {
                self.start_writeback();
                handed_bytes = bytes;
            }
            let believed_bytes = self.subject.written.believed_bytes();
            let due =
                synced_at.elapsed() >= EVERY || believed_bytes.abs_diff(recorded.bytes()) >= EVERY_BYTES;
            if due || ending.is_some() {
                // Copied before the sync: what comes during it may not be safe yet.
                let set = self.subject.written.believed();
                if set != recorded {
                    let (kept, result) = self.record(journal, &set);
                    journal = kept;
                    if let Err(error) = result {
                        // After a failed sync nobody knows what is on disk: nothing more is claimed, ever.
                        *lock(&self.failed) = true;
                        return (journal, Some(error));
                    }
                    recorded = set;
                }
                synced_at = Instant::now();
            }
            if ending.is_some() {
                return (journal, None);
            }
        }
    }

    fn record(&self, journal: Journal, set: &RangeSet) -> (Journal, Result<(), Error>) {
        let Subject {
            directory,
            part,
            part_path,
            ..
        } = &self.subject;
        if let Err(error) = part.sync_data() {
            return (journal, Err(Error::disk("sync", part_path.clone(), error)));
        }
        let (journal, result) = journal.record(directory, set);
        (
            journal,
            result.map_err(|error| Error::disk("write the journal of", part_path.clone(), error)),
        )
    }

    fn start_writeback(&self) {
        if let Ok(length) = self.subject.part.length()
            && let Some(whole) = ByteRange::new(0, length)
        {
            self.subject.part.start_writeback(whole);
        }
    }

    fn wait(&self) -> Option<Ending> {
        let ending = lock(&self.ending);
        let (ending, _) = self
            .ended
            .wait_timeout_while(ending, WRITEBACK_EVERY, |ending| ending.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        *ending
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
