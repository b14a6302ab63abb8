//! Folders and files of Windows.
//!
//! Files are opened with every kind of sharing (the standard library's default), so that an open part
//! file can be renamed and others can read it. Written with care, not yet run there.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::time::{Duration, SystemTime};

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_DISK_FULL, ERROR_FILE_EXISTS};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, GetDiskFreeSpaceExW,
    GetFileInformationByHandle, MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::FSCTL_SET_SPARSE;

use super::{component, not_a_regular_file};
use crate::disk::storage::{Allocation, Directory, FileIdentity, Irreplaceable, LockAttempt, StorageFile};
use crate::disk::{lock, marks};
use crate::range::ByteRange;

/// A folder, by its path: Windows has no calls relative to an open folder outside its kernel's interface.
#[derive(Debug)]
pub struct RealDirectory {
    /// As the caller named it, for messages.
    path: PathBuf,
    /// Absolute and verbatim (`\\\\?\\`), so that neither the working folder nor 260 characters matter.
    verbatim: PathBuf,
}

impl RealDirectory {
    /// Opens an existing folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        if !std::fs::metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self {
            path: path.to_owned(),
            verbatim: std::fs::canonicalize(path)?,
        })
    }

    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the counterpart of the Unix method"
    )]
    pub(super) fn sync_folder(&self) -> io::Result<()> {
        // NTFS journals its folders, and MOVEFILE_WRITE_THROUGH waits for that; there is no call to sync one.
        Ok(())
    }

    fn full_path(&self, name: &str) -> io::Result<PathBuf> {
        Ok(self.verbatim.join(component(name)?))
    }

    fn open_file(&self, name: &str, options: &mut OpenOptions) -> io::Result<Box<dyn StorageFile>> {
        let path = self.full_path(name)?;
        let opened = options
            .read(true)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
            .open(&path);
        let file = opened.map_err(|error| match std::fs::symlink_metadata(&path) {
            // That is what Windows says of a folder that is opened like a file.
            Ok(metadata) if metadata.is_dir() && error.kind() == io::ErrorKind::PermissionDenied => {
                not_a_regular_file()
            }
            _ => error,
        })?;
        let special = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
        if file.metadata()?.file_attributes() & special != 0 {
            return Err(not_a_regular_file());
        }
        Ok(Box::new(RealFile { file, path }))
    }

    fn rename(&self, from: &str, to: &str, flags: u32) -> io::Result<()> {
        let (from, to) = (wide(&self.full_path(from)?), wide(&self.full_path(to)?));
        #[expect(
            unsafe_code,
            reason = "a system call; the standard library's rename always replaces"
        )]
        // SAFETY: both are NUL-terminated and outlive the call.
        let renamed = unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), flags | MOVEFILE_WRITE_THROUGH) };
        if renamed != 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error().map(i32::cast_unsigned) {
            Some(ERROR_ALREADY_EXISTS | ERROR_FILE_EXISTS) => Err(io::ErrorKind::AlreadyExists.into()),
            _ => Err(error),
        }
    }
}

impl Directory for RealDirectory {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, OpenOptions::new().write(true).create_new(true))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, OpenOptions::new().write(true))
    }

    fn open_to_read(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.open_file(name, &mut OpenOptions::new())
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        let opened = OpenOptions::new()
            .access_mode(FILE_READ_ATTRIBUTES)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
            .open(self.full_path(name)?);
        match opened {
            Ok(file) => Ok(Some(identity_of(&file)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn irreplaceable(&self, name: &str) -> io::Result<Option<Irreplaceable>> {
        // Devices have no place among files here: their names are not safe ones.
        let is_folder = self.full_path(name)?.is_dir();
        Ok(is_folder.then_some(Irreplaceable::Folder))
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.rename(from, to, 0)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        self.rename(from, to, MOVEFILE_REPLACE_EXISTING)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.full_path(name)?)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_folder()
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        free_bytes(&self.verbatim).map(Some)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// An open file of a [`RealDirectory`].
#[derive(Debug)]
struct RealFile {
    file: File,
    /// What it was opened as. Only marks and the check of free space need it, both before any rename.
    path: PathBuf,
}

impl StorageFile for RealFile {
    fn write_all_at(&self, mut offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        // There is no positioned vectored write for buffered files here.
        for slice in slices {
            let mut rest: &[u8] = slice;
            while !rest.is_empty() {
                match self.file.seek_write(rest, offset) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(written) => {
                        rest = &rest[written..];
                        offset += written as u64;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek_read(buffer, offset)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        // Sparse first: else the first far write would fill everything before it with zeros.
        // FAT knows no sparse files; there the length alone has to do.
        if let Err(error) = set_sparse(&self.file) {
            tracing::debug!(%error, "the file cannot be made sparse");
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        if free_bytes(folder)? < length.saturating_sub(self.length()?) {
            return Err(io::Error::from_raw_os_error(ERROR_DISK_FULL.cast_signed()));
        }
        // Never SetFileValidData: it shows what others left on the disk.
        self.file.set_len(length)?;
        Ok(Allocation::Sparse)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    fn start_writeback(&self, _range: ByteRange) {
        // Windows has no such hint; its lazy writer begins within a second by itself.
    }

    fn try_lock(&self) -> io::Result<LockAttempt> {
        lock::try_lock(&self.file)
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        identity_of(&self.file)
    }

    fn mark_origin(&self, url: &str) -> io::Result<()> {
        marks::mark_origin(&self.path, url)
    }

    fn remember_version(&self, version: &[u8]) -> io::Result<()> {
        marks::remember_version(&self.file, &self.path, version)
    }

    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        marks::recall_version(&self.file, &self.path)
    }

    fn set_modified(&self, since_epoch: Duration) -> io::Result<()> {
        let time = SystemTime::UNIX_EPOCH
            .checked_add(since_epoch)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.file.set_modified(time)
    }
}

fn identity_of(file: &File) -> io::Result<FileIdentity> {
    let mut information = BY_HANDLE_FILE_INFORMATION::default();
    #[expect(unsafe_code, reason = "a system call; the standard library's own is unstable")]
    // SAFETY: the handle is open for as long as `file` is borrowed, and the structure is ours to be written.
    let known = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut information) };
    if known == 0 {
        return Err(io::Error::last_os_error());
    }
    // No time of birth: Windows gives a new file that of the old one of its name for 15 s, and NTFS
    // never uses a file index again anyway.
    Ok(FileIdentity {
        device: information.dwVolumeSerialNumber.into(),
        file: u64::from(information.nFileIndexHigh) << 32 | u64::from(information.nFileIndexLow),
        born_ns: 0,
    })
}

fn set_sparse(file: &File) -> io::Result<()> {
    let mut returned = 0;
    #[expect(unsafe_code, reason = "a system call")]
    // SAFETY: the handle is open for as long as `file` is borrowed; this code takes no buffers, and
    // `returned` outlives the synchronous call.
    let done = unsafe {
        DeviceIoControl(
            file.as_raw_handle(),
            FSCTL_SET_SPARSE,
            null(),
            0,
            null_mut(),
            0,
            &raw mut returned,
            null_mut(),
        )
    };
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn free_bytes(folder: &Path) -> io::Result<u64> {
    let folder = wide(folder);
    let mut free = 0;
    #[expect(unsafe_code, reason = "a system call")]
    // SAFETY: the path is NUL-terminated, `free` is ours to be written, and null is allowed for the rest.
    let known = unsafe { GetDiskFreeSpaceExW(folder.as_ptr(), &raw mut free, null_mut(), null_mut()) };
    if known == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(free)
    }
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}
