//! Bringing a download's files to another folder or name: nothing is replaced, and whenever the program ends on the way,
//! the files are whole where the store says that they are.
//!
//! ```text
//! announce   the store notes what is about to be done
//! copy       each file gets a second name beside where it is to go: a link, or on another disk a copy that is synced
//! name       each of them gets its final name; the folder is synced
//! take over  the store leads to the new place, in one transaction with noting that the old one is to be left
//! leave      the old names go; the folder is synced
//! forget     the store's note goes
//! ```
//!
//! What a crash leaves behind, [`settle`] tidies up at the next start: before the takeover by going back, after it by
//! going on.

mod settle;
#[cfg(test)]
mod tests;

use std::io;

use gannet_engine::disk::part_file::PartNames;
use serde::{Deserialize, Serialize};

pub(crate) use settle::{settle_all, settle_one};

use crate::entry::Entry;
use crate::folders::OpenFolder;
use crate::leftovers;

/// Which files go where. The store keeps it while it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Folders by their paths.
    pub(crate) from: String,
    pub(crate) to: String,
    /// Old and new names, in the order in which they come: a journal before its part file, which is never seen without.
    names: Vec<(String, String)>,
    /// Makes the names under which files arrive nobody else's.
    token: String,
    pub(crate) stage: Stage,
}

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The store leads to the old place, where everything is whole.
    Bringing,
    /// The store leads to the new place, where everything is whole.
    Leaving,
}

/// One step. Between any two, and within each, the program may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Announce,
    Copy(usize),
    Name(usize),
    SyncThere,
    TakeOver,
    Leave(usize),
    SyncHere,
    Forget,
}

/// The two folders, held open.
#[derive(Debug)]
pub(crate) struct Folders {
    pub(crate) here: OpenFolder,
    pub(crate) there: OpenFolder,
}

impl Plan {
    /// A plan for all files that a download has by now.
    ///
    /// # Errors
    /// Whatever the system says when it looks for them; `NotFound` where a finished file is gone.
    pub(crate) fn new(entry: &Entry, to: String, new_name: &str, here: &OpenFolder) -> io::Result<Self> {
        let name = entry.name.as_str();
        let mut names = Vec::new();
        if entry.is_finished() {
            if !here.exists(name)? {
                return Err(io::ErrorKind::NotFound.into());
            }
            names.push((name.to_owned(), new_name.to_owned()));
        } else {
            let (old, new) = (PartNames::of(name), PartNames::of(new_name));
            leftovers::clear(here, &old)?;
            // A part file without a journal beside it is somebody else's.
            if here.exists(&old.journal)? {
                let has_part = here.exists(&old.part)?;
                names.push((old.journal, new.journal));
                names.extend(has_part.then_some((old.part, new.part)));
            }
        }
        Ok(Self {
            from: entry.folder.as_str().to_owned(),
            to,
            names,
            token: format!("{:016x}", fastrand::u64(..)),
            stage: Stage::Bringing,
        })
    }

    /// A plan that leaves all files where they are.
    pub(crate) fn nothing(entry: &Entry) -> Self {
        let place = entry.folder.as_str().to_owned();
        Self {
            from: place.clone(),
            to: place,
            names: Vec::new(),
            token: String::new(),
            stage: Stage::Bringing,
        }
    }

    /// All steps, in order.
    pub(crate) fn steps(&self) -> Vec<Step> {
        if self.names.is_empty() {
            return vec![Step::TakeOver];
        }
        let files = 0..self.names.len();
        let mut steps = vec![Step::Announce];
        steps.extend(files.clone().map(Step::Copy));
        steps.extend(files.clone().map(Step::Name));
        steps.extend([Step::SyncThere, Step::TakeOver]);
        steps.extend(files.rev().map(Step::Leave));
        steps.extend([Step::SyncHere, Step::Forget]);
        steps
    }

    /// The same move, once the store leads to the new place.
    pub(crate) fn leaving(&self) -> Self {
        Self {
            stage: Stage::Leaving,
            ..self.clone()
        }
    }

    /// Does what a step does to files; those of the store are not for here. Blocks, for long where that is another disk.
    ///
    /// # Errors
    /// `AlreadyExists` where something bears a name there; whatever else the system says.
    pub(crate) fn carry_out(&self, step: Step, folders: &Folders) -> io::Result<()> {
        let Folders { here, there } = folders;
        match step {
            Step::Copy(file) => copy(here, &self.names[file].0, there, &self.arriving(file)),
            Step::Name(file) => there.rename(&self.arriving(file), there, &self.names[file].1),
            Step::SyncThere => there.sync(),
            Step::Leave(file) => self.leave(file, folders),
            Step::SyncHere => here.sync(),
            Step::Announce | Step::TakeOver | Step::Forget => Ok(()),
        }
    }

    /// Undoes everything before the takeover: the old place is as it was. What lies at the new one under a final name goes
    /// only where it is certain to be ours. Blocks.
    pub(crate) fn take_back(&self, folders: &Folders) -> io::Result<()> {
        let Folders { here, there } = folders;
        // The journal is the last to go, as it was the first to come.
        for (file, (old, new)) in self.names.iter().enumerate().rev() {
            let arriving = self.arriving(file);
            if here.exists(old)? {
                if there.is_copy(new, here, old)? {
                    there.remove(new)?;
                }
                there.remove(&arriving)?;
            } else if there.exists(&arriving)? {
                // A disk without links: it was not copied but renamed.
                there.rename(&arriving, here, old)?;
            } else if there.exists(new)? {
                there.rename(new, here, old)?;
            }
        }
        here.sync()?;
        there.sync()
    }

    /// Does all that is left after the takeover. Blocks.
    pub(crate) fn leave_all(&self, folders: &Folders) -> io::Result<()> {
        for file in (0..self.names.len()).rev() {
            self.leave(file, folders)?;
        }
        folders.here.sync()
    }

    /// Removes what stands under an old name, if the new one bears it too.
    fn leave(&self, file: usize, folders: &Folders) -> io::Result<()> {
        let (old, new) = &self.names[file];
        if folders.there.exists(new)? {
            folders.here.remove(old)?;
        }
        Ok(())
    }

    /// The name under which a file arrives: as short as any that it may get.
    fn arriving(&self, file: usize) -> String {
        format!(".gannet-{}-{file}", self.token)
    }
}

/// Puts a file under a second name, on another disk as a copy. Nothing of a copy that failed stays.
fn copy(from: &OpenFolder, name: &str, to: &OpenFolder, new_name: &str) -> io::Result<()> {
    match from.link(name, to, new_name) {
        Ok(()) => return Ok(()),
        Err(error) => match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => return Err(error),
            io::ErrorKind::CrossesDevices => {}
            // A disk that knows no links still renames, and goes back by the store's note.
            _ => match from.rename(name, to, new_name) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
                result => return result,
            },
        },
    }
    let mut source = from.open_file(name)?;
    let mut copy = to.create_file(new_name)?;
    let copied = io::copy(&mut source, &mut copy).and_then(|_| {
        if let Ok(modified) = source.metadata().and_then(|metadata| metadata.modified()) {
            // By it a copy is known again; one that cannot bear it is left lying rather than taken for ours.
            let _ = copy.set_modified(modified);
        }
        copy.sync_all()
    });
    if let Err(error) = copied {
        to.remove(new_name)?;
        return Err(error);
    }
    Ok(())
}
