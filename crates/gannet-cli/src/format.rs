//! Times and counts as users read them, and by the engine's figures sizes and speeds, in one place.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub(crate) use gannet_engine::figures::{Bytes, Rate};

/// A span of time, to the two units that matter: `340 ms`, `9.2 s`, `1 min 05 s`, `2 h 03 min`, `3 d 04 h`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds < 0.9995 {
            return f.pad(&format!("{:.0} ms", seconds * 1e3));
        }
        if seconds < 59.95 {
            return f.pad(&format!("{seconds:.1} s"));
        }
        f.pad(&long(seconds.round() as u64))
    }
}

/// Time left: whole seconds, since tenths of a guess only flicker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft(pub(crate) Duration);

impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs_f64().ceil() as u64 {
            seconds @ 0..60 => f.pad(&format!("{seconds} s")),
            seconds => f.pad(&long(seconds)),
        }
    }
}

/// A minute or more.
fn long(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        0..HOUR => format!("{} min {:02} s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{} h {:02} min", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{} d {:02} h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// How many of something: `1 file`, `1,000 files`, `no files`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) number: u64,
    pub(crate) one: &'static str,
    pub(crate) many: &'static str,
}

impl Count {
    /// So many files.
    pub(crate) const fn files(number: usize) -> Self {
        Self {
            number: number as u64,
            one: "file",
            many: "files",
        }
    }

    /// So many connections.
    pub(crate) const fn connections(number: u32) -> Self {
        Self {
            number: number as u64,
            one: "connection",
            many: "connections",
        }
    }

    /// So many retries.
    pub(crate) const fn retries(number: u64) -> Self {
        Self {
            number,
            one: "retry",
            many: "retries",
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => write!(f, "no {}", self.many),
            1 => write!(f, "1 {}", self.one),
            number => write!(f, "{} {}", grouped(number), self.many),
        }
    }
}

/// A number with its thousands apart: `1,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whole percent, rounded down: 100 is said only of what is complete.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 100;
    }
    (u128::from(part) * 100 / u128::from(whole)).min(100) as u64
}

/// Text without control characters: what a server sends must not steer the terminal.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_units_that_matter() {
        for (ms, span, left) in [
            (0, "0 ms", "0 s"),
            (12, "12 ms", "1 s"),
            (9_240, "9.2 s", "10 s"),
            (59_960, "1 min 00 s", "1 min 00 s"),
            (65_000, "1 min 05 s", "1 min 05 s"),
            (7_380_000, "2 h 03 min", "2 h 03 min"),
            (273_600_000, "3 d 04 h", "3 d 04 h"),
        ] {
            assert_eq!(Span(Duration::from_millis(ms)).to_string(), span);
            assert_eq!(TimeLeft(Duration::from_millis(ms)).to_string(), left);
        }
    }

    #[test]
    fn counts_read_as_words() {
        assert_eq!(Count::files(0).to_string(), "no files");
        assert_eq!(Count::files(1).to_string(), "1 file");
        assert_eq!(Count::retries(1_234_567).to_string(), "1,234,567 retries");
        assert_eq!(grouped(100), "100");
    }

    #[test]
    fn a_hundred_percent_is_said_of_the_whole_only() {
        assert_eq!(percent(999_999, 1_000_000), 99);
        assert_eq!(percent(5, 5), 100);
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
        assert_eq!(plain("plain"), "plain");
    }
}
