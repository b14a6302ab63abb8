//! Who on a Linux desktop puts the machine to sleep by itself, and is asked not to. Each desktop decides by its own; what
//! is asked for is never more than that: a person's own "Suspend" is nobody's business, and the screen may go dark.

use std::collections::HashMap;

use gio::glib::{Error, ToVariant as _, Variant};
use gio::{DBusConnection, UnixFDList};

use crate::bus::{self, Peer};

const GNOME: Peer = Peer {
    name: "org.gnome.SessionManager",
    path: "/org/gnome/SessionManager",
    interface: "org.gnome.SessionManager",
};
/// KDE, XFCE and MATE.
const POWER_MANAGEMENT: Peer = Peer {
    name: "org.freedesktop.PowerManagement",
    path: "/org/freedesktop/PowerManagement/Inhibit",
    interface: "org.freedesktop.PowerManagement.Inhibit",
};
/// Whatever desktop there is behind it.
const PORTAL: Peer = Peer {
    name: "org.freedesktop.portal.Desktop",
    path: "/org/freedesktop/portal/desktop",
    interface: "org.freedesktop.portal.Inhibit",
};
const PORTAL_REQUEST: &str = "org.freedesktop.portal.Request";
const LOGIND: Peer = Peer {
    name: "org.freedesktop.login1",
    path: "/org/freedesktop/login1",
    interface: "org.freedesktop.login1.Manager",
};
/// GNOME and the portals call that by the same number.
const SUSPEND: u32 = 4;
const APP: &str = "gannet-desktop";

/// What was asked of somebody, until it is dropped.
#[derive(Debug)]
pub(super) struct Inhibition {
    bus: DBusConnection,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// Given back by a method, by the number that it was given.
    Number {
        peer: Peer,
        method: &'static str,
        number: Variant,
    },
    /// Given back by closing this object of the portal's.
    Request(String),
    /// Given back by closing these.
    Files { _open: UnixFDList },
}

/// Asks the first one who is there; `why` is what it shows of the reason. `system` is the machine's bus, where it is
/// needed. Blocks.
pub(super) fn inhibit(
    session: Option<DBusConnection>,
    system: impl FnOnce() -> Option<DBusConnection>,
    why: &str,
) -> Option<Inhibition> {
    let by_desktop = session.and_then(|bus| {
        let held = [gnome, power_management, portal]
            .into_iter()
            .find_map(|ask| ask(&bus, why).inspect_err(not_there).ok())?;
        Some(Inhibition { bus, held })
    });
    by_desktop.or_else(|| {
        let bus = system()?;
        let held = logind(&bus, why).inspect_err(not_there).ok()?;
        Some(Inhibition { bus, held })
    })
}

fn not_there(error: &Error) {
    tracing::debug!(%error, "not asked to keep the machine awake");
}

fn gnome(bus: &DBusConnection, why: &str) -> Result<Held, Error> {
    let no_window = 0_u32;
    let asked = (APP, no_window, why, SUSPEND).to_variant();
    Ok(Held::Number {
        peer: GNOME,
        method: "Uninhibit",
        number: GNOME.call(bus, "Inhibit", &asked)?,
    })
}

fn power_management(bus: &DBusConnection, why: &str) -> Result<Held, Error> {
    Ok(Held::Number {
        peer: POWER_MANAGEMENT,
        method: "UnInhibit",
        number: POWER_MANAGEMENT.call(bus, "Inhibit", &("Gannet", why).to_variant())?,
    })
}

fn portal(bus: &DBusConnection, why: &str) -> Result<Held, Error> {
    let no_window = "";
    let options = HashMap::from([("reason", why.to_variant())]);
    let answer = PORTAL.call(bus, "Inhibit", &(no_window, SUSPEND, options).to_variant())?;
    // Whose answer names no object cannot be asked to let go, and does so when we are gone.
    Ok(Held::Request(
        answer.child_value(0).str().unwrap_or("/").to_owned(),
    ))
}

/// What logind answers with is an open file. It holds off nothing but its own action for an idle machine: a lock on sleep
/// itself would refuse the person's own too.
fn logind(bus: &DBusConnection, why: &str) -> Result<Held, Error> {
    let asked = ("idle", "Gannet", why, "block").to_variant();
    Ok(Held::Files {
        _open: LOGIND.call_for_files(bus, "Inhibit", &asked)?,
    })
}

