//! Sleep by logind, the battery by `UPower`, the line by `NetworkManager`. A machine without one of them never holds.

use std::sync::mpsc;
use std::thread;

use gio::DBusConnection;
use gio::glib::{ToVariant as _, Variant};

use super::Machine;
use crate::bus::{self, Peer};

const LOGIN: Peer = Peer {
    name: "org.freedesktop.login1",
    path: "/org/freedesktop/login1",
    interface: "org.freedesktop.login1.Manager",
};
const UPOWER: Peer = Peer {
    name: "org.freedesktop.UPower",
    path: "/org/freedesktop/UPower",
    interface: "org.freedesktop.UPower",
};
const NETWORK: Peer = Peer {
    name: "org.freedesktop.NetworkManager",
    path: "/org/freedesktop/NetworkManager",
    interface: "org.freedesktop.NetworkManager",
};
/// What `NMMetered` calls yes, and a guess that comes to yes.
const METERED: [u32; 2] = [1, 3];

/// Asks the system. Blocks.
pub(super) fn look() -> Machine {
    bus::system().map(|bus| look_on(&bus)).unwrap_or_default()
}

fn look_on(bus: &DBusConnection) -> Machine {
    let is_metered = |value: Variant| value.get().is_some_and(|value: u32| METERED.contains(&value));
    Machine {
        on_battery: UPOWER
            .property(bus, "OnBattery")
            .and_then(|value| value.get())
            .unwrap_or(false),
        metered: NETWORK.property(bus, "Metered").is_some_and(is_metered),
    }
}

/// The machine stays awake while this is there.
#[derive(Debug)]
pub(crate) struct Awake {
    /// Dropped, it lets the machine sleep.
    _keep: mpsc::Sender<()>,
}

impl Awake {
    /// Keeps it awake; `why` is what the system shows of the reason.
    pub(crate) fn keep(why: &'static str) -> Self {
        let (keep, released) = mpsc::channel::<()>();
        let holding = thread::Builder::new().name("awake".to_owned()).spawn(move || {
            match bus::system().and_then(|bus| inhibit(&bus, why)) {
                Ok(files) => {
                    // It ends when the other end is dropped.
                    let _ = released.recv();
                    drop(files);
                }
                Err(error) => tracing::debug!(%error, "nobody keeps the machine awake"),
            }
        });
        if let Err(error) = holding {
            tracing::debug!(%error, "no thread to keep the machine awake");
        }
        Self { _keep: keep }
    }
}

/// What logind answers with is an open file: the machine is awake until that is closed, whatever becomes of us.
fn inhibit(bus: &DBusConnection, why: &str) -> Result<gio::UnixFDList, gio::glib::Error> {
    LOGIN.call_for_files(
        bus,
        "Inhibit",
        &("sleep:idle", "Gannet", why, "block").to_variant(),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use gio::glib::variant::Handle;

    use super::*;
    use crate::stand_in::StandIn;

    #[test]
    fn the_battery_is_asked_for() {
        let property = "<property name='OnBattery' type='b' access='read'/>";
        for on_battery in [true, false] {
            let stand_in = StandIn::start(UPOWER, property, move |_| on_battery.to_variant());
            let machine = look_on(stand_in.bus());
            assert_eq!((machine.on_battery, machine.metered), (on_battery, false));
        }
    }

    #[test]
    fn a_line_is_metered_where_the_system_says_or_guesses_so() {
        let property = "<property name='Metered' type='u' access='read'/>";
        for (says, metered) in [(0_u32, false), (1, true), (2, false), (3, true), (4, false)] {
            let stand_in = StandIn::start(NETWORK, property, move |_| says.to_variant());
            assert_eq!(look_on(stand_in.bus()).metered, metered, "{says}");
        }
    }

    #[test]
    fn sleep_is_what_is_held_off() {
        let method = "<method name='Inhibit'><arg type='s' direction='in'/><arg type='s' direction='in'/>
            <arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='h' direction='out'/></method>";
        let (mut logind, ours) = UnixStream::pair().unwrap();
        logind.set_nonblocking(true).unwrap();
        let first_file = (Handle(0),).to_variant();
        let stand_in =
            StandIn::start_with_file(LOGIN, method, Some(ours.into()), move |_| first_file.clone());
        let held = inhibit(stand_in.bus(), "Downloading").unwrap();
        let mut byte = [0];
        assert!(logind.read(&mut byte).is_err(), "it is open while it is held");
        drop(held);
        logind.set_nonblocking(false).unwrap();
        assert_eq!(
            logind.read(&mut byte).unwrap(),
            0,
            "it is closed when it is let go"
        );
        let call: (String, String, String, String) = stand_in.calls("Inhibit")[0].get().unwrap();
        assert_eq!(
            (call.0.as_str(), call.2.as_str(), call.3.as_str()),
            ("sleep:idle", "Downloading", "block")
        );
    }
}
