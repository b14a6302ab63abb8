//! What the origin saw, for tests to question.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Notify;

use crate::request::{Request, Scheme};
use crate::script::find_header;

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which request of the origin it is, from 1.
    pub number: u64,
    /// Which connection brought it, from 1.
    pub connection: u64,
    /// When it came, counted from the start of the origin.
    pub at: Duration,
    /// How it came.
    pub scheme: Scheme,
    /// `GET`, `HEAD`, …
    pub method: String,
    /// The target without its query.
    pub path: String,
    /// The query.
    pub query: Option<String>,
    /// All header fields.
    pub headers: Vec<(String, String)>,
    /// The range of the file that was asked for; none without a `Range` that can be satisfied.
    pub asked: Option<Range<u64>>,
    /// The status answered, once it is decided.
    pub status: Option<u16>,
    /// The range of the file that the answer holds.
    pub answered: Option<Range<u64>>,
    /// The bytes of the body sent so far, without framing.
    pub body_bytes: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Entry {
    /// The first header field of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is still being sent.
    Underway,
    /// All of it was sent.
    Complete,
    /// The origin broke it off on purpose, or fell silent.
    BrokenOff,
    /// The client went away, or the network was reset.
    Abandoned,
}

/// A shared log; clones see the same one.
#[derive(Clone, Debug)]
pub struct Log {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    started: Instant,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    /// Entries before this number were cleared.
    cleared_before: u64,
    requests: u64,
    refusals: u64,
    bytes_sent: u64,
    open: Gauge,
    serving: Gauge,
    connections: u64,
}

/// A count and the highest it has been.
#[derive(Clone, Copy, Debug, Default)]
struct Gauge {
    now: usize,
    peak: usize,
}

impl Gauge {
    fn rise(&mut self) {
        self.now += 1;
        self.peak = self.peak.max(self.now);
    }

    fn fall(&mut self) {
        self.now -= 1;
    }
}

/// The log in numbers, as the binary's `/.log` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Requests that came.
    pub requests: u64,
    /// Answers with 429 or 503, and resets or silence beyond a cap.
    pub refusals: u64,
    /// Bytes of bodies sent.
    pub bytes_sent: u64,
    /// Connections accepted.
    pub connections: u64,
    /// The most that were open at once.
    pub peak_open_connections: usize,
    /// The most over which an answer was being sent at once.
    pub peak_serving_connections: usize,
    /// `[first, end)` of each range asked for, in order of arrival.
    pub ranges: Vec<(u64, u64)>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            started: Instant::now(),
            state: Mutex::default(),
            changed: Notify::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// All requests, in order of arrival. At most the first [`MAX_ENTRIES`]; the counts go on.
    pub fn requests(&self) -> Vec<Entry> {
        self.state().entries.clone()
    }

    /// How many requests came.
    pub fn request_count(&self) -> u64 {
        self.state().requests
    }

    /// The ranges asked for, in order of arrival.
    pub fn ranges(&self) -> Vec<Range<u64>> {
        self.state()
            .entries
            .iter()
            .filter_map(|entry| entry.asked.clone())
            .collect()
    }

    /// The ranges asked for, without their overlaps, in bytes above what they cover together.
    pub fn bytes_asked_twice(&self) -> u64 {
        let mut ranges = self.ranges();
        ranges.sort_by_key(|range| range.start);
        let mut covered_to = 0;
        let mut twice = 0;
        for range in ranges {
            twice += covered_to.min(range.end).saturating_sub(range.start);
            covered_to = covered_to.max(range.end);
        }
        twice
    }

    /// The bytes of bodies sent.
    pub fn bytes_sent(&self) -> u64 {
        self.state().bytes_sent
    }

    /// Answers with 429 or 503, and connections reset or left silent beyond a cap.
    pub fn refusals(&self) -> u64 {
        self.state().refusals
    }

    /// Connections accepted.
    pub fn connections(&self) -> u64 {
        self.state().connections
    }

    /// Connections open now.
    pub fn open_connections(&self) -> usize {
        self.state().open.now
    }

    /// The most connections that were open at once.
    pub fn peak_connections(&self) -> usize {
        self.state().open.peak
    }

    /// The most connections over which an answer was being sent at once.
    pub fn peak_serving(&self) -> usize {
        self.state().serving.peak
    }

    /// Every value of a header field that any request carried.
    pub fn headers_seen(&self, name: &str) -> Vec<String> {
        self.state()
            .entries
            .iter()
            .filter_map(|entry| entry.header(name))
            .map(str::to_owned)
            .collect()
    }

    /// The log in numbers.
    pub fn summary(&self) -> Summary {
        let ranges = self
            .ranges()
            .into_iter()
            .map(|range| (range.start, range.end))
            .collect();
        let state = self.state();
        Summary {
            requests: state.requests,
            refusals: state.refusals,
            bytes_sent: state.bytes_sent,
            connections: state.connections,
            peak_open_connections: state.open.peak,
            peak_serving_connections: state.serving.peak,
            ranges,
        }
    }

    /// Forgets what was; connections that are open stay counted.
    pub fn clear(&self) {
        let mut state = self.state();
        state.entries.clear();
        state.cleared_before += state.requests;
        state.requests = 0;
        state.refusals = 0;
        state.bytes_sent = 0;
        state.connections = 0;
        state.open.peak = state.open.now;
        state.serving.peak = state.serving.now;
    }

    /// Waits until `condition` holds, looking whenever something happens.
    ///
    /// # Errors
    /// [`NotInTime`], with the log's numbers, where it does not within `deadline`.
    pub async fn wait_until(
        &self,
        deadline: Duration,
        condition: impl Fn(&Self) -> bool,
    ) -> Result<(), NotInTime> {
        let waited = tokio::time::timeout(deadline, async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if condition(self) {
                    return;
                }
                changed.await;
            }
        });
        waited.await.map_err(|_| NotInTime {
            deadline,
            summary: self.summary(),
        })
    }

    pub(crate) fn opened(&self) {
        let mut state = self.state();
        state.open.rise();
        state.connections += 1;
        drop(state);
        self.shared.changed.notify_waiters();
    }

    pub(crate) fn closed(&self) {
        self.state().open.fall();
        self.shared.changed.notify_waiters();
    }

    /// Notes a request; the ticket is what the answer is noted with.
    pub(crate) fn arrived(&self, request: &Request) -> Ticket {
        let mut state = self.state();
        state.requests += 1;
        let number = state.cleared_before + state.requests;
        if state.entries.len() < MAX_ENTRIES {
            state.entries.push(Entry {
                number,
                connection: request.connection,
                at: self.shared.started.elapsed(),
                scheme: request.scheme,
                method: request.method.clone(),
                path: request.path.clone(),
                query: request.query.clone(),
                headers: request.headers.clone(),
                asked: None,
                status: None,
                answered: None,
                body_bytes: 0,
                outcome: Outcome::Underway,
            });
        }
        drop(state);
        self.shared.changed.notify_waiters();
        Ticket {
            log: self.clone(),
            number,
            outcome: Outcome::Abandoned,
            serving: Serving::No,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition that did not come true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInTime {
    /// How long it was waited for.
    pub deadline: Duration,
    /// The log by then.
    pub summary: Summary,
}

impl std::fmt::Display for NotInTime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the origin's log did not get there within {:?}: {:?}",
            self.deadline, self.summary
        )
    }
}

