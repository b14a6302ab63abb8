//! Files on the desktops of Linux.

use std::io;
use std::path::Path;

use gio::prelude::*;
use gtk::prelude::*;
use tauri::{AppHandle, Manager as _, Url};

use super::folder_of;
use crate::bus::{self, Peer};
use crate::window::MAIN;

/// Every file manager of note answers to this.
const FILE_MANAGER: Peer = Peer {
    name: "org.freedesktop.FileManager1",
    path: "/org/freedesktop/FileManager1",
    interface: "org.freedesktop.FileManager1",
};

/// Shows a file in its folder, chosen; where no file manager can do that, the folder. Blocks.
pub(super) fn show(file: &Path) -> io::Result<()> {
    let uri = Url::from_file_path(file).map_err(|()| io::Error::other("not a full path"))?;
    let shown = bus::session().and_then(|bus| show_on(&bus, &uri));
    shown.or_else(|error| {
        tracing::debug!(%error, "no file manager shows single files");
        open::that_detached(folder_of(file))
    })
}

fn show_on(bus: &gio::DBusConnection, uri: &Url) -> Result<(), gio::glib::Error> {
    let no_startup_id = "";
    FILE_MANAGER
        .call(
            bus,
            "ShowItems",
            &(vec![uri.as_str()], no_startup_id).to_variant(),
        )
        .map(drop)
}

/// Lets the person choose a program, and opens the file with it.
pub(super) fn open_with(app: &AppHandle, file: &Path) -> io::Result<()> {
    let (window, file) = (app.get_webview_window(MAIN), file.to_owned());
    app.run_on_main_thread(move || {
        let parent = window.and_then(|window| window.gtk_window().ok());
        let file = gio::File::for_path(file);
        let dialog = gtk::AppChooserDialog::new(parent.as_ref(), gtk::DialogFlags::MODAL, &file);
        dialog.connect_response(move |dialog, response| {
            let chosen = dialog.app_info().filter(|_| response == gtk::ResponseType::Ok);
            dialog.close();
            let Some(program) = chosen else { return };
            if let Err(error) = program.launch(std::slice::from_ref(&file), gio::AppLaunchContext::NONE) {
                tracing::warn!(%error, "the chosen program does not start");
            }
        });
        dialog.show();
    })
    .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::StandIn;

    #[test]
    fn the_file_manager_is_told_which_file_to_show() {
        let stand_in = StandIn::start(
            FILE_MANAGER,
            "<method name='ShowItems'><arg type='as' direction='in'/><arg type='s' direction='in'/></method>",
            |_| ().to_variant(),
        );
        let uri = Url::from_file_path("/srv/a file, 100%.iso").unwrap();
        show_on(stand_in.bus(), &uri).unwrap();
        let (items, startup): (Vec<String>, String) = stand_in.calls("ShowItems")[0].get().unwrap();
        assert_eq!(items, ["file:///srv/a%20file,%20100%25.iso"]);
        assert_eq!(startup, "");
    }
}
