//! What a window has on a desk: a frame with a name, a place of its own, and what it leaves behind.

use tauri::{AppHandle, Manager as _, Theme, WebviewWindow, WebviewWindowBuilder, Wry};

use crate::leaving::Leaving;
use crate::place::{self, Kept, SMALLEST, USUAL};
use crate::rest;
use crate::theme::{Follower, surface};
use crate::window::MAIN;

/// With its name, where and as large as it was.
pub(super) fn in_its_place<'a>(
    app: &AppHandle,
    builder: WebviewWindowBuilder<'a, Wry, AppHandle>,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    let kept = app.state::<Kept>();
    let place = kept.read(&place::screens(app)).unwrap_or(USUAL);
    let (smallest_width, smallest_height) = SMALLEST;
    let builder = builder
        .title("Gannet")
        .data_directory(kept.page_folder())
        .inner_size(place.size.0, place.size.1)
        .maximized(place.maximized)
        .min_inner_size(smallest_width, smallest_height)
        // The page itself takes what is dropped, as it does in a browser.
        .disable_drag_drop_handler();
    let builder = match place.corner {
        Some((x, y)) => builder.position(x, y),
        None => builder,
    };
    match app.state::<Follower>().is_dark() {
        Some(is_dark) => builder.background_color(surface(is_dark)),
        None => builder,
    }
}

/// It is made.
pub(super) fn came(app: &AppHandle, window: &WebviewWindow) {
    if app.state::<Follower>().is_dark().is_none()
        && let Ok(theme) = window.theme()
    {
        lay(window, theme);
    }
    app.state::<Leaving>().is_back();
    rest::once_it_came();
}

/// Things are dark now, or light: what is seen where the page is not painted yet goes with that.
pub(crate) fn lay_anew(app: &AppHandle, theme: Theme) {
    if let Some(window) = app.get_webview_window(MAIN) {
        lay(&window, theme);
    }
}

fn lay(window: &WebviewWindow, theme: Theme) {
    if let Err(error) = window.set_background_color(Some(surface(theme == Theme::Dark))) {
        tracing::debug!(%error, "the window keeps its colour");
    }
}
