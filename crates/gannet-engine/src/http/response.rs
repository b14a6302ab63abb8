//! Is this answer what was asked for? Decided from the head alone, before a byte of the body is used.
//!
//! One function per kind of request, each with its own answers, so that a caller can match them all:
//! [`judge_probe`] for `Range: bytes=0-` without knowledge, [`judge_range`] for one exact range of a known file,
//! [`judge_whole`] for a request without `Range`. What is common to them (redirects, refusals, waits) is [`Verdict`].
//!
//! Statuses, framing and ranges follow RFC 9110 §14–15 and RFC 9112 §6. An answer that states anything but what was
//! asked is never repaired: its bytes could not be put at an offset with certainty.

use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, LAST_MODIFIED, LOCATION,
    TRANSFER_ENCODING,
};
use http::{HeaderValue, StatusCode, Version};
use std::time::{Duration, SystemTime};

use super::content_range::{ContentRange, ContentRangeError, number};
use super::media_type::MediaType;
use super::retry::RetryAfter;
use super::validator::{Likeness, StrongValidator, Validator, ValidatorStrength, date_of, the_one_value};
use crate::range::ByteRange;

#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use verdict::{
    Mismatch, OneStreamReason, ProbeAnswer, RangeAnswer, Refusal, Verdict, WholeAnswer,
};

/// The head of an answer, as the HTTP library lets it through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResponseHead<'a> {
    /// The status code.
    pub(crate) status: StatusCode,
    /// The protocol version: framing fields mean nothing in HTTP/2.
    pub(crate) version: Version,
    /// All header fields.
    pub(crate) headers: &'a HeaderMap,
}

/// What the first answer told of the file; every later answer is held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownFile {
    /// The signs of its version.
    pub(crate) validator: Validator,
    /// Its length in bytes.
    pub(crate) complete_length: u64,
    /// Its type, where the server said one.
    pub(crate) media_type: Option<MediaType>,
    /// When it was last changed, since 1970, where the server said so.
    pub(crate) last_modified: Option<Duration>,
}

impl KnownFile {
    /// What an accepted first answer tells, once its length is known.
    pub(crate) fn from_headers(headers: &HeaderMap, complete_length: u64) -> Self {
        Self {
            validator: Validator::from_headers(headers),
            complete_length,
            media_type: MediaType::from_headers(headers),
            last_modified: date_of(headers, &LAST_MODIFIED)
                .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()),
        }
    }

    /// What a request for a part of it bears as `If-Range`, where it has a strong validator.
    pub(crate) fn if_range(&self) -> Option<HeaderValue> {
        self.validator.strong().map(StrongValidator::if_range_value)
    }

    /// The same file for nodes that disagree about its validators, or for another host: after a sample was byte-equal.
    /// What comes of it is *unverified*.
    pub(crate) fn by_length_alone(&self) -> Self {
        Self {
            validator: Validator::default(),
            ..self.clone()
        }
    }

    /// The type of the message that a good answer holds instead of this file, unless its validator is the file's
    /// (case 40).
    pub(crate) fn page_instead(&self, head: &ResponseHead<'_>) -> Option<MediaType> {
        let likeness = self.validator.compare(head.headers);
        head.status
            .is_success()
            .then(|| message_instead(self, head.headers, likeness))
            .flatten()
    }
}

/// Judges the answer to the first request, `Range: bytes=0-`.
pub(crate) fn judge_probe(head: ResponseHead<'_>) -> Verdict<ProbeAnswer> {
    let answer = match head.status {
        StatusCode::PARTIAL_CONTENT => probe_part(head.headers, head.version),
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => whole_length(head).map(|length| {
            // A Content-Range beside a 200 means nothing (case 22): it is not looked at.
            if length == Some(0) {
                ProbeAnswer::Empty
            } else {
                one_stream(length, OneStreamReason::RangesIgnored, head.headers)
            }
        }),
        StatusCode::RANGE_NOT_SATISFIABLE => return unsatisfied_probe(head.headers),
        _ => return judge_status(head),
    };
    answer.map_or_else(Verdict::Refuse, Verdict::Answer)
}

