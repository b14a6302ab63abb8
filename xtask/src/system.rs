//! The machine underneath: where the checkout is, how programs are started, how missing ones are installed.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// A program that a command of the menu needs, and the Debian packages that bring it.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    pub(crate) packages: &'static [&'static str],
    pub(crate) needed_for: &'static str,
}

/// A module that tests run with the system's own Python, and the Debian packages that bring it.
#[cfg(target_os = "linux")]
pub(crate) struct PythonModule {
    pub(crate) name: &'static str,
    pub(crate) packages: &'static [&'static str],
    pub(crate) needed_for: &'static str,
}

/// A library that something of ours links with, and the Debian packages that bring it.
#[cfg(target_os = "linux")]
pub(crate) struct Library {
    /// As pkg-config knows it.
    pub(crate) name: &'static str,
    pub(crate) packages: &'static [&'static str],
    pub(crate) needed_for: &'static str,
}

/// Sees to it that every tool is there: installs what is missing with apt-get where that is possible,
/// otherwise says what to install.
pub(crate) fn ensure_tools(tools: &[Tool]) -> Result<()> {
    let parts: Vec<Part> = tools.iter().map(Part::of_tool).collect();
    ensure_parts(&parts)
}

/// The same for libraries, with their headers.
#[cfg(target_os = "linux")]
pub(crate) fn ensure_libraries(libraries: &[Library]) -> Result<()> {
    let parts: Vec<Part> = libraries.iter().map(Part::of_library).collect();
    ensure_parts(&parts)
}

/// The same for Python's modules.
#[cfg(target_os = "linux")]
pub(crate) fn ensure_python_modules(modules: &[PythonModule]) -> Result<()> {
    let parts: Vec<Part> = modules.iter().map(Part::of_module).collect();
    ensure_parts(&parts)
}

/// A tool, a library or a module.
struct Part {
    name: &'static str,
    packages: &'static [&'static str],
    needed_for: &'static str,
    is_there: fn(&str) -> bool,
}

impl Part {
    fn of_tool(tool: &Tool) -> Self {
        Self {
            name: tool.program,
            packages: tool.packages,
            needed_for: tool.needed_for,
            is_there: |name| find_program(name).is_some(),
        }
    }

    #[cfg(target_os = "linux")]
    fn of_library(library: &Library) -> Self {
        Self {
            name: library.name,
            packages: library.packages,
            needed_for: library.needed_for,
            is_there: |name| is_successful(Command::new("pkg-config").args(["--exists", name])),
        }
    }

    #[cfg(target_os = "linux")]
    fn of_module(module: &PythonModule) -> Self {
        Self {
            name: module.name,
            packages: module.packages,
            needed_for: module.needed_for,
            is_there: |name| {
                is_successful(Command::new("/usr/bin/python3").args(["-c", &format!("import {name}")]))
            },
        }
    }
}

fn ensure_parts(parts: &[Part]) -> Result<()> {
    let missing: Vec<&Part> = parts.iter().filter(|part| !(part.is_there)(part.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|part| part.packages).copied().collect();
    for part in &missing {
        println!("missing: {} ({})", part.name, part.needed_for);
    }
    let Some(apt_get) = apt_get() else {
        bail!(
            "please install {}: on Debian or Ubuntu `sudo apt-get install {}`; for other systems see CONTRIBUTING.md",
            missing
                .iter()
                .map(|part| part.name)
                .collect::<Vec<_>>()
                .join(", "),
            packages.join(" ")
        );
    };
    install(&apt_get, &packages)?;
    for part in missing {
        ensure!(
            (part.is_there)(part.name),
            "{} is still missing after installing {}",
            part.name,
            part.packages.join(" ")
        );
    }
    Ok(())
}

/// Sees to it that the toolchain has these rustup components, each given with the cargo subcommand it brings.
pub(crate) fn ensure_components(components: &[(&str, &str)]) -> Result<()> {
    for (component, subcommand) in components {
        if is_successful(cargo().args([subcommand, "--version"])) {
            continue;
        }
        println!("missing: the toolchain's component {component}");
        ensure!(
            find_program("rustup").is_some(),
            "`cargo {subcommand}` is missing and so is rustup: install your system's package of {component}, \
             or Rust itself from https://rustup.rs"
        );
        run(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

/// The folder of the workspace's Cargo.toml.
pub(crate) fn workspace_root() -> PathBuf {
    // Cargo sets the variable when it runs us; the binary started by hand falls back on where it was built.
    let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or(manifest_dir)
}

/// How a binary of ours was built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    /// As tests are.
    Dev,
    /// As it ships.
    Release,
}

/// The release build of a binary of ours.
pub(crate) fn release_binary(name: &str) -> Result<PathBuf> {
    built_binary(Profile::Release, name)
}

/// A binary of ours, with the ending that the system gives to programs.
pub(crate) fn built_binary(profile: Profile, name: &str) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(workspace_root())
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let folder = metadata.target_directory.join(match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    });
    Ok(folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)).into())
}

