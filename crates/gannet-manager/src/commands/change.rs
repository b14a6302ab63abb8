//! Changes to single downloads: limits, connections, addresses, how to ask.

use std::collections::HashSet;
use std::sync::Arc;

use gannet_schema::{
    CategoryId, Change, DownloadId, Failure, FailureCode, LimitScope, LogKind, OptionChanges, Priority,
    QueueId, Reply, RequestOptions,
};

use super::add::{DETAILS_MAX, MIRRORS_MAX, check_connections};
use super::settings::{self, check_limit, check_user_agent};
use super::{invalid, not_found, on_desk};
use crate::address::Address;
use crate::desk::{Desk, Item, Run};
use crate::entry::{Entry, Intent};
use crate::inner::Inner;
use crate::runner::{changed, store_failure};
use crate::secrets::Secrets;
use crate::store::{self, Write};

/// Limits the speed, at once.
pub(super) async fn set_limit(
    inner: &Arc<Inner>,
    scope: LimitScope,
    limit_bytes_per_s: Option<u64>,
) -> Result<Reply, Failure> {
    check_limit(limit_bytes_per_s)?;
    match scope {
        LimitScope::All => {
            settings::change_limit(inner, |network| {
                network.limit_bytes_per_s = limit_bytes_per_s;
                network.limit_on = limit_bytes_per_s.is_some();
            })
            .await
        }
        LimitScope::Queue { id } => super::organise::set_queue_limit(inner, id, limit_bytes_per_s).await,
        LimitScope::Downloads { ids } => {
            let mut desk = inner.desk.lock().await;
            let ids = some_on_desk(&desk, ids)?;
            change_entries(inner, &mut desk, &ids, |entry| {
                entry.limit_bytes_per_s = limit_bytes_per_s;
            })
            .await?;
            for running in ids.iter().filter_map(|id| desk.items.get(id)?.running()) {
                running.pacer.set_rate(limit_bytes_per_s);
            }
            Ok(Reply::Done)
        }
    }
}

/// Changes how many connections downloads may have, at once.
pub(super) async fn set_connections(
    inner: &Inner,
    ids: Vec<DownloadId>,
    connections: Option<u32>,
) -> Result<Reply, Failure> {
    let connections = connections.map(check_connections).transpose()?;
    let mut desk = inner.desk.lock().await;
    let ids = some_on_desk(&desk, ids)?;
    change_entries(inner, &mut desk, &ids, |entry| entry.connections = connections).await?;
    let usual = desk.settings.network.connections;
    for handle in ids.iter().filter_map(|id| handle(&desk, *id)) {
        handle.set_connections(connections.unwrap_or(usual));
    }
    Ok(Reply::Done)
}

/// Goes on from another address. One at work is told, and holds it against what it knows; one that rests does so when it
/// begins again, which a failed one does now.
pub(super) async fn replace_url(inner: &Inner, id: DownloadId, url: &str) -> Result<Reply, Failure> {
    let address = Address::parse(url)?;
    let mut desk = inner.desk.lock().await;
    let mut entry = entry(&desk, id)?;
    let mut secrets = secrets_of(inner, id).await?;
    let forgets = !address.has_origin_of(&secrets.url) && secrets.forget_identity();
    address.full().clone_into(&mut secrets.url);
    entry.shown = address.shown();
    entry.host = address.host();
    entry.address_digest = address.digest();
    entry.new_address = true;
    if matches!(entry.intent, Intent::Failed { .. }) {
        entry.intent = Intent::Fetch { not_before_ms: None };
    }
    save_with_secrets(inner, &mut desk, entry, secrets).await?;
    if let Some(item) = desk.items.get_mut(&id) {
        item.tries = 0;
        item.opened = None;
        if matches!(item.run, Run::Waiting { .. }) {
            item.run = Run::Idle;
        }
        if let Some(live) = &item.live {
            live.note(
                LogKind::Notice,
                format!("A new link was given: {}", address.shown()),
            );
            if forgets {
                let notice =
                    "It leads to another server, which gets none of the old one's headers, cookies and login";
                live.note(LogKind::Notice, notice.to_owned());
            }
        }
        // It goes on by the new address; what is there is held against it first.
        if let Some(running) = item.running() {
            running.stop();
        }
    }
    inner.tell_changed(&mut desk, &[id]);
    Ok(Reply::Done)
}

