//! Cookie files in Netscape's format, as browsers' extensions, curl and wget write them.
//!
//! Which cookie goes where follows RFC 6265 §5.1.3, §5.1.4 and §5.4. Nothing that a server sets is ever added.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use url::{Host, Url};

use super::credential_file::{self, CredentialFileError, MalformedLine};
use super::secret::Secret;

/// More cookies than browsers keep.
const COOKIES_MAX: usize = 20_000;

/// Name and value together, as browsers limit them.
const COOKIE_MAX_BYTES: usize = 4096;

/// A longer `Cookie` header is refused by servers; what does not fit stays at home.
const COOKIE_HEADER_MAX_BYTES: usize = 16 * 1024;

/// Marks cookies that scripts must not see; to us they are cookies like others.
const HTTP_ONLY_PREFIX: &str = "#HttpOnly_";

/// The cookies of a file.
#[derive(Debug, Clone, Default)]
pub struct CookieFile {
    cookies: Vec<Cookie>,
}

#[derive(Debug, Clone)]
struct Cookie {
    /// In lower case, without a leading dot.
    domain: String,
    reach: Reach,
    path: String,
    transport: Transport,
    /// `None` for cookies of a session, which the file hands on.
    expires: Option<SystemTime>,
    /// `name=value`.
    pair: Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Host,
    Subdomains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Any,
    Https,
}

impl CookieFile {
    /// Reads a cookie file. Blocks.
    pub fn load(path: &Path) -> Result<Self, CredentialFileError> {
        credential_file::load(path, Self::parse)
    }

    /// Reads the text of a cookie file.
    pub fn parse(text: &str) -> Result<Self, MalformedLine> {
        let mut cookies = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let malformed = |reason| MalformedLine {
                line: index + 1,
                reason,
            };
            if let Some(cookie) = Cookie::parse(line).map_err(malformed)? {
                cookies.push(cookie);
            }
            if cookies.len() > COOKIES_MAX {
                return Err(malformed("more than 20,000 cookies"));
            }
        }
        // The more specific path comes first (RFC 6265 §5.4); the sort keeps the file's order otherwise.
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        Ok(Self { cookies })
    }

    /// The value of `Cookie` for `url`, marked sensitive; `None` where no cookie is meant for it at `now`.
    pub fn header_for(&self, url: &Url, now: SystemTime) -> Option<HeaderValue> {
        let mut header = String::new();
        for cookie in self.cookies.iter().filter(|cookie| cookie.is_for(url, now)) {
            let pair = cookie.pair.expose();
            if header.len() + "; ".len() + pair.len() > COOKIE_HEADER_MAX_BYTES {
                tracing::warn!(host = url.host_str(), "not all cookies fit into one request");
                break;
            }
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(pair);
        }
        if header.is_empty() {
            return None;
        }
        let mut value =
            HeaderValue::from_bytes(header.as_bytes()).expect("pairs were checked when they were read");
        value.set_sensitive(true);
        Some(value)
    }
}

impl Cookie {
    /// One line: domain, subdomains?, path, https only?, expiry, name, value, separated by tabs. `None` for comments.
    fn parse(line: &str) -> Result<Option<Self>, &'static str> {
        let line = line
            .strip_prefix(HTTP_ONLY_PREFIX)
            .unwrap_or_else(|| without_comment(line));
        if line.trim().is_empty() {
            return Ok(None);
        }
        let mut fields = line.splitn(7, '\t');
        let mut field = || {
            fields
                .next()
                .ok_or("fewer than the 7 fields, separated by tabs, that a cookie has")
        };
        let (domain, subdomains, path, https_only, expires, name) =
            (field()?, field()?, field()?, field()?, field()?, field()?);
        // A cookie without value ends with its name.
        let value = field().unwrap_or_default();
        let pair = if name.is_empty() {
            value.to_owned()
        } else {
            format!("{name}={value}")
        };
        if pair.len() > COOKIE_MAX_BYTES {
            return Err("a cookie of more than 4,096 bytes");
        }
        if pair.contains(';') || HeaderValue::from_bytes(pair.as_bytes()).is_err() {
            return Err("a cookie with characters that no header can hold");
        }
        let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
        if domain.is_empty() {
            return Err("a cookie without domain");
        }
        Ok(Some(Self {
            domain,
            reach: if flag(subdomains)? {
                Reach::Subdomains
            } else {
                Reach::Host
            },
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                "/".to_owned()
            },
            transport: if flag(https_only)? {
                Transport::Https
            } else {
                Transport::Any
            },
            expires: expiry(expires)?,
            pair: Secret::new(pair),
        }))
    }

    fn is_for(&self, url: &Url, now: SystemTime) -> bool {
        (self.transport == Transport::Any || url.scheme() == "https")
            && self.expires.is_none_or(|expires| now < expires)
            && self.is_for_host(url)
            && self.is_for_path(url.path())
    }

    fn is_for_host(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        // `http://[::1]/` is written without brackets in cookie files.
        let name = match host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        let is_subdomain = || {
            let above = name
                .strip_suffix(&self.domain)
                .and_then(|rest| rest.strip_suffix('.'));
            // Addresses have no subdomains: 1.127.0.0.1 is none of 127.0.0.1.
            self.reach == Reach::Subdomains && matches!(url.host(), Some(Host::Domain(_))) && above.is_some()
        };
        name == self.domain || is_subdomain()
    }

    fn is_for_path(&self, path: &str) -> bool {
        path.strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

/// The line, unless it is a comment.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') { "" } else { line }
}

