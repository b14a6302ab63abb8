//! How far everything is together, where the system shows that beside a program's icon.

use gannet_manager::Pulse;
use tauri::AppHandle;

/// What stands at the icon: thousandths, while something of known length is at work.
pub(crate) fn thousandths(pulse: &Pulse) -> Option<u16> {
    if pulse.at_work == 0 || pulse.length == 0 {
        return None;
    }
    let share = u128::from(pulse.bytes.min(pulse.length)) * 1000 / u128::from(pulse.length);
    u16::try_from(share).ok()
}

/// Shows it, or takes it away. Blocks for a moment.
#[cfg(target_os = "linux")]
pub(crate) fn show(_: &AppHandle, thousandths: Option<u16>) {
    let emitted = crate::bus::session().and_then(|bus| linux::emit(&bus, thousandths));
    if let Err(error) = emitted {
        tracing::debug!(%error, "nobody shows how far everything is");
    }
}

/// Shows it, or takes it away.
#[cfg(not(target_os = "linux"))]
pub(crate) fn show(app: &AppHandle, thousandths: Option<u16>) {
    use tauri::Manager as _;
    use tauri::window::{ProgressBarState, ProgressBarStatus};

    let Some(window) = app.get_webview_window(crate::window::MAIN) else {
        return;
    };
    let state = ProgressBarState {
        status: Some(match thousandths {
            Some(_) => ProgressBarStatus::Normal,
            None => ProgressBarStatus::None,
        }),
        progress: thousandths.map(|thousandths| u64::from(thousandths) / 10),
    };
    if let Err(error) = window.set_progress_bar(state) {
        tracing::debug!(%error, "nobody shows how far everything is");
    }
}

/// The launcher interface that Unity began with and that docks and Plasma's task bar understand: a signal to whoever
/// listens. It needs no window.
#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use gio::DBusConnection;
    use gio::glib::{Error, ToVariant as _};

    const PATH: &str = "/dev/gannet/desktop";
    const INTERFACE: &str = "com.canonical.Unity.LauncherEntry";
    const APPLICATION: &str = "application://gannet-desktop.desktop";

    pub(super) fn emit(bus: &DBusConnection, thousandths: Option<u16>) -> Result<(), Error> {
        let properties = HashMap::from([
            (
                "progress",
                (f64::from(thousandths.unwrap_or(0)) / 1000.0).to_variant(),
            ),
            ("progress-visible", thousandths.is_some().to_variant()),
        ]);
        let parameters = (APPLICATION, properties).to_variant();
        bus.emit_signal(None, PATH, INTERFACE, "Update", Some(&parameters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_the_share_of_all_that_is_at_work() {
        let pulse = |at_work, bytes, length| Pulse {
            at_work,
            rate_bytes_per_s: 0.0,
            bytes,
            length,
        };
        assert_eq!(thousandths(&pulse(0, 5, 10)), None);
        assert_eq!(thousandths(&pulse(1, 0, 0)), None, "of unknown length");
        assert_eq!(thousandths(&pulse(2, 5, 10)), Some(500));
        assert_eq!(thousandths(&pulse(1, u64::MAX, u64::MAX)), Some(1000));
    }
}
