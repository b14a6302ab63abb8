//! GTK's clipboard: it says itself when something else is in it.

use std::sync::Arc;
use std::time::Instant;

use gtk::prelude::ObjectExt as _;
use tauri::AppHandle;
use tokio::sync::oneshot;

/// What is in it, where that is text.
pub(crate) async fn text(app: &AppHandle) -> Option<String> {
    let (sender, receiver) = oneshot::channel();
    let asked = app.run_on_main_thread(move || {
        clipboard().request_text(move |_, text| {
            // Whoever waited may be gone.
            let _ = sender.send(text.map(ToOwned::to_owned));
        });
    });
    asked.ok()?;
    receiver.await.ok()?
}

/// Puts a text into it.
pub(super) async fn put(app: &AppHandle, text: String) -> bool {
    let (sender, receiver) = oneshot::channel();
    let asked = app.run_on_main_thread(move || {
        clipboard().set_text(&text);
        // Whoever waited may be gone.
        let _ = sender.send(());
    });
    asked.is_ok() && receiver.await.is_ok()
}

/// Tells each text that is copied while `is_on`, and when that was. To be called where the windows live.
pub(super) fn watch(is_on: impl Fn() -> bool + 'static, tell: impl Fn(String, Instant) + 'static) {
    let tell = Arc::new(tell);
    clipboard().connect_local("owner-change", false, move |_| {
        if is_on() {
            let (tell, copied_at) = (Arc::clone(&tell), Instant::now());
            clipboard().request_text(move |_, text| {
                if let Some(text) = text {
                    tell(text.to_owned(), copied_at);
                }
            });
        }
        None
    });
}

fn clipboard() -> gtk::Clipboard {
    gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD)
}
