//! The list as a file, and back: what was wanted and what became of it, without secrets.

use std::collections::HashMap;
use std::sync::Arc;

use gannet_schema::{
    Category, DownloadId, DuplicateChoice, Failure, FailureCode, NewDownload, Priority, Queue, Reply,
    RequestOptions, Start,
};
use serde::{Deserialize, Serialize};

use super::{add, invalid};
use crate::address::Address;
use crate::entry::{Entry, Folder, Intent, Name};
use crate::inner::Inner;
use crate::runner::store_failure;
use crate::secrets::Secrets;
use crate::store::{self, Write};

/// The form that is written.
const VERSION: u32 = 1;
/// A longer file is not read.
const TEXT_BYTES_MAX: usize = 64 << 20;
/// Downloads of one file.
const LISTED_MAX: usize = 200_000;

#[derive(Serialize, Deserialize)]
struct Exported {
    gannet_list: u32,
    downloads: Vec<ExportedDownload>,
}

#[derive(Serialize, Deserialize)]
struct ExportedDownload {
    /// Without userinfo and query.
    url: String,
    name: String,
    folder: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    checksums: Vec<String>,
    #[serde(default)]
    length: Option<u64>,
    added_at_ms: u64,
    #[serde(default)]
    finished: Option<Intent>,
}

/// The list as a file.
pub(super) async fn export(inner: &Inner) -> Result<Reply, Failure> {
    let (mut entries, categories, queues) = {
        let desk = inner.desk.lock().await;
        let mut entries: Vec<Entry> = desk.items.values().map(|item| item.entry.clone()).collect();
        entries.sort_by(|one, other| one.position.total_cmp(&other.position));
        (entries, desk.categories.clone(), desk.queues.clone())
    };
    let finished = inner
        .store
        .run(store::all_finished)
        .await
        .map_err(|error| store_failure(&error))?;
    entries.extend(finished);
    let written = tokio::task::spawn_blocking(move || {
        let downloads = entries
            .into_iter()
            .map(|entry| exported(entry, &categories, &queues))
            .collect();
        serde_json::to_string_pretty(&Exported {
            gannet_list: VERSION,
            downloads,
        })
    });
    match written.await {
        Ok(Ok(text)) => Ok(Reply::Exported { text }),
        Ok(Err(error)) => Err(Failure::new(FailureCode::Internal, error.to_string())),
        Err(error) => Err(Failure::new(FailureCode::Internal, error.to_string())),
    }
}

fn exported(entry: Entry, categories: &[Category], queues: &[Queue]) -> ExportedDownload {
    ExportedDownload {
        url: entry.shown,
        name: entry.name.as_str().to_owned(),
        folder: entry.folder.as_str().to_owned(),
        category: categories
            .iter()
            .find(|category| Some(category.id) == entry.category)
            .map(|category| category.name.clone()),
        queue: queues
            .iter()
            .find(|queue| queue.id == entry.queue)
            .map(|queue| queue.name.clone()),
        priority: entry.priority,
        checksums: entry.checksums,
        length: entry.length,
        added_at_ms: entry.added_at_ms,
        finished: matches!(entry.intent, Intent::Finished { .. }).then_some(entry.intent),
    }
}

