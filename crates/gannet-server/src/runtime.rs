//! Where the owner of a store can be reached: a file beside the store that other programs of the same user read.
//!
//! The owner holds a lock on a file beside it for as long as it lives. So what a crash left behind is known for what it
//! is, and nobody shows the token to a stranger who listens on that port now.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::private_file;

const FILE_NAME: &str = "runtime.json";
const LOCK_NAME: &str = "runtime.lock";
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Where the owner of a store can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `http://127.0.0.1:6900`
    pub url: String,
    /// The file that holds the token.
    pub token_file: PathBuf,
    /// The process.
    pub pid: u32,
    /// The program's version.
    pub program_version: String,
    /// [`gannet_schema::SCHEMA_VERSION`] of the program.
    pub schema_version: u32,
}

/// Says where the owner is for as long as it is held.
#[derive(Debug)]
pub struct Announcement {
    file: PathBuf,
    /// Locked until the process ends, however that comes.
    _lock: File,
}

impl Announcement {
    /// Announces the owner of the store in `data_dir`.
    ///
    /// # Errors
    /// Where the files cannot be written, or another owner is announced and alive.
    pub fn make(data_dir: &Path, owner: &Owner) -> io::Result<Self> {
        let lock = private_file::open_lock(&data_dir.join(LOCK_NAME))?;
        take(&lock)?;
        let file = data_dir.join(FILE_NAME);
        // What a crash left would count as alive from now on, and lead to whoever has its port today.
        if let Err(error) = fs::remove_file(&file)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        private_file::replace_for_now(&file, &serde_json::to_vec_pretty(owner)?)?;
        Ok(Self { file, _lock: lock })
    }
}

/// Who only looks whether somebody is there holds the lock for a moment; an owner holds it longer than that.
fn take(lock: &File) -> io::Result<()> {
    const TRIES: u32 = 20;
    const BETWEEN: Duration = Duration::from_millis(10);
    for _ in 1..TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN),
            other => return other.map_err(io::Error::from),
        }
    }
    Ok(lock.try_lock()?)
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // What stays is known for stale, since the lock goes.
        let _ = fs::remove_file(&self.file);
    }
}

/// The living owner of the store in `data_dir`; `None` where nobody owns it now.
pub fn find_owner(data_dir: &Path) -> io::Result<Option<Owner>> {
    let lock = match File::open(data_dir.join(LOCK_NAME)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match lock.try_lock_shared() {
        Ok(()) => return Ok(None),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    match private_file::read(&data_dir.join(FILE_NAME), FILE_BYTES_MAX) {
        Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
        // It is just beginning or ending.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            url: "http://127.0.0.1:6900".to_owned(),
            token_file: "token".into(),
            pid: 7,
            program_version: "1.0.0".to_owned(),
            schema_version: 1,
        }
    }

    #[test]
    fn an_owner_is_found_while_it_lives() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find_owner(folder.path()).unwrap(), None);
        let announcement = Announcement::make(folder.path(), &owner()).unwrap();
        assert_eq!(find_owner(folder.path()).unwrap(), Some(owner()));
        assert!(Announcement::make(folder.path(), &owner()).is_err());
        drop(announcement);
        assert_eq!(find_owner(folder.path()).unwrap(), None);
    }

    #[test]
    fn what_a_crash_left_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let announcement = Announcement::make(folder.path(), &owner()).unwrap();
        let left = fs::read(folder.path().join(FILE_NAME)).unwrap();
        drop(announcement);
        fs::write(folder.path().join(FILE_NAME), left).unwrap();
        assert_eq!(find_owner(folder.path()).unwrap(), None);
    }
}
