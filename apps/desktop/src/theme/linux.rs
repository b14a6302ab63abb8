//! The desktops of Linux say by their settings portal whether things are dark; GTK, and the webview with it, hears of that
//! from us.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use gannet_schema::Theme;
use gio::DBusConnection;
use gio::glib::{ToVariant as _, Variant, VariantTy};
use gtk::prelude::GtkSettingsExt as _;
use tauri::AppHandle;

use crate::bus::Peer;
use crate::window;

const PORTAL: Peer = Peer {
    name: "org.freedesktop.portal.Desktop",
    path: "/org/freedesktop/portal/desktop",
    interface: "org.freedesktop.portal.Settings",
};
const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
const DARK: u32 = 1;
const LIGHT: u32 = 2;
/// So long the first window waits for the portal, which answers within a few milliseconds where it is there. One that has
/// to be started first is followed once it speaks.
const FIRST_WORD: Duration = Duration::from_millis(100);

/// Sees to it that window and page are as they are to be.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    app: AppHandle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    chosen: Theme,
    /// What the portal says, where it says anything.
    system_is_dark: Option<bool>,
    /// What GTK's own settings said at first.
    gtk_is_dark: bool,
}

impl Follower {
    /// To be made where the windows live, before there is one. `chosen` is what the person chose before.
    pub(crate) fn new(app: &AppHandle, chosen: Theme) -> Self {
        let gtk = gtk::Settings::default();
        let follower = Self {
            app: app.clone(),
            state: Arc::new(Mutex::new(State {
                chosen,
                system_is_dark: None,
                gtk_is_dark: gtk.is_some_and(|gtk| gtk.is_gtk_application_prefer_dark_theme()),
            })),
        };
        let (answer, answered) = mpsc::channel();
        if let Some(bus) = follower.listen() {
            let asking = follower.clone();
            tauri::async_runtime::spawn_blocking(move || {
                let is_dark = ask(&bus);
                // Whoever waits no longer is told by the change.
                let _ = answer.send(is_dark);
                asking.change(|state| state.system_is_dark = is_dark);
            });
        } else {
            drop(answer);
        }
        let first_word = answered.recv_timeout(FIRST_WORD).ok().flatten();
        // The webview is made after this, and reads what GTK says then.
        follower.change(|state| state.system_is_dark = state.system_is_dark.or(first_word));
        follower
    }

    /// What the person chose.
    pub(crate) fn choose(&self, theme: Theme) {
        self.change(|state| state.chosen = theme);
    }

    /// Whether things are dark.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "elsewhere that is not known before there is a window"
    )]
    pub(crate) fn is_dark(&self) -> Option<bool> {
        Some(self.state().is_dark())
    }

    fn listen(&self) -> Option<DBusConnection> {
        let follower = self.clone();
        PORTAL.heed("SettingChanged", Some(NAMESPACE), move |parameters| {
            if parameters.child_value(1).str() == Some(KEY) {
                follower.change(|state| state.system_is_dark = scheme(&parameters.child_value(2)));
            }
        })
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let is_dark = {
            let mut state = self.state();
            change(&mut state);
            state.is_dark()
        };
        let app = self.app.clone();
        let told = self.app.run_on_main_thread(move || {
            // Told what it knows, GTK reads its theme anew all the same, and nothing is drawn meanwhile.
            if let Some(gtk) = gtk::Settings::default()
                && gtk.is_gtk_application_prefer_dark_theme() != is_dark
            {
                gtk.set_gtk_application_prefer_dark_theme(is_dark);
                window::lay_anew(
                    &app,
                    if is_dark {
                        tauri::Theme::Dark
                    } else {
                        tauri::Theme::Light
                    },
                );
            }
        });
        if let Err(error) = told {
            tracing::debug!(%error, "the window keeps its theme");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_dark(self) -> bool {
        match self.chosen {
            Theme::Dark => true,
            Theme::Light => false,
            Theme::System => self.system_is_dark.unwrap_or(self.gtk_is_dark),
        }
    }
}

/// Blocks.
fn ask(bus: &DBusConnection) -> Option<bool> {
    let answer = PORTAL.call(bus, "Read", &(NAMESPACE, KEY).to_variant()).ok()?;
    scheme(&answer.child_value(0))
}

/// What a color scheme means, however deep it is wrapped.
fn scheme(value: &Variant) -> Option<bool> {
    // What is no variant is not to be asked for one: GLib complains of that aloud.
    if value.type_() == VariantTy::VARIANT {
        return scheme(&value.child_value(0));
    }
    match value.get()? {
        DARK => Some(true),
        LIGHT => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::StandIn;

    #[test]
    fn the_portal_is_asked() {
        let method = "<method name='Read'><arg type='s' direction='in'/><arg type='s' direction='in'/>
            <arg type='v' direction='out'/></method>";
        for (says, dark) in [(0_u32, None), (DARK, Some(true)), (LIGHT, Some(false)), (9, None)] {
            let wrapped = says.to_variant().to_variant();
            let stand_in = StandIn::start(PORTAL, method, move |_| {
                Variant::tuple_from_iter([wrapped.clone()])
            });
            assert_eq!(ask(stand_in.bus()), dark, "{says}");
        }
    }

    #[test]
    fn what_the_person_chose_goes_before_what_the_system_says() {
        let is_dark = |chosen, system_is_dark, gtk_is_dark| {
            let state = State {
                chosen,
                system_is_dark,
                gtk_is_dark,
            };
            state.is_dark()
        };
        assert!(!is_dark(Theme::Light, Some(true), true));
        assert!(is_dark(Theme::Dark, Some(false), false));
        assert!(is_dark(Theme::System, Some(true), false));
        assert!(!is_dark(Theme::System, Some(false), true));
        assert!(is_dark(Theme::System, None, true));
    }
}
