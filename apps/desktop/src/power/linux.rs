//! The battery by `UPower`, the line by `NetworkManager`; sleep by whoever the desktop has for it. A machine without one of
//! them never holds.

use gio::DBusConnection;
use gio::glib::Variant;

use super::Machine;
use super::inhibit::{Inhibition, inhibit};
use crate::bus::{self, Peer};

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

/// Asks whoever puts the machine to sleep not to; dropped, it is let go. Blocks.
pub(super) fn keep_awake(why: &'static str) -> Option<Inhibition> {
    inhibit(bus::session().ok(), || bus::system().ok(), why)
}

#[cfg(test)]
mod tests {
    use gio::glib::ToVariant as _;

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
}
