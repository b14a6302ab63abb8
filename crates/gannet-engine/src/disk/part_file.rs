//! Claiming a target's part file: who owns it, what is in it, and whether that can be believed.
//!
//! A part file of ours never stands alone: its journal is made, still empty, in the same moment. So
//! whatever bears the name `NAME.part` without one beside it is somebody else's, is not touched, and
//! the next number is taken; and what a killed transfer left behind in its first second, before it
//! could journal anything, is known to be ours and begun anew.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::journal::{self, JOURNAL_BYTES_MAX, JournalState, JournalWriter};
pub use super::names::PartNames;
use super::owned::Owned;
use super::storage::{Directory, LockAttempt, StorageFile};
use crate::error::Error;
use crate::filename::numbered;
use crate::range::RangeSet;

/// The highest number that a name gets before giving up.
pub(super) const NUMBER_MAX: u32 = 9_999;

/// How often others may come in between before a claim gives up.
const RACES_MAX: u32 = 32;

/// What happens to a file that bears the target's name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingFile {
    /// It stays, and the new one gets ` (1)`, as in a browser; so it does beside a transfer of the same process.
    Rename,
    /// It is replaced, in the moment in which the new one is complete.
    Overwrite,
    /// The transfer fails with [`Error::TargetExists`].
    Refuse,
}

/// What [`claim`] found.
#[derive(Debug)]
pub enum Claim {
    /// A part file to go on with or to begin; it is ours until it is dropped.
    Part(ClaimedPart),
    /// An earlier run got as far as the final name; its finish is completed now.
    Published {
        /// The name that the complete file bears.
        name: String,
        /// Which file that is.
        state: JournalState,
    },
}

/// A part file under our lock.
pub struct ClaimedPart {
    pub(super) directory: Arc<dyn Directory>,
    pub(super) file: Arc<dyn StorageFile>,
    pub(super) names: PartNames,
    pub(super) wanted: String,
    pub(super) number: u32,
    pub(super) target: String,
    pub(super) existing: ExistingFile,
    held: Held,
    _owned: Owned,
}

/// What a claimed part file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing: it is empty.
    Nothing,
    /// What its journal says, as far as the part file bears it out.
    Bytes {
        /// Length, validator and ranges.
        state: JournalState,
        /// How far the ranges can be believed.
        adoption: Adoption,
    },
}

/// How far a journal's ranges can be believed, beyond its validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// The part file is the one that the journal was written for.
    SameFile,
    /// It is another one of the same name, a restored copy perhaps: a sample of it has to be compared
    /// with the server's bytes.
    NeedsSample,
}

/// Claims the part file for `target`, an old one or a new and empty one.
///
/// # Errors
/// [`Error::TargetBusy`] where another transfer is at work on it and this one cannot go beside it,
/// [`Error::TargetExists`] where a file bears the name and may not be replaced, [`Error::Disk`].
pub fn claim(directory: &Arc<dyn Directory>, target: &str, existing: ExistingFile) -> Result<Claim, Error> {
    let mut races = 0;
    let mut number = 0;
    while number <= NUMBER_MAX {
        match Attempt::new(directory, target, number, existing).run()? {
            Outcome::Claimed(claim) => return Ok(*claim),
            Outcome::Taken => number += 1,
            Outcome::Raced => {
                races += 1;
                if races > RACES_MAX {
                    return Err(Error::TargetBusy {
                        path: directory.path_of(target),
                        holder: None,
                    });
                }
            }
        }
    }
    Err(Error::TargetExists {
        path: directory.path_of(target),
    })
}

impl ClaimedPart {
    /// The part file itself.
    pub fn file(&self) -> &Arc<dyn StorageFile> {
        &self.file
    }

    /// What was in it when it was claimed.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// The name that the complete file is to bear, as things stand.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The path of a name in the target's folder.
    pub fn path_of(&self, name: &str) -> std::path::PathBuf {
        self.directory.path_of(name)
    }

    /// Its own name and those beside it.
    pub fn names(&self) -> &PartNames {
        &self.names
    }

    /// What the journal of this part file has to say at first. `written` is on disk already: what was
    /// held, or nothing.
    pub fn journal_state(
        &self,
        complete_length: u64,
        validator: Vec<u8>,
        written: RangeSet,
    ) -> Result<JournalState, Error> {
        journal_state_of(&*self.file, complete_length, validator, written)
            .map_err(|error| self.disk("look at", &self.names.part, error))
    }

    /// Begins the journal, in place of the one that an earlier run left.
    pub fn begin_journal(&self, state: JournalState) -> Result<JournalWriter, Error> {
        JournalWriter::begin(Arc::clone(&self.directory), &self.names.journal, state)
            .map_err(|error| self.disk("write", &self.names.journal, error))
    }

    /// Forgets what is held and empties the file. No later claim finds the old bytes, not even after a
    /// loss of power: another version's bytes may follow at once. A [`JournalWriter`] of this part file
    /// ends before, and a new one begins.
    pub fn start_over(&mut self) -> Result<(), Error> {
        reset_journal(&*self.directory, &self.names.journal)
            .map_err(|error| self.disk("reset", &self.names.journal, error))?;
        self.file
            .set_length(0)
            .map_err(|error| self.disk("empty", &self.names.part, error))?;
        self.held = Held::Nothing;
        Ok(())
    }

    pub(super) fn disk(&self, operation: &'static str, name: &str, error: io::Error) -> Error {
        Error::disk(operation, self.directory.path_of(name), error)
    }
}

impl std::fmt::Debug for ClaimedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClaimedPart")
            .field("part", &self.directory.path_of(&self.names.part))
            .field("target", &self.target)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// What the journal of a part file has to say at first.
pub(crate) fn journal_state_of(
    part: &dyn StorageFile,
    complete_length: u64,
    validator: Vec<u8>,
    written: RangeSet,
) -> io::Result<JournalState> {
    Ok(JournalState {
        complete_length,
        validator,
        part: part.identity()?,
        written,
        publishing: None,
    })
}

/// Removes a file; one that is gone already is as good.
pub(super) fn remove_if_there(directory: &dyn Directory, name: &str) -> io::Result<()> {
    match directory.remove(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Makes a journal say nothing, durably, and without a moment in which it is not there.
fn reset_journal(directory: &dyn Directory, name: &str) -> io::Result<()> {
    match directory.open(name) {
        Ok(journal) if journal.length()? == 0 => Ok(()),
        Ok(journal) => {
            journal.set_length(0)?;
            journal.sync_data()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => directory.create_new(name).map(drop),
        Err(error) => Err(error),
    }
}

/// What an [`Attempt`] came to.
enum Outcome {
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
struct Attempt<'a> {
    directory: &'a Arc<dyn Directory>,
    names: PartNames,
    wanted: &'a str,
    number: u32,
    target: String,
    existing: ExistingFile,
}

impl<'a> Attempt<'a> {
    fn new(directory: &'a Arc<dyn Directory>, wanted: &'a str, number: u32, existing: ExistingFile) -> Self {
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

    fn run(&self) -> Result<Outcome, Error> {
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

/// A file's bytes, at most `limit` of them.
pub(super) fn read_up_to(file: &dyn StorageFile, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; file.length()?.min(limit) as usize];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(filled as u64, &mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
