//! Are they the right bytes? What is known of their digests decides, and who is to blame where they do not agree.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Life, blocking};
use crate::error::Error;
use crate::progress::{Event, Phase};
use crate::transfer::fetch::Wrong;
use crate::transfer::part::WorkingPart;
use crate::verify::{Judgement, PieceDigests, Verification};

/// How often the picture is renewed while a digest is being finished.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the digests say.
pub(super) enum Verdict {
    Right(Verification),
    Wrong {
        expected: crate::digest::Digest,
        actual: crate::digest::Digest,
    },
    Incomplete,
}

impl Life {
    /// Holds the bytes against the digests, where there are any.
    pub(super) async fn verify(&mut self, part: &WorkingPart, length: u64) -> Result<Verdict, Error> {
        self.whole_at = Some(Instant::now());
        let Some(hasher) = part.hasher() else {
            return self.verify_unknown_length(part, length).await;
        };
        self.tally.report_phase(Phase::Verifying, hasher.hashed_bytes());
        loop {
            self.stand_still(hasher.hashed_bytes()).await?;
            if !part.written().is_whole(length) {
                for range in hasher.take_bad_pieces() {
                    self.sources
                        .reject(range, Wrong::Piece, &self.request, &mut self.tally)?;
                }
                return Ok(Verdict::Incomplete);
            }
            let waited = tokio::time::timeout(LOOK_EVERY, hasher.wait());
            if self.inbox.or_cancelled(waited).await?.is_ok() {
                break;
            }
            self.tally.report_phase(Phase::Verifying, hasher.hashed_bytes());
        }
        // What was taken back out after the hasher had passed, and came anew since, it has not seen.
        if !part.written().is_whole(length) || part.written().take_retracted_before(length) {
            return Ok(Verdict::Incomplete);
        }
        self.stand_still(hasher.hashed_bytes()).await?;
        let actual = hasher
            .digests()
            .map_err(|error| Error::disk("read", part.path(), error))?;
        Ok(self.judge(&actual))
    }

    /// The length was not known, so nothing could be hashed behind a frontier: it is read now, where a digest is known.
    pub(super) async fn verify_unknown_length(
        &mut self,
        part: &WorkingPart,
        length: u64,
    ) -> Result<Verdict, Error> {
        let algorithms = self.expected.algorithms();
        if algorithms.is_empty() {
            self.stand_still(0).await?;
            return Ok(Verdict::Right(Verification::Unverified { advisory: None }));
        }
        self.tally.report_phase(Phase::Verifying, 0);
        let file = Arc::clone(&part.file);
        let path = part.path();
        let work = blocking(move || {
            crate::verify::digests_of(&*file, length, &algorithms)
                .map_err(|error| Error::disk("read", path, error))
        });
        tokio::pin!(work);
        loop {
            self.stand_still(0).await?;
            let waited = tokio::time::timeout(LOOK_EVERY, &mut work);
            if let Ok(actual) = self.inbox.or_cancelled(waited).await? {
                let actual = actual?;
                self.stand_still(length).await?;
                return Ok(self.judge(&actual));
            }
        }
    }

    /// Waits for as long as the caller pauses: nothing gets its name meanwhile. What is being read is read on.
    async fn stand_still(&mut self, hashed_bytes: u64) -> Result<(), Error> {
        let paused_before = self.tally.paused_for;
        self.inbox.until_resumed(&mut self.tally, hashed_bytes).await?;
        let paused_for = self.tally.paused_for.saturating_sub(paused_before);
        if !paused_for.is_zero() {
            self.whole_at = self.whole_at.map(|at| at + paused_for);
            self.tally.report_phase(Phase::Verifying, hashed_bytes);
        }
        Ok(())
    }

    pub(super) fn judge(&mut self, actual: &[crate::digest::Digest]) -> Verdict {
        if let Some(algorithm) = self.expected.disagreeing_advisory(actual) {
            let notice =
                format!("the server's {algorithm} does not match; it is no proof, so the file is kept");
            self.tally.event(&Event::Notice(notice));
        }
        match self.expected.judge(actual) {
            Judgement::Right(verification)
                if matches!(verification, Verification::Unverified { .. })
                    && self.pieces_of(self.tally.length).is_some() =>
            {
                Verdict::Right(Verification::Verified {
                    algorithm: "piece digests".to_owned(),
                    source: crate::verify::DigestSource::Given,
                })
            }
            Judgement::Right(verification) => Verdict::Right(verification),
            Judgement::Wrong { expected, actual } => Verdict::Wrong { expected, actual },
        }
    }

    /// The digests of pieces, where they are of a file of this length.
    pub(super) fn pieces_of(&self, length: Option<u64>) -> Option<&PieceDigests> {
        let pieces = self.request.pieces.as_ref()?;
        pieces.covers(length?).then_some(pieces)
    }
}
