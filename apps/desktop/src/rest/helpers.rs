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

/// The processes that this one started. The kernel's own list of them (`/proc/self/task/*/children`) leaves some out while
/// another one ends, so each process is asked who started it.
fn children() -> Vec<i32> {
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(|process| parent_of(*process) == Some(own))
        .collect()
}

fn parent_of(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // "1234 (a name) S 1 …": the name may hold anything, brackets too.
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(1)?.parse().ok()
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
