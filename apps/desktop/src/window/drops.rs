//! Files that another program drops onto the window.
//!
//! `WebKit` gives a page the text and the links that are dropped, but of files neither their content nor their names. So they
//! are read here, and the page is given what is in them; it names no path.

use std::cell::RefCell;
use std::rc::Rc;

use gtk::glib;
use gtk::glib::object::IsA;
use gtk::prelude::WidgetExt as _;
use tauri::{AppHandle, Manager as _, WebviewWindow};

use crate::brought::Brought;
use crate::errands::Errands;

/// For a window that was just made.
pub(super) fn take_files(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    let takes = window.with_webview(move |webview| hear(&webview.inner(), app));
    if let Err(error) = takes {
        tracing::warn!(%error, "files that are dropped onto the window are not read");
    }
}

fn hear(webview: &impl IsA<gtk::Widget>, app: AppHandle) {
    /// What is being dragged over the window, where there are files in it.
    type Dragged = Rc<RefCell<Vec<String>>>;
    let dragged = Dragged::default();

    // It comes while one drags, since the page wants to know what it is.
    let come = Rc::clone(&dragged);
    webview.connect_drag_data_received(move |_, _, _, _, data, _, _| {
        let uris: Vec<String> = data.uris().into_iter().map(Into::into).collect();
        if uris.iter().any(|uri| uri.starts_with("file:")) {
            *come.borrow_mut() = uris;
        }
    });
    // It leaves before it is dropped too, and is forgotten only then.
    let left = Rc::clone(&dragged);
    webview.connect_drag_leave(move |_, _, _| {
        let left = Rc::clone(&left);
        glib::idle_add_local_once(move || left.borrow_mut().clear());
    });
    webview.connect_drag_drop(move |_, context, _, _, time| {
        let uris = dragged.take();
        let are_files = !uris.is_empty();
        if are_files {
            context.drop_finish(true, time);
            read(app.clone(), uris);
        }
        are_files
    });
}

/// A disk may be slow, and the window is not to stand still for it.
fn read(app: AppHandle, uris: Vec<String>) {
    tauri::async_runtime::spawn_blocking(move || {
        let brought = Brought::of(&uris);
        app.state::<Errands>().drop_in(brought);
    });
}
