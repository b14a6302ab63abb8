//! Notifications on Windows and macOS. What can be answered differs there from release to release: they only tell.

use notify_rust::Notification as Banner;
use tauri::AppHandle;

use super::{Note, notification};
use crate::words::Words;

/// Whoever shows notifications.
#[derive(Debug, Clone)]
pub(crate) struct Host;

impl Host {
    /// Nothing has to be prepared.
    pub(crate) fn new(_: &AppHandle) -> Self {
        Self
    }

    /// Shows what is to be told. Blocks.
    pub(crate) fn tell(&self, note: &Note, words: &'static Words) {
        let told = notification(note, words);
        let shown = Banner::new()
            .appname("Gannet")
            .summary(&told.title)
            .body(&told.body)
            .show();
        if let Err(error) = shown {
            tracing::debug!(%error, "nobody shows notifications");
        }
    }
}
