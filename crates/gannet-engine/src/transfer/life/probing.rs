//! Asking what the file is, at the beginning and whenever that is in question again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use url::Url;

use super::{Life, is_page_instead_of};
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::http::redirect::bare;
use crate::progress::Event;
use crate::request::Resume;
use crate::transfer::probe::{Hope, ProbeEnd, Probed, SECOND_ASKING_AFTER, Shape, TryFor, probe};
use crate::transfer::target;

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
                Err(Error::GaveOut { .. }) if try_for == TryFor::Once => {}
                Ok(ProbeEnd::NotTheRest | ProbeEnd::NewAddress) => {}
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
        let began = Instant::now();
        let mut asked = HashSet::new();
        loop {
            if let Some(url) = self.inbox.new_address.take() {
                return Ok(Probing::NewAddress(url));
            }
            let source = self.sources.primary();
            let try_for = self.try_for(if asked.insert(source.id()) {
                FirstRound::Yes
            } else {
                FirstRound::No
            });
            let hope = match &self.met {
                Some(met) => Hope::Again { met },
                None => Hope::Anything,
            };
            match probe(
                &source,
                hope,
                &self.request,
                try_for,
                &mut self.inbox,
                &mut self.tally,
            )
            .await
            {
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
                Err(Error::GaveOut { reason, .. })
                    if self.may_stand_back() && began.elapsed() < self.request.retry_for =>
                {
                    if let Some(url) = self.sources.stand_back() {
                        let notice = format!("{url} does not answer ({reason}): the next address is asked");
                        self.tally.event(&Event::Notice(notice));
                    }
                }
                Err(error) => {
                    self.promote_mirror(error)?;
                }
            }
        }
    }

    /// Whether a mirror may take the first address's place without more ado.
    fn may_stand_back(&self) -> bool {
        self.met.is_none() && self.sources.has_standby()
    }

    fn try_for(&mut self, round: FirstRound) -> TryFor {
        self.sources.take_in(&mut self.inbox);
        match round {
            _ if !self.may_stand_back() => TryFor::Time(self.request.retry_for),
            FirstRound::Yes => TryFor::Once,
            FirstRound::No => TryFor::Time(SECOND_ASKING_AFTER.min(self.request.retry_for)),
        }
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
