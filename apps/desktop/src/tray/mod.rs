//! The place in the tray: what is at work, and what can be done without the window.

mod host;
mod menu;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use gannet_schema::{DownloadId, Reply};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _};

use crate::desktop::come;
use crate::elsewhere;
use crate::files::Handing;
use crate::stances::Left;
use crate::words::Words;
use crate::works::Works;
use menu::{Chosen, Items, is_limit};

const TRAY: &str = "main";
/// Finished downloads that the menu names.
pub(crate) const RECENT_MAX: usize = 5;

/// So long after a login a desktop may still be without its panels.
const LAID_OUT_WITHIN: Duration = Duration::from_secs(10);

/// The place in the tray.
pub(crate) struct Tray {
    icon: TrayIcon,
    items: Items,
    said: Option<Said>,
}

/// What the tray says.
#[derive(Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) words: &'static Words,
    /// How many downloads are at work, and how fast.
    pub(crate) at_work: usize,
    pub(crate) rate_bytes_per_s: f64,
    /// What is neither at work nor at its end.
    pub(crate) left: Left,
    /// The limit over all downloads, while it is on.
    pub(crate) limit_bytes_per_s: Option<u64>,
    /// What finished last, the latest first.
    pub(crate) recent: Vec<(DownloadId, String)>,
}

impl Tray {
    /// Takes the place; where the system has none, the program goes without.
    pub(crate) fn take_place(app: &AppHandle) -> Option<Self> {
        // On Linux the library of the tray is looked for now, and what wraps it panics where it is missing.
        let built = catch_unwind(AssertUnwindSafe(|| Self::build(app)));
        match built {
            Ok(Ok(tray)) => return Some(tray),
            Ok(Err(error)) => tracing::warn!(%error, "no place in the tray"),
            Err(_) => tracing::warn!("no place in the tray: its library is missing"),
        }
        None
    }

    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let items = Items::new(app)?;
        let limits = items.limits().clone();
        let mut icon = TrayIconBuilder::with_id(TRAY)
            .menu(items.menu())
            .tooltip("Gannet")
            .show_menu_on_left_click(false)
            .on_menu_event(move |app, event| {
                let line = event.id().as_ref();
                if is_limit(line)
                    && let Err(error) = limits.mark()
                {
                    tracing::debug!(%error, "the limit that holds is not marked");
                }
                chosen(app, line);
            })
            .on_tray_icon_event(|tray, event| clicked(tray, &event));
        if let Some(picture) = app.default_window_icon() {
            icon = icon.icon(picture.clone());
        }
        Ok(Self {
            icon: icon.build(app)?,
            items,
            said: None,
        })
    }

    /// Says something else than before.
    pub(crate) fn say(&mut self, app: &AppHandle, said: Said) {
        if self.said.as_ref() == Some(&said) {
            return;
        }
        let state = said.words.state(said.at_work, said.rate_bytes_per_s, said.left);
        let told = self
            .icon
            .set_tooltip(Some(format!("Gannet · {state}")))
            .and_then(|()| self.items.say(app, &state, self.said.as_ref(), &said));
        if let Err(error) = told {
            tracing::debug!(%error, "the tray does not take its words");
        }
        self.said = Some(said);
    }
}

/// Whether somebody who closes the window finds it again in the tray.
pub(crate) fn is_seen(app: &AppHandle) -> bool {
    app.tray_by_id(TRAY).is_some() && host::is_there()
}

/// The same, once the desktop had time to make a place for it: what starts with the session is there before its panels
/// are. To be called where the windows live.
pub(crate) fn is_seen_soon(app: &AppHandle) -> impl Future<Output = bool> + use<> {
    let (app, comes) = (app.clone(), host::comes());
    async move {
        is_seen_now(&app).await
            || tokio::time::timeout(LAID_OUT_WITHIN, comes)
                .await
                .is_ok_and(|came| came.is_ok())
                && is_seen_now(&app).await
    }
}

/// The same, where nothing may block.
pub(crate) async fn is_seen_now(app: &AppHandle) -> bool {
    let app = app.clone();
    let seen = tauri::async_runtime::spawn_blocking(move || is_seen(&app));
    seen.await.unwrap_or(false)
}

fn chosen(app: &AppHandle, item: &str) {
    let commands = match Chosen::of(item) {
        Some(Chosen::Show) => return come(app),
        Some(Chosen::Open(id)) => return elsewhere::hand(app, id, Handing::Open),
        Some(Chosen::Order(commands)) => commands,
        None => return,
    };
    let manager = app.state::<Works>().manager().clone();
    tauri::async_runtime::spawn(async move {
        for command in commands {
            // A menu has no place to say it in.
            if let Reply::Failed { failure } = manager.execute(command).await {
                tracing::warn!(%failure.message, "what was chosen in the tray is not done");
            }
        }
    });
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
