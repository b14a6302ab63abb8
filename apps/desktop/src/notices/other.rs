//! Notifications on Windows and macOS. What can be answered differs there from release to release: they only tell.

use notify_rust::Notification as Banner;
use tauri::AppHandle;

use super::{Note, notification};
use crate::words::Words;

/// Whoever shows notifications.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    /// As the installer tells the system who we are.
    #[cfg(windows)]
    identifier: String,
}

impl Host {
    /// Says whose notifications they are: without that they come under another program's name.
    #[cfg(windows)]
    pub(crate) fn new(app: &AppHandle) -> Self {
        Self {
            identifier: app.config().identifier.clone(),
        }
    }

    /// Says whose notifications they are: without that they come under another program's name.
    #[cfg(not(windows))]
    pub(crate) fn new(app: &AppHandle) -> Self {
        #[cfg(target_os = "macos")]
        if let Err(error) = notify_rust::set_application(&app.config().identifier) {
            tracing::debug!(%error, "notifications come under another name");
        }
        #[cfg(not(target_os = "macos"))]
        let _ = app;
        Self {}
    }

    /// Shows what is to be told. Blocks.
    #[cfg_attr(
        not(windows),
        expect(clippy::unused_self, reason = "Windows alone is told whose it is each time")
    )]
    pub(crate) fn tell(&self, note: &Note, words: &'static Words) {
        let told = notification(note, words);
        let mut banner = Banner::new();
        banner.appname("Gannet").summary(&told.title).body(&told.body);
        // The system knows those that were installed; one that was just built would show nothing under its own name.
        #[cfg(windows)]
        if !cfg!(debug_assertions) {
            banner.app_id(&self.identifier);
        }
        let shown = banner.show();
        if let Err(error) = shown {
            tracing::debug!(%error, "nobody shows notifications");
        }
    }
}
