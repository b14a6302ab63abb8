//! What touches files: from the first byte again; and what all commands need that touch files.

use std::sync::Arc;

use gannet_schema::{Cells, DownloadId, Event, Failure, FailureCode, FileChoice, LogKind, Reply, Standing};

use super::{check_count, not_found};
use crate::desk::{Desk, Held, Run};
use crate::entry::{Entry, Intent, Name};
use crate::inner::Inner;
use crate::runner::{changed, store_failure};
use crate::store;

/// Drops what is there and fetches from the first byte. A finished download becomes an unfinished one; its file stays
/// until the new one needs the name.
pub(super) async fn restart(inner: &Arc<Inner>, ids: Vec<DownloadId>) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let mut first_failure = None;
    for id in ids {
        let on_desk = inner.desk.lock().await.items.contains_key(&id);
        let restarted = if on_desk {
            restart_unfinished(inner, id).await
        } else {
            restart_finished(inner, id).await
        };
        if let Err(failure) = restarted {
            first_failure.get_or_insert(failure);
        }
    }
    first_failure.map_or(Ok(Reply::Done), Err)
}

async fn restart_unfinished(inner: &Arc<Inner>, id: DownloadId) -> Result<(), Failure> {
    let entry = match take(inner, id).await {
        Ok(entry) => entry,
        // It ended meanwhile, well: then that one is fetched again.
        Err(failure) if failure.code == FailureCode::NotFound => return restart_finished(inner, id).await,
        Err(failure) => return Err(failure),
    };
    let roots = inner.roots.clone();
    let deleting = entry.clone();
    let deleted = blocking(move || {
        crate::tombs::delete_files(&deleting, FileChoice::Keep, &roots).map_err(|error| {
            Failure::new(
                FailureCode::Disk,
                format!("what is there cannot be deleted: {error}"),
            )
        })
    })
    .await;
    let mut desk = inner.desk.lock().await;
    let result = match deleted {
        Ok(()) => {
            let mut entry = entry;
            entry.start_over = true;
            entry.new_address = false;
            entry.length = None;
            entry.found_digest = None;
            entry.last_held = Held::default();
            entry.intent = Intent::Fetch { not_before_ms: None };
            if let Some(item) = desk.items.get_mut(&id) {
                item.held = Held::default();
                item.tries = 0;
                if matches!(item.run, Run::Waiting { .. }) {
                    item.run = Run::Idle;
                }
                if let Some(live) = &item.live {
                    live.forget();
                    live.note(LogKind::Notice, "Begun anew, as it was asked");
                }
            }
            release(&mut desk, id);
            inner.save(&mut desk, vec![entry]).await
        }
        Err(failure) => Err(failure),
    };
    release(&mut desk, id);
    inner.turn.notify_one();
    result
}

async fn restart_finished(inner: &Arc<Inner>, id: DownloadId) -> Result<(), Failure> {
    let mut desk = inner.desk.lock().await;
    if desk.moving_to.contains_key(&id) {
        return Err(being_moved());
    }
    let mut entry = stored(inner, id).await?;
    let category = entry.category;
    entry.name = Name::Chosen(entry.name.as_str().to_owned());
    entry.intent = Intent::Fetch { not_before_ms: None };
    entry.length = None;
    entry.position = desk.last_position() + 1.0;
    entry.active_ms = 0;
    if desk.queue(entry.queue).is_none() {
        entry.queue = gannet_schema::QueueId::MAIN;
    }
    inner.write(vec![changed(&entry)]).await?;
    desk.count_finished(category, -1);
    desk.items.insert(id, crate::desk::Item::new(entry));
    inner.tell_changed(&mut desk, &[id]);
    Ok(())
}

/// Changes entries of finished downloads; those that are not finished are passed over.
pub(super) async fn change_finished(
    inner: &Inner,
    ids: Vec<DownloadId>,
    change: impl Fn(&mut Entry),
) -> Result<(), Failure> {
    let mut desk = inner.desk.lock().await;
    let mut found = inner
        .store
        .run(move |connection| {
            let mut found = Vec::new();
            for id in ids {
                found.extend(store::entry(connection, id)?.filter(Entry::is_finished));
            }
            Ok(found)
        })
        .await
        .map_err(|error| store_failure(&error))?;
    if found.is_empty() {
        return Ok(());
    }
    let before: Vec<_> = found.iter().map(|entry| entry.category).collect();
    found.iter_mut().for_each(&change);
    // The desk stays locked over the write: what somebody else does to one of them meanwhile must not be undone by it.
    inner.write(found.iter().map(changed).collect()).await?;
    for (before, entry) in before.into_iter().zip(&found) {
        desk.count_finished(before, -1);
        desk.count_finished(entry.category, 1);
    }
    tell_finished(inner, &desk, &found);
    Ok(())
}

pub(super) fn tell_finished(inner: &Inner, desk: &Desk, entries: &[Entry]) {
    inner.feed.tell(Event::Changed {
        rows: entries
            .iter()
            .map(|entry| entry.row(Standing::Finished, 0, Cells::default()))
            .collect(),
        counts: desk.counts(),
    });
}

/// Stops an unfinished download and keeps it from its turn, until [`release`].
pub(super) async fn take(inner: &Inner, id: DownloadId) -> Result<Entry, Failure> {
    let ended = {
        let mut desk = inner.desk.lock().await;
        let item = desk.items.get_mut(&id).ok_or_else(not_found)?;
        if item.taken {
            return Err(being_moved());
        }
        item.taken = true;
        item.opened = None;
        super::organise::stop_for(item)
    };
    if let Some(mut ended) = ended {
        // Where the one who tells is gone, it has ended too.
        let _ = ended.wait_for(|ended| *ended).await;
    }
    let mut desk = inner.desk.lock().await;
    if let Some(item) = desk.items.get(&id) {
        return Ok(item.entry.clone());
    }
    // It was removed while it stopped. It may come back, and then nobody holds it.
    release(&mut desk, id);
    Err(not_found())
}

pub(super) fn being_moved() -> Failure {
    Failure::new(
        FailureCode::WrongState,
        "its files are being moved; wait for that",
    )
}

pub(super) fn release(desk: &mut Desk, id: DownloadId) {
    // It may have been removed meanwhile, and its files are to go.
    let removed = desk
        .removed
        .get_mut(&id)
        .and_then(|removed| removed.item.as_mut());
    if let Some(item) = desk.items.get_mut(&id).or(removed) {
        item.taken = false;
    }
}

pub(super) async fn stored(inner: &Inner, id: DownloadId) -> Result<Entry, Failure> {
    inner
        .store
        .run(move |connection| store::entry(connection, id))
        .await
        .map_err(|error| store_failure(&error))?
        .filter(Entry::is_finished)
        .ok_or_else(not_found)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::new(FailureCode::Internal, error.to_string())))
}
