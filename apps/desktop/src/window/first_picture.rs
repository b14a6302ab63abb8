//! Until its page is there, nothing of the webview is drawn.
//!
//! `WebKit`'s half in this program, asked to draw a page of which it has no picture yet, waits half a second for one and does
//! nothing else. The page's half meanwhile waits for the page itself, which this program hands out. So the window stood
//! still for that half second whenever something had it drawn a moment too early, as beside a busy disk. With nothing to
//! draw nobody waits, and the window shows the colour that the page begins with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gtk::glib::Propagation;
use gtk::prelude::WidgetExt as _;
use tauri::WebviewWindow;
use tauri::webview::PageLoadEvent;

/// Of one window.
#[derive(Debug, Default, Clone)]
pub(super) struct FirstPicture {
    is_there: Arc<AtomicBool>,
}

impl FirstPicture {
    /// For a window that was just made.
    pub(super) fn wait_for(&self, window: &WebviewWindow) {
        let is_there = Arc::clone(&self.is_there);
        let waits = window.with_webview(move |webview| {
            webview.inner().connect_draw(move |_, _| {
                if is_there.load(Ordering::Relaxed) {
                    Propagation::Proceed
                } else {
                    Propagation::Stop
                }
            });
        });
        if let Err(error) = waits {
            tracing::debug!(%error, "the page is drawn before it is there");
        }
    }

    /// The page is not there any more.
    pub(super) fn is_gone(&self) {
        self.is_there.store(false, Ordering::Relaxed);
    }

    /// What the page has come to.
    pub(super) fn heed(&self, window: &WebviewWindow, event: PageLoadEvent) {
        if event != PageLoadEvent::Finished || self.is_there.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Err(error) = window.with_webview(|webview| webview.inner().queue_draw()) {
            tracing::warn!(%error, "the page is not drawn");
        }
    }
}
