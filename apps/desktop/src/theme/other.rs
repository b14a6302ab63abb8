//! Windows and macOS tell window and page themselves; they only have to hear what the person chose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gannet_schema::Theme;
use tauri::AppHandle;

/// Sees to it that window and page are as they are to be.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    app: AppHandle,
    chosen: Arc<Mutex<Theme>>,
}

impl Follower {
    /// `chosen` is what the person chose before.
    pub(crate) fn new(app: &AppHandle, chosen: Theme) -> Self {
        let follower = Self {
            app: app.clone(),
            chosen: Arc::default(),
        };
        follower.choose(chosen);
        follower
    }

    /// What the person chose.
    pub(crate) fn choose(&self, theme: Theme) {
        *self.chosen() = theme;
        self.app.set_theme(match theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        });
    }

    /// Whether things are dark, where that is known before there is a window.
    pub(crate) fn is_dark(&self) -> Option<bool> {
        match *self.chosen() {
            Theme::System => None,
            Theme::Light => Some(false),
            Theme::Dark => Some(true),
        }
    }

    fn chosen(&self) -> MutexGuard<'_, Theme> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
