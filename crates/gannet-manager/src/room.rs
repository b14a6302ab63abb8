//! The room on the disks: what is free on each, what all that is queued for it still needs, and who goes on beside whom.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::disk::part_file::PartNames;
use gannet_engine::figures::Bytes;
use gannet_schema::{Event, Failure, FailureCode, Root};

use crate::desk::Desk;
use crate::entry::Entry;
use crate::folders::{Missing, OpenFolder, Roots, Volume};
use crate::inner::Inner;
use crate::store::{self, Store, StoreError};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A smaller change is not told.
const WORTH_TELLING_BYTES: u64 = 16 << 20;

/// Looks at the disks until the manager closes.
pub(crate) async fn watch(inner: Arc<Inner>) {
    let mut closed = inner.closed.subscribe();
    loop {
        look(&inner).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closed.wait_for(|closed| *closed) => return,
        }
    }
}

/// Looks at the disks now.
pub(crate) async fn look(inner: &Inner) {
    let entries = unfinished(&*inner.desk.lock().await);
    let roots = inner.roots.clone();
    let before = roots.to_remember();
    let looked = tokio::task::spawn_blocking(move || {
        roots.look_again();
        measure(&roots, &entries)
    });
    let Ok(now) = looked.await else { return };
    if before != inner.roots.to_remember()
        && let Err(error) = remember(&inner.store, &inner.roots).await
    {
        tracing::warn!(%error, "where the download folders lie could not be noted");
    }
    let mut desk = inner.desk.lock().await;
    let is_news = now.len() != desk.roots.len()
        || now.iter().zip(&desk.roots).any(|(now, told)| {
            now.path != told.path
                || now.free_bytes.is_some() != told.free_bytes.is_some()
                || now.free_bytes.unwrap_or(0).abs_diff(told.free_bytes.unwrap_or(0)) >= WORTH_TELLING_BYTES
                || now.needed_bytes.abs_diff(told.needed_bytes) >= WORTH_TELLING_BYTES
        });
    if is_news {
        desk.roots.clone_from(&now);
        inner.feed.tell(Event::Roots { roots: now });
    }
}

/// Notes what the next start has to know of the roots.
pub(crate) async fn remember(store: &Store, roots: &Roots) -> Result<(), StoreError> {
    let roots = roots.to_remember();
    store
        .run(move |connection| store::save_remembered_roots(connection, &roots))
        .await
}

/// What is to be put onto the disks, as far as its length is known.
pub(crate) fn unfinished(desk: &Desk) -> Vec<Entry> {
    desk.items
        .values()
        .filter(|item| item.entry.length.is_some())
        .map(|item| item.entry.clone())
        .collect()
}

/// Those at work that were let go on; others only see whether there is room for them.
pub(crate) fn let_go_on(desk: &Desk) -> Vec<Entry> {
    desk.items
        .values()
        .filter_map(|item| {
            let running = item.running().filter(|running| running.has_room)?;
            let mut entry = item.entry.clone();
            entry.length = running.live.length().or(entry.length);
            Some(entry)
        })
        .collect()
}

/// Measures all roots. Blocks.
pub(crate) fn measure(roots: &Roots, entries: &[Entry]) -> Vec<Root> {
    let needs = Needs::of(roots, entries);
    roots
        .paths()
        .into_iter()
        .map(|path| {
            let root = roots.find(&path.to_string_lossy()).ok();
            let open = root.and_then(|root| root.open(Missing::Refuse).ok());
            Root {
                chosen: roots.is_chosen(&path),
                path: path.to_string_lossy().into_owned(),
                free_bytes: open.as_ref().and_then(OpenFolder::free_bytes),
                needed_bytes: open.map_or(0, |open| needs.on_disk_of(&open)),
            }
        })
        .collect()
}

/// What downloads still need, by the disk that they go to: two folders on one disk share its room, and a folder on a disk
/// of its own has nothing of that of its root.
#[derive(Debug, Default)]
pub(crate) struct Needs(HashMap<Volume, u64>);

impl Needs {
    /// Counts what is neither written nor reserved yet. Where the disk is gone, nothing is. Blocks.
    pub(crate) fn of(roots: &Roots, entries: &[Entry]) -> Self {
        let mut by_folder: HashMap<&str, Vec<&Entry>> = HashMap::new();
        for entry in entries {
            by_folder.entry(entry.folder.as_str()).or_default().push(entry);
        }
        let mut needs = Self::default();
        for (folder, entries) in by_folder {
            let Ok(folder) = roots.find_listed(folder) else {
                continue;
            };
            // In the folder above lie other files, which may bear the same names.
            let there = folder.open(Missing::Refuse).ok();
            let lack_bytes = entries
                .into_iter()
                .map(|entry| lack_bytes(entry, there.as_ref()))
                .fold(0, u64::saturating_add);
            let Some(volume) = there
                .or_else(|| folder.open_nearest())
                .and_then(|open| open.volume())
            else {
                continue;
            };
            let sum = needs.0.entry(volume).or_default();
            *sum = sum.saturating_add(lack_bytes);
        }
        needs
    }

