//! The last step: a whole file gets its name, or stays where the next run finds it.

use std::sync::Arc;
use std::time::Instant;

use super::Life;
use crate::disk::part_file::ClaimedPart;
use crate::disk::storage::Directory;
use crate::disk::sync::Journal;
use crate::error::Error;
use crate::progress::{Event, Finished, Outcome, Phase};
use crate::range::RangeSet;
use crate::transfer::part::{RestingPart, WorkingPart};
use crate::transfer::tally::Moving;
use crate::transfer::target;
use crate::verify::Verification;

impl Life {
    pub(super) async fn publish(
        mut self,
        claimed: ClaimedPart,
        part: WorkingPart,
        length: u64,
        verification: Verification,
    ) -> Result<Finished, Error> {
        let moving = Moving {
            phase: Phase::Publishing,
            // Whatever left the file on the way is told before its end.
            written: part.written().picture(),
            hashed_bytes: length,
            connections: 0,
            workers: Vec::new(),
        };
        self.tally.report(moving, Instant::now());
        let source = self.sources.primary();
        let publication = target::publication(&source.current(), source.known().as_deref());
        let directory = Arc::clone(&part.directory);
        let publish = move |RestingPart { journal, written }| {
            // The gatekeeper: nothing gets its name while a byte is missing.
            if !written.set.is_whole(length) {
                let bytes = written.set.bytes();
                return Err(Error::Internal(format!("{bytes} of {length} bytes are there")));
            }
            claimed.settle(&publication)?;
            let (mut writer, unwritten) = journal.into_parts();
            let published = refuse_cut_file(&claimed, length).and_then(|()| claimed.give_name(&mut writer));
            Ok(match published {
                Ok(name) => Ok(claimed.path_of(&name)),
                Err(error) => {
                    let journal = writer.map(Journal::Open).or(unwritten);
                    let kept_bytes = keep(&claimed, &directory, journal, written.set);
                    Err(Unpublished { error, kept_bytes })
                }
            })
        };
        match part.finish(publish).await {
            Ok(Ok(path)) => Ok(self.finished(path, length, verification, Outcome::Downloaded)),
            Ok(Err(Unpublished { error, kept_bytes })) => {
                Err(self.ended_keeping(kept_bytes.max(self.held_bytes), error))
            }
            Err(failed) => {
                let error = self.failed_to_end(failed);
                Err(self.ended_keeping(self.held_bytes, error))
            }
        }
    }

    /// The transfer ends with `error`; tells what the next one goes on with.
    pub(super) fn ended_keeping(&self, bytes: u64, error: Error) -> Error {
        if bytes > 0 && !self.is_for_this_run_alone {
            self.tally.event(&Event::Kept { bytes });
        }
        error
    }
}

/// A whole file that could not be given its name.
struct Unpublished {
    error: Error,
    /// How much of it the next run finds.
    kept_bytes: u64,
}

/// Leaves a part file that is safe on disk so that the next run finds it, also where it came too fast to be journaled;
/// returns how much of it that is.
fn keep(
    claimed: &ClaimedPart,
    directory: &Arc<dyn Directory>,
    journal: Option<Journal>,
    mut written: RangeSet,
) -> u64 {
    // Another program may have cut it.
    written.truncate(claimed.file().length().unwrap_or(0));
    match journal {
        None | Some(Journal::Unwanted) => 0,
        Some(journal) => match journal.record(directory, &written) {
            (_, Ok(())) => written.bytes(),
            (journal, Err(_)) => journal.recorded_bytes().unwrap_or(0),
        },
    }
}

/// What was written is known; that another program has cut the file meanwhile is not.
fn refuse_cut_file(claimed: &ClaimedPart, length: u64) -> Result<(), Error> {
    let path = claimed.path_of(&claimed.names().part);
    match claimed.file().length() {
        Ok(there) if there == length => Ok(()),
        Ok(there) => {
            let reason = format!("another program made it {there} bytes long, and it should be {length}");
            Err(Error::disk("publish", path, std::io::Error::other(reason)))
        }
        Err(error) => Err(Error::disk("look at", path, error)),
    }
}