impl std::error::Error for NotInTime {}

/// One entry being written. Dropped without an end, the client went away.
#[derive(Debug)]
pub(crate) struct Ticket {
    log: Log,
    number: u64,
    outcome: Outcome,
    serving: Serving,
}

/// Whether the request counts among those being served: one beyond a cap does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serving {
    No,
    Yes,
}

impl Ticket {
    /// The request was let in by the cap.
    pub(crate) fn admitted(&mut self) {
        if self.serving == Serving::No {
            self.serving = Serving::Yes;
            self.log.state().serving.rise();
        }
    }

    pub(crate) fn asked(&self, range: Option<Range<u64>>) {
        self.update(|entry| entry.asked = range);
    }

    pub(crate) fn decided(&self, status: u16, answered: Option<Range<u64>>) {
        self.update(|entry| {
            entry.status = Some(status);
            entry.answered = answered;
        });
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.log.state().bytes_sent += bytes;
        self.update(|entry| entry.body_bytes += bytes);
    }

    /// The request was put off.
    pub(crate) fn refused(&self) {
        self.log.state().refusals += 1;
        self.log.shared.changed.notify_waiters();
    }

    /// What became of it, for good.
    pub(crate) fn ended(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.update(|entry| entry.outcome = outcome);
    }

    fn update(&self, change: impl FnOnce(&mut Entry)) {
        let mut state = self.log.state();
        let first = state.cleared_before + 1;
        let index = self.number.checked_sub(first).map(|index| index as usize);
        if let Some(entry) = index.and_then(|index| state.entries.get_mut(index)) {
            change(entry);
        }
        drop(state);
        self.log.shared.changed.notify_waiters();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.serving == Serving::Yes {
            self.log.state().serving.fall();
        }
        self.update(|entry| entry.outcome = self.outcome);
    }
}

/// A million small requests would otherwise fill the memory of a test that only counts.
pub const MAX_ENTRIES: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        Request {
            connection: 1,
            scheme: Scheme::Http,
            method: "GET".to_owned(),
            path: "/file".to_owned(),
            query: None,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn the_log_counts_what_was_served() {
        let log = Log::new();
        log.opened();
        let mut first = log.arrived(&request(&[("Cookie", "a=1")]));
        let mut second = log.arrived(&request(&[]));
        first.admitted();
        second.admitted();
        first.asked(Some(0..10));
        second.asked(Some(5..20));
        first.decided(206, Some(0..10));
        first.sent(10);
        first.ended(Outcome::Complete);
        drop((first, second));
        assert_eq!(log.ranges(), [0..10, 5..20]);
        assert_eq!(log.bytes_asked_twice(), 5);
        assert_eq!(
            (log.bytes_sent(), log.peak_serving(), log.peak_connections()),
            (10, 2, 1)
        );
        assert_eq!(log.headers_seen("cookie"), ["a=1"]);
        let outcomes: Vec<_> = log.requests().iter().map(|entry| entry.outcome).collect();
        assert_eq!(outcomes, [Outcome::Complete, Outcome::Abandoned]);
    }

    #[test]
    fn an_answer_that_began_before_a_clear_does_not_touch_what_came_after() {
        let log = Log::new();
        let mut old = log.arrived(&request(&[]));
        log.clear();
        let mut new = log.arrived(&request(&[]));
        old.decided(500, None);
        old.ended(Outcome::BrokenOff);
        new.decided(200, None);
        new.ended(Outcome::Complete);
        let entries = log.requests();
        assert_eq!(
            (entries.len(), entries[0].status, entries[0].outcome),
            (1, Some(200), Outcome::Complete)
        );
    }

    #[tokio::test]
    async fn waiting_ends_with_the_condition_or_the_deadline() {
        let log = Log::new();
        let waiting = log.wait_until(Duration::from_secs(10), |log| log.request_count() == 1);
        let (waited, ()) = tokio::join!(waiting, async { drop(log.arrived(&request(&[]))) });
        waited.unwrap();
        assert!(
            log.wait_until(Duration::from_millis(1), |log| log.request_count() == 2)
                .await
                .is_err()
        );
    }
}
