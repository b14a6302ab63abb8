//! What a client asked, read from the wire.

use std::io;
use std::ops::Range;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::script::find_header;

/// A request's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which connection brought it, numbered from 1 in the order of arrival.
    pub connection: u64,
    /// How it came.
    pub scheme: Scheme,
    /// `GET`, `HEAD`, …
    pub method: String,
    /// The target without its query.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// All header fields, in order.
    pub headers: Vec<(String, String)>,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In plain text.
    Http,
    /// By TLS.
    Https,
}

impl Request {
    /// The first header field of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The value of a query parameter, as it stands.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        let pairs = self.query.as_deref()?.split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The one byte range asked for. None where there is none, or several, or something that is no range.
    pub fn range(&self) -> Option<RangeSpec> {
        RangeSpec::parse(self.header("Range")?)
    }

    /// The last segment of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A single byte range as a client writes it (RFC 9110 §14.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSpec {
    /// `a-b`, both included.
    FromTo(u64, u64),
    /// `a-`.
    From(u64),
    /// `-n`.
    Last(u64),
}

impl RangeSpec {
    /// Reads `bytes=…`.
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, set) = text.trim().split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim().split_once('-')?;
        match (first.is_empty(), last.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Self::Last(last.parse().ok()?)),
            (false, true) => Some(Self::From(first.parse().ok()?)),
            (false, false) => {
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Self::FromTo(first, last))
            }
        }
    }

    /// The bytes of a file of `length` that it means, or none where it cannot be satisfied.
    pub fn resolve(self, length: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::FromTo(first, last) => first..last.saturating_add(1).min(length),
            Self::From(first) => first..length,
            Self::Last(bytes) => length.saturating_sub(bytes)..length,
        };
        (range.start < range.end).then_some(range)
    }
}

/// Reads the heads of requests from a connection.
#[derive(Debug)]
pub(crate) struct RequestReader {
    buffer: Vec<u8>,
    connection: u64,
    scheme: Scheme,
}

impl RequestReader {
    pub(crate) fn new(connection: u64, scheme: Scheme) -> Self {
        Self {
            buffer: Vec::with_capacity(READ_BYTES),
            connection,
            scheme,
        }
    }

    /// The next request, or none where the client has closed. A body is read and forgotten.
    ///
    /// # Errors
    /// What the connection says, or `InvalidData` for a head that is too long or no HTTP.
    pub(crate) async fn next(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Option<Request>> {
        let head_bytes = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the request's head is too long",
                ));
            }
            if self.read_more(stream).await? == 0 {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_bytes]).into_owned();
        self.buffer.drain(..head_bytes);
        let request = self
            .parse(&head)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the request's head is no HTTP/1.1"))?;
        let body_bytes = request
            .header("Content-Length")
            .and_then(|value| value.parse().ok())
            .unwrap_or(0_usize);
        if body_bytes > MAX_BODY_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the request's body is too long",
            ));
        }
        while self.buffer.len() < body_bytes {
            if self.read_more(stream).await? == 0 {
                return Ok(None);
            }
        }
        self.buffer.drain(..body_bytes);
        Ok(Some(request))
    }

    /// Waits until the client closes; what it sends meanwhile is kept.
    pub(crate) async fn closed(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        while self.read_more(stream).await? > 0 {
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the client talks into a silence",
                ));
            }
        }
        Ok(())
    }

    async fn read_more(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        self.buffer.reserve(READ_BYTES);
        stream.read_buf(&mut self.buffer).await
    }

    fn parse(&self, head: &str) -> Option<Request> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        // The absolute form is what a proxy gets.
        let target = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => target,
        };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Some(Request {
            connection: self.connection,
            scheme: self.scheme,
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers,
        })
    }
}

const READ_BYTES: usize = 4 * 1024;
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_BODY_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let cases: [(&str, Option<RangeSpec>); 9] = [
            ("bytes=0-", Some(RangeSpec::From(0))),
            ("bytes=5-9", Some(RangeSpec::FromTo(5, 9))),
            ("Bytes = -3", Some(RangeSpec::Last(3))),
            ("bytes=9-5", None),
            ("bytes=-", None),
            ("bytes=0-1,5-6", None),
            ("items=0-1", None),
            ("bytes=99999999999999999999-", None),
            ("bytes", None),
        ];
        for (text, expected) in cases {
            assert_eq!(RangeSpec::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_range_is_cut_at_the_end_of_the_file() {
        assert_eq!(RangeSpec::FromTo(5, 99).resolve(10), Some(5..10));
        assert_eq!(RangeSpec::From(10).resolve(10), None);
        assert_eq!(RangeSpec::Last(99).resolve(10), Some(0..10));
        assert_eq!(RangeSpec::Last(0).resolve(10), None);
        assert_eq!(RangeSpec::From(0).resolve(0), None);
        assert_eq!(RangeSpec::FromTo(0, u64::MAX).resolve(10), Some(0..10));
    }

    #[tokio::test]
    async fn requests_are_read_one_after_the_other() {
        let mut wire: &[u8] = b"POST /a?x=1&y=2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET http://h/b HTTP/1.1\r\nRange:bytes=1-2\r\n\r\n";
        let mut reader = RequestReader::new(1, Scheme::Http);
        let first = reader.next(&mut wire).await.unwrap().unwrap();
        assert_eq!(
            (first.method.as_str(), first.path.as_str(), first.query_value("y")),
            ("POST", "/a", Some("2"))
        );
        let second = reader.next(&mut wire).await.unwrap().unwrap();
        assert_eq!(
            (second.path.as_str(), second.range()),
            ("/b", Some(RangeSpec::FromTo(1, 2)))
        );
        assert_eq!(reader.next(&mut wire).await.unwrap(), None);
    }
}