/// Adds another address of the same file.
pub(super) async fn add_mirror(inner: &Inner, id: DownloadId, url: &str) -> Result<Reply, Failure> {
    let address = Address::parse(url)?;
    let mut desk = inner.desk.lock().await;
    let mut entry = entry(&desk, id)?;
    let mut secrets = secrets_of(inner, id).await?;
    if secrets.mirrors.len() >= MIRRORS_MAX {
        let message = format!("a download has at most {MIRRORS_MAX} mirrors");
        return Err(Failure::new(FailureCode::TooMany, message));
    }
    if secrets.url == address.full() || secrets.mirrors.iter().any(|known| known == address.full()) {
        return Ok(Reply::Done);
    }
    secrets.mirrors.push(address.full().to_owned());
    entry.mirrors = secrets.mirrors.len() as u32;
    if let Some(live) = desk.items.get(&id).and_then(|item| item.live.as_ref()) {
        live.asks(&secrets);
    }
    save_with_secrets(inner, &mut desk, entry, secrets).await?;
    if let Some(handle) = handle(&desk, id) {
        // It was parsed once already.
        let _ = handle.add_mirror(address.full());
    }
    inner.tell_changed(&mut desk, &[id]);
    Ok(Reply::Done)
}

/// Says who asks, or with which headers. One at work stops and goes on so.
pub(super) async fn set_options(
    inner: &Inner,
    id: DownloadId,
    changes: OptionChanges,
) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let mut entry = entry(&desk, id)?;
    let mut secrets = secrets_of(inner, id).await?;
    apply(changes, &mut secrets.options)?;
    let desk_settings = desk.settings.clone();
    inner
        .network
        .request_for(&entry, &secrets, &desk_settings, desk.proxy_url.as_ref())
        .map_err(|error| crate::outcome::failure_of(&error))?;
    if let Intent::Failed { failure } = &entry.intent
        && failure.code == FailureCode::Unauthorized
    {
        entry.intent = Intent::Fetch { not_before_ms: None };
    }
    save_with_secrets(inner, &mut desk, entry, secrets).await?;
    if let Some(item) = desk.items.get_mut(&id) {
        item.tries = 0;
        item.opened = None;
        if let Some(running) = item.running() {
            running.stop();
        }
    }
    inner.tell_changed(&mut desk, &[id]);
    Ok(Reply::Done)
}

fn apply(changes: OptionChanges, options: &mut RequestOptions) -> Result<(), Failure> {
    match changes.headers {
        Change::Keep => {}
        Change::Remove => options.headers.clear(),
        Change::Set(named) => {
            let is_named = |name: &str| named.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
            options.headers.retain(|(name, _)| !is_named(name));
            options
                .headers
                .extend(named.into_iter().filter(|(_, value)| !value.is_empty()));
        }
    }
    changes.cookies.apply(&mut options.cookies);
    changes.referer.apply(&mut options.referer);
    changes.credentials.apply(&mut options.credentials);
    changes.proxy.apply(&mut options.proxy);
    changes.user_agent.apply(&mut options.user_agent);
    options.cookies.take_if(|cookies| cookies.is_empty());
    options.referer.take_if(|referer| referer.is_empty());
    options.proxy.take_if(|proxy| proxy.is_empty());
    options.user_agent.take_if(|user_agent| user_agent.is_empty());
    if options.headers.len() > DETAILS_MAX {
        let message = format!("a download has at most {DETAILS_MAX} headers");
        return Err(Failure::new(FailureCode::TooMany, message));
    }
    if let Some(user_agent) = &options.user_agent {
        check_user_agent(user_agent)?;
    }
    Ok(())
}

/// Before others in the queue, or after them.
pub(super) async fn set_priority(
    inner: &Inner,
    ids: Vec<DownloadId>,
    priority: Priority,
) -> Result<Reply, Failure> {
    change_each(inner, ids, |entry| entry.priority = priority).await
}

/// Puts downloads into a category, finished ones too; the files stay where they are.
pub(super) async fn set_category(
    inner: &Inner,
    ids: Vec<DownloadId>,
    category: Option<CategoryId>,
) -> Result<Reply, Failure> {
    {
        let desk = inner.desk.lock().await;
        if category.is_some_and(|id| desk.categories.iter().all(|known| known.id != id)) {
            return Err(Failure::new(FailureCode::NotFound, "there is no such category"));
        }
    }
    let elsewhere = ids.clone();
    let put = |entry: &mut Entry| {
        entry.category = category;
        entry.category_chosen = true;
    };
    change_each(inner, ids, put).await?;
    super::files::change_finished(inner, elsewhere, put).await?;
    Ok(Reply::Done)
}

async fn change_each(
    inner: &Inner,
    ids: Vec<DownloadId>,
    change: impl Fn(&mut Entry),
) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    let ids = on_desk(&desk, Some(ids))?;
    change_entries(inner, &mut desk, &ids, change).await?;
    Ok(Reply::Done)
}

async fn change_entries(
    inner: &Inner,
    desk: &mut Desk,
    ids: &[DownloadId],
    change: impl Fn(&mut Entry),
) -> Result<(), Failure> {
    let entries = ids
        .iter()
        .filter_map(|id| desk.items.get(id))
        .map(|item| {
            let mut entry = item.entry.clone();
            change(&mut entry);
            entry
        })
        .collect();
    inner.save(desk, entries).await
}

