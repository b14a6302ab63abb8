//! Files that only their owner may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Makes a file that was not there. Whoever comes second gets [`io::ErrorKind::AlreadyExists`].
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        // On a full disk: half a secret would be in the way of every later start.
        let _ = fs::remove_file(path);
    }
    written
}

/// Puts a file that only its owner may read in place of what was there, at once: who reads sees the old one or the new one,
/// whole.
///
/// # Errors
/// What the system said; then what was there is there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    put(path, content, File::sync_all)
}

/// The same for what counts only as long as this process lives: no loss of power leaves anybody who would read it, so
/// nobody waits for the disk.
pub(crate) fn replace_for_now(path: &Path, content: &[u8]) -> io::Result<()> {
    put(path, content, |_| Ok(()))
}

fn put(path: &Path, content: &[u8], settle: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Such files are readable by their owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    settle(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Opens a file to hold a lock on; it is made where it is missing.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    private(
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false),
    )
    .open(path)
}

/// Reads a short text.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

/// Takes others' rights to a file away; `true` where they had some.
#[cfg(unix)]
pub(crate) fn close_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    const OF_OTHERS: u32 = 0o077;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & OF_OTHERS == 0 {
        return Ok(false);
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(true)
}

/// The folder it lies in decides who may read it.
#[cfg(not(unix))]
pub(crate) fn close_to_others(path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|_| false)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
