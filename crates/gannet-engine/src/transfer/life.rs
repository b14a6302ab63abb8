//! From the first request to the published file, through everything that may come between.

mod verification;
mod versions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use self::verification::Verdict;
use super::Command;
use super::fetch::{FetchEnd, Fetching, Proof, SourceBook, fetch};
use super::inbox::Inbox;
use super::part::{Beginning, RestingPart, WorkingPart};
use super::probe::{Hope, Probed, Shape, probe};
use super::stream::{StreamEnd, Streaming, stream};
use super::tally::Tally;
use super::target::{self, Target};
use crate::disk::part_file::{Claim, ClaimedPart};
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::http::client::{HttpClient, HttpClientOptions};
use crate::http::media_type::MediaType;
use crate::http::response::KnownFile;
use crate::pace::Pacer;
use crate::progress::{Event, Finished, Outcome, Phase, Reporter};
use crate::range::RangeSet;
use crate::request::{Request, Resume};
use crate::verify::{Expected, Verification};
use crate::worker::OpenBody;

/// Runs a transfer to its end.
pub(crate) async fn run(
    request: Request,
    reporter: Arc<dyn Reporter>,
    commands: mpsc::Receiver<Command>,
) -> Result<Finished, Error> {
    let sources = book(&request)?;
    Life::new(request, sources, reporter, commands).live(None).await
}

/// Runs a transfer whose first answer is open already.
pub(crate) async fn run_from(
    request: Request,
    sources: SourceBook,
    probed: Probed,
    reporter: Arc<dyn Reporter>,
    commands: mpsc::Receiver<Command>,
) -> Result<Finished, Error> {
    Life::new(request, sources, reporter, commands)
        .live(Some(probed))
        .await
}

/// Finds out what the file is, and leaves the answer open.
pub(crate) async fn open(
    request: Request,
    reporter: Arc<dyn Reporter>,
) -> Result<(SourceBook, Probed), Error> {
    let (_nobody_commands, commands) = mpsc::channel(1);
    let sources = book(&request)?;
    let mut life = Life::new(request, sources, reporter, commands);
    life.tally.report_phase(Phase::Probing, 0);
    let probed = life.probe_anew().await?;
    Ok((life.sources, probed))
}

fn book(request: &Request) -> Result<SourceBook, Error> {
    let client = match &request.client {
        Some(client) => client.clone(),
        None => HttpClient::new(HttpClientOptions::default())?,
    };
    SourceBook::new(request, client)
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
    fn new(
        request: Request,
        sources: SourceBook,
        reporter: Arc<dyn Reporter>,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        let inbox = Inbox::new(commands, request.connections);
        let limits = request
            .pacers
            .iter()
            .cloned()
            .chain([inbox.pacer.clone()])
            .collect();
        Self {
            sources,
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
        }
    }

    async fn live(mut self, opened: Option<Probed>) -> Result<Finished, Error> {
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
        let mut probed = match opened {
            Some(probed) => probed,
            None => self.first_probe(&directory).await?,
        };
        let name = target::name(&self.request, &probed.headers, &self.sources.primary().current());
        self.announce(&probed, name.as_str());
        let length = probed.shape.length();
        let known = KnownFile::from_headers(&probed.headers, length.unwrap_or(0));
        let existing =
            target::look_at_existing(&directory, &name, &self.request, &known, &mut probed.shape).await?;
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

impl Shape {
    fn into_approach(self) -> Approach {
        match self {
            Self::Ranged { body, response, .. } => {
                Approach::Ranges(response.map(|response| OpenBody { response, body }))
            }
            Self::OneStream { response, .. } => Approach::OneStream(response),
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
