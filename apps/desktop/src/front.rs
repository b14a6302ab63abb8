//! Coming to the front. A desktop lets a window get there that somebody asked for, and only shows a hint otherwise; where a
//! click elsewhere started the program once more, the mark of that click comes along with its links.

use tauri::AppHandle;

/// No desktop's marks are longer.
#[cfg(target_os = "linux")]
const MARK_BYTES_MAX: usize = 512;

/// The mark of the click that started this program, where the system gives one (Wayland's activation, and
/// freedesktop's startup notification).
#[cfg(target_os = "linux")]
pub(crate) fn mark() -> Option<String> {
    ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|mark| !mark.is_empty()))
}

/// The other systems have no marks.
#[cfg(not(target_os = "linux"))]
pub(crate) fn mark() -> Option<String> {
    None
}

/// Brings the window to the front in answer to the click that bears this mark.
#[cfg(target_os = "linux")]
pub(crate) fn bring(app: &AppHandle, mark: String) {
    use gtk::prelude::GtkWindowExt as _;
    use tauri::Manager as _;

    if mark.len() > MARK_BYTES_MAX || mark.contains('\0') {
        return;
    }
    let asked = app.clone().run_on_main_thread({
        let app = app.clone();
        move || {
            let window = app.get_webview_window(crate::window::MAIN);
            if let Some(Ok(window)) = window.map(|window| window.gtk_window()) {
                window.set_startup_id(&mark);
                window.present();
            }
        }
    });
    if let Err(error) = asked {
        tracing::debug!(%error, "the window stays where it is");
    }
}

/// None comes along.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bring(_: &AppHandle, _: String) {}
