//! Folders and files of Unix systems, everything relative to an open folder.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::{component, not_a_regular_file};
use crate::disk::storage::{Allocation, Directory, FileIdentity, Irreplaceable, LockAttempt, StorageFile};
use crate::disk::{allocate, lock, marks};
use crate::range::ByteRange;

/// The most slices that one `pwritev` takes (`IOV_MAX` of Linux and macOS).
const SLICES_PER_WRITE_MAX: usize = 1024;

/// A folder of the system, held open: renaming it meanwhile does no harm.
#[derive(Debug)]
pub struct RealDirectory {
    folder: File,
    path: PathBuf,
}

impl RealDirectory {
    /// Opens an existing folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = File::from(retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))?);
        Ok(Self {
            folder,
            path: path.to_owned(),
        })
    }

    /// A folder that is open already, so that no link put in its path meanwhile leads elsewhere. `path` is for messages.
    pub fn from_open(folder: File, path: PathBuf) -> Self {
        Self { folder, path }
    }

    pub(super) fn sync_folder(&self) -> io::Result<()> {
        match self.folder.sync_all() {
            // Some network and FUSE file systems cannot sync a folder: they order renames themselves or not at all.
            Err(error) if is_any(&error, &[Errno::INVAL, Errno::OPNOTSUPP, Errno::NOTSUP]) => Ok(()),
            result => result,
        }
    }

    fn open_file(&self, name: &str, flags: OFlags) -> io::Result<Box<dyn StorageFile>> {
        // NONBLOCK: opening a pipe that somebody put there would wait for its other end.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let name = component(name)?;
        let file =
            retry_on_intr(|| rustix::fs::openat(&self.folder, name, flags, Mode::from_raw_mode(0o666)))
                .map_err(|errno| match errno {
                    Errno::LOOP | Errno::ISDIR | Errno::NXIO => not_a_regular_file(),
                    errno => errno.into(),
                })?;
        let file = File::from(file);
        if file.metadata()?.is_file() {
            Ok(Box::new(RealFile { file }))
        } else {
            Err(not_a_regular_file())
        }
    }

    /// Where the file system knows no rename that replaces nothing: a link does not replace either.
    /// A crash between the two calls leaves both names on one file, which `claim` sees.
    fn link_and_unlink(&self, from: &str, to: &str) -> io::Result<()> {
        match rustix::fs::linkat(&self.folder, from, &self.folder, to, AtFlags::empty()) {
            Ok(()) => Ok(rustix::fs::unlinkat(&self.folder, from, AtFlags::empty())?),
            // FAT knows no links: what is left is to look first. Another program may take the name in
            // between; our own transfers are kept apart by the part file's lock.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
                if self.exists(to)? {
                    return Err(Errno::EXIST.into());
                }
                self.rename_over(from, to)
            }
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Directory for RealDirectory {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, OFlags::RDWR)
    }

    fn open_to_read(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, OFlags::RDONLY)
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        match identity::of_name(&self.folder, component(name)?) {
            Ok(identity) => Ok(Some(identity)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    fn irreplaceable(&self, name: &str) -> io::Result<Option<Irreplaceable>> {
        match rustix::fs::statat(&self.folder, component(name)?, AtFlags::empty()) {
            Ok(found) => Ok(match FileType::from_raw_mode(found.st_mode) {
                FileType::RegularFile => None,
                FileType::Directory => Some(Irreplaceable::Folder),
                _ => Some(Irreplaceable::Special),
            }),
            // A link that leads nowhere, or to itself.
            Err(Errno::NOENT | Errno::LOOP) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (component(from)?, component(to)?);
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(
            &self.folder,
            from,
            &self.folder,
            to,
            rustix::fs::RenameFlags::NOREPLACE,
        ) {
            // The file system, or the kernel, knows no such rename.
            Err(errno) if [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&errno) => {}
            result => return Ok(result?),
        }
        self.link_and_unlink(from, to)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(
            &self.folder,
            component(from)?,
            &self.folder,
            component(to)?,
        )?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            &self.folder,
            component(name)?,
            AtFlags::empty(),
        )?)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_folder()
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        allocate::free_bytes(&self.folder)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// An open file of a [`RealDirectory`].
#[derive(Debug)]
struct RealFile {
    file: File,
}

impl StorageFile for RealFile {
    fn write_all_at(&self, mut offset: u64, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        // Empty slices in front would make an honest write look like one that wrote nothing.
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            let batch = &slices[..slices.len().min(SLICES_PER_WRITE_MAX)];
            let written = retry_on_intr(|| rustix::io::pwritev(&self.file, batch, offset))?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            offset += written as u64;
            IoSlice::advance_slices(&mut slices, written);
        }
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        allocate::allocate(&self.file, length)
    }

    fn sync_data(&self) -> io::Result<()> {
        // The standard library asks for F_FULLFSYNC on Apple's systems, where fsync stops at the drive's cache.
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    fn start_writeback(&self, range: ByteRange) {
        #[cfg(target_os = "linux")]
        writeback::start(&self.file, range);
        #[cfg(not(target_os = "linux"))]
        let _ = range; // No such hint elsewhere; the sync does it all.
    }

    fn try_lock(&self) -> io::Result<LockAttempt> {
        lock::try_lock(&self.file)
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        Ok(identity::of_file(&self.file)?)
    }

    fn mark_origin(&self, url: &str) -> io::Result<()> {
        marks::mark_origin(&self.file, url)
    }

    fn remember_version(&self, version: &[u8]) -> io::Result<()> {
        marks::remember_version(&self.file, version)
    }

    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        marks::recall_version(&self.file)
    }

    fn set_modified(&self, since_epoch: Duration) -> io::Result<()> {
        let time = SystemTime::UNIX_EPOCH
            .checked_add(since_epoch)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.file.set_modified(time)
    }
}

fn is_any(error: &io::Error, errnos: &[Errno]) -> bool {
    errnos
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Who a file is: by `statx` on Linux, which knows the time of birth, else by `stat`.
mod identity {
    use super::{AtFlags, Errno, File, FileIdentity};
    use std::os::fd::AsFd;

    #[cfg(target_os = "linux")]
    pub(super) fn of_file(file: &File) -> Result<FileIdentity, Errno> {
        match by_statx(file, "", AtFlags::EMPTY_PATH) {
            Err(Errno::NOSYS) => Ok(from_stat(&rustix::fs::fstat(file)?)),
            result => result,
        }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn of_name(folder: &File, name: &str) -> Result<FileIdentity, Errno> {
        match by_statx(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOSYS) => Ok(from_stat(&rustix::fs::statat(
                folder,
                name,
                AtFlags::SYMLINK_NOFOLLOW,
            )?)),
            result => result,
        }
    }

    #[cfg(target_os = "linux")]
    fn by_statx(at: impl AsFd, name: &str, flags: AtFlags) -> Result<FileIdentity, Errno> {
        use rustix::fs::StatxFlags;
        let stat = rustix::fs::statx(at, name, flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
        let born = if stat.stx_mask & StatxFlags::BTIME.bits() == 0 {
            0
        } else {
            nanoseconds(stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec.into())
        };
        Ok(FileIdentity {
            device: rustix::fs::makedev(stat.stx_dev_major, stat.stx_dev_minor),
            file: stat.stx_ino,
            born_ns: born,
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of_file(file: &File) -> Result<FileIdentity, Errno> {
        Ok(from_stat(&rustix::fs::fstat(file)?))
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of_name(folder: impl AsFd, name: &str) -> Result<FileIdentity, Errno> {
        Ok(from_stat(&rustix::fs::statat(
            folder,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
        )?))
    }

    #[cfg_attr(
        any(target_os = "linux", target_os = "android", target_vendor = "apple"),
        expect(
            clippy::unnecessary_cast,
            reason = "device and inode have other widths elsewhere"
        )
    )]
    fn from_stat(stat: &rustix::fs::Stat) -> FileIdentity {
        #[cfg(target_vendor = "apple")]
        let born_ns = nanoseconds(stat.st_birthtime, stat.st_birthtime_nsec);
        #[cfg(not(target_vendor = "apple"))]
        let born_ns = 0;
        FileIdentity {
            device: stat.st_dev as u64,
            file: stat.st_ino as u64,
            born_ns,
        }
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
        seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(nanoseconds)
            .unsigned_abs()
    }
}

#[cfg(target_os = "linux")]
mod writeback {
    use super::{ByteRange, File};
    use std::os::fd::AsRawFd;

    /// `sync_file_range(2)`: begins to write dirty pages back, so that the sync behind it finds little to do.
    pub(super) fn start(file: &File, range: ByteRange) {
        let (Ok(offset), Ok(length)) = (range.start().try_into(), range.len().try_into()) else {
            return;
        };
        #[expect(unsafe_code, reason = "no safe wrapper of sync_file_range exists")]
        // SAFETY: the descriptor is open for as long as `file` is borrowed, and no memory is passed.
        let _hint =
            unsafe { libc::sync_file_range(file.as_raw_fd(), offset, length, libc::SYNC_FILE_RANGE_WRITE) };
    }
}