/// Judges the answer to a request for `asked`, with `If-Range` where `known` has a strong validator.
pub(crate) fn judge_range(
    asked: ByteRange,
    known: &KnownFile,
    head: ResponseHead<'_>,
) -> Verdict<RangeAnswer> {
    let answer = match head.status {
        StatusCode::PARTIAL_CONTENT => range_part(asked, known, head),
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
            whole_length(head).map(|length| match Fit::of_whole(known, head.headers, length) {
                Fit::Same => RangeAnswer::RangesIgnored,
                Fit::Mismatch(mismatch) => RangeAnswer::Mismatch(mismatch),
                Fit::Message(media_type) => RangeAnswer::Message { media_type },
            })
        }
        StatusCode::PRECONDITION_FAILED => Ok(RangeAnswer::Mismatch(Mismatch::PreconditionFailed)),
        StatusCode::RANGE_NOT_SATISFIABLE => match complete_length_of_416(head.headers) {
            Some(found) if found == known.complete_length => Err(Refusal::RangeDenied),
            Some(found) => Ok(RangeAnswer::Mismatch(Mismatch::Length {
                expected: known.complete_length,
                found,
            })),
            None => return Verdict::ProbeAgain,
        },
        _ => return judge_status(head),
    };
    answer.map_or_else(Verdict::Refuse, Verdict::Answer)
}

/// Judges the answer to a request without `Range`: the first one, or one that goes on with a `known` file where ranges
/// are ignored.
pub(crate) fn judge_whole(known: Option<&KnownFile>, head: ResponseHead<'_>) -> Verdict<WholeAnswer> {
    let answer = match head.status {
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => whole_length(head).map(|length| {
            let fit = known.map_or(Fit::Same, |known| Fit::of_whole(known, head.headers, length));
            match fit {
                Fit::Same if length == Some(0) => WholeAnswer::Empty,
                Fit::Same => WholeAnswer::Body { length },
                Fit::Mismatch(mismatch) => WholeAnswer::Mismatch(mismatch),
                Fit::Message(media_type) => WholeAnswer::Message { media_type },
            }
        }),
        StatusCode::PARTIAL_CONTENT => Err(Refusal::UnaskedPart),
        StatusCode::RANGE_NOT_SATISFIABLE => Err(Refusal::UnexpectedStatus(head.status)),
        _ => return judge_status(head),
    };
    answer.map_or_else(Verdict::Refuse, Verdict::Answer)
}

/// What is in a 206 to the probe.
fn probe_part(headers: &HeaderMap, version: Version) -> Result<ProbeAnswer, Refusal> {
    let part = stated_part(0, headers, version)?;
    let complete_length = part.complete_length.ok_or(Refusal::NoCompleteLength)?;
    let holds_all = part.body.end() == complete_length;
    match (is_encoded(headers), holds_all) {
        (true, true) => Ok(ProbeAnswer::OneStream {
            length: Some(complete_length),
            reason: OneStreamReason::EncodedParts,
        }),
        (true, false) => Err(Refusal::EncodedPart),
        // A server that declines ranges and yet sends the whole as one gets its wish; of a part the rest must be asked.
        (false, true) if declines_ranges(headers) => Ok(ProbeAnswer::OneStream {
            length: Some(complete_length),
            reason: OneStreamReason::RangesDeclined,
        }),
        (false, _) => Ok(ProbeAnswer::Ranged {
            body: part.body,
            complete_length,
        }),
    }
}

