//! The lock that marks the owner of a part file, and who it is that holds it.
//!
//! It belongs to the open file: it ends with the process however that ends, so a dead owner's lock is free.

#[cfg(unix)]
pub(super) use unix::try_lock;
#[cfg(windows)]
pub(super) use windows::try_lock;

#[cfg(unix)]
mod unix {
    use crate::disk::storage::LockAttempt;
    use std::fs::{File, TryLockError};
    use std::io;

    pub(in crate::disk) fn try_lock(file: &File) -> io::Result<LockAttempt> {
        match file.try_lock() {
            Ok(()) => Ok(LockAttempt::Locked),
            Err(TryLockError::WouldBlock) => Ok(LockAttempt::HeldBy(super::holder::of(file))),
            // Some network and FUSE file systems know no locks. Downloading there beats refusing to.
            Err(TryLockError::Error(error))
                if matches!(error.kind(), io::ErrorKind::Unsupported)
                    || error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) =>
            {
                tracing::warn!(%error, "this file system knows no locks; nothing keeps a second download away");
                Ok(LockAttempt::Locked)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(windows)]
mod windows {
    use crate::disk::storage::LockAttempt;
    use std::fs::File;
    use std::io;
    use std::os::windows::io::AsRawHandle;
    use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
    use windows_sys::Win32::Storage::FileSystem::{
        LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx,
    };
    use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

    /// The one byte that is locked, far behind any file's end. Locks are mandatory here: one on the file's
    /// content would keep players and scanners from reading what arrives.
    const LOCKED_BYTE: u64 = i64::MAX as u64 - 1;

    pub(in crate::disk) fn try_lock(file: &File) -> io::Result<LockAttempt> {
        let mut at = OVERLAPPED {
            Anonymous: OVERLAPPED_0 {
                Anonymous: OVERLAPPED_0_0 {
                    Offset: LOCKED_BYTE as u32,
                    OffsetHigh: (LOCKED_BYTE >> 32) as u32,
                },
            },
            ..OVERLAPPED::default()
        };
        let flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
        #[expect(
            unsafe_code,
            reason = "a system call; the standard library locks the whole file"
        )]
        // SAFETY: the handle is open for as long as `file` is borrowed; it is synchronous, so `at` is no
        // longer used once the call returns.
        let locked = unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &raw mut at) };
        if locked != 0 {
            return Ok(LockAttempt::Locked);
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error().map(i32::cast_unsigned) {
            Some(ERROR_LOCK_VIOLATION | ERROR_IO_PENDING) => Ok(LockAttempt::HeldBy(None)),
            _ => Err(error),
        }
    }
}

/// Who holds a lock, from `/proc/locks`.
#[cfg(target_os = "linux")]
mod holder {
    use std::fs::{self, File};
    use std::os::unix::fs::MetadataExt;

    /// In words: `process 1234 (gannet)` or `this process`.
    pub(super) fn of(file: &File) -> Option<String> {
        let metadata = file.metadata().ok()?;
        let device = metadata.dev();
        let table = fs::read_to_string("/proc/locks").ok()?;
        let pid = pid_in(
            &table,
            rustix::fs::major(device),
            rustix::fs::minor(device),
            metadata.ino(),
        )?;
        if pid == std::process::id() {
            return Some("this process".to_owned());
        }
        Some(match fs::read_to_string(format!("/proc/{pid}/comm")) {
            Ok(name) => format!("process {pid} ({})", name.trim_end()),
            Err(_) => format!("process {pid}"),
        })
    }

    /// A line reads `1: FLOCK  ADVISORY  WRITE 22355 fe:00:10043526 0 EOF`; one that waits has `->` behind its number.
    fn pid_in(table: &str, major: u32, minor: u32, inode: u64) -> Option<u32> {
        let file = format!("{major:02x}:{minor:02x}:{inode}");
        table.lines().find_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let (kind, _advisory, _access) = (fields.next()?, fields.next()?, fields.next()?);
            let (pid, held_file) = (fields.next()?, fields.next()?);
            (kind == "FLOCK" && held_file == file)
                .then(|| pid.parse().ok())
                .flatten()
        })
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_holder_is_found_by_device_and_inode() {
            let table = "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n\
                         2: FLOCK  ADVISORY  READ 22 fe:00:672 0 EOF\n\
                         2: -> FLOCK  ADVISORY  WRITE 44 fe:00:77 0 EOF\n\
                         3: FLOCK  ADVISORY  WRITE 33 fe:00:77 0 EOF\n\
                         cut sho";
            assert_eq!(super::pid_in(table, 0xfe, 0, 77), Some(33));
            assert_eq!(super::pid_in(table, 0xfe, 1, 77), None);
            assert_eq!(super::pid_in(table, 0xfe, 0, 7), None);
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod holder {
    pub(super) fn of(_file: &std::fs::File) -> Option<String> {
        None
    }
}
