//! How the origin behaves, as plain data: a right and fast server by default, and every way to be worse.
//!
//! ```
//! use gannet_testkit::{Fault, Pace, Profile, When};
//!
//! // 2 MB/s for each connection, every 8th one at 8 kB/s.
//! let profile = Profile {
//!     pace: Pace { per_connection_bytes_per_s: Some(2_000_000), ..Pace::default() },
//!     faults: vec![(When::EveryConnection(8), Fault::Slow { bytes_per_s: 8_000 })],
//!     ..Profile::default()
//! };
//! # assert_eq!(profile.faults.len(), 1);
//! ```

use std::time::Duration;

use crate::redirect::{Redirect, Tokens};
use crate::script::{Framing, HttpVersion};

/// One file and the manners of the server that offers it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The length of the file in bytes, unless the path names another.
    pub size_bytes: u64,
    /// What the content is made from, and where the randomness of faults comes from.
    pub seed: u64,
    /// Rates and latencies.
    pub pace: Pace,
    /// What is done with `Range`.
    pub ranges: Ranges,
    /// The entity tag.
    pub etag: ETag,
    /// `Last-Modified` and `Date`.
    pub dates: Dates,
    /// How the end of a body is told.
    pub framing: Framing,
    /// The version in the status line.
    pub http_version: HttpVersion,
    /// Digest fields.
    pub digests: Vec<DigestField>,
    /// `Content-Type`.
    pub content_type: String,
    /// Further header fields of `200` and `206`, as they are (`Content-Disposition`, `Content-Encoding`, …).
    pub headers: Vec<(String, String)>,
    /// How many connections are served at once.
    pub cap: Option<Cap>,
    /// Credentials that are asked for (`user`, `password`).
    pub basic_auth: Option<(String, String)>,
    /// Where a request is sent instead of being answered.
    pub redirect: Option<Redirect>,
    /// A signed URL: only requests with a valid `token` are answered.
    pub tokens: Option<Tokens>,
    /// When the file becomes another one.
    pub change: Change,
    /// What goes wrong, and when. All that apply are applied, in this order.
    pub faults: Vec<(When, Fault)>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            size_bytes: 1 << 20,
            seed: 1,
            pace: Pace::default(),
            ranges: Ranges::default(),
            etag: ETag::default(),
            dates: Dates::default(),
            framing: Framing::default(),
            http_version: HttpVersion::default(),
            digests: Vec::new(),
            content_type: "application/octet-stream".to_owned(),
            headers: Vec::new(),
            cap: None,
            basic_auth: None,
            redirect: None,
            tokens: None,
            change: Change::default(),
            faults: Vec::new(),
        }
    }
}

/// Rates and latencies; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// What one connection gets.
    pub per_connection_bytes_per_s: Option<u64>,
    /// What all connections get together.
    pub total_bytes_per_s: Option<u64>,
    /// The wait before the first answer on a connection.
    pub first_latency: Duration,
    /// The wait before every later answer on it.
    pub latency: Duration,
}

/// What is done with a `Range` header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ranges {
    /// `Accept-Ranges: bytes`, and it is true.
    #[default]
    Honoured,
    /// Ranges work, but nothing says so.
    HonouredUnannounced,
    /// `Accept-Ranges: bytes`, and yet every answer is a `200`.
    Ignored,
    /// `Accept-Ranges: none`; every answer is a `200`.
    Refused,
    /// The first so many answers are ranges, then it is as [`Ranges::Ignored`].
    IgnoredAfter(u64),
}

/// The entity tag. It differs between versions of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ETag {
    /// `"…"`.
    #[default]
    Strong,
    /// `W/"…"`.
    Weak,
    /// No entity tag.
    None,
    /// This text, for every version.
    Literal(String),
}

/// `Last-Modified` and `Date`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    /// `Last-Modified` lies far back, `Date` is now.
    #[default]
    LongAgo,
    /// Both are frozen, so far apart: below one second `Last-Modified` is a weak validator (RFC 9110 §8.8.2.2).
    Apart(Duration),
    /// No `Last-Modified`.
    NoLastModified,
}

/// A digest field, and whether it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestField {
    /// Which one.
    pub kind: DigestKind,
    /// Whether it is right.
    pub truth: Truth,
}

/// The digest fields that servers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestKind {
    /// `Repr-Digest: sha-256=:…:` of the whole file (RFC 9530).
    ReprSha256,
    /// `Repr-Digest: sha-512=:…:` of the whole file.
    ReprSha512,
    /// `Content-Digest: sha-256=:…:` of this body.
    ContentSha256,
    /// `Digest: sha-256=…` of the whole file (RFC 3230).
    LegacySha256,
    /// `Digest: md5=…` of the whole file.
    LegacyMd5,
    /// `Content-MD5` of this body.
    ContentMd5,
    /// `x-goog-hash: crc32c=…`.
    GoogCrc32c,
    /// `x-goog-hash: md5=…`.
    GoogMd5,
    /// `x-amz-checksum-sha256`.
    AmzSha256,
    /// `x-amz-checksum-sha1`.
    AmzSha1,
    /// `x-amz-checksum-crc32c`.
    AmzCrc32c,
    /// `x-amz-checksum-sha256: …-3`, the checksum of the parts' checksums: no digest of the file.
    AmzCompositeSha256,
}

/// Whether what is said is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// It is.
    #[default]
    Right,
    /// It is not.
    Wrong,
}

/// How many connections are served at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// So many are served.
    pub at_most: usize,
    /// What becomes of the rest.
    pub beyond: Beyond,
}

