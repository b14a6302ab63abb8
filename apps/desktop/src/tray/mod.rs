//! The place in the tray: what is at work, and what can be done without the window.

mod host;
mod words;

use std::collections::HashSet;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gannet_manager::Subscription;
use gannet_schema::{Command, DownloadId, Event, Language, Message, Row, Standing};
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Wry};

use crate::come;
use crate::works::Works;
use words::Words;

const TRAY: &str = "main";

/// Takes the place, and keeps it up to date; where the system has none, the program goes without.
pub(crate) fn take_place(app: &AppHandle) {
    // On Linux the library of the tray is looked for now, and what wraps it panics where it is missing.
    let built = catch_unwind(AssertUnwindSafe(|| Items::build(app)));
    match built {
        Ok(Ok(items)) => {
            let subscription = app.state::<Works>().manager().subscribe();
            // Events alone: no snapshot is made for a menu that nobody looks at.
            subscription.look(false);
            tauri::async_runtime::spawn(items.follow(subscription));
        }
        Ok(Err(error)) => tracing::warn!(%error, "no place in the tray"),
        Err(_) => tracing::warn!("no place in the tray: its library is missing"),
    }
}

/// Whether somebody who closes the window finds it again in the tray.
pub(crate) fn is_seen(app: &AppHandle) -> bool {
    app.tray_by_id(TRAY).is_some() && host::is_there()
}

/// What changes in the menu.
struct Items {
    tray: TrayIcon,
    state: MenuItem<Wry>,
    show: MenuItem<Wry>,
    pause_all: MenuItem<Wry>,
    resume_all: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

impl Items {
    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let words = Words::of(Language::System, &locale());
        let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
        let state = MenuItem::with_id(app, "state", words.idle, false, None::<&str>)?;
        let show = item("show", words.show)?;
        let pause_all = item("pause_all", words.pause_all)?;
        let resume_all = item("resume_all", words.resume_all)?;
        let quit = item("quit", words.quit)?;
        let line = || PredefinedMenuItem::separator(app);
        let menu = Menu::with_items(
            app,
            &[
                &state,
                &line()?,
                &show,
                &line()?,
                &pause_all,
                &resume_all,
                &line()?,
                &quit,
            ],
        )?;
        let mut tray = TrayIconBuilder::with_id(TRAY)
            .menu(&menu)
            .tooltip("Gannet")
            .show_menu_on_left_click(false)
            .on_menu_event(|app, event| chosen(app, &event))
            .on_tray_icon_event(|tray, event| clicked(tray, &event));
        if let Some(icon) = app.default_window_icon() {
            tray = tray.icon(icon.clone());
        }
        Ok(Self {
            tray: tray.build(app)?,
            state,
            show,
            pause_all,
            resume_all,
            quit,
        })
    }

    /// Says what is at work, in the chosen language, until the manager closes.
    async fn follow(self, mut subscription: Subscription) {
        let mut at_work = AtWork::default();
        let mut language = Language::System;
        while let Some(message) = subscription.next().await {
            match message {
                Message::State { state, .. } => {
                    at_work = AtWork::default();
                    at_work.see(&state.rows);
                    language = state.settings.appearance.language;
                }
                Message::Event { event, .. } => match *event {
                    Event::Changed { rows, .. } => at_work.see(&rows),
                    Event::Removed { ids, .. } => at_work.forget(&ids),
                    Event::Settings { settings } => language = settings.appearance.language,
                    _ => continue,
                },
                Message::Snapshot { .. } => continue,
            }
            if let Err(error) = self.say(Words::of(language, &locale()), at_work.0.len()) {
                tracing::debug!(%error, "the tray does not take its words");
            }
        }
    }

    fn say(&self, words: &Words, at_work: usize) -> tauri::Result<()> {
        let state = words.state(at_work);
        self.tray.set_tooltip(Some(format!("Gannet · {state}")))?;
        self.state.set_text(state)?;
        self.show.set_text(words.show)?;
        self.pause_all.set_text(words.pause_all)?;
        self.resume_all.set_text(words.resume_all)?;
        self.quit.set_text(words.quit)
    }
}

/// The downloads that bring bytes now.
#[derive(Debug, Default)]
struct AtWork(HashSet<DownloadId>);

impl AtWork {
    fn see(&mut self, rows: &[Row]) {
        for row in rows {
            let works = matches!(
                row.standing,
                Standing::Probing | Standing::Downloading | Standing::Verifying
            );
            if works {
                self.0.insert(row.id);
            } else {
                self.0.remove(&row.id);
            }
        }
    }

    fn forget(&mut self, ids: &[DownloadId]) {
        for id in ids {
            self.0.remove(id);
        }
    }
}

fn chosen(app: &AppHandle, event: &MenuEvent) {
    let command = match event.id().as_ref() {
        "show" => return come(app),
        "pause_all" => Command::PauseAll,
        "resume_all" => Command::ResumeAll,
        "quit" => Command::Quit,
        _ => return,
    };
    let manager = app.state::<Works>().manager().clone();
    tauri::async_runtime::spawn(async move { manager.execute(command).await });
}

fn clicked(tray: &TrayIcon, event: &TrayIconEvent) {
    if let TrayIconEvent::Click {
        button: MouseButton::Left,
        button_state: MouseButtonState::Up,
        ..
    } = event
    {
        come(tray.app_handle());
    }
}

/// What the system says of its language, as `tr_TR.UTF-8`.
fn locale() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
}