/// The same cargo that runs us, started in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace_root());
    command
}

/// git, started in the workspace's root.
pub(crate) fn git() -> Command {
    let mut command = Command::new("git");
    command.current_dir(workspace_root());
    command
}

/// Runs a command that talks to the terminal itself; an unsuccessful exit is an error that repeats the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// Lets a command take the place of this program, so that Ctrl-C is its alone; where that is not possible, waits for it.
pub(crate) fn become_program(mut command: Command) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let shown = show(&command);
        Err(command.exec()).with_context(|| format!("`{shown}` could not be started"))
    }
    #[cfg(not(unix))]
    run(&mut command)
}

/// What a command wrote to standard output, trimmed; an unsuccessful exit is an error with its last words.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{shown}` could not be started"))?;
    ensure!(
        output.status.success(),
        "`{shown}` failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it in the workspace's root, so that it holds nothing of this machine.
pub(crate) fn show(command: &Command) -> String {
    let root = format!("{}{}", workspace_root().display(), std::path::MAIN_SEPARATOR);
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| quote(&word.to_string_lossy().replace(&root, "")))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The full path of a program in `PATH`, or in the folders of system daemons that a user's `PATH` may lack.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+%@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The words that a command begins with which needs the rights of root: none for root itself. `None` where we may not.
pub(crate) fn words_for_root() -> Option<&'static [&'static str]> {
    if capture(Command::new("id").arg("-u")).is_ok_and(|user_id| user_id == "0") {
        return Some(&[]);
    }
    // `-n` never asks for a password: a question nobody sees would hang an unattended run.
    let may_sudo = find_program("sudo").is_some() && is_successful(Command::new("sudo").args(["-n", "true"]));
    may_sudo.then_some(&["sudo", "-n"])
}

/// The words that start apt-get with the rights to install, or `None` where we may not.
fn apt_get() -> Option<Vec<&'static str>> {
    find_program("apt-get")?;
    Some([words_for_root()?, &["apt-get"]].concat())
}

fn install(apt_get: &[&str], packages: &[&str]) -> Result<()> {
    let apt_get = || {
        let mut command = Command::new(apt_get[0]);
        command
            .args(&apt_get[1..])
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let mut install = apt_get();
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages);
    println!("installing: {}", packages.join(" "));
    if run(&mut install).is_ok() {
        return Ok(());
    }
    // A fresh machine has no package lists yet, and an old one has stale ones.
    run(apt_get().arg("update"))?;
    run(&mut install)
}

fn is_successful(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let mut command = Command::new("some/where/curl");
        command.args(["-H", "A: it's", "http://localhost/?a=1&b", ""]);
        command.arg(workspace_root().join("bench"));
        assert_eq!(
            show(&command),
            r"curl -H 'A: it'\''s' 'http://localhost/?a=1&b' '' bench"
        );
    }

    #[test]
    fn a_missing_program_is_not_found() {
        assert_eq!(find_program("no-program-of-this-name"), None);
    }
}
