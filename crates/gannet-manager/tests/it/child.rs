//! A real process that holds a manager, to be killed at any moment.
//!
//! It is this very test program, run again for the one test below; an errand in its environment says what to do.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use gannet_manager::{Manager, ManagerOptions};

const DATA_DIR: &str = "GANNET_TEST_MANAGER_DATA";
const DOWNLOADS: &str = "GANNET_TEST_MANAGER_DOWNLOADS";
const READY: &str = "the manager is open";

/// A process with a manager in it. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn start(data_dir: &Path, downloads: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::the_child", "--nocapture"])
            .env(DATA_DIR, data_dir)
            .env(DOWNLOADS, downloads)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child }
    }

    /// Waits until its manager is open.
    pub(crate) fn wait_until_open(&mut self) {
        let output = BufReader::new(self.child.stdout.take().unwrap());
        let mut lines = output.lines().map_while(Result::ok);
        assert!(
            lines.any(|line| line.contains(READY)),
            "the process did not open its manager"
        );
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a child does; without an errand, nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_child() {
    let (Some(data_dir), Some(downloads)) = (std::env::var_os(DATA_DIR), std::env::var_os(DOWNLOADS)) else {
        return;
    };
    let manager = Manager::open(ManagerOptions::new(data_dir, downloads))
        .await
        .unwrap();
    println!("{READY}");
    // paces: it lives until it is killed; a minute is more than any test gives it.
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    manager.close().await;
}
