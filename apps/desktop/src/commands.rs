//! What the page may call, and nothing else: `build.rs` and `capabilities/main.json` name the same.

use std::sync::{Mutex, PoisonError};

use gannet_schema::{ClientMessage, Command, DownloadId, Failure, Message, Reply};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _};

use crate::clipboard;
use crate::dialogs::{self, Target};
use crate::errands::{Errands, Told};
use crate::files::{self, Handed, Handing};
use crate::leaving;
use crate::listener::{Gone, Listener, Word};
use crate::updates::Heard;
use crate::window::MAIN;
use crate::works::Works;

/// The page that listens; there is one window.
#[derive(Debug, Default)]
pub(crate) struct Audience(Mutex<Option<Listener>>);

impl Audience {
    /// Lets go of whoever listened before.
    pub(crate) fn replace(&self, listener: Option<Listener>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// Says something to who tells. Where nobody listens, nobody is meant.
    async fn say(&self, word: Word) {
        let words = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(Listener::words);
        if let Some(words) = words {
            let _ = words.send(word).await;
        }
    }
}

/// Carries out one command of the menu.
#[tauri::command]
pub(crate) async fn execute(app: AppHandle, command: Command) -> Reply {
    app.state::<Works>().manager().execute(command).await
}

/// Tells the page everything from now on, first the whole state. A page that was loaded anew takes the place of the one
/// before.
#[tauri::command]
pub(crate) async fn subscribe(app: AppHandle, channel: Channel<Message>) {
    let subscription = app.state::<Works>().manager().subscribe();
    let listener = Listener::begin(subscription, move |message| {
        channel.send(message).map_err(|error| {
            tracing::debug!(%error, "the page is gone");
            Gone
        })
    });
    app.state::<Audience>().replace(Some(listener));
}

/// Tells the page from now on what it is to do for somebody outside.
#[tauri::command]
pub(crate) async fn attend(app: AppHandle, channel: Channel<Told>) {
    app.state::<Errands>().attend(channel);
}

/// What the page was to do for somebody outside is done. Until then the next page is told of it too.
#[tauri::command]
pub(crate) async fn attended(app: AppHandle, number: u64) {
    app.state::<Errands>().done(number);
}

/// What the page wants to be told.
#[tauri::command]
pub(crate) async fn say(app: AppHandle, message: ClientMessage) {
    app.state::<Audience>().say(Word::Said(message)).await;
}

/// How far the page has read.
#[tauri::command]
pub(crate) async fn heard(app: AppHandle, sequence: u64) {
    app.state::<Audience>().say(Word::Heard(sequence)).await;
}

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
