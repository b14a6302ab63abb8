//! The list as a file, and back: what was wanted and what became of it.
//!
//! Addresses are whole, since a signed one is worth nothing without its query; whoever exports asked for that. Logins,
//! headers, cookies and proxies are left out, and each download says what of it was.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gannet_schema::{
    Category, CategoryId, DownloadId, DuplicateChoice, Failure, FailureCode, NewDownload, OnChange,
    OnExisting, Priority, Queue, QueueId, Reply, RequestOptions, Start,
};
use serde::{Deserialize, Serialize};

use super::add::{self, Drafting};
use super::invalid;
use crate::address::{Address, AddressDigest};
use crate::desk::{Desk, Item};
use crate::entry::{Entry, Folder, Intent, Name};
use crate::inner::Inner;
use crate::pieces::StoredPieces;
use crate::runner::store_failure;
use crate::secrets::Secrets;
use crate::store::{self, Write};

/// The form that is written. The first one had cut addresses, and neither mirrors nor limits; it is read too.
const VERSION: u32 = 2;
/// A longer file is not read.
const TEXT_BYTES_MAX: usize = 64 << 20;
/// Downloads of one file.
const LISTED_MAX: usize = 200_000;

#[derive(Serialize, Deserialize)]
struct Exported {
    // First, so that a file is known by its beginning.
    gannet_list: u32,
    downloads: Vec<ExportedDownload>,
}

#[derive(Serialize, Deserialize)]
struct ExportedDownload {
    /// Without a login.
    url: String,
    #[serde(default)]
    mirrors: Vec<String>,
    name: String,
    folder: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    connections: Option<u32>,
    #[serde(default)]
    limit_bytes_per_s: Option<u64>,
    #[serde(default)]
    on_existing: Option<OnExisting>,
    #[serde(default)]
    on_change: Option<OnChange>,
    #[serde(default)]
    checksums: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pieces: Option<StoredPieces>,
    #[serde(default)]
    length: Option<u64>,
    added_at_ms: u64,
    #[serde(default)]
    finished: Option<Intent>,
    /// What of it is secret, and has to be given again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
}

/// What an exported list does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LeftOut {
    Login,
    Headers,
    Cookies,
    Referer,
    Proxy,
    UserAgent,
}

/// The list as a file.
pub(super) async fn export(inner: &Inner) -> Result<Reply, Failure> {
    let (mut entries, categories, queues) = {
        let desk = inner.desk.lock().await;
        let mut entries: Vec<Entry> = desk.items.values().map(|item| item.entry.clone()).collect();
        entries.sort_by(|one, other| one.position.total_cmp(&other.position));
        (entries, desk.categories.clone(), desk.queues.clone())
    };
    let read = inner
        .store
        .run(|connection| Ok((store::all_finished(connection)?, store::all_secrets(connection)?)));
    let (finished, mut secrets) = read.await.map_err(|error| store_failure(&error))?;
    entries.extend(finished);
    let written = tokio::task::spawn_blocking(move || {
        let downloads = entries
            .into_iter()
            .map(|entry| {
                let secrets = secrets.remove(&entry.id).unwrap_or_default();
                exported(entry, secrets, &categories, &queues)
            })
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

fn exported(entry: Entry, secrets: Secrets, categories: &[Category], queues: &[Queue]) -> ExportedDownload {
    let given = [&secrets.url].into_iter().chain(&secrets.mirrors);
    let mut addresses: Vec<String> = given
        .clone()
        .filter_map(|url| Some(Address::parse(url).ok()?.without_login()))
        .collect();
    let bears_login = given.zip(&addresses).any(|(full, bare)| full != bare);
    let url = if addresses.is_empty() {
        entry.shown
    } else {
        addresses.remove(0)
    };
    ExportedDownload {
        url,
        mirrors: addresses,
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
        connections: entry.connections,
        limit_bytes_per_s: entry.limit_bytes_per_s,
        on_existing: entry.on_existing,
        on_change: entry.on_change,
        checksums: entry.checksums,
        pieces: secrets.pieces,
        length: entry.length,
        added_at_ms: entry.added_at_ms,
        finished: matches!(entry.intent, Intent::Finished { .. }).then_some(entry.intent),
        left_out: left_out(&secrets.options, bears_login),
    }
}

fn left_out(options: &RequestOptions, bears_login: bool) -> Vec<LeftOut> {
    [
        (LeftOut::Login, bears_login || options.credentials.is_some()),
        (LeftOut::Headers, !options.headers.is_empty()),
        (LeftOut::Cookies, options.cookies.is_some()),
        (LeftOut::Referer, options.referer.is_some()),
        (LeftOut::Proxy, options.proxy.is_some()),
        (LeftOut::UserAgent, options.user_agent.is_some()),
    ]
    .into_iter()
    .filter_map(|(what, is_given)| is_given.then_some(what))
    .collect()
}

/// Takes in a list, as a whole or not at all. What is not finished comes paused: a person looks at it first. What the list
/// holds already is left out, and a folder that is not beneath a root becomes the usual one.
pub(super) async fn import(inner: &Arc<Inner>, text: String) -> Result<Reply, Failure> {
    let listed = tokio::task::spawn_blocking(move || read(&text))
        .await
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))??;
    let addresses: Vec<Address> = listed.iter().map(|(address, _)| address.clone()).collect();
    let mut desk = inner.desk.lock().await;
    let desk = &mut *desk;
    let mut seen: HashSet<AddressDigest> = add::known_addresses(inner, &addresses, DuplicateChoice::Skip)
        .await?
        .into_keys()
        .collect();
    let mut importing = Importing::new(inner, desk);
    let mut imported = Vec::new();
    for (address, download) in listed {
        if seen.insert(address.digest()) {
            imported.extend(importing.entry(&address, download)?);
        }
    }
    let last_id = importing.drafting.last_id;
    let unfinished = imported.iter().filter(|(entry, _)| !entry.is_finished()).count();
    add::check_room(desk, unfinished)?;
    let ids: Vec<DownloadId> = imported.iter().map(|(entry, _)| entry.id).collect();
    if ids.is_empty() {
        return Ok(added(ids));
    }
    let entries: Vec<Entry> = imported.iter().map(|(entry, _)| entry.clone()).collect();
    let writes = imported
        .into_iter()
        .map(|(entry, secrets)| Write::New(Box::new(entry), Box::new(secrets)));
    inner.write(writes.collect()).await?;
    desk.last_id = last_id;
    let mut told = Vec::new();
    for entry in entries {
        if entry.is_finished() {
            desk.count_finished(entry.category, 1);
        } else {
            told.push(entry.id);
            desk.items.insert(entry.id, Item::new(entry));
        }
    }
    // Rows of finished downloads are asked for by page; that there are more is told by the counts.
    inner.tell_changed(desk, &told);
    Ok(added(ids))
}

fn added(ids: Vec<DownloadId>) -> Reply {
    Reply::Added {
        ids,
        duplicates: Vec::new(),
    }
}

/// Reads a list, and checks its addresses. Blocks.
fn read(text: &str) -> Result<Vec<(Address, ExportedDownload)>, Failure> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Failure::new(
            FailureCode::TooMany,
            "the file is too long for a list",
        ));
    }
    let list: Exported = serde_json::from_str(text)
        .map_err(|error| invalid(format!("this is not a list that Gannet exported: {error}")))?;
    if !(1..=VERSION).contains(&list.gannet_list) {
        return Err(invalid(format!(
            "a list of form {} cannot be read",
            list.gannet_list
        )));
    }
    if list.downloads.len() > LISTED_MAX {
        return Err(Failure::new(FailureCode::TooMany, "the list is too long"));
    }
    let downloads = list.downloads.into_iter();
    downloads
        .map(|download| Ok((Address::parse(&download.url)?, download)))
        .collect()
}

