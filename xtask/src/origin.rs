//! The test origin as a child process, for the demonstration and the benchmark.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

use crate::system::{self, Profile};

const ANNOUNCEMENT: &str = "listening on ";

/// A running test origin. It is stopped when this is dropped.
pub(crate) struct Origin {
    child: Child,
    /// `http://127.0.0.1:PORT/`
    pub(crate) base_url: String,
    /// The command that started it, as one would type it.
    pub(crate) shown: String,
}

impl Origin {
    /// Starts the release build of `origin` on a free port of the loopback interface.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        Self::start_built(Profile::Release, arguments)
    }

    /// The same with a build of one's choice.
    pub(crate) fn start_built(profile: Profile, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(system::built_binary(profile, "origin")?);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let shown = system::show(&command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{shown}` could not be started"))?;
        let output = child.stdout.take().context("standard output is piped")?;
        // Made before the announcement is read, so that an origin that says nothing is stopped too.
        let mut origin = Self {
            child,
            base_url: String::new(),
            shown,
        };
        origin.base_url = read_announcement(output)
            .with_context(|| format!("`{}` did not say where it listens", origin.shown))?;
        Ok(origin)
    }

    /// The address of the file under this name.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}{name}", self.base_url)
    }

    /// `127.0.0.1:PORT`
    #[cfg(target_os = "linux")]
    pub(crate) fn authority(&self) -> Result<&str> {
        let rest = self
            .base_url
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_suffix('/'));
        rest.with_context(|| format!("{} is no plain address", self.base_url))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_announcement(output: impl Read + Send + 'static) -> Result<String> {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line)?;
    let url = line
        .trim()
        .strip_prefix(ANNOUNCEMENT)
        .with_context(|| format!("it said {line:?}"))?;
    let url = url.to_owned();
    // What it may print later is read and dropped: a full pipe would stop it.
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    Ok(url)
}
