//! Why is it not faster? One cause, named from evidence.

use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use crate::figures::Rate;
use crate::pace::Pacer;

/// A shorter transfer was over before anything could be said of it.
const TELLING: Duration = Duration::from_secs(1);
/// The share of a limit that counts as all of it.
const NEARLY: f64 = 0.8;
/// As near as two rates may be that are the same.
const SAME_RATE: f64 = 0.2;
/// As near to the middle as the rates of connections lie that are held to the same limit.
const EVEN_RATE: f64 = 0.15;
/// Fewer connections may get the same rate by chance.
const EVEN_CONNECTIONS_MIN: usize = 4;

/// What holds a transfer back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Every connection gets the same rate from the server, whatever their number.
    PerConnectionLimit {
        /// What one connection gets.
        rate_bytes_per_s: f64,
        /// How many are at that limit.
        connections: u32,
    },
    /// More connections bring nothing: the line, or what the server gives in all, is used up.
    LineFull {
        /// What it carries.
        rate_bytes_per_s: f64,
    },
    /// The disk takes less than the network brings.
    Disk,
    /// The limit that the user set.
    UserLimit {
        /// The limit.
        rate_bytes_per_s: u64,
    },
    /// The host refuses more connections.
    HostLimit {
        /// How many it takes.
        connections: u32,
    },
    /// The server sends no ranges: one connection is all there can be.
    NoRanges,
    /// Everything goes through a proxy, and it gives no more.
    Proxy,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerConnectionLimit {
                rate_bytes_per_s,
                connections,
            } => write!(
                f,
                "The server gives each connection {}. All {connections} are at that limit.",
                Rate(*rate_bytes_per_s)
            ),
            Self::LineFull { rate_bytes_per_s } => {
                write!(
                    f,
                    "The line is full at {}: more connections bring nothing.",
                    Rate(*rate_bytes_per_s)
                )
            }
            Self::Disk => f.write_str("The disk takes less than the network brings."),
            Self::UserLimit { rate_bytes_per_s } => {
                write!(f, "Your limit of {} is reached.", Rate(*rate_bytes_per_s as f64))
            }
            Self::HostLimit { connections: 1 } => f.write_str("The host takes one connection at a time."),
            Self::HostLimit { connections } => {
                write!(f, "The host takes no more than {connections} connections.")
            }
            Self::NoRanges => f.write_str("The server sends no ranges: one connection is all there can be."),
            Self::Proxy => f.write_str("The proxy gives no more."),
        }
    }
}

impl Cause {
    /// That each of the `connections` that deliver gets the same, where nearly all of them are known to. `rates` are those
    /// of the ones that are old enough to have one.
    pub(crate) fn of_even_rates(rates: &mut [f64], connections: u32) -> Option<Self> {
        if rates.len() < EVEN_CONNECTIONS_MIN {
            return None;
        }
        rates.sort_unstable_by(f64::total_cmp);
        let middle = rates[rates.len() / 2];
        let even = rates
            .iter()
            .filter(|&&rate| (rate - middle).abs() <= EVEN_RATE * middle)
            .count();
        let told = even as u32;
        (are_nearly_all(told, rates.len() as u32) && are_nearly_all(told, connections)).then_some(
            Self::PerConnectionLimit {
                rate_bytes_per_s: middle,
                connections,
            },
        )
    }

    /// What of an earlier finding is still true now that so many connections deliver: what was found of a few is not said
    /// of a crew that grew meanwhile.
    pub(crate) fn still_true(self, connections: u32) -> Option<Self> {
        match self {
            Self::PerConnectionLimit {
                rate_bytes_per_s,
                connections: found,
            } => are_nearly_all(found.min(connections), found.max(connections)).then_some(
                Self::PerConnectionLimit {
                    rate_bytes_per_s,
                    connections,
                },
            ),
            other => Some(other),
        }
    }

