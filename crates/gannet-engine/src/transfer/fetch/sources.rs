//! The addresses of one file, and what each of them has shown so far.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use url::Url;

use super::entry::{Entry, Standing};
use crate::error::Error;
use crate::http::client::HttpClient;
use crate::http::redirect::{is_same_origin, redact};
use crate::http::source::{Outfit, Source};
use crate::progress::Event;
use crate::range::{ByteRange, RangeSet};
use crate::request::Request;
use crate::transfer::inbox::Inbox;
use crate::transfer::tally::Tally;

/// How often the first address may send a piece that does not match its digest, before the digest is not believed.
const WRONG_PIECES_MAX: u32 = 4;

/// All addresses of one file, the first one the request's own.
pub(crate) struct SourceBook {
    client: HttpClient,
    outfit: Outfit,
    request_url: Url,
    downgrade: crate::http::redirect::Downgrade,
    entries: Vec<Entry>,
    /// Never given twice: what an address delivered is remembered by its number.
    next_id: usize,
    /// Whether mirrors may deliver beside the first: only where a digest tells right from wrong.
    pub(crate) mirrors_allowed: bool,
    delivered: BTreeMap<usize, RangeSet>,
    /// How often the piece that begins there was wrong.
    wrong_pieces: BTreeMap<u64, u32>,
}

/// What does not match its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// An answer, and the digest that it bore itself.
    Answer,
    /// A piece of the file, and the digest that the caller gave of it.
    Piece,
}

/// Who is to blame for that.
enum Blame {
    /// The mirror that is used no longer: this one, fit to be shown.
    Mirror(String),
    /// Nobody yet.
    Nobody,
    /// The digest: it is not of the file that the first address has.
    Digest {
        /// How often the piece came.
        times: u32,
    },
}

impl Wrong {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Answer => "a part of it does not match its digest",
            Self::Piece => "a piece of it does not match its digest",
        }
    }
}

impl SourceBook {
    pub(crate) fn new(request: &Request, client: HttpClient) -> Result<Self, Error> {
        let cookies = request.cookies.clone().map(Arc::new);
        let outfit = Outfit::new(
            &request.url,
            &request.headers,
            request.credentials.as_ref(),
            cookies,
        )?;
        let mut book = Self {
            client,
            outfit,
            request_url: request.url.clone(),
            downgrade: request.downgrade,
            entries: Vec::new(),
            next_id: 0,
            mirrors_allowed: false,
            delivered: BTreeMap::new(),
            wrong_pieces: BTreeMap::new(),
        };
        book.push(request.url.clone());
        for mirror in &request.mirrors {
            book.add_mirror(mirror.clone());
        }
        Ok(book)
    }

    /// The address that the file is known by.
    pub(crate) fn primary(&self) -> Arc<Source> {
        Arc::clone(&self.entries[0].source)
    }

    /// Adds another address, once.
    pub(crate) fn add_mirror(&mut self, url: Url) {
        if self.entries.iter().all(|entry| *entry.source.original() != url) {
            self.push(url);
        }
    }

    /// Adds the addresses that the caller gave since.
    pub(crate) fn take_in(&mut self, inbox: &mut Inbox) {
        while let Some(url) = inbox.new_mirrors.pop_front() {
            self.add_mirror(url);
        }
    }

    /// Puts another address in the first one's place.
    pub(crate) fn replace_primary(&mut self, url: Url) {
        self.push(url);
        let last = self.entries.len() - 1;
        self.entries.swap(0, last);
        self.entries.truncate(last);
    }

    /// The first address gave out: the next one in use takes its place. Returns the one that gave out, fit to be shown;
    /// `None` where there is no other, and the first one stays.
    pub(crate) fn promote_mirror(&mut self) -> Option<String> {
        let others = self.entries.iter().skip(1);
        let next = others
            .take_while(|entry| entry.standing == Standing::Dropped)
            .count()
            + 1;
        if next >= self.entries.len() {
            return None;
        }
        let shown = self.entries[0].source.shown();
        self.entries.drain(..next);
        Some(shown)
    }

    /// Whether another address could take the first one's place.
    pub(crate) fn has_standby(&self) -> bool {
        self.standby().is_some()
    }

    /// The first address does not answer for now: the next one in use takes its place, and it goes behind the others.
    /// Returns it, fit to be shown.
    pub(crate) fn stand_back(&mut self) -> Option<String> {
        let shown = self.entries[0].source.shown();
        let next = self.standby()?;
        self.entries.rotate_left(next);
        Some(shown)
    }

    /// The first address gave out in the middle of the file. Once it may stand back, as [`SourceBook::stand_back`] says: it may
    /// come back, and the others may give out as well. `None` where that was before, or there is no other.
    pub(crate) fn stand_back_once(&mut self) -> Option<String> {
        if !self.has_standby() || std::mem::replace(&mut self.entries[0].stood_back, true) {
            return None;
        }
        self.stand_back()
    }

    /// Whether another address may take the first one's place before that gave out for good. What is held goes together with
    /// another host's bytes by a digest alone, so without one it would be lost by this, for a line that was down for a moment.
    pub(crate) fn may_stand_in(&self, held_bytes: u64) -> bool {
        held_bytes == 0 && self.has_standby()
    }

