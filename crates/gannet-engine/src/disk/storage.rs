//! The seam between the engine and the disk.
//!
//! Everything that a transfer does to a disk goes through these two traits, so that a test can
//! put a disk in their place that runs full, fails a sync, or loses power between two calls.

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::time::Duration;

use crate::range::ByteRange;

/// A folder that holds part files, journals and results.
///
/// Names are single path components; an implementation never follows a symbolic link in the last one.
pub trait Directory: Send + Sync + 'static {
    /// Creates a file that must not exist yet, open for reading and writing.
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>>;

    /// Opens an existing regular file for reading and writing; `InvalidInput` where the name belongs
    /// to something else (a link, a folder, a pipe).
    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>>;

    /// As [`Directory::open`], but for reading alone: one can look into a file, too, that one may not write.
    fn open_to_read(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open(name)
    }

    /// What bears this name, a dangling link included; `None` where nothing does.
    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>>;

    /// Whether anything bears this name, a dangling link included.
    fn exists(&self, name: &str) -> io::Result<bool> {
        Ok(self.lookup(name)?.is_some())
    }

    /// What bears this name, or what a link of this name leads to, where no file may take its place.
    fn irreplaceable(&self, _name: &str) -> io::Result<Option<Irreplaceable>> {
        Ok(None)
    }

    /// Renames without ever replacing: `AlreadyExists` where the new name is taken.
    fn rename_new(&self, from: &str, to: &str) -> io::Result<()>;

    /// Renames, replacing atomically what bears the new name.
    fn rename_over(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes all creations, renames and removals so far survive a loss of power.
    fn sync(&self) -> io::Result<()>;

    /// Bytes that this process may still write here; `None` where the system cannot say.
    fn free_bytes(&self) -> io::Result<Option<u64>>;

    /// The path of a name, for messages.
    fn path_of(&self, name: &str) -> PathBuf;
}

/// What no file may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Irreplaceable {
    /// A folder.
    Folder,
    /// A device, a pipe or a socket.
    Special,
}

/// An open file of a [`Directory`]. All reads and writes are positioned.
pub trait StorageFile: Send + Sync + 'static {
    /// Writes all the slices, one behind the other, from `offset` on.
    fn write_all_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()>;

    /// Reads up to `buffer.len()` bytes; 0 at the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The file's length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Cuts or extends the file.
    fn set_length(&self, length: u64) -> io::Result<()>;

    /// Gives the file its full length at once, reserving the space where the file system can.
    /// `StorageFull` where the space is known not to be there.
    fn allocate(&self, length: u64) -> io::Result<Allocation>;

    /// Makes the data written so far, and the length, survive a loss of power.
    fn sync_data(&self) -> io::Result<()>;

    /// As [`StorageFile::sync_data`], and what the file bears beside its bytes too: its marks, its time of modification.
    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    /// Asks the system to begin writing this range back, without waiting for it. A hint.
    fn start_writeback(&self, range: ByteRange);

    /// Takes the exclusive lock that marks the owner of a transfer. It ends with the file or the process.
    fn try_lock(&self) -> io::Result<LockAttempt>;

    /// What tells this file from another one of the same name.
    fn identity(&self) -> io::Result<FileIdentity>;

    /// Notes where the file came from, as browsers do (`user.xdg.origin.url`, Zone.Identifier,
    /// quarantine). `url` bears no userinfo and no query. Best effort.
    fn mark_origin(&self, url: &str) -> io::Result<()>;

    /// Notes which version of the file this is as it is now, for [`StorageFile::recall_version`] on another day. Best effort.
    fn remember_version(&self, _version: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// What [`StorageFile::remember_version`] noted; `None` where nothing was, or can be, or the file was modified since.
    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Sets the time of last modification, as seconds since 1970.
    fn set_modified(&self, since_epoch: Duration) -> io::Result<()>;
}

/// How [`StorageFile::allocate`] got its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// The space belongs to the file: it cannot run full on these bytes.
    Reserved,
    /// Only the length was set; free space was checked.
    Sparse,
}

/// The outcome of [`StorageFile::try_lock`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockAttempt {
    /// The lock is ours.
    Locked,
    /// Somebody else holds it; who, where the system tells.
    HeldBy(Option<String>),
}

/// Identifies a file beyond its name: a copy, or a file made anew under the same name, has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    /// The device or volume.
    pub device: u64,
    /// The inode or file index.
    pub file: u64,
    /// When the file was made, in nanoseconds since 1970; 0 where the system does not tell.
    /// An inode is used again as soon as it is free, so its number alone is not enough.
    pub born_ns: u64,
}

impl FileIdentity {
    /// Whether both are one file. A device may get another number at the next boot, so it counts only
    /// where no time of birth is known.
    pub fn is_same_file(self, other: Self) -> bool {
        self.file == other.file
            && self.born_ns == other.born_ns
            && (self.born_ns != 0 || self.device == other.device)
    }
}
