//! The numbered cases, as far as the head of an answer decides them.

use http::HeaderName;
use proptest::prelude::*;

use super::*;

const COMPLETE_LENGTH: u64 = 1000;

/// A request for `100..200` of a file of 1000 bytes, and what may be known of that file.
const ASKED: (u64, u64) = (100, 200);
const STRONG: &[(&str, &str)] = &[("etag", "\"a\""), ("content-type", "application/zip")];
const WEAK: &[(&str, &str)] = &[("etag", "W/\"a\"")];
const DATED: &[(&str, &str)] = &[
    ("last-modified", "Sun, 22 Nov 2026 12:00:00 GMT"),
    ("date", "Sun, 22 Nov 2026 13:00:00 GMT"),
];
const NOTHING: &[(&str, &str)] = &[];

const MIDDLE: (&str, &str) = ("content-range", "bytes 100-199/1000");
const TAG: (&str, &str) = ("etag", "\"a\"");
const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

type Fields<'a> = &'a [(&'a str, &'a str)];
/// Name, what the first answer said, status and fields of this one, verdict.
type WholeCase<'a> = (&'a str, Option<Fields<'a>>, u16, Fields<'a>, Verdict<WholeAnswer>);

fn headers(fields: Fields<'_>) -> HeaderMap {
    let name = |name: &str| HeaderName::from_bytes(name.as_bytes()).unwrap();
    fields
        .iter()
        .map(|(key, value)| (name(key), value.parse().unwrap()))
        .collect()
}

fn probe(status: u16, fields: Fields<'_>) -> Verdict<ProbeAnswer> {
    let status = StatusCode::from_u16(status).unwrap();
    judge_probe(ResponseHead {
        status,
        version: Version::HTTP_11,
        headers: &headers(fields),
    })
}

fn range(first: Fields<'_>, status: u16, fields: Fields<'_>) -> Verdict<RangeAnswer> {
    let status = StatusCode::from_u16(status).unwrap();
    let known = KnownFile::from_headers(&headers(first), COMPLETE_LENGTH);
    let head = ResponseHead {
        status,
        version: Version::HTTP_11,
        headers: &headers(fields),
    };
    judge_range(bytes(ASKED.0, ASKED.1), &known, head)
}

fn whole(first: Option<Fields<'_>>, status: u16, fields: Fields<'_>) -> Verdict<WholeAnswer> {
    let status = StatusCode::from_u16(status).unwrap();
    let known = first.map(|first| KnownFile::from_headers(&headers(first), COMPLETE_LENGTH));
    judge_whole(
        known.as_ref(),
        ResponseHead {
            status,
            version: Version::HTTP_11,
            headers: &headers(fields),
        },
    )
}

fn bytes(start: u64, end: u64) -> ByteRange {
    ByteRange::new(start, end).unwrap()
}

fn ranged(end: u64, complete_length: u64) -> Verdict<ProbeAnswer> {
    Verdict::Answer(ProbeAnswer::Ranged {
        body: bytes(0, end),
        complete_length,
    })
}

fn one_stream(length: Option<u64>, reason: OneStreamReason) -> Verdict<ProbeAnswer> {
    Verdict::Answer(ProbeAnswer::OneStream { length, reason })
}

fn part(start: u64, end: u64) -> Verdict<RangeAnswer> {
    Verdict::Answer(RangeAnswer::Part {
        body: bytes(start, end),
    })
}

fn mismatch(mismatch: Mismatch) -> Verdict<RangeAnswer> {
    Verdict::Answer(RangeAnswer::Mismatch(mismatch))
}

fn other_length(found: u64) -> Mismatch {
    Mismatch::Length {
        expected: COMPLETE_LENGTH,
        found,
    }
}

fn html() -> MediaType {
    MediaType::from_headers(&headers(&[HTML])).unwrap()
}

