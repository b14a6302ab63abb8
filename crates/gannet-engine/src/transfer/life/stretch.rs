//! One stretch of fetching: from a part file that rests to the next thing that has to be decided.

use std::sync::Arc;

use super::Life;
use super::next::{Manner, Next};
use crate::disk::part_file::ClaimedPart;
use crate::disk::storage::Directory;
use crate::disk::sync::Journal;
use crate::disk::written::Picture;
use crate::error::Error;
use crate::http::response::{KnownFile, OneStreamReason};
use crate::range::RangeSet;
use crate::transfer::fetch::{FetchEnd, Fetching, Proof, fetch};
use crate::transfer::part::{Beginning, EndFailed, WorkingPart};
use crate::transfer::probe::Shape;
use crate::transfer::stream::{StreamEnd, Streaming, stream};
use crate::transfer::target;
use crate::worker::OpenBody;

/// What is known and held of the file, between two stretches of fetching.
pub(super) struct State {
    /// `None` where the server does not tell the length.
    pub(super) known: Option<KnownFile>,
    pub(super) held: RangeSet,
    pub(super) approach: Approach,
}

impl State {
    /// Whether another run can go on with what is held. Not where the server does not tell the length; nor with an encoded form
    /// of the file, which may be made anew for each answer (case 32).
    pub(super) fn can_be_gone_on_with(&self) -> bool {
        let why_one = match &self.approach {
            Approach::Ranges(_) => None,
            Approach::OneStream { why, .. } => Some(*why),
        };
        self.known.is_some() && why_one != Some(OneStreamReason::EncodedParts)
    }
}

/// How the next stretch goes about it. An answer that is open already is its first data.
pub(super) enum Approach {
    Ranges(Option<OpenBody>),
    OneStream {
        response: Option<reqwest::Response>,
        why: OneStreamReason,
    },
}

/// How a stretch of fetching ended.
pub(super) enum StretchEnd {
    /// Every byte is there: this many.
    Whole(u64),
    Again(Next),
    Failed(Error),
}

impl StretchEnd {
    /// Where an address failed, another may do better.
    fn of_failure(error: Error, manner: Manner) -> Self {
        if error.is_of_source() {
            Self::Again(Next::Mirror { error, manner })
        } else {
            Self::Failed(error)
        }
    }
}

impl Life {
    pub(super) async fn rest(&mut self, part: WorkingPart, state: &mut State) -> Result<(), Error> {
        let rested = part.rest().await;
        let resting = rested.map_err(|failed| self.failed_to_end(failed))?;
        let Picture { set, retracted_from } = resting.written;
        self.held_bytes = set.bytes();
        self.tally.retracted(retracted_from);
        self.tally.set_written(set.clone());
        state.held = set;
        Ok(())
    }

    /// Where the disk fails, what was recorded before is what a later run goes on with, however much more was written.
    pub(super) fn failed_to_end(&mut self, failed: EndFailed) -> Error {
        let EndFailed {
            error,
            recorded_bytes,
        } = failed;
        self.held_bytes = recorded_bytes.unwrap_or(self.held_bytes);
        error
    }

    pub(super) async fn begin(
        &self,
        directory: &Arc<dyn Directory>,
        claimed: &ClaimedPart,
        state: &State,
    ) -> Result<WorkingPart, Error> {
        let length = state.known.as_ref().map(|known| known.complete_length);
        let validator = state
            .known
            .as_ref()
            .map(|known| known.validator.to_bytes())
            .unwrap_or_default();
        let prepared = target::prepare(directory, claimed, length, validator).await?;
        let journal = if self.is_for_this_run_alone {
            Journal::Unwanted
        } else {
            prepared
        };
        let beginning = Beginning {
            directory: Arc::clone(directory),
            file: Arc::clone(claimed.file()),
            part_name: claimed.names().part.clone(),
            held: state.held.clone(),
            journal,
            length,
        };
        let pieces = self.pieces_of(length).cloned();
        WorkingPart::begin(
            beginning,
            &self.request.memory,
            &self.expected.algorithms(),
            pieces,
        )
    }

