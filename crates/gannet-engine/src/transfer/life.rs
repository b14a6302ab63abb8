//! From the first request to the published file, through everything that may come between.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::Command;
use super::fetch::{FetchEnd, Fetching, Proof, SourceBook, fetch};
use super::inbox::Inbox;
use super::part::{Beginning, RestingPart, WorkingPart};
use super::probe::{Hope, Probed, Shape, probe};
use super::resumption::{Resumption, decide};
use super::sample::{SampleVerdict, compare};
use super::stream::{StreamEnd, Streaming, stream};
use super::tally::Tally;
use super::target::{self, Target};
use crate::disk::part_file::{Claim, ClaimedPart, Held};
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::http::client::{HttpClient, HttpClientOptions};
use crate::http::digest_headers::{BodyHolds, Covers, found_digests};
use crate::http::media_type::MediaType;
use crate::http::response::KnownFile;
use crate::pace::Pacer;
use crate::progress::{Event, Finished, Outcome, Phase, Reporter};
use crate::range::RangeSet;
use crate::request::{OnChange, Request, Resume};
use crate::verify::{Expected, Judgement, Verification};
use crate::worker::OpenBody;

/// How often the picture is renewed while a digest is being finished.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Doubts about whether it is still the same file that are looked into, before the server is given up.
const DOUBTS_MAX: u32 = 8;
/// Streams that break off where none can be continued, before the server is given up: bytes come each time, so no
/// patience would ever end it.
const STREAMS_MAX: u32 = 6;

/// Runs a transfer to its end.
pub(crate) async fn run(
    request: Request,
    reporter: Arc<dyn Reporter>,
    commands: mpsc::Receiver<Command>,
) -> Result<Finished, Error> {
    let client = match &request.client {
        Some(client) => client.clone(),
        None => HttpClient::new(HttpClientOptions::default())?,
    };
    let inbox = Inbox::new(commands, request.connections);
    let limits = request
        .pacers
        .iter()
        .cloned()
        .chain([inbox.pacer.clone()])
        .collect();
    let life = Life {
        sources: SourceBook::new(&request, client)?,
        tally: Tally::new(reporter, request.report_every),
        expected: Expected::new(&request.digests),
        request,
        inbox,
        limits,
        changes: 0,
        doubts: 0,
        streams_over: 0,
        held_bytes: 0,
        whole_at: None,
    };
    life.live().await
}

struct Life {
    request: Request,
    inbox: Inbox,
    tally: Tally,
    sources: SourceBook,
    expected: Expected,
    limits: Vec<Pacer>,
    /// How often the file was proven to have changed during this very run.
    changes: u32,
    doubts: u32,
    /// How many streams had to begin at the first byte again.
    streams_over: u32,
    /// What the part file holds while it rests.
    held_bytes: u64,
    /// When the last byte was in the file.
    whole_at: Option<Instant>,
}

/// What is known and held of the file, between two stretches of fetching.
struct State {
    /// `None` where the server does not tell the length.
    known: Option<KnownFile>,
    held: RangeSet,
    approach: Approach,
}

/// How the next stretch goes about it. An answer that is open already is its first data.
enum Approach {
    Ranges(Option<OpenBody>),
    OneStream(Option<reqwest::Response>),
}

/// How a stretch of fetching ended.
enum StretchEnd {
    /// Every byte is there: this many.
    Whole(u64),
    Again(Next),
    Failed(Error),
}

/// What comes next, once the part file rests.
enum Next {
    /// The file is another one.
    Changed { reason: String },
    /// Is it still the same file?
    Doubt { reason: String },
    /// The caller gave another address.
    NewAddress(url::Url),
    /// One stream from here on, for this file.
    OneStream(Option<reqwest::Response>),
    /// The stream has to begin at its first byte again.
    StartOver { reason: String },
    /// The file is another one, and this answer is its beginning.
    Replaced {
        reason: String,
        response: reqwest::Response,
    },
}

/// All bytes are there; what the digests say of them.
enum Ready {
    Right {
        part: WorkingPart,
        length: u64,
        verification: Verification,
    },
    Wrong {
        part: WorkingPart,
        expected: crate::digest::Digest,
        actual: crate::digest::Digest,
    },
}

