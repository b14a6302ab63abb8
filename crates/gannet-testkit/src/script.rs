//! One answer, spelled out: what is sent, how it is framed, how fast, and how it ends.
//!
//! Everything the origin does ends in a [`Script`]: [`crate::respond`] makes one from a profile, a test makes one by
//! hand, and the connection plays it without knowing whether it is right.

use std::ops::Range;
use std::time::Duration;

use crate::content::Content;

/// An answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The wait before the first byte, on top of the profile's latency.
    pub delay: Duration,
    /// Bytes sent before the status line, for example a `103 Early Hints`.
    pub preamble: Vec<u8>,
    /// The version in the status line.
    pub version: HttpVersion,
    /// The status code.
    pub status: u16,
    /// All header fields but those of the framing, in order.
    pub headers: Vec<(String, String)>,
    /// What follows the header section.
    pub body: Vec<Piece>,
    /// How the end of the body is told.
    pub framing: Framing,
    /// A rate below the profile's, for this answer only.
    pub rate_bytes_per_s: Option<u64>,
    /// How the answer ends.
    pub end: End,
}

impl Script {
    /// An answer without headers and body that leaves the connection open.
    pub fn new(status: u16) -> Self {
        Self {
            delay: Duration::ZERO,
            preamble: Vec::new(),
            version: HttpVersion::Http11,
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            rate_bytes_per_s: None,
            end: End::Complete,
        }
    }

    /// A short page of text, as error answers have.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status)
            .header("Content-Type", "text/plain; charset=utf-8")
            .bytes(text)
    }

    /// A right `206` with `range` of `content`.
    pub fn partial(content: Content, range: Range<u64>) -> Self {
        let last = range.end.saturating_sub(1);
        Self::new(206)
            .header(
                "Content-Range",
                format!("bytes {}-{last}/{}", range.start, content.length()),
            )
            .content(content, range)
    }

    /// Adds a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces a header field, or adds it.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Removes all header fields of that name.
    pub fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The first header field of that name.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// Adds bytes to the body.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body.push(Piece::Bytes(bytes.into()));
        self
    }

    /// Adds a range of a file to the body.
    #[must_use]
    pub fn content(mut self, content: Content, range: Range<u64>) -> Self {
        self.body.push(Piece::Content { content, range });
        self
    }

    /// Sets the framing.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Sets the rate of this answer in bytes per second.
    #[must_use]
    pub fn rate(mut self, bytes_per_s: u64) -> Self {
        self.rate_bytes_per_s = Some(bytes_per_s);
        self
    }

    /// Sets a wait before the first byte.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets how the answer ends.
    #[must_use]
    pub fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The bytes of the body, before framing.
    pub fn body_bytes(&self) -> u64 {
        self.body.iter().map(Piece::length).sum()
    }

    /// The range of the file that the body holds, where it is one.
    pub fn content_range(&self) -> Option<Range<u64>> {
        self.body.iter().find_map(|piece| match piece {
            Piece::Content { range, .. } => Some(range.clone()),
            Piece::Bytes(_) => None,
        })
    }

    /// Everything before the body, as it goes over the wire.
    pub fn head(&self) -> Vec<u8> {
        let mut head = self.preamble.clone();
        let version = match self.version {
            HttpVersion::Http10 => "HTTP/1.0",
            HttpVersion::Http11 => "HTTP/1.1",
        };
        head.extend_from_slice(format!("{version} {} {}\r\n", self.status, reason(self.status)).as_bytes());
        let mut field =
            |name: &str, value: &str| head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        for (name, value) in &self.headers {
            field(name, value);
        }
        // 1xx, 204 and 304 have no body, and must not be framed (RFC 9112 §6.1, §6.2).
        let bodiless = matches!(self.status, 100..=199 | 204 | 304);
        match self.framing {
            _ if bodiless => {}
            Framing::Length => field("Content-Length", &self.body_bytes().to_string()),
            Framing::WrongLength(length) => field("Content-Length", &length.to_string()),
            Framing::Chunked | Framing::ChunkedUnfinished => field("Transfer-Encoding", "chunked"),
            Framing::ChunkedAndLength => {
                field("Transfer-Encoding", "chunked");
                field("Content-Length", &self.body_bytes().to_string());
            }
            Framing::UntilClose => {}
        }
        if self.closes() && self.header_value("Connection").is_none() {
            field("Connection", "close");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Whether the connection ends with this answer because its framing or its version says so.
    pub fn closes(&self) -> bool {
        self.version == HttpVersion::Http10
            || self
                .header_value("Connection")
                .is_some_and(|value| value.eq_ignore_ascii_case("close"))
            || matches!(self.framing, Framing::UntilClose | Framing::ChunkedUnfinished)
            || matches!(self.framing, Framing::WrongLength(length) if length > self.body_bytes())
            || matches!(self.end, End::CompleteThenClose)
    }
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A range of a file.
    Content {
        /// The file.
        content: Content,
        /// Which of its bytes; may run past its end.
        range: Range<u64>,
    },
}

impl Piece {
    /// The length in bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Content { range, .. } => range.end.saturating_sub(range.start),
        }
    }
}

