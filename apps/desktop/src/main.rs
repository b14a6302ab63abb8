//! The program; all of it is in the library, which phones start by another way.

// No console beside the window.
#![cfg_attr(windows, windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    gannet_desktop::run()
}
