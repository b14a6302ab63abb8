//! The real disk: [`RealDirectory`], one implementation for Unix and one for Windows.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::Path;

#[cfg(unix)]
pub use unix::RealDirectory;
#[cfg(windows)]
pub use windows::RealDirectory;

impl RealDirectory {
    /// Opens the folder, making it and its parents first where they are missing.
    pub fn create_and_open(path: &Path) -> io::Result<Self> {
        let missing: Vec<&Path> = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .collect();
        std::fs::create_dir_all(path)?;
        for folder in missing {
            // A file is only as safe from a loss of power as the folders above it.
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
            Self::open(parent.unwrap_or(Path::new(".")))?.sync_folder()?;
        }
        Self::open(path)
    }
}

/// Refuses whatever is not a plain name, so that nothing leaves the folder.
fn component(name: &str) -> io::Result<&str> {
    let separators: &[char] = if cfg!(windows) {
        &['/', '\\', ':', '\0']
    } else {
        &['/', '\0']
    };
    if name.is_empty() || name == "." || name == ".." || name.contains(separators) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not the name of a file",
        ));
    }
    Ok(name)
}

/// What [`storage::Directory::open`](crate::disk::storage::Directory::open) says of links, folders and pipes.
fn not_a_regular_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}
