//! A profile at work: what it has answered so far, who is being served, which version its file has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::content::Content;
use crate::digests::FileDigests;
use crate::pace::SharedTimeline;
use crate::profile::{Beyond, Profile};
use crate::request::Request;
use crate::respond::{self, Addresses, File, Moment};
use crate::script::Script;
use crate::size::parse_bytes;

/// A profile and its state. It answers all paths that begin with its prefix.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) prefix: String,
    pub(crate) profile: Profile,
    pub(crate) total: Option<SharedTimeline>,
    started: Instant,
    answers: AtomicU64,
    /// 0 while the profile alone decides.
    version: AtomicU64,
    /// The length of the file, unless the path names another.
    size_bytes: AtomicU64,
    places: Arc<Semaphore>,
    digests: Mutex<HashMap<Content, Arc<FileDigests>>>,
}

/// What the cap makes of a request.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It is served, and holds a place meanwhile.
    Served(Option<OwnedSemaphorePermit>),
    /// It is put off.
    Refused(Script),
    /// The connection is reset.
    Reset,
    /// The connection never gets an answer.
    Silence,
}

impl Site {
    pub(crate) fn new(prefix: &str, profile: Profile) -> Self {
        let now = tokio::time::Instant::now();
        let places = profile
            .cap
            .as_ref()
            .map_or(Semaphore::MAX_PERMITS, |cap| cap.at_most);
        let site = Self {
            prefix: prefix.to_owned(),
            total: profile
                .pace
                .total_bytes_per_s
                .map(|rate| SharedTimeline::new(rate, now)),
            started: Instant::now(),
            answers: AtomicU64::new(0),
            version: AtomicU64::new(0),
            size_bytes: AtomicU64::new(profile.size_bytes),
            places: Arc::new(Semaphore::new(places)),
            digests: Mutex::default(),
            profile,
        };
        // A digest takes a second or two per gigabyte, which no answer should wait for.
        site.digests(&respond::content(site.profile.seed, 1, site.profile.size_bytes));
        site
    }

    pub(crate) fn set_version(&self, version: u64) {
        self.version.store(version, Ordering::SeqCst);
    }

    pub(crate) fn set_size(&self, size_bytes: u64) {
        self.size_bytes.store(size_bytes, Ordering::SeqCst);
    }

    /// How many answers there were, refusals and redirects apart.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::SeqCst)
    }

    /// The next answer is the first one again.
    pub(crate) fn count_anew(&self) {
        self.answers.store(0, Ordering::SeqCst);
    }

    /// The bytes of a version of the file.
    pub(crate) fn content(&self, version: u64) -> Content {
        respond::content(self.profile.seed, version, self.size_bytes.load(Ordering::SeqCst))
    }

    /// The length of the file at that path; none where the path names a size that is none.
    pub(crate) fn length_at(&self, path: &str) -> Option<u64> {
        let below = path
            .strip_prefix(self.prefix.as_str())
            .unwrap_or(path)
            .trim_start_matches('/');
        let own = self.size_bytes.load(Ordering::SeqCst);
        match below.split_once('/') {
            Some(("size", rest)) => parse_bytes(rest.split('/').next().unwrap_or_default()),
            Some((first, _)) => Some(parse_bytes(first).unwrap_or(own)),
            None => Some(own),
        }
    }

    /// What comes before the file: credentials, redirects, tokens.
    pub(crate) fn detour(&self, request: &Request, addresses: &Addresses) -> Option<Script> {
        if let Some(script) = respond::unauthorised(&self.profile, request) {
            return Some(script);
        }
        if let Some(script) = respond::redirected(&self.profile, request, addresses) {
            return Some(script);
        }
        let tokens = self.profile.tokens.as_ref()?;
        let status = tokens.redeem(request.query_value("token")).err()?;
        Some(Script::text(status, "This address has expired.\n"))
    }

    /// Asks the cap. `held` is the place of the connection, where the cap counts connections.
    pub(crate) async fn admit(&self, held: &mut Option<OwnedSemaphorePermit>) -> Admission {
        let Some(cap) = &self.profile.cap else {
            return Admission::Served(None);
        };
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        match (&cap.beyond, place) {
            (Beyond::Refuse(_) | Beyond::Queue, Some(place)) => Admission::Served(Some(place)),
            (Beyond::Refuse(refusal), None) => {
                Admission::Refused(respond::refusal(refusal, SystemTime::now()))
            }
            (Beyond::Queue, None) => Admission::Served(Arc::clone(&self.places).acquire_owned().await.ok()),
            (Beyond::Reset | Beyond::Silence, _) if held.is_some() => Admission::Served(None),
            (Beyond::Reset | Beyond::Silence, Some(place)) => {
                *held = Some(place);
                Admission::Served(None)
            }
            (Beyond::Reset, None) => Admission::Reset,
            (Beyond::Silence, None) => Admission::Silence,
        }
    }

    /// The answer to a request for the file.
    pub(crate) fn answer(&self, request: &Request) -> Script {
        let Some(length) = self.length_at(&request.path) else {
            return Script::text(404, "That is no size.\n");
        };
        let answer = self.answers.fetch_add(1, Ordering::SeqCst) + 1;
        let version = match self.version.load(Ordering::SeqCst) {
            0 => respond::version_by_profile(self.profile.change, answer, self.started.elapsed()),
            by_hand => by_hand,
        };
        let content = respond::content(self.profile.seed, version, length);
        let digests = self.digests(&content);
        let file = File {
            content,
            version,
            digests: digests.as_deref(),
        };
        respond::answer(
            &self.profile,
            request,
            &file,
            Moment {
                answer,
                now: SystemTime::now(),
            },
        )
    }

    fn digests(&self, content: &Content) -> Option<Arc<FileDigests>> {
        if self.profile.digests.is_empty() {
            return None;
        }
        let mut known = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(
            known
                .entry(*content)
                .or_insert_with(|| Arc::new(FileDigests::of(content))),
        ))
    }
}
