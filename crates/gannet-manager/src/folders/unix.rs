//! Folders of Unix systems, held open.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use gannet_engine::disk::real::RealDirectory;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::{FOLDERS_LISTED_MAX, Missing};

/// A folder that is held open.
#[derive(Debug)]
pub(crate) struct OpenFolder(File);

/// A disk, as far as its room is concerned: what is put into one folder on it is missing in all the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Volume(rustix::fs::Dev);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl OpenFolder {
    /// Goes down from `root` by `names`, following no link.
    pub(super) fn walk(root: &Path, names: &[String], missing: Missing) -> io::Result<Self> {
        let mut folder = File::from(rustix::fs::open(root, FOLDER, Mode::empty())?);
        for name in names {
            if missing == Missing::Make {
                match rustix::fs::mkdirat(&folder, name, Mode::from_raw_mode(0o777)) {
                    // A file is only as safe from a loss of power as the folders above it.
                    Ok(()) => folder.sync_all()?,
                    Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            let next = rustix::fs::openat(&folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
            folder = File::from(next);
        }
        Ok(Self(folder))
    }

    /// Whether that is what the system says of a link that may not be followed.
    pub(super) fn is_link(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "other systems have to open it by its path"
    )]
    pub(super) fn into_directory(self, path: PathBuf) -> io::Result<RealDirectory> {
        Ok(RealDirectory::from_open(self.0, path))
    }

    /// Bytes that this process may still write here.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::fstatvfs(&self.0).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// The disk that it lies on.
    pub(crate) fn volume(&self) -> Option<Volume> {
        let stat = rustix::fs::fstat(&self.0).ok()?;
        Some(Volume(stat.st_dev))
    }

    /// The names of the folders in it, links and hidden ones left out.
    pub(crate) fn folders(&self) -> io::Result<Vec<String>> {
        let mut folders = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let is_folder = match entry.file_type() {
                FileType::Directory => true,
                FileType::Unknown => rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
                _ => false,
            };
            if is_folder {
                folders.push(name.to_owned());
            }
            if folders.len() == FOLDERS_LISTED_MAX {
                break;
            }
        }
        folders.sort_unstable_by_key(|name| name.to_lowercase());
        Ok(folders)
    }

    /// Whether anything bears this name, a dangling link included.
    pub(crate) fn exists(&self, name: &str) -> io::Result<bool> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The length of a regular file.
    pub(crate) fn file_length(&self, name: &str) -> Option<u64> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
            .then_some(stat.st_size.unsigned_abs())
    }

    /// Bytes of the disk that a file has already, be they written or not.
    pub(crate) fn file_allocated(&self, name: &str) -> u64 {
        rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_or(0, |stat| (stat.st_blocks as u64).saturating_mul(512))
    }

    /// A small file's content, at most `limit` bytes of it.
    pub(crate) fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        use std::io::Read as _;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
        let mut content = Vec::new();
        file.take(limit).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Removes a file; one that is gone already is as good.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Gives a file another name, here or in another folder, and replaces nothing.
    pub(crate) fn rename(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(&self.0, name, &to.0, new_name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            result => return Ok(result?),
        }
        // Where the file system knows no such flag: look first.
        if to.exists(new_name)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(rustix::fs::renameat(&self.0, name, &to.0, new_name)?)
    }

    /// Gives a file a second name, here or in another folder of the same disk, and replaces nothing.
    pub(crate) fn link(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        Ok(rustix::fs::linkat(
            &self.0,
            name,
            &to.0,
            new_name,
            AtFlags::empty(),
        )?)
    }

    /// Whether a file here is a file elsewhere under another name, or was copied from it: as long, and last changed in
    /// the same moment. What is missing is no copy.
    pub(crate) fn is_copy(&self, name: &str, of: &Self, other_name: &str) -> io::Result<bool> {
        let look = |folder: &Self, name: &str| match rustix::fs::statat(
            &folder.0,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
        ) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(io::Error::from(errno)),
        };
        let (Some(copy), Some(original)) = (look(self, name)?, look(of, other_name)?) else {
            return Ok(false);
        };
        let is_same = (copy.st_dev, copy.st_ino) == (original.st_dev, original.st_ino);
        let is_alike = FileType::from_raw_mode(copy.st_mode) == FileType::RegularFile
            && copy.st_size == original.st_size
            && (copy.st_mtime, copy.st_mtime_nsec) == (original.st_mtime, original.st_mtime_nsec);
        Ok(is_same || is_alike)
    }

    /// Opens a regular file for reading.
    pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(File::from(rustix::fs::openat(
            &self.0,
            name,
            flags,
            Mode::empty(),
        )?))
    }

    /// Makes a file that must not exist yet.
    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(
            &self.0,
            name,
            flags,
            Mode::from_raw_mode(0o666),
        )?))
    }

    /// Makes all renames and removals survive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match self.0.sync_all() {
            // Some network file systems cannot sync a folder.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            result => result,
        }
    }
}