fn flag(field: &str) -> Result<bool, &'static str> {
    match field {
        _ if field.eq_ignore_ascii_case("true") => Ok(true),
        _ if field.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("a field that is neither TRUE nor FALSE"),
    }
}

/// Seconds since 1970, 0 for a session. Some exporters write fractions, or -1 for a session.
fn expiry(field: &str) -> Result<Option<SystemTime>, &'static str> {
    let whole = field.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(seconds) if seconds <= 0 => Ok(None),
        // What lies beyond the clock's range never comes.
        Ok(seconds) => Ok(UNIX_EPOCH.checked_add(Duration::from_secs(seconds.unsigned_abs()))),
        Err(_) => Err("an expiry that is no number"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "# Netscape HTTP Cookie File\n\
        \n\
        .a.example\tTRUE\t/\tFALSE\t0\twide\t1\n\
        a.example\tFALSE\t/files\tFALSE\t0\tdeep\t2\n\
        #HttpOnly_a.example\tFALSE\t/\tTRUE\t2000000000\tlocked\t3\r\n\
        a.example\tFALSE\t/\tFALSE\t1000000000\told\t4\n\
        127.0.0.1\tTRUE\t/\tFALSE\t0\tlocal\t5\n\
        b.example\tFALSE\t/\tFALSE\t-1\tempty\n";

    fn header(url: &str) -> Option<String> {
        let now = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
        let value = CookieFile::parse(FILE)
            .unwrap()
            .header_for(&url.parse().unwrap(), now)?;
        assert!(value.is_sensitive());
        Some(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_cookie_goes_only_where_it_belongs() {
        for (url, expected) in [
            ("http://a.example/", Some("wide=1")),
            ("https://A.example/", Some("wide=1; locked=3")),
            ("https://a.example/files/x", Some("deep=2; wide=1; locked=3")),
            ("http://a.example/files", Some("deep=2; wide=1")),
            ("http://a.example/filesystem", Some("wide=1")),
            ("http://sub.a.example/files", Some("wide=1")),
            ("http://nota.example/", None),
            ("http://example/", None),
            ("http://127.0.0.1:8080/", Some("local=5")),
            ("http://b.example/", Some("empty=")),
            ("http://sub.b.example/", None),
        ] {
            assert_eq!(header(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        for (text, line) in [
            ("a.example\tFALSE\t/", 1),
            ("\n\na.example FALSE / FALSE 0 a b", 3),
            ("a.example\tFALSE\t/\tFALSE\tsoon\ta\tb", 1),
            ("a.example\tMAYBE\t/\tFALSE\t0\ta\tb", 1),
            ("\tFALSE\t/\tFALSE\t0\ta\tb", 1),
            ("a.example\tFALSE\t/\tFALSE\t0\ta\tb\u{1}", 1),
            ("a.example\tFALSE\t/\tFALSE\t0\ta\tb; c=d", 1),
        ] {
            assert_eq!(CookieFile::parse(text).unwrap_err().line, line, "{text:?}");
        }
        let long = format!(
            "a.example\tFALSE\t/\tFALSE\t0\ta\t{}",
            "b".repeat(COOKIE_MAX_BYTES)
        );
        assert!(CookieFile::parse(&long).is_err());
    }

    #[test]
    fn a_header_stays_within_its_limit() {
        let line = format!(
            "a.example	FALSE	/	FALSE	0	a	{}
",
            "b".repeat(1000)
        );
        let lines = line.repeat(100);
        let file = CookieFile::parse(&lines).unwrap();
        let value = file
            .header_for(&"http://a.example/".parse().unwrap(), UNIX_EPOCH)
            .unwrap();
        assert!(value.len() <= COOKIE_HEADER_MAX_BYTES && value.len() > COOKIE_HEADER_MAX_BYTES - 2000);
    }

    #[test]
    fn values_do_not_show_in_debug_output() {
        assert!(!format!("{:?}", CookieFile::parse(FILE)).contains("wide=1"));
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_panic(line in "(#HttpOnly_)?[.a-z]{0,6}\t(TRUE|FALSE|x)\t/?\tFALSE\t-?[0-9.]{0,20}\t.{0,5}\t.{0,5}") {
            if let Ok(file) = CookieFile::parse(&line) {
                let _ = file.header_for(&"https://a/".parse().unwrap(), UNIX_EPOCH);
            }
        }
    }
}
