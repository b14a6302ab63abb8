//! Whether Gannet starts with the person's session.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::env;
use std::io;
use std::path::PathBuf;

/// Then it starts without its window.
const ARGUMENT: &str = "--hidden";

/// Starts with the session from now on, or not any more. Blocks.
pub(crate) fn set(on: bool) {
    let done = program().and_then(|program| {
        if on {
            system::begin(&program)
        } else {
            system::end(&program)
        }
    });
    if let Err(error) = done {
        tracing::warn!(%error, on, "whether Gannet starts with the session could not be changed");
    }
}

/// The program that is to be started: an `AppImage` lies elsewhere than what runs of it.
fn program() -> io::Result<PathBuf> {
    env::var_os("APPIMAGE").map_or_else(env::current_exe, |image| Ok(image.into()))
}
