//! One client process, started, watched and measured.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

/// How often a running client is looked at. The end itself is seen at once, not on this grid.
const WATCH_INTERVAL: Duration = Duration::from_millis(5);

/// How much of a client's complaints goes into a report.
const COMPLAINT_CHARACTERS: usize = 200;

/// What a client cost.
pub(super) struct Measured {
    pub(super) wall: Duration,
    /// User and system time of the process, its threads and the children that it waited for.
    pub(super) cpu: Duration,
    pub(super) peak_memory_bytes: u64,
    pub(super) exit: Exit,
    /// Standard output, whole.
    pub(super) output: String,
}

/// How a client ended.
pub(super) enum Exit {
    Success,
    /// An unsuccessful status, with the last words on standard error.
    Failure(String),
    /// It had not ended when the patience was over.
    OutOfPatience,
    /// The watcher ended it on purpose.
    Killed,
}

/// What a watcher wants to happen to the client it watches.
#[derive(PartialEq, Eq)]
pub(super) enum Watch {
    GoOn,
    Kill,
}

/// Runs the command to its end, or until the patience is over. Its outputs go to files in `scratch`.
pub(super) fn measure(command: &mut Command, scratch: &Path, patience: Duration) -> Result<Measured> {
    measure_watched(command, scratch, patience, |_| Ok(Watch::GoOn))
}

/// The same, while `watch` is called every few milliseconds with the time since the start.
pub(super) fn measure_watched(
    command: &mut Command,
    scratch: &Path,
    patience: Duration,
    mut watch: impl FnMut(Duration) -> Result<Watch>,
) -> Result<Measured> {
    let (output_path, complaints_path) = (scratch.join("stdout.txt"), scratch.join("stderr.txt"));
    command
        .stdin(Stdio::null())
        .stdout(File::create(&output_path)?)
        .stderr(File::create(&complaints_path)?);
    let mut running = Running::start(command)?;
    let ending = loop {
        running.note_memory();
        if running.waits_for_end(WATCH_INTERVAL)? {
            break None;
        }
        let elapsed = running.started.elapsed();
        if elapsed > patience {
            break Some(Exit::OutOfPatience);
        }
        if watch(elapsed)? == Watch::Kill {
            break Some(Exit::Killed);
        }
    };
    if ending.is_some() {
        running.kill();
    }
    let (wall, usage, is_success) = running.reap()?;

    let exit = ending.unwrap_or_else(|| {
        if is_success {
            Exit::Success
        } else {
            Exit::Failure(last_words(&complaints_path, &output_path))
        }
    });
    Ok(Measured {
        wall,
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        peak_memory_bytes: running.peak_memory_bytes,
        exit,
        output: String::from_utf8_lossy(&fs::read(output_path)?).into_owned(),
    })
}

/// A child that is killed and reaped when this is dropped early.
struct Running {
    pid: Pid,
    handle: OwnedFd,
    started: Instant,
    peak_memory_bytes: u64,
    is_reaped: bool,
    /// Held for its pipes only: `wait4` reaps it.
    _child: Child,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} could not be started", command.get_program().display()))?;
        let pid = Pid::from_child(&child);
        let handle = pidfd_open(pid, PidfdFlags::empty()).context("no handle for the child")?;
        Ok(Self {
            pid,
            handle,
            started,
            peak_memory_bytes: 0,
            is_reaped: false,
            _child: child,
        })
    }

    /// Takes the high-water mark of the process's own memory.
    ///
    /// Not `ru_maxrss`: that one starts at the size of whoever forked, so a small client would be given this
    /// program's memory.
    fn note_memory(&mut self) {
        let path = format!("/proc/{}/status", self.pid.as_raw_nonzero());
        let status = fs::read_to_string(path).unwrap_or_default();
        let peak_kib = status.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .parse::<u64>()
                .ok()
        });
        // A process that is just ending has no memory any more.
        self.peak_memory_bytes = self.peak_memory_bytes.max(peak_kib.unwrap_or(0) * 1024);
    }

    /// Whether the process has ended, waiting for that no longer than `timeout`.
    fn waits_for_end(&self, timeout: Duration) -> Result<bool> {
        let timeout = Timespec::try_from(timeout).context("a timeout of milliseconds fits")?;
        match poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error).context("waiting for the child"),
        }
    }

    fn kill(&self) {
        // An error means that it ended meanwhile.
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
    }

    fn reap(&mut self) -> Result<(Duration, libc::rusage, bool)> {
        let (status, usage) = wait_with_usage(self.pid).context("reaping the child")?;
        self.is_reaped = true;
        let is_success = libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0;
        Ok((self.started.elapsed(), usage, is_success))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_reaped {
            self.kill();
            // Nobody is left to tell.
            let _ = wait_with_usage(self.pid);
        }
    }
}

/// Waits for a child and takes what it used; the standard library's wait gives the status only.
#[expect(unsafe_code, reason = "no safe wrapper among our dependencies offers wait4")]
fn wait_with_usage(pid: Pid) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: `rusage` is plain numbers, for which zero is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live, exclusively borrowed locals of the types that wait4 writes.
        let reaped = unsafe { libc::wait4(pid.as_raw_nonzero().get(), &raw mut status, 0, &raw mut usage) };
        if reaped >= 0 {
            return Ok((status, usage));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
}

fn last_words(complaints: &Path, output: &Path) -> String {
    [complaints, output]
        .iter()
        .filter_map(|path| fs::read(path).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .find_map(|text| {
            text.lines()
                .rev()
                .map(str::trim)
                .find(|line| !line.is_empty())
                .map(str::to_owned)
        })
        .map_or_else(
            || "no words on standard error".to_owned(),
            |line| line.chars().take(COMPLAINT_CHARACTERS).collect(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_time_and_memory_are_the_childs() {
        let scratch = tempfile::tempdir().unwrap();
        let measured = measure(
            &mut shell("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done"),
            scratch.path(),
            LONG,
        )
        .unwrap();
        assert!(matches!(measured.exit, Exit::Success));
        assert_eq!(measured.output, "done\n");
        assert!(measured.cpu > Duration::ZERO && measured.cpu <= measured.wall * 2);
        assert!(measured.peak_memory_bytes > 0);
    }

    #[test]
    fn a_failure_carries_the_last_words() {
        let scratch = tempfile::tempdir().unwrap();
        let measured = measure(&mut shell("echo no disk >&2; exit 5"), scratch.path(), LONG).unwrap();
        assert!(matches!(measured.exit, Exit::Failure(words) if words == "no disk"));
    }

    #[test]
    fn patience_ends_and_the_child_with_it() {
        let scratch = tempfile::tempdir().unwrap();
        let patience = Duration::from_millis(50);
        let measured = measure(&mut shell("exec sleep 60"), scratch.path(), patience).unwrap();
        assert!(matches!(measured.exit, Exit::OutOfPatience));
        assert!(measured.wall < LONG);
    }

    #[test]
    fn a_watcher_may_kill() {
        let scratch = tempfile::tempdir().unwrap();
        let measured = measure_watched(&mut shell("exec sleep 60"), scratch.path(), LONG, |_| {
            Ok(Watch::Kill)
        })
        .unwrap();
        assert!(matches!(measured.exit, Exit::Killed));
        assert!(measured.wall < LONG);
    }
}
