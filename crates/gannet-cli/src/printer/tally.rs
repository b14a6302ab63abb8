//! Where the whole run stands, kept from the news: which files are under way, what has arrived, how fast.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gannet_engine::{Error, Event, Finished, Outcome};

use super::{FileId, News, Progress, text};
use crate::format::plain;

/// Over this time the speed of the whole run is smoothed: many small files come in jerks.
const SMOOTHING: Duration = Duration::from_secs(2);

/// Different lines about one file that are remembered: no more happen to any but the strangest.
const SAID_MAX: usize = 64;

/// The state of a run.
#[derive(Debug)]
pub(crate) struct Tally {
    files: usize,
    measure: Measure,
    under_way: BTreeMap<FileId, UnderWay>,
    finished: usize,
    failed: usize,
    /// Bytes of files that are there.
    finished_bytes: u64,
    /// Bytes of files that were stopped, kept for another run.
    kept_bytes: u64,
    /// Bytes that came over the network for good.
    arrived_bytes: u64,
    begun_at: Instant,
    speed: Speed,
}

/// By what the progress of all files together is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// All files are under way from the start, so their lengths are soon known.
    Bytes,
    /// Most files wait, and nobody knows their lengths.
    Files,
}

/// A file under way.
#[derive(Debug)]
pub(crate) struct UnderWay {
    /// Its name as far as is known.
    pub(crate) name: String,
    /// Its last word.
    pub(crate) progress: Option<Progress>,
    resumed_bytes: u64,
    /// What another run can go on with, now that it failed.
    kept_bytes: u64,
    /// Lines about it that were printed.
    said: Vec<String>,
    /// How many of its bytes count as arrived.
    arrived_bytes: u64,
}

/// The end of a run, or how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Totals {
    pub(crate) files: usize,
    pub(crate) finished: usize,
    pub(crate) failed: usize,
    /// Bytes in place, in finished files, in those under way and in those stopped.
    pub(crate) bytes: u64,
    /// Bytes that came over the network.
    pub(crate) arrived_bytes: u64,
    pub(crate) elapsed: Duration,
    pub(crate) rate_bytes_per_s: f64,
    pub(crate) connections: u32,
}

impl Tally {
    /// A run of `files`, of which `jobs` come at once.
    pub(crate) fn new(files: usize, jobs: usize, now: Instant) -> Self {
        Self {
            files,
            measure: if files <= jobs {
                Measure::Bytes
            } else {
                Measure::Files
            },
            under_way: BTreeMap::new(),
            finished: 0,
            failed: 0,
            finished_bytes: 0,
            kept_bytes: 0,
            arrived_bytes: 0,
            begun_at: now,
            speed: Speed::new(now),
        }
    }

    /// Takes note of `news`.
    pub(crate) fn note(&mut self, news: &News) {
        match news {
            News::Begun { file, url } => {
                self.under_way.insert(*file, UnderWay::new(name_in(url)));
            }
            News::Progress { file, progress } => {
                if let Some(under_way) = self.under_way.get_mut(file) {
                    self.arrived_bytes += under_way.take(progress);
                }
            }
            News::Event { file, event } => {
                if let Some(under_way) = self.under_way.get_mut(file) {
                    under_way.hear(event);
                }
            }
            News::Finished { file, finished } => {
                self.finished += 1;
                self.finished_bytes += finished.bytes;
                let counted = self.under_way.remove(file).map_or(0, |file| file.arrived_bytes);
                self.arrived_bytes += arrived(finished).saturating_sub(counted);
            }
            News::Failed { file, error } => {
                // What the user stopped did not fail.
                let stopped = matches!(error, Error::Cancelled);
                self.failed += usize::from(!stopped);
                if let Some(file) = self.under_way.remove(file).filter(|_| stopped) {
                    self.kept_bytes += file.kept_bytes;
                }
            }
            News::Warning(_) | News::Interrupted => {}
        }
    }

    /// Measures the speed of the run. To be called at even times.
    pub(crate) fn measure_speed(&mut self, now: Instant) {
        self.speed.measure(self.arrived_bytes, now);
    }

