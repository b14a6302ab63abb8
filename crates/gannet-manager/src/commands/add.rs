//! Adding downloads: checked, told from those that are there already, and written together.

use std::collections::HashMap;
use std::sync::Arc;

use gannet_engine::SafeFileName;
use gannet_schema::{
    DownloadId, Duplicate, DuplicateChoice, Failure, FailureCode, NewDownload, Priority, QueueId, Reply,
    Start,
};

use super::invalid;
use crate::address::{Address, AddressDigest};
use crate::desk::{Desk, Item};
use crate::entry::{Entry, Folder, Intent, Name};
use crate::inner::Inner;
use crate::secrets::Secrets;
use crate::store::{self, Write};
use crate::time::now_ms;

/// Downloads that one command may add.
const ADDED_MAX: usize = 10_000;
/// Downloads that are not finished, in all.
const UNFINISHED_MAX: usize = 100_000;
/// Mirrors of one file.
pub(super) const MIRRORS_MAX: usize = 64;
/// Digests and headers of one file.
pub(super) const DETAILS_MAX: usize = 64;

/// Adds downloads: all that are new, or none where one of them cannot be.
pub(super) async fn add(
    inner: &Arc<Inner>,
    downloads: Vec<NewDownload>,
    duplicates: DuplicateChoice,
) -> Result<Reply, Failure> {
    if downloads.is_empty() {
        return Err(invalid("there is nothing to add"));
    }
    if downloads.len() > ADDED_MAX {
        return Err(Failure::new(
            FailureCode::TooMany,
            format!("at most {ADDED_MAX} downloads are added at once"),
        ));
    }
    let addresses = downloads
        .iter()
        .map(|download| Address::parse(&download.url))
        .collect::<Result<Vec<_>, _>>()?;
    let mut desk = inner.desk.lock().await;
    let desk = &mut *desk;
    check_room(desk, downloads.len())?;
    let mut known = known_addresses(inner, &addresses, duplicates).await?;
    let mut drafting = Drafting::new(inner, desk);
    let mut drafts = Vec::new();
    let mut found = Vec::new();
    for (download, address) in downloads.into_iter().zip(addresses) {
        if let Some(entry) = known.get(&address.digest()) {
            found.push(duplicate(&address, entry));
            continue;
        }
        let ticket = download.ticket;
        let (entry, secrets) = drafting.draft(download, &address)?;
        if duplicates != DuplicateChoice::Add {
            // The same link further down is one that the list holds by then.
            known.insert(address.digest(), entry.clone());
        }
        drafts.push((entry, secrets, ticket, address));
    }
    let last_id = drafting.last_id;
    let writes = drafts
        .iter()
        .map(|(entry, secrets, ..)| Write::New(Box::new(entry.clone()), Box::new(secrets.clone())))
        .collect();
    inner.write(writes).await?;
    desk.last_id = last_id;
    let ids: Vec<_> = drafts.iter().map(|(entry, ..)| entry.id).collect();
    for (entry, _, ticket, address) in drafts {
        let mut item = Item::new(entry);
        item.opened = ticket.and_then(|ticket| inner.probes.take(ticket, &address));
        desk.items.insert(item.entry.id, item);
    }
    let_go_of_answers(inner, &ids, desk);
    if !ids.is_empty() {
        inner.tell_changed(desk, &ids);
    }
    Ok(Reply::Added {
        ids,
        duplicates: found,
    })
}

/// What the list holds already of these addresses.
pub(super) async fn known_addresses(
    inner: &Inner,
    addresses: &[Address],
    duplicates: DuplicateChoice,
) -> Result<HashMap<AddressDigest, Entry>, Failure> {
    if duplicates == DuplicateChoice::Add {
        return Ok(HashMap::new());
    }
    let digests: Vec<_> = addresses.iter().map(Address::digest).collect();
    let entries = inner
        .store
        .run(move |connection| store::of_addresses(connection, &digests))
        .await
        .map_err(|error| crate::runner::store_failure(&error))?;
    Ok(entries
        .into_iter()
        .map(|entry| (entry.address_digest, entry))
        .collect())
}

pub(super) fn duplicate(address: &Address, entry: &Entry) -> Duplicate {
    Duplicate {
        url: address.shown(),
        id: entry.id,
        name: entry.name.as_str().to_owned(),
        finished: entry.is_finished(),
    }
}

/// An answer that is held open is spent soon, or let go: the server does not wait for a long queue.
fn let_go_of_answers(inner: &Arc<Inner>, ids: &[DownloadId], desk: &Desk) {
    let holding: Vec<_> = ids
        .iter()
        .copied()
        .filter(|id| desk.items.get(id).is_some_and(|item| item.opened.is_some()))
        .collect();
    if holding.is_empty() {
        return;
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        tokio::time::sleep(crate::probe::HELD_FOR).await;
        let mut desk = inner.desk.lock().await;
        for id in holding {
            if let Some(item) = desk.items.get_mut(&id) {
                item.opened = None;
            }
        }
    });
}

/// Refuses more than the list holds.
pub(super) fn check_room(desk: &Desk, count: usize) -> Result<(), Failure> {
    if desk.items.len() + count > UNFINISHED_MAX {
        return Err(Failure::new(
            FailureCode::TooMany,
            format!("the list holds at most {UNFINISHED_MAX} unfinished downloads"),
        ));
    }
    Ok(())
}

