//! Wrong ranges and wrong bytes, made from a right answer.

use std::ops::Range;

use crate::content::Content;
use crate::profile::RangeLie;
use crate::request::Request;
use crate::script::{Framing, Piece, Script};

/// Makes the right answer in `script` a lie about its range. Only a `206` can lie about its range; [`RangeLie::Unasked`]
/// and [`RangeLie::Stray`] are for a `200`.
pub(crate) fn apply(lie: &RangeLie, script: &mut Script, request: &Request, content: Content) {
    let length = content.length();
    match (lie, script.status) {
        (RangeLie::Unasked, 200) if request.range().is_none() => {
            script.status = 206;
            set_range(script, 0, length.saturating_sub(1), &length.to_string());
        }
        (RangeLie::Stray, 200) => set_range(script, 0, length.saturating_sub(1), &length.to_string()),
        (RangeLie::Literal(text), _) => script.set_header("Content-Range", text),
        (_, 206) => {
            if let Some(range) = script.content_range() {
                about_partial(lie, script, range, content);
            }
        }
        _ => {}
    }
}

fn about_partial(lie: &RangeLie, script: &mut Script, range: Range<u64>, content: Content) {
    let length = content.length();
    let complete = length.to_string();
    let (first, last) = (range.start, range.end - 1);
    let span = range.end - range.start;
    match lie {
        RangeLie::NoContentRange => script.remove_header("Content-Range"),
        RangeLie::Shifted(by) => {
            let moved = shift(&range, *by);
            set_range(script, moved.start, moved.end - 1, &complete);
            script.body = vec![Piece::Content {
                content,
                range: moved,
            }];
        }
        RangeLie::HeaderShifted(by) => {
            let moved = shift(&range, *by);
            set_range(script, moved.start, moved.end - 1, &complete);
        }
        RangeLie::BodyShifted(by) => {
            script.body = vec![Piece::Content {
                content,
                range: shift(&range, *by),
            }];
        }
        RangeLie::Shorter { bytes } => {
            let shorter = first..first + span.min((*bytes).max(1));
            set_range(script, first, shorter.end - 1, &complete);
            script.body = vec![Piece::Content {
                content,
                range: shorter,
            }];
        }
        RangeLie::RunsOn(bytes) => {
            script.framing = Framing::Chunked;
            script.body = vec![Piece::Content {
                content,
                range: first..range.end + bytes,
            }];
        }
        RangeLie::RunsOnPastLength(bytes) => {
            script.framing = Framing::WrongLength(span);
            script.body = vec![Piece::Content {
                content,
                range: first..range.end + bytes,
            }];
        }
        RangeLie::CompleteLength(other) => set_range(script, first, last, &other.to_string()),
        RangeLie::UnknownComplete => set_range(script, first, last, "*"),
        RangeLie::Reversed => set_range(script, last + 1, first, &complete),
        RangeLie::CompleteTooSmall => set_range(script, first, last, &last.to_string()),
        RangeLie::OtherUnit => script.set_header("Content-Range", format!("items {first}-{last}/{complete}")),
        RangeLie::EqualsSign => {
            script.set_header("Content-Range", format!("bytes={first}-{last}/{complete}"));
        }
        RangeLie::LengthOff(by) => {
            let end = range.end.saturating_add_signed(*by).max(first);
            script.body = vec![Piece::Content {
                content,
                range: first..end,
            }];
        }
        RangeLie::HugeNumbers => {
            script.set_header(
                "Content-Range",
                format!("bytes {first}-99999999999999999998/99999999999999999999"),
            );
        }
        RangeLie::Multipart => make_multipart(script, &range, content),
        // For a 200, or done above.
        RangeLie::Unasked | RangeLie::Stray | RangeLie::Literal(_) => {}
    }
}

fn set_range(script: &mut Script, first: u64, last: u64, complete: &str) {
    script.set_header("Content-Range", format!("bytes {first}-{last}/{complete}"));
}

fn shift(range: &Range<u64>, by: i64) -> Range<u64> {
    let start = range.start.saturating_add_signed(by);
    start..start + (range.end - range.start)
}

/// RFC 9110 §14.6.
fn make_multipart(script: &mut Script, range: &Range<u64>, content: Content) {
    const BOUNDARY: &str = "THIS_STRING_SEPARATES";
    let part = format!(
        "--{BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {}-{}/{}\r\n\r\n",
        range.start,
        range.end - 1,
        content.length()
    );
    script.remove_header("Content-Range");
    script.set_header(
        "Content-Type",
        format!("multipart/byteranges; boundary={BOUNDARY}"),
    );
    script.body = vec![
        Piece::Bytes(part.into_bytes()),
        Piece::Content {
            content,
            range: range.clone(),
        },
        Piece::Bytes(format!("\r\n--{BOUNDARY}--\r\n").into_bytes()),
    ];
}

/// Makes the byte at `offset` of the file wrong, where the body holds it.
pub(crate) fn corrupt(script: &mut Script, offset: u64) {
    let body = std::mem::take(&mut script.body);
    for piece in body {
        match piece {
            Piece::Content { content, range } if range.contains(&offset) => {
                let wrong = !content.bytes(offset, 1)[0];
                script.body.push(Piece::Content {
                    content,
                    range: range.start..offset,
                });
                script.body.push(Piece::Bytes(vec![wrong]));
                script.body.push(Piece::Content {
                    content,
                    range: offset + 1..range.end,
                });
            }
            other => script.body.push(other),
        }
    }
}

/// Takes all bytes of the file from `other`.
pub(crate) fn replace_content(script: &mut Script, other: Content) {
    for piece in &mut script.body {
        if let Piece::Content { content, .. } = piece {
            *content = other;
        }
    }
}
