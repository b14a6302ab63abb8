//! Compresses the built page once, so that no request has to, and the program holds one copy of each file. Without a
//! built page nothing is embedded, and the server says how to build it: the crate needs neither Node nor the network.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

/// What is text and gains from compression; pictures and fonts are compressed already.
const COMPRESSED: [&str; 8] = ["html", "js", "css", "svg", "json", "txt", "webmanifest", "map"];
/// The desktop window's own beginning of the page, which a browser has no use for.
const OF_THE_WINDOW: &str = "desktop.html";
const FOLDERS_DEEP_MAX: u32 = 8;

fn main() -> io::Result<()> {
    if env::var_os("CARGO_FEATURE_PAGE").is_none() {
        return Ok(());
    }
    let variable = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .ok_or(io::ErrorKind::NotFound)
    };
    let built = variable("CARGO_MANIFEST_DIR")?.join("../../apps/ui/dist");
    let embedded = variable("OUT_DIR")?.join("page");
    // Cargo starts this anew at each build where the folder it watches is missing. Git ignores it, and a checkout that
    // cannot be written to only builds more often.
    let _ = fs::create_dir_all(&built);
    println!("cargo::rerun-if-changed={}", built.display());

    match fs::remove_dir_all(&embedded) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(&embedded)?,
    }
    if built.is_dir() {
        copy(&built, &embedded, 0)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, depth: u32) -> io::Result<()> {
    if depth > FOLDERS_DEEP_MAX {
        return Err(io::Error::other("the built page has too many folders in folders"));
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == OF_THE_WINDOW {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, depth + 1)?;
        } else {
            embed(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// The file, compressed where that makes it smaller. Every browser takes gzip; Brotli they take over TLS only.
fn embed(source: &Path, target: &Path) -> io::Result<()> {
    let bytes = fs::read(source)?;
    let ending = source.extension().unwrap_or_default().to_string_lossy();
    if COMPRESSED.contains(&ending.as_ref()) {
        let compressed = gzip(&bytes)?;
        if compressed.len() < bytes.len() {
            return fs::write(target.with_added_extension("gz"), compressed);
        }
    }
    fs::write(target, bytes)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
