//! What the desktops of Linux offer over D-Bus, called through the library that the window stands on anyway. Each call
//! names the bus that it goes over, so that tests have one of their own.

use gio::glib::{Error, Variant};
use gio::prelude::*;
use gio::{BusType, Cancellable, DBusCallFlags, DBusConnection, DBusSignalFlags};

/// Whoever is asked may have to be started first; whoever takes longer is not there.
const ANSWER_WITHIN_MS: i32 = 5_000;

/// The bus of the person's session. Blocks.
pub(crate) fn session() -> Result<DBusConnection, Error> {
    gio::bus_get_sync(BusType::Session, Cancellable::NONE)
}

/// The bus of the machine. Blocks.
pub(crate) fn system() -> Result<DBusConnection, Error> {
    gio::bus_get_sync(BusType::System, Cancellable::NONE)
}

/// Something that answers on a bus.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// Its name there.
    pub(crate) name: &'static str,
    /// The object.
    pub(crate) path: &'static str,
    /// The object's interface.
    pub(crate) interface: &'static str,
}

impl Peer {
    /// Hears one of its signals for as long as the program runs; `first` is what the signal's first argument has to be.
    /// Answers with the session's bus, where there is one. To be called where the windows live.
    pub(crate) fn heed(
        &self,
        signal: &str,
        first: Option<&str>,
        heard: impl Fn(&Variant) + 'static,
    ) -> Option<DBusConnection> {
        let bus = session()
            .inspect_err(|error| tracing::debug!(peer = self.name, signal, %error, "no bus to hear it on"))
            .ok()?;
        let _ = bus.signal_subscribe(
            Some(self.name),
            Some(self.interface),
            Some(signal),
            Some(self.path),
            first,
            DBusSignalFlags::NONE,
            move |_, _, _, _, _, parameters| heard(parameters),
        );
        Some(bus)
    }

    /// Calls a method and waits for its answer. Blocks.
    pub(crate) fn call(
        &self,
        bus: &DBusConnection,
        method: &str,
        parameters: &Variant,
    ) -> Result<Variant, Error> {
        call_at(bus, self.name, self.path, self.interface, method, parameters)
    }

    /// Calls a method that answers with open files, which stay open as long as the answer is kept. Blocks.
    pub(crate) fn call_for_files(
        &self,
        bus: &DBusConnection,
        method: &str,
        parameters: &Variant,
    ) -> Result<gio::UnixFDList, Error> {
        let (_, files) = bus.call_with_unix_fd_list_sync(
            Some(self.name),
            self.path,
            self.interface,
            method,
            Some(parameters),
            None,
            DBusCallFlags::NONE,
            ANSWER_WITHIN_MS,
            gio::UnixFDList::NONE,
            Cancellable::NONE,
        )?;
        Ok(files)
    }

    /// Asks for a property. Nothing is started for that. Blocks.
    pub(crate) fn property(&self, bus: &DBusConnection, name: &str) -> Option<Variant> {
        let answer = bus.call_sync(
            Some(self.name),
            self.path,
            "org.freedesktop.DBus.Properties",
            "Get",
            Some(&(self.interface, name).to_variant()),
            None,
            DBusCallFlags::NO_AUTO_START,
            ANSWER_WITHIN_MS,
            Cancellable::NONE,
        );
        match answer {
            Ok(answer) => answer.child_value(0).get::<Variant>(),
            Err(error) => {
                tracing::debug!(peer = self.name, property = name, %error, "not known");
                None
            }
        }
    }
}

/// Calls a method of an object whose path was only learned from an answer, and waits for its answer. Blocks.
pub(crate) fn call_at(
    bus: &DBusConnection,
    name: &str,
    path: &str,
    interface: &str,
    method: &str,
    parameters: &Variant,
) -> Result<Variant, Error> {
    bus.call_sync(
        Some(name),
        path,
        interface,
        method,
        Some(parameters),
        None,
        DBusCallFlags::NONE,
        ANSWER_WITHIN_MS,
        Cancellable::NONE,
    )
}
