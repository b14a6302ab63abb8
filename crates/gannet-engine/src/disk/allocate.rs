//! Giving a file its whole length at once, the quickest way that each file system has.
//!
//! Never `posix_fallocate`: where the file system cannot reserve, it writes every block, and over a
//! concurrent writer.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::io::Errno;

use super::storage::Allocation;

/// Gives `file` exactly `length` bytes; `StorageFull` where the space is known not to be there, and
/// the file is then as long as it was.
pub(super) fn allocate(file: &File, length: u64) -> io::Result<Allocation> {
    let metadata = file.metadata()?;
    if metadata.len() > length {
        file.set_len(length)?;
    }
    if length == 0 {
        return Ok(Allocation::Reserved);
    }
    check_free_space(file, length)?;
    if way_of(file)? == Way::Reserve {
        match reserve(file, length) {
            Ok(()) => return Ok(Allocation::Reserved),
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::NODEV) => {}
            Err(errno) => {
                // What was reserved before the space ran out goes back.
                file.set_len(metadata.len().min(length))?;
                return Err(errno.into());
            }
        }
    }
    file.set_len(length)?;
    Ok(Allocation::Sparse)
}

/// Bytes that this process may still write on the file system of `at`.
pub(super) fn free_bytes(at: impl AsFd) -> io::Result<Option<u64>> {
    let stat = rustix::fs::fstatvfs(at)?;
    // Some network and FUSE file systems report nothing at all: that is "unknown", not "full".
    Ok((stat.f_blocks > 0).then(|| stat.f_bavail.saturating_mul(stat.f_frsize)))
}

/// How a file system is best asked for space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It reserves blocks without writing them.
    Reserve,
    /// It cannot, or only slowly: the length alone is set.
    LengthOnly,
}

fn check_free_space(file: &File, length: u64) -> io::Result<()> {
    let held = file.metadata()?.blocks().saturating_mul(512);
    match free_bytes(file)? {
        Some(free) if free < length.saturating_sub(held) => Err(Errno::NOSPC.into()),
        _ => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn way_of(file: &File) -> io::Result<Way> {
    // The type of the number has another width and sign on each architecture.
    Ok(way_of_magic(rustix::fs::fstatfs(file)?.f_type as u64))
}

/// By the magic numbers of statfs(2).
#[cfg(target_os = "linux")]
fn way_of_magic(magic: u64) -> Way {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    const FUSE: u64 = 0x6573_5546;
    const FAT: u64 = 0x4d44;
    const EXFAT: u64 = 0x2011_bab0;
    const NTFS3: u64 = 0x7366_746e;
    const NFS: u64 = 0x6969;
    // A 32-bit system sign-extends the number.
    match magic & 0xffff_ffff {
        // fallocate works on tmpfs, and fills a GiB with zeros in 0.3 s.
        TMPFS | RAMFS | FUSE | FAT | EXFAT | NTFS3 | NFS => Way::LengthOnly,
        _ => Way::Reserve,
    }
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, length: u64) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, length))
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "where it is asked for, the answer may fail"
)]
fn way_of(_file: &File) -> io::Result<Way> {
    Ok(if cfg!(target_vendor = "apple") {
        Way::Reserve
    } else {
        Way::LengthOnly
    })
}

/// `F_PREALLOCATE` of everything, then `ftruncate`, best effort: APFS may decline for reasons of its own.
#[cfg(target_vendor = "apple")]
fn reserve(file: &File, length: u64) -> Result<(), Errno> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, length) {
        Err(errno) if errno != Errno::NOSPC => Err(Errno::OPNOTSUPP),
        result => result,
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn reserve(_file: &File, _length: u64) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_way_follows_the_file_system() {
        for (magic, way) in [
            (0xef53, Way::Reserve),         // ext4
            (0x5846_5342, Way::Reserve),    // xfs
            (0x9123_683e, Way::Reserve),    // btrfs
            (0x1234_5678, Way::Reserve),    // unknown: it says EOPNOTSUPP itself
            (0x0102_1994, Way::LengthOnly), // tmpfs
            (0x6573_5546, Way::LengthOnly), // FUSE
            (0x2011_bab0, Way::LengthOnly), // exFAT
            (0x4d44, Way::LengthOnly),      // FAT
            (0x6969, Way::LengthOnly),      // NFS
        ] {
            assert_eq!(way_of_magic(magic), way, "{magic:#x}");
        }
    }

    #[test]
    fn bytes_already_there_survive_an_allocation() {
        use std::os::unix::fs::FileExt;
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"kept", 0).unwrap();
        allocate(&file, 1 << 20).unwrap();
        let mut start = [0; 5];
        file.read_exact_at(&mut start, 0).unwrap();
        assert_eq!(&start, b"kept\0");
        assert_eq!(file.metadata().unwrap().len(), 1 << 20);
    }

    #[test]
    fn a_longer_file_is_cut() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 20).unwrap();
        allocate(&file, 1000).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 1000);
    }

    #[test]
    fn what_cannot_fit_is_refused_at_once_and_leaves_no_trace() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(10).unwrap();
        let error = allocate(&file, 1 << 50).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.metadata().unwrap().len(), 10);
    }
}
