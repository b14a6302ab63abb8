//! Which version of the file it is: what an earlier run's bytes are worth, what a doubt comes to, when to begin anew.

use std::sync::Arc;

use super::stretch::State;
use super::{Life, is_page_instead_of};
use crate::disk::part_file::{ClaimedPart, Held};
use crate::error::{Error, WhyNotAnew};
use crate::http::digest_headers::{BodyHolds, Covers, found_digests};
use crate::http::response::KnownFile;
use crate::progress::{Event, Phase};
use crate::range::RangeSet;
use crate::request::{OnChange, Resume};
use crate::transfer::probe::{Probed, Shape};
use crate::transfer::resumption::{Resumption, Served, decide};
use crate::transfer::sample::{SampleVerdict, Specimen, compare};
use crate::transfer::target;

impl Life {
    /// Decides what an earlier run's bytes are worth for the file that the server has now.
    pub(super) async fn inherit(
        &mut self,
        claimed: &mut ClaimedPart,
        probed: Probed,
    ) -> Result<State, Error> {
        self.held_bytes = match claimed.held() {
            Held::Bytes { state, .. } => state.written.bytes(),
            Held::Nothing => 0,
        };
        let Probed { headers, mut shape } = probed;
        if self.held_bytes > 0 && is_page_instead_of(&headers, claimed.target()) {
            // A portal or a login has come between: no word on the file.
            return Err(Error::GaveOut {
                url: self.sources.primary().shown(),
                reason: "it sends a web page instead of the file; what is held of it is kept".to_owned(),
            });
        }
        self.met = Some(KnownFile::from_headers(&headers, shape.length().unwrap_or(0)));
        self.learn_digests(&headers, &shape);
        let Some(length) = shape.length() else {
            if self.held_bytes > 0 && self.request.resume == Resume::Continue {
                // It may be the same file. Nothing can show that, and going on in the middle of it is not possible.
                self.change(claimed, "the server no longer tells how long the file is")?;
            } else {
                target::start_over(claimed)?;
            }
            return Ok(State {
                known: None,
                held: RangeSet::new(),
                approach: shape.into_approach(),
            });
        };
        let known = KnownFile::from_headers(&headers, length);
        let served = shape.served();
        if served == Served::InRanges && !self.sources.mirrors_allowed && self.sources.has_standby() {
            let notice = "the mirrors only stand by: without a checksum bytes of two hosts are never mixed; \
                give --checksum to use them all";
            self.tally.event(&Event::Notice(notice.to_owned()));
        }
        let held = self.held_of_this_version(claimed, &known, &mut shape).await?;
        if !held.is_empty() {
            self.tally.bytes_resumed = held.bytes();
            self.tally.set_written(held.clone());
            self.tally.event(&Event::Resumed { bytes: held.bytes() });
        }
        self.sources.primary().set_known(Arc::new(known.clone()));
        Ok(State {
            known: Some(known),
            held,
            approach: shape.into_approach(),
        })
    }

    /// What of the bytes of an earlier run is of the file that the server has now. What is not is dropped.
    async fn held_of_this_version(
        &mut self,
        claimed: &mut ClaimedPart,
        known: &KnownFile,
        shape: &mut Shape,
    ) -> Result<RangeSet, Error> {
        let reason = match decide(claimed.held(), known, self.request.resume, shape.served()) {
            Resumption::Nothing => {
                target::start_over(claimed)?;
                return Ok(RangeSet::new());
            }
            Resumption::Keep(held) => return Ok(held),
            Resumption::Sample(held) => match self.sample(claimed, known, &held, shape).await? {
                SampleVerdict::Equal => return Ok(held),
                SampleVerdict::Different => "what is held is not what the server has now".to_owned(),
                SampleVerdict::Incomparable { reason } => {
                    format!("what is held cannot be compared: {reason}")
                }
                SampleVerdict::Unanswered { reason } => return Err(self.unanswered(&reason)),
            },
            Resumption::Changed { reason } => reason,
        };
        self.change(claimed, &reason)?;
        Ok(RangeSet::new())
    }

    /// What is held belongs to a version that the server has no longer: it is dropped, or the transfer fails and keeps it.
    pub(super) fn change(&mut self, claimed: &mut ClaimedPart, reason: &str) -> Result<(), Error> {
        if self.request.on_change == OnChange::Fail {
            return Err(Error::Changed {
                url: self.sources.primary().shown(),
                reason: reason.to_owned(),
                why: WhyNotAnew::NotWanted,
            });
        }
        self.tally.event(&Event::Restarted {
            reason: reason.to_owned(),
        });
        self.tally.bytes_resumed = 0;
        self.tally.set_written(RangeSet::new());
        self.held_bytes = 0;
        target::start_over(claimed)
    }

