//! Rates and durations as users write them.

use std::time::Duration;

/// Reads a rate in bytes per second: `500k`, `5M`, `1.5Gi`, with `B` or `/s` behind it where one likes.
///
/// `k`, `M`, `G` and `T` are powers of 1000, as networks are sold; `Ki`, `Mi`, `Gi` and `Ti` are powers of 1024.
/// 0 is no limit, as other programs have it, and read as `None`.
pub(crate) fn parse_rate(text: &str) -> Result<Limit, String> {
    let trimmed = text.trim();
    let bare = trimmed.strip_suffix("/s").unwrap_or(trimmed);
    let bare = bare.strip_suffix(['B', 'b']).unwrap_or(bare);
    let digits = bare
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(bare.len());
    let (number, unit) = bare.split_at(digits);
    let number: f64 = number
        .parse()
        .map_err(|_| "not a rate; write it as 500k, 5M or 1.5Gi (bytes per second)".to_owned())?;
    let factor = unit_factor(unit)
        .ok_or_else(|| format!("unknown unit {unit:?}; k, M, G, T and Ki, Mi, Gi, Ti are known"))?;
    let rate = (number * factor).round();
    if number > 0.0 && rate < 1.0 {
        return Err("less than one byte per second is no rate".to_owned());
    }
    if rate > RATE_MAX {
        return Err("more than an exabyte per second is no limit".to_owned());
    }
    Ok(Limit {
        bytes_per_s: Some(rate as u64).filter(|&rate| rate > 0),
    })
}

/// A limit on the byte rate, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// `None` is no limit.
    pub(crate) bytes_per_s: Option<u64>,
}

/// Beyond it a float no longer counts single bytes well, and no network goes there.
const RATE_MAX: f64 = 1e18;

fn unit_factor(unit: &str) -> Option<f64> {
    Some(match unit.trim() {
        "" => 1.0,
        "k" | "K" => 1e3,
        "m" | "M" => 1e6,
        "g" | "G" => 1e9,
        "t" | "T" => 1e12,
        "ki" | "Ki" => f64::from(1 << 10),
        "mi" | "Mi" => f64::from(1 << 20),
        "gi" | "Gi" => f64::from(1 << 30),
        "ti" | "Ti" => (1_u64 << 40) as f64,
        _ => return None,
    })
}

/// Reads a duration: `30s`, `2min`, `1h 30m`, `500ms`; a bare number is in seconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    let time = match trimmed.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(u64::from(seconds)),
        Err(_) => humantime::parse_duration(trimmed)
            .map_err(|_| "not a duration; write it as 30s, 2min or 1h".to_owned())?,
    };
    if time > DURATION_MAX {
        return Err("more than a year is too long to wait".to_owned());
    }
    Ok(time)
}

/// Reads a duration in which something has to come.
pub(crate) fn parse_patience(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time < PATIENCE_MIN {
        return Err("less than 100ms is no time to answer in".to_owned());
    }
    Ok(time)
}

/// Servers on the other side of the world need longer than this for their first byte.
const PATIENCE_MIN: Duration = Duration::from_millis(100);

/// Keeps sums with the present moment far from any overflow.
const DURATION_MAX: Duration = Duration::from_hours(366 * 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_decimal_and_binary_units() {
        for (text, expected) in [
            ("5M", 5_000_000),
            ("500k", 500_000),
            ("500K", 500_000),
            ("1.5G", 1_500_000_000),
            ("1Ki", 1_024),
            ("5Mi", 5 << 20),
            ("2Gi", 2 << 30),
            ("10MB/s", 10_000_000),
            ("10MiB/s", 10 << 20),
            ("100000", 100_000),
            (" 1 M ", 1_000_000),
        ] {
            let limit = parse_rate(text).unwrap_or_else(|reason| panic!("{text}: {reason}"));
            assert_eq!(limit.bytes_per_s, Some(expected), "{text}");
        }
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(parse_rate("0"), Ok(Limit { bytes_per_s: None }));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "M",
            "-5M",
            "5X",
            "1.2.3M",
            "0.1",
            "nan",
            "inf",
            "9e99",
            "99999999999T",
        ] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read_with_and_without_a_unit() {
        for (text, expected_ms) in [
            ("30", 30_000),
            ("30s", 30_000),
            ("2min", 120_000),
            ("1h 30m", 5_400_000),
            ("500ms", 500),
            ("0", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(expected_ms)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "soon", "-1", "5 parsecs", "1000years"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
