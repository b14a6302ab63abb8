//! `cargo xtask codegen`: the schema's types, its version and the default settings in TypeScript, committed, so that the page
//! and the programs speak alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gannet_schema::{ClientMessage, Command, Message, Reply, SCHEMA_VERSION, Settings};
use ts_rs::{Config, TS};

use crate::system;

/// Where they stand, relative to the workspace's root.
const FOLDER: &str = "apps/ui/src/generated";
/// What stands above the files that are ours alone.
const NOTE: &str =
    "// Written by `cargo xtask codegen` from crates/gannet-schema. Changes here are lost.\n\n";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail where what is committed is not what would be written
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.check { check() } else { write() }
}

/// Fails where what is committed is not what would be written.
pub(crate) fn check() -> Result<()> {
    let folder = system::workspace_root().join(FOLDER);
    let stale = differences(&generate()?, &read(&folder)?);
    ensure!(
        stale.is_empty(),
        "{FOLDER} is not what the schema says ({}); run `cargo xtask codegen` and commit it",
        stale.join(", ")
    );
    println!("codegen: {FOLDER} is fresh");
    Ok(())
}

fn write() -> Result<()> {
    let folder = system::workspace_root().join(FOLDER);
    let (wanted, present) = (generate()?, read(&folder)?);
    let stale = differences(&wanted, &present);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {FOLDER}"))?;
    for name in &stale {
        let path = folder.join(name);
        match wanted.get(name) {
            Some(text) => fs::write(&path, text),
            None => fs::remove_file(&path),
        }
        .with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("codegen: {} of {} files written", stale.len(), wanted.len());
    Ok(())
}

/// Every file by name, with an index that names all types.
fn generate() -> Result<BTreeMap<String, String>> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let config = Config::new().with_out_dir(folder.path()).with_large_int("number");
    Command::export_all(&config)?;
    Reply::export_all(&config)?;
    Message::export_all(&config)?;
    ClientMessage::export_all(&config)?;
    let mut files = read(folder.path())?;
    let mut index =
        "// Written by `cargo xtask codegen` from crates/gannet-schema. Changes here are lost.\n\n"
            .to_owned();
    for name in files.keys().filter_map(|name| name.strip_suffix(".ts")) {
        let _ = writeln!(index, "export type {{ {name} }} from \"./{name}\";");
    }
    files.insert("index.ts".to_owned(), index);
    let settings = serde_json::to_string_pretty(&Settings::default())?;
    files.insert(
        "defaults.ts".to_owned(),
        format!(
            "{NOTE}import type {{ Settings }} from \"./Settings\";\n\n\
             /** What a new store has. */\nexport const DEFAULT_SETTINGS: Settings = {settings};\n"
        ),
    );
    files.insert(
        "version.ts".to_owned(),
        format!(
            "{NOTE}/** The version of this vocabulary; a face and an owner that differ say so instead of misunderstanding each other. */\n\
             export const SCHEMA_VERSION = {SCHEMA_VERSION};\n"
        ),
    );
    Ok(files)
}

/// The TypeScript files of a folder; none where there is no folder.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    if !folder.exists() {
        return Ok(BTreeMap::new());
    }
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ts") {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.insert(name, fs::read_to_string(&path)?.replace("\r\n", "\n"));
        }
    }
    Ok(files)
}

/// Names of files that are missing, superfluous or different.
fn differences(wanted: &BTreeMap<String, String>, present: &BTreeMap<String, String>) -> Vec<String> {
    wanted
        .keys()
        .chain(present.keys().filter(|name| !wanted.contains_key(*name)))
        .filter(|name| wanted.get(*name) != present.get(*name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn what_is_missing_superfluous_or_different_is_stale() {
        let wanted = files(&[("A.ts", "a"), ("B.ts", "b"), ("C.ts", "c")]);
        let present = files(&[("A.ts", "a"), ("B.ts", "other"), ("D.ts", "d")]);
        assert_eq!(differences(&wanted, &present), ["B.ts", "C.ts", "D.ts"]);
        assert!(differences(&wanted, &wanted).is_empty());
    }

    #[test]
    fn no_type_needs_more_than_javascript_holds() {
        for (name, text) in generate().expect("generated") {
            assert!(!text.contains("bigint"), "{name}: a 64-bit field lacks its type");
        }
    }
}
