//! `cargo xtask package`: the desktop window as this system's packages.

use std::process::Command;

use anyhow::Result;

use crate::{desktop, page, system};

/// What people of this system install.
const BUNDLES: &str = if cfg!(target_os = "linux") {
    "deb,rpm"
} else if cfg!(windows) {
    "nsis"
} else {
    "dmg"
};

/// Builds the page, the window and its packages; they lie in the target folder's `release/bundle`.
pub(crate) fn run() -> Result<()> {
    desktop::ensure_libraries()?;
    page::build()?;
    let desktop = system::workspace_root().join("apps/desktop");
    let tauri = system::workspace_root().join(if cfg!(windows) {
        "apps/ui/node_modules/.bin/tauri.cmd"
    } else {
        "apps/ui/node_modules/.bin/tauri"
    });
    let mut tauri = Command::new(tauri);
    tauri
        .current_dir(desktop)
        .args(["build", "--ci", "--bundles", BUNDLES, "--", "--locked"]);
    system::run(&mut tauri)
}
