//! Whether anything on the screen shows trays.

/// On Linux not every desktop has a place for them: an icon without one is nowhere.
#[cfg(target_os = "linux")]
pub(super) fn is_there() -> bool {
    use gio::prelude::ToVariant as _;

    const ANSWER_WITHIN_MS: i32 = 500;
    let asked = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).and_then(|bus| {
        bus.call_sync(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            "NameHasOwner",
            Some(&("org.kde.StatusNotifierWatcher",).to_variant()),
            None,
            gio::DBusCallFlags::NONE,
            ANSWER_WITHIN_MS,
            gio::Cancellable::NONE,
        )
    });
    asked.is_ok_and(|answer| answer.get::<(bool,)>().is_some_and(|(owned,)| owned))
}

/// The others have one place for them, always.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_there() -> bool {
    true
}
