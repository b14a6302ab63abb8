//! Claiming a target's part file: who owns it, what is in it, and whether that can be believed.
//!
//! A part file of ours never stands alone: its journal is made, still empty, in the same moment. So
//! whatever bears the name `NAME.part` without one beside it is somebody else's, is not touched, and
//! the next number is taken; and what a killed transfer left behind in its first second, before it
//! could journal anything, is known to be ours and begun anew.

mod attempt;

use std::io;
use std::sync::Arc;

use attempt::{Attempt, Outcome};

use super::journal::JournalState;
pub use super::names::PartNames;
use super::owned::Owned;
use super::storage::{Directory, StorageFile};
use crate::error::Error;
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

    /// Forgets what is held and empties the file. No later claim finds the old bytes, not even after a
    /// loss of power: another version's bytes may follow at once. A `JournalWriter` of this part file
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

/// A file's bytes, at most `limit` of them.
pub(crate) fn read_up_to(file: &dyn StorageFile, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; file.length()?.min(limit) as usize];
    let filled = read_full(file, 0, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Fills the buffer with a file's bytes from `start` on; returns how many there are.
pub(crate) fn read_full(file: &dyn StorageFile, start: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(start + filled as u64, &mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
