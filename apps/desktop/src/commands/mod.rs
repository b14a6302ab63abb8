//! What the page may call, and nothing else: `build.rs` and `capabilities/main.json` name the same.

#[cfg(desktop)]
pub(crate) mod system;

use std::sync::{Mutex, PoisonError};

use gannet_schema::{ClientMessage, Command, Message, Reply};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _};

use crate::errands::{Errands, Told};
use crate::listener::{Gone, Listener, Word};
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

/// What is typed in a dialog, for the page that comes after this one: a window may be closed in the middle of it.
#[tauri::command]
pub(crate) async fn keep_draft(app: AppHandle, draft: Option<String>) {
    app.state::<Errands>().keep_draft(draft);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    const BUILD: &str = include_str!("../../build.rs");
    const CAPABILITY: &str = include_str!("../../capabilities/main.json");
    const DESKTOP: &str = include_str!("../desktop.rs");
    const PHONE: &str = include_str!("../phone.rs");

    /// What stands between the two, at its first place.
    fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split_once(end).unwrap().0
    }

    fn handled(source: &str) -> BTreeSet<String> {
        between(source, "generate_handler![", "]")
            .split(',')
            .map(|path| path.rsplit("::").next().unwrap().trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }

    #[test]
    fn what_is_carried_out_is_what_is_under_access_control_and_what_the_window_may_call() {
        let controlled: BTreeSet<String> = between(BUILD, "COMMANDS: &[&str] = &[", "]")
            .split('"')
            .skip(1)
            .step_by(2)
            .map(ToOwned::to_owned)
            .collect();
        let capability: serde_json::Value = serde_json::from_str(CAPABILITY).unwrap();
        let allowed: BTreeSet<String> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            // Anything but a command of ours shows up as a difference.
            .map(|permission| {
                permission
                    .as_str()
                    .unwrap()
                    .trim_start_matches("allow-")
                    .replace('-', "_")
            })
            .collect();
        assert!(controlled.len() > 10);
        assert_eq!(controlled, allowed);
        assert_eq!(controlled, handled(DESKTOP));
        assert!(handled(PHONE).is_subset(&controlled));
    }
}
