//! A package for Fedora, openSUSE and their kin, by rpm's own tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::contents::{Customs, LICENCE, Package, VERSION, date};
use super::deb::Effort;
use crate::system::{self, Tool};

pub(super) const TOOLS: &[Tool] = &[Tool {
    program: "rpmbuild",
    packages: &["rpm"],
    needed_for: "packages for Fedora and its kin",
}];

/// Writes `NAME-VERSION-1.ARCHITECTURE.rpm` into the folder.
pub(super) fn write(package: &Package, folder: &Path, effort: Effort) -> Result<PathBuf> {
    let scratch = tempfile::tempdir().context("no temporary folder")?;
    let tree = scratch.path().join("tree");
    package.stage(&tree, Customs::Fedora)?;
    let licences = tree.join("usr/share/licenses").join(package.name);
    fs::create_dir_all(&licences)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(system::workspace_root().join(licence), licences.join(licence))?;
    }
    let recipe = scratch.path().join("package.spec");
    fs::write(&recipe, spec(package, &tree, effort))?;
    fs::create_dir_all(folder)?;
    let define = |name: &str, value: &Path| format!("{name} {}", value.display());
    system::run(
        Command::new("rpmbuild")
            .args(["-bb", "--quiet", "--define", &define("_rpmdir", folder)])
            .args(["--define", &define("_topdir", &scratch.path().join("work"))])
            .args([
                "--define",
                "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
            ])
            .arg(&recipe)
            .env("SOURCE_DATE_EPOCH", date()?),
    )?;
    Ok(folder.join(format!(
        "{}-{VERSION}-1.{}.rpm",
        package.name,
        std::env::consts::ARCH
    )))
}

/// rpm's description of the package: everything is built already, and nothing is to be done to it.
fn spec(package: &Package, tree: &Path, effort: Effort) -> String {
    let Package {
        name,
        summary,
        description,
        ..
    } = package;
    let recommends: Vec<String> = package
        .opens
        .iter()
        .map(|library| library.fedora)
        .chain(["xdg-utils"])
        .map(|library| format!("Recommends: {library}"))
        .collect();
    let recommends = recommends.join("\n");
    let files = package.paths(Customs::Fedora).join("\n");
    let level = match effort {
        Effort::Smallest => "w9",
        Effort::Quickest => "w0",
    };
    format!(
        "%global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n%global _build_id_links none\n\
         %global _binary_payload {level}.xzdio\n%global use_source_date_epoch_as_buildtime 1\n\
         %global clamp_mtime_to_source_date_epoch 1\n\
         Name: {name}\nVersion: {VERSION}\nRelease: 1\nSummary: {summary}\nLicense: {LICENCE}\n{recommends}\n\n\
         %description\n{description}\n\n\
         %install\ncp --archive '{}'/. %{{buildroot}}\n\n\
         %files\n%license /usr/share/licenses/{name}/LICENSE-MIT\n%license /usr/share/licenses/{name}/LICENSE-APACHE\n{files}\n",
        tree.display()
    )
}