    /// That it is the lowest of these limits, where what comes is about as much.
    pub(crate) fn of_limits(pacers: &[Pacer], rate_bytes_per_s: f64) -> Option<Self> {
        let limit = pacers.iter().filter_map(Pacer::rate_bytes_per_s).min()?;
        (rate_bytes_per_s >= NEARLY * limit as f64).then_some(Self::UserLimit {
            rate_bytes_per_s: limit,
        })
    }
}

/// Whether a part of them stands for all of them.
fn are_nearly_all(some: u32, all: u32) -> bool {
    f64::from(some) >= NEARLY * f64::from(all)
}

/// For how long which cause held: what was true at the very end is not what a transfer as a whole was held back by.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    observed: Duration,
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    cause: Cause,
    time: Duration,
}

impl Causes {
    /// For `time`, this was the cause; `None` where the evidence named none.
    pub(crate) fn note(&mut self, cause: Option<Cause>, time: Duration) {
        self.observed += time;
        let Some(cause) = cause else { return };
        match self.held.iter_mut().find(|held| held.cause.is_same(&cause)) {
            Some(held) => {
                let before_s = held.time.as_secs_f64();
                held.time += time;
                let share = time.as_secs_f64() / (before_s + time.as_secs_f64()).max(f64::MIN_POSITIVE);
                held.cause.average_in(&cause, share);
            }
            None => self.held.push(Held { cause, time }),
        }
    }

    /// What held for at least half of the time, in the shape in which it held longest.
    pub(crate) fn conclusion(&self) -> Option<Cause> {
        if self.observed < TELLING {
            return None;
        }
        let kind = self
            .held
            .iter()
            .map(|held| self.kind_of(held))
            .max_by_key(|&kind| self.time_of(kind))?;
        if self.time_of(kind) * 2 < self.observed {
            return None;
        }
        self.held
            .iter()
            .filter(|held| discriminant(&held.cause) == kind)
            .max_by_key(|held| held.time)
            .map(|held| held.cause.clone())
    }

    /// How long causes of this kind held.
    fn time_of(&self, kind: Discriminant<Cause>) -> Duration {
        let of_kind = self.held.iter().filter(|held| self.kind_of(held) == kind);
        of_kind.map(|held| held.time).sum()
    }

    /// Before it is tried with fewer connections, a full line looks just like a limit per connection: equal rates, whose
    /// sum gives it away afterwards.
    fn kind_of(&self, held: &Held) -> Discriminant<Cause> {
        if let Cause::PerConnectionLimit {
            rate_bytes_per_s,
            connections,
        } = held.cause
            && let Some((line, full_bytes_per_s)) = self.line()
            && (rate_bytes_per_s * f64::from(connections) - full_bytes_per_s).abs()
                <= SAME_RATE * full_bytes_per_s
        {
            return line;
        }
        discriminant(&held.cause)
    }

    /// That the line was full, and at which rate, where that was ever found.
    fn line(&self) -> Option<(Discriminant<Cause>, f64)> {
        self.held.iter().find_map(|held| match held.cause {
            Cause::LineFull { rate_bytes_per_s } => Some((discriminant(&held.cause), rate_bytes_per_s)),
            _ => None,
        })
    }
}

