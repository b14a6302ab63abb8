//! The window: how it comes, and what the page in it may not do.

use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

use crate::leaving::Leaving;
use crate::place::{self, Kept, Place};

/// The only window.
pub(crate) const MAIN: &str = "main";
const PAGE: &str = "desktop.html";
const SIZE: (f64, f64) = (1180.0, 760.0);
/// A phone's; the page is made for it.
pub(crate) const SMALLEST: (f64, f64) = (390.0, 480.0);

/// Brings the window to the front, or opens it.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(MAIN) {
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let place = app.state::<Kept>().read(&place::screens(app)).unwrap_or(Place {
        corner: None,
        size: SIZE,
        maximized: false,
    });
    let (smallest_width, smallest_height) = SMALLEST;
    let ours = app.config().build.dev_url.clone();
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(PAGE.into()))
        .title("Gannet")
        .data_directory(app.state::<Kept>().page_folder())
        .inner_size(place.size.0, place.size.1)
        .maximized(place.maximized)
        .min_inner_size(smallest_width, smallest_height)
        // The page itself takes what is dropped, as it does in a browser.
        .disable_drag_drop_handler()
        .on_navigation(move |url| is_ours(url, ours.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, event| match event {
            // What the page itself made: a list to be kept. Files of others are the manager's.
            DownloadEvent::Requested { url, .. } => url.scheme() == "blob",
            _ => true,
        });
    if let Some((x, y)) = place.corner {
        builder = builder.position(x, y);
    }
    builder.build()?;
    app.state::<Leaving>().is_back();
    Ok(())
}

/// Whether the window may go there: to our page, and nowhere else. `dev_url` counts where the page comes from there.
fn is_ours(url: &Url, dev_url: Option<&Url>) -> bool {
    let is_embedded = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // The same on Windows and Android.
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    };
    is_embedded || (tauri::is_dev() && dev_url.is_some_and(|ours| ours.origin() == url.origin()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        let ours = |text: &str| is_ours(&text.parse().unwrap(), None);
        assert!(ours("tauri://localhost/desktop.html"));
        assert!(ours("http://tauri.localhost/desktop.html"));
        for other in [
            "https://example.org/",
            "http://127.0.0.1:6900/",
            "http://localhost:5173/",
            "https://tauri.localhost.example.org/",
            "http://tauri.localhost:8080/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!ours(other), "{other}");
        }
    }
}
