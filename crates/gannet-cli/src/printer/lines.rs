//! Plain lines, for logs and pipes: what happened, and now and then how far it is.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use gannet_engine::{Error, Phase};

use super::tally::Tally;
use super::text::{event, interrupted, progress_line, run_ended};
use super::{News, Printer, Text};
use crate::format::{Bytes, Count, Rate, percent};

/// A line of progress comes at least this often.
const EVERY: Duration = Duration::from_secs(10);
/// And whenever this much more is done…
const EVERY_PERCENT: u64 = 10;
/// …but not in a flurry.
const AT_LEAST: Duration = Duration::from_secs(1);

/// Whether lines of progress are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressLines {
    /// Now and then.
    Shown,
    /// Never (`--no-progress`).
    Hidden,
}

/// Prints lines.
pub(crate) struct Lines<W> {
    messages: W,
    text: Text,
    tally: Tally,
    progress: ProgressLines,
    last: LastLine,
    last_text: String,
    unsaid: String,
}

/// What the last line of progress said.
#[derive(Debug, Clone, Copy)]
struct LastLine {
    at: Instant,
    percent: u64,
}

impl LastLine {
    /// Whether it is time for another one.
    fn is_due(self, percent: u64, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at);
        since >= EVERY || (since >= AT_LEAST && percent >= self.percent + EVERY_PERCENT)
    }
}

impl<W: Write> Lines<W> {
    /// Prints to `messages`.
    pub(crate) const fn new(
        messages: W,
        text: Text,
        tally: Tally,
        progress: ProgressLines,
        now: Instant,
    ) -> Self {
        Self {
            messages,
            text,
            tally,
            progress,
            last: LastLine { at: now, percent: 0 },
            last_text: String::new(),
            unsaid: String::new(),
        }
    }

    fn say(&mut self, line: &str) {
        self.unsaid.push_str(line);
        self.unsaid.push('\n');
    }

    /// All lines of one look in one write: a thousand small files are not a thousand system calls, and log lines
    /// never come in the midst of one of ours.
    fn say_it(&mut self) {
        // Without standard error there is nobody to tell; the download goes on.
        let _ = self.messages.write_all(self.unsaid.as_bytes());
        self.unsaid.clear();
    }

    fn print_progress(&mut self, now: Instant) {
        let percent = self
            .tally
            .done_of_all()
            .map_or(0, |(part, whole)| percent(part, whole));
        if !self.last.is_due(percent, now) {
            return;
        }
        let line = if self.tally.files() == 1 {
            self.tally.under_way().find_map(|(_, file)| {
                let progress = file.progress.as_ref()?;
                Some(format!("{}: {}", file.name, progress_line(progress)))
            })
        } else {
            Some(self.line_of_all(now))
        };
        if let Some(line) = line {
            self.last = LastLine { at: now, percent };
            // One that waits for the same thing still has nothing new to say.
            if !self.is_waiting() || line != self.last_text {
                self.say(&line);
                self.last_text = line;
            }
        }
    }

    fn is_waiting(&self) -> bool {
        let mut progress = self
            .tally
            .under_way()
            .filter_map(|(_, file)| file.progress.as_ref());
        self.tally.files() == 1 && progress.any(|at| matches!(at.phase, Phase::Waiting(_)))
    }

    fn line_of_all(&self, now: Instant) -> String {
        let totals = self.tally.totals(now);
        format!(
            "{} of {}: {}, {}, {}",
            totals.finished + totals.failed,
            Count::files(totals.files),
            Bytes(totals.bytes),
            Rate(totals.rate_bytes_per_s),
            Count::connections(totals.connections)
        )
    }
}

/// The line that news deserve, where they deserve one. Shared with the bars, which print it above them.
pub(super) fn line_of(news: &News, text: Text, tally: &Tally) -> Option<String> {
    match news {
        News::Event { file, event: what } => {
            event(tally.name(*file)?, what).filter(|line| !tally.has_said(*file, line))
        }
        News::Finished { finished, .. } => Some(text.finished(finished)),
        News::Begun { .. }
        | News::Progress { .. }
        // Who cancelled knows it; one line says it of all files.
        | News::Failed {
            error: Error::Cancelled,
            ..
        } => None,
        News::Failed { file, error } => Some(text.failed(tally.name(*file), error, tally.kept_bytes(*file))),
        News::Warning(warning) => Some(text.warning(warning)),
        News::Interrupted => Some(interrupted(tally.keeps_anything()).to_owned()),
    }
}

/// The line at the end of a run, where there is more to say than its one file did.
pub(super) fn last_line(tally: &Tally, now: Instant) -> Option<String> {
    (tally.files() > 1).then(|| run_ended(&tally.totals(now)))
}