/// Makes entries of what a list holds.
struct Importing<'a> {
    inner: &'a Inner,
    drafting: Drafting<'a>,
    categories: HashMap<&'a str, CategoryId>,
    queues: HashMap<&'a str, QueueId>,
}

impl<'a> Importing<'a> {
    fn new(inner: &'a Inner, desk: &'a Desk) -> Self {
        let categories = desk.categories.iter();
        let queues = desk.queues.iter();
        Self {
            inner,
            drafting: Drafting::new(inner, desk),
            categories: categories.map(|one| (one.name.as_str(), one.id)).collect(),
            queues: queues.map(|one| (one.name.as_str(), one.id)).collect(),
        }
    }

    /// `None` for a finished one that lies outside of the roots: a row of somebody else's making names no file there.
    fn entry(
        &mut self,
        address: &Address,
        download: ExportedDownload,
    ) -> Result<Option<(Entry, Secrets)>, Failure> {
        let category = download
            .category
            .as_deref()
            .and_then(|name| self.categories.get(name).copied());
        let queue = download
            .queue
            .as_deref()
            .and_then(|name| self.queues.get(name).copied());
        let folder = self.inner.roots.find(&download.folder).ok();
        let finished = match download.finished {
            Some(intent @ Intent::Finished { .. }) => Some(intent),
            Some(_) => {
                return Err(invalid(
                    "a download that is finished has to say when, and how long it is",
                ));
            }
            None => None,
        };
        let wanted = NewDownload {
            url: download.url,
            mirrors: download.mirrors,
            name: Some(download.name.clone()),
            folder: folder.as_ref().map(crate::folders::FolderPath::text),
            category,
            queue,
            start: Start::Paused,
            checksums: download.checksums,
            connections: download.connections,
            limit_bytes_per_s: download.limit_bytes_per_s,
            options: RequestOptions::default(),
            ticket: None,
            pieces: None,
            replace: false,
            on_existing: download.on_existing,
            on_change: download.on_change,
        };
        if finished.is_some() && (folder.is_none() || !is_safe(&download.name)) {
            return Ok(None);
        }
        let (mut entry, mut secrets) = self.drafting.draft(wanted, address)?;
        entry.priority = download.priority;
        entry.added_at_ms = download.added_at_ms;
        secrets.pieces = download.pieces.filter(|pieces| pieces.for_engine().is_some());
        if let (Some(finished), Some(folder)) = (finished, folder) {
            entry.name = Name::Settled(download.name);
            entry.folder = Folder::Chosen(folder.text());
            entry.category = category;
            entry.category_chosen = true;
            entry.length = download.length;
            entry.intent = finished;
        }
        Ok(Some((entry, secrets)))
    }
}

fn is_safe(name: &str) -> bool {
    gannet_engine::SafeFileName::from_untrusted(name).is_some_and(|safe| safe.as_str() == name)
}
