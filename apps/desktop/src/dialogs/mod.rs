//! The system's own dialogs. What is chosen in them was chosen by the person at the screen: files may go there from then on.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::io;
use std::path::{Path, PathBuf};

use gannet_schema::{Failure, FailureCode};
use serde::Serialize;
use tauri::{AppHandle, Manager as _};
use tokio::sync::{Mutex, MutexGuard};

use crate::words::{Dialog, Words};
use crate::works::Works;

/// A name for a file, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    pub(crate) folder: String,
    pub(crate) name: String,
    /// A file of this name is there: the dialog asked whether it is to be replaced, and was told that it is.
    pub(crate) replaces: bool,
}

/// One dialog at a time: a page that asks for many fills no screen.
#[derive(Debug, Default)]
pub(crate) struct OneAtATime(Mutex<()>);

impl OneAtATime {
    /// The right to show one; where one is open, that one comes to the front instead.
    fn open(&self, app: &AppHandle) -> Option<MutexGuard<'_, ()>> {
        let open = self.0.try_lock().ok();
        if open.is_none() {
            system::present(app);
        }
        open
    }
}

/// The window goes, and a dialog that is open goes with it. To be called where the windows live.
pub(crate) fn close() {
    system::close();
}

/// Lets a folder be chosen; none where the person thought better of it.
pub(crate) async fn choose_folder(app: &AppHandle, start: Option<String>) -> Result<Option<String>, Failure> {
    let one = app.state::<OneAtATime>();
    let Some(_open) = one.open(app) else {
        return Ok(None);
    };
    let wanted = Wanted {
        title: &words(app).await.folder,
        start: nearest(start.as_deref()),
        name: None,
    };
    match system::show(app, wanted).await {
        Some(folder) => app
            .state::<Works>()
            .manager()
            .admit_folder(&folder)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// Lets a name and a folder be chosen; none where the person thought better of it.
pub(crate) async fn save_as(
    app: &AppHandle,
    start: Option<String>,
    name: String,
) -> Result<Option<Target>, Failure> {
    let Some(path) = choose_file(app, nearest(start.as_deref()), name).await else {
        return Ok(None);
    };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Failure::new(
            FailureCode::InvalidRequest,
            "that is no name for a file",
        ));
    };
    // The dialog answered a moment ago. A file that comes from now on nobody was asked about.
    let replaces = path.is_file();
    let folder = app.state::<Works>().manager().admit_folder(folder).await?;
    Ok(Some(Target {
        folder,
        name: name.to_owned(),
        replaces,
    }))
}

/// Lets a file be chosen that something is to be written to; one that is there was agreed to be replaced. None where the
/// person thought better of it.
pub(crate) async fn choose_file(app: &AppHandle, start: Option<PathBuf>, name: String) -> Option<PathBuf> {
    let one = app.state::<OneAtATime>();
    let _open = one.open(app)?;
    let wanted = Wanted {
        title: &words(app).await.save,
        start,
        name: Some(name),
    };
    system::show(app, wanted).await
}

/// Lets the person choose a program, and opens the file with it. An error is a program that does not start.
pub(crate) async fn open_with(app: &AppHandle, file: &Path) -> io::Result<()> {
    let one = app.state::<OneAtATime>();
    let Some(_open) = one.open(app) else {
        return Ok(());
    };
    system::open_with(app, file).await
}

/// Tells that the page in the window ended again and again, and what helps.
#[cfg(target_os = "linux")]
pub(crate) async fn tell_page_ends(app: &AppHandle) {
    system::tell(app, &words(app).await.page_ends);
}

async fn words(app: &AppHandle) -> &'static Dialog {
    let settings = app.state::<Works>().manager().settings().await;
    Words::of(settings.appearance.language).dialog()
}

/// What is to be chosen, and how the dialog begins.
struct Wanted {
    title: &'static str,
    start: Option<PathBuf>,
    /// Of the file; where there is none, a folder is to be chosen.
    name: Option<String>,
}

/// A category's folder may still have to be made: then the nearest one above.
fn nearest(start: Option<&str>) -> Option<PathBuf> {
    start
        .map(Path::new)
        .and_then(|start| start.ancestors().find(|folder| folder.is_dir()))
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_begins_in_the_nearest_folder_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().to_str().unwrap();
        let not_yet = folder.path().join("Films/Old");
        assert_eq!(nearest(Some(there)).as_deref(), Some(folder.path()));
        assert_eq!(nearest(not_yet.to_str()).as_deref(), Some(folder.path()));
        assert_eq!(nearest(None), None);
    }
}
