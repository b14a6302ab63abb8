//! Pause, resume, remove, and the way back.

use std::time::Instant;

use gannet_schema::{DownloadId, Event, Failure, FailureCode, FileChoice, Reply};

use super::{check_count, on_desk};
use crate::desk::{Burial, Item, RemovedItem, Run};
use crate::entry::Intent;
use crate::inner::Inner;
use crate::store::{self, Removed, Write};
use crate::time::now_ms;
use crate::tombs::UNDO_FOR;

/// Stops downloads, and keeps what is there.
pub(super) async fn pause(inner: &Inner, ids: Option<Vec<DownloadId>>) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let ids = on_desk(&desk, ids)?;
    let entries = ids
        .iter()
        .filter_map(|id| desk.items.get(id))
        .filter(|item| item.wants_to_run())
        .map(|item| {
            let mut entry = item.entry.clone();
            entry.intent = Intent::Pause;
            entry
        })
        .collect::<Vec<_>>();
    let stopping: Vec<DownloadId> = entries.iter().map(|entry| entry.id).collect();
    inner
        .write(entries.iter().map(crate::runner::changed).collect())
        .await?;
    for entry in entries {
        let Some(item) = desk.items.get_mut(&entry.id) else {
            continue;
        };
        item.entry = entry;
        item.opened = None;
        match &item.run {
            Run::Running(running) => running.stop(),
            Run::Waiting { .. } => item.run = Run::Idle,
            Run::Idle => {}
        }
    }
    if !stopping.is_empty() {
        inner.tell_changed(&mut desk, &stopping);
    }
    Ok(Reply::Done)
}

/// Lets paused, waiting and failed downloads have their turns. Of all of them, failed ones stay as they are.
pub(super) async fn resume(inner: &Inner, ids: Option<Vec<DownloadId>>) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let all = ids.is_none();
    let ids = on_desk(&desk, ids)?;
    let resumed = |item: &&Item| match item.entry.intent {
        Intent::Pause => true,
        Intent::Failed { .. } => !all,
        // One that waits for another try, or for its time, goes at once.
        Intent::Fetch { not_before_ms } => {
            !all && (not_before_ms.is_some()
                || item.waits_at_work()
                || matches!(item.run, Run::Waiting { .. }))
        }
        Intent::Finished { .. } => false,
    };
    let entries: Vec<_> = ids
        .iter()
        .filter_map(|id| desk.items.get(id))
        .filter(resumed)
        .map(|item| {
            let mut entry = item.entry.clone();
            entry.intent = Intent::Fetch { not_before_ms: None };
            entry
        })
        .collect();
    for entry in &entries {
        if let Some(item) = desk.items.get_mut(&entry.id) {
            item.tries = 0;
            match &item.run {
                Run::Waiting { .. } => item.run = Run::Idle,
                // It waits within its run: the next one begins with a try.
                Run::Running(running) if item.waits_at_work() => running.stop(),
                Run::Running(_) | Run::Idle => {}
            }
        }
    }
    inner.save(&mut desk, entries).await?;
    Ok(Reply::Done)
}

/// Takes downloads from the list, finished ones too.
pub(super) async fn remove(inner: &Inner, ids: Vec<DownloadId>, files: FileChoice) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let mut desk = inner.desk.lock().await;
    let until = Instant::now() + UNDO_FOR;
    let until_ms = now_ms() + UNDO_FOR.as_millis() as u64;
    let elsewhere: Vec<DownloadId> = ids
        .iter()
        .copied()
        .filter(|id| !desk.items.contains_key(id) && !desk.removed.contains_key(id))
        .collect();
    let finished = inner
        .store
        .run(move |connection| {
            let mut finished = Vec::new();
            for id in elsewhere {
                finished.extend(store::entry(connection, id)?);
            }
            Ok(finished)
        })
        .await
        .map_err(|error| crate::runner::store_failure(&error))?;
    let mut gone = on_desk(&desk, Some(ids))?;
    gone.extend(finished.iter().map(|entry| entry.id));
    if gone.is_empty() {
        return Err(super::not_found());
    }
    let writes = gone
        .iter()
        .map(|&id| Write::Removed(id, until_ms, files))
        .collect();
    inner.write(writes).await?;
    for id in &gone {
        let Some(mut item) = desk.items.remove(id) else {
            continue;
        };
        if let Run::Running(running) = &item.run {
            running.stop();
        }
        item.opened = None;
        let removed = Removed {
            entry: item.entry.clone(),
            until_ms,
            files,
        };
        let item = Some(item);
        desk.removed.insert(*id, RemovedItem::new(removed, until, item));
    }
    for entry in finished {
        desk.count_finished(entry.category, -1);
        let removed = Removed {
            entry,
            until_ms,
            files,
        };
        let id = removed.entry.id;
        desk.removed.insert(id, RemovedItem::new(removed, until, None));
    }
    inner.feed.tell(Event::Removed {
        ids: gone,
        undo_until_ms: until_ms,
        counts: desk.counts(),
    });
    inner.turn.notify_one();
    Ok(Reply::Removed {
        undo_until_ms: until_ms,
    })
}

/// Takes a removal back.
pub(super) async fn undo_remove(inner: &Inner, mut ids: Vec<DownloadId>) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let mut desk = inner.desk.lock().await;
    ids.retain(|id| {
        desk.removed
            .get(id)
            .is_some_and(|removed| removed.burial != Burial::UnderWay)
    });
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Err(Failure::new(
            FailureCode::NotFound,
            "there is nothing to bring back; a removal can be undone for 10 seconds",
        ));
    }
    inner
        .write(ids.iter().copied().map(Write::Restored).collect())
        .await?;
    let now_ms = now_ms();
    let mut finished = Vec::new();
    let mut unfinished = Vec::new();
    for id in ids {
        let Some(RemovedItem { removed, item, .. }) = desk.removed.remove(&id) else {
            continue;
        };
        if let Some(item) = item {
            desk.items.insert(id, item);
            unfinished.push(id);
        } else {
            desk.count_finished(removed.entry.category, 1);
            finished.push(removed.entry.row(
                gannet_schema::Standing::Finished,
                0,
                gannet_schema::Cells::default(),
            ));
        }
    }
    let mut event = desk.changed(&unfinished, now_ms);
    if let Event::Changed { rows, .. } = &mut event {
        rows.extend(finished);
    }
    inner.feed.tell(event);
    inner.turn.notify_one();
    Ok(Reply::Done)
}
