//! What a window has on a desk: a frame with a name, a place of its own, and what it leaves behind.

use tauri::{AppHandle, Manager as _, WebviewWindowBuilder, Wry};

use crate::leaving::Leaving;
use crate::place::{self, Kept, Place, SMALLEST};
use crate::rest;

const SIZE: (f64, f64) = (1180.0, 760.0);

/// With its name, where and as large as it was.
pub(super) fn in_its_place<'a>(
    app: &AppHandle,
    builder: WebviewWindowBuilder<'a, Wry, AppHandle>,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    let kept = app.state::<Kept>();
    let place = kept.read(&place::screens(app)).unwrap_or(Place {
        corner: None,
        size: SIZE,
        maximized: false,
    });
    let (smallest_width, smallest_height) = SMALLEST;
    let builder = builder
        .title("Gannet")
        .data_directory(kept.page_folder())
        .inner_size(place.size.0, place.size.1)
        .maximized(place.maximized)
        .min_inner_size(smallest_width, smallest_height)
        // The page itself takes what is dropped, as it does in a browser.
        .disable_drag_drop_handler();
    match place.corner {
        Some((x, y)) => builder.position(x, y),
        None => builder,
    }
}

/// It is on the screen.
pub(super) fn came(app: &AppHandle) {
    app.state::<Leaving>().is_back();
    rest::once_it_came();
}
