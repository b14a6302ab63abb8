//! How long a failed download waits before it is tried again.

use std::time::Duration;

/// The longest wait between two tries.
pub const RETRY_WAIT_MAX: Duration = Duration::from_mins(30);

/// The waits before the first tries; each further one waits [`RETRY_WAIT_MAX`].
const RETRY_WAITS: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(10),
];

/// How much of a wait the jitter adds or takes away, so that downloads of one host do not come back in step. Small
/// enough that no wait is shorter than the one before.
const JITTER_SHARE: f64 = 0.2;

/// The wait before try number `try_number`, the first retry being 1. `jitter` is drawn evenly from `0.0..=1.0`.
pub fn retry_wait(try_number: u32, jitter: f64) -> Duration {
    let index = try_number.saturating_sub(1) as usize;
    let wait = RETRY_WAITS.get(index).copied().unwrap_or(RETRY_WAIT_MAX);
    let jitter = if jitter.is_nan() {
        0.5
    } else {
        jitter.clamp(0.0, 1.0)
    };
    wait.mul_f64(1.0 + JITTER_SHARE * (2.0 * jitter - 1.0))
        .min(RETRY_WAIT_MAX)
}

/// How long a download waits for its next try, after `retries_done` of the `retries` that its queue allows; `None` where
/// none is left.
pub fn next_retry(retries_done: u32, retries: u32, jitter: f64) -> Option<Duration> {
    (retries_done < retries).then(|| retry_wait(retries_done + 1, jitter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_grow_to_half_an_hour() {
        let waits_s: Vec<_> = (1..=8).map(|number| retry_wait(number, 0.5).as_secs()).collect();
        assert_eq!(waits_s, [10, 30, 60, 300, 600, 1800, 1800, 1800]);
    }

    #[test]
    fn a_queue_without_retries_left_gives_none() {
        assert_eq!(next_retry(0, 0, 0.5), None);
        assert_eq!(next_retry(0, 1, 0.5), Some(Duration::from_secs(10)));
        assert_eq!(next_retry(1, 1, 0.5), None);
    }

    proptest! {
        #[test]
        fn no_wait_is_shorter_than_the_one_before(
            number in 0..u32::MAX,
            jitters in any::<(f64, f64)>(),
        ) {
            let (one, next) = (retry_wait(number, jitters.0), retry_wait(number + 1, jitters.1));
            prop_assert!(next <= RETRY_WAIT_MAX && one >= Duration::from_secs(8));
            // Waits of one length (the longest, and numbers 0 and 1) differ by the jitter alone.
            prop_assert!(number == 0 || number > RETRY_WAITS.len() as u32 || next >= one);
        }
    }
}
