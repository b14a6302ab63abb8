//! Queues and categories.

use std::sync::Arc;

use gannet_schema::{
    Category, CategoryId, DownloadId, Event, Failure, FailureCode, Queue, QueueId, QueueRun, Reply,
};

use super::invalid;
use super::settings::check_limit;
use crate::desk::{Desk, Item};
use crate::inner::Inner;
use crate::runner::{changed, store_failure};
use crate::store;

/// Queues, and categories, at most.
const COUNT_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 60;
const EXTENSIONS_MAX: usize = 200;

pub(super) async fn add_queue(inner: &Inner, mut queue: Queue) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    check_queue(&desk, &mut queue, None)?;
    if desk.queues.len() >= COUNT_MAX {
        return Err(too_many("queues"));
    }
    queue.id = QueueId(next_id(inner, "queues").await?);
    save_queue(inner, &queue).await?;
    let id = queue.id;
    desk.queues.push(queue);
    tell_queues(inner, &desk);
    Ok(Reply::Queue { id })
}

pub(super) async fn change_queue(inner: &Inner, queue: Queue) -> Result<Reply, Failure> {
    put_in_queue(inner, &mut *inner.desk.lock().await, queue).await
}

pub(super) async fn set_queue_limit(
    inner: &Inner,
    id: QueueId,
    limit_bytes_per_s: Option<u64>,
) -> Result<Reply, Failure> {
    change_one(inner, id, |queue| queue.limit_bytes_per_s = limit_bytes_per_s).await
}

pub(super) async fn run_queue(inner: &Inner, id: QueueId, run: QueueRun) -> Result<Reply, Failure> {
    change_one(inner, id, |queue| queue.running = run == QueueRun::Start).await
}

/// Read and written under one lock, so that what somebody else changes meanwhile is not taken back.
async fn change_one(inner: &Inner, id: QueueId, change: impl FnOnce(&mut Queue)) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let mut queue = desk.queue(id).cloned().ok_or_else(no_queue)?;
    change(&mut queue);
    put_in_queue(inner, &mut desk, queue).await
}

async fn put_in_queue(inner: &Inner, desk: &mut Desk, mut queue: Queue) -> Result<Reply, Failure> {
    let id = queue.id;
    check_queue(desk, &mut queue, Some(id))?;
    save_queue(inner, &queue).await?;
    let known = desk.queues.iter_mut().find(|known| known.id == id);
    *known.ok_or_else(no_queue)? = queue;
    tell_queues(inner, desk);
    Ok(Reply::Done)
}

/// Removes a queue; its downloads go to the main one.
pub(super) async fn remove_queue(inner: &Inner, id: QueueId) -> Result<Reply, Failure> {
    if id == QueueId::MAIN {
        return Err(Failure::new(FailureCode::WrongState, "the main queue stays"));
    }
    let mut desk = inner.desk.lock().await;
    let desk = &mut *desk;
    if desk.queue(id).is_none() {
        return Err(no_queue());
    }
    // Those that were removed and may come back are moved too.
    let moved: Vec<_> = desk
        .items
        .values()
        .chain(desk.removed.values().filter_map(|removed| removed.item.as_ref()))
        .filter(|item| item.entry.queue == id)
        .map(|item| {
            let mut entry = item.entry.clone();
            entry.queue = QueueId::MAIN;
            entry
        })
        .collect();
    let writes: Vec<_> = moved.iter().map(changed).collect();
    inner
        .store
        .run(move |connection| {
            store::write(connection, &writes)?;
            store::remove_queue(connection, id)
        })
        .await
        .map_err(|error| store_failure(&error))?;
    let ids: Vec<DownloadId> = moved.iter().map(|entry| entry.id).collect();
    for entry in moved {
        if let Some(removed) = desk.removed.get_mut(&entry.id) {
            removed.removed.entry.queue = QueueId::MAIN;
            if let Some(item) = &mut removed.item {
                item.entry.queue = QueueId::MAIN;
            }
        } else if let Some(item) = desk.items.get_mut(&entry.id) {
            item.entry.queue = QueueId::MAIN;
            if let Some(running) = item.running() {
                running.stop();
            }
        }
    }
    desk.queues.retain(|queue| queue.id != id);
    desk.queue_pacers.remove(&id);
    desk.busy_queues.remove(&id);
    tell_queues(inner, desk);
    inner.tell_changed(desk, &ids);
    Ok(Reply::Done)
}

pub(super) async fn add_category(inner: &Inner, mut category: Category) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    check_category(inner, &desk, &mut category, None)?;
    if desk.categories.len() >= COUNT_MAX {
        return Err(too_many("categories"));
    }
    category.id = CategoryId(next_id(inner, "categories").await?);
    save_category(inner, &category).await?;
    let id = category.id;
    desk.categories.push(category);
    tell_categories(inner, &desk);
    Ok(Reply::Category { id })
}

pub(super) async fn change_category(inner: &Inner, mut category: Category) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let id = category.id;
    check_category(inner, &desk, &mut category, Some(id))?;
    save_category(inner, &category).await?;
    let known = desk.categories.iter_mut().find(|known| known.id == id);
    *known.ok_or_else(no_category)? = category;
    tell_categories(inner, &desk);
    Ok(Reply::Done)
}

