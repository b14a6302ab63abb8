//! `Content-Disposition`, read as tolerantly as browsers do (RFC 6266, RFC 8187). What comes out is still untrusted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode;

/// What lies behind is not looked at.
const HEADER_MAX_BYTES: usize = 8 * 1024;

/// The proposed name: `filename*` before `filename` (RFC 6266 §4.3), whatever the disposition type.
pub(super) fn file_name(header: &[u8]) -> Option<String> {
    let header = &header[..header.len().min(HEADER_MAX_BYTES)];
    let (mut plain, mut extended) = (None, None);
    for (name, value) in Parameters::of(header) {
        // Of repeated parameters the first counts.
        if name.eq_ignore_ascii_case(b"filename") {
            plain.get_or_insert(value);
        } else if name.eq_ignore_ascii_case(b"filename*") && extended.is_none() {
            extended = extended_value(&value);
        }
    }
    extended
        .or_else(|| plain.map(|value| plain_value(&value)))
        .filter(|name| !name.is_empty())
}

/// The `name=value` pairs of a header; what is none, such as the disposition type, is passed over.
struct Parameters<'a> {
    rest: &'a [u8],
}

impl<'a> Parameters<'a> {
    fn of(header: &'a [u8]) -> Self {
        Self { rest: header }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a [u8], Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let name_end = self
                .rest
                .iter()
                .position(|byte| matches!(byte, b'=' | b';'))
                .unwrap_or(self.rest.len());
            let (name, rest) = self.rest.split_at(name_end);
            let Some((b'=', value)) = rest.split_first() else {
                self.rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let (value, rest) = take_value(value.trim_ascii_start());
            self.rest = rest;
            return Some((name.trim_ascii(), value));
        }
        None
    }
}

/// A token or quoted string, and what follows its semicolon.
fn take_value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        // No quotes, and yet blanks in the name: everything up to the semicolon is meant.
        let end = text.iter().position(|&byte| byte == b';').unwrap_or(text.len());
        return (
            text[..end].trim_ascii().to_vec(),
            text.get(end + 1..).unwrap_or_default(),
        );
    };
    let mut value = Vec::new();
    let mut rest = quoted;
    // A quote that is never closed ends with the header.
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'"', _) => break,
            // Only these two are escaped on purpose; `"C:\dir\file"` is a path that nobody escaped.
            (b'\\', Some(&escaped @ (b'"' | b'\\'))) => {
                value.push(escaped);
                rest = &after[1..];
            }
            _ => value.push(byte),
        }
    }
    let next = rest
        .iter()
        .position(|&byte| byte == b';')
        .map_or(rest.len(), |at| at + 1);
    (value, &rest[next..])
}

/// `charset'language'percent-encoded` (RFC 8187 §3.2); `None` where it is broken, so that `filename` is used.
fn extended_value(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |&byte| byte == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    if !escapes_are_whole(encoded) {
        return None;
    }
    decode(charset, percent_decode(encoded).collect())
}

/// A `filename` as servers really send it: UTF-8, Latin-1, percent-encoded, or in the encoded words of mail.
fn plain_value(value: &[u8]) -> String {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => latin1(value),
    };
    encoded_words(&text)
        .or_else(|| sensibly_percent_decoded(&text))
        .unwrap_or(text)
}

/// Browsers decode `a%20b.zip`. Done where every `%` is an escape and what comes out is text without controls:
/// `100%.zip` stays what it is.
fn sensibly_percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') || !escapes_are_whole(text.as_bytes()) {
        return None;
    }
    let decoded = String::from_utf8(percent_decode(text.as_bytes()).collect()).ok()?;
    (!decoded.contains(char::is_control)).then_some(decoded)
}

fn escapes_are_whole(text: &[u8]) -> bool {
    text.iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'%')
        .all(|(at, _)| {
            text.get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        })
}

/// `=?charset?B?…?=` and `=?charset?Q?…?=` (RFC 2047), one or several; `None` where the text is anything else.
fn encoded_words(text: &str) -> Option<String> {
    let words: Option<Vec<String>> = text.split_ascii_whitespace().map(encoded_word).collect();
    words
        .filter(|words| !words.is_empty())
        .map(|words| words.concat())
}

fn encoded_word(word: &str) -> Option<String> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (charset, encoding, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(encoded).ok()?,
        // Q is percent-encoding with another sign, and `_` for a blank.
        "Q" | "q" => {
            let percent = encoded.replace('%', "=25").replace('=', "%").replace('_', " ");
            percent_decode(percent.as_bytes()).collect()
        }
        _ => return None,
    };
    decode(charset.as_bytes(), bytes)
}

fn decode(charset: &[u8], bytes: Vec<u8>) -> Option<String> {
    if charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"us-ascii") {
        String::from_utf8(bytes).ok()
    } else if charset.eq_ignore_ascii_case(b"iso-8859-1") {
        Some(latin1(&bytes))
    } else {
        None
    }
}

/// In ISO-8859-1 a byte is the code point of its number.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
