//! Sizes, speeds and times as users read them, in one place. Decimal units, as networks and disks are sold.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A number of bytes: `812 B`, `64.0 kB`, `1.07 GB`. Three digits, so that it neither jumps nor grows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1000 => f.pad(&format!("{bytes} B")),
            bytes => f.pad(&scaled(bytes as f64, "B")),
        }
    }
}

/// A rate in bytes per second: `116 MB/s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate(pub(crate) f64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            rate if rate.is_finite() && rate >= 999.5 => f.pad(&scaled(rate, "B/s")),
            rate if rate.is_finite() && rate > 0.0 => f.pad(&format!("{rate:.0} B/s")),
            _ => f.pad("0 B/s"),
        }
    }
}

/// Three significant digits with the prefix that fits.
fn scaled(value: f64, unit: &str) -> String {
    const PREFIXES: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    let mut value = value / 1e3;
    let mut prefix = 0;
    while value >= 999.5 && prefix + 1 < PREFIXES.len() {
        value /= 1e3;
        prefix += 1;
    }
    let decimals = match value {
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {}{unit}", PREFIXES[prefix])
}

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
    fn sizes_have_three_digits() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.00 kB"),
            (9_994, "9.99 kB"),
            (9_996, "10.0 kB"),
            (64 << 10, "65.5 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (1 << 30, "1.07 GB"),
            (35_000_000_000, "35.0 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), expected);
        }
        assert_eq!(format!("{:>9}", Bytes(1)), "      1 B");
    }

    #[test]
    fn rates_survive_any_number() {
        for (rate, expected) in [
            (0.0, "0 B/s"),
            (-1.0, "0 B/s"),
            (f64::NAN, "0 B/s"),
            (f64::INFINITY, "0 B/s"),
            (12.3, "12 B/s"),
            (999.6, "1.00 kB/s"),
            (116_400_000.0, "116 MB/s"),
            (1.25e9, "1.25 GB/s"),
        ] {
            assert_eq!(Rate(rate).to_string(), expected);
        }
    }

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