/// Takes in a list. What is not finished comes paused: a person looks at it first. What the list holds already is left
/// out, and a folder that is not beneath a root becomes the usual one.
pub(super) async fn import(inner: &Arc<Inner>, text: String) -> Result<Reply, Failure> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Failure::new(
            FailureCode::TooMany,
            "the file is too long for a list",
        ));
    }
    let list: Exported = tokio::task::spawn_blocking(move || serde_json::from_str(&text))
        .await
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?
        .map_err(|error| invalid(format!("this is not a list that Gannet exported: {error}")))?;
    if list.gannet_list != VERSION {
        return Err(invalid(format!(
            "a list of form {} cannot be read",
            list.gannet_list
        )));
    }
    if list.downloads.len() > LISTED_MAX {
        return Err(Failure::new(FailureCode::TooMany, "the list is too long"));
    }
    let (categories, queues) = {
        let desk = inner.desk.lock().await;
        let categories: HashMap<_, _> = desk
            .categories
            .iter()
            .map(|one| (one.name.clone(), one.id))
            .collect();
        let queues: HashMap<_, _> = desk.queues.iter().map(|one| (one.name.clone(), one.id)).collect();
        (categories, queues)
    };
    let (finished, unfinished): (Vec<_>, Vec<_>) = list
        .downloads
        .into_iter()
        .partition(|download| download.finished.is_some());
    let mut ids = import_finished(inner, finished, &categories).await?;
    let unfinished: Vec<NewDownload> = unfinished
        .into_iter()
        .map(|download| NewDownload {
            folder: Some(download.folder).filter(|folder| inner.roots.find(folder).is_ok()),
            category: download.category.and_then(|name| categories.get(&name).copied()),
            queue: download.queue.and_then(|name| queues.get(&name).copied()),
            url: download.url,
            mirrors: Vec::new(),
            name: Some(download.name),
            start: Start::Paused,
            checksums: download.checksums,
            connections: None,
            limit_bytes_per_s: None,
            options: RequestOptions::default(),
            ticket: None,
            replace: false,
        })
        .collect();
    for some in unfinished.chunks(1_000) {
        if let Reply::Added { ids: added, .. } = add::add(inner, some.to_vec(), DuplicateChoice::Skip).await?
        {
            ids.extend(added);
        }
    }
    Ok(Reply::Added {
        ids,
        duplicates: Vec::new(),
    })
}

async fn import_finished(
    inner: &Inner,
    downloads: Vec<ExportedDownload>,
    categories: &HashMap<String, gannet_schema::CategoryId>,
) -> Result<Vec<DownloadId>, Failure> {
    let mut with_addresses = Vec::new();
    for download in downloads {
        with_addresses.push((Address::parse(&download.url)?, download));
    }
    let addresses: Vec<Address> = with_addresses
        .iter()
        .map(|(address, _)| address.clone())
        .collect();
    let known = add::known_addresses(inner, &addresses, DuplicateChoice::Skip).await?;
    let mut desk = inner.desk.lock().await;
    let mut writes = Vec::new();
    let mut ids = Vec::new();
    let mut counted = Vec::new();
    let mut last_id = desk.last_id;
    for (address, download) in with_addresses {
        let Some(intent @ Intent::Finished { .. }) = download.finished else {
            continue;
        };
        // A row of somebody else's making names no file outside of the roots.
        let Ok(folder) = inner.roots.find(&download.folder) else {
            continue;
        };
        let safe = gannet_engine::SafeFileName::from_untrusted(&download.name);
        if known.contains_key(&address.digest())
            || safe.as_ref().is_none_or(|safe| safe.as_str() != download.name)
        {
            continue;
        }
        last_id += 1;
        let category = download.category.and_then(|name| categories.get(&name).copied());
        let entry = Entry {
            id: DownloadId(last_id),
            address_digest: address.digest(),
            name: Name::Settled(download.name),
            host: address.host(),
            shown: address.shown(),
            mirrors: 0,
            category,
            category_chosen: true,
            queue: gannet_schema::QueueId::MAIN,
            position: 0.0,
            priority: download.priority,
            folder: Folder::Chosen(folder.text()),
            intent,
            length: download.length,
            resumable: None,
            validator: None,
            connections: None,
            limit_bytes_per_s: None,
            checksums: download.checksums,
            found_digest: None,
            added_at_ms: download.added_at_ms,
            active_ms: 0,
            new_address: false,
            start_over: false,
            may_replace: false,
        };
        let secrets = Secrets {
            url: address.full().to_owned(),
            ..Secrets::default()
        };
        ids.push(entry.id);
        counted.push(category);
        writes.push(Write::New(Box::new(entry), Box::new(secrets)));
    }
    if writes.is_empty() {
        return Ok(ids);
    }
    inner.write(writes).await?;
    desk.last_id = last_id;
    for category in counted {
        desk.count_finished(category, 1);
    }
    // Rows of finished downloads are asked for by page; that there are more is told by the counts.
    let event = desk.changed(&[], crate::time::now_ms());
    inner.feed.tell(event);
    Ok(ids)
}
