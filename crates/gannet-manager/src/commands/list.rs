//! What is asked: finished downloads by page, details, full addresses, folders.

use std::path::PathBuf;

use gannet_schema::{Detail, DownloadId, Failure, FailureCode, FinishedPage, Folder, Reply, Standing};

use super::{check_count, not_found};
use crate::folders::{Missing, Roots, open_failure};
use crate::inner::Inner;
use crate::live::{empty_detail, longest};
use crate::room::{Needs, unfinished};
use crate::runner::store_failure;
use crate::store;

/// Rows of one page.
const PAGE_MAX: u32 = 1_000;

/// A page of finished downloads. Whether their files are still there is looked at now.
pub(super) async fn finished(inner: &Inner, mut page: FinishedPage) -> Result<Reply, Failure> {
    page.count = page.count.min(PAGE_MAX);
    let roots = inner.roots.clone();
    let listed = inner.store.page(page).await;
    let (entries, total) = listed.map_err(|error| store_failure(&error))?;
    let rows = tokio::task::spawn_blocking(move || {
        let mut folders = Folders::new(roots);
        entries
            .into_iter()
            .map(|entry| {
                let mut row = entry.row(Standing::Finished, 0, gannet_schema::Cells::default());
                row.missing = !folders.has(&row.folder, &row.name);
                row
            })
            .collect()
    });
    let rows = rows
        .await
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?;
    Ok(Reply::Finished { rows, total })
}

/// Folders that are looked into more than once are opened once.
struct Folders {
    roots: Roots,
    open: std::collections::HashMap<String, Option<crate::folders::OpenFolder>>,
}

impl Folders {
    fn new(roots: Roots) -> Self {
        Self {
            roots,
            open: std::collections::HashMap::new(),
        }
    }

    fn has(&mut self, folder: &str, name: &str) -> bool {
        let roots = &self.roots;
        let open = self.open.entry(folder.to_owned()).or_insert_with(|| {
            let folder = roots.find_listed(folder).ok()?;
            folder.open(Missing::Refuse).ok()
        });
        open.as_ref().is_some_and(|open| open.file_length(name).is_some())
    }
}

/// Everything about one download.
pub(super) async fn detail(inner: &Inner, id: DownloadId) -> Result<Reply, Failure> {
    let mut detail = detail_of(inner, id).await?;
    let secrets = inner
        .store
        .run(move |connection| store::secrets(connection, id))
        .await
        .map_err(|error| store_failure(&error))?
        .unwrap_or_default();
    detail.header_names = secrets.header_names();
    for url in secrets.shown_mirrors() {
        if detail.sources.iter().all(|source| source.url != url) {
            detail.sources.push(gannet_schema::Source {
                url,
                state: gannet_schema::SourceState::Used,
            });
        }
    }
    Ok(Reply::Detail {
        detail: Box::new(detail),
    })
}

async fn detail_of(inner: &Inner, id: DownloadId) -> Result<Detail, Failure> {
    let (found, resting) = {
        let desk = inner.desk.lock().await;
        let mut lives = desk.finished_lives.iter().rev();
        let live = lives.find(|(finished, _)| *finished == id).map(|(_, live)| live);
        match (crate::ticker::detail(&desk, id), live) {
            (Some(detail), _) => {
                let item = desk.items.get(&id).filter(|item| !item.is_busy());
                (Some(detail), item.map(|item| item.entry.clone()))
            }
            (None, Some(live)) => {
                let live = std::sync::Arc::clone(live);
                drop(desk);
                return Ok(live.detail(&stored(inner, id).await?));
            }
            (None, None) => (None, None),
        }
    };
    let Some(mut detail) = found else {
        return Ok(empty_detail(&stored(inner, id).await?));
    };
    if let Some(entry) = resting.filter(|_| detail.ranges.is_empty()) {
        let roots = inner.roots.clone();
        let ranges = tokio::task::spawn_blocking(move || {
            crate::rest::written(&entry, &roots).map(|(written, _)| longest(&written))
        });
        detail.ranges = ranges.await.ok().flatten().unwrap_or_default();
    }
    Ok(detail)
}

async fn stored(inner: &Inner, id: DownloadId) -> Result<crate::entry::Entry, Failure> {
    inner
        .store
        .run(move |connection| store::entry(connection, id))
        .await
        .map_err(|error| store_failure(&error))?
        .ok_or_else(not_found)
}

/// Where the file of a download is, or will be.
pub(crate) async fn place(inner: &Inner, id: DownloadId) -> Result<Place, Failure> {
    let on_desk = {
        let desk = inner.desk.lock().await;
        desk.items.get(&id).map(|item| item.entry.clone())
    };
    let entry = match on_desk {
        Some(entry) => entry,
        None => stored(inner, id).await?,
    };
    let folder = inner.roots.find_listed(entry.folder.as_str())?.path();
    Ok(Place {
        file: entry.is_finished().then(|| folder.join(entry.name.as_str())),
        folder,
    })
}

/// Where a download's file is, or will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// The file, once it is whole; it may have been moved or deleted since.
    pub file: Option<PathBuf>,
}

/// Full addresses; those that the list does not know are passed over, unless it knows none of them.
pub(super) async fn addresses(inner: &Inner, ids: Vec<DownloadId>) -> Result<Reply, Failure> {
    check_count(&ids)?;
    let found = inner
        .store
        .run(move |connection| {
            let mut urls = Vec::new();
            for id in ids {
                urls.extend(store::secrets(connection, id)?.map(|secrets| secrets.url));
            }
            Ok(urls)
        })
        .await;
    let urls = found.map_err(|error| store_failure(&error))?;
    if urls.is_empty() {
        return Err(not_found());
    }
    Ok(Reply::Addresses { urls })
}

/// The folders in a folder beneath a root.
pub(super) async fn folders(inner: &Inner, folder: &str) -> Result<Reply, Failure> {
    let folder = inner.roots.find(folder)?;
    let queued = unfinished(&*inner.desk.lock().await);
    let roots = inner.roots.clone();
    let listed = tokio::task::spawn_blocking(move || {
        let refused = |error| open_failure(&folder, &error);
        let open = folder.open(Missing::Refuse).map_err(refused)?;
        let folders = open
            .folders()
            .map_err(refused)?
            .into_iter()
            .map(|name| Folder {
                path: folder.path().join(&name).to_string_lossy().into_owned(),
                name,
            })
            .collect();
        Ok(Reply::Folders {
            folders,
            free_bytes: open.free_bytes(),
            needed_bytes: Needs::of(&roots, &queued).on_disk_of(&open),
        })
    });
    listed
        .await
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?
}

/// Makes a folder beneath a root.
pub(super) async fn make_folder(inner: &Inner, folder: &str) -> Result<Reply, Failure> {
    let folder = inner.roots.find(folder)?;
    let made = tokio::task::spawn_blocking(move || match folder.open(Missing::Make) {
        Ok(_) => Ok(Reply::Done),
        Err(error) => Err(open_failure(&folder, &error)),
    });
    made.await
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?
}
