//! The page lives in a process of its own, which may end before its window does: for want of memory, or by a fault of the
//! webview's. The page is loaded anew then, since nothing in an empty window would let a person do that. One that ends
//! again at once would go on doing so.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager as _, WebviewWindow};
use webkit2gtk::WebViewExt as _;

use super::FirstPicture;
use crate::commands::Audience;
use crate::dialogs;
use crate::errands::Errands;

/// A page that ends within so long of the end before was not helped by being loaded anew.
const AGAIN_WITHIN: Duration = Duration::from_secs(30);

/// Hears from now on that the page's process ended. For a window that was just made.
pub(super) fn heed(window: &WebviewWindow, picture: FirstPicture) {
    let app = window.app_handle().clone();
    let hears = window.with_webview(move |webview| {
        let webview = webview.inner();
        let Some(address) = webview.uri() else { return };
        let ends = RefCell::new(Ends::default());
        webview.connect_web_process_terminated(move |webview, reason| {
            tracing::warn!(?reason, "the page's process ended");
            picture.is_gone();
            let_go(&app);
            match ends.borrow_mut().next(Instant::now()) {
                Next::LoadAnew => webview.load_uri(&address),
                Next::Tell => {
                    let app = app.clone();
                    tauri::async_runtime::spawn(async move { dialogs::tell_page_ends(&app).await });
                }
            }
        });
    });
    if let Err(error) = hears {
        tracing::warn!(%error, "a page that ends leaves its window empty");
    }
}

/// Nobody listens any more, and nobody waits for what is chosen.
fn let_go(app: &AppHandle) {
    app.state::<Audience>().replace(None);
    app.state::<Errands>().leave();
    dialogs::close();
}

/// The ends of one window's page.
#[derive(Debug, Default)]
struct Ends {
    last: Option<Instant>,
}

/// What follows from an end.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    LoadAnew,
    /// Nothing helps but another window, which is the person's to open.
    Tell,
}

impl Ends {
    fn next(&mut self, now: Instant) -> Next {
        match self.last.replace(now) {
            Some(last) if now.saturating_duration_since(last) < AGAIN_WITHIN => Next::Tell,
            _ => Next::LoadAnew,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_ends_again_at_once_is_not_loaded_anew() {
        let first = Instant::now();
        let mut ends = Ends::default();
        assert_eq!(ends.next(first), Next::LoadAnew);
        let later = first + AGAIN_WITHIN;
        assert_eq!(ends.next(later), Next::LoadAnew);
        let soon = later + AGAIN_WITHIN / 2;
        assert_eq!(ends.next(soon), Next::Tell);
    }
}
