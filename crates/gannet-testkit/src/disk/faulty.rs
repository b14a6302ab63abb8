//! A disk in front of another one that answers chosen calls with an error.

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gannet_engine::ByteRange;
use gannet_engine::disk::storage::{Allocation, Directory, FileIdentity, LockAttempt, StorageFile};

/// The kinds of calls that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Creating a file.
    Create,
    /// Opening one that is there.
    Open,
    /// Writing; half of what was to be written is, as when a disk runs full.
    Write,
    /// Writing behind a file's end, so that it grows; nothing is written. What has its place is written on a full disk, too.
    Grow,
    /// Reading.
    Read,
    /// Giving a file its length.
    Allocate,
    /// Syncing a file.
    Sync,
    /// Syncing the folder.
    DirectorySync,
    /// Renaming, with or without replacing.
    Rename,
    /// Removing.
    Remove,
}

/// What a call can fail with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskError {
    /// ENOSPC.
    Full,
    /// EIO.
    Broken,
    /// EROFS.
    ReadOnly,
    /// EACCES.
    Denied,
    /// ENAMETOOLONG.
    NameTooLong,
    /// ENOENT, as when the folder was removed.
    Missing,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// At that one call.
    Once,
    /// At that call and all later ones of its kind, until [`FaultyDisk::free`].
    UntilFreed,
}

/// A fault to come.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Which calls are counted.
    pub call: Call,
    /// Which of them fails, from 1.
    pub nth: u64,
    /// With what.
    pub error: DiskError,
    /// How often.
    pub lasting: Lasting,
}

/// A disk that fails on demand. Clones are handles of the same disk.
#[derive(Clone)]
pub struct FaultyDisk {
    inner: Arc<dyn Directory>,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    /// Each fault with the number of calls of its kind seen since it was planned.
    faults: Vec<(Fault, u64)>,
    struck: u64,
}

impl FaultyDisk {
    /// A disk that does what `inner` does, until a fault is planned.
    pub fn new(inner: Arc<dyn Directory>) -> Self {
        Self {
            inner,
            plan: Arc::default(),
        }
    }

    /// Plans a fault; its calls are counted from now.
    pub fn fail(&self, fault: Fault) {
        self.plan().faults.push((fault, 0));
    }

    /// Ends all faults: space was freed, the folder is writable again.
    pub fn free(&self) {
        self.plan().faults.clear();
    }

    /// How many calls have failed. A test over all N ends with the first N that strikes none.
    pub fn struck(&self) -> u64 {
        self.plan().struck
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan
            .lock()
            .expect("no thread panics while it holds the plan")
    }

    fn check(&self, call: Call) -> io::Result<()> {
        let mut plan = self.plan();
        let mut error = None;
        for (fault, seen) in plan.faults.iter_mut().filter(|(fault, _)| fault.call == call) {
            *seen += 1;
            let strikes = match fault.lasting {
                Lasting::Once => *seen == fault.nth,
                Lasting::UntilFreed => *seen >= fault.nth,
            };
            if strikes {
                error = Some(fault.error);
            }
        }
        match error {
            None => Ok(()),
            Some(error) => {
                plan.struck += 1;
                Err(error.into())
            }
        }
    }

    fn wrap(&self, file: Box<dyn StorageFile>) -> Box<dyn StorageFile> {
        Box::new(FaultyFile {
            inner: file,
            disk: self.clone(),
        })
    }
}

impl From<DiskError> for io::Error {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Full => io::ErrorKind::StorageFull.into(),
            // No kind stands for it.
            DiskError::Broken => io::Error::other("input/output error"),
            DiskError::ReadOnly => io::ErrorKind::ReadOnlyFilesystem.into(),
            DiskError::Denied => io::ErrorKind::PermissionDenied.into(),
            DiskError::NameTooLong => io::ErrorKind::InvalidFilename.into(),
            DiskError::Missing => io::ErrorKind::NotFound.into(),
        }
    }
}

impl Directory for FaultyDisk {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.check(Call::Create)?;
        Ok(self.wrap(self.inner.create_new(name)?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.check(Call::Open)?;
        Ok(self.wrap(self.inner.open(name)?))
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        self.inner.lookup(name)
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.check(Call::Rename)?;
        self.inner.rename_new(from, to)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        self.check(Call::Rename)?;
        self.inner.rename_over(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.check(Call::Remove)?;
        self.inner.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.check(Call::DirectorySync)?;
        self.inner.sync()
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        self.inner.free_bytes()
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.inner.path_of(name)
    }
}

struct FaultyFile {
    inner: Box<dyn StorageFile>,
    disk: FaultyDisk,
}

impl StorageFile for FaultyFile {
    fn write_all_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        if let Err(error) = self.disk.check(Call::Write) {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            self.inner
                .write_all_at(offset, &mut [IoSlice::new(&bytes[..bytes.len() / 2])])?;
            return Err(error);
        }
        let bytes: u64 = slices.iter().map(|slice| slice.len() as u64).sum();
        if offset + bytes > self.inner.length()? {
            self.disk.check(Call::Grow)?;
        }
        self.inner.write_all_at(offset, slices)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.disk.check(Call::Read)?;
        self.inner.read_at(offset, buffer)
    }

    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.disk.check(Call::Allocate)?;
        self.inner.set_length(length)
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        self.disk.check(Call::Allocate)?;
        self.inner.allocate(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.check(Call::Sync)?;
        self.inner.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.disk.check(Call::Sync)?;
        self.inner.sync_all()
    }

    fn start_writeback(&self, range: ByteRange) {
        self.inner.start_writeback(range);
    }

    fn try_lock(&self) -> io::Result<LockAttempt> {
        self.inner.try_lock()
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        self.inner.identity()
    }

    fn mark_origin(&self, url: &str) -> io::Result<()> {
        self.inner.mark_origin(url)
    }

    fn remember_version(&self, version: &[u8]) -> io::Result<()> {
        self.inner.remember_version(version)
    }

    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        self.inner.recall_version()
    }

    fn set_modified(&self, since_epoch: Duration) -> io::Result<()> {
        self.inner.set_modified(since_epoch)
    }
}
