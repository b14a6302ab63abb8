//! Folders of systems without calls relative to an open folder: by path, links looked for at every step.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory as _;

use super::{FOLDERS_LISTED_MAX, Missing};

/// A folder whose path was walked.
#[derive(Debug)]
pub(crate) struct OpenFolder(PathBuf);

/// A disk, as far as its room is concerned: what is put into one folder on it is missing in all the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Volume(PathBuf);

impl OpenFolder {
    /// Goes down from `root` by `names`, following no link.
    pub(super) fn walk(root: &Path, names: &[String], missing: Missing) -> io::Result<Self> {
        let mut folder = root.to_owned();
        if !std::fs::metadata(&folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for name in names {
            folder.push(name);
            if missing == Missing::Make {
                match std::fs::create_dir(&folder) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => {}
                }
            }
            // Junctions are reparse points too, and are no folders here.
            if !std::fs::symlink_metadata(&folder)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        Ok(Self(folder))
    }

    /// Links are no folders here: `NotADirectory` says it all.
    pub(super) fn is_link(_error: &io::Error) -> bool {
        false
    }

    #[expect(
        clippy::unused_self,
        clippy::needless_pass_by_value,
        reason = "other systems take over the open folder, and keep its path"
    )]
    pub(super) fn into_directory(self, path: PathBuf) -> io::Result<RealDirectory> {
        RealDirectory::open(&path)
    }

    /// Bytes that this process may still write here.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        RealDirectory::open(&self.0).ok()?.free_bytes().ok().flatten()
    }

    /// The disk that it lies on: that of its path's prefix. A disk that is mounted in a folder is taken for the one around it.
    pub(crate) fn volume(&self) -> Option<Volume> {
        let first = self.0.components().next()?;
        Some(Volume(PathBuf::from(first.as_os_str().to_ascii_lowercase())))
    }

    /// The names of the folders in it, links and hidden ones left out.
    pub(crate) fn folders(&self) -> io::Result<Vec<String>> {
        let mut folders: Vec<String> = std::fs::read_dir(&self.0)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .take(FOLDERS_LISTED_MAX)
            .collect();
        folders.sort_unstable_by_key(|name| name.to_lowercase());
        Ok(folders)
    }

    /// Whether anything bears this name, a dangling link included.
    pub(crate) fn exists(&self, name: &str) -> io::Result<bool> {
        match std::fs::symlink_metadata(self.0.join(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The length of a regular file.
    pub(crate) fn file_length(&self, name: &str) -> Option<u64> {
        let metadata = std::fs::symlink_metadata(self.0.join(name)).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Bytes of the disk that a file has already, be they written or not.
    pub(crate) fn file_allocated(&self, name: &str) -> u64 {
        self.file_length(name).unwrap_or(0)
    }

    /// A small file's content, at most `limit` bytes of it.
    pub(crate) fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        use std::io::Read as _;
        let mut content = Vec::new();
        self.open_file(name)?.take(limit).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Removes a file; one that is gone already is as good.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a file another name, here or in another folder, and replaces nothing.
    pub(crate) fn rename(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        if to.exists(new_name)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(self.0.join(name), to.0.join(new_name))
    }

    /// Gives a file a second name, here or in another folder of the same disk, and replaces nothing.
    pub(crate) fn link(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        std::fs::hard_link(self.0.join(name), to.0.join(new_name))
    }

    /// Whether a file here is a file elsewhere under another name, or was copied from it: as long, and last changed in
    /// the same moment. What is missing is no copy.
    pub(crate) fn is_copy(&self, name: &str, of: &Self, other_name: &str) -> io::Result<bool> {
        let look = |path: PathBuf| match std::fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let (Some(copy), Some(original)) = (look(self.0.join(name))?, look(of.0.join(other_name))?) else {
            return Ok(false);
        };
        Ok(copy.is_file() && copy.len() == original.len() && copy.modified()? == original.modified()?)
    }

    /// Opens a regular file for reading.
    pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
        let path = self.0.join(name);
        if !std::fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        File::open(path)
    }

    /// Makes a file that must not exist yet.
    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        File::create_new(self.0.join(name))
    }

    /// Such systems order renames themselves.
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the same call syncs on Unix"
    )]
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
