//! The finish of a transfer: the part file gets its final name, or is set aside, or goes.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::journal::JournalWriter;
use super::part_file::{ClaimedPart, ExistingFile, NUMBER_MAX, PartNames, remove_if_there};
use crate::error::Error;
use crate::filename::numbered;

/// What a published file bears beside its bytes.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// Where it came from, without userinfo and query.
    pub origin: Option<String>,
    /// Its time of last modification, since 1970.
    pub modified: Option<Duration>,
    /// Which version of the file it is: the validator, by which a later run recognises it.
    pub version: Option<Vec<u8>>,
}

/// Whether a file bears something that it did not before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marked {
    Yes,
    No,
}

impl ClaimedPart {
    /// Gives the complete and verified part file its final name, and returns that.
    ///
    /// The order is what makes it safe: the bytes are on disk before the name is, the announcement is
    /// on disk before the name changes, and the journal goes last. After a crash at any point, either
    /// the old state is there or the complete file; [`claim`](super::part_file::claim) does the rest.
    ///
    /// A transfer that was over before it ever journaled passes `None`. On success the journal is gone;
    /// after an error it is as it was, nothing is lost, and the call may be repeated.
    ///
    /// # Errors
    /// [`Error::TargetExists`] where the name was taken meanwhile and may not be replaced, [`Error::Disk`].
    pub fn publish(
        &self,
        journal: &mut Option<JournalWriter>,
        publication: &Publication,
    ) -> Result<String, Error> {
        self.settle(publication)?;
        self.give_name(journal)
    }

    /// The first half of [`Self::publish`]: the bytes and what they bear are safe on disk. After a failure nobody knows
    /// what is.
    pub(crate) fn settle(&self, publication: &Publication) -> Result<(), Error> {
        // Marks are no data: only a sync of everything keeps them, and that is one sync all the same.
        let synced = match self.mark(publication) {
            Marked::Yes => self.file.sync_all(),
            Marked::No => self.file.sync_data(),
        };
        synced.map_err(|error| self.disk("sync", &self.names.part, error))
    }

    /// The second half of [`Self::publish`], for bytes that are safe on disk already.
    pub(crate) fn give_name(&self, journal: &mut Option<JournalWriter>) -> Result<String, Error> {
        let name = self.rename_to_target(journal.as_mut())?;
        self.directory
            .sync()
            .map_err(|error| self.disk("sync the folder of", &name, error))?;
        drop(journal.take());
        if let Err(error) = remove_if_there(&*self.directory, &self.names.journal) {
            // The next claim of this name cleans it up.
            tracing::warn!(%error, journal = %self.names.journal, "the journal could not be removed");
        }
        Ok(name)
    }

    /// Sets bytes that proved to be the wrong ones aside as `NAME.rejected`, with a number where that is taken, and
    /// returns their path.
    ///
    /// # Errors
    /// [`Error::TargetExists`] where all numbers are taken, [`Error::Disk`].
    pub fn set_aside(self, journal: Option<JournalWriter>) -> Result<PathBuf, Error> {
        let rejected = self.rename_to_rejected()?;
        // The rename first: bytes without a journal would be nobody's.
        self.directory
            .sync()
            .map_err(|error| self.disk("sync the folder of", &rejected, error))?;
        self.remove_journal(journal)?;
        Ok(self.directory.path_of(&rejected))
    }

    /// Removes the part file and its journal.
    pub fn discard(self, journal: Option<JournalWriter>) -> Result<(), Error> {
        let part = &self.names.part;
        // Bytes first: a journal alone is known for what it is, bytes alone are not.
        remove_if_there(&*self.directory, part).map_err(|error| self.disk("remove", part, error))?;
        self.remove_journal(journal)
    }

    /// Marks are a courtesy: many file systems cannot keep them, and no download fails for that.
    fn mark(&self, publication: &Publication) -> Marked {
        let Publication {
            origin,
            modified,
            version,
        } = publication;
        let marks = [
            (
                "origin",
                origin.as_deref().map(|origin| self.file.mark_origin(origin)),
            ),
            (
                "modified",
                modified.map(|modified| self.file.set_modified(modified)),
            ),
            // Last: it holds for the file as it is by now, its time of modification included.
            (
                "version",
                version
                    .as_deref()
                    .map(|version| self.file.remember_version(version)),
            ),
        ];
        let mut marked = Marked::No;
        for (mark, done) in marks {
            match done {
                Some(Ok(())) => marked = Marked::Yes,
                Some(Err(error)) => tracing::debug!(%error, mark, "could not be noted on the file"),
                None => {}
            }
        }
        marked
    }

    fn rename_to_target(&self, mut journal: Option<&mut JournalWriter>) -> Result<String, Error> {
        let part = &self.names.part;
        for number in self.number..=NUMBER_MAX {
            let name = match self.existing {
                ExistingFile::Rename => numbered(&self.wanted, number),
                ExistingFile::Overwrite | ExistingFile::Refuse => self.target.clone(),
            };
            if let Some(journal) = journal.as_deref_mut()
                && let Err(error) = journal.record_publishing(&name)
            {
                // The bytes are safe and the rename is atomic without it. All that a crash right now
                // could cost is that the next run does not know the file for its own.
                tracing::warn!(%error, "the journal could not announce the final name");
            }
            let renamed = match self.existing {
                ExistingFile::Overwrite => self.directory.rename_over(part, &name),
                ExistingFile::Rename | ExistingFile::Refuse => self.directory.rename_new(part, &name),
            };
            match renamed {
                Ok(()) => return Ok(name),
                // An earlier call came this far; or the new name was linked, and the old one is still there.
                Err(_) if self.bears(&name)? => {
                    remove_if_there(&*self.directory, part)
                        .map_err(|error| self.disk("remove", part, error))?;
                    return Ok(name);
                }
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(self.disk("publish", &name, error));
                }
                Err(_) if self.existing == ExistingFile::Rename => {}
                Err(_) => break,
            }
        }
        Err(Error::TargetExists {
            path: self.directory.path_of(&self.target),
        })
    }

    /// Whose file `NAME.rejected` is, nobody can tell: it is never replaced.
    fn rename_to_rejected(&self) -> Result<String, Error> {
        let PartNames { part, rejected, .. } = &self.names;
        for number in 0..=NUMBER_MAX {
            let name = numbered(rejected, number);
            match self.directory.rename_new(part, &name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.disk("rename", part, error)),
            }
        }
        Err(Error::TargetExists {
            path: self.directory.path_of(rejected),
        })
    }

    /// Whether `name` is a name of the part file itself.
    fn bears(&self, name: &str) -> Result<bool, Error> {
        let same = || {
            let ours = self.file.identity()?;
            Ok(self
                .directory
                .lookup(name)?
                .is_some_and(|there| there.is_same_file(ours)))
        };
        same().map_err(|error| self.disk("look at", name, error))
    }

    fn remove_journal(&self, journal: Option<JournalWriter>) -> Result<(), Error> {
        drop(journal);
        remove_if_there(&*self.directory, &self.names.journal)
            .map_err(|error| self.disk("remove", &self.names.journal, error))
    }
}
