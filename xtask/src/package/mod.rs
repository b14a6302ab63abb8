//! `cargo xtask package`: Gannet as this system's packages.
//!
//! On Linux there are two, `gannet` (the command line and its server) and `gannet-desktop` (the window), each as `.deb`
//! and `.rpm`: [`contents`] says what is in them, [`deb`] and [`rpm`] write it down with the systems' own tools. The
//! other systems' installers, and the `AppImage`, are Tauri's.

#[cfg(target_os = "linux")]
mod agreement;
#[cfg(target_os = "linux")]
mod contents;
#[cfg(target_os = "linux")]
mod deb;
#[cfg(target_os = "linux")]
mod rpm;
#[cfg(target_os = "linux")]
mod trial;

#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
#[cfg(target_os = "linux")]
use anyhow::ensure;

#[cfg(target_os = "linux")]
pub(crate) use self::trial::run as try_packages;
use crate::{desktop, page, system};

/// Where the packages lie, below the workspace's root.
#[cfg(target_os = "linux")]
const FOLDER: &str = "target/packages";

/// The most that a program may weigh, in megabytes (D4 and P16 of the benchmark).
#[cfg(target_os = "linux")]
pub(crate) const DESKTOP_MAX_MB: f64 = 12.0;
#[cfg(target_os = "linux")]
const CLI_MAX_MB: f64 = 10.0;

/// The most that a `.deb` may weigh, in megabytes (D4 of the benchmark).
#[cfg(target_os = "linux")]
pub(crate) const DEB_MAX_MB: f64 = 5.0;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Build as tests are built, then install, use and remove the packages in a copy of this system that is thrown away
    /// (Debian or Ubuntu, as root)
    #[cfg(target_os = "linux")]
    #[arg(long = "try")]
    is_trial: bool,

    /// The package for any Linux (`AppImage`) instead; Tauri's tool downloads what that is made of
    #[cfg(target_os = "linux")]
    #[arg(long)]
    app_image: bool,
}

/// Builds what goes into the packages, and makes them.
#[cfg(target_os = "linux")]
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.is_trial {
        page::build()?;
        return trial::run();
    }
    desktop::ensure_libraries()?;
    page::build()?;
    if arguments.app_image {
        return bundle("appimage");
    }
    system::ensure_tools(deb::TOOLS)?;
    system::ensure_tools(rpm::TOOLS)?;
    for (package, program, max_mb) in [
        ("gannet-cli", "gannet", CLI_MAX_MB),
        ("gannet-desktop", "gannet-desktop", DESKTOP_MAX_MB),
    ] {
        // One after the other: each with the features that it has alone.
        system::run(system::cargo().args(["build", "--locked", "--release", "--package", package]))?;
        refuse_too_large(&system::release_binary(program)?, max_mb)?;
    }
    let folder = system::workspace_root().join(FOLDER);
    for package in contents::all(system::Profile::Release)? {
        let deb = deb::write(&package, &folder, deb::Effort::Smallest)?;
        let rpm = rpm::write(&package, &folder, deb::Effort::Smallest)?;
        for made in [&deb, &rpm] {
            println!("{}: {:.2} MB", made.display(), megabytes(made)?);
        }
        refuse_too_large(&deb, DEB_MAX_MB)?;
        agreement::check(package.name, &deb, &rpm)?;
    }
    Ok(())
}

/// What grew is to be noticed before anybody downloads it.
#[cfg(target_os = "linux")]
fn refuse_too_large(file: &Path, max_mb: f64) -> Result<()> {
    let size = megabytes(file)?;
    ensure!(
        size <= max_mb,
        "{} is {size:.2} MB; it may be {max_mb} at most",
        file.display()
    );
    Ok(())
}

#[cfg(target_os = "linux")]
fn megabytes(file: &Path) -> Result<f64> {
    Ok(file.metadata()?.len() as f64 / 1e6)
}

/// Makes the window's `.deb` of what is built already, and says where it lies.
#[cfg(target_os = "linux")]
pub(crate) fn desktop_package() -> Result<PathBuf> {
    system::ensure_tools(deb::TOOLS)?;
    let package = contents::desktop(system::Profile::Release)?;
    deb::write(
        &package,
        &system::workspace_root().join(FOLDER),
        deb::Effort::Smallest,
    )
}

/// Builds the page, the window and its installer; it lies in the target folder's `release/bundle`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &Arguments) -> Result<()> {
    desktop::ensure_libraries()?;
    page::build()?;
    bundle(if cfg!(windows) { "nsis,msi" } else { "dmg" })
}

/// Has Tauri's tool build the window and make these bundles.
fn bundle(kinds: &str) -> Result<()> {
    let name = if cfg!(windows) { "tauri.cmd" } else { "tauri" };
    let tool: PathBuf = system::workspace_root()
        .join("apps/ui/node_modules/.bin")
        .join(name);
    let mut tauri = Command::new(tool);
    tauri
        .current_dir(system::workspace_root().join("apps/desktop"))
        .args(["build", "--ci", "--bundles", kinds, "--", "--locked"]);
    system::run(&mut tauri)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_grew_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let deb = folder.path().join("gannet.deb");
        let file = std::fs::File::create(&deb).unwrap();
        file.set_len(5_000_000).unwrap();
        refuse_too_large(&deb, DEB_MAX_MB).unwrap();
        file.set_len(5_000_001).unwrap();
        assert!(refuse_too_large(&deb, DEB_MAX_MB).is_err());
    }
}
