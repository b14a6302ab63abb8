//! The program; all of it is in the library, which phones start by another way.

// No console beside the window.
#![cfg_attr(windows, windows_subsystem = "windows")]

#[global_allocator]
static ALLOCATOR: gannet_allocator::LineAligned = gannet_allocator::LineAligned;

fn main() -> std::process::ExitCode {
    gannet_desktop_lib::run()
}
