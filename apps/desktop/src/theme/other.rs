//! Windows and macOS tell window and page themselves; they only have to hear what the person chose.

use gannet_schema::Theme;
use tauri::AppHandle;

/// Sees to it that window and page are as they are to be.
#[derive(Debug, Clone)]
pub(crate) struct Follower(AppHandle);

impl Follower {
    pub(crate) fn new(app: &AppHandle) -> Self {
        Self(app.clone())
    }

    /// What the person chose.
    pub(crate) fn choose(&self, theme: Theme) {
        self.0.set_theme(match theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        });
    }
}
