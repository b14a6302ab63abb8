//! Folders that a person chose in a dialog of the system: from then on files may be put beneath them too.

use std::path::Path;
use std::sync::Arc;

use gannet_schema::{Failure, FailureCode};

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
    if inner.roots.find(&text).is_ok() {
        return Ok(text);
    }
    inner.roots.admit(resolved.clone())?;
    let chosen = inner.roots.chosen();
    let written = inner
        .store
        .run(move |connection| store::save_chosen_folders(connection, &chosen))
        .await;
    if let Err(error) = written {
        inner.roots.dismiss(&resolved);
        return Err(store_failure(&error));
    }
    room::look(inner).await;
    Ok(text)
}
