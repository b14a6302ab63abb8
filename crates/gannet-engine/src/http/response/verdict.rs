//! What an answer can turn out to be: the vocabulary of the judgement.

use http::{HeaderValue, StatusCode};

use crate::http::content_range::ContentRangeError;
use crate::http::media_type::MediaType;
use crate::http::retry::RetryAfter;
use crate::range::ByteRange;

/// What an answer is: one of the answers to the request, or one that any request can get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict<Answer> {
    /// It answers the request.
    Answer(Answer),
    /// It is not what was asked; no byte of it may be used. The range goes back to the queue, and after a few of these
    /// the rest is asked for without `Range`.
    Refuse(Refusal),
    /// 416 that names no length (case 26), or to the probe of a file that is not empty: one new probe, without `Range`.
    ProbeAgain,
    /// 301, 302, 303, 307 or 308 (RFC 9110 §15.4).
    Redirect {
        /// The status code.
        status: StatusCode,
        /// The value of `Location`, marked sensitive: it may hold a signed query.
        location: HeaderValue,
    },
    /// 429 or 503: too much, for now (cases 37, 38).
    Throttled {
        /// The status code.
        status: StatusCode,
        /// When to come back, where the server says it.
        retry_after: Option<RetryAfter>,
    },
    /// 401, 403 or 410: a signed link may have run out (case 39); if not, a refusal for good.
    Expired {
        /// The status code.
        status: StatusCode,
    },
    /// Any other refusal for good.
    Permanent {
        /// The status code.
        status: StatusCode,
    },
    /// 408, 421, 425 or 5xx: may go well the next time.
    Transient {
        /// The status code.
        status: StatusCode,
        /// When to come back, where the server says it.
        retry_after: Option<RetryAfter>,
    },
}

impl<Answer> Verdict<Answer> {
    /// The same, with another word for what answers the request.
    pub(crate) fn map<Other>(self, word: impl FnOnce(Answer) -> Other) -> Verdict<Other> {
        match self {
            Self::Answer(answer) => Verdict::Answer(word(answer)),
            Self::Refuse(refusal) => Verdict::Refuse(refusal),
            Self::ProbeAgain => Verdict::ProbeAgain,
            Self::Redirect { status, location } => Verdict::Redirect { status, location },
            Self::Throttled { status, retry_after } => Verdict::Throttled { status, retry_after },
            Self::Expired { status } => Verdict::Expired { status },
            Self::Permanent { status } => Verdict::Permanent { status },
            Self::Transient { status, retry_after } => Verdict::Transient { status, retry_after },
        }
    }
}

/// What the probe learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeAnswer {
    /// 206 from 0: ranges work, whatever `Accept-Ranges` says (case 6). The body is `body`, perhaps not the whole file.
    Ranged {
        /// What this body holds; it begins at 0.
        body: ByteRange,
        /// The length of the file in bytes.
        complete_length: u64,
    },
    /// The whole file in this one body.
    OneStream {
        /// Its length, where it was announced.
        length: Option<u64>,
        /// Why there is no more than one stream.
        reason: OneStreamReason,
    },
    /// A file of no bytes (case 27).
    Empty,
}

/// Why a file is fetched in one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OneStreamReason {
    /// 200 to a request with `Range`.
    RangesIgnored,
    /// `Accept-Ranges: none` (case 7).
    RangesDeclined,
    /// 206 with a content coding: its ranges count bytes that may be coded anew each time (case 32). No resume either.
    EncodedParts,
    /// Ranges are sent, and they are not what was asked for: it is asked for without.
    RangesUnusable,
}

impl OneStreamReason {
    /// Whether the server sends no ranges at all.
    pub(crate) fn sends_none(self) -> bool {
        match self {
            Self::RangesIgnored | Self::RangesDeclined => true,
            Self::EncodedParts | Self::RangesUnusable => false,
        }
    }
}

/// The answers to a request for one range of a known file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeAnswer {
    /// The asked range, or the beginning of it (case 10). It fits the first answer.
    Part {
        /// What may be taken of the body, never more than was asked (case 11).
        body: ByteRange,
    },
    /// 200 with the whole of the same file: ranges are ignored here (case 5). The body begins at 0.
    RangesIgnored,
    /// It contradicts what the first answer said: does it still fit?
    Mismatch(Mismatch),
    /// A page or an error message with a good status, and no validator that says otherwise (case 40).
    Message {
        /// What came instead of the file.
        media_type: MediaType,
    },
}

/// The answers to a request without `Range`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WholeAnswer {
    /// The body is the file, from 0.
    Body {
        /// Its length, where it was announced.
        length: Option<u64>,
    },
    /// A file of no bytes (case 27).
    Empty,
    /// It contradicts what the first answer said: does it still fit?
    Mismatch(Mismatch),
    /// A page or an error message with a good status, and no validator that says otherwise (case 40).
    Message {
        /// What came instead of the file.
        media_type: MediaType,
    },
}

/// How an answer contradicts the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    /// Cases 12, 23 and 25. Of another length, it is another file.
    #[error("the file is now {found} bytes long, not {expected}")]
    Length {
        /// What the first answer said, in bytes.
        expected: u64,
        /// What this one says, in bytes.
        found: u64,
    },
    /// Cases 18 and 23.
    #[error("the server names another version of the file")]
    OtherValidator,
    /// The first answer had a validator, and this one does not repeat it or weakens it.
    #[error("the server does not name the version of the file any more")]
    ValidatorMissing,
    /// Case 24.
    #[error("the server says that the file is not the one asked for (412)")]
    PreconditionFailed,
}

impl Mismatch {
    /// Whether a sample can still show the bytes to be equal: not for a file of another length.
    pub(crate) fn may_be_equal(self) -> bool {
        !matches!(self, Self::Length { .. })
    }
}

/// Why no byte of an answer may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Case 8.
    #[error("a partial answer without Content-Range")]
    NoContentRange,
    /// Cases 14, 15 and 17.
    #[error("an unusable Content-Range: {0}")]
    BadContentRange(#[from] ContentRangeError),
    /// Cases 9 and 20.
    #[error("the answer begins at byte {found}, not at {expected}")]
    OtherStart {
        /// What was asked for.
        expected: u64,
        /// What is stated.
        found: u64,
    },
    /// Case 13, with no length known from elsewhere or without the same validator.
    #[error("a partial answer without the complete length")]
    NoCompleteLength,
    /// Case 16.
    #[error("Content-Length says {content_length} bytes, Content-Range {range_length}")]
    LengthContradiction {
        /// What `Content-Length` says, in bytes.
        content_length: u64,
        /// What `Content-Range` says, in bytes.
        range_length: u64,
    },
    /// Case 17 for lengths, and lengths that contradict each other (RFC 9112 §6.3).
    #[error("an unusable Content-Length")]
    BadContentLength,
    /// Case 19.
    #[error("several ranges in one answer")]
    Multipart,
    /// Case 21.
    #[error("a partial answer to a request for the whole")]
    UnaskedPart,
    /// Case 31.
    #[error("both Transfer-Encoding and Content-Length")]
    TwoLengths,
    /// Case 32.
    #[error("a part of an encoded form of the file")]
    EncodedPart,
    /// 416 that names the known length, although the range lies within it.
    #[error("a range inside the file called not satisfiable")]
    RangeDenied,
    /// A redirect that leads nowhere.
    #[error("a redirect without Location")]
    NoLocation,
    /// A status that no request of ours can be answered with.
    #[error("the unexpected status {0}")]
    UnexpectedStatus(StatusCode),
}
