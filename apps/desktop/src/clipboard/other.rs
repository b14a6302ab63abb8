//! The clipboards of Windows and macOS, which are asked now and then.

use std::thread;
use std::time::{Duration, Instant};

use arboard::Clipboard;
use tauri::AppHandle;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is in it, where that is text.
pub(crate) async fn text(_: &AppHandle) -> Option<String> {
    tauri::async_runtime::spawn_blocking(read).await.ok().flatten()
}

/// Puts a text into it.
pub(super) async fn put(_: &AppHandle, text: String) -> bool {
    let put = tauri::async_runtime::spawn_blocking(move || Clipboard::new()?.set_text(text));
    put.await.is_ok_and(|put| put.is_ok())
}

/// Tells the text in it, again and again, while `is_on`.
pub(super) fn watch(
    is_on: impl Fn() -> bool + Send + 'static,
    tell: impl Fn(String, Instant) + Send + 'static,
) {
    let watching = thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || {
            loop {
                if is_on()
                    && let Some(text) = read()
                {
                    tell(text, Instant::now());
                }
                thread::sleep(LOOK_EVERY);
            }
        });
    if let Err(error) = watching {
        tracing::warn!(%error, "what is copied is not looked at");
    }
}

fn read() -> Option<String> {
    Clipboard::new().ok()?.get_text().ok()
}
