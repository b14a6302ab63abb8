//! Answers that bear a digest of their own (`Content-Digest`) and were not read to their end.
//!
//! The digest is of the whole body as it was announced. Where the tail of a run was stolen, or the answer broke off,
//! the rest of that body came from others, so nobody could hash all of it on the way. To read on for the digest's sake
//! would fetch bytes twice, and to steal nothing from such a run would let a slow connection hold up the end. So it is
//! held against its digest as soon as all of it is in the file, by reading it back: that costs no byte of network, and
//! covers what is on the disk, whoever wrote it. Until then no journal claims what the answer brought: after a crash nobody
//! would know what it was to be held against.

use std::io;
use std::time::Instant;

use tokio::task::JoinSet;

use super::{Fetch, Wrong};
use crate::disk::writer::Sink;
use crate::error::Error;
use crate::range::{ByteRange, RangeSet};
use crate::worker::{Pledge, Word};

/// What answers have promised of the bytes that came of them.
#[derive(Default)]
pub(super) struct Pledges {
    open: Vec<Pledge>,
    /// What matched the digest of its own answer.
    right: RangeSet,
    readings: JoinSet<(Pledge, io::Result<bool>)>,
}

impl Pledges {
    /// Takes over the word of an answer that brought bytes and is over.
    pub(super) fn take(&mut self, word: Word, complete_length: u64, sink: &Sink) {
        match word {
            Word::None => {}
            Word::Kept(range) => {
                self.right.insert(range);
                sink.believe(range);
            }
            Word::Given(pledge) => {
                if pledge.is_to_be_redeemed(complete_length) {
                    self.open.push(pledge);
                }
            }
        }
    }

    /// These bytes are fetched again: what was said of the old ones says nothing of the new ones.
    pub(super) fn forget(&mut self, range: ByteRange) {
        self.right.remove(range);
    }

    /// Whether all of them were looked into.
    pub(super) fn are_settled(&self) -> bool {
        self.open.is_empty() && self.readings.is_empty()
    }

    /// Waits for the next one that was read back.
    pub(super) async fn next(&mut self) -> Option<(Pledge, io::Result<bool>)> {
        // A reading that panicked says nothing; it is over all the same.
        self.readings.join_next().await?.ok()
    }

    /// Waits until nobody reads the file any more.
    pub(super) async fn wait_for_readings(&mut self) {
        while self.readings.join_next().await.is_some() {}
    }

    /// What of a body is not known to be right by a digest of its own.
    fn suspect(&self, range: ByteRange) -> RangeSet {
        let mut suspect = RangeSet::new();
        suspect.insert(range);
        for right in self.right.overlapping(range) {
            suspect.remove(right);
        }
        suspect
    }
}

impl Fetch<'_> {
    /// Reads back those bodies that are complete by now.
    pub(super) fn hold_pledges(&mut self) {
        if self.pledges.open.is_empty() {
            return;
        }
        let written = self.f.part.written().snapshot();
        let complete: Vec<Pledge> = self
            .pledges
            .open
            .extract_if(.., |pledge| written.contains(pledge.range))
            .collect();
        for pledge in complete {
            let file = std::sync::Arc::clone(&self.f.part.file);
            self.pledges.readings.spawn_blocking(move || {
                let algorithm = pledge.digest.algorithm();
                let found = crate::verify::digest_of_range(&*file, pledge.range, algorithm);
                let is_kept = found.map(|found| found == pledge.digest);
                (pledge, is_kept)
            });
        }
    }

    /// A body was read back: where it is not what was promised, it is fetched again.
    pub(super) fn pledge_held(&mut self, pledge: &Pledge, is_kept: io::Result<bool>, now: Instant) {
        match is_kept {
            Ok(true) => {
                self.pledges.right.insert(pledge.range);
                self.f.part.sink().believe(pledge.range);
            }
            Ok(false) => {
                let suspect = self.pledges.suspect(pledge.range);
                for range in suspect.iter() {
                    self.f.part.sink().retract(range);
                    self.retracted = true;
                    self.reject(range, Wrong::Answer, now);
                }
            }
            Err(error) => self.fail(Error::disk("read", self.f.part.path(), error)),
        }
    }
}
