//! Which part files the transfers of this very process hold.
//!
//! The system's lock keeps two owners apart, but tells no system's programs alike who the other one is. Two downloads of
//! one name in one program are no mistake: the second one goes beside the first.

use std::sync::{Mutex, PoisonError};

use super::storage::FileIdentity;

/// One entry for each part file that is held, or about to be: never more than transfers.
static OWNED: Mutex<Vec<FileIdentity>> = Mutex::new(Vec::new());

/// This process holds a part file, or is about to, until this is dropped.
#[derive(Debug)]
pub(super) struct Owned {
    file: FileIdentity,
}

impl Owned {
    /// To be entered before the lock is tried: whoever fails to get it then sees its owner here.
    pub(super) fn enter(file: FileIdentity) -> Self {
        OWNED.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        Self { file }
    }

    /// Whether another transfer of this process holds the same file.
    pub(super) fn is_shared(&self) -> bool {
        let owned = OWNED.lock().unwrap_or_else(PoisonError::into_inner);
        owned.iter().filter(|&&file| file == self.file).nth(1).is_some()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let mut owned = OWNED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = owned.iter().position(|&file| file == self.file) {
            owned.swap_remove(index);
        }
    }
}
