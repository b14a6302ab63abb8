//! The window: how it comes, and what the page in it may not do.

#[cfg(desktop)]
mod desktop;
#[cfg(target_os = "linux")]
mod drops;
#[cfg(target_os = "linux")]
mod first_picture;
#[cfg(target_os = "linux")]
mod page_end;

#[cfg(desktop)]
pub(crate) use desktop::lay_anew;

#[cfg(target_os = "linux")]
use first_picture::FirstPicture;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

/// The only window.
pub(crate) const MAIN: &str = "main";
const PAGE: &str = "desktop.html";

/// Brings the window to the front, or opens it.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(MAIN) {
        #[cfg(desktop)]
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let ours = app.config().build.dev_url.clone();
    let builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(PAGE.into()))
        .on_navigation(move |url| is_ours(url, ours.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // Files of others are the manager's, and its own list the shell keeps.
        .on_download(|_, _| false);
    #[cfg(target_os = "linux")]
    let (picture, builder) = {
        let picture = FirstPicture::default();
        let heeding = picture.clone();
        let builder = builder.on_page_load(move |window, page| heeding.heed(&window, page.event()));
        (picture, builder)
    };
    #[cfg(desktop)]
    let builder = desktop::in_its_place(app, builder);
    #[cfg_attr(
        mobile,
        expect(unused_variables, reason = "a phone's window fills its screen")
    )]
    let window = builder.build()?;
    #[cfg(target_os = "linux")]
    {
        picture.wait_for(&window);
        drops::take_files(&window);
        page_end::heed(&window, picture);
    }
    #[cfg(desktop)]
    desktop::came(app, &window);
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