    /// The files under way, in the order given.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = (FileId, &UnderWay)> {
        self.under_way.iter().map(|(file, state)| (*file, state))
    }

    /// The name of a file under way.
    pub(crate) fn name(&self, file: FileId) -> Option<&str> {
        Some(&self.under_way.get(&file)?.name)
    }

    /// Whether this very line was printed about a file already. What happens again and again is told once.
    pub(crate) fn has_said(&self, file: FileId, line: &str) -> bool {
        let said = self.under_way.get(&file).map(|file| &file.said);
        said.is_some_and(|said| said.iter().any(|before| before == line))
    }

    /// How many bytes of a failed file are kept, to go on with.
    pub(crate) fn kept_bytes(&self, file: FileId) -> u64 {
        self.under_way.get(&file).map_or(0, |file| file.kept_bytes)
    }

    /// Whether a run that is stopped now leaves something to go on with.
    pub(crate) fn keeps_anything(&self) -> bool {
        // Whoever did not make it to say so is as a crash would leave it: the journal knows.
        let in_time = self.under_way.values().filter_map(|file| file.progress.as_ref());
        self.kept_bytes > 0 || in_time.into_iter().any(|at| at.bytes > 0 && at.length.is_some())
    }

    /// How many files there are.
    pub(crate) const fn files(&self) -> usize {
        self.files
    }

    /// The sums.
    pub(crate) fn totals(&self, now: Instant) -> Totals {
        let progress = || self.under_way.values().filter_map(|file| file.progress.as_ref());
        Totals {
            files: self.files,
            finished: self.finished,
            failed: self.failed,
            bytes: self.finished_bytes
                + self.kept_bytes
                + progress().map(|progress| progress.bytes).sum::<u64>(),
            arrived_bytes: self.arrived_bytes,
            elapsed: now.saturating_duration_since(self.begun_at),
            rate_bytes_per_s: self.speed.rate_bytes_per_s(),
            connections: progress().map(|progress| progress.connections).sum(),
        }
    }

    /// How much of everything is done: part and whole, in bytes or in thousandths of files. `None` where it
    /// cannot be told yet.
    pub(crate) fn done_of_all(&self) -> Option<(u64, u64)> {
        match self.measure {
            Measure::Bytes => {
                let mut part = self.finished_bytes;
                let mut whole = self.finished_bytes;
                for file in self.under_way.values() {
                    let progress = file.progress.as_ref()?;
                    part += progress.bytes;
                    whole += progress.length?;
                }
                (whole > 0).then_some((part, whole))
            }
            Measure::Files => {
                let under_way: f64 = self.under_way.values().map(UnderWay::fraction).sum();
                let part = (self.finished + self.failed) as f64 + under_way;
                Some(((part * 1e3) as u64, self.files as u64 * 1_000))
            }
        }
    }

    /// By what [`Tally::done_of_all`] measures.
    pub(crate) const fn measure(&self) -> Measure {
        self.measure
    }
}

impl UnderWay {
    fn new(name: String) -> Self {
        Self {
            name,
            progress: None,
            resumed_bytes: 0,
            kept_bytes: 0,
            said: Vec::new(),
            arrived_bytes: 0,
        }
    }

    /// Returns how many bytes are new.
    fn take(&mut self, progress: &Progress) -> u64 {
        let arrived = progress.bytes.saturating_sub(self.resumed_bytes);
        let new = arrived.saturating_sub(self.arrived_bytes);
        // It never falls: bytes that a restart drops did arrive.
        self.arrived_bytes += new;
        self.progress = Some(progress.clone());
        new
    }

    fn hear(&mut self, event: &Event) {
        if let Some(line) = text::event(&self.name, event)
            && self.said.len() < SAID_MAX
            && !self.said.contains(&line)
        {
            self.said.push(line);
        }
        match event {
            Event::Probed { name, .. } => self.name = plain(name).into_owned(),
            Event::Kept { bytes } => self.kept_bytes = *bytes,
            Event::Resumed { bytes } => self.resumed_bytes = *bytes,
            _ => {}
        }
    }

    fn fraction(&self) -> f64 {
        match &self.progress {
            Some(Progress {
                bytes,
                length: Some(length),
                ..
            }) if *length > 0 => (*bytes as f64 / *length as f64).min(1.0),
            _ => 0.0,
        }
    }
}

/// What a finished file brought over the network.
fn arrived(finished: &Finished) -> u64 {
    match finished.outcome {
        Outcome::Downloaded => finished.bytes.saturating_sub(finished.bytes_resumed),
        Outcome::AlreadyThere | Outcome::Skipped => 0,
    }
}

/// What to call a file before the server has named it: the last part of its address.
fn name_in(url: &str) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    plain(last).into_owned()
}

/// A rate, smoothed: bytes and time of the last moments, older ones weighing less and less.
#[derive(Debug)]
struct Speed {
    at: Instant,
    bytes: u64,
    recent_bytes: f64,
    recent_s: f64,
}

impl Speed {
    const fn new(now: Instant) -> Self {
        Self {
            at: now,
            bytes: 0,
            recent_bytes: 0.0,
            recent_s: 0.0,
        }
    }

    fn measure(&mut self, bytes: u64, now: Instant) {
        let time_s = now.saturating_duration_since(self.at).as_secs_f64();
        let fading = (-time_s / SMOOTHING.as_secs_f64()).exp();
        self.recent_bytes = self.recent_bytes * fading + (bytes - self.bytes) as f64;
        self.recent_s = self.recent_s * fading + time_s;
        self.at = now;
        self.bytes = bytes;
    }

