//! The names that this server may be asked for by, and the origins that its pages have.
//!
//! A page of another site can make a browser send requests here, and with DNS rebinding even believe that it is here.
//! What it cannot do is lie in `Host` and `Origin`. So both are held against a list of exact names; an address that
//! somebody else's name leads to is not on it.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

/// A name that the server is known by: `nas.local` (with the server's own port), `nas.local:8080`, or with a proxy for
/// TLS before it `https://downloads.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    scheme: Scheme,
    /// Lower case; an IPv6 address in brackets.
    host: String,
    /// None is the port that the server listens on.
    port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// A text that names no site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no host; write NAME, NAME:PORT or https://NAME, without a path or a wildcard")]
pub struct ParseSiteError {
    text: String,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl FromStr for Site {
    type Err = ParseSiteError;

    fn from_str(text: &str) -> Result<Self, ParseSiteError> {
        let error = || ParseSiteError {
            text: text.to_owned(),
        };
        let lower = text.trim().to_ascii_lowercase();
        let (scheme, rest) = match lower.split_once("://") {
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(_) => return Err(error()),
            None => (None, lower.as_str()),
        };
        let (host, port) = split_authority(rest.strip_suffix('/').unwrap_or(rest)).ok_or_else(error)?;
        Ok(Self {
            scheme: scheme.unwrap_or(Scheme::Http),
            host: host.to_owned(),
            port: port.or(scheme.map(Scheme::port)),
        })
    }
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`, in lower case.
fn split_authority(text: &str) -> Option<(&str, Option<u16>)> {
    let end = match text.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at(end);
    let port = match rest.strip_prefix(':') {
        // Digits only: `parse` would take a sign.
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        None if rest.is_empty() => None,
        _ => return None,
    };
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    is_host.then_some((host, port))
}

/// As an origin is written.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        match self.port {
            Some(port) if port != self.scheme.port() => write!(f, ":{port}"),
            _ => Ok(()),
        }
    }
}

/// Why a request believes to be elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stray {
    /// Its `Host` names none of our sites.
    Host,
    /// Its `Origin` is another site's.
    Origin,
}

/// How the caller reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approach {
    /// Whether a browser comes by https, so that its cookie may go no other way.
    pub(crate) secure: bool,
    /// Whether it named its origin, which is ours then.
    pub(crate) has_origin: bool,
}

/// Every site that this server is.
#[derive(Debug)]
pub(crate) struct Sites(Vec<Site>);

impl Sites {
    /// Loopback by its names, the address that is listened on where it is one, and what was configured.
    pub(crate) fn new(address: SocketAddr, configured: &[Site]) -> Self {
        let http = |host: String, port| Site {
            scheme: Scheme::Http,
            host,
            port: Some(port),
        };
        let mut sites: Vec<Site> = ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| http(host.to_owned(), address.port()))
            .into();
        if !address.ip().is_loopback() && !address.ip().is_unspecified() {
            let host = match address.ip() {
                std::net::IpAddr::V4(ip) => ip.to_string(),
                std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            };
            sites.push(http(host, address.port()));
        }
        sites.extend(configured.iter().map(|site| Site {
            port: Some(site.port.unwrap_or(address.port())),
            ..site.clone()
        }));
        Self(sites)
    }

    /// Holds a request's head against the list. `authority` is that of the request's target, which proxies send.
    pub(crate) fn admit(&self, headers: &HeaderMap, authority: Option<&str>) -> Result<Approach, Stray> {
        let host = only(headers, &HOST)
            .map_err(|Ambiguous| Stray::Host)?
            .ok_or(Stray::Host)?;
        if authority.is_some_and(|authority| !authority.eq_ignore_ascii_case(host)) {
            return Err(Stray::Host);
        }
        let mut named: Vec<&Site> = self.0.iter().filter(|site| site.is_named_by(host)).collect();
        if named.is_empty() {
            return Err(Stray::Host);
        }
        let origin = only(headers, &ORIGIN).map_err(|Ambiguous| Stray::Origin)?;
        if let Some(origin) = origin {
            named.retain(|site| site.to_string() == origin);
            if named.is_empty() {
                return Err(Stray::Origin);
            }
        }
        Ok(Approach {
            secure: named.iter().all(|site| site.scheme == Scheme::Https),
            has_origin: origin.is_some(),
        })
    }
}

impl Site {
    fn is_named_by(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        split_authority(&host).is_some_and(|(host, port)| {
            host == self.host && Some(port.unwrap_or(self.scheme.port())) == self.port
        })
    }
}

/// A header stands there several times, or is not text.
struct Ambiguous;

/// The header's only value, where it is there at all.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Ambiguous> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Ambiguous),
        _ => Err(Ambiguous),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(configured: &[&str]) -> Sites {
        let configured: Vec<Site> = configured.iter().map(|text| text.parse().unwrap()).collect();
        Sites::new("127.0.0.1:6900".parse().unwrap(), &configured)
    }

    fn head(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_exact_names_are_admitted() {
        let sites = sites(&["nas.local", "nas.local:8080", "https://g.example.org"]);
        for host in [
            "127.0.0.1:6900",
            "LOCALHOST:6900",
            "[::1]:6900",
            "nas.local:6900",
            "nas.local:8080",
            "g.example.org",
            "g.example.org:443",
        ] {
            assert!(sites.admit(&head(&[("host", host)]), None).is_ok(), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:6901",
            "127.0.0.1:+6900",
            "localhost.:6900",
            "localhost:6900.evil.example",
            "evil.example:6900",
            "nas.local",
            "xg.example.org",
            "[::1]x:6900",
            "user@localhost:6900",
        ] {
            assert_eq!(
                sites.admit(&head(&[("host", host)]), None),
                Err(Stray::Host),
                "{host}"
            );
        }
    }

    #[test]
    fn a_request_names_one_host_and_means_it() {
        let sites = sites(&[]);
        let good = "localhost:6900";
        assert_eq!(sites.admit(&head(&[]), None), Err(Stray::Host));
        assert_eq!(
            sites.admit(&head(&[("host", good), ("host", "evil.example")]), None),
            Err(Stray::Host)
        );
        assert_eq!(
            sites.admit(&head(&[("host", good)]), Some("evil.example")),
            Err(Stray::Host)
        );
        assert!(sites.admit(&head(&[("host", good)]), Some(good)).is_ok());
    }

    #[test]
    fn an_origin_is_that_of_the_host_itself() {
        let sites = sites(&["https://g.example.org"]);
        let admit =
            |host: &str, origin: &str| sites.admit(&head(&[("host", host), ("origin", origin)]), None);
        assert!(admit("localhost:6900", "http://localhost:6900").is_ok());
        assert!(admit("g.example.org", "https://g.example.org").is_ok());
        for origin in [
            "null",
            "",
            "http://evil.example",
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:6900",
            "http://127.0.0.1:6900",
            "http://localhost:6900.evil.example",
            "http://localhost:6900/",
        ] {
            assert_eq!(admit("localhost:6900", origin), Err(Stray::Origin), "{origin}");
        }
        assert_eq!(admit("g.example.org", "http://g.example.org"), Err(Stray::Origin));
    }

    #[test]
    fn a_cookie_is_secure_where_the_browser_comes_by_https() {
        let sites = sites(&["https://g.example.org"]);
        let secure = |host: &str| sites.admit(&head(&[("host", host)]), None).unwrap().secure;
        assert!(secure("g.example.org"));
        assert!(!secure("localhost:6900"));
    }

    #[test]
    fn what_is_no_site_is_refused() {
        for text in [
            "",
            "*",
            "*.example.org",
            "a/b",
            "ftp://a",
            "a b",
            "a:99999",
            "a:",
            "u@a",
            "[::1",
            "[x]",
            "https://",
        ] {
            assert!(text.parse::<Site>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_of_the_network_is_a_site_and_any_address_is_none() {
        let admits = |listen: &str, host: &str| {
            Sites::new(listen.parse().unwrap(), &[])
                .admit(&head(&[("host", host)]), None)
                .is_ok()
        };
        assert!(admits("192.0.2.7:6900", "192.0.2.7:6900"));
        assert!(admits("[2001:db8::1]:6900", "[2001:db8::1]:6900"));
        assert!(!admits("0.0.0.0:6900", "0.0.0.0:6900"));
        assert!(!admits("0.0.0.0:6900", "192.0.2.7:6900"));
    }
}
