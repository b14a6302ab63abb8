//! How each client is asked for a file, at its own best settings.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::results::GANNET;
use crate::system::{self, Tool};

pub(super) const TOOLS: &[Tool] = &[
    tool("curl", &["curl"]),
    tool("aria2c", &["aria2"]),
    tool("axel", &["axel"]),
    tool("wget2", &["wget2"]),
    tool("nginx", &["nginx"]),
    tool("openssl", &["openssl"]),
];

/// aria2 has no more.
const ARIA2_MAX_CONNECTIONS: u32 = 16;

/// Seconds that a peer waits on a silent connection where the server is known to be hostile. Their defaults
/// (60 s and more) would make the comparison cheap.
const HOSTILE_TIMEOUT_S: &str = "3";

/// A client with the number of connections it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Gannet { connections: u32 },
    Curl,
    Aria2 { connections: u32 },
    Axel { connections: u32 },
    Wget2,
}

/// What a client is asked to do.
pub(super) struct Download<'a> {
    pub(super) url: &'a str,
    /// Where the file goes. Nothing is there yet, or what an earlier run left.
    pub(super) target: &'a Path,
    /// The authority that signed the server's certificate.
    pub(super) ca: Option<&'a Path>,
    pub(super) manners: Manners,
    /// Options of Gannet alone, e.g. a digest to check.
    pub(super) gannet_options: &'a [String],
}

/// What the server is known to be like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    Kind,
    /// It stalls, refuses or cuts: peers get short timeouts and all the retries they have.
    Hostile,
}

impl Client {
    /// The name in the tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gannet { .. } => GANNET,
            Self::Curl => "curl",
            Self::Aria2 { .. } => "aria2",
            Self::Axel { .. } => "axel",
            Self::Wget2 => "wget2",
        }
    }

    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::Gannet { .. })
    }

    pub(super) fn command(self, download: &Download<'_>) -> Result<Command> {
        match self {
            Self::Gannet { connections } => gannet(connections, download),
            Self::Curl => curl(download),
            Self::Aria2 { connections } => aria2(connections.min(ARIA2_MAX_CONNECTIONS), download),
            Self::Axel { connections } => axel(connections, download),
            Self::Wget2 => wget2(download),
        }
    }
}

/// The release build of `gannet get` with `--json`, for options that the caller adds.
pub(super) fn gannet_get() -> Result<Command> {
    let mut command = Command::new(system::release_binary("gannet")?);
    command.args(["get", "--json"]);
    Ok(command)
}

/// A peer's program.
pub(super) fn program(name: &str) -> Result<Command> {
    Ok(Command::new(path_of(name)?))
}

pub(super) fn path_of(name: &str) -> Result<PathBuf> {
    system::find_program(name).with_context(|| format!("{name} is not installed"))
}

fn gannet(connections: u32, download: &Download<'_>) -> Result<Command> {
    let mut command = gannet_get()?;
    command
        .arg("-x")
        .arg(connections.to_string())
        .arg("-o")
        .arg(download.target)
        .args(download.gannet_options);
    if let Some(ca) = download.ca {
        command.arg("--cacert").arg(ca);
    }
    command.arg(download.url);
    Ok(command)
}

fn curl(download: &Download<'_>) -> Result<Command> {
    let mut command = program("curl")?;
    command
        .args(["--silent", "--show-error", "--fail", "--http1.1", "-C", "-", "-o"])
        .arg(download.target);
    if let Some(ca) = download.ca {
        command.arg("--cacert").arg(ca);
    }
    if download.manners == Manners::Hostile {
        command.args(["--retry", "1000", "--retry-all-errors", "--retry-delay", "1"]);
        command.args(["--speed-time", HOSTILE_TIMEOUT_S, "--speed-limit", "1"]);
    }
    command.arg(download.url);
    Ok(command)
}

fn aria2(connections: u32, download: &Download<'_>) -> Result<Command> {
    let folder = download.target.parent().context("a target is in a folder")?;
    let name = download.target.file_name().context("a target has a name")?;
    let mut command = program("aria2c")?;
    command
        .args([
            "--no-conf",
            "--quiet",
            "--file-allocation=falloc",
            "--continue",
            "-k1M",
        ])
        .args([format!("-x{connections}"), format!("-s{connections}")])
        .arg("-d")
        .arg(folder)
        .arg("-o")
        .arg(name);
    if let Some(ca) = download.ca {
        command.arg(format!("--ca-certificate={}", ca.display()));
    }
    if download.manners == Manners::Hostile {
        command.args(["--max-tries=0", "--retry-wait=1", "--auto-save-interval=1"]);
        command.args([
            format!("--timeout={HOSTILE_TIMEOUT_S}"),
            format!("--connect-timeout={HOSTILE_TIMEOUT_S}"),
        ]);
    }
    command.arg(download.url);
    Ok(command)
}

fn axel(connections: u32, download: &Download<'_>) -> Result<Command> {
    let mut command = program("axel")?;
    command
        .args(["--quiet", "-n"])
        .arg(connections.to_string())
        .arg("-o")
        .arg(download.target);
    if download.ca.is_some() {
        // It knows no option for one's own authority.
        command.arg("--insecure");
    }
    if download.manners == Manners::Hostile {
        command.args(["--timeout", HOSTILE_TIMEOUT_S]);
    }
    command.arg(download.url);
    Ok(command)
}

/// One stream: the chunks of its `--chunk-size` come one after the other from a single host, which is slower.
fn wget2(download: &Download<'_>) -> Result<Command> {
    let mut command = program("wget2")?;
    command.args([
        "--no-config",
        "--quiet",
        "--no-http2",
        "--no-compression",
        "--no-robots",
        "-O",
    ]);
    command.arg(download.target);
    if let Some(ca) = download.ca {
        command.arg(format!("--ca-certificate={}", ca.display()));
    }
    if download.manners == Manners::Hostile {
        command
            .arg(format!("--timeout={HOSTILE_TIMEOUT_S}"))
            .args(["--tries=1000", "--waitretry=1"]);
    }
    command.arg(download.url);
    Ok(command)
}

const fn tool(program: &'static str, packages: &'static [&'static str]) -> Tool {
    Tool {
        program,
        packages,
        needed_for: "the benchmark compares with it, or serves from it",
    }
}