    /// What is needed of the disk that a folder lies on.
    pub(crate) fn on_disk_of(&self, folder: &OpenFolder) -> u64 {
        let volume = folder.volume();
        volume
            .and_then(|volume| self.0.get(&volume))
            .copied()
            .unwrap_or(0)
    }
}

/// What a download still needs in its folder, beyond what the file system gave to its part file. Blocks.
pub(crate) fn lack_bytes(entry: &Entry, folder: Option<&OpenFolder>) -> u64 {
    let part = entry.name.settled().map(|name| PartNames::of(name).part);
    let has = folder
        .zip(part)
        .map_or(0, |(folder, part)| folder.file_allocated(&part));
    entry.length.unwrap_or(0).saturating_sub(has)
}

/// Whether so much has room in a folder beside what those at work still need there.
///
/// # Errors
/// [`FailureCode::DiskFull`].
pub(crate) fn check(needed_bytes: u64, beside_bytes: u64, free_bytes: Option<u64>) -> Result<(), Failure> {
    let Some(free_bytes) = free_bytes else {
        return Ok(());
    };
    // Who needs none goes on, however little room is left.
    if needed_bytes == 0 || needed_bytes <= free_bytes.saturating_sub(beside_bytes) {
        return Ok(());
    }
    let beside = match beside_bytes {
        0 => String::new(),
        bytes => format!("; what runs there takes {} of them", Bytes(bytes)),
    };
    let (needed, free) = (Bytes(needed_bytes), Bytes(free_bytes));
    Err(Failure::new(
        FailureCode::DiskFull,
        format!("{needed} are needed and {free} are free{beside}"),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::entry::{Folder, Name};

    /// In a folder that is there, or is still to be made, of which so much is reserved.
    fn queued(folder: &Path, name: &str, length: u64, reserved_bytes: u64) -> Entry {
        if folder.is_dir() && reserved_bytes > 0 {
            let part = std::fs::File::create(folder.join(PartNames::of(name).part)).unwrap();
            std::io::Write::write_all(&mut &part, &vec![1; reserved_bytes as usize]).unwrap();
            part.sync_all().unwrap();
        }
        Entry {
            folder: Folder::Chosen(folder.to_string_lossy().into_owned()),
            name: Name::Settled(name.to_owned()),
            length: Some(length),
            ..crate::entry::tests::entry()
        }
    }

    #[test]
    fn roots_on_one_disk_share_what_is_queued_for_it() {
        const MIB: u64 = 1 << 20;
        let scene = tempfile::tempdir().unwrap();
        let scene = scene.path().canonicalize().unwrap();
        let (films, songs) = (scene.join("films"), scene.join("songs"));
        let roots = Roots::new(
            &[films.clone(), songs.clone()],
            &crate::folders::ChosenFolders::default(),
            &[],
        );
        // Another file's, which a download of that name in a folder beneath has nothing of.
        std::fs::write(films.join("new.mkv.part"), vec![1; MIB as usize]).unwrap();
        let entries = [
            queued(&films, "half.mkv", 4 * MIB, 2 * MIB),
            queued(&films, "whole.mkv", MIB, MIB),
            queued(&songs, "song.flac", 8 * MIB, 0),
            queued(&films.join("to/be/made"), "new.mkv", 16 * MIB, 0),
            queued(&scene.join("elsewhere"), "other.mkv", 32 * MIB, 0),
        ];
        let measured = measure(&roots, &entries);
        assert_eq!(measured.len(), 2);
        for root in measured {
            assert_eq!(root.needed_bytes, (2 + 8 + 16) * MIB, "{}", root.path);
        }
    }

    #[test]
    fn what_fits_the_disk_may_not_fit_beside_what_runs() {
        for (needed, beside, free, fits) in [
            (10, 0, Some(10), true),
            (11, 0, Some(10), false),
            (6, 4, Some(10), true),
            (7, 4, Some(10), false),
            // The others are out of room, and this one needs none.
            (0, 40, Some(10), true),
            (u64::MAX, u64::MAX, Some(10), false),
            (u64::MAX, u64::MAX, None, true),
        ] {
            assert_eq!(
                check(needed, beside, free).is_ok(),
                fits,
                "{needed} {beside} {free:?}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_said_in_figures_that_can_be_read() {
        let said =
            |needed, beside, free| check(needed, beside, Some(free)).map_err(|failure| failure.message);
        assert_eq!(said(4_200_000_000, 0, 4_200_000_000), Ok(()));
        assert_eq!(
            said(4_200_000_000, 0, 1_000_000),
            Err("4.20 GB are needed and 1.00 MB are free".to_owned())
        );
        assert_eq!(
            said(4_200_000_000, 900_000_000, 5_000_000_000),
            Err("4.20 GB are needed and 5.00 GB are free; what runs there takes 900 MB of them".to_owned())
        );
    }
}
