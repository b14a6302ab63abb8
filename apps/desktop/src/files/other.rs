//! Files on Windows and macOS.

use std::io;
use std::path::Path;
use std::process::Command;

use tauri::AppHandle;

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

/// Lets the person choose a program, and opens the file with it.
#[cfg(windows)]
pub(super) fn open_with(_: &AppHandle, file: &Path) -> io::Result<()> {
    Command::new("rundll32.exe")
        .arg("shell32.dll,OpenAs_RunDLL")
        .arg(file)
        .spawn()
        .map(drop)
}

/// Shows a file in its folder, chosen.
#[cfg(not(windows))]
pub(super) fn show(file: &Path) -> io::Result<()> {
    Command::new("open").arg("-R").arg(file).spawn().map(drop)
}

/// Lets the person choose a program, and opens the file with it.
#[cfg(not(windows))]
pub(super) fn open_with(_: &AppHandle, file: &Path) -> io::Result<()> {
    let file = file.to_owned();
    std::thread::Builder::new().spawn(move || {
        let program = rfd::FileDialog::new()
            .set_directory("/Applications")
            .add_filter("", &["app"])
            .pick_file();
        if let Some(program) = program
            && let Err(error) = open::with_detached(&file, program.to_string_lossy())
        {
            tracing::warn!(%error, "the chosen program does not start");
        }
    })?;
    Ok(())
}
