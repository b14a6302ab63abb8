//! The proxies of the desktop's settings, which programs that are started from its menu do not find in their environment.
//! What is written down there by hand is followed. A script that chooses the proxy would have to be run for each
//! address: it is not, and the log says so.

mod gnome;
mod kde;

use gannet_manager::{DesktopProxies, Manager};
use tauri::{AppHandle, Manager as _};

use crate::works::Works;

/// What the settings say now; the manager is told whenever they change. To be called where the windows live.
pub(crate) fn follow(app: &AppHandle) -> DesktopProxies {
    if kde::is_the_desktop() {
        kde::follow(app)
    } else {
        gnome::follow(app)
    }
}

/// Tells the manager.
pub(crate) async fn tell(manager: &Manager, proxies: DesktopProxies) {
    if let Err(failure) = manager.desktop_proxies(proxies).await {
        tracing::warn!(%failure.message, "the desktop's proxy is not used");
    }
}

fn tell_soon(app: &AppHandle, proxies: DesktopProxies) {
    let manager = app.state::<Works>().manager().clone();
    tauri::async_runtime::spawn(async move { tell(&manager, proxies).await });
}

fn script_is_not_run() -> DesktopProxies {
    tracing::warn!(
        "the desktop's settings leave the choice of the proxy to a script, which Gannet does not run: \
         name the proxy in Gannet's own settings"
    );
    DesktopProxies::default()
}

/// A proxy's host and port; without one of them there is none.
#[derive(Debug, Clone, Default)]
struct Place {
    host: String,
    port: u16,
}

/// What the places mean, and the hosts that are reached without them.
fn manual<'a>(
    http: &Place,
    https: &Place,
    socks: &Place,
    exempt: impl IntoIterator<Item = &'a str>,
) -> DesktopProxies {
    let address = |scheme: &str, Place { host, port }: &Place| {
        (!host.is_empty() && *port > 0).then(|| format!("{scheme}://{host}:{port}"))
    };
    let socks = address("socks5h", socks);
    DesktopProxies {
        plain: address("http", http).or_else(|| socks.clone()),
        secure: address("http", https).or(socks),
        exempt: exempt
            .into_iter()
            .map(|host| host.strip_prefix("*.").unwrap_or(host).to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_proxy_and_socks_is_for_those_without() {
        let at = |host: &str, port| Place {
            host: host.to_owned(),
            port,
        };
        let none = Place::default();
        let http = at("proxy", 3128);
        let proxies = manual(&http, &none, &none, ["*.example.org", "localhost"]);
        assert_eq!(proxies.plain.as_deref(), Some("http://proxy:3128"));
        assert_eq!(proxies.secure, None);
        assert_eq!(proxies.exempt, ["example.org", "localhost"]);
        let proxies = manual(&http, &none, &at("s", 1080), []);
        assert_eq!(proxies.secure.as_deref(), Some("socks5h://s:1080"));
        assert_eq!(manual(&none, &none, &at("", 1080), []), DesktopProxies::default());
    }
}
