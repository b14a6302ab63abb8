//! A real process that holds a manager, to be killed at any moment.
//!
//! It is this very test program, run again for the one test below; an errand in its environment says what to do.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use gannet_manager::{Manager, ManagerOptions};

const DATA_DIR: &str = "GANNET_TEST_MANAGER_DATA";
const DOWNLOADS: &str = "GANNET_TEST_MANAGER_DOWNLOADS";
/// Commands that it carries out one after the other, as JSON.
const COMMANDS: &str = "GANNET_TEST_MANAGER_COMMANDS";
const READY: &str = "the manager is open";
const ALL_DONE: &str = "the commands are carried out";

/// A process with a manager in it. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn start(data_dir: &Path, downloads: &Path) -> Self {
        Self::start_with(data_dir, downloads, &[])
    }

    /// One that does something, too.
    pub(crate) fn start_with(data_dir: &Path, downloads: &Path, commands: &[gannet_schema::Command]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::the_child", "--nocapture"])
            .env(DATA_DIR, data_dir)
            .env(DOWNLOADS, downloads)
            .env(COMMANDS, serde_json::to_string(commands).unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until its manager is open.
    pub(crate) fn wait_until_open(&mut self) {
        self.wait_until_it_says(READY);
    }

    /// Waits until it did what it was to do.
    pub(crate) fn wait_until_all_is_done(&mut self) {
        self.wait_until_it_says(ALL_DONE);
    }

    fn wait_until_it_says(&mut self, what: &str) {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        assert!(
            lines.any(|line| line.contains(what)),
            "the process never said: {what}"
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
    let commands = std::env::var(COMMANDS).unwrap();
    for command in serde_json::from_str::<Vec<gannet_schema::Command>>(&commands).unwrap() {
        // What came of it is for who looks at the store afterwards: it may be refused, or cut off.
        manager.execute(command).await;
    }
    println!("{ALL_DONE}");
    // paces: it lives until it is killed; a minute is more than any test gives it.
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    manager.close().await;
}
