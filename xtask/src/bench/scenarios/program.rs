//! The command line's program itself: how large it is, and how soon it says its version.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{bench::results::Findings, system};

/// Enough that the odd one which the machine held up does not count.
const STARTS: usize = 101;

/// P16
pub(super) fn program() -> Result<Findings> {
    let program = system::release_binary("gannet")?;
    let megabytes = fs::metadata(&program)?.len() as f64 / 1e6;
    let mut times = (0..STARTS)
        .map(|_| {
            let began = Instant::now();
            let status = Command::new(&program)
                .arg("--version")
                .stdout(Stdio::null())
                .status()?;
            ensure!(status.success(), "gannet --version ended with {status}");
            Ok(began.elapsed())
        })
        .collect::<Result<Vec<Duration>>>()?;
    times.sort_unstable();
    let median_ms = times[STARTS / 2].as_secs_f64() * 1e3;
    let mut findings = Findings::default();
    findings.at_most(10.0, "MB", "the program, with the page in it", Some(megabytes));
    findings.at_most(10.0, "ms", "gannet --version", Some(median_ms));
    Ok(findings)
}
