//! What is seen of one download while it runs, and kept of it afterwards: the picture for snapshots, the log, the speeds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gannet_engine::figures::Bytes;
use gannet_engine::{Event, Phase, RangeSet, Reporter, Snapshot, ValidatorStrength};
use gannet_schema::{
    Cause, Detail, DownloadId, LogEntry, LogKind, Moving, Notch, Source, SourceState, Standing, Validator,
    WaitReason, Worker, WorkerState,
};

use crate::cells::cells;
use crate::desk::Held;
use crate::entry::Entry;
use crate::secrets::Secrets;
use crate::time::now_ms;

/// Entries of the log that are kept.
const LOG_MAX: usize = 500;
/// Seconds of speed that are kept.
const RATES_MAX: usize = 600;
/// Ranges that a detail carries.
const RANGES_MAX: usize = 4096;
/// Workers that a snapshot carries.
const NOTCHES_MAX: usize = 64;

/// What is seen of one download.
#[derive(Default)]
pub(crate) struct Live {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    snapshot: Option<Snapshot>,
    /// When the wait is over that the server ordered, in milliseconds since 1970.
    ordered_until_ms: Option<u64>,
    /// Of earlier runs.
    requests_before: u64,
    retries_before: u64,
    discarded_before: u64,
    connections_peak: u32,
    resumable: Option<bool>,
    validator: Option<Validator>,
    /// What the source names as the digest of the version that is fetched.
    found_digest: Option<String>,
    log: VecDeque<LogEntry>,
    rates: VecDeque<f64>,
    second: Option<Second>,
    dropped: Vec<(String, String)>,
    /// Addresses beside the main one, fit to be shown.
    mirrors: Vec<String>,
    /// What is sent beside our own headers.
    header_names: Vec<String>,
    began: Option<Instant>,
}

/// The second that is being measured.
struct Second {
    began: Instant,
    bytes: u64,
}

impl Live {
    /// A run begins. `found_digest` is what an earlier one heard of the source.
    pub(crate) fn begin(&self, found_digest: Option<String>) {
        let mut seen = self.lock();
        if let Some(last) = seen.snapshot.take() {
            seen.requests_before += last.requests;
            seen.retries_before += last.retries;
            seen.discarded_before += last.bytes_discarded;
        }
        seen.second = None;
        seen.dropped.clear();
        seen.found_digest = found_digest;
        seen.began = Some(Instant::now());
    }

    /// Where it is fetched from, and with which headers.
    pub(crate) fn asks(&self, secrets: &Secrets) {
        let mut seen = self.lock();
        seen.mirrors = secrets.shown_mirrors();
        seen.header_names = secrets.header_names();
    }

    /// The source named a digest, or none.
    pub(crate) fn found(&self, digest: Option<String>) {
        self.lock().found_digest = digest;
    }

    pub(crate) fn found_digest(&self) -> Option<String> {
        self.lock().found_digest.clone()
    }

    /// What was there is dropped.
    pub(crate) fn forget(&self) {
        self.lock().snapshot = None;
    }

    /// A run ended: how long it took.
    pub(crate) fn end(&self) -> u64 {
        let active_ms = self.active_ms();
        self.lock().began = None;
        active_ms
    }

    /// How long the present run takes already.
    pub(crate) fn active_ms(&self) -> u64 {
        self.lock()
            .began
            .map_or(0, |began| began.elapsed().as_millis() as u64)
    }

    /// Something happened that the transfer does not tell.
    pub(crate) fn note(&self, kind: LogKind, text: impl Into<String>) {
        self.lock().note(kind, text.into());
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.lock().snapshot.as_ref()?.length
    }

    /// What is in the file; `None` before that was seen.
    pub(crate) fn held(&self) -> Option<Held> {
        let seen = self.lock();
        let snapshot = seen.snapshot.as_ref()?;
        if snapshot.written.is_empty() && is_early(&snapshot.phase) {
            return None;
        }
        Some(Held {
            bytes: snapshot.bytes(),
            cells: cells(&snapshot.written, snapshot.length),
        })
    }

    pub(crate) fn standing(&self) -> Standing {
        self.lock().standing()
    }

