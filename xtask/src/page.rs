//! The page in `apps/ui`: its packages, its checks, its build.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{changes, system};

/// Folders that hold no part of the page.
const NOT_THE_PAGE: &[&str] = &[
    "node_modules",
    "dist",
    "dist-mock",
    "e2e",
    "e2e-desktop",
    "screenshots",
    "scripts",
    "test-results",
];

/// What Vite needs.
const NODE_OLDEST: (u32, u32) = (20, 19);

/// Installs the packages that the lock file names, unless they are there already.
pub(crate) fn install() -> Result<()> {
    ensure_node()?;
    let (lock, installed) = (
        folder().join("package-lock.json"),
        folder().join("node_modules/.package-lock.json"),
    );
    let modified = |path: PathBuf| path.metadata().and_then(|metadata| metadata.modified());
    // npm writes the second one last: newer than the lock file, it says that all of it is there.
    if let (Ok(wanted), Ok(present)) = (modified(lock), modified(installed))
        && present > wanted
    {
        return Ok(());
    }
    system::run(npm().args(["ci", "--no-fund", "--no-audit"]))
}

/// Builds the page into `apps/ui/dist`, from where the server and the window take it. Where it is newer than all that it
/// is made of, it stays: a program that has it within would be linked anew, which takes minutes.
pub(crate) fn build() -> Result<()> {
    install()?;
    if is_fresh() {
        return Ok(());
    }
    system::run(npm().args(["run", "build"]))
}

fn is_fresh() -> bool {
    // Written last.
    let built = changes::newest(&[folder().join("dist/desktop.html")], &[]);
    let changed = changes::newest(&[folder()], NOT_THE_PAGE);
    built
        .zip(changed)
        .is_some_and(|(built, changed)| changed <= built)
}

/// Types, lints, format and unit tests, then the build.
pub(crate) fn check() -> Result<()> {
    install()?;
    system::run(npm().args(["run", "check"]))?;
    system::run(npm().args(["test"]))?;
    build()
}

/// npx, started in the page's folder.
pub(crate) fn npx() -> Command {
    program(if cfg!(windows) { "npx.cmd" } else { "npx" })
}

/// npm, started in the page's folder.
pub(crate) fn npm() -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Any program, started in the page's folder.
pub(crate) fn in_folder(mut command: Command) -> Command {
    command.current_dir(folder());
    command
}

fn program(name: &str) -> Command {
    in_folder(Command::new(name))
}

fn folder() -> PathBuf {
    system::workspace_root().join("apps/ui")
}

fn ensure_node() -> Result<()> {
    let advice = "install Node.js 20.19 or later with npm, from https://nodejs.org or your system's packages";
    let version = system::capture(Command::new("node").arg("--version"))
        .with_context(|| format!("Node.js is missing, which builds the page: {advice}"))?;
    ensure!(
        parse_version(&version).is_some_and(|version| version >= NODE_OLDEST),
        "Node.js {version} is too old to build the page: {advice}"
    );
    Ok(())
}

/// Major and minor of `v20.19.4`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_by_number() {
        assert_eq!(parse_version("v20.19.4\n"), Some((20, 19)));
        assert!(parse_version("v20.9.0") < Some(NODE_OLDEST));
        assert!(parse_version("v100.0.0") > Some(NODE_OLDEST));
        assert_eq!(parse_version("node"), None);
    }
}
