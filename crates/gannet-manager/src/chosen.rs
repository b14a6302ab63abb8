//! Folders that a person chose in a dialog of the system: from then on files may be put beneath them too, until that is
//! taken back.

use std::path::Path;
use std::sync::Arc;

use gannet_schema::{Category, Event, Failure, FailureCode, Reply, Secret, Settings};

use crate::desk::Desk;
use crate::folders::{ChosenFolders, Roots};
use crate::inner::Inner;
use crate::runner::store_failure;
use crate::store::{Store, StoreError};
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

/// Settings and categories that name a folder which is beneath no root any more name none from now on: the configuration
/// may have lost one since the last start.
pub(crate) async fn forget_lost_folders(
    store: &Store,
    desk: &mut Desk,
    roots: &Roots,
) -> Result<(), StoreError> {
    let choices = Choices::without(desk, |folder| roots.find(folder).is_err());
    if choices.are_those_of(desk) {
        return Ok(());
    }
    tracing::warn!("a folder that was chosen in the settings is beneath no download folder any more");
    let (saved, proxy_url) = (choices.clone(), desk.proxy_url.clone());
    let written = store.run(move |connection| {
        let transaction = connection.transaction()?;
        saved.save(&transaction, proxy_url.as_ref())?;
        Ok(transaction.commit()?)
    });
    written.await?;
    desk.settings = choices.settings;
    desk.categories = choices.categories;
    Ok(())
}

/// Nothing is changed where it cannot be kept.
async fn choose(inner: &Inner, desk: &mut Desk, chosen: ChosenFolders) -> Result<(), Failure> {
    let before = inner.roots.chosen();
    inner.roots.choose(&chosen);
    let is_left = |folder: &str| inner.roots.find(folder).is_err() && inner.roots.find_listed(folder).is_ok();
    let choices = Choices::without(desk, is_left);
    let (saved, proxy_url) = (choices.clone(), desk.proxy_url.clone());
    let written = inner.store.run(move |connection| {
        let transaction = connection.transaction()?;
        store::save_chosen_folders(&transaction, &chosen)?;
        saved.save(&transaction, proxy_url.as_ref())?;
        Ok(transaction.commit()?)
    });
    if let Err(error) = written.await {
        inner.roots.choose(&before);
        return Err(store_failure(&error));
    }
    if desk.settings != choices.settings {
        desk.settings = choices.settings;
        inner.feed.tell(Event::Settings {
            settings: Box::new(desk.settings.clone()),
        });
    }
    if desk.categories != choices.categories {
        desk.categories = choices.categories;
        inner.feed.tell(Event::Categories {
            categories: desk.categories.clone(),
        });
    }
    Ok(())
}

/// All that names folders.
#[derive(Clone)]
struct Choices {
    settings: Settings,
    categories: Vec<Category>,
}

impl Choices {
    /// As they are, without the folders that are lost.
    fn without(desk: &Desk, is_lost: impl Fn(&str) -> bool) -> Self {
        let mut choices = Self {
            settings: desk.settings.clone(),
            categories: desk.categories.clone(),
        };
        let categories = choices.categories.iter_mut().map(|category| &mut category.folder);
        for folder in std::iter::once(&mut choices.settings.general.folder).chain(categories) {
            folder.take_if(|folder| is_lost(folder));
        }
        choices
    }

    fn are_those_of(&self, desk: &Desk) -> bool {
        self.settings == desk.settings && self.categories == desk.categories
    }

    fn save(&self, connection: &rusqlite::Connection, proxy_url: Option<&Secret>) -> Result<(), StoreError> {
        store::save_settings(connection, &self.settings, proxy_url)?;
        self.categories
            .iter()
            .try_for_each(|category| store::save_category(connection, category))
    }
}
