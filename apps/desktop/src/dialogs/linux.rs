//! GTK's dialogs. Each belongs to the window: it stays before it, takes its keys, and goes with it.

use std::cell::RefCell;
use std::path::PathBuf;

use gtk::prelude::*;
use gtk::{FileChooserAction, FileChooserDialog, FileChooserNative, ResponseType};
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

use super::Wanted;
use crate::window::MAIN;

thread_local! {
    /// The dialog that is open, where the windows live.
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

struct Open {
    dialog: FileChooserNative,
    /// Told what is chosen; dropped, whoever waits knows that nothing was.
    chosen: Option<oneshot::Sender<PathBuf>>,
}

/// Shows a dialog until something is chosen in it, or nothing. One that was open before is let go.
pub(super) async fn show(app: &AppHandle, wanted: Wanted) -> Option<PathBuf> {
    let (sender, receiver) = oneshot::channel();
    let window = app.get_webview_window(MAIN);
    let begun = app.run_on_main_thread(move || {
        let window = window.and_then(|window| window.gtk_window().ok());
        begin(window.as_ref(), &wanted, sender);
    });
    begun.ok()?;
    receiver.await.ok()
}

fn begin(window: Option<&gtk::ApplicationWindow>, wanted: &Wanted, chosen: oneshot::Sender<PathBuf>) {
    let action = match wanted.name {
        Some(_) => FileChooserAction::Save,
        None => FileChooserAction::SelectFolder,
    };
    // Its buttons say what the system's dialogs say everywhere.
    let dialog = FileChooserNative::new(Some(wanted.title), window, action, None, None);
    dialog.set_modal(true);
    dialog.set_create_folders(true);
    if let Some(folder) = &wanted.start {
        dialog.set_current_folder(folder);
    }
    if let Some(name) = &wanted.name {
        dialog.set_do_overwrite_confirmation(true);
        dialog.set_current_name(name);
    }
    dialog.connect_response(|dialog, response| {
        let path = dialog.filename().filter(|_| response == ResponseType::Accept);
        if let (Some(path), Some(chosen)) = (path, end()) {
            // Whoever waited may be gone.
            let _ = chosen.send(path);
        }
    });
    dialog.show();
    let open = Open {
        dialog,
        chosen: Some(chosen),
    };
    OPEN.set(Some(open));
}

/// Lets go of the dialog that is open, if one is; answers with whoever waits for it.
fn end() -> Option<oneshot::Sender<PathBuf>> {
    let mut open = OPEN.take()?;
    open.dialog.destroy();
    open.chosen.take()
}

/// The window goes, and a dialog of its own goes with it.
pub(super) fn close() {
    drop(end());
}

/// Tells something that the person has to know, before the window and as long as that is there.
pub(super) fn tell(app: &AppHandle, words: &'static str) {
    let window = app.get_webview_window(MAIN);
    let told = app.run_on_main_thread(move || {
        let window = window.and_then(|window| window.gtk_window().ok());
        let dialog = gtk::MessageDialog::new(
            window.as_ref(),
            gtk::DialogFlags::MODAL | gtk::DialogFlags::DESTROY_WITH_PARENT,
            gtk::MessageType::Error,
            gtk::ButtonsType::Close,
            words,
        );
        dialog.set_title("Gannet");
        dialog.connect_response(|dialog, _| dialog.close());
        dialog.show();
    });
    if let Err(error) = told {
        tracing::debug!(%error, "nobody is told");
    }
}

/// Brings the dialog that is open before everything else. GTK does that for its dialogs alone, not for what stands in for
/// them.
pub(super) fn present(app: &AppHandle) {
    let asked = app.run_on_main_thread(|| {
        for window in gtk::Window::list_toplevels() {
            if let Ok(dialog) = window.downcast::<FileChooserDialog>() {
                dialog.present();
            }
        }
    });
    if let Err(error) = asked {
        tracing::debug!(%error, "the dialog stays where it is");
    }
}
