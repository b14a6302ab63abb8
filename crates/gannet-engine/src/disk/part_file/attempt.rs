//! One try at one of the names that a part file may have: whose is what bears it, and what is it worth?

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{
    Adoption, Claim, ClaimedPart, ExistingFile, Held, PartNames, read_up_to, remove_if_there, reset_journal,
};
use crate::disk::journal::{self, JOURNAL_BYTES_MAX, JournalState};
use crate::disk::owned::Owned;
use crate::disk::storage::{Directory, LockAttempt, StorageFile};
use crate::error::Error;
use crate::filename::numbered;

/// What an [`Attempt`] came to.
pub(super) enum Outcome {
    Claimed(Box<Claim>),
    /// The name is somebody else's.
    Taken,
    /// Somebody came in between; the same name has to be looked at anew.
    Raced,
}

/// What stands under a journal's name.
enum JournalFile {
    Missing,
    /// Nothing was journaled before the transfer ended.
    Empty,
    /// A journal once, but not one record of it is good.
    Damaged,
    /// Another version of Gannet wrote it: what it says is right, and cannot be read.
    OtherVersion(u32),
    /// Nothing that we ever wrote.
    Foreign,
    Good(JournalState),
}

/// One try at one number.
pub(super) struct Attempt<'a> {
    directory: &'a Arc<dyn Directory>,
    names: PartNames,
    wanted: &'a str,
    number: u32,
    target: String,
    existing: ExistingFile,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        directory: &'a Arc<dyn Directory>,
        wanted: &'a str,
        number: u32,
        existing: ExistingFile,
    ) -> Self {
        let base = numbered(wanted, number);
        let names = PartNames::of(&base);
        let target = match existing {
            ExistingFile::Rename => base,
            // Only the part file evades; the target is what the user said.
            ExistingFile::Overwrite | ExistingFile::Refuse => wanted.to_owned(),
        };
        Self {
            directory,
            names,
            wanted,
            number,
            target,
            existing,
        }
    }

    pub(super) fn run(&self) -> Result<Outcome, Error> {
        match self.directory.open(&self.names.part) {
            Ok(file) => match self.lock(&*file)? {
                ControlFlow::Continue(owned) => self.adopt(file, owned),
                ControlFlow::Break(outcome) => Ok(outcome),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.without_part(),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(Outcome::Taken),
            Err(error) => Err(self.disk("open", &self.names.part, error)),
        }
    }

    /// Goes on where the lock is ours and the file still bears the part file's name: between opening and locking, its
    /// owner may have published it.
    fn lock(&self, file: &dyn StorageFile) -> Result<ControlFlow<Outcome, Owned>, Error> {
        let part = &self.names.part;
        let ours = file
            .identity()
            .map_err(|error| self.disk("look at", part, error))?;
        let owned = Owned::enter(ours);
        match file.try_lock().map_err(|error| self.disk("lock", part, error))? {
            LockAttempt::HeldBy(_) if self.existing == ExistingFile::Rename && owned.is_shared() => {
                Ok(ControlFlow::Break(Outcome::Taken))
            }
            LockAttempt::HeldBy(holder) => Err(Error::TargetBusy {
                path: self.directory.path_of(&self.target),
                holder,
            }),
            LockAttempt::Locked => {
                let named = self
                    .directory
                    .lookup(part)
                    .map_err(|error| self.disk("look at", part, error))?;
                Ok(if named.is_some_and(|named| named.is_same_file(ours)) {
                    ControlFlow::Continue(owned)
                } else {
                    ControlFlow::Break(Outcome::Raced)
                })
            }
        }
    }

    fn without_part(&self) -> Result<Outcome, Error> {
        let journal = self.read_journal()?;
        match &journal {
            JournalFile::Foreign => return Ok(Outcome::Taken),
            JournalFile::OtherVersion(version) => return Err(self.of_other_version(*version)),
            JournalFile::Good(state) => {
                if let Some(name) = self.published_name(state)? {
                    return self.finish_publication(name, state.clone());
                }
            }
            JournalFile::Missing | JournalFile::Empty | JournalFile::Damaged => {}
        }
        let exists = self
            .directory
            .exists(&self.target)
            .map_err(|error| self.disk("look at", &self.target, error))?;
        let gives_way = exists && self.existing != ExistingFile::Overwrite;
        if gives_way && !matches!(journal, JournalFile::Missing) {
            // Left behind by a crash right before its removal.
            let _best_effort = self.directory.remove(&self.names.journal);
        }
        match self.existing {
            ExistingFile::Rename if exists => Ok(Outcome::Taken),
            ExistingFile::Refuse if exists => Err(Error::TargetExists {
                path: self.directory.path_of(&self.target),
            }),
            _ => self.create(&journal),
        }
    }

    fn create(&self, leftover: &JournalFile) -> Result<Outcome, Error> {
        let PartNames { part, journal, .. } = &self.names;
        let is_new = matches!(leftover, JournalFile::Missing);
        if is_new {
            // Before the part file: where the file system keeps the order, that is never seen alone.
            match self.directory.create_new(journal) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Outcome::Raced),
                Err(error) => return Err(self.disk("create", journal, error)),
            }
        }
        let file = match self.directory.create_new(part) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Outcome::Raced),
            Err(error) => {
                if is_new {
                    let _best_effort = self.directory.remove(journal);
                }
                return Err(self.disk("create", part, error));
            }
        };
        let owned = match self.lock(&*file)? {
            ControlFlow::Continue(owned) => owned,
            ControlFlow::Break(outcome) => return Ok(outcome),
        };
        // An old journal must not speak for the new file. Under the lock: it could be somebody's by now.
        reset_journal(&**self.directory, journal).map_err(|error| self.disk("reset", journal, error))?;
        Ok(self.claimed(file, owned, Held::Nothing))
    }

    /// Decides what a part file that was there, now locked, is worth.
    fn adopt(&self, file: Box<dyn StorageFile>, owned: Owned) -> Result<Outcome, Error> {
        let part = &self.names.part;
        let length = file.length().map_err(|error| self.disk("look at", part, error))?;
        let mut state = match self.read_journal()? {
            JournalFile::Good(state) => state,
            JournalFile::Foreign => return Ok(Outcome::Taken),
            JournalFile::Missing if length > 0 => return Ok(Outcome::Taken),
            JournalFile::OtherVersion(version) => return Err(self.of_other_version(version)),
            JournalFile::Missing => {
                let journal = &self.names.journal;
                self.directory
                    .create_new(journal)
                    .map_err(|error| self.disk("create", journal, error))?;
                return Ok(self.claimed(file, owned, Held::Nothing));
            }
            // The pair is ours, but nothing vouches for a single byte.
            JournalFile::Empty | JournalFile::Damaged => {
                file.set_length(0)
                    .map_err(|error| self.disk("empty", part, error))?;
                return Ok(self.claimed(file, owned, Held::Nothing));
            }
        };
        let identity = file
            .identity()
            .map_err(|error| self.disk("look at", part, error))?;
        state.written.truncate(length);
        let adoption = if identity.is_same_file(state.part) {
            Adoption::SameFile
        } else {
            Adoption::NeedsSample
        };
        let whole = state.written.is_whole(state.complete_length) && length == state.complete_length;
        if adoption == Adoption::NeedsSample || !whole {
            state.publishing = None;
        }
        if let Some(name) = self.published_name(&state)? {
            // Linked under its final name, but not yet unlinked here: the second half of a rename.
            remove_if_there(&**self.directory, part).map_err(|error| self.disk("remove", part, error))?;
            return self.finish_publication(name, state);
        }
        if state.publishing.is_some() {
            // Whole, verified and synced, as the record says; only the name is missing.
            let name = self.part(file, owned, Held::Nothing).give_name(&mut None)?;
            return Ok(Outcome::Claimed(Box::new(Claim::Published { name, state })));
        }
        Ok(self.claimed(file, owned, Held::Bytes { state, adoption }))
    }

    /// The final name that the journal announced, where the very file it speaks of bears that name.
    fn published_name(&self, state: &JournalState) -> Result<Option<String>, Error> {
        let Some(name) = &state.publishing else {
            return Ok(None);
        };
        let there = self
            .directory
            .lookup(name)
            .map_err(|error| self.disk("look at", name, error))?;
        Ok(there
            .filter(|there| there.is_same_file(state.part))
            .map(|_| name.clone()))
    }

    /// Does what is left of a publication after its rename.
    fn finish_publication(&self, name: String, state: JournalState) -> Result<Outcome, Error> {
        if let Ok(file) = self.directory.open(&name)
            && let Ok(LockAttempt::HeldBy(holder)) = file.try_lock()
        {
            // Not a crash: its owner is about to do this.
            if self.existing == ExistingFile::Rename && Owned::enter(state.part).is_shared() {
                return Ok(Outcome::Taken);
            }
            return Err(Error::TargetBusy {
                path: self.directory.path_of(&name),
                holder,
            });
        }
        self.directory
            .sync()
            .map_err(|error| self.disk("sync the folder of", &name, error))?;
        let journal = &self.names.journal;
        remove_if_there(&**self.directory, journal).map_err(|error| self.disk("remove", journal, error))?;
        Ok(Outcome::Claimed(Box::new(Claim::Published { name, state })))
    }

    fn read_journal(&self) -> Result<JournalFile, Error> {
        let name = &self.names.journal;
        let file = match self.directory.open(name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(JournalFile::Missing),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(JournalFile::Foreign),
            Err(error) => return Err(self.disk("open", name, error)),
        };
        let bytes = read_up_to(&*file, JOURNAL_BYTES_MAX).map_err(|error| self.disk("read", name, error))?;
        Ok(if bytes.is_empty() {
            JournalFile::Empty
        } else if let Some(state) = journal::decode(&bytes) {
            JournalFile::Good(state)
        } else if let Some(version) = journal::foreign_version(&bytes) {
            JournalFile::OtherVersion(version)
        } else if journal::is_journal(&bytes) {
            JournalFile::Damaged
        } else {
            JournalFile::Foreign
        })
    }

    /// Neither dropped nor passed by in silence: it may be most of a large file.
    fn of_other_version(&self, version: u32) -> Error {
        let PartNames { part, journal, .. } = &self.names;
        Error::InvalidRequest {
            what: format!(
                "{} was begun by another version of Gannet (journal format {version}): finish it with that one, choose \
                 another name (-o), or remove it together with {journal}",
                self.directory.path_of(part).display(),
            ),
        }
    }

    fn claimed(&self, file: Box<dyn StorageFile>, owned: Owned, held: Held) -> Outcome {
        Outcome::Claimed(Box::new(Claim::Part(self.part(file, owned, held))))
    }

    fn part(&self, file: Box<dyn StorageFile>, owned: Owned, held: Held) -> ClaimedPart {
        ClaimedPart {
            directory: Arc::clone(self.directory),
            file: Arc::from(file),
            names: self.names.clone(),
            wanted: self.wanted.to_owned(),
            number: self.number,
            target: self.target.clone(),
            existing: self.existing,
            held,
            _owned: owned,
        }
    }

    fn disk(&self, operation: &'static str, name: &str, error: io::Error) -> Error {
        Error::disk(operation, self.directory.path_of(name), error)
    }
}
