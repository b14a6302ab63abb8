//! What the journals say of downloads that rest: read when the manager is opened, before any transfer runs.

use gannet_engine::disk::journal::{self, JOURNAL_BYTES_MAX};
use gannet_engine::disk::part_file::PartNames;
use gannet_engine::{ByteRange, RangeSet};

use crate::cells::cells;
use crate::desk::{Desk, Held};
use crate::entry::Entry;
use crate::folders::{Missing, Roots};
use crate::runner::changed;
use crate::store::{self, Store, StoreError};

/// Fills in what is in the files of all downloads that have one. Of those whose disk is gone, what is known is kept.
pub(crate) async fn look_at_parts(mut desk: Desk, roots: Roots) -> Desk {
    let with_files: Vec<Entry> = desk
        .items
        .values()
        .chain(desk.removed.values().filter_map(|removed| removed.item.as_ref()))
        .filter(|item| item.entry.name.settled().is_some())
        .map(|item| item.entry.clone())
        .collect();
    let looked = tokio::task::spawn_blocking(move || {
        with_files
            .into_iter()
            .filter_map(|entry| {
                let is_there = has_disk(&entry, &roots);
                is_there.then(|| (entry.id, held(&entry, &roots).unwrap_or_default()))
            })
            .collect::<Vec<_>>()
    });
    // A panic in there leaves rows without progress, until their transfers tell.
    for (id, held) in looked.await.unwrap_or_default() {
        let removed = desk
            .removed
            .get_mut(&id)
            .and_then(|removed| removed.item.as_mut());
        if let Some(item) = desk.items.get_mut(&id).or(removed) {
            item.held = held;
        }
    }
    desk
}

/// Notes what was found of downloads whose end the store heard nothing of: the program was killed. Their disk may be gone at
/// the next start.
pub(crate) async fn remember(store: &Store, desk: &mut Desk) -> Result<(), StoreError> {
    let mut writes = Vec::new();
    for item in desk
        .items
        .values_mut()
        .filter(|item| item.held != item.entry.last_held)
    {
        item.entry.last_held.clone_from(&item.held);
        writes.push(changed(&item.entry));
    }
    if writes.is_empty() {
        return Ok(());
    }
    store
        .run(move |connection| store::write(connection, &writes))
        .await
}

/// Whether the disk that a download's file lies on is there. Blocks.
fn has_disk(entry: &Entry, roots: &Roots) -> bool {
    let folder = roots.find_listed(entry.folder.as_str());
    folder.is_ok_and(|folder| folder.is_root_there())
}

/// What is in the file of a download that comes to rest. What the transfer told last is a moment older.
pub(crate) async fn look_at_part(entry: Entry, roots: Roots) -> Option<Held> {
    // A panic in there leaves what the transfer told.
    tokio::task::spawn_blocking(move || held(&entry, &roots))
        .await
        .ok()
        .flatten()
}

/// What is in a download's file, as far as its journal is to be believed. Blocks.
fn held(entry: &Entry, roots: &Roots) -> Option<Held> {
    let (written, length) = written(entry, roots)?;
    Some(Held {
        bytes: written.bytes(),
        cells: cells(&written, Some(length)),
    })
}

/// The ranges that a download's journal vouches for, and the file's length. Blocks.
pub(crate) fn written(entry: &Entry, roots: &Roots) -> Option<(RangeSet, u64)> {
    let folder = roots.find_listed(entry.folder.as_str()).ok()?;
    let folder = folder.open(Missing::Refuse).ok()?;
    let names = PartNames::of(entry.name.settled()?);
    let content = folder.read(&names.journal, JOURNAL_BYTES_MAX).ok()?;
    let state = journal::decode(&content)?;
    let mut written = state.written;
    written.truncate(folder.file_length(&names.part)?);
    if let Some(beyond) = ByteRange::new(state.complete_length, u64::MAX) {
        written.remove(beyond);
    }
    Some((written, state.complete_length))
}