impl<W: Write + Send> Printer for Lines<W> {
    fn print(&mut self, news: Vec<News>, now: Instant) -> io::Result<()> {
        for news in news {
            // The name is known before a file leaves the tally.
            if let Some(line) = line_of(&news, self.text, &self.tally) {
                self.say(&line);
            }
            self.tally.note(&news);
        }
        self.tally.measure_speed(now);
        if self.progress == ProgressLines::Shown {
            self.print_progress(now);
        }
        self.say_it();
        Ok(())
    }

    fn end(&mut self, now: Instant) -> io::Result<()> {
        if let Some(line) = last_line(&self.tally, now) {
            self.say(&line);
            self.say_it();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use gannet_engine::Event;

    use super::super::tally::tests as sample;
    use super::super::{FileId, Palette};
    use super::*;

    fn printed(files: usize, progress: ProgressLines, script: &[(u64, News)]) -> String {
        let start = Instant::now();
        let mut said = Vec::new();
        let mut lines = Lines::new(
            &mut said,
            Text::new(Palette::Plain),
            Tally::new(files, 5, start),
            progress,
            start,
        );
        let mut now = start;
        for (at_ms, news) in script {
            now = start + Duration::from_millis(*at_ms);
            lines.print(vec![again(news)], now).expect("printed");
        }
        lines.end(now).expect("ended");
        String::from_utf8(said).expect("UTF-8")
    }

    /// News hold errors, which cannot be cloned; these scripts hold none.
    fn again(news: &News) -> News {
        match news {
            News::Begun { file, url } => News::Begun {
                file: *file,
                url: url.clone(),
            },
            News::Progress { file, progress } => News::Progress {
                file: *file,
                progress: progress.clone(),
            },
            News::Event { file, event } => News::Event {
                file: *file,
                event: event.clone(),
            },
            News::Finished { file, finished } => News::Finished {
                file: *file,
                finished: finished.clone(),
            },
            other => unreachable!("{other:?} is in no script"),
        }
    }

    #[test]
    fn a_line_comes_each_ten_percent_and_each_ten_seconds() {
        let mut script = vec![(0, sample::begun(0))];
        for percent in 0..100 {
            script.push((percent * 200, sample::progress(0, percent * 10, Some(1_000))));
        }
        let said = printed(1, ProgressLines::Shown, &script);
        assert_eq!(said.lines().count(), 9, "{said}");
        assert!(
            said.starts_with("file0.iso: 10% of 1.00 kB, 1.00 MB/s, 12 s left, 8 connections\n"),
            "{said}"
        );

        let slow = [
            (0, sample::begun(0)),
            (9_900, sample::progress(0, 1, Some(1_000))),
            (10_000, sample::progress(0, 2, Some(1_000))),
            (19_000, sample::progress(0, 3, Some(1_000))),
            (20_000, sample::progress(0, 4, Some(1_000))),
        ];
        assert_eq!(printed(1, ProgressLines::Shown, &slow).lines().count(), 2);
    }

    #[test]
    fn a_flurry_of_progress_is_one_line() {
        let mut script = vec![(0, sample::begun(0))];
        for percent in 0..100 {
            script.push((percent * 10, sample::progress(0, percent * 10, Some(1_000))));
        }
        assert_eq!(printed(1, ProgressLines::Shown, &script), "");
    }

    #[test]
    fn without_progress_the_results_remain() {
        let script = [
            (0, sample::begun(0)),
            (30_000, sample::progress(0, 500, Some(1_000))),
            (60_000, sample::finished(0, 1_000, 0)),
        ];
        let said = printed(1, ProgressLines::Hidden, &script);
        assert_eq!(said.lines().count(), 1, "{said}");
    }

    #[test]
    fn a_run_of_many_files_is_told_as_one() {
        let mut script = Vec::new();
        for file in 0..20 {
            script.push((file * 1_000, sample::begun(file as usize)));
            script.push((file * 1_000 + 500, sample::finished(file as usize, 1_000, 0)));
        }
        let said = printed(20, ProgressLines::Shown, &script);
        assert!(said.contains("\n2 of 20 files: 2.00 kB,"), "{said}");
        assert!(
            said.ends_with("20 files, 20.0 kB in 19.5 s, 1.03 kB/s\n"),
            "{said}"
        );
    }

    #[test]
    fn what_happens_again_and_again_is_said_once() {
        let mut script = vec![(0, sample::begun(0))];
        for at_ms in 1..6 {
            let event = Event::LinkRenewed;
            script.push((
                at_ms,
                News::Event {
                    file: FileId(0),
                    event,
                },
            ));
        }
        assert_eq!(printed(1, ProgressLines::Shown, &script).lines().count(), 1);
    }

    #[test]
    fn a_restart_is_said_aloud() {
        let event = Event::Restarted {
            reason: "the file changed".to_owned(),
        };
        let script = [
            (0, sample::begun(0)),
            (
                1,
                News::Event {
                    file: FileId(0),
                    event,
                },
            ),
        ];
        assert_eq!(
            printed(1, ProgressLines::Shown, &script),
            "file0.iso: starts again: the file changed\n"
        );
    }
}
