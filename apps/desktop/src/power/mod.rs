//! The machine is kept awake while something is downloaded, and spared where the person wants that: on its battery, and
//! on a line that is paid by what goes through it.

#[cfg(target_os = "linux")]
mod inhibit;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::sync::mpsc;
use std::thread;

use gannet_manager::Hold;
use gannet_schema::Desktop;

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

/// The machine stays awake while this is there.
#[derive(Debug)]
pub(crate) struct Awake {
    /// Dropped, it lets the machine sleep.
    _keep: mpsc::Sender<()>,
}

impl Awake {
    /// Keeps it awake; `why` is what the system shows of the reason. It is asked for, and let go, by one thread: on
    /// Windows it belongs to the one that asked.
    pub(crate) fn keep(why: &'static str) -> Self {
        let (keep, released) = mpsc::channel::<()>();
        let holding = thread::Builder::new().name("awake".to_owned()).spawn(move || {
            let held = system::keep_awake(why);
            if held.is_none() {
                tracing::debug!("nobody keeps the machine awake");
            }
            // It ends when the other end is dropped.
            let _ = released.recv();
            drop(held);
        });
        if let Err(error) = holding {
            tracing::debug!(%error, "no thread to keep the machine awake");
        }
        Self { _keep: keep }
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
