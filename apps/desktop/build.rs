//! Tells Tauri which commands there are, so that its access control holds for ours too: what no capability names is
//! refused.

use std::env;
use std::error::Error;
use std::fs;
use std::process::Command;

use tauri_build::{AppManifest, Attributes};

/// What the page may call; each is in `src/commands/mod.rs` or `src/commands/system.rs`, and in `capabilities/main.json`.
const COMMANDS: &[&str] = &[
    "execute",
    "subscribe",
    "say",
    "heard",
    "attend",
    "attended",
    "keep_draft",
    "choose_folder",
    "save_as",
    "save_list",
    "hand_file",
    "read_clipboard",
    "write_clipboard",
    "show_update",
    "close_window",
    "go_on_without_window",
];

const PAGE: &str = "../ui/dist";

fn main() -> Result<(), Box<dyn Error>> {
    // Without a built page the crate can be checked all the same. A checkout that cannot be written to has one.
    let _ = fs::create_dir_all(PAGE);
    println!("cargo::rerun-if-changed={PAGE}");
    if may_pack_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    let manifest = AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(Attributes::new().app_manifest(manifest))?;
    Ok(())
}

/// Whether the addresses to be adjusted at start may be written down in a few kilobytes instead of half a megabyte. glibc
/// reads that form from 2.36 on; what is built on an older system has to start there, and stays larger.
fn may_pack_relocations() -> bool {
    let set = |name: &str| env::var(name).unwrap_or_default();
    if set("CARGO_CFG_TARGET_OS") != "linux" || set("CARGO_CFG_TARGET_ENV") != "gnu" {
        return false;
    }
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    said.is_ok_and(|version| knows_packed_relocations(&version))
}

/// Reads "glibc 2.36".
fn knows_packed_relocations(version: &str) -> bool {
    let numbers = version.trim().strip_prefix("glibc ");
    let Some((major, minor)) = numbers.and_then(|numbers| numbers.split_once('.')) else {
        return false;
    };
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    (number(major), number(minor)) >= (2, 36)
}
