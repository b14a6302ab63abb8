//! Files on Windows and macOS.

use std::io;
use std::path::Path;
use std::process::Command;

/// Shows a file in its folder, chosen.
#[cfg(windows)]
pub(super) fn show(file: &Path) -> io::Result<()> {
    use std::os::windows::process::CommandExt as _;
    // Explorer reads its command line by rules of its own: the path in quotes, the switch outside of them.
    let mut switch = std::ffi::OsString::from("/select,\"");
    switch.push(file);
    switch.push("\"");
    Command::new("explorer.exe").raw_arg(switch).spawn().map(drop)
}

/// Shows a file in its folder, chosen.
#[cfg(not(windows))]
pub(super) fn show(file: &Path) -> io::Result<()> {
    Command::new("open").arg("-R").arg(file).spawn().map(drop)
}
