//! The dialogs of Windows and macOS, which keep them with their window.

use std::io;
use std::path::{Path, PathBuf};

use rfd::AsyncFileDialog;
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

use super::Wanted;
use crate::window::MAIN;

/// Shows a dialog until something is chosen in it, or nothing: begun where windows live, waited for elsewhere.
pub(super) async fn show(app: &AppHandle, wanted: Wanted) -> Option<PathBuf> {
    let (sender, receiver) = oneshot::channel();
    let window = app.get_webview_window(MAIN);
    let begun = app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new().set_title(wanted.title);
        if let Some(folder) = wanted.start {
            dialog = dialog.set_directory(folder);
        }
        if let Some(window) = &window {
            dialog = dialog.set_parent(window);
        }
        let choosing: Choosing = match wanted.name {
            Some(name) => Box::pin(dialog.set_file_name(name).save_file()),
            None => Box::pin(dialog.pick_folder()),
        };
        // Whoever waited may be gone.
        let _ = sender.send(choosing);
    });
    begun.ok()?;
    let chosen = receiver.await.ok()?.await?;
    Some(chosen.path().to_owned())
}

/// Lets the person choose a program, and opens the file with it.
pub(super) async fn open_with(_: &AppHandle, file: &Path) -> io::Result<()> {
    let file = file.to_owned();
    let chosen = tauri::async_runtime::spawn_blocking(move || open_with_chosen(&file));
    chosen.await.map_err(io::Error::other)?
}

/// The system asks which, and opens it.
#[cfg(windows)]
fn open_with_chosen(file: &Path) -> io::Result<()> {
    std::process::Command::new("rundll32.exe")
        .arg("shell32.dll,OpenAs_RunDLL")
        .arg(file)
        .spawn()
        .map(drop)
}

/// Blocks until a program is chosen.
#[cfg(not(windows))]
fn open_with_chosen(file: &Path) -> io::Result<()> {
    let program = rfd::FileDialog::new()
        .set_directory("/Applications")
        .add_filter("", &["app"])
        .pick_file();
    match program {
        Some(program) => open::with_detached(file, program.to_string_lossy()),
        None => Ok(()),
    }
}

type Choosing = std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>>;

/// The system does it.
pub(super) fn close() {}

/// The system does it.
pub(super) fn present(_: &AppHandle) {}