    /// The numbers of all addresses in use, those that stand by among them.
    pub(crate) fn ids_in_use(&self) -> HashSet<usize> {
        let is_good = |entry: &&Entry| entry.standing == Standing::Good;
        self.entries
            .iter()
            .filter(is_good)
            .map(|entry| entry.source.id())
            .collect()
    }

    fn standby(&self) -> Option<usize> {
        let is_good = |entry: &Entry| entry.standing == Standing::Good;
        (1..self.entries.len()).find(|&index| is_good(&self.entries[index]))
    }

    /// An answer of an address took so long.
    pub(crate) fn note_latency(&mut self, source: &Source, latency: Duration) {
        if let Some(entry) = self.entry(source) {
            entry.note_latency(latency.as_secs_f64());
        }
    }

    /// How long an answer usually takes, in seconds.
    pub(super) fn usual_latency_s(&self) -> Option<f64> {
        let mut latencies: Vec<f64> = self.entries().filter_map(|entry| entry.latency_s).collect();
        super::staff::median(&mut latencies)
    }

    /// Whether what is fetched comes through a proxy.
    pub(super) fn through_proxy(&self) -> bool {
        self.client.goes_through_proxy(&self.request_url)
    }

    /// Drops all mirrors that delivered, and returns what came from them.
    pub(crate) fn drop_mirrors_that_delivered(&mut self) -> RangeSet {
        let primary = self.entries[0].source.id();
        let mut suspect = RangeSet::new();
        for (id, ranges) in std::mem::take(&mut self.delivered) {
            if id == primary {
                continue;
            }
            suspect.extend(ranges.iter());
            self.drop_source(id);
        }
        suspect
    }

    /// Which address delivered a byte of `range`, where that is not the first one.
    fn mirror_behind(&self, range: ByteRange) -> Option<usize> {
        let primary = self.entries[0].source.id();
        let holds = |ranges: &RangeSet| ranges.iter().any(|held| held.intersection(range).is_some());
        self.delivered
            .iter()
            .find(|(id, ranges)| **id != primary && holds(ranges))
            .map(|(&id, _)| id)
    }

    /// Bytes do not match their digest, and are fetched again: what brought them is used no longer, where it is a mirror. Fails
    /// where the digest is to blame: what the first address sends wrong time and again is what it has.
    pub(crate) fn reject(
        &mut self,
        range: ByteRange,
        wrong: Wrong,
        request: &Request,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        tally.bytes_discarded += range.len();
        match self.blame(range, wrong) {
            Blame::Mirror(url) => {
                let reason = wrong.reason().to_owned();
                tally.event(&Event::MirrorDropped { url, reason });
                Ok(())
            }
            Blame::Nobody => Ok(()),
            Blame::Digest { times } => Err(request.wrong_piece(range, times)),
        }
    }

    fn blame(&mut self, range: ByteRange, wrong: Wrong) -> Blame {
        if let Some(mirror) = self.mirror_behind(range) {
            // What it sent is gone, and says nothing of who sends it next.
            if let Some(delivered) = self.delivered.get_mut(&mirror) {
                delivered.remove(range);
            }
            return self.drop_source(mirror).map_or(Blame::Nobody, Blame::Mirror);
        }
        if wrong == Wrong::Answer {
            return Blame::Nobody;
        }
        let times = self.wrong_pieces.entry(range.start()).or_default();
        *times += 1;
        if *times >= WRONG_PIECES_MAX {
            Blame::Digest { times: *times }
        } else {
            Blame::Nobody
        }
    }

    /// Uses an address no longer. Returns it, fit to be shown, where that is news.
    pub(crate) fn drop_source(&mut self, id: usize) -> Option<String> {
        let entry = self.entries.iter_mut().find(|entry| entry.source.id() == id)?;
        let before = std::mem::replace(&mut entry.standing, Standing::Dropped);
        (before == Standing::Good).then(|| redact(entry.source.original()))
    }

    pub(super) fn delivered(&mut self, source: usize, range: ByteRange) {
        // Only where more than one delivers can it matter who it was.
        if self.entries.len() > 1 {
            self.delivered.entry(source).or_default().insert(range);
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let used = if self.mirrors_allowed {
            self.entries.len()
        } else {
            1
        };
        self.entries[..used]
            .iter()
            .filter(|entry| entry.standing == Standing::Good)
    }

    pub(super) fn entry(&mut self, source: &Source) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .find(|entry| entry.source.id() == source.id())
    }

    pub(super) fn is_primary(&self, source: &Source) -> bool {
        self.entries[0].source.id() == source.id()
    }

    /// Whether every address in use rests because its server said so.
    pub(super) fn all_rest_by_order(&self, now: Instant) -> bool {
        let mut used = self.entries().peekable();
        used.peek().is_some() && used.all(|entry| entry.rest_is_ordered && entry.is_resting(now))
    }

    fn push(&mut self, url: Url) {
        let outfit = if is_same_origin(&self.request_url, &url) {
            self.outfit.clone()
        } else {
            self.outfit.for_other_origin()
        };
        let outfit = if url == self.request_url {
            // Its login is in the outfit already, or gives way to what the request says.
            outfit
        } else {
            outfit.with_login_of(&url)
        };
        let id = self.next_id;
        self.next_id += 1;
        let source = Arc::new(Source::new(id, url, self.client.clone(), outfit, self.downgrade));
        self.entries.push(Entry::new(source));
    }
}
