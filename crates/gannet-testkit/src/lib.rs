//! The misbehaving origin and the disk that loses power.
//!
//! [`Origin`] is an HTTP/1.1 server over raw TCP (and TLS, and HTTP/2) that can lie, cut, stall, throttle and reset. What it does
//! is a [`Profile`], plain data, or a [`Script`] per request, and a [`Log`] says what it saw. Its file is a
//! [`Content`]: a function of seed and offset, of any length.

mod claims;
mod closed;
mod connection;
pub mod content;
mod decision;
pub mod demo;
mod digests;
pub mod disk;
mod http2;
mod lies;
mod log;
pub mod pace;
mod profile;
mod proxy;
mod redirect;
mod request;
mod respond;
mod script;
mod server;
#[cfg(target_os = "linux")]
mod silent;
mod site;
mod size;
#[cfg(test)]
mod tests;
mod tls;

pub use claims::{Claims, UNDER_WAY_MAX_BYTES};
pub use closed::ClosedPort;
pub use content::Content;
pub use log::{Entry, Log, MAX_ENTRIES, NotInTime, Outcome, Summary};
pub use profile::{
    Beyond, Cap, Change, Dates, DigestField, DigestKind, ETag, Fault, Flapping, Network, Pace, Profile,
    RangeLie, Ranges, Refusal, RetryAfter, Truth, When,
};
pub use proxy::{ProxySpeaks, TestProxy};
pub use redirect::{Hops, Redirect, Target, Tokens};
pub use request::{RangeSpec, Request, Scheme};
pub use script::{End, Framing, HttpVersion, Piece, Script};
pub use server::{Origin, OriginBuilder, Protocols};
#[cfg(target_os = "linux")]
pub use silent::SilentAddress;
pub use size::parse_bytes;
pub use tls::{Asks, BrokenNode, Shows, TlsManners};
