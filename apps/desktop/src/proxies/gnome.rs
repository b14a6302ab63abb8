//! GNOME keeps them where its other settings are; the desktops that came of it do too.

use gannet_manager::DesktopProxies;
use gio::Settings;
use gio::prelude::*;
use tauri::AppHandle;

use super::{Place, manual, script_is_not_run, tell_soon};

const SCHEMA: &str = "org.gnome.system.proxy";

/// What the settings say now; it is told whenever they change.
pub(super) fn follow(app: &AppHandle) -> DesktopProxies {
    // Asked for without this, a schema that is not installed ends the program.
    let schemas = gio::SettingsSchemaSource::default();
    if schemas.and_then(|schemas| schemas.lookup(SCHEMA, true)).is_none() {
        return DesktopProxies::default();
    }
    let settings = Settings::new(SCHEMA);
    for part in [
        settings.clone(),
        settings.child("http"),
        settings.child("https"),
        settings.child("socks"),
    ] {
        let (app, settings) = (app.clone(), settings.clone());
        part.connect_changed(None, move |_, _| tell_soon(&app, read(&settings)));
        // It is to be heard as long as the program runs.
        std::mem::forget(part);
    }
    read(&settings)
}

fn read(settings: &Settings) -> DesktopProxies {
    let at = |part: &str| {
        let part = settings.child(part);
        Place {
            host: part.string("host").to_string(),
            port: u16::try_from(part.int("port")).unwrap_or(0),
        }
    };
    match settings.string("mode").as_str() {
        "manual" => {
            let exempt = settings.strv("ignore-hosts");
            let exempt = exempt.iter().map(gio::glib::GStringPtr::as_str);
            manual(&at("http"), &at("https"), &at("socks"), exempt)
        }
        "auto" => script_is_not_run(),
        _ => DesktopProxies::default(),
    }
}
