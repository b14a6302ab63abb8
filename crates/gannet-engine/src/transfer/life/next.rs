//! How it goes on after a stretch that did not bring everything.

use std::sync::Arc;

use url::Url;

use super::Life;
use super::probing::Probing;
use super::stretch::{Approach, State};
use crate::disk::part_file::ClaimedPart;
use crate::error::{Error, WhyNotAnew};
use crate::http::response::{KnownFile, OneStreamReason};
use crate::http::source::Source;
use crate::progress::Event;
use crate::range::RangeSet;
use crate::transfer::probe::{Probed, Shape};
use crate::transfer::resumption::Served;
use crate::transfer::sample::SampleVerdict;
use crate::transfer::stream::BrokenBy;
use crate::transfer::target;

/// Doubts about whether it is still the same file that are looked into, before the server is given up.
const DOUBTS_MAX: u32 = 8;
/// Streams that break off where none can be continued, before the server is given up: bytes come each time, so no
/// patience would ever end it.
const STREAMS_MAX: u32 = 6;

/// What comes next, once the part file rests.
pub(super) enum Next {
    /// The file is another one.
    Changed { reason: String },
    /// Is it still the same file?
    Doubt { reason: String },
    /// The caller gave another address.
    NewAddress { url: Url, manner: Manner },
    /// The address gave out: a mirror takes its place, where there is one.
    Mirror { error: Error, manner: Manner },
    /// One stream from here on, for this file.
    OneStream {
        response: Option<reqwest::Response>,
        why: OneStreamReason,
    },
    /// The stream has to begin at its first byte again.
    StartOver { reason: String, by: BrokenBy },
    /// The file is another one, and this answer is its beginning.
    Replaced {
        reason: String,
        response: reqwest::Response,
        why: OneStreamReason,
    },
}

/// How the last stretch fetched. A stream brings everything again, so that what is held of it saves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Ranges,
    OneStream,
}

impl Next {
    /// What comes next where `asked` was the address that was to be asked, and this one answered: what was to be found out
    /// was about that one.
    fn answered_by(self, asked: usize, source: &Source) -> Self {
        match self {
            Self::Changed { reason } | Self::Doubt { reason } if source.id() != asked => {
                let url = source.shown();
                Self::Mirror {
                    error: Error::GaveOut { url, reason },
                    manner: Manner::Ranges,
                }
            }
            same => same,
        }
    }

    fn manner(&self) -> Manner {
        match self {
            Self::Changed { .. } | Self::Doubt { .. } => Manner::Ranges,
            Self::NewAddress { manner, .. } | Self::Mirror { manner, .. } => *manner,
            Self::OneStream { .. } | Self::StartOver { .. } | Self::Replaced { .. } => Manner::OneStream,
        }
    }
}

impl Life {
    /// Decides how to go on after a stretch that did not bring everything. What is held is dropped only where an answer
    /// is at hand that begins anew.
    pub(super) async fn go_on(
        &mut self,
        claimed: &mut ClaimedPart,
        state: State,
        mut next: Next,
    ) -> Result<State, Error> {
        let from = self.sources.primary().shown();
        loop {
            next = match next {
                Next::OneStream { response, why } => {
                    return Ok(State {
                        approach: Approach::OneStream { response, why },
                        ..state
                    });
                }
                Next::Replaced {
                    reason,
                    response,
                    why,
                } => {
                    return self.changed(claimed, &reason, Probed::one_stream(response, why));
                }
                to_be_asked => self.prepare_to_ask(to_be_asked)?,
            };
            let asked = self.sources.primary().id();
            let probed = match self.probe_anew().await? {
                Probing::Met(probed) => *probed,
                Probing::NewAddress(url) => {
                    let manner = next.manner();
                    next = Next::NewAddress { url, manner };
                    continue;
                }
            };
            next = next.answered_by(asked, &self.sources.primary());
            return match next {
                Next::Changed { reason } => self.changed(claimed, &reason, probed),
                Next::Doubt { reason } => self.resolve_doubt(claimed, state, probed, &reason).await,
                Next::NewAddress { manner, .. } => {
                    self.adopt_new_address(claimed, state, probed, &from, manner)
                        .await
                }
                Next::Mirror { .. } if is_of_other_length(&state, &probed) => {
                    // Not a mirror at all.
                    continue;
                }
                Next::Mirror { .. } => self.adopt_mirror(claimed, state, probed, &from).await,
                Next::StartOver { reason, .. } => self.start_over(claimed, probed, reason),
                Next::OneStream { .. } | Next::Replaced { .. } => Err(Error::Internal(
                    "an answer that needs no probe got one".to_owned(),
                )),
            };
        }
    }