/// Makes entries of what is to be added.
pub(super) struct Drafting<'a> {
    inner: &'a Inner,
    desk: &'a Desk,
    now_ms: u64,
    /// The last number that was given.
    pub(super) last_id: u32,
    position: f64,
}

impl<'a> Drafting<'a> {
    pub(super) fn new(inner: &'a Inner, desk: &'a Desk) -> Self {
        Self {
            inner,
            desk,
            now_ms: now_ms(),
            last_id: desk.last_id,
            position: desk.last_position(),
        }
    }

    /// A number that no download had yet.
    pub(super) fn next_id(&mut self) -> Result<DownloadId, Failure> {
        self.last_id = self
            .last_id
            .checked_add(1)
            .ok_or_else(|| Failure::new(FailureCode::TooMany, "all numbers for downloads are used up"))?;
        Ok(DownloadId(self.last_id))
    }

    pub(super) fn draft(
        &mut self,
        download: NewDownload,
        address: &Address,
    ) -> Result<(Entry, Secrets), Failure> {
        let queue = download.queue.unwrap_or(QueueId::MAIN);
        if self.desk.queue(queue).is_none() {
            return Err(Failure::new(FailureCode::NotFound, "there is no such queue"));
        }
        if let Some(category) = download.category
            && !self.desk.categories.iter().any(|known| known.id == category)
        {
            return Err(Failure::new(FailureCode::NotFound, "there is no such category"));
        }
        if download.mirrors.len() > MIRRORS_MAX
            || download.checksums.len() > DETAILS_MAX
            || download.options.headers.len() > DETAILS_MAX
        {
            return Err(Failure::new(
                FailureCode::TooMany,
                "too many mirrors, checksums or headers for one download",
            ));
        }
        let folder = download
            .folder
            .as_deref()
            .map(|folder| self.inner.roots.find(folder))
            .transpose()?;
        if download.replace && (download.name.is_none() || download.folder.is_none()) {
            return Err(invalid(
                "which file may be replaced is said by a name and a folder",
            ));
        }
        let name = if let Some(name) = &download.name {
            let safe = SafeFileName::from_untrusted(name);
            let safe = safe.ok_or_else(|| invalid(format!("{name:?} is no name for a file")))?;
            Name::Chosen(safe.as_str().to_owned())
        } else {
            let proposed = SafeFileName::from_address(address.full());
            Name::Proposed(proposed.map_or_else(|| "download".to_owned(), |name| name.as_str().to_owned()))
        };
        let mirrors = download
            .mirrors
            .iter()
            .map(|mirror| Ok(Address::parse(mirror)?.full().to_owned()))
            .collect::<Result<Vec<_>, Failure>>()?;
        self.position += 1.0;
        let mut entry = Entry {
            id: self.next_id()?,
            address_digest: address.digest(),
            host: address.host(),
            shown: address.shown(),
            mirrors: mirrors.len() as u32,
            category: download.category,
            category_chosen: download.category.is_some(),
            queue,
            position: self.position,
            priority: Priority::Normal,
            folder: match folder {
                Some(folder) => Folder::Chosen(folder.text()),
                None => Folder::Suggested(String::new()),
            },
            intent: self.intent(download.start),
            length: None,
            resumable: None,
            validator: None,
            connections: download.connections.map(check_connections).transpose()?,
            limit_bytes_per_s: download.limit_bytes_per_s.filter(|&limit| limit > 0),
            checksums: download.checksums,
            found_digest: None,
            added_at_ms: self.now_ms,
            active_ms: 0,
            new_address: false,
            start_over: false,
            // A name that had to be made a safe one is not the one that was agreed to.
            may_replace: download.replace && download.name.as_deref() == Some(name.as_str()),
            on_existing: download.on_existing,
            on_change: download.on_change,
            last_held: crate::desk::Held::default(),
            name,
        };
        let name = entry.name.as_str().to_owned();
        self.inner.place(self.desk, &mut entry, &name);
        let secrets = Secrets {
            url: address.full().to_owned(),
            mirrors,
            options: download.options,
            pieces: download.pieces.and_then(|set| self.inner.pieces.of(set)),
        };
        // What the engine would refuse later is refused now.
        self.inner
            .network
            .request_for(
                &entry,
                &secrets,
                &self.desk.settings,
                self.desk.proxy_url.as_ref(),
            )
            .map_err(|error| crate::outcome::failure_of(&error))?;
        Ok((entry, secrets))
    }

    fn intent(&self, start: Start) -> Intent {
        match start {
            Start::InTurn if self.desk.settings.general.start_when_added => {
                Intent::Fetch { not_before_ms: None }
            }
            Start::InTurn | Start::Paused => Intent::Pause,
            Start::At { at_ms } => Intent::Fetch {
                not_before_ms: Some(at_ms),
            },
        }
    }
}

pub(super) fn check_connections(connections: u32) -> Result<u32, Failure> {
    if (1..=gannet_engine::CONNECTIONS_MAX).contains(&connections) {
        Ok(connections)
    } else {
        Err(invalid(format!(
            "a download has 1 to {} connections",
            gannet_engine::CONNECTIONS_MAX
        )))
    }
}
