//! The desktop window: what it takes to build it, to open it, and to drive it.

#[cfg(target_os = "linux")]
mod display;
#[cfg(target_os = "linux")]
mod drive;

use std::process::Command;

use anyhow::Result;

#[cfg(target_os = "linux")]
pub(crate) use self::display::reach as reach_display;
#[cfg(target_os = "linux")]
pub(crate) use self::drive::{Screen, build_for_tests, drive, drive_all, ensure_tools, take_pictures};
use crate::page;
use crate::system;

/// What the window is built with. Windows and macOS have it all.
#[cfg(target_os = "linux")]
const LIBRARIES: &[system::Library] = &[
    system::Library {
        name: "webkit2gtk-4.1",
        packages: &["libwebkit2gtk-4.1-dev", "libgtk-3-dev", "librsvg2-dev"],
        needed_for: "the desktop window shows its page with it",
    },
    system::Library {
        name: "ayatana-appindicator3-0.1",
        packages: &["libayatana-appindicator3-dev"],
        needed_for: "the desktop window's place in the tray",
    },
];

/// Sees to it that the window can be built: installs what is missing where that is possible, otherwise says what to
/// install.
#[cfg(target_os = "linux")]
pub(crate) fn ensure_libraries() -> Result<()> {
    system::ensure_tools(&[
        system::Tool {
            program: "pkg-config",
            packages: &["pkg-config"],
            needed_for: "it finds the libraries of the desktop window",
        },
        system::Tool {
            program: "dbus-daemon",
            packages: &["dbus-daemon"],
            needed_for: "the desktop window's tests talk over buses of their own",
        },
    ])?;
    system::ensure_libraries(LIBRARIES)
}

/// The other systems have all that it takes.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux something may be missing")]
pub(crate) fn ensure_libraries() -> Result<()> {
    Ok(())
}

/// There is a screen for a window to be on.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux there may be none")]
pub(crate) fn reach_display() -> Result<(), String> {
    Ok(())
}

/// Builds the page and the window, and opens it.
pub(crate) fn open() -> Result<()> {
    page::build()?;
    system::run(system::cargo().args(["build", "--locked", "--release", "--package=gannet-desktop"]))?;
    let window = Command::new(system::release_binary("gannet-desktop")?);
    println!("\n$ {}", system::show(&window));
    system::become_program(window)
}

/// Drives the real window.
#[cfg(not(target_os = "linux"))]
pub(crate) fn drive(_: &[String]) -> Result<()> {
    anyhow::bail!(
        "the window can be driven on Linux alone: the other systems' webviews have no driver that fits"
    )
}
