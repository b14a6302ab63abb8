//! Asking what the file is, at the beginning and whenever that is in question again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use url::Url;

use super::{Life, is_page_instead_of};
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::http::redirect::bare;
use crate::http::source::Source;
use crate::progress::Event;
use crate::request::{Request, Resume};
use crate::transfer::patience::{Patience, Spent};
use crate::transfer::probe::{Hope, ProbeEnd, Probed, SECOND_ASKING_AFTER, Shape, TryFor, probe};
use crate::transfer::target;
use crate::transfer::tries::{MIRROR_AFTER, Step};

/// What came of asking anew.
pub(super) enum Probing {
    /// The server told what the file is.
    Met(Box<Probed>),
    /// The caller gave another address meanwhile.
    NewAddress(Url),
}

/// Whether an address is asked for the first time.
#[derive(Clone, Copy)]
enum FirstRound {
    Yes,
    No,
}

/// Whose turn it is, where several addresses are asked in vain.
struct Turns {
    patience: Patience,
    asked: HashSet<usize>,
    /// Those that say one after the other that there is no network.
    without_network: HashSet<usize>,
    waits: u32,
}

impl Turns {
    fn new(request: &Request, now: Instant) -> Self {
        Self {
            patience: Patience::new(request.retry_for, request.network_wait, now),
            asked: HashSet::new(),
            without_network: HashSet::new(),
            waits: 0,
        }
    }

    fn next_of(&mut self, source: &Source) -> FirstRound {
        if self.asked.insert(source.id()) {
            FirstRound::Yes
        } else {
            FirstRound::No
        }
    }

    /// An address had no answer.
    fn note(&mut self, source: &Source, spent: Spent) {
        if spent == Spent::WithoutNetwork {
            self.without_network.insert(source.id());
        } else {
            // Somebody was to blame, so there is one.
            self.without_network.clear();
        }
    }

    fn were_all_asked(&self, used: &HashSet<usize>) -> bool {
        used.is_subset(&self.asked)
    }

    /// The wait for a network, where every address says that there is none.
    fn wait_for_network(&mut self, used: &HashSet<usize>, reason: &str) -> Option<Step> {
        if !used.is_subset(&self.without_network) {
            return None;
        }
        self.without_network.clear();
        self.waits += 1;
        Some(Step::for_network(self.waits, reason.to_owned()))
    }
}

