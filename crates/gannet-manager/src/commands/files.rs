//! What touches files: another folder, another name, from the first byte again.

use std::sync::Arc;

use gannet_engine::SafeFileName;
use gannet_schema::{
    Cells, DownloadId, Event, Failure, FailureCode, FileChoice, LogKind, OnExisting, Reply, Standing,
};

use super::{check_count, invalid, not_found};
use crate::desk::{Held, Run};
use crate::entry::{Entry, Folder, Intent, Name};
use crate::folders::{FolderPath, Missing, open_failure};
use crate::inner::Inner;
use crate::moving::{Spot, bring_file, bring_part};
use crate::placing::{Placing, free_name};
use crate::runner::{changed, store_failure};
use crate::store;

/// How a file's new name is found.
#[derive(Clone)]
enum NewName {
    /// As it was, with a number where that is taken.
    Kept,
    /// This one, or none.
    Exactly(String),
}

/// Brings files into another folder beneath a root.
pub(super) async fn move_files(
    inner: &Arc<Inner>,
    ids: Vec<DownloadId>,
    folder: &str,
) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let folder = inner.roots.find(folder)?;
    let mut first_failure = None;
    for id in ids {
        if let Err(failure) = relocate(inner, id, Some(folder.clone()), NewName::Kept).await {
            first_failure.get_or_insert(failure);
        }
    }
    first_failure.map_or(Ok(Reply::Done), Err)
}

/// Gives a file another name.
pub(super) async fn rename(inner: &Arc<Inner>, id: DownloadId, name: &str) -> Result<Reply, Failure> {
    let safe = SafeFileName::from_untrusted(name);
    let safe = safe.ok_or_else(|| invalid(format!("{name:?} is no name for a file")))?;
    relocate(inner, id, None, NewName::Exactly(safe.as_str().to_owned())).await?;
    Ok(Reply::Done)
}