/// What becomes of a connection beyond the cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// The request is refused; the connection stays usable. Counted: answers being sent.
    Refuse(Refusal),
    /// The request waits for its turn. Counted: answers being sent.
    Queue,
    /// The connection is reset when its first request comes. Counted: connections that were let in and are open.
    Reset,
    /// The connection never gets an answer. Counted: connections that were let in and are open.
    Silence,
}

/// An answer that puts the client off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `503`, `429`, `403`, …
    pub status: u16,
    /// When to come back.
    pub retry_after: RetryAfter,
}

impl Refusal {
    /// A refusal without `Retry-After`.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            retry_after: RetryAfter::Absent,
        }
    }
}

/// `Retry-After` (RFC 9110 §10.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RetryAfter {
    /// Not sent.
    #[default]
    Absent,
    /// So many seconds; 10⁹ for a server that is out of its mind.
    Seconds(u64),
    /// A date so far from now.
    Date(Duration),
    /// This text.
    Literal(String),
}

/// When the file becomes the next version of itself: other bytes, another entity tag, a later `Last-Modified`.
/// A test can also do it by hand ([`crate::Origin::set_version`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// It does not.
    #[default]
    Never,
    /// With the answer after so many.
    AfterAnswers(u64),
    /// So long after the origin started.
    After(Duration),
}

/// The answers that a [`Fault`] befalls. Numbers begin at 1; refused and redirected requests do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// All.
    Always,
    /// The first so many.
    First(u64),
    /// All after so many.
    After(u64),
    /// This one.
    Only(u64),
    /// Every n-th.
    Every(u64),
    /// All on every n-th connection, for as long as it lives.
    EveryConnection(u64),
    /// Those to a `Range` that begins after byte 0.
    MidFile,
    /// Those to a `Range` in which this offset lies.
    Covering(u64),
    /// By chance, with this probability, seeded.
    Chance(f64),
}

/// What can go wrong with an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It comes at this rate.
    Slow {
        /// The rate.
        bytes_per_s: u64,
    },
    /// It comes late.
    Late(Duration),
    /// Nothing comes; the connection stays open.
    SilentBeforeHeaders,
    /// Its headers come and nothing else; the connection stays open.
    SilentAfterHeaders,
    /// It stops after so many bytes; the connection stays open.
    SilentAfter(u64),
    /// The connection is reset instead.
    ResetBeforeHeaders,
    /// The connection is reset after so many bytes of the body.
    ResetAfter(u64),
    /// The connection closes after so many bytes of the body.
    CutAfter(u64),
    /// The connection closes somewhere in the body, seeded.
    CutSomewhere,
    /// The connection is reset somewhere in the body, seeded.
    ResetSomewhere,
    /// The connection closes after the answer, though no `Connection: close` announced it.
    CloseAfter,
    /// All of it comes, then TLS ends without `close_notify`.
    CompleteWithoutCloseNotify,
    /// TLS ends without `close_notify` after so many bytes of the body.
    CutWithoutCloseNotify(u64),
    /// It is refused.
    Refuse(Refusal),
    /// Another status with a page of text.
    Status(u16),
    /// `412`, as if a precondition had failed.
    PreconditionFailed,
    /// `416` with this complete length, or without `Content-Range`.
    NotSatisfiable {
        /// The length in `Content-Range: bytes */N`.
        complete: Option<u64>,
    },
    /// A `200` with an HTML page, as a captive portal or a login page sends.
    Html,
    /// A lie about the range.
    Range(RangeLie),
    /// Another framing.
    Framing(Framing),
    /// Another entity tag on the same bytes.
    ETag(String),
    /// A header field replaced or added.
    Header(String, String),
    /// `103 Early Hints` with this field first.
    EarlyHints(String, String),
    /// The byte at this absolute offset is wrong.
    Corrupt(u64),
    /// All bytes are those of another version, under the same validator.
    OtherBytes,
}

/// Lies about a range. The numbers are those of HTTP.md's cases where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeLie {
    /// 8: `206` without `Content-Range`.
    NoContentRange,
    /// 9: another range is sent, and said to be sent.
    Shifted(i64),
    /// 9: the right bytes under a `Content-Range` that is off.
    HeaderShifted(i64),
    /// The bytes are from elsewhere under a right `Content-Range`.
    BodyShifted(i64),
    /// 10: a shorter range than asked, which is legal.
    Shorter {
        /// So many bytes are sent.
        bytes: u64,
    },
    /// 11: the body goes on for so many bytes after the range, chunked.
    RunsOn(u64),
    /// 11: the body goes on for so many bytes after what `Content-Length` says.
    RunsOnPastLength(u64),
    /// 12: another complete length.
    CompleteLength(u64),
    /// 13: `bytes a-b/*`.
    UnknownComplete,
    /// 14: last before first.
    Reversed,
    /// 14: the complete length is not above the last position.
    CompleteTooSmall,
    /// 15: another unit.
    OtherUnit,
    /// 15: `bytes=0-9/10`.
    EqualsSign,
    /// 16: `Content-Length` and body are longer or shorter than the range.
    LengthOff(i64),
    /// 17: numbers of 20 digits.
    HugeNumbers,
    /// 19: `multipart/byteranges` for a single range.
    Multipart,
    /// 21: `206` to a request without `Range`.
    Unasked,
    /// 22: `200` with a stray `Content-Range`.
    Stray,
    /// This text as `Content-Range`.
    Literal(String),
}

/// A network that comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// How long it works.
    pub up: Duration,
    /// How long it does not.
    pub down: Duration,
    /// What it is like meanwhile.
    pub meanwhile: Network,
}

/// The state of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// It works.
    #[default]
    Up,
    /// Nothing moves; connections stay open.
    Stalled,
    /// Connections are reset, new ones too.
    Reset,
}
