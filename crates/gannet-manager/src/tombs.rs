//! Removed downloads: for a while they may come back, then their files go as it was chosen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::part_file::PartNames;
use gannet_schema::{DownloadId, FileChoice};

use crate::entry::Entry;
use crate::folders::{Missing, Roots};
use crate::inner::Inner;
use crate::store::Write;

/// How long a removal can be undone.
pub(crate) const UNDO_FOR: Duration = Duration::from_secs(10);
/// How often it is looked whose time has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Buries what cannot come back any more, until the manager closes.
pub(crate) async fn bury(inner: Arc<Inner>) {
    let mut closed = inner.closed.subscribe();
    loop {
        bury_due(&inner).await;
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

async fn bury_due(inner: &Inner) {
    let now = Instant::now();
    // The desk stays locked: nobody may take a name whose file is just being deleted.
    let mut desk = inner.desk.lock().await;
    if desk.closing {
        return;
    }
    let due: Vec<(Entry, FileChoice)> = desk
        .removed
        .values()
        .filter(|removed| removed.until <= now)
        .filter(|removed| removed.item.as_ref().is_none_or(|item| !item.is_busy()))
        .map(|removed| (removed.removed.entry.clone(), removed.removed.files))
        .collect();
    if due.is_empty() {
        return;
    }
    let ids: Vec<DownloadId> = due.iter().map(|(entry, _)| entry.id).collect();
    let roots = inner.roots.clone();
    let deleted = tokio::task::spawn_blocking(move || {
        for (entry, files) in due {
            if let Err(error) = delete_files(&entry, files, &roots) {
                tracing::warn!(id = entry.id.0, %error, "a removed download's files are left");
            }
        }
    });
    if deleted.await.is_err() {
        return;
    }
    match inner
        .write(ids.iter().copied().map(Write::Purged).collect())
        .await
    {
        Ok(()) => {
            for id in ids {
                desk.removed.remove(&id);
            }
        }
        Err(failure) => tracing::error!(%failure.message, "removed downloads could not be forgotten"),
    }
}

/// Deletes what is ours: the part file and its journal, or the finished file where that was chosen. Blocks.
pub(crate) fn delete_files(entry: &Entry, files: FileChoice, roots: &Roots) -> std::io::Result<()> {
    let Some(name) = entry.name.settled() else {
        return Ok(());
    };
    let Ok(folder) = roots.find_listed(entry.folder.as_str()) else {
        // The folder is no longer ours to write into.
        return Ok(());
    };
    let folder = match folder.open(Missing::Refuse) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    if entry.is_finished() {
        if files == FileChoice::Delete && folder.file_length(name).is_some() {
            folder.remove(name)?;
        }
        return folder.sync();
    }
    let names = PartNames::of(name);
    // A part file without a journal beside it is somebody else's.
    if folder.exists(&names.journal)? {
        folder.remove(&names.part)?;
        folder.remove(&names.journal)?;
        folder.sync()?;
    }
    Ok(())
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
