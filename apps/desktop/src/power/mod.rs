//! The machine is kept awake while something is downloaded, and spared where the person wants that: on its battery, and
//! on a line that is paid by what goes through it.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use gannet_manager::Hold;
use gannet_schema::Desktop;

pub(crate) use system::Awake;

/// How it is with the machine, as far as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Machine {
    pub(crate) on_battery: bool,
    pub(crate) metered: bool,
}

impl Machine {
    /// Asks the system. Blocks.
    pub(crate) fn look() -> Self {
        system::look()
    }

    /// Whether the person wants to know at all.
    pub(crate) const fn matters(desktop: Desktop) -> bool {
        desktop.pause_on_battery || desktop.pause_on_metered
    }

    /// Why nothing is to be downloaded now.
    pub(crate) fn hold(self, desktop: Desktop) -> Option<Hold> {
        if self.on_battery && desktop.pause_on_battery {
            Some(Hold::Battery)
        } else if self.metered && desktop.pause_on_metered {
            Some(Hold::Metered)
        } else {
            None
        }
    }
}

/// Whether the machine is to stay awake.
pub(crate) const fn keeps_awake(desktop: Desktop, at_work: usize) -> bool {
    desktop.keep_awake && at_work > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanting(battery: bool, metered: bool) -> Desktop {
        Desktop {
            pause_on_battery: battery,
            pause_on_metered: metered,
            ..Desktop::default()
        }
    }

    #[test]
    fn the_machine_is_spared_only_where_that_is_wanted() {
        let both = Machine {
            on_battery: true,
            metered: true,
        };
        assert_eq!(both.hold(wanting(false, false)), None);
        assert_eq!(both.hold(wanting(false, true)), Some(Hold::Metered));
        assert_eq!(both.hold(wanting(true, true)), Some(Hold::Battery));
        assert_eq!(Machine::default().hold(wanting(true, true)), None);
        assert!(!Machine::matters(Desktop::default()));
    }

    #[test]
    fn the_machine_may_sleep_when_nothing_is_at_work() {
        let desktop = Desktop::default();
        assert!(keeps_awake(desktop, 1));
        assert!(!keeps_awake(desktop, 0));
        let off = Desktop {
            keep_awake: false,
            ..desktop
        };
        assert!(!keeps_awake(off, 1));
    }
}
