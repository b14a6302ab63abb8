//! A disk of any size that takes no space: part files are checked and thrown away.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gannet_engine::ByteRange;
use gannet_engine::disk::storage::{Allocation, Directory, FileIdentity, LockAttempt, StorageFile};

use super::PowerLossDisk;

type Check = dyn Fn(u64, &[u8]) -> bool + Send + Sync;
type Content = dyn Fn(u64, &mut [u8]) + Send + Sync;

/// A folder whose part files (`*.part`) hold nothing: what is written to them is compared with what
/// should be, and what is read from them is made anew. All other files are kept in memory.
pub struct DiscardDisk {
    small_files: PowerLossDisk,
    shared: Arc<Shared>,
}

struct Shared {
    check: Box<Check>,
    content: Box<Content>,
    length: AtomicU64,
    bytes_written: AtomicU64,
}

impl DiscardDisk {
    /// `check(offset, bytes)` says whether the bytes belong there; `content(offset, buffer)` makes them.
    pub fn new(
        check: impl Fn(u64, &[u8]) -> bool + Send + Sync + 'static,
        content: impl Fn(u64, &mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared {
            check: Box::new(check),
            content: Box::new(content),
            length: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
        };
        Self {
            small_files: PowerLossDisk::new(),
            shared: Arc::new(shared),
        }
    }

    /// How many bytes were written to part files, all found right.
    pub fn bytes_written(&self) -> u64 {
        self.shared.bytes_written.load(Ordering::Relaxed)
    }

    fn wrap(&self, name: &str, file: Box<dyn StorageFile>) -> Box<dyn StorageFile> {
        if Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            Box::new(DiscardFile {
                small: file,
                shared: Arc::clone(&self.shared),
            })
        } else {
            file
        }
    }
}

impl Directory for DiscardDisk {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        Ok(self.wrap(name, self.small_files.create_new(name)?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        Ok(self.wrap(name, self.small_files.open(name)?))
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        self.small_files.lookup(name)
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.small_files.rename_new(from, to)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        self.small_files.rename_over(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.small_files.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.small_files.sync()
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        PathBuf::from("discarded").join(name)
    }
}

struct DiscardFile {
    /// Bears the name, the identity and the lock.
    small: Box<dyn StorageFile>,
    shared: Arc<Shared>,
}

impl StorageFile for DiscardFile {
    fn write_all_at(&self, mut offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        for slice in slices {
            if !(self.shared.check)(offset, slice) {
                let what = format!(
                    "the {} bytes written at {offset} do not belong there",
                    slice.len()
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            offset += slice.len() as u64;
            self.shared
                .bytes_written
                .fetch_add(slice.len() as u64, Ordering::Relaxed);
        }
        self.shared.length.fetch_max(offset, Ordering::Relaxed);
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.length()?.saturating_sub(offset).min(buffer.len() as u64) as usize;
        (self.shared.content)(offset, &mut buffer[..count]);
        Ok(count)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.shared.length.load(Ordering::Relaxed))
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.shared.length.store(length, Ordering::Relaxed);
        Ok(())
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        self.set_length(length)?;
        Ok(Allocation::Sparse)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn start_writeback(&self, _range: ByteRange) {}

    fn try_lock(&self) -> io::Result<LockAttempt> {
        self.small.try_lock()
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        self.small.identity()
    }

    fn mark_origin(&self, _url: &str) -> io::Result<()> {
        Ok(())
    }

    fn set_modified(&self, _since_epoch: Duration) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misplaced_byte_is_refused_and_a_right_one_takes_no_space() {
        let byte_at = |offset: u64| (offset % 251) as u8;
        let disk = DiscardDisk::new(
            move |offset, bytes| (offset..).zip(bytes).all(|(at, &byte)| byte == byte_at(at)),
            move |offset, buffer| (offset..).zip(buffer).for_each(|(at, byte)| *byte = byte_at(at)),
        );
        let file = disk.create_new("huge.part").unwrap();
        file.allocate(35_000_000_000).unwrap();
        let at = 34_000_000_000;
        let mut bytes = [0; 100];
        assert_eq!(file.read_at(at, &mut bytes).unwrap(), 100);
        file.write_all_at(at, &mut [IoSlice::new(&bytes[..50]), IoSlice::new(&bytes[50..])])
            .unwrap();
        assert_eq!(disk.bytes_written(), 100);
        assert!(file.write_all_at(at + 1, &mut [IoSlice::new(&bytes)]).is_err());
        assert_eq!(file.read_at(34_999_999_990, &mut bytes).unwrap(), 10);
    }
}
