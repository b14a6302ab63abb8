//! Bars on a terminal: one for each file under way, and one for all where there are several.
//!
//! Everything is drawn from the printing thread, ten times a second. Finished files become lines above the bars; at
//! most a screenful of bars is shown. A run that is over before the first look shows no bar at all.

use std::io;
use std::time::Instant;

use console::{Alignment, Term, pad_str, truncate_str};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lines::{last_line, line_of};
use super::tally::{Measure, Tally, Totals, UnderWay};
use super::text::phase_word;
use super::{News, Palette, Printer, Progress, Text};
use crate::format::{Bytes, Rate, TimeLeft, grouped, percent};

/// Lines of the screen that bars leave free, for the command line and what was said.
const ROWS_FREE: usize = 3;
/// The most bars, however high the screen: nobody reads more.
const ROWS_MAX: usize = 40;
/// As often as the printing thread looks.
const DRAWS_PER_S: u8 = 10;

/// Prints bars.
pub(crate) struct Bars {
    screen: MultiProgress,
    terminal: Term,
    style: ProgressStyle,
    text: Text,
    tally: Tally,
    rows: Vec<Shown>,
    sum: Option<Shown>,
}

impl Bars {
    /// Draws on standard error, which is a terminal.
    pub(crate) fn new(text: Text, palette: Palette, tally: Tally) -> Self {
        let terminal = Term::stderr();
        let target = ProgressDrawTarget::term(terminal.clone(), DRAWS_PER_S);
        Self {
            screen: MultiProgress::with_draw_target(target),
            terminal,
            style: style(palette),
            text,
            tally,
            rows: Vec::new(),
            sum: None,
        }
    }

    fn draw(&mut self, now: Instant) {
        let (height, width) = self.terminal.size();
        let layout = Layout::of(usize::from(width));
        let most = usize::from(height).saturating_sub(ROWS_FREE).clamp(1, ROWS_MAX);
        let rows: Vec<Row> = self
            .tally
            .under_way()
            .take(most)
            .map(|(_, file)| layout.row(file))
            .collect();
        self.keep_rows(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            match self.rows.get_mut(index) {
                Some(shown) => shown.show(row),
                None => self
                    .rows
                    .push(Shown::new(row, &self.style, |bar| self.screen.insert(index, bar))),
            }
        }
        if self.tally.files() > 1 {
            let row = layout.sum(
                &self.tally.totals(now),
                self.tally.done_of_all(),
                self.tally.measure(),
            );
            match &mut self.sum {
                Some(shown) => shown.show(row),
                None => self.sum = Some(Shown::new(row, &self.style, |bar| self.screen.add(bar))),
            }
        }
    }

    /// Leaves at most so many bars of files.
    fn keep_rows(&mut self, most: usize) {
        for gone in self.rows.drain(most.min(self.rows.len())..) {
            self.screen.remove(&gone.bar);
        }
    }
}

/// A bar on the screen, and what it shows: it is drawn again only where that changes.
struct Shown {
    bar: ProgressBar,
    row: Row,
}

impl Shown {
    /// Fills a bar before `add` puts it on the screen, so that it is never seen empty.
    fn new(row: Row, style: &ProgressStyle, add: impl FnOnce(ProgressBar) -> ProgressBar) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style.clone());
        bar.set_prefix(row.name.clone());
        bar.set_message(row.numbers.clone());
        let bar = add(bar);
        row.advance(&bar);
        Self { bar, row }
    }

    fn show(&mut self, row: Row) {
        if row.name != self.row.name {
            self.bar.set_prefix(row.name.clone());
        }
        if row.numbers != self.row.numbers {
            self.bar.set_message(row.numbers.clone());
        }
        if (row.part, row.whole) != (self.row.part, self.row.whole) {
            row.advance(&self.bar);
        }
        self.row = row;
    }
}