/// The version in the status line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// `HTTP/1.0`; the connection ends with the answer.
    Http10,
    /// `HTTP/1.1`.
    #[default]
    Http11,
}

/// How the end of a body is told (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`, and it is right.
    #[default]
    Length,
    /// `Content-Length` with this number, whatever the body holds. Where the body is shorter, the connection closes.
    WrongLength(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// Chunked, and the connection closes where the last chunk belongs.
    ChunkedUnfinished,
    /// Both `Transfer-Encoding` and `Content-Length`, as in a smuggling attempt.
    ChunkedAndLength,
    /// Neither: the body lasts until the connection closes.
    UntilClose,
}

impl Framing {
    pub(crate) fn is_chunked(self) -> Chunked {
        match self {
            Self::Chunked | Self::ChunkedUnfinished | Self::ChunkedAndLength => Chunked::Yes,
            Self::Length | Self::WrongLength(_) | Self::UntilClose => Chunked::No,
        }
    }

    pub(crate) fn has_last_chunk(self) -> bool {
        matches!(self, Self::Chunked | Self::ChunkedAndLength)
    }
}

/// Whether a body goes out in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunked {
    Yes,
    No,
}

/// How an answer ends. Counts are bytes of the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// All of it is sent, and the connection lives on where the framing lets it.
    #[default]
    Complete,
    /// All of it is sent with `Connection: close`, then the connection closes.
    CompleteThenClose,
    /// All of it is sent, then the connection closes, though no `Connection: close` announced it.
    CompleteThenCloseUnannounced,
    /// All of it is sent, then TLS ends without `close_notify`.
    CompleteWithoutCloseNotify,
    /// TLS ends without `close_notify` after so many bytes.
    CutWithoutCloseNotify(u64),
    /// The connection closes (FIN) after so many bytes.
    CutAfter(u64),
    /// The connection is reset (RST) after so many bytes.
    ResetAfter(u64),
    /// Nothing more comes after so many bytes, and the connection stays open.
    SilentAfter(u64),
    /// Nothing is ever sent, and the connection stays open.
    SilentBeforeHeaders,
    /// The connection is reset instead of an answer.
    ResetBeforeHeaders,
}

/// The first header field of that name.
pub(crate) fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        412 => "Precondition Failed",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unnamed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_what_the_script_says() {
        let script = Script::partial(Content::new(1, 100), 10..20).header("ETag", "\"x\"");
        let head = String::from_utf8(script.head()).unwrap();
        assert_eq!(
            head,
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-19/100\r\nETag: \"x\"\r\nContent-Length: 10\r\n\r\n"
        );
    }

    #[test]
    fn a_body_without_an_end_closes_the_connection() {
        assert!(Script::new(200).framing(Framing::UntilClose).closes());
        assert!(
            Script::new(200)
                .bytes("abc")
                .framing(Framing::WrongLength(4))
                .closes()
        );
        assert!(!Script::new(200).bytes("abc").closes());
        assert!(
            !Script::new(200)
                .bytes("abc")
                .framing(Framing::WrongLength(2))
                .closes()
        );
    }
}