impl Drop for Inhibition {
    fn drop(&mut self) {
        let given_back = match &self.held {
            Held::Number { peer, method, number } => peer.call(&self.bus, method, number),
            Held::Request(path) => bus::call_at(
                &self.bus,
                PORTAL.name,
                path,
                PORTAL_REQUEST,
                "Close",
                &().to_variant(),
            ),
            Held::Files { .. } => return,
        };
        if let Err(error) = given_back {
            tracing::debug!(%error, "the machine is not let asleep");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use gio::glib::variant::{Handle, ObjectPath};

    use super::*;
    use crate::stand_in::StandIn;

    const WHY: &str = "Downloading";

    /// Asks on a bus where there is nobody but the stand-in.
    fn asked(stand_in: &StandIn) -> Inhibition {
        let bus = stand_in.bus().clone();
        inhibit(Some(bus), || panic!("somebody of the session is there"), WHY).unwrap()
    }

    #[test]
    fn gnome_is_asked_not_to_suspend_until_it_is_let_go() {
        let methods = "<method name='Inhibit'><arg type='s' direction='in'/><arg type='u' direction='in'/>
            <arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='u' direction='out'/></method>
            <method name='Uninhibit'><arg type='u' direction='in'/></method>";
        let stand_in = StandIn::start(GNOME, methods, |method| match method {
            "Inhibit" => (7_u32,).to_variant(),
            _ => ().to_variant(),
        });
        let held = asked(&stand_in);
        let call: (String, u32, String, u32) = stand_in.calls("Inhibit")[0].get().unwrap();
        assert_eq!(call, (APP.to_owned(), 0, WHY.to_owned(), SUSPEND));
        assert!(stand_in.calls("Uninhibit").is_empty());
        drop(held);
        assert_eq!(stand_in.calls("Uninhibit"), [(7_u32,).to_variant()]);
    }

    #[test]
    fn the_power_manager_of_other_desktops_is_asked_until_it_is_let_go() {
        let methods = "<method name='Inhibit'><arg type='s' direction='in'/><arg type='s' direction='in'/>
            <arg type='u' direction='out'/></method>
            <method name='UnInhibit'><arg type='u' direction='in'/></method>";
        let stand_in = StandIn::start(POWER_MANAGEMENT, methods, |method| match method {
            "Inhibit" => (9_u32,).to_variant(),
            _ => ().to_variant(),
        });
        let held = asked(&stand_in);
        assert_eq!(stand_in.calls("Inhibit"), [("Gannet", WHY).to_variant()]);
        drop(held);
        assert_eq!(stand_in.calls("UnInhibit"), [(9_u32,).to_variant()]);
    }

    #[test]
    fn the_portal_is_asked() {
        let method = "<method name='Inhibit'><arg type='s' direction='in'/><arg type='u' direction='in'/>
            <arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>";
        let request = ObjectPath::try_from("/request/1".to_owned()).unwrap();
        let answer = (request,).to_variant();
        let stand_in = StandIn::start(PORTAL, method, move |_| answer.clone());
        let held = asked(&stand_in);
        let call = &stand_in.calls("Inhibit")[0];
        assert_eq!(call.child_value(1).get(), Some(SUSPEND));
        let options: HashMap<String, Variant> = call.child_value(2).get().unwrap();
        assert_eq!(options["reason"].str(), Some(WHY));
        assert!(matches!(&held.held, Held::Request(path) if path == "/request/1"));
    }

    #[test]
    fn what_the_portal_was_asked_is_closed() {
        let request = Peer {
            path: "/request/1",
            interface: PORTAL_REQUEST,
            ..PORTAL
        };
        let stand_in = StandIn::start(request, "<method name='Close'/>", |_| ().to_variant());
        drop(Inhibition {
            bus: stand_in.bus().clone(),
            held: Held::Request("/request/1".to_owned()),
        });
        assert_eq!(stand_in.calls("Close").len(), 1);
    }

    #[test]
    fn where_nobody_else_is_there_logind_leaves_an_idle_machine_awake_and_no_more() {
        let method = "<method name='Inhibit'><arg type='s' direction='in'/><arg type='s' direction='in'/>
            <arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='h' direction='out'/></method>";
        let (mut logind, ours) = UnixStream::pair().unwrap();
        logind.set_nonblocking(true).unwrap();
        let first_file = (Handle(0),).to_variant();
        let stand_in =
            StandIn::start_with_file(LOGIND, method, Some(ours.into()), move |_| first_file.clone());
        let bus = stand_in.bus().clone();
        let held = inhibit(Some(bus.clone()), || Some(bus), WHY).unwrap();
        let mut byte = [0];
        assert!(logind.read(&mut byte).is_err(), "it is open while it is held");
        drop(held);
        logind.set_nonblocking(false).unwrap();
        assert_eq!(
            logind.read(&mut byte).unwrap(),
            0,
            "it is closed when it is let go"
        );
        assert_eq!(
            stand_in.calls("Inhibit"),
            [("idle", "Gannet", WHY, "block").to_variant()]
        );
    }
}
