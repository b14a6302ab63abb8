//! What stays when the window is gone: a program in the tray, all day long; and what stays of the coming of a window.
//!
//! On Linux a closed window leaves behind what `WebKit` keeps for the next one: a process for its network, and hundreds of
//! megabytes of code mapped from files. A program that downloads needs neither. Both come back by themselves with the
//! next window, within the second that a window may take; docs/adr/0010-at-rest.md has the figures.

#[cfg(target_os = "linux")]
mod helpers;
#[cfg(target_os = "linux")]
mod memory;

use std::time::Duration;

use tauri::{AppHandle, Manager as _};

use crate::window::MAIN;

/// What the page wrote last is on its way to the disk for half a second; and who closes a window by mistake opens it
/// again soon.
const WINDOW_GONE_FOR: Duration = Duration::from_secs(3);

/// By then a window that comes has been painted, and the page has what it asked for.
const WINDOW_CAME_AFTER: Duration = Duration::from_secs(5);

/// Lets go of what only the coming of a window needs: code that ran once, and what the allocator holds in reserve.
pub(crate) fn once_it_came() {
    tauri::async_runtime::spawn(async {
        tokio::time::sleep(WINDOW_CAME_AFTER).await;
        #[cfg(target_os = "linux")]
        tauri::async_runtime::spawn_blocking(memory::let_go);
    });
}

/// Lets go of what only a window needs, unless there is one again in a moment.
pub(crate) fn soon(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(WINDOW_GONE_FOR).await;
        let resting = app.clone();
        // Windows come on the main thread, so there none comes meanwhile.
        let asked = app.run_on_main_thread(move || {
            if resting.get_webview_window(MAIN).is_none() {
                rest();
            }
        });
        if let Err(error) = asked {
            tracing::debug!(%error, "the program ends before it rests");
        }
    });
}

fn rest() {
    #[cfg(target_os = "linux")]
    {
        helpers::end_network_process();
        memory::let_go();
    }
    tracing::debug!("at rest");
}
