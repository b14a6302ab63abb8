//! Whether there is a screen for a window, before minutes are spent on building one: a variable of a session that is gone
//! names a screen where nobody answers any more.

use std::env;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who is far away answers within this, or a window there would be no joy either.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// Where those of this machine are, whatever the environment calls its temporary folder.
const X_SOCKETS: &str = "/tmp";
/// Screens of other machines are at this port and those after it.
const X_PORT: u16 = 6000;

/// Says in a sentence why no window can be shown, where that is so.
pub(crate) fn reach() -> Result<(), String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let (x, wayland) = (set("DISPLAY"), set("WAYLAND_DISPLAY"));
    let runtime = set("XDG_RUNTIME_DIR").map(PathBuf::from);
    reach_any(x.as_deref(), wayland.as_deref(), runtime.as_deref())
}

fn reach_any(x: Option<&str>, wayland: Option<&str>, runtime: Option<&Path>) -> Result<(), String> {
    if x.is_some_and(x_answers) || wayland.is_some_and(|name| wayland_answers(name, runtime)) {
        return Ok(());
    }
    let named: Vec<String> = [("DISPLAY", x), ("WAYLAND_DISPLAY", wayland)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
    Err(if named.is_empty() {
        "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set.".to_owned()
    } else {
        format!("There is no screen: nobody answers at {}.", named.join(" or "))
    })
}

/// Whether somebody listens at `:0`, `host:10.0` and the like. That he lets us in is not asked: a lock has its key where
/// only the window's library looks.
fn x_answers(display: &str) -> bool {
    let Some((host, number)) = display.rsplit_once(':') else {
        return false;
    };
    let number = number.split('.').next().unwrap_or_default();
    let Ok(number) = number.parse::<u16>() else {
        return false;
    };
    match host {
        "" | "unix" => {
            let path = x_socket(number);
            let without_file = SocketAddr::from_abstract_name(&path);
            UnixStream::connect(path).is_ok()
                || without_file.is_ok_and(|address| UnixStream::connect_addr(&address).is_ok())
        }
        host => {
            let host = host.trim_matches(['[', ']']);
            let addresses = (host, X_PORT.saturating_add(number)).to_socket_addrs();
            addresses.is_ok_and(|mut all| {
                all.any(|address| TcpStream::connect_timeout(&address, ANSWERS_WITHIN).is_ok())
            })
        }
    }
}

fn x_socket(number: u16) -> String {
    format!("{X_SOCKETS}/.X11-unix/X{number}")
}

/// Whether somebody listens at `wayland-0` in the session's folder, or at a whole path.
fn wayland_answers(name: &str, runtime: Option<&Path>) -> bool {
    let socket = runtime.unwrap_or(Path::new("")).join(name);
    socket.is_absolute() && UnixStream::connect(socket).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_screen_is_one_where_somebody_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let number = listener.local_addr().unwrap().port() - X_PORT;
        let far = format!("127.0.0.1:{number}.0");
        assert_eq!(reach_any(Some(&far), None, None), Ok(()));
        drop(listener);
        let said = reach_any(Some(&far), None, None).unwrap_err();
        assert!(
            said.ends_with(&format!("nobody answers at DISPLAY={far}.")),
            "{said}"
        );
        for display in [":32123", "unix:32123.0", "nonsense", ":x", "localhost:99999"] {
            assert!(reach_any(Some(display), None, None).is_err(), "{display}");
        }

        // One that has no file, as in some containers.
        let number = (std::process::id() % 30_000 + 20_000) as u16;
        let address = SocketAddr::from_abstract_name(x_socket(number)).unwrap();
        let listener = UnixListener::bind_addr(&address).unwrap();
        let near = format!(":{number}");
        assert_eq!(reach_any(Some(&near), None, None), Ok(()));
        drop(listener);
        assert!(reach_any(Some(&near), None, None).is_err());
    }

    #[test]
    fn one_of_two_screens_is_enough() {
        let runtime = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(runtime.path().join("wayland-7")).unwrap();
        let path = runtime.path().join("wayland-7");
        let reach = |wayland: &str| reach_any(Some(":32123"), Some(wayland), Some(runtime.path()));
        assert_eq!(reach("wayland-7"), Ok(()));
        assert_eq!(reach(path.to_str().unwrap()), Ok(()));
        drop(listener);
        let said = reach("wayland-7").unwrap_err();
        assert!(
            said.contains("DISPLAY=:32123 or WAYLAND_DISPLAY=wayland-7"),
            "{said}"
        );
        let said = reach_any(None, None, None).unwrap_err();
        assert!(
            said.contains("neither DISPLAY nor WAYLAND_DISPLAY is set"),
            "{said}"
        );
    }
}