impl Life {
    async fn live(mut self) -> Result<Finished, Error> {
        self.tally.report_phase(Phase::Probing, 0);
        let directory = target::open(&self.request.directory).await?;
        if let Some(path) = target::skipped(&directory, &self.request)? {
            return Ok(self.finished(
                path,
                0,
                Verification::Unverified { advisory: None },
                Outcome::Skipped,
            ));
        }
        let probed = self.first_probe(&directory).await?;
        let name = target::name(&self.request, &probed.headers, &self.sources.primary().current());
        self.announce(&probed, name.as_str());
        let length = probed.shape.length();
        let known = KnownFile::from_headers(&probed.headers, length.unwrap_or(0));
        let existing = target::look_at_existing(&directory, &name, &self.request, &known, length).await?;
        let existing_file = match existing {
            Target::Claim(existing) => existing,
            Target::Done(path, outcome, verification) => {
                return Ok(self.finished(path, length.unwrap_or(0), verification, outcome));
            }
        };
        let claim = target::claim(&directory, name.as_str(), existing_file).await?;
        match claim {
            Claim::Published { name, state } => {
                let path = directory.path_of(&name);
                let verification = Verification::Unverified { advisory: None };
                Ok(self.finished(path, state.complete_length, verification, Outcome::AlreadyThere))
            }
            Claim::Part(claimed) => self.fill(directory, claimed, probed).await,
        }
    }

    /// Finds out what the file is. Where an earlier run left a beginning, its rest is asked for at once.
    async fn first_probe(&mut self, directory: &Arc<dyn Directory>) -> Result<Probed, Error> {
        if self.request.resume == Resume::Continue
            && let Some((known, missing)) = target::peek(directory, &self.request)
        {
            let hope = Hope::Rest {
                known: &known,
                missing,
            };
            let source = self.sources.primary();
            if let Some(probed) =
                probe(&source, hope, &self.request, &mut self.inbox, &mut self.tally).await?
            {
                return Ok(probed);
            }
        }
        self.probe_anew().await
    }