/// Those of them that are not finished; there is at least one.
fn some_on_desk(desk: &Desk, ids: Vec<DownloadId>) -> Result<Vec<DownloadId>, Failure> {
    let ids = on_desk(desk, Some(ids))?;
    if ids.is_empty() {
        return Err(not_found());
    }
    Ok(ids)
}

/// Moves downloads within the order, and into a queue.
pub(super) async fn move_in_order(
    inner: &Inner,
    ids: Vec<DownloadId>,
    queue: Option<QueueId>,
    place: gannet_schema::Place,
) -> Result<Reply, Failure> {
    let mut desk = inner.desk.lock().await;
    if queue.is_some_and(|id| desk.queue(id).is_none()) {
        return Err(Failure::new(FailureCode::NotFound, "there is no such queue"));
    }
    let ids = on_desk(&desk, Some(ids))?;
    let named: HashSet<DownloadId> = ids.iter().copied().collect();
    let positions = positions(&desk, &ids, &named, place)?;
    let mut entries = Vec::new();
    for (id, position) in positions {
        let Some(item) = desk.items.get(&id) else { continue };
        let mut entry = item.entry.clone();
        entry.position = position;
        if let Some(queue) = queue.filter(|_| named.contains(&id)) {
            entry.queue = queue;
        }
        entries.push(entry);
    }
    let moved: Vec<DownloadId> = queue
        .map(|queue| {
            let other = |id: &&DownloadId| desk.items.get(id).is_some_and(|item| item.entry.queue != queue);
            ids.iter().filter(other).copied().collect()
        })
        .unwrap_or_default();
    inner.save(&mut desk, entries).await?;
    // Limits of a queue are built into what runs: it goes on under those of the new one.
    for id in moved {
        if let Some(running) = desk.items.get(&id).and_then(Item::running) {
            running.stop();
        }
    }
    Ok(Reply::Done)
}

/// Where downloads come to stand; others too, where no numbers are left between two neighbours.
fn positions(
    desk: &Desk,
    ids: &[DownloadId],
    named: &HashSet<DownloadId>,
    place: gannet_schema::Place,
) -> Result<Vec<(DownloadId, f64)>, Failure> {
    let mut others: Vec<(f64, DownloadId)> = desk
        .items
        .values()
        .filter(|item| !named.contains(&item.entry.id))
        .map(|item| (item.entry.position, item.entry.id))
        .collect();
    others.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let index = match place {
        gannet_schema::Place::First => 0,
        gannet_schema::Place::Last => others.len(),
        gannet_schema::Place::Before { id } => others
            .iter()
            .position(|(_, other)| *other == id)
            .ok_or_else(not_found)?,
    };
    let count = ids.len() as f64;
    let before = index.checked_sub(1).map(|index| others[index].0);
    let after = others.get(index).map(|(position, _)| *position);
    let (from, step) = match (before, after) {
        (None, None) => (0.0, 1.0),
        (Some(before), None) => (before, 1.0),
        (None, Some(after)) => (after - count - 1.0, 1.0),
        (Some(before), Some(after)) => (before, (after - before) / (count + 1.0)),
    };
    let mut placed: Vec<(DownloadId, f64)> = Vec::new();
    let mut last = from;
    for (number, id) in (1..).zip(ids) {
        let position = from + step * f64::from(number);
        if position <= last || after.is_some_and(|after| position >= after) {
            // Nothing fits in between any more: everybody is numbered anew.
            let order = others[..index].iter().map(|(_, id)| *id);
            let rest = others[index..].iter().map(|(_, id)| *id);
            return Ok(order
                .chain(ids.iter().copied())
                .chain(rest)
                .zip(1..)
                .map(|(id, position)| (id, f64::from(position)))
                .collect());
        }
        placed.push((*id, position));
        last = position;
    }
    Ok(placed)
}

/// An unfinished download's entry.
pub(super) fn entry(desk: &Desk, id: DownloadId) -> Result<Entry, Failure> {
    Ok(desk.items.get(&id).ok_or_else(not_found)?.entry.clone())
}

fn handle(desk: &Desk, id: DownloadId) -> Option<gannet_engine::Handle> {
    desk.items.get(&id)?.running()?.handle.get().cloned()
}

async fn secrets_of(inner: &Inner, id: DownloadId) -> Result<Secrets, Failure> {
    inner
        .store
        .run(move |connection| store::secrets(connection, id))
        .await
        .map_err(|error| store_failure(&error))?
        .ok_or_else(|| invalid("the download has no address any more"))
}

async fn save_with_secrets(
    inner: &Inner,
    desk: &mut Desk,
    entry: Entry,
    secrets: Secrets,
) -> Result<(), Failure> {
    let id = entry.id;
    inner
        .write(vec![changed(&entry), Write::Secrets(id, Box::new(secrets))])
        .await?;
    if let Some(item) = desk.items.get_mut(&id) {
        item.entry = entry;
    }
    Ok(())
}
