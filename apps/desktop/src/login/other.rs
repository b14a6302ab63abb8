//! A value in the registry of Windows, a launch agent of macOS.

use std::io;
use std::path::Path;

use auto_launch::{AutoLaunch, AutoLaunchBuilder, WindowsEnableMode};

use super::ARGUMENT;

pub(super) fn begin(program: &Path) -> io::Result<()> {
    entry(program)?.enable().map_err(io::Error::other)
}

pub(super) fn end(program: &Path) -> io::Result<()> {
    entry(program)?.disable().map_err(io::Error::other)
}

fn entry(program: &Path) -> io::Result<AutoLaunch> {
    let program = program.to_string_lossy();
    // Windows reads it as a command line, in which a path may have spaces only within quotes.
    let program = if cfg!(windows) {
        format!("\"{program}\"")
    } else {
        program.into_owned()
    };
    AutoLaunchBuilder::new()
        .set_app_name("Gannet")
        .set_app_path(&program)
        .set_args(&[ARGUMENT])
        // It is this person's wish, whoever else uses the machine.
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
        .map_err(io::Error::other)
}
