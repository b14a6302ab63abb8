//! What the figures were measured on, and with what.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};

use crate::system;

/// The machine, as far as it explains the figures.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) cpu: String,
    pub(super) cores: usize,
    pub(super) kernel: String,
    pub(super) memory_mib: u64,
    /// The file system that the downloads went to.
    pub(super) file_system: String,
}

impl Machine {
    pub(super) fn describe(work: &Path) -> Self {
        Self {
            cpu: proc_field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: said(Command::new("uname").args(["--kernel-release"])),
            memory_mib: proc_field("/proc/meminfo", "MemTotal")
                .and_then(|total| total.strip_suffix(" kB")?.parse::<u64>().ok())
                .map_or(0, |kib| kib / 1024),
            file_system: said(
                Command::new("findmnt")
                    .args(["--noheadings", "--output=FSTYPE", "--target"])
                    .arg(work),
            ),
        }
    }
}

/// What each of the other programs says of its version, in one line.
pub(super) fn versions() -> BTreeMap<String, String> {
    let programs: [(&str, &str); 6] = [
        ("curl", "--version"),
        ("aria2c", "--version"),
        ("axel", "--version"),
        ("wget2", "--version"),
        ("nginx", "-v"),
        ("rustc", "--version"),
    ];
    programs
        .iter()
        .filter_map(|(name, flag)| {
            let program = system::find_program(name)?;
            Some(((*name).to_owned(), first_line(Command::new(program).arg(flag))?))
        })
        .collect()
}

/// The commit that is checked out, which is what was built.
pub(super) fn commit() -> String {
    said(system::git().args(["describe", "--always", "--dirty"]))
}

/// Today, as YYYY-MM-DD in UTC.
pub(super) fn today() -> String {
    said(Command::new("date").args(["--utc", "+%Y-%m-%d"]))
}

fn proc_field(path: &str, field: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(field))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(command: &mut Command) -> String {
    system::capture(command).unwrap_or_else(|_| "unknown".to_owned())
}

/// nginx gives its version on standard error.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    let line = String::from_utf8_lossy(&text).lines().next()?.trim().to_owned();
    // curl lists its libraries too.
    Some(line.split(" lib").next().unwrap_or(&line).to_owned())
}
