//! Whether anything on the screen shows trays.

/// On Linux not every desktop has a place for them: an icon without one is nowhere.
#[cfg(target_os = "linux")]
pub(super) fn is_there() -> bool {
    use gio::prelude::ToVariant as _;

    use crate::bus::{self, Peer};

    const BUS: Peer = Peer {
        name: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
    };
    let watcher = ("org.kde.StatusNotifierWatcher",).to_variant();
    let asked = bus::session().and_then(|bus| BUS.call(&bus, "NameHasOwner", &watcher));
    asked.is_ok_and(|answer| answer.get::<(bool,)>().is_some_and(|(owned,)| owned))
}

/// The others have one place for them, always.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_there() -> bool {
    true
}