    /// What moves, for everybody's snapshot. `held` is what was known before the transfer told anything.
    pub(crate) fn moving(&self, entry: &Entry, held: &Held) -> Moving {
        let seen = self.lock();
        let Some(snapshot) = &seen.snapshot else {
            return Moving {
                id: entry.id,
                standing: Standing::Probing,
                length: entry.length,
                bytes: held.bytes,
                rate_bytes_per_s: 0.0,
                time_left_ms: None,
                connections: 0,
                cells: held.cells.clone(),
                notches: Vec::new(),
            };
        };
        let is_early = snapshot.written.is_empty() && is_early(&snapshot.phase);
        let length = snapshot.length.or(entry.length);
        Moving {
            id: entry.id,
            standing: seen.standing(),
            length,
            bytes: if is_early { held.bytes } else { snapshot.bytes() },
            rate_bytes_per_s: snapshot.rate_bytes_per_s,
            time_left_ms: snapshot.time_left.map(|time| time.as_millis() as u64),
            connections: snapshot.connections,
            cells: if is_early {
                held.cells.clone()
            } else {
                cells(&snapshot.written, length)
            },
            notches: snapshot
                .workers
                .iter()
                .take(NOTCHES_MAX)
                .map(|worker| Notch {
                    worker: worker.id,
                    at: worker.range.start(),
                    end: worker.range.end(),
                    rate_bytes_per_s: worker.rate_bytes_per_s.round(),
                })
                .collect(),
        }
    }

