//! The packages tried as a person would: installed, used, removed, in a copy of this system that is thrown away.
//!
//! The copy is this system seen through an overlay in a mount namespace: what is written goes to memory, and nothing of
//! it is left when the last program in it ends. Only root may make one.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{FOLDER, agreement, contents, deb, rpm};
use crate::desktop::{self, Screen};
use crate::origin::Origin;
use crate::system::{self, Profile};

/// Makes the copy and goes into it.
const ENTER: &str = include_str!("trial/enter.sh");
/// What is done in it.
const TRY: &str = include_str!("trial/try.sh");

/// Makes packages of what tests are built of, and tries them; the page is built already.
pub(crate) fn run() -> Result<()> {
    if system::find_program("dpkg").is_none() {
        println!("Packages are tried on Debian and what comes from it; this is another system.");
        return Ok(());
    }
    let packages = packages()?;
    let Some(enter) = way_in() else {
        let why = "to install the packages takes root, and a system that lets root mount";
        // Who looks at it sees that something was left out; a machine that runs it for others has to do all of it.
        ensure!(std::env::var_os("CI").is_none(), "{why}");
        println!("The packages are made and checked, and not installed: {why}.");
        return Ok(());
    };
    desktop::ensure_tools()?;
    let screen = Screen::start()?;
    let origin = Origin::start_built(Profile::Dev, &["--size", "8MB"])?;

    let folder = tempfile::tempdir().context("no temporary folder")?;
    fs::write(folder.path().join("enter.sh"), ENTER)?;
    fs::write(folder.path().join("try.sh"), TRY)?;
    for package in &packages {
        let name = package.file_name().context("a package has a name")?;
        fs::copy(package, folder.path().join(name))?;
    }
    let root = tempfile::tempdir().context("no temporary folder")?;
    system::run(
        command(&enter)
            // Rights are not taken over with their environment.
            .arg("env")
            .arg("--unset=WAYLAND_DISPLAY")
            .arg(format!("DISPLAY={}", screen.display))
            .arg("sh")
            .arg(folder.path().join("enter.sh"))
            .arg(root.path())
            .arg(folder.path())
            .arg(&origin.base_url),
    )
}

fn packages() -> Result<Vec<PathBuf>> {
    system::ensure_tools(deb::TOOLS)?;
    system::ensure_tools(rpm::TOOLS)?;
    desktop::build_for_tests()?;
    let folder = system::workspace_root().join(FOLDER).join("tried");
    contents::all(Profile::Dev)?
        .iter()
        .map(|package| {
            let deb = deb::write(package, &folder, deb::Effort::Quickest)?;
            let rpm = rpm::write(package, &folder, deb::Effort::Quickest)?;
            agreement::check(package.name, &deb, &rpm)?;
            Ok(deb)
        })
        .collect()
}

/// The words that begin a command in a mount namespace of its own, where an overlay can be mounted in such a one.
fn way_in() -> Option<Vec<&'static str>> {
    let script = "mount -t tmpfs none /mnt && mkdir /mnt/up /mnt/work /mnt/all \
        && mount -t overlay none -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/all";
    let words = [
        system::words_for_root()?,
        &["unshare", "--mount", "--propagation=private"],
    ]
    .concat();
    let tried = command(&words).args(["sh", "-c", script]).output();
    tried.is_ok_and(|output| output.status.success()).then_some(words)
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
