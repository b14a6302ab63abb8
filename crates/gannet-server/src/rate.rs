//! How often something may happen.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many at once, and so many a second after that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// A second, in the long run.
    pub per_s: f64,
}

/// Counts what happens, and says when it is too much.
pub(crate) struct Meter {
    rate: Rate,
    state: Mutex<State>,
}

struct State {
    /// How many may happen now.
    left: f64,
    at: Instant,
}

impl Meter {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            state: Mutex::new(State {
                left: f64::from(rate.burst),
                at: now,
            }),
        }
    }

    /// Counts one more.
    ///
    /// # Errors
    /// Too many; the next one may come after this time.
    pub(crate) fn count(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let since_s = now.saturating_duration_since(state.at).as_secs_f64();
        state.left = (state.left + since_s * self.rate.per_s).min(f64::from(self.rate.burst));
        state.at = now.max(state.at);
        if state.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - state.left) / self.rate.per_s));
        }
        state.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_may_come_later() {
        let begun = Instant::now();
        let meter = Meter::new(Rate { burst: 2, per_s: 4.0 }, begun);
        assert_eq!(meter.count(begun), Ok(()));
        assert_eq!(meter.count(begun), Ok(()));
        assert_eq!(meter.count(begun), Err(Duration::from_millis(250)));
        assert_eq!(meter.count(begun + Duration::from_millis(250)), Ok(()));
    }

    #[test]
    fn rest_does_not_add_up_beyond_the_burst() {
        let begun = Instant::now();
        let meter = Meter::new(Rate { burst: 2, per_s: 4.0 }, begun);
        let later = begun + Duration::from_hours(1);
        assert_eq!(meter.count(later), Ok(()));
        assert_eq!(meter.count(later), Ok(()));
        assert!(meter.count(later).is_err());
    }
}