    /// Fetches until all is there, or something has to be decided.
    pub(super) async fn stretch(&mut self, part: &mut WorkingPart, state: &mut State) -> StretchEnd {
        let length = state.known.as_ref().map(|known| known.complete_length);
        self.tally.length = length;
        if let Some(length) = length.filter(|&length| part.written().is_whole(length)) {
            return StretchEnd::Whole(length);
        }
        let approach = std::mem::replace(&mut state.approach, Approach::Ranges(None));
        match (approach, &state.known) {
            (Approach::Ranges(open), Some(known)) => self.stretch_in_ranges(part, known, open).await,
            (Approach::OneStream { response, why }, known) => {
                self.stretch_in_one(part, known.as_ref(), response, why).await
            }
            // Of an unknown length no range can be asked for.
            (Approach::Ranges(_), None) => {
                self.stretch_in_one(part, None, None, OneStreamReason::RangesUnusable)
                    .await
            }
        }
    }

    async fn stretch_in_ranges(
        &mut self,
        part: &mut WorkingPart,
        known: &KnownFile,
        open: Option<OpenBody>,
    ) -> StretchEnd {
        let fetching = Fetching {
            request: &self.request,
            known: Arc::new(known.clone()),
            hashing: part.hasher().is_some(),
            part,
            sources: &mut self.sources,
            pacers: self.limits.iter().cloned().collect(),
            expected: Arc::new(self.expected.clone()),
            inbox: &mut self.inbox,
            tally: &mut self.tally,
        };
        match fetch(fetching, open).await {
            FetchEnd::Whole => StretchEnd::Whole(known.complete_length),
            FetchEnd::OneStream { response, why } => StretchEnd::Again(Next::OneStream { response, why }),
            FetchEnd::Doubt {
                reason,
                proven: Proof::Different,
            } => StretchEnd::Again(Next::Changed { reason }),
            FetchEnd::Doubt {
                reason,
                proven: Proof::Open,
            } => StretchEnd::Again(Next::Doubt { reason }),
            FetchEnd::NewAddress(url) => StretchEnd::Again(Next::NewAddress {
                url,
                manner: Manner::Ranges,
            }),
            FetchEnd::Failed(error) => StretchEnd::of_failure(error, Manner::Ranges),
        }
    }

    async fn stretch_in_one(
        &mut self,
        part: &mut WorkingPart,
        known: Option<&KnownFile>,
        response: Option<reqwest::Response>,
        why: OneStreamReason,
    ) -> StretchEnd {
        let streaming = Streaming {
            request: &self.request,
            sources: &mut self.sources,
            known,
            met: self.met.as_ref(),
            part,
            pacers: self.limits.iter().cloned().collect(),
            inbox: &mut self.inbox,
            tally: &mut self.tally,
            why_one: why,
        };
        match stream(streaming, response).await {
            StreamEnd::Whole(length) => StretchEnd::Whole(length),
            StreamEnd::StartOver { reason, by } => StretchEnd::Again(Next::StartOver { reason, by }),
            StreamEnd::Replaced { reason, response } => StretchEnd::Again(Next::Replaced {
                reason,
                response,
                why,
            }),
            StreamEnd::NewAddress(url) => StretchEnd::Again(Next::NewAddress {
                url,
                manner: Manner::OneStream,
            }),
            StreamEnd::Failed(error) => StretchEnd::of_failure(error, Manner::OneStream),
        }
    }
}

impl Shape {
    pub(super) fn into_approach(self) -> Approach {
        match self {
            Self::Ranged { body, response, .. } => {
                Approach::Ranges(response.map(|response| OpenBody { response, body }))
            }
            Self::OneStream { response, why, .. } => Approach::OneStream { response, why },
            Self::Empty => Approach::Ranges(None),
        }
    }

    /// The same for bytes that are held, and that ranges were held against: an encoded form of the file does not go on with
    /// them.
    pub(super) fn into_approach_to_the_rest(self) -> Approach {
        match self {
            Self::OneStream {
                why: OneStreamReason::EncodedParts,
                ..
            } => Approach::Ranges(None),
            shape => shape.into_approach(),
        }
    }
}
