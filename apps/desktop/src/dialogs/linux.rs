//! GTK's dialogs. Each belongs to the window: it stays before it, takes its keys, and goes with it.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use gio::AppLaunchContext;
use gtk::prelude::*;
use gtk::{
    AppChooserDialog, DialogFlags, FileChooserAction, FileChooserDialog, FileChooserNative, ResponseType,
};
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

use super::Wanted;
use crate::window::MAIN;

thread_local! {
    /// The dialog that is open, where the windows live.
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

/// What comes of it is told; dropped, whoever waits knows that nothing was chosen.
enum Open {
    Path(FileChooserNative, oneshot::Sender<PathBuf>),
    Program(AppChooserDialog, oneshot::Sender<io::Result<()>>),
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
        if let (Some(Open::Path(_, chosen)), Some(path)) = (end(), path) {
            // Whoever waited may be gone.
            let _ = chosen.send(path);
        }
    });
    dialog.show();
    OPEN.set(Some(Open::Path(dialog, chosen)));
}

/// Shows the system's choice of programs for a file until one is chosen, and starts that one with it. An error is a program
/// that does not start.
pub(super) async fn open_with(app: &AppHandle, file: &Path) -> io::Result<()> {
    let (sender, receiver) = oneshot::channel();
    let (window, file) = (app.get_webview_window(MAIN), file.to_owned());
    app.run_on_main_thread(move || {
        let window = window.and_then(|window| window.gtk_window().ok());
        begin_open_with(window.as_ref(), &gio::File::for_path(file), sender);
    })
    .map_err(io::Error::other)?;
    // Nothing was chosen, where nothing is told.
    receiver.await.unwrap_or(Ok(()))
}

fn begin_open_with(
    window: Option<&gtk::ApplicationWindow>,
    file: &gio::File,
    started: oneshot::Sender<io::Result<()>>,
) {
    let flags = DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT;
    let dialog = AppChooserDialog::new(window, flags, file);
    let file = file.clone();
    dialog.connect_response(move |dialog, response| {
        // To be closed is a response too.
        if !dialog.is_visible() {
            return;
        }
        let program = dialog.app_info().filter(|_| response == ResponseType::Ok);
        if let (Some(Open::Program(_, started)), Some(program)) = (end(), program) {
            let launched = program.launch(std::slice::from_ref(&file), AppLaunchContext::NONE);
            // Whoever waited may be gone.
            let _ = started.send(launched.map_err(io::Error::other));
        }
    });
    dialog.show();
    OPEN.set(Some(Open::Program(dialog, started)));
}

/// Lets go of the dialog that is open, if one is; answers with it, and with whoever waits for it.
fn end() -> Option<Open> {
    let open = OPEN.take()?;
    match &open {
        Open::Path(dialog, _) => dialog.destroy(),
        Open::Program(dialog, _) => {
            dialog.hide();
            dialog.close();
        }
    }
    Some(open)
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
            DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT,
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
            let is_ours = window.is::<FileChooserDialog>() || window.is::<AppChooserDialog>();
            if is_ours && let Ok(dialog) = window.downcast::<gtk::Window>() {
                dialog.present();
            }
        }
    });
    if let Err(error) = asked {
        tracing::debug!(%error, "the dialog stays where it is");
    }
}
