//! How long to go on when nothing comes.

use std::time::{Duration, Instant};

/// Counts the time in which no source delivered a byte and nobody is to blame for it but the sources.
#[derive(Debug)]
pub(crate) struct Patience {
    retry_for: Duration,
    network_wait: Option<Duration>,
    checked_at: Instant,
    idle: Duration,
    without_network: Duration,
}

/// What the time since the last check was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// Bytes came.
    Receiving,
    /// Nothing came, though it was asked for.
    Asking,
    /// There is no network.
    WithoutNetwork,
    /// Waiting as the server or the caller ordered, or held back by a limit or the disk: it does not count.
    Excused,
}

/// What is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// The time for sources that do not deliver.
    Sources,
    /// The time for a network that is not there.
    Network,
}

impl Patience {
    pub(crate) fn new(retry_for: Duration, network_wait: Option<Duration>, now: Instant) -> Self {
        Self {
            retry_for,
            network_wait,
            checked_at: now,
            idle: Duration::ZERO,
            without_network: Duration::ZERO,
        }
    }

    /// Leaves so much of the time since the last check out.
    pub(crate) fn excuse(&mut self, time: Duration) {
        self.checked_at += time;
    }

    /// Adds the time since the last check; says whether it was more of its kind than there is.
    pub(crate) fn check(&mut self, spent: Spent, now: Instant) -> Option<Exhausted> {
        let elapsed = now.saturating_duration_since(self.checked_at);
        self.checked_at = now;
        match spent {
            Spent::Receiving => {
                self.idle = Duration::ZERO;
                self.without_network = Duration::ZERO;
                None
            }
            Spent::Asking => {
                self.idle += elapsed;
                (self.idle >= self.retry_for).then_some(Exhausted::Sources)
            }
            Spent::WithoutNetwork => {
                self.without_network += elapsed;
                let is_over = self.network_wait.is_some_and(|wait| self.without_network >= wait);
                is_over.then_some(Exhausted::Network)
            }
            Spent::Excused => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_time_without_bytes_counts_and_a_byte_forgives_it() {
        let start = Instant::now();
        let mut patience = Patience::new(60 * SECOND, Some(600 * SECOND), start);
        assert_eq!(patience.check(Spent::Asking, start + 59 * SECOND), None);
        assert_eq!(patience.check(Spent::Excused, start + 3600 * SECOND), None);
        assert_eq!(patience.check(Spent::Receiving, start + 3601 * SECOND), None);
        assert_eq!(patience.check(Spent::Asking, start + 3660 * SECOND), None);
        assert_eq!(
            patience.check(Spent::Asking, start + 3661 * SECOND),
            Some(Exhausted::Sources)
        );
    }

    #[test]
    fn who_has_no_patience_at_all_is_served_while_bytes_come() {
        let start = Instant::now();
        let mut none = Patience::new(Duration::ZERO, Some(Duration::ZERO), start);
        assert_eq!(none.check(Spent::Receiving, start + SECOND), None);
        assert_eq!(none.check(Spent::Excused, start + 2 * SECOND), None);
        assert_eq!(
            none.check(Spent::Asking, start + 3 * SECOND),
            Some(Exhausted::Sources)
        );
        assert_eq!(
            none.check(Spent::WithoutNetwork, start + 3 * SECOND),
            Some(Exhausted::Network)
        );
    }

    #[test]
    fn a_missing_network_has_its_own_clock() {
        let start = Instant::now();
        let mut patience = Patience::new(60 * SECOND, Some(600 * SECOND), start);
        assert_eq!(patience.check(Spent::WithoutNetwork, start + 599 * SECOND), None);
        assert_eq!(
            patience.check(Spent::WithoutNetwork, start + 600 * SECOND),
            Some(Exhausted::Network)
        );
        let mut endless = Patience::new(60 * SECOND, None, start);
        assert_eq!(
            endless.check(Spent::WithoutNetwork, start + 90_000 * SECOND),
            None
        );
    }
}