impl Printer for Bars {
    fn print(&mut self, news: Vec<News>, now: Instant) -> io::Result<()> {
        let mut lines = Vec::new();
        for news in news {
            lines.extend(line_of(&news, self.text, &self.tally));
            self.tally.note(&news);
        }
        if !lines.is_empty() {
            // A file is a line or a bar, not both.
            self.keep_rows(self.tally.under_way().count());
            // All at once: each call draws the whole screen anew. A terminal that went away needs no lines.
            let _ = self.screen.println(lines.join("\n"));
        }
        self.tally.measure_speed(now);
        // What is over so soon would only flicker.
        if self.tally.totals(now).elapsed >= super::LOOK_EVERY {
            self.draw(now);
        }
        Ok(())
    }

    fn end(&mut self, now: Instant) -> io::Result<()> {
        // Bars first: one that is dropped later draws once more, over the last line.
        self.keep_rows(0);
        if let Some(sum) = self.sum.take() {
            self.screen.remove(&sum.bar);
        }
        // Both fail only where the terminal went away.
        let _ = self.screen.clear();
        if let Some(line) = last_line(&self.tally, now) {
            let _ = self.terminal.write_line(&line);
        }
        Ok(())
    }
}

fn style(palette: Palette) -> ProgressStyle {
    let template = match palette {
        Palette::Colour => "{prefix} {wide_bar:.cyan/dim} {msg}",
        Palette::Plain => "{prefix} {wide_bar} {msg}",
    };
    ProgressStyle::with_template(template)
        .expect("the template is well-formed")
        .progress_chars("━╸─")
}

/// What one bar shows.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    part: u64,
    /// `None` where it is not known: the bar stays empty.
    whole: Option<u64>,
    numbers: String,
}

impl Row {
    fn advance(&self, bar: &ProgressBar) {
        bar.update(|state| {
            state.set_pos(self.part);
            state.set_len(self.whole.unwrap_or(u64::MAX));
        });
    }
}

/// Which columns find room. Each has a fixed width, so that nothing moves but the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    name_width: usize,
    columns: Columns,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// Percent, size, speed, time left, connections.
    All,
    /// Percent, speed, time left.
    Some,
    /// Percent and speed.
    Few,
}

impl Layout {
    fn of(width: usize) -> Self {
        Self {
            name_width: (width / 4).clamp(8, 36),
            columns: match width {
                100.. => Columns::All,
                64.. => Columns::Some,
                _ => Columns::Few,
            },
        }
    }

    fn row(self, file: &UnderWay) -> Row {
        let name = self.name(&file.name);
        let Some(progress) = &file.progress else {
            return Row {
                name,
                part: 0,
                whole: None,
                numbers: self.word("asking the server"),
            };
        };
        Row {
            name,
            part: progress.bytes,
            whole: progress.length,
            numbers: match phase_word(progress) {
                Some(word) => self.word(&word),
                None => self.numbers(&Numbers::of(progress)),
            },
        }
    }

    fn sum(self, totals: &Totals, done: Option<(u64, u64)>, measure: Measure) -> Row {
        let ended = (totals.finished + totals.failed) as u64;
        let name = format!("{} of {} files", grouped(ended), grouped(totals.files as u64));
        let (part, whole) = match done {
            Some((part, whole)) => (part, Some(whole)),
            None => (0, None),
        };
        let rate = totals.rate_bytes_per_s;
        // Files that wait have unknown lengths: a time for all of them would be invented.
        let seconds_left = whole
            .filter(|_| measure == Measure::Bytes && rate > 0.0)
            .map(|whole| whole.saturating_sub(part) as f64 / rate);
        let numbers = Numbers {
            percent: whole.map(|whole| percent(part, whole)),
            bytes: totals.bytes,
            rate_bytes_per_s: rate,
            time_left: seconds_left.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok()),
            connections: totals.connections,
        };
        Row {
            name: self.name(&name),
            part,
            whole,
            numbers: self.numbers(&numbers),
        }
    }

    fn name(self, name: &str) -> String {
        pad_str(name, self.name_width, Alignment::Left, Some("…")).into_owned()
    }

    fn numbers(self, numbers: &Numbers) -> String {
        let percent = numbers
            .percent
            .map_or_else(String::new, |percent| format!("{percent}%"));
        let rate = Rate(numbers.rate_bytes_per_s);
        let left = numbers
            .time_left
            .map_or_else(String::new, |time| format!("{} left", TimeLeft(time)));
        match self.columns {
            Columns::All => format!(
                "{percent:>4} {:>8} {rate:>9} {left:>16} {:>3} conn",
                Bytes(numbers.bytes),
                numbers.connections
            ),
            Columns::Some => format!("{percent:>4} {rate:>9} {left:>16}"),
            Columns::Few => format!("{percent:>4} {rate:>9}"),
        }
    }

    /// A word in the place of numbers, as wide as they are.
    fn word(self, word: &str) -> String {
        let width = match self.columns {
            Columns::All => 49,
            Columns::Some => 31,
            Columns::Few => 14,
        };
        let word = truncate_str(word, width, "…");
        pad_str(&word, width, Alignment::Left, None).into_owned()
    }
}

