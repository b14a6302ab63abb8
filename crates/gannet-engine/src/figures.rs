//! Sizes and speeds as people read them, in one place. Decimal units, as networks and disks are sold.

use std::fmt;

/// A number of bytes: `812 B`, `64.0 kB`, `1.07 GB`. Three digits, so that it neither jumps nor grows.
#[derive(Debug, Clone, Copy)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1000 => f.pad(&format!("{bytes} B")),
            bytes => f.pad(&scaled(bytes as f64, "B")),
        }
    }
}

/// A rate in bytes per second: `116 MB/s`; one that is no number, or negative, is none.
#[derive(Debug, Clone, Copy)]
pub struct Rate(pub f64);

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
}