impl Cause {
    /// Whether it is the same finding as another, apart from the rate that was measured.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::PerConnectionLimit { connections, .. },
                Self::PerConnectionLimit {
                    connections: others, ..
                },
            ) => connections == others,
            (Self::LineFull { .. }, Self::LineFull { .. }) => true,
            _ => self == other,
        }
    }

    /// Moves the rate that was measured towards another's, by this share of the way.
    fn average_in(&mut self, other: &Self, share: f64) {
        if let (Some(rate), Some(other)) = (self.measured_mut(), other.clone().measured_mut()) {
            *rate += (*other - *rate) * share;
        }
    }

    /// The rate that was measured, where it has one.
    fn measured_mut(&mut self) -> Option<&mut f64> {
        match self {
            Self::PerConnectionLimit { rate_bytes_per_s, .. } | Self::LineFull { rate_bytes_per_s } => {
                Some(rate_bytes_per_s)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(rate_bytes_per_s: f64, connections: u32) -> Cause {
        Cause::PerConnectionLimit {
            rate_bytes_per_s,
            connections,
        }
    }

    fn full(rate_bytes_per_s: f64) -> Cause {
        Cause::LineFull { rate_bytes_per_s }
    }

    fn concluded(held: &[(Option<Cause>, u64)]) -> Option<Cause> {
        let mut causes = Causes::default();
        for (cause, time_ms) in held {
            causes.note(cause.clone(), Duration::from_millis(*time_ms));
        }
        causes.conclusion()
    }

    #[test]
    fn equal_rates_are_a_limit_once_nearly_all_that_deliver_are_known_to_have_them() {
        let found = |rates: &[f64], connections| Cause::of_even_rates(&mut rates.to_vec(), connections);
        let even = [4.0, 4.1, 3.9, 4.0, 4.2, 3.8, 4.0, 4.0];
        assert_eq!(found(&even, 8), Some(each(4.0, 8)));
        assert_eq!(found(&even, 10), Some(each(4.0, 10)), "two that only just began");
        assert_eq!(found(&even, 11), None, "too many of which nothing is known");
        assert_eq!(found(&even[..3], 3), None, "too few");
        let uneven = [4.0, 4.1, 3.9, 4.0, 9.0, 1.0, 4.0, 4.0];
        assert_eq!(found(&uneven, 8), None);
    }

    #[test]
    fn what_was_found_of_a_few_connections_is_not_said_of_many() {
        assert_eq!(each(4.0, 14).still_true(14), Some(each(4.0, 14)));
        assert_eq!(each(4.0, 30).still_true(32), Some(each(4.0, 32)));
        assert_eq!(each(4.0, 32).still_true(29), Some(each(4.0, 29)));
        assert_eq!(each(4.0, 14).still_true(32), None);
        assert_eq!(each(4.0, 32).still_true(0), None);
        assert_eq!(Cause::Disk.still_true(0), Some(Cause::Disk));
    }

    #[test]
    fn what_held_longest_is_concluded_and_not_what_held_last() {
        let held = [(None, 300), (Some(Cause::Disk), 4000), (Some(full(8e3)), 1000)];
        assert_eq!(concluded(&held), Some(Cause::Disk));
    }

    #[test]
    fn a_limit_per_connection_is_that_of_the_full_crew() {
        let held = [
            (Some(each(4e6, 32)), 5000),
            (Some(each(4e6, 28)), 500),
            (Some(each(3e6, 7)), 400),
        ];
        assert_eq!(concluded(&held), Some(each(4e6, 32)));
    }

    #[test]
    fn rates_are_averaged_over_the_time_for_which_they_held() {
        assert_eq!(
            concluded(&[(Some(each(4e6, 8)), 3000), (Some(each(8e6, 8)), 1000)]),
            Some(each(5e6, 8))
        );
    }

    #[test]
    fn what_held_for_less_than_half_of_the_time_is_not_said() {
        let held = [(None, 3000), (Some(Cause::Disk), 2000), (Some(full(1e6)), 900)];
        assert_eq!(concluded(&held), None);
    }

    #[test]
    fn of_a_moment_nothing_is_said() {
        assert_eq!(concluded(&[(Some(Cause::NoRanges), 900)]), None);
        assert_eq!(concluded(&[(Some(Cause::NoRanges), 1100)]), Some(Cause::NoRanges));
        assert_eq!(concluded(&[]), None);
    }

    #[test]
    fn a_full_line_was_full_before_that_was_found_out() {
        let held = [(Some(each(3e6, 32)), 2500), (Some(full(100e6)), 1500)];
        assert_eq!(concluded(&held), Some(full(100e6)));
        // Another sum: then it was the connections that were limited.
        let held = [(Some(each(1e6, 32)), 2500), (Some(full(100e6)), 1500)];
        assert_eq!(concluded(&held), Some(each(1e6, 32)));
    }
}