    async fn probe_anew(&mut self) -> Result<Probed, Error> {
        loop {
            let source = self.sources.primary();
            let probed = probe(
                &source,
                Hope::Anything,
                &self.request,
                &mut self.inbox,
                &mut self.tally,
            )
            .await;
            match probed {
                Ok(Some(probed)) => return Ok(probed),
                Ok(None) => {
                    return Err(Error::Internal(
                        "a probe without hope ended in disappointment".to_owned(),
                    ));
                }
                // Another address of the same file may do better.
                Err(error @ (Error::Refused { .. } | Error::GaveOut { .. } | Error::Protocol { .. })) => {
                    let url = source.shown();
                    if !self.sources.promote_mirror() {
                        return Err(error);
                    }
                    self.tally.event(&Event::MirrorDropped {
                        url,
                        reason: error.to_string(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn announce(&mut self, probed: &Probed, name: &str) {
        let length = probed.shape.length();
        self.tally.name = Some(name.to_owned());
        self.tally.length = length;
        self.tally.event(&Event::Probed {
            name: name.to_owned(),
            length,
            ranges: matches!(probed.shape, Shape::Ranged { .. }),
            final_url: self.sources.primary().shown(),
        });
        if is_page_instead_of(&probed.headers, name) {
            let notice = format!("the server sends a web page under the name {name}; it may want a login");
            self.tally.event(&Event::Notice(notice));
        }
    }

    /// Fetches, verifies and publishes.
    async fn fill(
        mut self,
        directory: Arc<dyn Directory>,
        mut claimed: ClaimedPart,
        probed: Probed,
    ) -> Result<Finished, Error> {
        match self.complete(&directory, &mut claimed, probed).await {
            Ok(Ready::Right {
                part,
                length,
                verification,
            }) => self.publish(claimed, part, length, verification).await,
            Ok(Ready::Wrong {
                part,
                expected,
                actual,
            }) => {
                let resting = part.rest().await?;
                let set_aside = blocking(move || claimed.set_aside(resting.journal.into_writer())).await?;
                Err(Error::Integrity {
                    digest: expected.algorithm().to_string(),
                    expected: hex(expected.as_bytes()),
                    actual: hex(actual.as_bytes()),
                    set_aside,
                })
            }
            Err(error) => {
                if self.held_bytes == 0 {
                    // Nothing came: nothing is left lying about.
                    let _ = blocking(move || claimed.discard(None)).await;
                }
                Err(error)
            }
        }
    }

    /// Brings every byte into the part file, over as many stretches, doubts and versions as it takes.
    async fn complete(
        &mut self,
        directory: &Arc<dyn Directory>,
        claimed: &mut ClaimedPart,
        probed: Probed,
    ) -> Result<Ready, Error> {
        let mut state = self.inherit(claimed, probed).await?;
        loop {
            self.held_bytes = state.held.bytes();
            let mut part = self.begin(directory, claimed, &state).await?;
            let end = self.stretch(&mut part, &mut state).await;
            let next = match end {
                StretchEnd::Whole(length) => match self.verify(&part, length).await {
                    Ok(Verdict::Right(verification)) => {
                        return Ok(Ready::Right {
                            part,
                            length,
                            verification,
                        });
                    }
                    Ok(Verdict::Wrong { expected, actual }) => {
                        let suspect = self.sources.drop_mirrors_that_delivered();
                        if suspect.is_empty() {
                            return Ok(Ready::Wrong {
                                part,
                                expected,
                                actual,
                            });
                        }
                        let notice =
                            "the whole does not match its digest; what came from mirrors is fetched again";
                        self.tally.event(&Event::Notice(notice.to_owned()));
                        self.rest(part, &mut state).await?;
                        for range in suspect.iter() {
                            state.held.remove(range);
                        }
                        state.approach = Approach::Ranges(None);
                        continue;
                    }
                    // A piece was wrong at the very end: it left the set, and is fetched again.
                    Ok(Verdict::Incomplete) => {
                        self.rest(part, &mut state).await?;
                        state.approach = Approach::Ranges(None);
                        continue;
                    }
                    Err(error) => {
                        self.rest(part, &mut state).await?;
                        return Err(error);
                    }
                },
                StretchEnd::Failed(error) => {
                    // What the writer or the syncer has to say is nearer to the cause.
                    self.rest(part, &mut state).await?;
                    return Err(error);
                }
                StretchEnd::Again(next) => next,
            };
            self.rest(part, &mut state).await?;
            state = self.go_on(claimed, state, next).await?;
        }
    }

    async fn rest(&mut self, part: WorkingPart, state: &mut State) -> Result<(), Error> {
        // Where the disk fails now, what came before is still worth keeping.
        self.held_bytes = part.written().bytes();
        let resting = part.rest().await?;
        self.held_bytes = resting.written.bytes();
        self.tally.set_written(resting.written.clone());
        state.held = resting.written;
        Ok(())
    }

    /// Decides what an earlier run's bytes are worth for the file that the server has now.
    async fn inherit(&mut self, claimed: &mut ClaimedPart, probed: Probed) -> Result<State, Error> {
        self.held_bytes = match claimed.held() {
            Held::Bytes { state, .. } => state.written.bytes(),
            Held::Nothing => 0,
        };
        let Probed { headers, shape } = probed;
        if self.held_bytes > 0 && is_page_instead_of(&headers, claimed.target()) {
            // A portal or a login has come between: no word on the file.
            return Err(Error::GaveOut {
                url: self.sources.primary().shown(),
                reason: "it sends a web page instead of the file; what is held of it is kept".to_owned(),
            });
        }
        let Some(length) = shape.length() else {
            target::start_over(claimed)?;
            return Ok(State {
                known: None,
                held: RangeSet::new(),
                approach: shape.into_approach(),
            });
        };
        let known = KnownFile::from_headers(&headers, length);
        self.learn_digests(&headers, &shape);
        let ranged = matches!(shape, Shape::Ranged { .. });
        let (held, known) = match decide(claimed.held(), &known, self.request.resume, ranged) {
            Resumption::Nothing => {
                target::start_over(claimed)?;
                (RangeSet::new(), known)
            }
            Resumption::Keep(held) => (held, known),
            Resumption::Sample(held) => {
                if self.sample(claimed, &known, &held).await? == SampleVerdict::Equal {
                    (held, known)
                } else {
                    self.change(claimed, "what is held is not what the server has now")?;
                    (RangeSet::new(), known)
                }
            }
            Resumption::Changed { reason } => {
                self.change(claimed, &reason)?;
                (RangeSet::new(), known)
            }
        };
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

    /// What is held belongs to a version that the server has no longer: it is dropped, or the transfer fails and keeps it.
    fn change(&mut self, claimed: &mut ClaimedPart, reason: &str) -> Result<(), Error> {
        if self.request.on_change == OnChange::Fail {
            return Err(Error::Changed {
                url: self.sources.primary().shown(),
                reason: reason.to_owned(),
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

    async fn sample(
        &mut self,
        claimed: &ClaimedPart,
        known: &KnownFile,
        held: &RangeSet,
    ) -> Result<SampleVerdict, Error> {
        self.tally.report_phase(Phase::Sampling, 0);
        let source = self.sources.primary();
        let loose = known.by_length_alone();
        let file = Arc::clone(claimed.file());
        let mut requests = 0;
        let verdict = self
            .inbox
            .or_cancelled(compare(&source, &loose, &*file, held, &mut requests))
            .await;
        self.tally.requests += requests;
        verdict?
    }

    /// The digests that the answer's head bears, of the file as a whole.
    fn learn_digests(&mut self, headers: &http::HeaderMap, shape: &Shape) {
        self.expected.forget_found();
        let holds = match shape {
            Shape::Ranged {
                open,
                complete_length,
            } if open.body.len() < *complete_length => BodyHolds::Part,
            Shape::Ranged { .. } | Shape::OneStream { .. } | Shape::Empty => BodyHolds::File,
        };
        for found in found_digests(headers, holds) {
            if found.covers == Covers::File {
                self.expected.found(found.digest);
            }
        }
        let pieces = self.request.pieces.is_some();
        self.sources.mirrors_allowed = self.expected.is_conclusive() || pieces;
    }

    async fn begin(
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
        let journal = target::prepare(directory, claimed, length, validator).await?;
        let beginning = Beginning {
            directory: Arc::clone(directory),
            file: Arc::clone(claimed.file()),
            part_name: claimed.names().part.clone(),
            held: state.held.clone(),
            journal,
            length,
        };
        let pieces = self
            .request
            .pieces
            .clone()
            .filter(|pieces| length.is_some_and(|length| pieces.covers(length)));
        WorkingPart::begin(
            beginning,
            &self.request.memory,
            &self.expected.algorithms(),
            pieces,
        )
    }

    /// Fetches until all is there, or something has to be decided.
    async fn stretch(&mut self, part: &mut WorkingPart, state: &mut State) -> StretchEnd {
        let length = state.known.as_ref().map(|known| known.complete_length);
        self.tally.length = length;
        if let Some(length) = length.filter(|&length| part.written().is_whole(length)) {
            return StretchEnd::Whole(length);
        }
        let pacers: Arc<[Pacer]> = self.limits.iter().cloned().collect();
        match (
            std::mem::replace(&mut state.approach, Approach::Ranges(None)),
            &state.known,
        ) {
            (Approach::Ranges(open), Some(known)) => {
                let fetching = Fetching {
                    request: &self.request,
                    known: Arc::new(known.clone()),
                    hashing: part.hasher().is_some(),
                    part,
                    sources: &mut self.sources,
                    pacers,
                    expected: Arc::new(self.expected.clone()),
                    inbox: &mut self.inbox,
                    tally: &mut self.tally,
                };
                match fetch(fetching, open).await {
                    FetchEnd::Whole => StretchEnd::Whole(known.complete_length),
                    FetchEnd::OneStream(response) => StretchEnd::Again(Next::OneStream(response)),
                    FetchEnd::Doubt {
                        reason,
                        proven: Proof::Different,
                    } => StretchEnd::Again(Next::Changed { reason }),
                    FetchEnd::Doubt {
                        reason,
                        proven: Proof::Open,
                    } => StretchEnd::Again(Next::Doubt { reason }),
                    FetchEnd::NewAddress(url) => StretchEnd::Again(Next::NewAddress(url)),
                    FetchEnd::Failed(error) => StretchEnd::Failed(error),
                }
            }
            (approach, known) => {
                let response = match approach {
                    Approach::OneStream(response) => response,
                    Approach::Ranges(_) => None,
                };
                let source = self.sources.primary();
                self.tally.cause = Some(crate::diagnose::Cause::NoRanges);
                let streaming = Streaming {
                    request: &self.request,
                    source: &source,
                    known: known.as_ref(),
                    part,
                    pacers,
                    inbox: &mut self.inbox,
                    tally: &mut self.tally,
                };
                match stream(streaming, response).await {
                    StreamEnd::Whole(length) => StretchEnd::Whole(length),
                    StreamEnd::StartOver { reason } => StretchEnd::Again(Next::StartOver { reason }),
                    StreamEnd::Replaced { reason, response } => {
                        StretchEnd::Again(Next::Replaced { reason, response })
                    }
                    StreamEnd::Failed(error) => StretchEnd::Failed(error),
                }
            }
        }
    }

    /// Holds the bytes against the digests, where there are any.
    async fn verify(&mut self, part: &WorkingPart, length: u64) -> Result<Verdict, Error> {
        self.whole_at = Some(Instant::now());
        let Some(hasher) = part.hasher() else {
            return self.verify_unknown_length(part, length).await;
        };
        self.tally.report_phase(Phase::Verifying, hasher.hashed_bytes());
        loop {
            if !part.written().is_whole(length) {
                let bad = hasher.take_bad_pieces();
                self.blame(&bad);
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
        let actual = hasher
            .digests()
            .map_err(|error| Error::disk("read", part.path(), error))?;
        Ok(self.judge(&actual))
    }

    /// The length was not known, so nothing could be hashed behind a frontier: it is read now, where a digest is known.
    async fn verify_unknown_length(&mut self, part: &WorkingPart, length: u64) -> Result<Verdict, Error> {
        let algorithms = self.expected.algorithms();
        if algorithms.is_empty() {
            return Ok(Verdict::Right(Verification::Unverified { advisory: None }));
        }
        self.tally.report_phase(Phase::Verifying, 0);
        let file = Arc::clone(&part.file);
        let path = part.path();
        let work = blocking(move || {
            crate::verify::digests_of(&*file, length, &algorithms)
                .map_err(|error| Error::disk("read", path, error))
        });
        let actual = self.inbox.or_cancelled(work).await??;
        Ok(self.judge(&actual))
    }

    fn judge(&mut self, actual: &[crate::digest::Digest]) -> Verdict {
        if let Some(algorithm) = self.expected.disagreeing_advisory(actual) {
            let notice =
                format!("the server's {algorithm} does not match; it is no proof, so the file is kept");
            self.tally.event(&Event::Notice(notice));
        }
        match self.expected.judge(actual) {
            Judgement::Right(verification)
                if matches!(verification, Verification::Unverified { .. })
                    && self.request.pieces.is_some() =>
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

    /// Mirrors that delivered wrong pieces are used no longer.
    fn blame(&mut self, bad: &[crate::range::ByteRange]) {
        for &range in bad {
            self.tally.bytes_discarded += range.len();
            if let Some(mirror) = self.sources.mirror_behind(range)
                && let Some(url) = self.sources.drop_source(mirror)
            {
                let reason = "a piece of it does not match its digest".to_owned();
                self.tally.event(&Event::MirrorDropped { url, reason });
            }
        }
    }

    /// Decides how to go on after a stretch that did not bring everything.
    async fn go_on(&mut self, claimed: &mut ClaimedPart, state: State, next: Next) -> Result<State, Error> {
        match next {
            Next::OneStream(response) => Ok(State {
                approach: Approach::OneStream(response),
                ..state
            }),
            Next::Replaced { reason, response } => {
                self.changed(claimed, &reason, Probed::one_stream(response))
            }
            Next::StartOver { reason } => {
                self.streams_over += 1;
                if self.streams_over >= STREAMS_MAX {
                    let url = self.sources.primary().shown();
                    return Err(Error::GaveOut { url, reason });
                }
                self.tally.event(&Event::Restarted { reason });
                self.tally.set_written(RangeSet::new());
                self.held_bytes = 0;
                target::start_over(claimed)?;
                let probed = self.probe_anew().await?;
                Ok(self.anew(probed))
            }
            Next::Changed { reason } => {
                let probed = self.probe_anew().await?;
                self.changed(claimed, &reason, probed)
            }
            Next::Doubt { reason } => {
                self.doubts += 1;
                if self.doubts > DOUBTS_MAX {
                    return Err(Error::Protocol {
                        url: self.sources.primary().shown(),
                        reason,
                    });
                }
                let probed = self.probe_anew().await?;
                self.resolve_doubt(claimed, state, probed, &reason).await
            }
            Next::NewAddress(url) => {
                let old = self.sources.primary();
                self.sources.replace_primary(url);
                let probed = self.probe_anew().await?;
                let source = self.sources.primary();
                let (length, known) = (probed.shape.length(), state.known.clone());
                let Some(known) = known.filter(|known| length == Some(known.complete_length)) else {
                    let reason = format!("it is not the file that was begun from {}", old.shown());
                    return Err(Error::Changed {
                        url: source.shown(),
                        reason,
                    });
                };
                let verdict = self.sample(claimed, &known, &state.held).await?;
                if verdict != SampleVerdict::Equal && !state.held.is_empty() {
                    let reason = format!("its bytes are not those that came from {}", old.shown());
                    return Err(Error::Changed {
                        url: source.shown(),
                        reason,
                    });
                }
                let known = KnownFile::from_headers(&probed.headers, known.complete_length);
                source.set_known(Arc::new(known.clone()));
                Ok(State {
                    known: Some(known),
                    held: state.held,
                    approach: Approach::Ranges(None),
                })
            }
        }
    }

    /// Equal length and an equal sample: it still fits, whatever the server says. Otherwise it is another file.
    async fn resolve_doubt(
        &mut self,
        claimed: &mut ClaimedPart,
        state: State,
        probed: Probed,
        reason: &str,
    ) -> Result<State, Error> {
        if state.held.is_empty() {
            // Nothing that could be mixed with another version.
            return Ok(self.anew(probed));
        }
        let fits = |known: &KnownFile| probed.shape.length() == Some(known.complete_length);
        let Some(known) = state.known.filter(fits) else {
            return self.changed(claimed, reason, probed);
        };
        let equal = match self.sample(claimed, &known, &state.held).await? {
            SampleVerdict::Equal => true,
            SampleVerdict::Different => false,
            SampleVerdict::Unknown => {
                return Err(Error::GaveOut {
                    url: self.sources.primary().shown(),
                    reason: reason.to_owned(),
                });
            }
        };
        if !equal {
            return self.changed(claimed, reason, probed);
        }
        let notice = format!("{reason}, but its bytes are the same: it goes on");
        self.tally.event(&Event::Notice(notice));
        // Its nodes disagree about the version: from here on only the length is asked of them.
        let known = known.by_length_alone();
        self.sources.primary().set_known(Arc::new(known.clone()));
        Ok(State {
            known: Some(known),
            held: state.held,
            approach: probed.shape.into_approach(),
        })
    }

    /// The file is proven to be another one: begin anew with it, once.
    fn changed(&mut self, claimed: &mut ClaimedPart, reason: &str, probed: Probed) -> Result<State, Error> {
        self.changes += 1;
        if self.changes > 1 {
            let reason = format!("{reason}, for the second time");
            return Err(Error::Changed {
                url: self.sources.primary().shown(),
                reason,
            });
        }
        self.change(claimed, reason)?;
        Ok(self.anew(probed))
    }

    /// A version from its first byte on.
    fn anew(&mut self, probed: Probed) -> State {
        let Probed { headers, shape } = probed;
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

    async fn publish(
        mut self,
        claimed: ClaimedPart,
        part: WorkingPart,
        length: u64,
        verification: Verification,
    ) -> Result<Finished, Error> {
        self.tally.report_phase(Phase::Publishing, length);
        let source = self.sources.primary();
        let publication = target::publication(&source.current(), source.known().as_deref());
        let publish = move |RestingPart { journal, written }| {
            // The gatekeeper: nothing gets its name while a byte is missing.
            if !written.is_whole(length) {
                let bytes = written.bytes();
                return Err(Error::Internal(format!("{bytes} of {length} bytes are there")));
            }
            let name = claimed.publish(&mut journal.into_writer(), &publication)?;
            Ok(claimed.path_of(&name))
        };
        let path = part.finish(publish).await?;
        Ok(self.finished(path, length, verification, Outcome::Downloaded))
    }

    fn finished(self, path: PathBuf, bytes: u64, verification: Verification, outcome: Outcome) -> Finished {
        let tally = self.tally;
        Finished {
            path,
            bytes,
            elapsed: tally.began.elapsed().saturating_sub(tally.paused_for),
            bytes_resumed: tally.bytes_resumed,
            requests: tally.requests,
            retries: tally.retries,
            connections_peak: tally.connections_peak,
            bytes_discarded: tally.bytes_discarded,
            finish_time: self.whole_at.map_or(Duration::ZERO, |at| at.elapsed()),
            verification,
            cause: tally.cause,
            outcome,
        }
    }
}

/// What the digests say.
enum Verdict {
    Right(Verification),
    Wrong {
        expected: crate::digest::Digest,
        actual: crate::digest::Digest,
    },
    Incomplete,
}

impl Shape {
    fn into_approach(self) -> Approach {
        match self {
            Self::Ranged { open, .. } => Approach::Ranges(Some(open)),
            Self::OneStream { response, .. } => Approach::OneStream(Some(response)),
            Self::Empty => Approach::Ranges(None),
        }
    }
}

fn is_page_instead_of(headers: &http::HeaderMap, name: &str) -> bool {
    MediaType::from_headers(headers).is_some_and(|media_type| media_type.is_page_instead_of(name))
}

/// Runs what blocks on the disk away from the network's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Internal(error.to_string())))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
