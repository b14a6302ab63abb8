//! The desktop shell: the page in a window of the system's own webview, over the manager in the same process.
//!
//! The page reaches a handful of commands (`commands`) and nothing of Tauri's own. Whatever it asks for passes the
//! manager's one door, as every face's wishes do; whatever it is told comes through one channel (`listener`). Programs
//! beside it, a second start among them, come through the loopback API (`works`).
//!
//! How it begins is in `desktop`, and for phones in `phone`. What stands around a window on a desk (tray, menu, dialogs, a
//! session to start with) no phone has, and none is built for one.

#[cfg(desktop)]
mod arguments;
#[cfg(desktop)]
mod attendant;
mod brought;
#[cfg(target_os = "linux")]
mod bus;
#[cfg(desktop)]
mod clipboard;
mod commands;
#[cfg(desktop)]
mod desktop;
#[cfg(desktop)]
mod dialogs;
#[cfg(target_os = "linux")]
mod drawing;
#[cfg(desktop)]
mod elsewhere;
mod errands;
#[cfg(desktop)]
mod files;
#[cfg(desktop)]
mod front;
#[cfg(desktop)]
mod leaving;
#[cfg(desktop)]
mod list;
mod listener;
mod log;
#[cfg(desktop)]
mod login;
#[cfg(desktop)]
mod menu;
#[cfg(desktop)]
mod notices;
#[cfg(mobile)]
mod phone;
#[cfg(desktop)]
mod place;
mod plan;
#[cfg(desktop)]
mod power;
#[cfg(target_os = "linux")]
mod proxies;
#[cfg(desktop)]
mod rest;
#[cfg(desktop)]
mod screen;
#[cfg(desktop)]
mod second;
#[cfg(desktop)]
mod stances;
#[cfg(all(test, target_os = "linux"))]
mod stand_in;
#[cfg(desktop)]
mod taskbar;
#[cfg(desktop)]
mod theme;
#[cfg(desktop)]
mod tray;
#[cfg(desktop)]
mod trouble;
#[cfg(desktop)]
mod updates;
mod window;
#[cfg(desktop)]
mod words;
mod works;

#[cfg(desktop)]
pub use crate::desktop::run;
