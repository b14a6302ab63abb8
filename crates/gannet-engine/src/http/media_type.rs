//! Media types, as far as they betray an answer that is not the file: a login page, a portal, an error in JSON.

use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap};

use super::validator::the_one_value;

/// `type/subtype` in lower case, without parameters (RFC 9110 §8.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaType(Box<str>);

/// A longer type is not looked at.
const MEDIA_TYPE_MAX_BYTES: usize = 128;

impl MediaType {
    /// The type an answer states, where it states a readable one.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = the_one_value(headers, &CONTENT_TYPE)?.to_str().ok()?;
        let essence = value.split(';').next().unwrap_or_default().trim();
        let is_type = essence.len() <= MEDIA_TYPE_MAX_BYTES
            && essence
                .split_once('/')
                .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
        is_type.then(|| Self(essence.to_ascii_lowercase().into()))
    }

    /// Several ranges in one body, which is never asked for.
    pub(crate) fn is_multipart_ranges(&self) -> bool {
        &*self.0 == "multipart/byteranges"
    }

    /// HTML: what portals and login pages are made of.
    pub(crate) fn is_html(&self) -> bool {
        matches!(&*self.0, "text/html" | "application/xhtml+xml")
    }

    /// Whether an answer of this type can hardly be of the file whose first answer had the type `first`.
    ///
    /// Only types of messages to people and programs contradict: nodes of one CDN do disagree about
    /// `application/zip` and `application/octet-stream`, but a file does not turn into a page.
    pub(crate) fn contradicts(&self, first: Option<&Self>) -> bool {
        first != Some(self) && self.is_message()
    }

    /// Whether HTML came where the name promises something else: `setup.zip`, but not `index.html` or `download`.
    pub(crate) fn is_page_instead_of(&self, file_name: &str) -> bool {
        let Some((_, extension)) = file_name.rsplit_once('.') else {
            return false;
        };
        let extension = extension.to_ascii_lowercase();
        self.is_html()
            && (1..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !PAGE_EXTENSIONS.contains(&&*extension)
    }

    fn is_message(&self) -> bool {
        self.is_html()
            || matches!(
                &*self.0,
                "text/plain" | "text/xml" | "application/xml" | "application/json"
            )
            || &*self.0 == "application/problem+json"
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Extensions behind which a page is no surprise.
const PAGE_EXTENSIONS: [&str; 12] = [
    "html", "htm", "xhtml", "xht", "shtml", "mhtml", "php", "asp", "aspx", "jsp", "cgi", "do",
];

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(value: &str) -> Option<MediaType> {
        MediaType::from_headers(&HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]))
    }

    #[test]
    fn a_type_is_read_without_its_parameters() {
        assert_eq!(
            media_type("Text/HTML; charset=utf-8").unwrap().to_string(),
            "text/html"
        );
        assert_eq!(media_type("rubbish"), None);
        assert_eq!(media_type("a b/c"), None);
        assert_eq!(media_type(""), None);
    }

    #[test]
    fn a_page_contradicts_a_file_and_a_neighbouring_type_does_not() {
        for (first, later, expected) in [
            (Some("application/zip"), "text/html", true),
            (None, "text/html; charset=utf-8", true),
            (Some("application/zip"), "application/json", true),
            (Some("application/zip"), "application/octet-stream", false),
            (Some("application/octet-stream"), "application/zip", false),
            (Some("text/html"), "text/html;charset=utf-8", false),
        ] {
            let first = first.and_then(media_type);
            assert_eq!(
                media_type(later).unwrap().contradicts(first.as_ref()),
                expected,
                "{first:?} {later}"
            );
        }
    }

    #[test]
    fn html_is_a_surprise_only_for_names_that_promise_another_kind() {
        let html = media_type("text/html").unwrap();
        for (name, expected) in [
            ("setup.zip", true),
            ("debian.ISO", true),
            ("archive.tar.gz", true),
            ("index.html", false),
            ("view.php", false),
            ("download", false),
            ("Dr. Strange", false),
        ] {
            assert_eq!(html.is_page_instead_of(name), expected, "{name}");
        }
        assert!(
            !media_type("application/zip")
                .unwrap()
                .is_page_instead_of("setup.zip")
        );
    }
}
