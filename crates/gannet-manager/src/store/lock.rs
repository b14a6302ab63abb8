//! One process owns the store: a lock of the operating system, which ends with the process however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// The owner's mark. The lock ends when it is dropped.
#[derive(Debug)]
pub(crate) struct StoreLock {
    _file: File,
}

/// What came of trying.
pub(crate) enum Locking {
    Ours(StoreLock),
    /// Somebody else has it; who, as far as he wrote it down.
    HeldBy(Option<String>),
}

/// Longer names of holders are not read.
const HOLDER_BYTES_MAX: u64 = 200;

impl StoreLock {
    /// Takes the lock in `folder`, and writes down who has it.
    pub(crate) fn take(folder: &Path) -> io::Result<Locking> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(folder.join("store.lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who has it is a courtesy: where it cannot be read, it is not said.
                let _ = (&mut file).take(HOLDER_BYTES_MAX).read_to_string(&mut holder);
                let holder = holder.trim().to_owned();
                return Ok(Locking::HeldBy((!holder.is_empty()).then_some(holder)));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", holder())?;
        Ok(Locking::Ours(Self { _file: file }))
    }
}

fn holder() -> String {
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "gannet".to_owned());
    format!("{program} (process {})", std::process::id())
}
