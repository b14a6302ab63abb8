//! From the first request to the published file, through everything that may come between.

mod claiming;
mod next;
mod probing;
mod publishing;
mod stretch;
mod verification;
mod versions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::claiming::Claimed;
use self::stretch::{Approach, State, StretchEnd};
use self::verification::Verdict;
use super::fetch::SourceBook;
use super::inbox::{Inbox, Mailbox};
use super::part::WorkingPart;
use super::probe::Probed;
use super::tally::Tally;
use super::target::{self, Target};
use crate::disk::part_file::ClaimedPart;
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::http::client::{HttpClient, HttpClientOptions};
use crate::http::media_type::MediaType;
use crate::http::response::KnownFile;
use crate::pace::Pacer;
use crate::progress::{Event, Finished, Outcome, Phase, Reporter};
use crate::range::ByteRange;
use crate::request::Request;
use crate::verify::{Expected, Verification};

/// Runs a transfer to its end.
pub(crate) async fn run(
    request: Request,
    reporter: Arc<dyn Reporter>,
    mailbox: Arc<Mailbox>,
) -> Result<Finished, Error> {
    let sources = book(&request)?;
    Life::new(request, sources, reporter, mailbox).live(None).await
}

/// Runs a transfer whose first answer is open already.
pub(crate) async fn run_from(
    request: Request,
    sources: SourceBook,
    probed: Probed,
    reporter: Arc<dyn Reporter>,
    mailbox: Arc<Mailbox>,
) -> Result<Finished, Error> {
    Life::new(request, sources, reporter, mailbox)
        .live(Some(probed))
        .await
}

/// Finds out what the file is, and leaves the answer open.
pub(crate) async fn open(
    request: Request,
    reporter: Arc<dyn Reporter>,
) -> Result<(SourceBook, Probed), Error> {
    let nobodys = Arc::new(Mailbox::default());
    let sources = book(&request)?;
    let mut life = Life::new(request, sources, reporter, nobodys);
    life.tally.report_phase(Phase::Probing, 0);
    let probed = life.probe_from_scratch().await?;
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
    /// What the first answer of this version of the file said; its length counts where it was told.
    met: Option<KnownFile>,
    /// How often the file was proven to have changed during this very run.
    changes: u32,
    doubts: u32,
    /// How many streams broke off and had to begin at the first byte again.
    streams_over: u32,
    /// What the part file holds while it rests, by what was recorded of it.
    held_bytes: u64,
    /// No later run can go on with what is held ([`State::can_be_gone_on_with`]).
    is_for_this_run_alone: bool,
    /// When the last byte was in the file.
    whole_at: Option<Instant>,
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
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let inbox = Inbox::new(mailbox, request.connections);
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
            met: None,
            changes: 0,
            doubts: 0,
            streams_over: 0,
            held_bytes: 0,
            is_for_this_run_alone: false,
            whole_at: None,
        }
    }

    async fn live(mut self, opened: Option<Probed>) -> Result<Finished, Error> {
        self.tally.report_phase(Phase::Probing, 0);
        let directory = target::open(&self.request.directory).await?;
        if let Some(name) = &self.request.file_name {
            target::refuse_irreplaceable(&directory, name.as_str())?;
        }
        if let Some(skipped) = target::skipped(&directory, &self.request)? {
            return self.done(skipped);
        }
        let mut probed = match opened {
            Some(probed) => probed,
            None => self.first_probe(&directory).await?,
        };
        let name = target::name(&self.request, &probed.headers, &self.sources.primary().current());
        self.announce(&probed, name.as_str());
        match self.claim(&directory, &name, &mut probed).await? {
            Claimed::Part(claimed) => self.fill(directory, claimed, probed).await,
            Claimed::Done(target) => self.done(target),
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
                let resting = match part.rest().await {
                    Ok(resting) => resting,
                    Err(failed) => {
                        let error = self.failed_to_end(failed);
                        return Err(self.ended_keeping(self.held_bytes, error));
                    }
                };
                let set_aside = blocking(move || claimed.set_aside(resting.journal.into_writer())).await?;
                Err(Error::Integrity {
                    digest: expected.algorithm().to_string(),
                    expected: expected.to_hex(),
                    actual: actual.to_hex(),
                    set_aside: Some(set_aside),
                })
            }
            Err(error) => {
                if self.held_bytes == 0 || self.is_for_this_run_alone {
                    // Nothing is left lying about that nobody could go on with.
                    let _ = blocking(move || claimed.discard(None)).await;
                    Err(error)
                } else {
                    Err(self.ended_keeping(self.held_bytes, error))
                }
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
            self.is_for_this_run_alone = !state.can_be_gone_on_with();
            let mut part = self.begin(directory, claimed, &state).await?;
            let next = match self.stretch(&mut part, &mut state).await {
                StretchEnd::Whole(length) => match self.hold_against_digests(part, length, &mut state).await?
                {
                    Some(ready) => return Ok(ready),
                    None => continue,
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

    /// All bytes are there: what the digests say of them. `None` where some left the file, and are fetched again.
    async fn hold_against_digests(
        &mut self,
        part: WorkingPart,
        length: u64,
        state: &mut State,
    ) -> Result<Option<Ready>, Error> {
        let (expected, actual) = match self.verify(&part, length).await {
            Ok(Verdict::Right(verification)) => {
                return Ok(Some(Ready::Right {
                    part,
                    length,
                    verification,
                }));
            }
            Ok(Verdict::Wrong { expected, actual }) => (expected, actual),
            // A piece was wrong at the very end: it left the set.
            Ok(Verdict::Incomplete) => {
                self.rest(part, state).await?;
                state.approach = Approach::Ranges(None);
                return Ok(None);
            }
            Err(error) => {
                self.rest(part, state).await?;
                return Err(error);
            }
        };
        let suspect = self.sources.drop_mirrors_that_delivered();
        if suspect.is_empty() {
            return Ok(Some(Ready::Wrong {
                part,
                expected,
                actual,
            }));
        }
        let notice = "the whole does not match its digest; what came from mirrors is fetched again";
        self.tally.event(&Event::Notice(notice.to_owned()));
        self.rest(part, state).await?;
        for range in suspect.iter() {
            state.held.remove(range);
        }
        self.tally.retracted(suspect.iter().next().map(ByteRange::start));
        self.tally.set_written(state.held.clone());
        state.approach = Approach::Ranges(None);
        Ok(None)
    }

    fn done(self, target: Target) -> Result<Finished, Error> {
        match target {
            Target::Done {
                path,
                bytes,
                outcome,
                verification,
            } => Ok(self.finished(path, bytes, verification, outcome)),
            Target::Claim(_) => Err(Error::Internal(
                "a file that is to come was taken for done".to_owned(),
            )),
        }
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
            cause: tally.causes.conclusion(),
            outcome,
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
