//! What the page may ask of the system around a desk.

use gannet_schema::{DownloadId, Failure};
use tauri::{AppHandle, Manager as _};

use crate::clipboard;
use crate::dialogs::{self, Target};
use crate::files::{self, Handed, Handing};
use crate::leaving;
use crate::list;
use crate::updates::Heard;
use crate::window::MAIN;

/// Lets the person choose a folder in the system's dialog.
#[tauri::command]
pub(crate) async fn choose_folder(app: AppHandle, start: Option<String>) -> Result<Option<String>, Failure> {
    dialogs::choose_folder(&app, start).await
}

/// Lets the person choose a name and a folder in the system's dialog.
#[tauri::command]
pub(crate) async fn save_as(
    app: AppHandle,
    start: Option<String>,
    name: String,
) -> Result<Option<Target>, Failure> {
    dialogs::save_as(&app, start, name).await
}

/// Lets the person choose a file in the system's dialog, and keeps the list there. The page names nothing.
#[tauri::command]
pub(crate) async fn save_list(app: AppHandle) -> Result<Option<String>, Failure> {
    list::save(&app).await
}

/// What was copied, where that is text.
#[tauri::command]
pub(crate) async fn read_clipboard(app: AppHandle) -> Option<String> {
    clipboard::text(&app).await
}

/// Copies a text: the webview lets a page do that only while it hears a key or a click, and a link is asked for first.
#[tauri::command]
pub(crate) async fn write_clipboard(app: AppHandle, text: String) -> bool {
    clipboard::put(&app, text).await
}

/// Closes the window; what follows is the same as where its frame was used for that.
#[tauri::command]
pub(crate) async fn close_window(app: AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN)
        && let Err(error) = window.close()
    {
        tracing::warn!(%error, "the window does not close");
    }
}

/// Closes the window where no tray shows it, and lets everything go on.
#[tauri::command]
pub(crate) async fn go_on_without_window(app: AppHandle) {
    leaving::go_on(&app).await;
}

/// Shows the page of the newer version that the page was told of; its address comes from nowhere else.
#[tauri::command]
pub(crate) async fn show_update(app: AppHandle) {
    let page = app.state::<Heard>().page();
    let opened = page.map(|page| open::that_detached(page.as_str()));
    if let Some(Err(error)) = opened {
        tracing::warn!(%error, "no browser shows the page of the newer version");
    }
}

/// Hands the file of a download to the system.
#[tauri::command]
pub(crate) async fn hand_file(app: AppHandle, id: DownloadId, handing: Handing) -> Handed {
    files::hand(&app, id, handing).await
}