    /// Compares some of what is held with what the server has. The answer of `shape` is let go of first: a host that takes
    /// one connection would have none for the question.
    pub(super) async fn sample(
        &mut self,
        claimed: &ClaimedPart,
        known: &KnownFile,
        held: &RangeSet,
        shape: &mut Shape,
    ) -> Result<SampleVerdict, Error> {
        shape.let_go();
        let source = self.sources.primary();
        let loose = known.by_length_alone();
        let specimen = Specimen {
            file: Arc::clone(claimed.file()),
            path: claimed.path_of(&claimed.names().part),
            held: held.clone(),
        };
        loop {
            self.inbox.until_resumed(&mut self.tally, 0).await?;
            self.tally.report_phase(Phase::Sampling, 0);
            let mut requests = 0;
            let verdict = self
                .inbox
                .unless_paused(compare(
                    &source,
                    &loose,
                    &specimen,
                    self.request.retry_for,
                    &mut requests,
                ))
                .await;
            self.tally.requests += requests;
            // A sample that was broken off by a pause is taken anew: it is small.
            if let Some(verdict) = verdict? {
                return verdict;
            }
        }
    }

    /// There was no answer to the question whether what is held fits. It is kept: nothing speaks against it.
    pub(super) fn unanswered(&self, reason: &str) -> Error {
        Error::GaveOut {
            url: self.sources.primary().shown(),
            reason: format!("what is held could not be compared with it, and is kept ({reason})"),
        }
    }

    /// The digests that the answer's head bears, of the file as a whole.
    pub(super) fn learn_digests(&mut self, headers: &http::HeaderMap, shape: &Shape) {
        self.expected.forget_found();
        let holds = match shape {
            Shape::Ranged {
                body,
                complete_length,
                ..
            } if body.len() < *complete_length => BodyHolds::Part,
            Shape::Ranged { .. } | Shape::OneStream { .. } | Shape::Empty => BodyHolds::File,
        };
        for found in found_digests(headers, holds) {
            if found.covers == Covers::File {
                self.expected.found(found.digest);
            }
        }
        let pieces = self.pieces_of(shape.length()).is_some();
        self.sources.mirrors_allowed = self.expected.is_conclusive() || pieces;
    }

    /// Equal length and an equal sample: it still fits, whatever the server says. Otherwise it is another file.
    pub(super) async fn resolve_doubt(
        &mut self,
        claimed: &mut ClaimedPart,
        state: State,
        mut probed: Probed,
        reason: &str,
    ) -> Result<State, Error> {
        if state.held.is_empty() {
            // Nothing that could be mixed with another version.
            return Ok(self.anew(probed));
        }
        let length = probed.shape.length();
        let fits = |known: &KnownFile| length == Some(known.complete_length);
        let Some(known) = state.known.filter(fits) else {
            return self.changed(claimed, reason, probed);
        };
        match self
            .sample(claimed, &known, &state.held, &mut probed.shape)
            .await?
        {
            SampleVerdict::Equal => {}
            SampleVerdict::Different => return self.changed(claimed, reason, probed),
            SampleVerdict::Incomparable { reason: why } | SampleVerdict::Unanswered { reason: why } => {
                return Err(self.unanswered(&format!("{reason}; {why}")));
            }
        }
        let notice = format!("{reason}, but its bytes are the same: it goes on");
        self.tally.event(&Event::Notice(notice));
        // Its nodes disagree about the version: from here on only the length is asked of them.
        let known = known.by_length_alone();
        self.sources.primary().set_known(Arc::new(known.clone()));
        Ok(State {
            known: Some(known),
            held: state.held,
            approach: probed.shape.into_approach_to_the_rest(),
        })
    }

    /// The file is proven to be another one: begin anew with it, once.
    pub(super) fn changed(
        &mut self,
        claimed: &mut ClaimedPart,
        reason: &str,
        probed: Probed,
    ) -> Result<State, Error> {
        self.changes += 1;
        if self.changes > 1 {
            let reason = format!("{reason}, for the second time");
            return Err(Error::Changed {
                url: self.sources.primary().shown(),
                reason,
                why: WhyNotAnew::ChangedAgain,
            });
        }
        self.change(claimed, reason)?;
        Ok(self.anew(probed))
    }

    /// A version from its first byte on.
    pub(super) fn anew(&mut self, probed: Probed) -> State {
        let Probed { headers, shape } = probed;
        self.met = Some(KnownFile::from_headers(&headers, shape.length().unwrap_or(0)));
        self.learn_digests(&headers, &shape);
        let known = shape
            .length()
            .map(|length| KnownFile::from_headers(&headers, length));
        if let Some(known) = &known {
            self.sources.primary().set_known(Arc::new(known.clone()));
        }
        State {
            known,
            held: RangeSet::new(),
            approach: shape.into_approach(),
        }
    }
}
