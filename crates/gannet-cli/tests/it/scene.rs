//! An origin, an empty folder, and the binary run in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gannet_testkit::{Content, Origin, OriginBuilder};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// No run in these tests takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks at a condition.
const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(crate) struct Scene {
    pub(crate) origin: Origin,
    folder: TempDir,
    /// The origin lives in it.
    runtime: Runtime,
}

/// How a run ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Scene {
    /// With an origin that `change` made worse.
    pub(crate) fn new(change: impl FnOnce(OriginBuilder) -> OriginBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let origin = runtime
            .block_on(change(Origin::builder()).start())
            .expect("an origin");
        Self {
            origin,
            folder: tempfile::tempdir().expect("a folder"),
            runtime,
        }
    }

    /// Runs what has to run beside the origin.
    pub(crate) fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Leaves the beginning of a file, as a run that was killed leaves it.
    pub(crate) fn leave_a_beginning(&self, name: &str) {
        let mut child = self.get(&[&self.url(name)]).spawn().expect("the binary runs");
        let journal = self.path(format!("{name}.part.journal"));
        wait_until("a record", || {
            fs::metadata(&journal).is_ok_and(|file| file.len() > 0)
        });
        child.kill().expect("killed");
        child.wait().expect("ended");
        self.origin.log().clear();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.origin.url(path)
    }

    /// A path in the folder that the binary runs in.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files in the folder, hidden ones too.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .expect("the folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// Asserts that a file holds exactly the origin's bytes.
    pub(crate) fn assert_whole(&self, name: &str) {
        self.assert_holds(name, self.origin.content());
    }

    pub(crate) fn assert_holds(&self, name: &str, content: Content) {
        let bytes = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bytes.len() as u64, content.length(), "the length of {name}");
        assert_eq!(content.check(0, &bytes), Ok(()), "the bytes of {name}");
    }

    /// `gannet get` in the folder, shielded from the machine's own settings.
    pub(crate) fn get(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gannet"));
        command
            .arg("get")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `gannet get` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        end(self.get(arguments).spawn().expect("the binary runs"))
    }

    /// Runs `gannet get`, which must succeed.
    pub(crate) fn run_well(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        ended
    }
}

/// Waits for the end of a child whose outputs are piped, and reads them.
pub(crate) fn end(mut child: Child) -> Ended {
    let stdout = reading(child.stdout.take());
    let stderr = reading(child.stderr.take());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().expect("killed");
            let said = String::from_utf8_lossy(&stderr.join().expect("read")).into_owned();
            panic!("gannet hangs; it said: {said}");
        }
        // polls: a child's end has no event.
        thread::sleep(LOOK_EVERY);
    };
    Ended {
        status: status.code(),
        stdout: stdout.join().expect("read"),
        stderr: String::from_utf8(stderr.join().expect("read")).expect("UTF-8"),
    }
}

/// Reads on the side, so that a full pipe holds up nobody.
fn reading(source: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut source) = source {
            source.read_to_end(&mut bytes).expect("a pipe");
        }
        bytes
    })
}

/// Waits until `condition` holds.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        // polls: what it waits for is in another process.
        thread::sleep(LOOK_EVERY);
    }
}
