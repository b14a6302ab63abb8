//! KDE keeps them in a file.

use std::{env, fs};

use directories::BaseDirs;
use gannet_manager::DesktopProxies;
use gio::prelude::*;
use tauri::AppHandle;

use super::{Place, manual, script_is_not_run, tell_soon};

const FILE: &str = "kioslaverc";
const GROUP: &str = "[Proxy Settings]";
/// It is a page of text; what is larger is something else.
const LARGEST_BYTES: u64 = 1 << 20;

/// Whether this session is KDE's.
pub(super) fn is_the_desktop() -> bool {
    env::var("XDG_CURRENT_DESKTOP").is_ok_and(|names| names.split(':').any(|name| name == "KDE"))
}

/// What the file says now; it is told whenever it changes.
pub(super) fn follow(app: &AppHandle) -> DesktopProxies {
    let Some(folders) = BaseDirs::new() else {
        return DesktopProxies::default();
    };
    let path = folders.config_dir().join(FILE);
    let look = move || {
        let is_readable = fs::metadata(&path).is_ok_and(|file| file.len() <= LARGEST_BYTES);
        let text = is_readable.then(|| fs::read_to_string(&path).ok()).flatten();
        read(&text.unwrap_or_default())
    };
    let now = look();
    let file = gio::File::for_path(folders.config_dir().join(FILE));
    match file.monitor_file(gio::FileMonitorFlags::WATCH_MOVES, gio::Cancellable::NONE) {
        Ok(monitor) => {
            let app = app.clone();
            monitor.connect_changed(move |_, _, _, _| tell_soon(&app, look()));
            // It is to be heard as long as the program runs.
            std::mem::forget(monitor);
        }
        Err(error) => tracing::debug!(%error, "changes of KDE's proxy are not seen before the next start"),
    }
    now
}

/// What the file's words mean. Without them there is no proxy.
fn read(text: &str) -> DesktopProxies {
    match value(text, "ProxyType") {
        "1" if value(text, "ReversedException") == "true" => {
            tracing::warn!("KDE's proxy is for some hosts alone, which is not understood: it is not used");
            DesktopProxies::default()
        }
        "1" => {
            let place = |key| place(value(text, key));
            let exempt = value(text, "NoProxyFor").split(',').map(str::trim);
            manual(
                &place("httpProxy"),
                &place("httpsProxy"),
                &place("socksProxy"),
                exempt.filter(|host| !host.is_empty()),
            )
        }
        "2" | "3" => script_is_not_run(),
        // None, or that of the environment, which is asked anyway.
        _ => DesktopProxies::default(),
    }
}

/// What stands behind `key`, or nothing. A key may bear marks: `httpProxy[$e]=…`.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let lines = text.lines().map(str::trim);
    lines
        .skip_while(|line| *line != GROUP)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.split('[').next().map(str::trim) == Some(key))
        .map_or("", |(_, value)| value.trim())
}

/// Reads `http://host 3128` and `http://host:3128`; both have been written by KDE.
fn place(address: &str) -> Place {
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    let bare = bare.trim_end_matches('/');
    let parts = bare.split_once(' ').or_else(|| bare.rsplit_once(':'));
    let Some((host, port)) = parts else {
        return Place::default();
    };
    Place {
        host: host.trim_end_matches('/').to_owned(),
        port: port.trim().parse().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(lines: &str) -> DesktopProxies {
        read(&format!(
            "[$Version]\nProxyType=2\n\n{GROUP}\n{lines}\n\n[Other]\nhttpProxy=http://no 1\n"
        ))
    }

    #[test]
    fn proxies_written_by_hand_are_read_in_both_spellings() {
        let proxies = settings(
            "NoProxyFor=localhost, *.example.org,\nProxyType=1\nhttpProxy=http://proxy 3128\nhttpsProxy[$e]=http://secure:3129/",
        );
        assert_eq!(proxies.plain.as_deref(), Some("http://proxy:3128"));
        assert_eq!(proxies.secure.as_deref(), Some("http://secure:3129"));
        assert_eq!(proxies.exempt, ["localhost", "example.org"]);
        let proxies = settings("ProxyType=1\nsocksProxy=socks://[::1] 1080");
        assert_eq!(proxies.plain.as_deref(), Some("socks5h://[::1]:1080"));
    }

    #[test]
    fn there_is_none_where_none_is_chosen_or_a_script_is() {
        let manual = "httpProxy=http://proxy 3128";
        for chosen in ["0", "2", "3", "4", "", "1\nReversedException=true"] {
            let proxies = settings(&format!("{manual}\nProxyType={chosen}"));
            assert_eq!(proxies, DesktopProxies::default(), "{chosen}");
        }
        assert_eq!(read(""), DesktopProxies::default());
    }

    #[test]
    fn an_address_without_a_port_is_none() {
        assert_eq!(
            settings("ProxyType=1\nhttpProxy=http://proxy"),
            DesktopProxies::default()
        );
    }
}
