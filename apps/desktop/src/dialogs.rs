//! The system's own dialogs. What is chosen in them was chosen by the person at the screen: files may go there from then on.

use std::path::{Path, PathBuf};

use gannet_schema::{Failure, FailureCode};
use rfd::AsyncFileDialog;
use serde::Serialize;
use tauri::{AppHandle, Manager as _};
use tokio::sync::{Mutex, oneshot};

use crate::window::MAIN;
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

/// Lets a folder be chosen; none where the person thought better of it.
pub(crate) async fn choose_folder(app: &AppHandle, start: Option<String>) -> Result<Option<String>, Failure> {
    let one = app.state::<OneAtATime>();
    let Ok(_open) = one.0.try_lock() else {
        return Ok(None);
    };
    let title = &words(app).await.folder;
    let chosen = show(app, move |dialog| {
        let dialog = starting_in(dialog.set_title(title), start.as_deref());
        dialog.pick_folder()
    });
    match chosen.await {
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
    let one = app.state::<OneAtATime>();
    let Ok(_open) = one.0.try_lock() else {
        return Ok(None);
    };
    let title = &words(app).await.save;
    let chosen = show(app, move |dialog| {
        let dialog = starting_in(dialog.set_title(title), start.as_deref());
        dialog.set_file_name(name).save_file()
    });
    let Some(path) = chosen.await else {
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

async fn words(app: &AppHandle) -> &'static Dialog {
    let settings = app.state::<Works>().manager().settings().await;
    Words::of(settings.appearance.language).dialog()
}

/// Shows a dialog: begun where windows live, waited for elsewhere.
async fn show<F>(
    app: &AppHandle,
    begin: impl FnOnce(AsyncFileDialog) -> F + Send + 'static,
) -> Option<PathBuf>
where
    F: Future<Output = Option<rfd::FileHandle>> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let window = app.get_webview_window(MAIN);
    let begun = app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new();
        if let Some(window) = &window {
            dialog = dialog.set_parent(window);
        }
        // Whoever waited may be gone.
        let _ = sender.send(begin(dialog));
    });
    begun.ok()?;
    let chosen = receiver.await.ok()?.await?;
    Some(chosen.path().to_owned())
}

fn starting_in(dialog: AsyncFileDialog, start: Option<&str>) -> AsyncFileDialog {
    // A category's folder may still have to be made: then the nearest one above.
    let there = start
        .map(Path::new)
        .and_then(|start| start.ancestors().find(|folder| folder.is_dir()));
    match there {
        Some(folder) => dialog.set_directory(folder),
        None => dialog,
    }
}