    fn rate_bytes_per_s(&self) -> f64 {
        if self.recent_s > 0.0 {
            self.recent_bytes / self.recent_s
        } else {
            0.0
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use gannet_engine::{Phase, Verification};

    use super::*;

    /// A file of which `bytes` are there.
    pub(crate) fn progress(file: usize, bytes: u64, length: Option<u64>) -> News {
        News::Progress {
            file: FileId(file),
            progress: Progress {
                phase: Phase::Downloading,
                bytes,
                length,
                hashed_bytes: 0,
                rate_bytes_per_s: 1e6,
                time_left: Some(Duration::from_secs(12)),
                connections: 8,
            },
        }
    }

    /// A file whose turn has come.
    pub(crate) fn begun(file: usize) -> News {
        News::Begun {
            file: FileId(file),
            url: format!("https://example.com/file{file}.iso"),
        }
    }

    /// A file that was downloaded, of which `bytes_resumed` were there before.
    pub(crate) fn finished(file: usize, bytes: u64, bytes_resumed: u64) -> News {
        News::Finished {
            file: FileId(file),
            finished: Box::new(Finished {
                path: PathBuf::from(format!("file{file}.iso")),
                bytes,
                elapsed: Duration::from_millis(9_240),
                bytes_resumed,
                requests: 64,
                retries: 3,
                connections_peak: 32,
                bytes_discarded: 0,
                finish_time: Duration::from_millis(12),
                verification: Verification::Unverified { advisory: None },
                cause: None,
                outcome: Outcome::Downloaded,
            }),
        }
    }

    #[test]
    fn bytes_of_an_earlier_run_did_not_arrive() {
        let now = Instant::now();
        let mut tally = Tally::new(1, 1, now);
        tally.note(&begun(0));
        tally.note(&News::Event {
            file: FileId(0),
            event: Event::Resumed { bytes: 600 },
        });
        tally.note(&progress(0, 700, Some(1_000)));
        assert_eq!(tally.totals(now).arrived_bytes, 100);
        assert_eq!(tally.totals(now).bytes, 700);
        tally.note(&finished(0, 1_000, 600));
        assert_eq!(tally.totals(now).arrived_bytes, 400);
        assert_eq!(tally.totals(now).bytes, 1_000);
    }

    #[test]
    fn a_restart_does_not_count_bytes_backwards() {
        let now = Instant::now();
        let mut tally = Tally::new(1, 1, now);
        tally.note(&begun(0));
        tally.note(&progress(0, 700, Some(1_000)));
        tally.note(&progress(0, 0, Some(1_000)));
        assert_eq!(tally.totals(now).arrived_bytes, 700);
        assert_eq!(tally.totals(now).bytes, 0);
    }

    #[test]
    fn few_files_are_measured_by_bytes_and_many_by_number() {
        let now = Instant::now();
        let mut few = Tally::new(2, 2, now);
        few.note(&begun(0));
        few.note(&begun(1));
        few.note(&progress(0, 50, Some(100)));
        assert_eq!(few.done_of_all(), None, "one length is not known");
        few.note(&progress(1, 0, Some(300)));
        assert_eq!(few.done_of_all(), Some((50, 400)));

        let mut many = Tally::new(10, 2, now);
        many.note(&begun(0));
        many.note(&finished(0, 5, 0));
        many.note(&begun(1));
        many.note(&progress(1, 50, Some(100)));
        assert_eq!(many.done_of_all(), Some((1_500, 10_000)));
    }

    #[test]
    fn the_speed_of_a_run_is_smooth() {
        let start = Instant::now();
        let mut tally = Tally::new(1_000, 16, start);
        let mut least = f64::MAX;
        let mut most: f64 = 0.0;
        for tick in 1..=100_u32 {
            // Files of 64 KiB come in jerks: four in one look, none in the next.
            for file in 0..if tick.is_multiple_of(2) { 4 } else { 0 } {
                let file = tick as usize * 4 + file;
                tally.note(&begun(file));
                tally.note(&finished(file, 65_536, 0));
            }
            tally.measure_speed(start + tick * Duration::from_millis(100));
            if tick > 40 {
                least = least.min(tally.speed.rate_bytes_per_s());
                most = most.max(tally.speed.rate_bytes_per_s());
            }
        }
        let mean = 20.0 * 65_536.0;
        assert!(
            least > 0.85 * mean && most < 1.15 * mean,
            "{least} to {most}, mean {mean}"
        );
    }

    #[test]
    fn a_file_is_named_by_its_address_until_the_server_names_it() {
        assert_eq!(name_in("https://h/a/b.iso"), "b.iso");
        assert_eq!(name_in("https://h/a/"), "a");
        assert_eq!(name_in("https://h/"), "h");
    }
}
