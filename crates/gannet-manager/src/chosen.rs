//! Folders that a person chose in a dialog of the system: from then on files may be put beneath them too, until that is
//! taken back.

use std::path::Path;
use std::sync::Arc;

use gannet_schema::{Category, Event, Failure, FailureCode, Reply};

use crate::desk::Desk;
use crate::folders::ChosenFolders;
use crate::inner::Inner;
use crate::runner::store_failure;
use crate::{room, store};

/// Admits a folder; one beneath a root needs no admission. Answers its path.
pub(crate) async fn admit(inner: &Arc<Inner>, folder: &Path) -> Result<String, Failure> {
    let not_a_folder = || Failure::new(FailureCode::NotFound, "there is no such folder");
    let given = folder.to_owned();
    let resolved =
        tokio::task::spawn_blocking(move || std::fs::canonicalize(given).ok().filter(|at| at.is_dir()));
    let resolved = resolved.await.ok().flatten().ok_or_else(not_a_folder)?;
    let text = resolved.to_str().ok_or_else(not_a_folder)?.to_owned();
    {
        // One after the other.
        let mut desk = inner.desk.lock().await;
        if inner.roots.find(&text).is_ok() {
            return Ok(text);
        }
        let chosen = inner.roots.chosen().with(&resolved)?;
        choose(inner, &mut desk, chosen).await?;
    }
    room::look(inner).await;
    Ok(text)
}

/// Takes a chosen folder back: nothing new goes there. Where settings or a category name a folder beneath it, they name
/// none from then on.
pub(crate) async fn dismiss(inner: &Arc<Inner>, folder: &str) -> Result<Reply, Failure> {
    {
        let mut desk = inner.desk.lock().await;
        let chosen = inner
            .roots
            .chosen()
            .without(Path::new(folder))
            .ok_or_else(|| Failure::new(FailureCode::NotFound, "nobody chose this folder"))?;
        choose(inner, &mut desk, chosen).await?;
    }
    room::look(inner).await;
    Ok(Reply::Done)
}

/// Nothing is changed where it cannot be kept.
async fn choose(inner: &Inner, desk: &mut Desk, chosen: ChosenFolders) -> Result<(), Failure> {
    let before = inner.roots.chosen();
    inner.roots.choose(&chosen);
    let is_left = |folder: &Option<String>| {
        let found = |folder| inner.roots.find(folder).is_err() && inner.roots.find_listed(folder).is_ok();
        folder.as_deref().is_some_and(found)
    };
    let mut settings = desk.settings.clone();
    if is_left(&settings.general.folder) {
        settings.general.folder = None;
    }
    let homeless: Vec<Category> = desk
        .categories
        .iter()
        .filter(|category| is_left(&category.folder))
        .map(|category| Category {
            folder: None,
            ..category.clone()
        })
        .collect();
    let (saved, proxy_url, categories) = (settings.clone(), desk.proxy_url.clone(), homeless.clone());
    let written = inner.store.run(move |connection| {
        let transaction = connection.transaction()?;
        store::save_chosen_folders(&transaction, &chosen)?;
        store::save_settings(&transaction, &saved, proxy_url.as_ref())?;
        for category in &categories {
            store::save_category(&transaction, category)?;
        }
        Ok(transaction.commit()?)
    });
    if let Err(error) = written.await {
        inner.roots.choose(&before);
        return Err(store_failure(&error));
    }
    if desk.settings != settings {
        desk.settings = settings;
        inner.feed.tell(Event::Settings {
            settings: Box::new(desk.settings.clone()),
        });
    }
    if !homeless.is_empty() {
        for category in homeless {
            if let Some(known) = desk.categories.iter_mut().find(|known| known.id == category.id) {
                *known = category;
            }
        }
        inner.feed.tell(Event::Categories {
            categories: desk.categories.clone(),
        });
    }
    Ok(())
}