/// What is in a 206 to a request for one range.
fn range_part(asked: ByteRange, known: &KnownFile, head: ResponseHead<'_>) -> Result<RangeAnswer, Refusal> {
    let part = stated_part(asked.start(), head.headers, head.version)?;
    if is_encoded(head.headers) {
        return Err(Refusal::EncodedPart);
    }
    let likeness = known.validator.compare(head.headers);
    if let Some(media_type) = message_instead(known, head.headers, likeness) {
        return Ok(RangeAnswer::Message { media_type });
    }
    match part.complete_length {
        Some(found) if found != known.complete_length => {
            return Ok(RangeAnswer::Mismatch(Mismatch::Length {
                expected: known.complete_length,
                found,
            }));
        }
        // Without the complete length only the validator says that this is a part of the same file (case 13).
        None if likeness != Likeness::Same => return Err(Refusal::NoCompleteLength),
        _ => {}
    }
    let may_omit_date =
        known.validator.strength() == ValidatorStrength::StrongDate && likeness == Likeness::Unknown;
    if !may_omit_date && let Some(mismatch) = validator_mismatch(&known.validator, likeness) {
        return Ok(RangeAnswer::Mismatch(mismatch));
    }
    // More than was asked is cut at the boundary (case 11); less is legal (case 10). Both begin at the asked byte.
    let body = part
        .body
        .intersection(asked)
        .expect("both ranges hold their common first byte");
    Ok(RangeAnswer::Part { body })
}

struct StatedPart {
    body: ByteRange,
    complete_length: Option<u64>,
}

/// The part that a 206 states, where it begins at `expected_start` and contradicts nothing else in the head.
fn stated_part(expected_start: u64, headers: &HeaderMap, version: Version) -> Result<StatedPart, Refusal> {
    let content_length = content_length(headers, version)?;
    if MediaType::from_headers(headers).is_some_and(|media_type| media_type.is_multipart_ranges()) {
        return Err(Refusal::Multipart);
    }
    if !headers.contains_key(CONTENT_RANGE) {
        return Err(Refusal::NoContentRange);
    }
    let value = the_one_value(headers, &CONTENT_RANGE).ok_or(ContentRangeError::Malformed)?;
    let ContentRange::Part {
        start,
        end,
        complete_length,
    } = ContentRange::from_header(value)?
    else {
        return Err(ContentRangeError::Malformed.into());
    };
    if start != expected_start {
        return Err(Refusal::OtherStart {
            expected: expected_start,
            found: start,
        });
    }
    let body = ByteRange::new(start, end).ok_or(ContentRangeError::Reversed)?;
    match content_length {
        Some(content_length) if content_length != body.len() => Err(Refusal::LengthContradiction {
            content_length,
            range_length: body.len(),
        }),
        _ => Ok(StatedPart {
            body,
            complete_length,
        }),
    }
}

/// 416 to `bytes=0-`: `*/0` is how an empty file says so (case 27); anything else is asked again without `Range`.
fn unsatisfied_probe(headers: &HeaderMap) -> Verdict<ProbeAnswer> {
    match complete_length_of_416(headers) {
        Some(0) => Verdict::Answer(ProbeAnswer::Empty),
        _ => Verdict::ProbeAgain,
    }
}

/// What a 416 says of the file's length (RFC 9110 §15.5.17). An unreadable statement is none.
fn complete_length_of_416(headers: &HeaderMap) -> Option<u64> {
    match ContentRange::from_header(the_one_value(headers, &CONTENT_RANGE)?) {
        Ok(ContentRange::Unsatisfied { complete_length }) => Some(complete_length),
        _ => None,
    }
}

/// The statuses that mean the same whatever was asked.
fn judge_status<Answer>(head: ResponseHead<'_>) -> Verdict<Answer> {
    let status = head.status;
    let retry_after = || RetryAfter::from_headers(head.headers);
    match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => match head.headers.get(LOCATION) {
            Some(location) => {
                let mut location = location.clone();
                location.set_sensitive(true);
                Verdict::Redirect { status, location }
            }
            None => Verdict::Refuse(Refusal::NoLocation),
        },
        429 | 503 => Verdict::Throttled {
            status,
            retry_after: retry_after(),
        },
        401 | 403 | 410 => Verdict::Expired { status },
        // 501, 505: not implemented, version not supported. No later request of ours will differ.
        400..=499 | 501 | 505 if !matches!(status.as_u16(), 408 | 421 | 425) => Verdict::Permanent { status },
        // 202: some archives are made on demand, and are there a moment later.
        202 | 408 | 421 | 425 | 500..=599 => Verdict::Transient {
            status,
            retry_after: retry_after(),
        },
        _ => Verdict::Refuse(Refusal::UnexpectedStatus(status)),
    }
}

