//! A value in the registry of Windows, a launch agent of macOS.

use std::io;
use std::path::Path;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

use super::ARGUMENT;

pub(super) fn begin(program: &Path) -> io::Result<()> {
    entry(program)?.enable().map_err(io::Error::other)
}

pub(super) fn end(program: &Path) -> io::Result<()> {
    entry(program)?.disable().map_err(io::Error::other)
}

fn entry(program: &Path) -> io::Result<AutoLaunch> {
    AutoLaunchBuilder::new()
        .set_app_name("Gannet")
        .set_app_path(&program.to_string_lossy())
        .set_args(&[ARGUMENT])
        .build()
        .map_err(io::Error::other)
}
