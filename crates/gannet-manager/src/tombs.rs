//! Removed downloads: for a while they may come back, then their files go as it was chosen.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::part_file::PartNames;
use gannet_schema::{DownloadId, FileChoice};

use crate::desk::{Burial, Desk};
use crate::entry::Entry;
use crate::folders::{Missing, OpenFolder, Roots};
use crate::inner::Inner;
use crate::leftovers;
use crate::store::Write;

/// How long a removal can be undone.
pub(crate) const UNDO_FOR: Duration = Duration::from_secs(10);
/// How often it is looked whose time has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long those rest whose disk is away.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// So many at a time: each holds a folder open until it is synced.
const BURIED_AT_ONCE_MAX: usize = 500;

/// Buries what cannot come back any more, until the manager closes.
pub(crate) async fn bury(inner: Arc<Inner>) {
    let mut closed = inner.closed.subscribe();
    loop {
        while bury_due(&inner).await == BURIED_AT_ONCE_MAX {}
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closed.wait_for(|closed| *closed) => return,
        }
    }
}

/// How long a removal of before this start can still be undone. Only the clock on the wall went on meanwhile; however it
/// was set, that is never longer than it was to be.
pub(crate) fn time_left(until_ms: u64, now_ms: u64) -> Duration {
    Duration::from_millis(until_ms.saturating_sub(now_ms)).min(UNDO_FOR)
}

/// Returns how many were due.
async fn bury_due(inner: &Inner) -> usize {
    let due = take_due(&mut *inner.desk.lock().await, Instant::now());
    if due.is_empty() {
        return 0;
    }
    let count = due.len();
    let roots = inner.roots.clone();
    // Without the desk: a disk may take its time. Until they are forgotten they keep their names.
    let deleted = tokio::task::spawn_blocking(move || delete_all(due, &roots));
    let Ok(Deleted { gone, left }) = deleted.await else {
        return 0;
    };
    let forgotten = inner
        .write(gone.iter().copied().map(Write::Purged).collect())
        .await;
    let mut desk = inner.desk.lock().await;
    let again = Instant::now() + LOOK_AGAIN;
    let mut again_later = |ids: &[DownloadId]| {
        for id in ids {
            if let Some(removed) = desk.removed.get_mut(id) {
                removed.burial = Burial::Due {
                    not_before: Some(again),
                };
            }
        }
    };
    again_later(&left);
    match forgotten {
        Ok(()) => {
            for id in gone {
                desk.removed.remove(&id);
            }
        }
        Err(failure) => {
            tracing::error!(%failure.message, "removed downloads could not be forgotten");
            again_later(&gone);
        }
    }
    count
}

/// Whose time has come; from here on they cannot come back.
fn take_due(desk: &mut Desk, now: Instant) -> Vec<(Entry, FileChoice)> {
    if desk.closing {
        return Vec::new();
    }
    desk.removed
        .values_mut()
        .filter(|removed| removed.until <= now && removed.burial.is_due(now))
        .filter(|removed| removed.item.as_ref().is_none_or(|item| !item.is_busy()))
        .take(BURIED_AT_ONCE_MAX)
        .map(|removed| {
            removed.burial = Burial::UnderWay;
            (removed.removed.entry.clone(), removed.removed.files)
        })
        .collect()
}

/// What came of it.
struct Deleted {
    /// Nothing is left of these, or nothing of ours.
    gone: Vec<DownloadId>,
    /// The disks of these are away.
    left: Vec<DownloadId>,
}

/// Deletes files, and makes each folder safe once. Blocks.
fn delete_all(due: Vec<(Entry, FileChoice)>, roots: &Roots) -> Deleted {
    let mut deleted = Deleted {
        gone: Vec::new(),
        left: Vec::new(),
    };
    let mut changed: HashMap<String, OpenFolder> = HashMap::new();
    for (entry, files) in due {
        let place = entry.folder.as_str().to_owned();
        match delete_from(&entry, files, roots) {
            Ok(Some(folder)) => {
                changed.entry(place).or_insert(folder);
            }
            Ok(None) => {}
            Err(Left::DiskAway) => {
                deleted.left.push(entry.id);
                continue;
            }
            Err(Left::Failed(error)) => {
                tracing::warn!(id = entry.id.0, %error, "a removed download's files are left");
            }
        }
        deleted.gone.push(entry.id);
    }
    for (place, folder) in changed {
        if let Err(error) = folder.sync() {
            tracing::warn!(%place, %error, "what was deleted may be there again after a loss of power");
        }
    }
    deleted
}

/// Deletes what is ours: the part file and its journal, or the finished file where that was chosen. Blocks.
pub(crate) fn delete_files(entry: &Entry, files: FileChoice, roots: &Roots) -> io::Result<()> {
    match delete_from(entry, files, roots) {
        Ok(Some(folder)) => folder.sync(),
        Ok(None) | Err(Left::DiskAway) => Ok(()),
        Err(Left::Failed(error)) => Err(error),
    }
}

/// Why files are left.
enum Left {
    /// Their disk is not there, and will be back.
    DiskAway,
    Failed(io::Error),
}

impl From<io::Error> for Left {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Returns the folder where something was removed from it: it is to be synced.
fn delete_from(entry: &Entry, files: FileChoice, roots: &Roots) -> Result<Option<OpenFolder>, Left> {
    if entry.is_finished() && files == FileChoice::Keep {
        return Ok(None);
    }
    let Some(name) = entry.name.settled() else {
        return Ok(None);
    };
    let Ok(folder) = roots.find_listed(entry.folder.as_str()) else {
        // The folder is no longer ours to write into.
        return Ok(None);
    };
    let folder = match folder.open(Missing::Refuse) {
        Err(_) if !folder.is_root_there() => return Err(Left::DiskAway),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if entry.is_finished() {
        if folder.file_length(name).is_none() {
            return Ok(None);
        }
        folder.remove(name)?;
        return Ok(Some(folder));
    }
    let names = PartNames::of(name);
    let cleared = leftovers::clear(&folder, &names)?;
    // A part file without a journal beside it is somebody else's.
    if !folder.exists(&names.journal)? {
        return Ok(cleared.then_some(folder));
    }
    folder.remove(&names.part)?;
    folder.remove(&names.journal)?;
    Ok(Some(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_makes_no_undo_longer_than_it_was_to_be() {
        const NOW_MS: u64 = 1_700_000_000_000;
        let s = Duration::from_secs;
        for (until_ms, expected) in [
            (NOW_MS + 4_000, s(4)),
            (NOW_MS - 1, s(0)),
            // Set back by a year while the program did not run.
            (NOW_MS + 31_536_000_000, s(10)),
            (u64::MAX, s(10)),
        ] {
            assert_eq!(time_left(until_ms, NOW_MS), expected);
        }
    }
}
