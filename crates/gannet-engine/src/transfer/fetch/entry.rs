//! One address of a file, and what it has shown so far.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::usual::UsualSpeed;
use crate::http::source::Source;

/// How strongly a new answer's latency moves the estimate.
const LATENCY_GAIN: f64 = 0.3;

/// One address and its record.
pub(super) struct Entry {
    pub(super) source: Arc<Source>,
    pub(super) standing: Standing,
    /// Nothing is asked of it before this.
    pub(super) rest_until: Option<Instant>,
    /// Whether the rest was ordered by the server: then it counts against nobody's patience.
    pub(super) rest_is_ordered: bool,
    /// Failures since it last delivered.
    pub(super) failures: u32,
    /// Answers that were not what was asked for, since it last delivered.
    pub(super) refusals: u32,
    /// 503, 429 and the like within what it took before, since it last delivered.
    pub(super) busy: u32,
    /// Parts that did not match the digests they bore, since one did.
    pub(super) wrong_parts: u32,
    /// Certificates that could not be trusted, since it last delivered.
    pub(super) distrusted: u32,
    /// Beside how many that it served it was resolved again, while it has not served more at once since.
    pub(super) renewed_beside: Option<u32>,
    /// Whether it made room for another one before, in the middle of the file.
    pub(super) stood_back: bool,
    /// How long its answers take, in seconds.
    pub(super) latency_s: Option<f64>,
    /// What its connections brought.
    pub(super) usual: UsualSpeed,
}

/// Whether an address is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    Dropped,
}

/// How the address that answers was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    /// It is the one that was given: to ask that again leads to no other.
    Direct,
    /// By redirects, which may lead elsewhere the next time.
    Redirected,
}

/// What 401, 403 or 410 in mid-file mean (cases 38 and 39).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// The link has run out: the original one is resolved again. Some links serve a few requests only, so that may be
    /// as often as it helps.
    OfLink,
    /// It is one connection too many: others are served by the same address, and to resolve it again brought no more.
    OneTooMany,
    /// It is over.
    ForGood,
}

impl Entry {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self {
            source,
            standing: Standing::Good,
            rest_until: None,
            rest_is_ordered: false,
            failures: 0,
            refusals: 0,
            busy: 0,
            wrong_parts: 0,
            distrusted: 0,
            renewed_beside: None,
            stood_back: false,
            latency_s: None,
            usual: UsualSpeed::default(),
        }
    }

    pub(super) fn is_resting(&self, now: Instant) -> bool {
        self.rest_until.is_some_and(|until| now < until)
    }

    /// It brought what was asked for: earlier failures are forgiven.
    pub(super) fn delivered(&mut self) {
        self.failures = 0;
        self.refusals = 0;
        self.busy = 0;
        self.distrusted = 0;
        self.rest_until = None;
    }

    /// It serves so many at once: where that is more than before it was resolved again, that was not in vain.
    pub(super) fn note_served(&mut self, served: u32) {
        self.renewed_beside = self.renewed_beside.filter(|&before| served <= before);
    }

    /// What a refusal as of an expired link means, while it serves so many others.
    pub(super) fn meaning_of_expiry(&self, resolution: Resolution, delivering: u32) -> Expiry {
        let is_renewed_in_vain = self.renewed_beside.is_some_and(|before| delivering >= before);
        match resolution {
            Resolution::Redirected if !is_renewed_in_vain => Expiry::OfLink,
            _ if delivering > 0 => Expiry::OneTooMany,
            Resolution::Redirected | Resolution::Direct => Expiry::ForGood,
        }
    }

    /// Nothing is asked of it for so long. A longer rest that is under way stays.
    pub(super) fn rest(&mut self, wait: Duration, now: Instant) {
        let until = now + wait;
        if self.rest_until.is_none_or(|before| before < until) {
            self.rest_until = Some(until);
            self.rest_is_ordered = false;
        }
    }

    /// The same, because its server said so.
    pub(super) fn rest_as_ordered(&mut self, wait: Duration, now: Instant) {
        let until = now + wait;
        if self.rest_until.is_none_or(|before| before <= until) {
            self.rest_until = Some(until);
            self.rest_is_ordered = true;
        }
    }

    pub(super) fn note_latency(&mut self, latency_s: f64) {
        self.latency_s = Some(match self.latency_s {
            None => latency_s,
            Some(before) => before + LATENCY_GAIN * (latency_s - before),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client::{HttpClient, HttpClientOptions};
    use crate::http::redirect::Downgrade;
    use crate::http::source::Outfit;

    fn entry() -> Entry {
        let client = HttpClient::new(HttpClientOptions::default()).unwrap();
        let url = "http://127.0.0.1/file".parse().unwrap();
        let source = Source::new(0, url, client, Outfit::default(), Downgrade::Refuse);
        Entry::new(Arc::new(source))
    }

    #[test]
    fn a_link_is_renewed_for_as_long_as_that_brings_more_than_there_was() {
        let mut entry = entry();
        for (delivering, served, expected) in [
            (0, 0, Expiry::OfLink),
            (0, 0, Expiry::ForGood),
            // Renewed beside none, and then one was served.
            (0, 1, Expiry::OfLink),
            (3, 1, Expiry::OfLink),
            (3, 3, Expiry::OneTooMany),
            (4, 3, Expiry::OneTooMany),
            // One of the three is over, and the next is refused: this is the link.
            (2, 3, Expiry::OfLink),
            (2, 3, Expiry::OfLink),
        ] {
            entry.note_served(served);
            let found = entry.meaning_of_expiry(Resolution::Redirected, delivering);
            assert_eq!(found, expected, "{delivering} {served}");
            if found == Expiry::OfLink {
                entry.renewed_beside = Some(delivering);
            }
        }
        assert_eq!(entry.meaning_of_expiry(Resolution::Direct, 2), Expiry::OneTooMany);
        assert_eq!(entry.meaning_of_expiry(Resolution::Direct, 0), Expiry::ForGood);
    }

    #[test]
    fn what_a_server_ordered_is_not_cut_short_by_a_rest_of_our_own() {
        let (mut entry, now) = (entry(), Instant::now());
        let second = Duration::from_secs(1);
        entry.rest(second, now);
        entry.rest_as_ordered(second * 10, now);
        entry.rest(second * 2, now);
        assert!(entry.is_resting(now + second * 9) && entry.rest_is_ordered);
        assert!(!entry.is_resting(now + second * 10));
    }
}