    /// Puts the address to ask in its place. Fails where it was asked often enough, and there is no other.
    fn prepare_to_ask(&mut self, next: Next) -> Result<Next, Error> {
        Ok(match next {
            Next::Mirror { error, manner } => {
                let error = self.stand_back_or_promote(error)?;
                Next::Mirror { error, manner }
            }
            Next::NewAddress { url, manner } => {
                self.sources.replace_primary(url.clone());
                Next::NewAddress { url, manner }
            }
            Next::StartOver { reason, by } => {
                self.streams_over += u32::from(by == BrokenBy::Source);
                if self.streams_over < STREAMS_MAX {
                    return Ok(Next::StartOver { reason, by });
                }
                let url = self.sources.primary().shown();
                let error = self.promote_mirror(Error::GaveOut { url, reason })?;
                let manner = Manner::OneStream;
                Next::Mirror { error, manner }
            }
            Next::Doubt { reason } => {
                self.doubts += 1;
                if self.doubts > DOUBTS_MAX {
                    let url = self.sources.primary().shown();
                    return Err(Error::Protocol { url, reason });
                }
                Next::Doubt { reason }
            }
            same @ (Next::Changed { .. } | Next::OneStream { .. } | Next::Replaced { .. }) => same,
        })
    }

    /// Goes on from the address that the caller gave, where it has the very file.
    async fn adopt_new_address(
        &mut self,
        claimed: &mut ClaimedPart,
        state: State,
        mut probed: Probed,
        from: &str,
        manner: Manner,
    ) -> Result<State, Error> {
        let source = self.sources.primary();
        let changed = |reason| {
            Err(Error::Changed {
                url: source.shown(),
                reason,
                why: WhyNotAnew::OtherAddress,
            })
        };
        // A stream may come without a length; what is fetched in ranges may not.
        let untold = probed.shape.length().is_none() && manner == Manner::Ranges;
        if untold || is_of_other_length(&state, &probed) {
            return changed(format!("it is not the file that was begun from {from}"));
        }
        let is_of_use = !state.held.is_empty() && !self.is_for_this_run_alone;
        let Some(known) = state.known.as_ref().filter(|_| is_of_use) else {
            return self.start_over(claimed, probed, format!("it goes on from {}", source.shown()));
        };
        if matches!(probed.shape, Shape::OneStream { .. }) {
            let theirs = KnownFile::from_headers(&probed.headers, known.complete_length);
            let is_same =
                known.validator.strong().is_some() && known.validator.strong() == theirs.validator.strong();
            if is_same && probed.shape.served() == Served::WholeOnly {
                source.set_known(Arc::new(known.clone()));
                return Ok(State {
                    approach: probed.shape.into_approach(),
                    ..state
                });
            }
            if manner == Manner::Ranges {
                return changed(format!(
                    "it sends no ranges, so that it cannot be held against what came from {from}"
                ));
            }
            let reason = format!("it goes on from {}", source.shown());
            return self.start_over(claimed, probed, reason);
        }
        match self
            .sample(claimed, known, &state.held, &mut probed.shape)
            .await?
        {
            SampleVerdict::Equal => Ok(self.keep(state, &probed)),
            SampleVerdict::Different => changed(format!("its bytes are not those that came from {from}")),
            SampleVerdict::Incomparable { reason } => changed(format!(
                "it cannot be held against what came from {from}: {reason}"
            )),
            SampleVerdict::Unanswered { reason } => Err(self.unanswered(&reason)),
        }
    }

    /// Goes on from a mirror. Only where a digest will tell right from wrong is it spliced with what came before (HTTP.md,
    /// case 46).
    async fn adopt_mirror(
        &mut self,
        claimed: &mut ClaimedPart,
        state: State,
        mut probed: Probed,
        from: &str,
    ) -> Result<State, Error> {
        if self.sources.mirrors_allowed
            && !state.held.is_empty()
            && !self.is_for_this_run_alone
            && matches!(probed.shape, Shape::Ranged { .. })
            && let Some(known) = &state.known
        {
            match self
                .sample(claimed, known, &state.held, &mut probed.shape)
                .await?
            {
                SampleVerdict::Equal => return Ok(self.keep(state, &probed)),
                SampleVerdict::Unanswered { reason } => return Err(self.unanswered(&reason)),
                SampleVerdict::Different | SampleVerdict::Incomparable { .. } => {}
            }
        }
        self.start_over(
            claimed,
            probed,
            format!("{from} gave out, and a mirror takes its place"),
        )
    }

    /// What is held goes on in ranges from another address.
    fn keep(&mut self, state: State, probed: &Probed) -> State {
        let known = state
            .known
            .map(|known| KnownFile::from_headers(&probed.headers, known.complete_length));
        if let Some(known) = &known {
            self.sources.primary().set_known(Arc::new(known.clone()));
        }
        State {
            known,
            held: state.held,
            approach: Approach::Ranges(None),
        }
    }

    /// Begins at the first byte again, with this answer.
    fn start_over(
        &mut self,
        claimed: &mut ClaimedPart,
        probed: Probed,
        reason: String,
    ) -> Result<State, Error> {
        if self.held_bytes > 0 {
            self.tally.event(&Event::Restarted { reason });
        }
        self.tally.bytes_resumed = 0;
        self.tally.set_written(RangeSet::new());
        self.held_bytes = 0;
        target::start_over(claimed)?;
        Ok(self.anew(probed))
    }
}

/// Whether an answer says that it is of a file of another length.
fn is_of_other_length(state: &State, probed: &Probed) -> bool {
    match (&state.known, probed.shape.length()) {
        (Some(known), Some(length)) => length != known.complete_length,
        _ => false,
    }
}
