//! The part file at work: who writes it, who makes it safe, who hashes it.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::digest::DigestAlgorithm;
use crate::disk::storage::{Directory, StorageFile};
use crate::disk::sync::{Ending, Journal, Subject, Syncer};
use crate::disk::writer::{PartWriter, Sink};
use crate::disk::written::{Picture, Written};
use crate::error::Error;
use crate::range::RangeSet;
use crate::request::MemoryBudget;
use crate::verify::{FrontierHasher, PieceDigests};

/// A part file that bytes are written to. Ended by [`WorkingPart::rest`] or [`WorkingPart::finish`].
pub(crate) struct WorkingPart {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) file: Arc<dyn StorageFile>,
    pub(crate) part_name: String,
    /// Told when the file is whole, or when writing failed.
    pub(crate) news: Arc<Notify>,
    writer: PartWriter,
    syncing: Syncing,
    hasher: Option<FrontierHasher>,
}

/// A download that is over within a tenth of a second needs no journal and no thread to keep it.
enum Syncing {
    Later(Journal),
    Now(Syncer),
    Over,
}

/// What is left when the work is over.
pub(crate) struct RestingPart {
    pub(crate) written: Picture,
    pub(crate) journal: Journal,
}

/// The work could not be ended as it should.
pub(crate) struct EndFailed {
    pub(crate) error: Error,
    /// How much a later run goes on with by what was recorded before; `None` where nothing was since the work began.
    pub(crate) recorded_bytes: Option<u64>,
}

/// What is needed to begin.
pub(crate) struct Beginning {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) file: Arc<dyn StorageFile>,
    pub(crate) part_name: String,
    pub(crate) held: RangeSet,
    pub(crate) journal: Journal,
    /// `None` where the server does not tell.
    pub(crate) length: Option<u64>,
}

impl WorkingPart {
    pub(crate) fn begin(
        beginning: Beginning,
        memory: &MemoryBudget,
        algorithms: &[DigestAlgorithm],
        pieces: Option<PieceDigests>,
    ) -> Result<Self, Error> {
        let Beginning {
            directory,
            file,
            part_name,
            held,
            journal,
            length,
        } = beginning;
        let news = Arc::new(Notify::new());
        let path = directory.path_of(&part_name);
        let memory = Arc::clone(&memory.bytes);
        let writer = PartWriter::start(Arc::clone(&file), path, held, length, memory, Arc::clone(&news))?;
        let hasher = match length {
            Some(length) if !algorithms.is_empty() || pieces.is_some() => {
                let written = Arc::clone(writer.written());
                Some(FrontierHasher::start(
                    Arc::clone(&file),
                    written,
                    length,
                    algorithms,
                    pieces,
                )?)
            }
            _ => None,
        };
        Ok(Self {
            directory,
            file,
            part_name,
            news,
            writer,
            syncing: Syncing::Later(journal),
            hasher,
        })
    }

    pub(crate) fn sink(&self) -> Sink {
        self.writer.sink()
    }

    pub(crate) fn written(&self) -> &Written {
        self.writer.written()
    }

    pub(crate) fn hasher(&self) -> Option<&FrontierHasher> {
        self.hasher.as_ref()
    }

    pub(crate) fn hashed_bytes(&self) -> u64 {
        self.hasher.as_ref().map_or(0, FrontierHasher::hashed_bytes)
    }

    /// The part file's path, for messages.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.directory.path_of(&self.part_name)
    }

    /// Whether the disk is what everything waits for.
    pub(crate) fn is_congested(&self) -> bool {
        self.writer.is_congested()
    }

    /// Whether everything handed over is in the file.
    pub(crate) fn is_settled(&self) -> bool {
        self.writer.is_idle()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.writer.has_failed() || matches!(&self.syncing, Syncing::Now(syncer) if syncer.has_failed())
    }

    /// From now on the work is made safe each second. Called when it takes longer than a moment.
    pub(crate) fn keep_safe(&mut self) -> Result<(), Error> {
        self.syncing = match std::mem::replace(&mut self.syncing, Syncing::Over) {
            Syncing::Later(journal) => {
                let subject = Subject {
                    directory: Arc::clone(&self.directory),
                    part: Arc::clone(&self.file),
                    part_path: self.directory.path_of(&self.part_name),
                    written: Arc::clone(self.writer.written()),
                };
                Syncing::Now(Syncer::start(subject, journal)?)
            }
            under_way => under_way,
        };
        Ok(())
    }

    /// Whether [`WorkingPart::keep_safe`] is still to be called.
    pub(crate) fn is_unsafe(&self) -> bool {
        matches!(self.syncing, Syncing::Later(_))
    }

    /// Ends the work for now: what is written is synced and recorded.
    pub(crate) async fn rest(self) -> Result<RestingPart, EndFailed> {
        self.end(Ending::Record, Ok).await
    }

    /// Ends the work because all is there, and does what comes `then`, away from the network's threads.
    pub(crate) async fn finish<T: Send + 'static>(
        self,
        then: impl FnOnce(RestingPart) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, EndFailed> {
        self.end(Ending::Leave, then).await
    }

    async fn end<T: Send + 'static>(
        mut self,
        ending: Ending,
        then: impl FnOnce(RestingPart) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, EndFailed> {
        if ending == Ending::Record {
            // A short work that ends early deserves a record too.
            self.keep_safe()?;
        }
        let Self {
            writer,
            syncing,
            hasher,
            ..
        } = self;
        // Joining threads blocks; the syncer comes after the writer, so that it records what was last written.
        super::life::blocking(move || {
            drop(hasher);
            let written = Arc::clone(writer.written());
            let closed = writer.close();
            if ending == Ending::Record {
                // What is to be held against a digest was not, and by whoever comes next never is.
                written.remove_what_is_in_question();
            }
            let (journal, synced) = match syncing {
                Syncing::Now(syncer) => syncer.end(ending),
                Syncing::Later(journal) => (Some(journal), None),
                Syncing::Over => (None, None),
            };
            let recorded_bytes = journal.as_ref().and_then(Journal::recorded_bytes);
            let ended = closed.and(synced.map_or(Ok(()), Err)).and_then(|()| {
                let journal = journal.ok_or_else(|| Error::Internal("the journal was lost".to_owned()))?;
                let written = written.picture();
                then(RestingPart { written, journal })
            });
            Ok(ended.map_err(|error| EndFailed {
                error,
                recorded_bytes,
            }))
        })
        .await?
    }
}

impl From<Error> for EndFailed {
    fn from(error: Error) -> Self {
        Self {
            error,
            recorded_bytes: None,
        }
    }
}
