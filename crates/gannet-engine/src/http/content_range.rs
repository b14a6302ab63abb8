//! `Content-Range`, read strictly (RFC 9110 §14.4), and `Range`, written (§14.2).
//!
//! The reader repairs nothing: an answer whose range is not stated exactly cannot be put at an offset.

use std::str::FromStr;

use http::HeaderValue;

use crate::range::ByteRange;

/// What a `Content-Range` header states. Positions are bytes, half-open: `bytes 0-9/10` is `0..10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// `bytes FIRST-LAST/COMPLETE` or `bytes FIRST-LAST/*`; `start < end`, and `end <= complete_length` where that is known.
    Part {
        start: u64,
        end: u64,
        complete_length: Option<u64>,
    },
    /// `bytes */COMPLETE`, which only a 416 may say.
    Unsatisfied { complete_length: u64 },
}

/// Why a `Content-Range` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ContentRangeError {
    #[error("the unit is not \"bytes\"")]
    UnknownUnit,
    #[error("it does not have the form \"bytes FIRST-LAST/LENGTH\"")]
    Malformed,
    #[error("a number in it is larger than any file")]
    NumberTooLarge,
    #[error("the last position is before the first")]
    Reversed,
    #[error("the range ends behind the complete length")]
    BeyondCompleteLength,
}

impl ContentRange {
    /// Reads the value of a `Content-Range` field.
    pub(crate) fn from_header(value: &HeaderValue) -> Result<Self, ContentRangeError> {
        value.to_str().map_err(|_| ContentRangeError::Malformed)?.parse()
    }
}

impl FromStr for ContentRange {
    type Err = ContentRangeError;

    fn from_str(text: &str) -> Result<Self, ContentRangeError> {
        // `range-unit SP ( range-resp / unsatisfied-range )`; unit names ignore case (§14.1). `bytes=0-9/10` has no SP.
        let (unit, stated) = text.split_once(' ').ok_or(ContentRangeError::Malformed)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(ContentRangeError::UnknownUnit);
        }
        let (positions, complete) = stated.split_once('/').ok_or(ContentRangeError::Malformed)?;
        if positions == "*" {
            return Ok(Self::Unsatisfied {
                complete_length: number(complete)?,
            });
        }
        let (first, last) = positions.split_once('-').ok_or(ContentRangeError::Malformed)?;
        let (first, last) = (number(first)?, number(last)?);
        let complete_length = if complete == "*" {
            None
        } else {
            Some(number(complete)?)
        };
        if last < first {
            return Err(ContentRangeError::Reversed);
        }
        if complete_length.is_some_and(|length| length <= last) {
            return Err(ContentRangeError::BeyondCompleteLength);
        }
        let end = last.checked_add(1).ok_or(ContentRangeError::NumberTooLarge)?;
        Ok(Self::Part {
            start: first,
            end,
            complete_length,
        })
    }
}

/// `1*DIGIT` as a number: no sign, no blank, no overflow.
pub(super) fn number(digits: &str) -> Result<u64, ContentRangeError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ContentRangeError::Malformed);
    }
    // Digits alone fail to parse for one reason only.
    digits.parse().map_err(|_| ContentRangeError::NumberTooLarge)
}

/// `Range: bytes=START-`, from `start` to whatever the end is.
pub(crate) fn range_from(start: u64) -> HeaderValue {
    ascii_value(&format!("bytes={start}-"))
}

/// `Range: bytes=START-LAST`, exactly `range`.
pub(crate) fn range_of(range: ByteRange) -> HeaderValue {
    ascii_value(&format!("bytes={range}"))
}

fn ascii_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and punctuation are a valid header value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn well_formed_values_are_read() {
        let part = |start, end, complete_length| ContentRange::Part {
            start,
            end,
            complete_length,
        };
        for (text, expected) in [
            ("bytes 0-9/10", part(0, 10, Some(10))),
            ("bytes 0-0/1", part(0, 1, Some(1))),
            ("BYTES 5-9/100", part(5, 10, Some(100))),
            ("bytes 5-9/*", part(5, 10, None)),
            ("bytes 007-9/0010", part(7, 10, Some(10))),
            (
                "bytes 0-18446744073709551613/18446744073709551614",
                part(0, u64::MAX - 1, Some(u64::MAX - 1)),
            ),
            ("bytes */10", ContentRange::Unsatisfied { complete_length: 10 }),
            ("bytes */0", ContentRange::Unsatisfied { complete_length: 0 }),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        use ContentRangeError::{BeyondCompleteLength, Malformed, NumberTooLarge, Reversed, UnknownUnit};
        for (text, expected) in [
            ("", Malformed),
            ("bytes", Malformed),
            ("bytes=0-9/10", Malformed),
            ("bytes 0-9", Malformed),
            ("bytes  0-9/10", Malformed),
            ("bytes 0 - 9 / 10", Malformed),
            ("bytes -9/10", Malformed),
            ("bytes 0-/10", Malformed),
            ("bytes +0-9/10", Malformed),
            ("bytes 0-9/", Malformed),
            ("bytes 0-9/10/10", Malformed),
            ("bytes 0-9/10, bytes 10-19/20", Malformed),
            ("bytes */*", Malformed),
            ("bytes ٠-٩/١٠", Malformed),
            ("items 0-9/10", UnknownUnit),
            ("bytes: 0-9/10", UnknownUnit),
            ("bytes 9-0/10", Reversed),
            ("bytes 0-10/10", BeyondCompleteLength),
            ("bytes 0-9/0", BeyondCompleteLength),
            ("bytes 0-99999999999999999999/*", NumberTooLarge),
            ("bytes 0-9/99999999999999999999", NumberTooLarge),
            ("bytes */99999999999999999999", NumberTooLarge),
            ("bytes 0-18446744073709551615/*", NumberTooLarge),
        ] {
            assert_eq!(text.parse::<ContentRange>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_range_is_asked_for_with_its_last_position() {
        assert_eq!(range_from(0), "bytes=0-");
        for (start, end, expected) in [(0, 1, "bytes=0-0"), (512, 1024, "bytes=512-1023")] {
            assert_eq!(range_of(ByteRange::new(start, end).unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_ordered_and_inside_the_file(text in "bytes [0-9*]{0,21}-?[0-9]{0,21}/[0-9*]{0,21}") {
            if let Ok(ContentRange::Part { start, end, complete_length }) = text.parse() {
                prop_assert!(start < end);
                prop_assert!(complete_length.is_none_or(|length| end <= length));
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = ContentRange::from_header(&value);
            }
        }
    }
}
