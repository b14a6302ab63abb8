//! Why is it not faster? One cause, named from evidence.

use std::fmt;

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

/// A rate in decimal units, as networks are sold.
struct Rate(f64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            rate if rate >= 1e9 => write!(f, "{:.1} GB/s", rate / 1e9),
            rate if rate >= 1e6 => write!(f, "{:.1} MB/s", rate / 1e6),
            rate => write!(f, "{:.0} kB/s", rate / 1e3),
        }
    }
}
