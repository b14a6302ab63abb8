//! The room on the disks: what is free beneath each root, and what all that is queued for it still needs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::disk::part_file::PartNames;
use gannet_schema::{Event, Root};

use crate::desk::Desk;
use crate::entry::Entry;
use crate::folders::{Missing, Roots};
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

/// Measures all roots. Blocks.
pub(crate) fn measure(roots: &Roots, entries: &[Entry]) -> Vec<Root> {
    let mut needed: HashMap<PathBuf, u64> = HashMap::new();
    for entry in entries {
        let Ok(folder) = roots.find_listed(entry.folder.as_str()) else {
            continue;
        };
        let has = entry.name.settled().map_or(0, |name| {
            let part = PartNames::of(name).part;
            folder
                .open(Missing::Refuse)
                .map_or(0, |open| open.file_allocated(&part))
        });
        let bytes = entry.length.unwrap_or(0).saturating_sub(has);
        let root = folder.root().to_owned();
        let sum = needed.entry(root).or_default();
        *sum = sum.saturating_add(bytes);
    }
    roots
        .paths()
        .into_iter()
        .map(|path| Root {
            chosen: roots.is_chosen(&path),
            path: path.to_string_lossy().into_owned(),
            free_bytes: roots
                .find(&path.to_string_lossy())
                .ok()
                .and_then(|root| root.open(Missing::Refuse).ok())
                .and_then(|open| open.free_bytes()),
            needed_bytes: needed.get(&path).copied().unwrap_or(0),
        })
        .collect()
}