/// Drops what is there and fetches from the first byte. A finished download becomes an unfinished one; its file stays
/// until the new one needs the name.
pub(super) async fn restart(inner: &Arc<Inner>, ids: Vec<DownloadId>) -> Result<Reply, Failure> {
    check_count(&ids)?;
    for id in ids {
        let on_desk = inner.desk.lock().await.items.contains_key(&id);
        if on_desk {
            restart_unfinished(inner, id).await?;
        } else {
            restart_finished(inner, id).await?;
        }
    }
    Ok(Reply::Done)
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

/// Brings a download's files elsewhere: stopped before and gone on with after, where they are not whole.
async fn relocate(
    inner: &Arc<Inner>,
    id: DownloadId,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let on_desk = inner.desk.lock().await.items.contains_key(&id);
    if on_desk {
        match take(inner, id).await {
            Ok(entry) => return relocate_unfinished(inner, entry, folder, name).await,
            // It was finished in that moment.
            Err(failure) if failure.code == FailureCode::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    relocate_finished(inner, id, folder, name).await
}

async fn relocate_unfinished(
    inner: &Arc<Inner>,
    entry: Entry,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let id = entry.id;
    let moved = match entry.name {
        Name::Settled(_) => relocated(inner, &entry, folder, name).await,
        Name::Proposed(_) | Name::Chosen(_) => {
            // Nothing is on the disk yet.
            let mut moved = entry.clone();
            if let Some(folder) = folder {
                moved.folder = Folder::Chosen(folder.text());
            }
            if let NewName::Exactly(name) = name {
                moved.name = Name::Chosen(name);
            }
            Ok(moved)
        }
    };
    let mut desk = inner.desk.lock().await;
    release(&mut desk, id);
    let result = match moved {
        Ok(mut moved) => {
            // Another folder, or another name, is what was offered to mend these.
            if let Intent::Failed { failure } = &moved.intent
                && failure.remedy == Some(gannet_schema::Remedy::OtherFolder)
            {
                moved.intent = Intent::Fetch { not_before_ms: None };
            }
            if let Some(item) = desk.items.get_mut(&id)
                && matches!(item.run, Run::Waiting { .. })
            {
                item.run = Run::Idle;
            }
            inner.save(&mut desk, vec![moved]).await
        }
        Err(failure) => Err(failure),
    };
    inner.tell_changed(&mut desk, &[id]);
    result
}

async fn relocate_finished(
    inner: &Arc<Inner>,
    id: DownloadId,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<(), Failure> {
    let entry = stored(inner, id).await?;
    let moved = relocated(inner, &entry, folder, name).await?;
    inner.write(vec![changed(&moved)]).await?;
    tell_finished(inner, vec![moved]).await;
    Ok(())
}

/// Moves the files; returns the entry as it is then.
async fn relocated(
    inner: &Arc<Inner>,
    entry: &Entry,
    folder: Option<FolderPath>,
    name: NewName,
) -> Result<Entry, Failure> {
    let _one_at_a_time = inner.settling.lock().await;
    let from = inner.roots.find(entry.folder.as_str())?;
    let to = folder.unwrap_or_else(|| from.clone());
    let taken = inner.desk.lock().await.names_taken(&to.text(), entry.id);
    let mut moved = entry.clone();
    moved.folder = Folder::Chosen(to.text());
    let old_name = entry.name.as_str().to_owned();
    let same_place = from == to
        && match &name {
            NewName::Kept => true,
            NewName::Exactly(name) => *name == old_name,
        };
    if same_place {
        return Ok(moved);
    }
    let is_finished = entry.is_finished();
    let new_name = blocking(move || {
        let opened =
            |path: &FolderPath, missing| path.open(missing).map_err(|error| open_failure(path, &error));
        let (wanted, on_existing) = match name {
            NewName::Kept => (old_name.clone(), OnExisting::Rename),
            NewName::Exactly(name) => (name, OnExisting::Fail),
        };
        let destination = opened(&to, Missing::Make)?;
        let placing = Placing {
            folder: to,
            name: wanted.clone(),
            taken,
            on_existing,
        };
        let new_name = free_name(&placing, &destination)?;
        if on_existing == OnExisting::Fail && new_name != wanted {
            return Err(Failure::new(
                FailureCode::TargetExists,
                format!("{wanted} is taken in {}", placing.folder.text()),
            ));
        }
        let here = Spot {
            folder: opened(&from, Missing::Refuse)?,
            name: old_name,
        };
        let there = Spot {
            folder: destination,
            name: new_name.clone(),
        };
        let brought = if is_finished {
            bring_file(&here, &there)
        } else {
            bring_part(&here, &there)
        };
        brought.map_err(|error| moving_failure(&here.name, &error))?;
        Ok(new_name)
    })
    .await?;
    moved.name = Name::Settled(new_name);
    Ok(moved)
}

fn moving_failure(name: &str, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::AlreadyExists => FailureCode::TargetExists,
        std::io::ErrorKind::NotFound => FailureCode::NotFound,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => FailureCode::DiskFull,
        _ => FailureCode::Disk,
    };
    Failure::new(code, format!("cannot move {name}: {error}"))
}

/// Changes entries of finished downloads; those that are not finished are passed over.
pub(super) async fn change_finished(
    inner: &Inner,
    ids: Vec<DownloadId>,
    change: impl Fn(&mut Entry),
) -> Result<(), Failure> {
    let mut desk = inner.desk.lock().await;
    let found = inner
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
    let mut entries = Vec::new();
    for mut entry in found {
        desk.count_finished(entry.category, -1);
        change(&mut entry);
        desk.count_finished(entry.category, 1);
        entries.push(entry);
    }
    drop(desk);
    inner.write(entries.iter().map(changed).collect()).await?;
    tell_finished(inner, entries).await;
    Ok(())
}

async fn tell_finished(inner: &Inner, entries: Vec<Entry>) {
    let desk = inner.desk.lock().await;
    inner.feed.tell(Event::Changed {
        rows: entries
            .iter()
            .map(|entry| entry.row(Standing::Finished, 0, Cells::default()))
            .collect(),
        counts: desk.counts(),
    });
}

/// Stops an unfinished download and keeps it from its turn, until [`release`].
async fn take(inner: &Inner, id: DownloadId) -> Result<Entry, Failure> {
    let ended = {
        let mut desk = inner.desk.lock().await;
        let item = desk.items.get_mut(&id).ok_or_else(not_found)?;
        if item.taken {
            return Err(Failure::new(
                FailureCode::WrongState,
                "its files are being moved; wait for that",
            ));
        }
        item.taken = true;
        item.opened = None;
        super::organise::stop_for(item)
    };
    if let Some(mut ended) = ended {
        // Where the one who tells is gone, it has ended too.
        let _ = ended.wait_for(|ended| *ended).await;
    }
    let desk = inner.desk.lock().await;
    let item = desk.items.get(&id).ok_or_else(not_found)?;
    Ok(item.entry.clone())
}

fn release(desk: &mut crate::desk::Desk, id: DownloadId) {
    if let Some(item) = desk.items.get_mut(&id) {
        item.taken = false;
    }
}

async fn stored(inner: &Inner, id: DownloadId) -> Result<Entry, Failure> {
    inner
        .store
        .run(move |connection| store::entry(connection, id))
        .await
        .map_err(|error| store_failure(&error))?
        .filter(Entry::is_finished)
        .ok_or_else(not_found)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::new(FailureCode::Internal, error.to_string())))
}
