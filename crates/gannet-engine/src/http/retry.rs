//! How long to wait before asking again. Pure: the attempt, the jitter and the time are passed in.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};

use super::validator::{date_of, the_one_value};

/// What each further attempt adds to the wait.
pub(crate) const RETRY_STEP: Duration = Duration::from_millis(100);

/// The longest wait of our own choice.
pub(crate) const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The longest wait a server may order, unless the caller sets another.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_mins(10);

/// How much of a wait the jitter may add or take away, so that workers do not come back in step.
const JITTER_SHARE: f64 = 0.25;

/// A number from 0 to 1 that spreads waits; drawn by the caller, so that tests can choose it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Jitter(f64);

impl Jitter {
    /// `value` drawn evenly from `0.0..=1.0`; what lies outside is moved to the border.
    pub(crate) fn new(value: f64) -> Self {
        Self(if value.is_nan() {
            0.5
        } else {
            value.clamp(0.0, 1.0)
        })
    }

    /// `1 - JITTER_SHARE` to `1 + JITTER_SHARE`.
    fn factor_around_one(self) -> f64 {
        1.0 + JITTER_SHARE * (2.0 * self.0 - 1.0)
    }

    /// 1 to `1 + JITTER_SHARE`: for waits that must not be undercut.
    fn factor_from_one(self) -> f64 {
        1.0 + JITTER_SHARE * self.0
    }
}

/// The wait before attempt number `attempt`, the first retry being 1: 100 ms for each, jittered, at most 30 s.
pub(crate) fn wait_before_attempt(attempt: u32, jitter: Jitter) -> Duration {
    let wait = RETRY_STEP.saturating_mul(attempt).min(RETRY_WAIT_MAX);
    wait.mul_f64(jitter.factor_around_one()).min(RETRY_WAIT_MAX)
}

/// When a server wants to be asked again (RFC 9110 §10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// A number of seconds, or a date for which the answer's own `Date` gave the distance.
    Delay(Duration),
    /// A date, from a server that does not say what time it has.
    At(SystemTime),
}

impl RetryAfter {
    /// Reads `Retry-After`; `None` where there is none, or one that means nothing.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = the_one_value(headers, &RETRY_AFTER)?.to_str().ok()?.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // Digits that overflow are a very long wait, which the cap then bounds.
            return Some(Self::Delay(Duration::from_secs(
                value.parse().unwrap_or(u64::MAX),
            )));
        }
        let at = httpdate::parse_http_date(value).ok()?;
        // The server's clock against the server's clock: ours may be a day off.
        Some(match date_of(headers, &DATE) {
            Some(server_now) => Self::Delay(at.duration_since(server_now).unwrap_or_default()),
            None => Self::At(at),
        })
    }

    /// How long to wait from `now`: never shorter than ordered, jittered upwards, at most `longest`.
    ///
    /// A date that has passed, or that a clock jump makes seem so, is no wait at all: the caller's own waits still apply.
    pub(crate) fn wait(self, now: SystemTime, longest: Duration, jitter: Jitter) -> Duration {
        let ordered = match self {
            Self::Delay(delay) => delay,
            Self::At(at) => at.duration_since(now).unwrap_or_default(),
        };
        // Bounded before the multiplication, which could overflow.
        ordered
            .min(longest)
            .mul_f64(jitter.factor_from_one())
            .min(longest)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use http::HeaderName;
    use proptest::prelude::*;

    use super::*;

    const NONE: Jitter = Jitter(0.0);

    fn retry_after(fields: &[(&'static str, &str)]) -> Option<RetryAfter> {
        RetryAfter::from_headers(
            &fields
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect(),
        )
    }

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT").unwrap()
    }

    #[test]
    fn waits_grow_by_100_ms_an_attempt_up_to_30_s() {
        let middle = Jitter::new(0.5);
        assert_eq!(wait_before_attempt(0, middle), Duration::ZERO);
        assert_eq!(wait_before_attempt(1, middle), Duration::from_millis(100));
        assert_eq!(wait_before_attempt(7, middle), Duration::from_millis(700));
        assert_eq!(wait_before_attempt(300, middle), RETRY_WAIT_MAX);
        assert_eq!(wait_before_attempt(u32::MAX, Jitter::new(1.0)), RETRY_WAIT_MAX);
    }

    #[test]
    fn a_server_is_asked_again_when_it_said() {
        for (fields, expected_s) in [
            (&[("retry-after", "0")][..], Some(0)),
            (&[("retry-after", "7")], Some(7)),
            (&[("retry-after", "1000000000")], Some(600)),
            (&[("retry-after", "99999999999999999999999")], Some(600)),
            (&[("retry-after", "Sun, 22 Nov 2026 12:00:05 GMT")], Some(5)),
            (&[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], Some(0)),
            (
                &[
                    ("retry-after", "Sun, 22 Nov 2026 12:00:05 GMT"),
                    ("date", "Sun, 22 Nov 2026 12:00:02 GMT"),
                ],
                Some(3),
            ),
            (
                &[
                    ("retry-after", "Mon, 23 Nov 2026 12:00:09 GMT"),
                    ("date", "Mon, 23 Nov 2026 12:00:02 GMT"),
                ],
                Some(7),
            ),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-5")], None),
            (&[("retry-after", "1.5")], None),
            (&[("retry-after", "")], None),
            (&[("retry-after", "3"), ("retry-after", "4")], None),
            (&[], None),
        ] {
            let wait = retry_after(fields).map(|after| after.wait(now(), RETRY_AFTER_MAX, NONE).as_secs());
            assert_eq!(wait, expected_s, "{fields:?}");
        }
    }

    #[test]
    fn a_clock_jump_neither_panics_nor_waits_past_the_cap() {
        let after = retry_after(&[("retry-after", "Sun, 22 Nov 2026 12:00:05 GMT")]).unwrap();
        assert_eq!(
            after.wait(UNIX_EPOCH, RETRY_AFTER_MAX, Jitter::new(1.0)),
            RETRY_AFTER_MAX
        );
        let next_day = now() + Duration::from_hours(24);
        assert_eq!(
            after.wait(next_day, RETRY_AFTER_MAX, Jitter::new(1.0)),
            Duration::ZERO
        );
    }

    proptest! {
        #[test]
        fn an_ordered_wait_is_never_undercut_nor_past_the_cap(seconds in any::<u64>(), jitter in any::<f64>()) {
            let ordered = RetryAfter::Delay(Duration::from_secs(seconds));
            let wait = ordered.wait(now(), RETRY_AFTER_MAX, Jitter::new(jitter));
            prop_assert!(wait >= Duration::from_secs(seconds).min(RETRY_AFTER_MAX) && wait <= RETRY_AFTER_MAX);
        }

        #[test]
        fn own_waits_stay_within_the_jitter(attempt in any::<u32>(), jitter in any::<f64>()) {
            let wait = wait_before_attempt(attempt, Jitter::new(jitter));
            prop_assert!(wait <= RETRY_WAIT_MAX);
            prop_assert!(wait >= (RETRY_STEP.saturating_mul(attempt)).min(RETRY_WAIT_MAX).mul_f64(0.74));
        }
    }
}