/// Removes a category; its downloads have none then, finished ones too.
pub(super) async fn remove_category(inner: &Arc<Inner>, id: CategoryId) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let desk = &mut *desk;
    if desk.categories.iter().all(|known| known.id != id) {
        return Err(no_category());
    }
    let moved: Vec<_> = desk
        .items
        .values()
        .filter(|item| item.entry.category == Some(id))
        .map(|item| {
            let mut entry = item.entry.clone();
            entry.category = None;
            entry
        })
        .collect();
    inner
        .store
        .run(move |connection| store::remove_category(connection, id))
        .await
        .map_err(|error| store_failure(&error))?;
    desk.categories.retain(|known| known.id != id);
    // Those that were removed come back without it.
    for removed in desk.removed.values_mut() {
        let item = removed.item.as_mut().map(|item| &mut item.entry);
        for entry in std::iter::once(&mut removed.removed.entry).chain(item) {
            entry.category.take_if(|category| *category == id);
        }
    }
    let count = desk.finished.remove(&Some(id)).unwrap_or(0);
    *desk.finished.entry(None).or_default() += count;
    tell_categories(inner, desk);
    inner.save(desk, moved).await?;
    Ok(Reply::Done)
}

fn check_queue(desk: &Desk, queue: &mut Queue, known: Option<QueueId>) -> Result<(), Failure> {
    if known.is_some_and(|id| desk.queue(id).is_none()) {
        return Err(no_queue());
    }
    queue.name = checked_name(&queue.name)?;
    let taken = |other: &&Queue| Some(other.id) != known && other.name.eq_ignore_ascii_case(&queue.name);
    if desk.queues.iter().any(|other| taken(&other)) {
        return Err(invalid(format!("there is a queue named {} already", queue.name)));
    }
    if !(1..=64).contains(&queue.at_once) {
        return Err(invalid("a queue runs 1 to 64 downloads at once"));
    }
    if queue.retries > 100 {
        return Err(invalid("a queue tries again at most 100 times"));
    }
    check_limit(queue.limit_bytes_per_s)?;
    if let Some(schedule) = &queue.schedule
        && (schedule.from_minute > 1439 || schedule.to_minute > 1439)
    {
        return Err(invalid("the hours of a queue lie between 00:00 and 23:59"));
    }
    Ok(())
}

fn check_category(
    inner: &Inner,
    desk: &Desk,
    category: &mut Category,
    known: Option<CategoryId>,
) -> Result<(), Failure> {
    if known.is_some_and(|id| desk.categories.iter().all(|other| other.id != id)) {
        return Err(no_category());
    }
    category.name = checked_name(&category.name)?;
    let taken = |other: &Category| Some(other.id) != known && other.name.eq_ignore_ascii_case(&category.name);
    if desk.categories.iter().any(taken) {
        return Err(invalid(format!(
            "there is a category named {} already",
            category.name
        )));
    }
    if category.extensions.len() > EXTENSIONS_MAX
        || category.extensions.iter().any(|extension| {
            extension.is_empty() || extension.len() > 20 || extension.contains(['/', '\\', '.'])
        })
    {
        return Err(invalid("an extension is written without dot, as in zip"));
    }
    let before = desk.categories.iter().find(|other| Some(other.id) == known);
    if let Some(folder) = &mut category.folder
        && before.is_none_or(|before| before.folder.as_ref() != Some(folder))
    {
        *folder = inner.roots.find(folder)?.text();
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 || count > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(invalid(format!("a name has 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

async fn next_id(inner: &Inner, table: &'static str) -> Result<u32, Failure> {
    inner
        .store
        .run(move |connection| store::next_id(connection, table))
        .await
        .map_err(|error| store_failure(&error))
}

async fn save_queue(inner: &Inner, queue: &Queue) -> Result<(), Failure> {
    let queue = queue.clone();
    inner
        .store
        .run(move |connection| store::save_queue(connection, &queue))
        .await
        .map_err(|error| store_failure(&error))
}

async fn save_category(inner: &Inner, category: &Category) -> Result<(), Failure> {
    let category = category.clone();
    inner
        .store
        .run(move |connection| store::save_category(connection, &category))
        .await
        .map_err(|error| store_failure(&error))
}

fn tell_queues(inner: &Inner, desk: &Desk) {
    inner.feed.tell(Event::Queues {
        queues: desk.queues.clone(),
    });
    inner.turn.notify_one();
}

fn tell_categories(inner: &Inner, desk: &Desk) {
    inner.feed.tell(Event::Categories {
        categories: desk.categories.clone(),
    });
}

fn no_queue() -> Failure {
    Failure::new(FailureCode::NotFound, "there is no such queue")
}

fn no_category() -> Failure {
    Failure::new(FailureCode::NotFound, "there is no such category")
}

fn too_many(what: &str) -> Failure {
    Failure::new(
        FailureCode::TooMany,
        format!("there are at most {COUNT_MAX} {what}"),
    )
}

/// Whether a download's transfer has to end before its files are touched.
pub(super) fn stop_for(item: &Item) -> Option<tokio::sync::watch::Receiver<bool>> {
    let running = item.running()?;
    running.stop();
    Some(running.ended())
}
