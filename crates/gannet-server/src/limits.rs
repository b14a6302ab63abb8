//! Whatever could be too many, too big or too slow.

use std::time::Duration;

pub use crate::rate::Rate;

/// The bounds of a server; the default suits one person with some programs and windows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that speak HTTP, at once; further ones wait to be taken.
    pub connections: usize,
    /// Listeners to events at once; further ones are refused.
    pub listeners: usize,
    /// Commands under way at once; further ones are refused.
    pub commands: usize,
    /// Commands over time.
    pub command_rate: Rate,
    /// Requests without a valid token or session over time. What bears one never counts.
    pub stranger_rate: Rate,
    /// A command's length in bytes: an exported list, as long as one is taken in, and what JSON adds to it.
    pub body_bytes: usize,
    /// A longer command than this waits until no other such one is read: they all lie in memory. Nothing else that is said
    /// is longer.
    pub large_body_bytes: usize,
    /// A request's head in bytes.
    pub head_bytes: usize,
    /// How long a request's head may take, and how long a connection may be idle.
    pub head_time: Duration,
    /// How long a request's body may take.
    pub body_time: Duration,
    /// How long somebody may take nothing of what is sent.
    pub write_time: Duration,
    /// How often a listener is asked whether it is there; it is dropped where it said nothing twice.
    pub ping_every: Duration,
    /// What a listener may say over time.
    pub listener_rate: Rate,
    /// How long connections have to end when the server does.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            listeners: 64,
            commands: 64,
            command_rate: Rate {
                burst: 500,
                per_s: 100.0,
            },
            stranger_rate: Rate {
                burst: 100,
                per_s: 10.0,
            },
            body_bytes: 80 << 20,
            large_body_bytes: 8 << 20,
            head_bytes: 32 << 10,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(20),
            ping_every: Duration::from_secs(20),
            listener_rate: Rate {
                burst: 100,
                per_s: 20.0,
            },
            farewell: Duration::from_millis(500),
        }
    }
}
