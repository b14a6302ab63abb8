//! Whether anything on the screen shows trays.

use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
use crate::bus::Peer;

#[cfg(target_os = "linux")]
const BUS: Peer = Peer {
    name: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
};
/// Whoever shows trays has this name.
#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// On Linux not every desktop has a place for them: an icon without one is nowhere. Blocks.
#[cfg(target_os = "linux")]
pub(super) fn is_there() -> bool {
    use gio::prelude::ToVariant as _;

    let watcher = (WATCHER,).to_variant();
    let asked = crate::bus::session().and_then(|bus| BUS.call(&bus, "NameHasOwner", &watcher));
    asked.is_ok_and(|answer| answer.get::<(bool,)>().is_some_and(|(owned,)| owned))
}

/// The others have one place for them, always.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_there() -> bool {
    true
}

/// Told once a place for trays comes. To be called where the windows live.
#[cfg(target_os = "linux")]
pub(super) fn comes() -> oneshot::Receiver<()> {
    let (came, comes) = oneshot::channel();
    let came = std::cell::Cell::new(Some(came));
    BUS.heed("NameOwnerChanged", Some(WATCHER), move |parameters| {
        let owner = parameters.child_value(2);
        if owner.str().is_some_and(|owner| !owner.is_empty())
            && let Some(came) = came.take()
        {
            // Whoever waited may have waited long enough.
            let _ = came.send(());
        }
    });
    comes
}

/// None comes later.
#[cfg(not(target_os = "linux"))]
pub(super) fn comes() -> oneshot::Receiver<()> {
    oneshot::channel().1
}