struct Numbers {
    percent: Option<u64>,
    bytes: u64,
    rate_bytes_per_s: f64,
    time_left: Option<std::time::Duration>,
    connections: u32,
}

impl Numbers {
    fn of(progress: &Progress) -> Self {
        Self {
            percent: progress.length.map(|length| percent(progress.bytes, length)),
            bytes: progress.bytes,
            rate_bytes_per_s: progress.rate_bytes_per_s,
            time_left: progress.time_left,
            connections: progress.connections,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::FileId;
    use super::super::tally::tests as sample;
    use super::*;
    use gannet_engine::{Phase, WaitReason};

    fn row(layout: Layout, change: impl FnOnce(&mut Progress)) -> Row {
        let mut tally = Tally::new(1, 1, Instant::now());
        tally.note(&sample::begun(0));
        let News::Progress { mut progress, .. } = sample::progress(0, 1 << 29, Some(1 << 30)) else {
            unreachable!("progress gives it")
        };
        change(&mut progress);
        tally.note(&News::Progress {
            file: FileId(0),
            progress,
        });
        let (_, file) = tally.under_way().next().expect("a file");
        layout.row(file)
    }

    #[test]
    fn numbers_keep_their_width() {
        for width in [40, 80, 120] {
            let layout = Layout::of(width);
            let expected = layout.word("").len();
            for (bytes, rate) in [(0, 0.0), (5, 999.0), (1 << 29, 116.4e6), (1 << 40, 1.25e9)] {
                let row = row(layout, |progress| {
                    progress.bytes = bytes;
                    progress.length = Some(1 << 41);
                    progress.rate_bytes_per_s = rate;
                });
                assert_eq!(row.numbers.chars().count(), expected, "{:?}", row.numbers);
            }
        }
    }

    #[test]
    fn a_wide_terminal_shows_everything() {
        let row = row(Layout::of(120), |_| {});
        assert_eq!(row.numbers, " 50%   537 MB 1.00 MB/s        12 s left   8 conn");
        assert_eq!(row.name.chars().count(), 30);
    }

    #[test]
    fn what_waits_says_for_what() {
        let row = row(Layout::of(80), |progress| {
            progress.phase = Phase::Waiting(WaitReason::Network);
        });
        assert_eq!(row.numbers.trim_end(), "waiting for the network");
    }

    #[test]
    fn a_long_name_is_cut() {
        let layout = Layout::of(80);
        let name = layout.name("a-very-long-name-that-goes-on-and-on.tar.gz");
        assert_eq!(name, "a-very-long-name-th…");
    }

    #[test]
    fn the_sum_of_many_files_promises_no_time() {
        let now = Instant::now();
        let mut tally = Tally::new(1_000, 16, now);
        for file in 0..10 {
            tally.note(&sample::begun(file));
            tally.note(&sample::finished(file, 1_000_000, 0));
        }
        tally.measure_speed(now + std::time::Duration::from_secs(1));
        let row = Layout::of(120).sum(&tally.totals(now), tally.done_of_all(), tally.measure());
        assert_eq!(row.name.trim_end(), "10 of 1,000 files");
        assert_eq!(row.numbers, "  1%  10.0 MB 10.0 MB/s                    0 conn");
    }
}