impl Life {
    /// Finds out what the file is. Where an earlier run left a beginning, its rest is asked for at once.
    pub(super) async fn first_probe(&mut self, directory: &Arc<dyn Directory>) -> Result<Probed, Error> {
        if self.request.resume == Resume::Continue
            && let Some((known, missing)) = target::peek(directory, &self.request)
        {
            let hope = Hope::Rest {
                known: &known,
                missing,
            };
            let source = self.sources.primary();
            let try_for = self.try_for(FirstRound::Yes);
            let end = probe(
                &source,
                hope,
                &self.request,
                try_for,
                &mut self.inbox,
                &mut self.tally,
            )
            .await;
            match end {
                Ok(ProbeEnd::Met { probed, latency }) => {
                    self.sources.note_latency(&source, latency);
                    return Ok(*probed);
                }
                Ok(ProbeEnd::NotTheRest | ProbeEnd::NewAddress | ProbeEnd::GivesWay { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.probe_from_scratch().await
    }

    /// Finds out what the file is, from whichever address the caller gave last.
    pub(super) async fn probe_from_scratch(&mut self) -> Result<Probed, Error> {
        loop {
            match self.probe_anew().await? {
                Probing::Met(probed) => return Ok(*probed),
                Probing::NewAddress(url) => self.sources.replace_primary(url),
            }
        }
    }

    /// Asks what the file is. Where an address does not say it, a mirror takes its place: at once where nothing is known
    /// of the file, so that no bytes of two hosts could be mixed.
    pub(super) async fn probe_anew(&mut self) -> Result<Probing, Error> {
        let mut turns = Turns::new(&self.request, Instant::now());
        loop {
            if let Some(url) = self.inbox.new_address.take() {
                return Ok(Probing::NewAddress(url));
            }
            let source = self.sources.primary();
            let round = turns.next_of(&source);
            let try_for = self.try_for(round);
            let hope = match &self.met {
                Some(met) => Hope::Again { met },
                None => Hope::Anything,
            };
            let paused_before = self.tally.paused_for;
            let end = probe(
                &source,
                hope,
                &self.request,
                try_for,
                &mut self.inbox,
                &mut self.tally,
            )
            .await;
            turns
                .patience
                .excuse(self.tally.paused_for.saturating_sub(paused_before));
            match end {
                Ok(ProbeEnd::Met { probed, latency }) => {
                    self.sources.note_latency(&source, latency);
                    return Ok(Probing::Met(probed));
                }
                Ok(ProbeEnd::NewAddress) => {}
                Ok(ProbeEnd::NotTheRest) => {
                    return Err(Error::Internal(
                        "a probe without hope ended in disappointment".to_owned(),
                    ));
                }
                Ok(ProbeEnd::GivesWay { reason, spent }) => {
                    self.give_way(&mut turns, &source, round, reason, spent).await?;
                }
                Err(Error::GaveOut { reason, .. }) if self.met.is_none() && self.sources.has_standby() => {
                    self.give_way(&mut turns, &source, round, reason, Spent::Asking)
                        .await?;
                }
                Err(error) => {
                    self.promote_mirror(error)?;
                }
            }
        }
    }

    /// The next address is asked. Where each of them says that there is no network, that is waited for.
    async fn give_way(
        &mut self,
        turns: &mut Turns,
        source: &Source,
        round: FirstRound,
        reason: String,
        spent: Spent,
    ) -> Result<(), Error> {
        turns.note(source, spent);
        let used = self.sources.ids_in_use();
        let exhausted = turns.patience.check(spent, Instant::now());
        if exhausted.is_some() && turns.were_all_asked(&used) {
            let url = source.shown();
            return Err(Error::GaveOut { url, reason });
        }
        if let Some(step) = turns.wait_for_network(&used, &reason) {
            step.carry_out(&mut turns.patience, source, &mut self.inbox, &mut self.tally, 0)
                .await?;
        }
        let shown = self.sources.stand_back();
        if let (Some(url), FirstRound::Yes) = (shown, round) {
            let notice = format!("{url} does not answer ({reason}): the next address is asked");
            self.tally.event(&Event::Notice(notice));
        }
        Ok(())
    }

    fn try_for(&mut self, round: FirstRound) -> TryFor {
        self.sources.take_in(&mut self.inbox);
        let retry_for = self.request.retry_for;
        match round {
            _ if !self.sources.may_stand_in(self.held_bytes) => TryFor::Time(retry_for),
            // Who delivered before gets a moment to come back: to go on elsewhere takes more than one request.
            _ if self.met.is_some() => TryFor::Turn {
                time: retry_for,
                in_reach: MIRROR_AFTER.min(retry_for),
            },
            FirstRound::Yes => TryFor::Once,
            FirstRound::No => {
                let time = SECOND_ASKING_AFTER.min(retry_for);
                TryFor::Turn { time, in_reach: time }
            }
        }
    }

    /// As [`Life::promote_mirror`]; who only gave out may be asked again once, where the mirrors give out too.
    pub(super) fn stand_back_or_promote(&mut self, error: Error) -> Result<Error, Error> {
        self.sources.take_in(&mut self.inbox);
        let Error::GaveOut { reason, .. } = &error else {
            return self.promote_mirror(error);
        };
        let Some(url) = self.sources.stand_back_once() else {
            return self.promote_mirror(error);
        };
        self.streams_over = 0;
        let notice = format!("{url} gives nothing for now ({reason}): the next address is asked");
        self.tally.event(&Event::Notice(notice));
        Ok(error)
    }

    /// Puts a mirror in the place of the address that `error` speaks of. Fails with it where there is no other, or the
    /// address is not to blame.
    pub(super) fn promote_mirror(&mut self, error: Error) -> Result<Error, Error> {
        self.sources.take_in(&mut self.inbox);
        if !error.is_of_source() {
            return Err(error);
        }
        let Some(url) = self.sources.promote_mirror() else {
            return Err(error);
        };
        self.streams_over = 0;
        self.tally.event(&Event::MirrorDropped {
            url,
            reason: error.to_string(),
        });
        Ok(error)
    }

    pub(super) fn announce(&mut self, probed: &Probed, name: &str) {
        let length = probed.shape.length();
        self.tally.name = Some(name.to_owned());
        self.tally.length = length;
        self.tally.event(&Event::Probed {
            name: name.to_owned(),
            length,
            ranges: matches!(probed.shape, Shape::Ranged { .. }),
            validator: probed.validator_strength(),
            final_url: bare(&self.sources.primary().current()).into(),
        });
        // Who is sent on to a login page gets the page's name, too: what was asked for is another.
        let asked_for = self
            .request
            .url
            .path_segments()
            .and_then(Iterator::last)
            .unwrap_or_default();
        if is_page_instead_of(&probed.headers, name) || is_page_instead_of(&probed.headers, asked_for) {
            let notice = format!(
                "the server sends a web page under the name {name}; it may want a login: look at the link in a browser"
            );
            self.tally.event(&Event::Notice(notice));
        }
    }
}