    /// Everything, for who watches.
    pub(crate) fn detail(&self, entry: &Entry) -> Detail {
        let seen = self.lock();
        let mut detail = empty_detail(entry);
        detail.digests = digests(entry, seen.found_digest.as_deref());
        detail.requests = seen.requests_before;
        detail.retries = seen.retries_before;
        detail.bytes_discarded = seen.discarded_before;
        detail.connections_peak = seen.connections_peak;
        detail.resumable = seen.resumable.or(entry.resumable);
        detail.validator = seen.validator.or(entry.validator);
        detail.rates_bytes_per_s = seen.rates.iter().copied().collect();
        detail.log = seen.log.iter().cloned().collect();
        detail.sources = seen.sources(entry);
        detail.header_names.clone_from(&seen.header_names);
        if let Some(snapshot) = &seen.snapshot {
            detail.ranges = longest(&snapshot.written);
            detail.requests += snapshot.requests;
            detail.retries += snapshot.retries;
            detail.bytes_discarded += snapshot.bytes_discarded;
            detail.bytes_hashed = snapshot.hashed_bytes;
            detail.cause = snapshot.cause.as_ref().and_then(cause);
            detail.workers = snapshot.workers.iter().map(worker).collect();
        }
        detail
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Live {
    fn snapshot(&self, snapshot: &Snapshot) {
        self.lock().take_in(snapshot);
    }

    fn event(&self, event: &Event) {
        let mut seen = self.lock();
        let (kind, text) = match event {
            Event::Probed {
                length,
                ranges,
                validator: strength,
                final_url,
                ..
            } => {
                seen.resumable = Some(*ranges);
                seen.validator = Some(validator(*strength));
                let length =
                    length.map_or_else(|| "unknown length".to_owned(), |bytes| Bytes(bytes).to_string());
                (
                    LogKind::Progress,
                    format!("The server answered: {length}, from {final_url}"),
                )
            }
            Event::Resumed { bytes } => (LogKind::Progress, format!("{} were there already", Bytes(*bytes))),
            Event::Restarted { reason } => {
                // It was another version's.
                seen.found_digest = None;
                (LogKind::Notice, format!("Begun anew: {reason}"))
            }
            Event::Retried { reason } => (LogKind::Trouble, format!("Asked again: {reason}")),
            Event::Refused { host, limit } => (
                LogKind::Notice,
                format!("{host} takes no more than {limit} connections"),
            ),
            Event::MirrorDropped { url, reason } => {
                seen.dropped.push((url.clone(), reason.clone()));
                (LogKind::Trouble, format!("{url} is used no longer: {reason}"))
            }
            Event::LinkRenewed => (LogKind::Notice, "The link was renewed at its origin".to_owned()),
            Event::Notice(text) => (LogKind::Notice, text.clone()),
            // What a newer engine tells beside these is not for this log.
            _ => return,
        };
        seen.note(kind, text);
    }
}

impl Seen {
    fn take_in(&mut self, snapshot: &Snapshot) {
        let now = Instant::now();
        let bytes = snapshot.bytes();
        match &mut self.second {
            Some(second) => {
                let elapsed_s = now.saturating_duration_since(second.began).as_secs_f64();
                if elapsed_s >= 1.0 {
                    let rate = bytes.saturating_sub(second.bytes) as f64 / elapsed_s;
                    if self.rates.len() == RATES_MAX {
                        self.rates.pop_front();
                    }
                    self.rates.push_back(rate);
                    self.second = Some(Second { began: now, bytes });
                }
            }
            // What was there before is no speed.
            None if matches!(snapshot.phase, Phase::Downloading) => {
                self.second = Some(Second { began: now, bytes });
            }
            None => {}
        }
        self.connections_peak = self.connections_peak.max(snapshot.connections_peak);
        let is_as_before = |before: &Snapshot| before.phase == snapshot.phase;
        if !self.snapshot.as_ref().is_some_and(is_as_before) {
            self.ordered_until_ms = self.ordered_until(&snapshot.phase, now_ms());
        }
        self.snapshot = Some(snapshot.clone());
    }

    fn ordered_until(&self, phase: &Phase, now_ms: u64) -> Option<u64> {
        /// What is left of a wait is told anew each time; that is no other end.
        const SAME_END_MS: u64 = 500;
        let Phase::Waiting(gannet_engine::WaitReason::Server { wait }) = phase else {
            return None;
        };
        let until_ms = now_ms.saturating_add(wait.as_millis() as u64);
        self.ordered_until_ms
            .filter(|known_ms| known_ms.abs_diff(until_ms) < SAME_END_MS)
            .or(Some(until_ms))
    }

    fn standing(&self) -> Standing {
        let phase = self.snapshot.as_ref().map(|snapshot| &snapshot.phase);
        standing(phase, self.ordered_until_ms)
    }

    /// Every address that was given or met, each once, and whether it is used.
    fn sources(&self, entry: &Entry) -> Vec<Source> {
        let mut urls = vec![&entry.shown];
        for url in self.mirrors.iter().chain(self.dropped.iter().map(|(url, _)| url)) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        urls.into_iter()
            .map(|url| {
                let dropped = self.dropped.iter().find(|(dropped, _)| dropped == url);
                Source {
                    url: url.clone(),
                    state: dropped.map_or(SourceState::Used, |(_, reason)| SourceState::Dropped {
                        reason: reason.clone(),
                    }),
                }
            })
            .collect()
    }

    fn note(&mut self, kind: LogKind, text: String) {
        let at_ms = now_ms();
        if let Some(last) = self.log.back_mut()
            && last.kind == kind
            && last.text == text
        {
            last.at_ms = at_ms;
            last.times = last.times.saturating_add(1);
            return;
        }
        if self.log.len() == LOG_MAX {
            self.log.pop_front();
        }
        self.log.push_back(LogEntry {
            at_ms,
            kind,
            text,
            times: 1,
        });
    }
}

/// A detail of which nothing was seen yet.
pub(crate) fn empty_detail(entry: &Entry) -> Detail {
    Detail {
        id: entry.id,
        ranges: Vec::new(),
        workers: Vec::new(),
        requests: 0,
        retries: 0,
        bytes_discarded: 0,
        bytes_hashed: 0,
        connections_peak: 0,
        cause: None,
        resumable: entry.resumable,
        validator: entry.validator,
        digests: digests(entry, entry.found_digest.as_deref()),
        sources: vec![Source {
            url: entry.shown.clone(),
            state: SourceState::Used,
        }],
        header_names: Vec::new(),
        rates_bytes_per_s: Vec::new(),
        log: Vec::new(),
    }
}

/// What the file is held against: what a person gave goes before what was found at the source.
fn digests(entry: &Entry, found: Option<&str>) -> Vec<gannet_schema::Verified> {
    let given = entry.checksums.iter().map(|checksum| (checksum.as_str(), true));
    given
        .chain(found.map(|checksum| (checksum, false)))
        .filter_map(|(checksum, given)| {
            let (algorithm, digest) = checksum.split_once(':')?;
            Some(gannet_schema::Verified::By {
                algorithm: algorithm.to_ascii_lowercase(),
                digest: digest.to_ascii_lowercase(),
                given,
            })
        })
        .collect()
}

/// The ranges as pairs; the longest where there are too many.
pub(crate) fn longest(written: &RangeSet) -> Vec<(u64, u64)> {
    let mut ranges: Vec<_> = written.iter().map(|range| (range.start(), range.end())).collect();
    if ranges.len() > RANGES_MAX {
        ranges.sort_unstable_by_key(|(start, end)| std::cmp::Reverse(end - start));
        ranges.truncate(RANGES_MAX);
        ranges.sort_unstable();
    }
    ranges
}

/// Whether the transfer may not have looked yet at what an earlier run left.
fn is_early(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Probing | Phase::Sampling | Phase::Waiting(_) | Phase::Paused
    )
}

/// `ordered_until_ms` is when the server may be asked again, where it said so.
fn standing(phase: Option<&Phase>, ordered_until_ms: Option<u64>) -> Standing {
    let Some(phase) = phase else {
        return Standing::Probing;
    };
    match phase {
        Phase::Probing | Phase::Sampling => Standing::Probing,
        // The manager never pauses a transfer: it ends it.
        Phase::Downloading | Phase::Paused => Standing::Downloading,
        Phase::Verifying | Phase::Publishing => Standing::Verifying,
        Phase::Waiting(reason) => Standing::Waiting {
            reason: match reason {
                gannet_engine::WaitReason::Network => WaitReason::Network,
                gannet_engine::WaitReason::Server { .. } => WaitReason::Server,
                gannet_engine::WaitReason::Retry { .. } => WaitReason::Retry,
            },
            retry_at_ms: ordered_until_ms,
            failure: None,
        },
    }
}

fn worker(worker: &gannet_engine::WorkerSnapshot) -> Worker {
    Worker {
        id: worker.id,
        host: worker.host.to_string(),
        began: worker.began_at,
        at: worker.range.start(),
        end: worker.range.end(),
        rate_bytes_per_s: worker.rate_bytes_per_s,
        tries: worker.tries,
        state: match worker.state {
            gannet_engine::WorkerState::Asking => WorkerState::Asking,
            gannet_engine::WorkerState::Receiving => WorkerState::Receiving,
            gannet_engine::WorkerState::Racing => WorkerState::Racing,
        },
    }
}

fn cause(cause: &gannet_engine::Cause) -> Option<Cause> {
    use gannet_engine::Cause as Known;
    Some(match *cause {
        Known::PerConnectionLimit {
            rate_bytes_per_s,
            connections,
        } => Cause::PerConnectionLimit {
            rate_bytes_per_s,
            connections,
        },
        Known::LineFull { rate_bytes_per_s } => Cause::LineFull { rate_bytes_per_s },
        Known::Disk => Cause::Disk,
        Known::UserLimit { rate_bytes_per_s } => Cause::UserLimit {
            rate_bytes_per_s: rate_bytes_per_s as f64,
        },
        Known::HostLimit { connections } => Cause::HostLimit { connections },
        Known::NoRanges => Cause::NoRanges,
        Known::Proxy => Cause::Proxy,
        _ => return None,
    })
}

/// How surely another version is told apart, in the words of the wire.
pub(crate) fn validator(strength: ValidatorStrength) -> Validator {
    match strength {
        ValidatorStrength::StrongTag => Validator::StrongEntityTag,
        ValidatorStrength::StrongDate => Validator::StrongDate,
        ValidatorStrength::Weak => Validator::Weak,
        ValidatorStrength::None => Validator::None,
    }
}

/// The name under which a shared picture goes to a transfer.
pub(crate) fn reporter(live: &Arc<Live>) -> Arc<dyn Reporter> {
    Arc::clone(live) as Arc<dyn Reporter>
}

/// Which download it is about, for the program's own log.
pub(crate) fn span(id: DownloadId) -> tracing::Span {
    tracing::info_span!("download", id = id.0)
}