/// Whether a whole answer is of the known file.
enum Fit {
    Same,
    Mismatch(Mismatch),
    Message(MediaType),
}

impl Fit {
    fn of_whole(known: &KnownFile, headers: &HeaderMap, length: Option<u64>) -> Self {
        let likeness = known.validator.compare(headers);
        if let Some(media_type) = message_instead(known, headers, likeness) {
            return Self::Message(media_type);
        }
        if let Some(found) = length
            && found != known.complete_length
        {
            return Self::Mismatch(Mismatch::Length {
                expected: known.complete_length,
                found,
            });
        }
        match validator_mismatch(&known.validator, likeness) {
            Some(mismatch) => Self::Mismatch(mismatch),
            // Neither a strong validator nor the length speaks for it.
            None if length.is_none() && likeness != Likeness::Same => {
                Self::Mismatch(Mismatch::ValidatorMissing)
            }
            None => Self::Same,
        }
    }
}

/// Case 40: a message where a file was, unless its validator is the file's.
fn message_instead(known: &KnownFile, headers: &HeaderMap, likeness: Likeness) -> Option<MediaType> {
    let vouched_for = matches!(likeness, Likeness::Same | Likeness::WeaklySame);
    MediaType::from_headers(headers)
        .filter(|media_type| !vouched_for && media_type.contradicts(known.media_type.as_ref()))
}

/// What the first answer's signs demand of later ones: a strong one must come again as strong, a weak one equal.
fn validator_mismatch(first: &Validator, likeness: Likeness) -> Option<Mismatch> {
    match (first.strength(), likeness) {
        (ValidatorStrength::None, _)
        | (_, Likeness::Same)
        | (ValidatorStrength::Weak, Likeness::WeaklySame) => None,
        (_, Likeness::Different) => Some(Mismatch::OtherValidator),
        (_, Likeness::WeaklySame | Likeness::Unknown) => Some(Mismatch::ValidatorMissing),
    }
}

/// The length of a whole answer, where it announces one. A content coding changes nothing: the raw bytes are what is
/// stored and counted (case 33).
fn whole_length(head: ResponseHead<'_>) -> Result<Option<u64>, Refusal> {
    content_length(head.headers, head.version)
}

/// `Content-Length`, if it is stated once or several times alike (RFC 9112 §6.3), and not beside another framing.
fn content_length(headers: &HeaderMap, version: Version) -> Result<Option<u64>, Refusal> {
    let mut length = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_| Refusal::BadContentLength)?;
        for item in text.split(',') {
            let stated = number(item.trim()).map_err(|_| Refusal::BadContentLength)?;
            if length.replace(stated).is_some_and(|earlier| earlier != stated) {
                return Err(Refusal::BadContentLength);
            }
        }
    }
    // HTTP/2 and 3 know no Transfer-Encoding; there a stray field frames nothing.
    if length.is_some() && version < Version::HTTP_2 && headers.contains_key(TRANSFER_ENCODING) {
        return Err(Refusal::TwoLengths);
    }
    Ok(length)
}

fn one_stream(length: Option<u64>, reason: OneStreamReason, headers: &HeaderMap) -> ProbeAnswer {
    let reason = if declines_ranges(headers) {
        OneStreamReason::RangesDeclined
    } else {
        reason
    };
    ProbeAnswer::OneStream { length, reason }
}

fn declines_ranges(headers: &HeaderMap) -> bool {
    the_one_value(headers, &ACCEPT_RANGES).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"none"))
}

/// Whether any content coding but `identity` is applied.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        let value = value.as_bytes().trim_ascii();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"identity")
    })
}
