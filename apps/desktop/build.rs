//! Tells Tauri which commands there are, so that its access control holds for ours too: what no capability names is
//! refused.

use std::error::Error;
use std::fs;

use tauri_build::{AppManifest, Attributes};

/// What the page may call; each is in `src/commands.rs`, and in `capabilities/main.json`.
const COMMANDS: &[&str] = &[
    "execute",
    "subscribe",
    "say",
    "heard",
    "attend",
    "choose_folder",
    "save_as",
    "hand_file",
    "read_clipboard",
    "write_clipboard",
    "show_update",
    "close_window",
];

const PAGE: &str = "../ui/dist";

fn main() -> Result<(), Box<dyn Error>> {
    // Without a built page the crate can be checked all the same. A checkout that cannot be written to has one.
    let _ = fs::create_dir_all(PAGE);
    println!("cargo::rerun-if-changed={PAGE}");
    let manifest = AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(Attributes::new().app_manifest(manifest))?;
    Ok(())
}
