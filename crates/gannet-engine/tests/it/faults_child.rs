//! A real process that runs one transfer, to be killed, stopped, or kept out by another.
//!
//! It is this very test program, run again for the one test below; an errand in its environment says what to fetch.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Request, Silent};
use gannet_testkit::disk::Call;

use crate::faults_hooked::{HookedDisk, Pass, When};

const URL: &str = "GANNET_TEST_CHILD_URL";
const FOLDER: &str = "GANNET_TEST_CHILD_FOLDER";
const CONNECTIONS: &str = "GANNET_TEST_CHILD_CONNECTIONS";
const RETRY_FOR_MS: &str = "GANNET_TEST_CHILD_RETRY_FOR_MS";
const DIES_BEFORE_CALL: &str = "GANNET_TEST_CHILD_DIES_BEFORE_CALL";

/// What a child does where its transfer fails: says so, and ends with this.
const FAILED: i32 = 9;

/// No child lives longer than this.
const LIFE_MAX: Duration = Duration::from_mins(1);

/// A process with a transfer in it. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
}

/// What a process is to fetch.
pub(crate) struct Errand<'a> {
    pub(crate) url: &'a str,
    pub(crate) folder: &'a Path,
    pub(crate) connections: u32,
    /// How long it bears that nothing comes.
    pub(crate) retry_for: Duration,
    /// It kills itself before the call of this number that changes the disk, writes not counted.
    pub(crate) dies_before_call: Option<u64>,
}

impl Errand<'_> {
    pub(crate) fn start(&self) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "faults_child::the_child", "--nocapture"])
            .env(URL, self.url)
            .env(FOLDER, self.folder)
            .env(CONNECTIONS, self.connections.to_string())
            .env(RETRY_FOR_MS, self.retry_for.as_millis().to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(call) = self.dies_before_call {
            command.env(DIES_BEFORE_CALL, call.to_string());
        }
        Process {
            child: command.spawn().unwrap(),
        }
    }
}

impl Process {
    /// Waits for its end, which is not long in coming.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < LIFE_MAX, "a child does not end");
            // polls: until the process has ended
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Whether it ended, within `time`.
    pub(crate) async fn ends_within(&mut self, time: Duration) -> Option<ExitStatus> {
        tokio::time::timeout(time, self.ended()).await.ok()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said, once it has ended.
    pub(crate) fn said(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut output) = self.child.stdout.take() {
            std::io::Read::read_to_string(&mut output, &mut text).unwrap();
        }
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where it has ended there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test of its own: what a child process does. In an ordinary run it has no errand, and nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let folder = std::env::var(FOLDER).unwrap();
    let connections = std::env::var(CONNECTIONS).unwrap().parse().unwrap();
    let retry_for_ms = std::env::var(RETRY_FOR_MS).unwrap().parse().unwrap();
    let mut directory: Arc<dyn Directory> =
        Arc::new(RealDirectory::create_and_open(Path::new(&folder)).unwrap());
    if let Ok(call) = std::env::var(DIES_BEFORE_CALL) {
        directory = mortal(directory, call.parse().unwrap());
    }
    let request = Request::new(&url)
        .unwrap()
        .storage(directory)
        .connections(connections)
        .retry_for(Duration::from_millis(retry_for_ms));
    match request.start(Arc::new(Silent)).finished().await {
        Ok(finished) => println!("finished: {:?}, retries {} .", finished.outcome, finished.retries),
        Err(error) => {
            println!("failed: {} {error}", error.code());
            std::process::exit(FAILED);
        }
    }
}

/// A disk whose user is killed before its `last`-th call that changes it, writes not counted.
fn mortal(directory: Arc<dyn Directory>, last: u64) -> Arc<dyn Directory> {
    let calls = AtomicU64::new(0);
    HookedDisk::over(directory, move |when, call, _| {
        let counts = when == When::Before && call != Call::Write;
        if counts && calls.fetch_add(1, Ordering::SeqCst) + 1 == last {
            signal("-KILL", std::process::id());
            loop {
                // The signal is on its way; the call is never made.
                std::thread::park();
            }
        }
        Pass::Through
    })
}

/// Sends a signal, by the system's own program.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("kill")
        .args([name, &process.to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "kill {name} {process}");
}
