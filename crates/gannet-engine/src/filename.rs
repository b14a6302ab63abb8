//! What the file is called: names from strangers, made safe for every system.
//!
//! A server, a redirect or a link may propose any name. Only [`SafeFileName`] reaches the disk, and only the sanitiser
//! makes one. Its rules are the same on all systems, so that a folder can be carried from one to another.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use http::HeaderValue;
use percent_encoding::percent_decode_str;
use url::Url;

mod chosen;
mod disposition;
mod sanitise;
#[cfg(test)]
mod tests;

pub use chosen::NameError;

/// The longest name in bytes: `NAME.part.journal` must fit into the 255 bytes that file systems allow.
pub(crate) const FILE_NAME_MAX_BYTES: usize = 255 - ".part.journal".len();

/// When neither the server, nor the link, nor the host leave a usable name.
const LAST_RESORT: &str = "download";

/// A file name that stays in its folder.
///
/// One that a stranger proposed ([`SafeFileName::from_untrusted`]) does so on every system. It has no separators, no control, bidirectional or invisible characters, is in Unicode's form NFC, begins with no
/// dot, ends with no dot or space, is no Windows device, names no stream, does not end like a part file or its journal
/// and leaves room for their suffixes. One that the user chose ([`SafeFileName::chosen`]) is as this system allows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SafeFileName(String);

impl SafeFileName {
    /// Makes a proposed name safe: its last path component without what is not allowed. `None` where nothing is left.
    pub fn from_untrusted(proposed: &str) -> Option<Self> {
        sanitise::sanitise(proposed).map(Self)
    }

    /// Takes a name that the user chose, exactly as it is.
    ///
    /// # Errors
    /// Says why where this system, or the engine's own files beside it, do not allow the name.
    pub fn chosen(name: &str) -> Result<Self, NameError> {
        chosen::check(name).map(|()| Self(name.to_owned()))
    }

    /// The name of an answer: what `Content-Disposition` proposes (RFC 6266), else the last segment of the final URL,
    /// else the host, else `download`.
    pub(crate) fn from_response(content_disposition: Option<&HeaderValue>, url: &Url) -> Self {
        content_disposition
            .and_then(|value| disposition::file_name(value.as_bytes()))
            .and_then(|proposed| Self::from_untrusted(&proposed))
            .or_else(|| Self::from_url(url))
            .or_else(|| Self::from_untrusted(url.host_str()?))
            .unwrap_or_else(|| Self(LAST_RESORT.to_owned()))
    }

    /// The name that an address suggests before anybody was asked: its last segment, else its host. `None` where it is no
    /// address.
    pub fn from_address(address: &str) -> Option<Self> {
        Url::parse(address)
            .ok()
            .map(|url| Self::from_response(None, &url))
    }

    /// The name itself for 0, else `name (2).zip` for `name.zip`, no longer than names are that strangers propose.
    #[must_use]
    pub fn with_number(&self, number: u32) -> Self {
        Self(numbered(&self.0, number))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_url(url: &Url) -> Option<Self> {
        // A slash at the end is no reason to forget the word before it.
        let segment = url.path_segments()?.rfind(|segment| !segment.is_empty())?;
        Self::from_untrusted(&percent_decoded(segment))
    }
}

impl AsRef<Path> for SafeFileName {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for SafeFileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The names that follow on one that is taken, as browsers count: `name` for 0, else `stem (number).extension`. A safe name
/// stays one.
pub(crate) fn numbered(name: &str, number: u32) -> String {
    if number == 0 {
        return name.to_owned();
    }
    let (stem, extension) = sanitise::split_extension(name);
    let number = format!(" ({number})");
    let room_bytes = FILE_NAME_MAX_BYTES - number.len() - extension.len();
    format!("{}{number}{extension}", sanitise::cut(stem, room_bytes))
}

/// The text behind `%XX`; left as it is where that would be no UTF-8.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(text))
}