#[test]
fn the_probe_learns_what_the_file_is() {
    use OneStreamReason::{EncodedParts, RangesDeclined, RangesIgnored};
    use Verdict::Refuse;
    #[rustfmt::skip] // one case a line
    let cases: &[(&str, u16, Fields<'_>, Verdict<ProbeAnswer>)] = &[
        ("1, 6: 206 is enough", 206, &[("content-range", "bytes 0-999/1000")], ranged(1000, 1000)),
        ("10: it may be short", 206, &[("content-range", "bytes 0-99/1000")], ranged(100, 1000)),
        ("5: a promise that is not kept", 200, &[("accept-ranges", "bytes"), ("content-length", "9")], one_stream(Some(9), RangesIgnored)),
        ("200 of unknown length", 200, &[("transfer-encoding", "chunked")], one_stream(None, RangesIgnored)),
        ("7: 200", 200, &[("accept-ranges", "none"), ("content-length", "9")], one_stream(Some(9), RangesDeclined)),
        ("7: 206", 206, &[("accept-ranges", "None"), ("content-range", "bytes 0-8/9")], one_stream(Some(9), RangesDeclined)),
        ("7: 206 of a part needs the rest", 206, &[("accept-ranges", "none"), ("content-range", "bytes 0-7/9")], ranged(8, 9)),
        ("8", 206, &[("content-length", "9")], Refuse(Refusal::NoContentRange)),
        ("9", 206, &[("content-range", "bytes 1-8/9")], Refuse(Refusal::OtherStart { expected: 0, found: 1 })),
        ("13", 206, &[("content-range", "bytes 0-8/*")], Refuse(Refusal::NoCompleteLength)),
        ("14", 206, &[("content-range", "bytes 0-9/9")], Refuse(ContentRangeError::BeyondCompleteLength.into())),
        ("15: unit", 206, &[("content-range", "lines 0-8/9")], Refuse(ContentRangeError::UnknownUnit.into())),
        ("15: form", 206, &[("content-range", "bytes=0-8/9")], Refuse(ContentRangeError::Malformed.into())),
        ("15: 416's form", 206, &[("content-range", "bytes */9")], Refuse(ContentRangeError::Malformed.into())),
        ("two of them", 206, &[("content-range", "bytes 0-8/9"), ("content-range", "bytes 0-7/9")], Refuse(ContentRangeError::Malformed.into())),
        ("17: range", 206, &[("content-range", "bytes 0-8/10000000000000000000000")], Refuse(ContentRangeError::NumberTooLarge.into())),
        ("17: length", 200, &[("content-length", "99999999999999999999")], Refuse(Refusal::BadContentLength)),
        ("16", 206, &[("content-range", "bytes 0-8/9"), ("content-length", "8")], Refuse(Refusal::LengthContradiction { content_length: 8, range_length: 9 })),
        ("19", 206, &[("content-type", "multipart/byteranges; boundary=x")], Refuse(Refusal::Multipart)),
        ("22", 200, &[("content-range", "bytes 3-8/9"), ("content-length", "9")], one_stream(Some(9), RangesIgnored)),
        ("26", 416, &[], Verdict::ProbeAgain),
        ("26: unreadable", 416, &[("content-range", "bytes 0-8/9")], Verdict::ProbeAgain),
        ("416 for bytes that are there", 416, &[("content-range", "bytes */9")], Verdict::ProbeAgain),
        ("27: 416", 416, &[("content-range", "bytes */0")], Verdict::Answer(ProbeAnswer::Empty)),
        ("27: 200", 200, &[("content-length", "0")], Verdict::Answer(ProbeAnswer::Empty)),
        ("31: 200", 200, &[("content-length", "9"), ("transfer-encoding", "chunked")], Refuse(Refusal::TwoLengths)),
        ("31: 206", 206, &[("content-range", "bytes 0-8/9"), ("content-length", "9"), ("transfer-encoding", "chunked")], Refuse(Refusal::TwoLengths)),
        ("lengths apart", 200, &[("content-length", "9"), ("content-length", "8")], Refuse(Refusal::BadContentLength)),
        ("lengths apart in one field", 200, &[("content-length", "9, 8")], Refuse(Refusal::BadContentLength)),
        ("lengths alike", 200, &[("content-length", "9, 9")], one_stream(Some(9), RangesIgnored)),
        ("a signed length", 200, &[("content-length", "+9")], Refuse(Refusal::BadContentLength)),
        ("32: the whole", 206, &[("content-range", "bytes 0-8/9"), ("content-encoding", "gzip")], one_stream(Some(9), EncodedParts)),
        ("32: a part", 206, &[("content-range", "bytes 0-7/9"), ("content-encoding", "gzip")], Refuse(Refusal::EncodedPart)),
        ("32: identity", 206, &[("content-range", "bytes 0-8/9"), ("content-encoding", "identity")], ranged(9, 9)),
        ("33", 200, &[("content-length", "9"), ("content-encoding", "gzip")], one_stream(Some(9), RangesIgnored)),
        ("203 is a 200", 203, &[("content-length", "9")], one_stream(Some(9), RangesIgnored)),
    ];
    for (case, status, fields, expected) in cases {
        assert_eq!(probe(*status, fields), *expected, "case {case}");
    }
}

#[test]
fn a_part_is_held_against_the_first_answer() {
    use Verdict::Refuse;
    let message = Verdict::Answer(RangeAnswer::Message { media_type: html() });
    let date = DATED[0];
    let later_date = ("last-modified", "Sun, 22 Nov 2026 12:00:01 GMT");
    #[rustfmt::skip] // one case a line
    let cases: &[(&str, Fields<'_>, Fields<'_>, Verdict<RangeAnswer>)] = &[
        ("1", STRONG, &[MIDDLE, TAG, ("content-length", "100")], part(100, 200)),
        ("2", WEAK, &[MIDDLE, WEAK[0]], part(100, 200)),
        ("2: another weak tag", WEAK, &[MIDDLE, ("etag", "W/\"b\"")], mismatch(Mismatch::OtherValidator)),
        ("2: no weak tag any more", WEAK, &[MIDDLE], mismatch(Mismatch::ValidatorMissing)),
        ("4: the date again", DATED, &[MIDDLE, date], part(100, 200)),
        ("4: the date left out, as a 206 to If-Range may", DATED, &[MIDDLE], part(100, 200)),
        ("4: another date", DATED, &[MIDDLE, later_date], mismatch(Mismatch::OtherValidator)),
        ("no validator at all", NOTHING, &[MIDDLE], part(100, 200)),
        ("no validator at first", NOTHING, &[MIDDLE, TAG], part(100, 200)),
        ("8", STRONG, &[TAG], Refuse(Refusal::NoContentRange)),
        ("9", STRONG, &[("content-range", "bytes 0-199/1000"), TAG], Refuse(Refusal::OtherStart { expected: 100, found: 0 })),
        ("10", STRONG, &[("content-range", "bytes 100-149/1000"), TAG, ("content-length", "50")], part(100, 150)),
        ("11: announced", STRONG, &[("content-range", "bytes 100-999/1000"), TAG, ("content-length", "900")], part(100, 200)),
        ("12", STRONG, &[("content-range", "bytes 100-199/1001"), TAG], mismatch(other_length(1001))),
        ("13: same validator", STRONG, &[("content-range", "bytes 100-199/*"), TAG], part(100, 200)),
        ("13: no validator", STRONG, &[("content-range", "bytes 100-199/*")], Refuse(Refusal::NoCompleteLength)),
        ("13: weak validator", WEAK, &[("content-range", "bytes 100-199/*"), WEAK[0]], Refuse(Refusal::NoCompleteLength)),
        ("14: reversed", STRONG, &[("content-range", "bytes 199-100/1000"), TAG], Refuse(ContentRangeError::Reversed.into())),
        ("14: beyond", STRONG, &[("content-range", "bytes 100-199/199"), TAG], Refuse(ContentRangeError::BeyondCompleteLength.into())),
        ("15", STRONG, &[("content-range", "bytes=100-199/1000"), TAG], Refuse(ContentRangeError::Malformed.into())),
        ("16", STRONG, &[MIDDLE, TAG, ("content-length", "101")], Refuse(Refusal::LengthContradiction { content_length: 101, range_length: 100 })),
        ("17", STRONG, &[("content-range", "bytes 99999999999999999999-199/1000"), TAG], Refuse(ContentRangeError::NumberTooLarge.into())),
        ("18", STRONG, &[MIDDLE, ("etag", "\"b\"")], mismatch(Mismatch::OtherValidator)),
        ("18: weakened", STRONG, &[MIDDLE, ("etag", "W/\"a\"")], mismatch(Mismatch::ValidatorMissing)),
        ("18: left out", STRONG, &[MIDDLE], mismatch(Mismatch::ValidatorMissing)),
        ("19", STRONG, &[MIDDLE, TAG, ("content-type", "multipart/byteranges; boundary=x")], Refuse(Refusal::Multipart)),
        ("20", STRONG, &[("content-range", "bytes 0-99/1000"), TAG, ("transfer-encoding", "chunked")], Refuse(Refusal::OtherStart { expected: 100, found: 0 })),
        ("31", STRONG, &[MIDDLE, TAG, ("content-length", "100"), ("transfer-encoding", "chunked")], Refuse(Refusal::TwoLengths)),
        ("32", STRONG, &[MIDDLE, TAG, ("content-encoding", "gzip")], Refuse(Refusal::EncodedPart)),
        ("40: a page in ranges", STRONG, &[MIDDLE, HTML], message),
        ("40: the validator vouches for it", STRONG, &[MIDDLE, HTML, TAG], part(100, 200)),
    ];
    for (case, first, fields, expected) in cases {
        assert_eq!(range(first, 206, fields), *expected, "case {case}");
    }
}

#[test]
fn other_answers_to_a_range_are_told_apart() {
    let same_length = ("content-length", "1000");
    let ignored = || Verdict::Answer(RangeAnswer::RangesIgnored);
    let message = || Verdict::Answer(RangeAnswer::Message { media_type: html() });
    let other_date = ("last-modified", "Mon, 23 Nov 2026 12:00:00 GMT");
    #[rustfmt::skip] // one case a line
    let cases: &[(&str, Fields<'_>, u16, Fields<'_>, Verdict<RangeAnswer>)] = &[
        ("5", STRONG, 200, &[TAG, same_length], ignored()),
        ("5: length not said", STRONG, 200, &[TAG], ignored()),
        ("5: weak signs within one run", WEAK, 200, &[WEAK[0], same_length], ignored()),
        ("5: no signs within one run", NOTHING, 200, &[same_length], ignored()),
        ("5: neither sign nor length", NOTHING, 200, &[], mismatch(Mismatch::ValidatorMissing)),
        ("22", STRONG, 200, &[TAG, same_length, MIDDLE], ignored()),
        ("23: other version", STRONG, 200, &[("etag", "\"b\""), same_length], mismatch(Mismatch::OtherValidator)),
        ("23: other date", DATED, 200, &[other_date, same_length], mismatch(Mismatch::OtherValidator)),
        ("23: no date in a 200", DATED, 200, &[same_length], mismatch(Mismatch::ValidatorMissing)),
        ("23: other length", STRONG, 200, &[("etag", "\"b\""), ("content-length", "7")], mismatch(other_length(7))),
        ("24", STRONG, 412, &[], mismatch(Mismatch::PreconditionFailed)),
        ("25: shorter now", STRONG, 416, &[("content-range", "bytes */50")], mismatch(other_length(50))),
        ("25: empty now", STRONG, 416, &[("content-range", "bytes */0")], mismatch(other_length(0))),
        ("25: the same length", STRONG, 416, &[("content-range", "bytes */1000")], Verdict::Refuse(Refusal::RangeDenied)),
        ("26", STRONG, 416, &[], Verdict::ProbeAgain),
        ("40", STRONG, 200, &[HTML, ("content-length", "77")], message()),
        ("40: with a tag of its own", STRONG, 200, &[HTML, ("etag", "\"login\"")], message()),
        ("40: nothing known", NOTHING, 200, &[HTML, same_length], message()),
    ];
    for (case, first, status, fields, expected) in cases {
        assert_eq!(range(first, *status, fields), *expected, "case {case}");
    }
}

#[test]
fn a_request_without_range_gets_the_whole_or_nothing() {
    let body = |length| Verdict::Answer(WholeAnswer::Body { length });
    #[rustfmt::skip] // one case a line
    let cases: &[WholeCase<'_>] = &[
        ("first", None, 200, &[("content-length", "9")], body(Some(9))),
        ("unknown length", None, 200, &[], body(None)),
        ("22", None, 200, &[("content-length", "9"), MIDDLE], body(Some(9))),
        ("27", None, 200, &[("content-length", "0")], Verdict::Answer(WholeAnswer::Empty)),
        ("21", None, 206, &[MIDDLE], Verdict::Refuse(Refusal::UnaskedPart)),
        ("31", None, 200, &[("content-length", "9"), ("transfer-encoding", "chunked")], Verdict::Refuse(Refusal::TwoLengths)),
        ("33", None, 200, &[("content-length", "9"), ("content-encoding", "gzip")], body(Some(9))),
        ("416 to no range", None, 416, &[], Verdict::Refuse(Refusal::UnexpectedStatus(StatusCode::RANGE_NOT_SATISFIABLE))),
        ("going on", Some(STRONG), 200, &[TAG, ("content-length", "1000")], body(Some(1000))),
        ("changed", Some(STRONG), 200, &[("etag", "\"b\"")], Verdict::Answer(WholeAnswer::Mismatch(Mismatch::OtherValidator))),
        ("emptied", Some(STRONG), 200, &[("content-length", "0")], Verdict::Answer(WholeAnswer::Mismatch(other_length(0)))),
        ("40", Some(STRONG), 200, &[HTML], Verdict::Answer(WholeAnswer::Message { media_type: html() })),
    ];
    for (case, first, status, fields, expected) in cases {
        assert_eq!(whole(*first, *status, fields), *expected, "case {case}");
    }
}

#[test]
fn statuses_mean_the_same_for_every_request() {
    for status in 100..=599 {
        let code = StatusCode::from_u16(status).unwrap();
        let is_expected = |verdict: &Verdict<ProbeAnswer>| match status {
            200 | 203 => matches!(verdict, Verdict::Answer(_)),
            416 => matches!(verdict, Verdict::ProbeAgain),
            301 | 302 | 303 | 307 | 308 | 206 => matches!(verdict, Verdict::Refuse(_)),
            429 | 503 => {
                *verdict
                    == Verdict::Throttled {
                        status: code,
                        retry_after: None,
                    }
            }
            401 | 403 | 410 => *verdict == Verdict::Expired { status: code },
            501 | 505 | 400..=499 if ![408, 421, 425].contains(&status) => {
                *verdict == Verdict::Permanent { status: code }
            }
            202 | 408 | 421 | 425 | 500..=599 => {
                *verdict
                    == Verdict::Transient {
                        status: code,
                        retry_after: None,
                    }
            }
            _ => *verdict == Verdict::Refuse(Refusal::UnexpectedStatus(code)),
        };
        let verdict = probe(status, &[]);
        assert!(is_expected(&verdict), "{status}: {verdict:?}");
    }
}

#[test]
fn a_redirect_keeps_its_location_out_of_debug_texts() {
    let verdict = probe(302, &[("location", "https://cdn.example/f?signature=secret")]);
    let Verdict::Redirect { ref location, .. } = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(location.as_bytes(), b"https://cdn.example/f?signature=secret");
    assert!(!format!("{verdict:?}").contains("secret"));
}

#[test]
fn a_wait_is_read_with_the_refusal() {
    let retry_after = Some(RetryAfter::Delay(Duration::from_secs(7)));
    for status in [429, 503] {
        let code = StatusCode::from_u16(status).unwrap();
        assert_eq!(
            range(STRONG, status, &[("retry-after", "7")]),
            Verdict::Throttled {
                status: code,
                retry_after
            }
        );
    }
    let status = StatusCode::BAD_GATEWAY;
    assert_eq!(
        range(STRONG, 502, &[("retry-after", "7")]),
        Verdict::Transient { status, retry_after }
    );
}

#[test]
fn in_http_2_a_stray_transfer_encoding_frames_nothing() {
    let headers = headers(&[("content-length", "9"), ("transfer-encoding", "chunked")]);
    let head = ResponseHead {
        status: StatusCode::OK,
        version: Version::HTTP_2,
        headers: &headers,
    };
    let expected = ProbeAnswer::OneStream {
        length: Some(9),
        reason: OneStreamReason::RangesIgnored,
    };
    assert_eq!(judge_probe(head), Verdict::Answer(expected));
}

#[test]
fn once_a_sample_was_equal_only_the_length_is_compared() {
    let known = KnownFile::from_headers(&headers(STRONG), COMPLETE_LENGTH).by_length_alone();
    let judge = |fields: Fields<'_>| {
        let headers = headers(fields);
        let head = ResponseHead {
            status: StatusCode::PARTIAL_CONTENT,
            version: Version::HTTP_11,
            headers: &headers,
        };
        judge_range(bytes(ASKED.0, ASKED.1), &known, head)
    };
    assert_eq!(judge(&[MIDDLE, ("etag", "\"b\"")]), part(100, 200));
    assert_eq!(
        judge(&[("content-range", "bytes 100-199/999")]),
        mismatch(other_length(999))
    );
}

proptest! {
    #[test]
    fn no_accepted_part_leaves_what_was_asked(
        content_range in "bytes [0-9]{1,4}-[0-9]{1,4}/([0-9]{1,4}|\\*)",
        fields in proptest::collection::vec(
            prop_oneof![
                Just(TAG), Just(WEAK[0]), Just(HTML), Just(("content-length", "100")), Just(("content-encoding", "br")),
                Just(("transfer-encoding", "chunked")),
            ],
            0..4,
        ),
    ) {
        let mut fields = fields;
        fields.push(("content-range", &content_range));
        for first in [STRONG, WEAK, DATED, NOTHING] {
            if let Verdict::Answer(RangeAnswer::Part { body }) = range(first, 206, &fields) {
                prop_assert!(body.start() == ASKED.0 && body.end() <= ASKED.1);
            }
        }
    }
}
