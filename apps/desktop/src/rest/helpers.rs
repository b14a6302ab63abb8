//! `WebKit`'s processes beside ours.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// As the kernel cuts it: names have 15 letters.
const NETWORK_PROCESS: &str = "WebKitNetworkPr";

/// Ends the process that fetches for pages, of which there are none. It outlives them because Tauri keeps its context
/// for the next window; `WebKit` starts another one as soon as a page needs it.
pub(super) fn end_network_process() {
    for child in children() {
        let name = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
        if name.trim_end() != NETWORK_PROCESS {
            continue;
        }
        if let Some(pid) = Pid::from_raw(child)
            && let Err(error) = kill_process(pid, Signal::TERM)
        {
            tracing::debug!(%error, child, "the webview's network process stays");
        }
    }
}

/// The processes that any of our threads started.
fn children() -> Vec<i32> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|line| {
            line.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<i32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_was_started_is_among_the_children() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        assert!(children().contains(&id));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!children().contains(&id));
    }
}
