//! Files on the desktops of Linux.

use std::io;
use std::path::Path;

use gio::prelude::*;
use tauri::Url;

use super::folder_of;
use crate::bus::{self, Peer};

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
