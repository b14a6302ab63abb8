//! The proxies of GNOME's settings, which programs that are started from its menu do not find in their environment.

use gannet_manager::DesktopProxies;
use gio::Settings;
use gio::prelude::*;
use tauri::{AppHandle, Manager as _};

use crate::works::Works;

const SCHEMA: &str = "org.gnome.system.proxy";

/// Tells the manager what the settings say, now and whenever they change. To be called where the windows live.
pub(crate) fn follow(app: &AppHandle) {
    // Asked for without this, a schema that is not installed ends the program.
    let schemas = gio::SettingsSchemaSource::default();
    if schemas.and_then(|schemas| schemas.lookup(SCHEMA, true)).is_none() {
        return;
    }
    let settings = Settings::new(SCHEMA);
    tell(app, read(&settings));
    for part in [
        settings.clone(),
        settings.child("http"),
        settings.child("https"),
        settings.child("socks"),
    ] {
        let (app, settings) = (app.clone(), settings.clone());
        part.connect_changed(None, move |_, _| tell(&app, read(&settings)));
        // It is to be heard as long as the program runs.
        std::mem::forget(part);
    }
}

fn tell(app: &AppHandle, proxies: DesktopProxies) {
    let manager = app.state::<Works>().manager().clone();
    tauri::async_runtime::spawn(async move {
        if let Err(failure) = manager.desktop_proxies(proxies).await {
            tracing::warn!(%failure.message, "the desktop's proxy is not used");
        }
    });
}

fn read(settings: &Settings) -> DesktopProxies {
    let at = |part: &str| {
        let part = settings.child(part);
        (part.string("host").to_string(), part.int("port"))
    };
    let exempt: Vec<String> = settings
        .strv("ignore-hosts")
        .iter()
        .map(ToString::to_string)
        .collect();
    match settings.string("mode").as_str() {
        "manual" => manual(&at("http"), &at("https"), &at("socks"), &exempt),
        "auto" => {
            tracing::warn!("a script that chooses the proxy is not understood");
            DesktopProxies::default()
        }
        _ => DesktopProxies::default(),
    }
}

/// What hosts and ports mean; one without a host or port is none.
fn manual(
    http: &(String, i32),
    https: &(String, i32),
    socks: &(String, i32),
    exempt: &[String],
) -> DesktopProxies {
    let address = |scheme: &str, (host, port): &(String, i32)| {
        (!host.is_empty() && *port > 0).then(|| format!("{scheme}://{host}:{port}"))
    };
    let socks = address("socks5h", socks);
    DesktopProxies {
        plain: address("http", http).or_else(|| socks.clone()),
        secure: address("http", https).or(socks),
        exempt: exempt
            .iter()
            .map(|host| host.strip_prefix("*.").unwrap_or(host).to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_proxy_and_socks_is_for_those_without() {
        let none = (String::new(), 0);
        let http = ("proxy".to_owned(), 3128);
        let exempt = ["*.example.org".to_owned(), "localhost".to_owned()];
        let proxies = manual(&http, &none, &none, &exempt);
        assert_eq!(proxies.plain.as_deref(), Some("http://proxy:3128"));
        assert_eq!(proxies.secure, None);
        assert_eq!(proxies.exempt, ["example.org", "localhost"]);
        let proxies = manual(&http, &none, &("s".to_owned(), 1080), &[]);
        assert_eq!(proxies.secure.as_deref(), Some("socks5h://s:1080"));
        assert_eq!(
            manual(&none, &none, &(String::new(), 1080), &[]),
            DesktopProxies::default()
        );
    }
}
