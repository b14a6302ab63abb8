//! Where a redirect leads, and what may be taken along (RFC 9110 §10.2.2, §15.4).
//!
//! All of 301, 302, 303, 307 and 308 are followed by the same `GET` with the same range.

use http::HeaderValue;
use url::Url;

use crate::error::Error;

/// More hops than any honest chain has.
pub(crate) const REDIRECTS_MAX: usize = 20;

/// How often one URL may come up in a chain: sites set a cookie and send the visitor back, once.
const VISITS_MAX: usize = 2;

/// A longer `Location` is no address.
const LOCATION_MAX_BYTES: usize = 16 * 1024;

/// Whether a chain may go from https to http.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Downgrade {
    /// What was encrypted stays encrypted.
    #[default]
    Refuse,
    /// The user accepts that for this download.
    Allow,
}

/// Which of the user's headers may be sent with a request (case 41).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderScope {
    /// All: credentials, cookies and every header the user added.
    Original,
    /// None of them: the chain is at another origin, or has been at one.
    Foreign,
}

/// The addresses from the one that was asked for to the one that answers.
#[derive(Debug, Clone)]
pub(crate) struct RedirectChain {
    /// Never empty; the last one is where the chain is.
    visited: Vec<Url>,
    scope: HeaderScope,
    downgrade: Downgrade,
}

/// Why a redirect is not followed. Addresses in it bear neither userinfo nor query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedirectError {
    /// Case 43.
    #[error("the redirects go round in a circle: {}", hops.join(" → "))]
    Loop {
        /// All addresses of the chain.
        hops: Vec<String>,
    },
    /// Case 43.
    #[error("more than {REDIRECTS_MAX} redirects: {}", hops.join(" → "))]
    TooMany {
        /// All addresses of the chain.
        hops: Vec<String>,
    },
    /// Case 42.
    #[error("{from} redirects from https to unprotected http ({to})")]
    Downgrade {
        /// Where the redirect came from.
        from: String,
        /// Where it leads.
        to: String,
    },
    /// It leads out of the web.
    #[error("{from} redirects to an address of the kind \"{scheme}\"")]
    UnsupportedScheme {
        /// Where the redirect came from.
        from: String,
        /// The scheme of its target.
        scheme: String,
    },
    /// It leads nowhere.
    #[error("{from} redirects to something that is no address")]
    BadLocation {
        /// Where the redirect came from.
        from: String,
    },
}

impl RedirectChain {
    /// A chain at its beginning. Userinfo in `start` is dropped: the caller sends it as credentials, by the scope.
    pub(crate) fn new(start: Url, downgrade: Downgrade) -> Self {
        Self {
            visited: vec![without_userinfo(start)],
            scope: HeaderScope::Original,
            downgrade,
        }
    }

    /// Where the chain is.
    pub(crate) fn current(&self) -> &Url {
        self.visited.last().expect("a chain has a beginning")
    }

    /// The chain as it is kept: where it began and where it led. Each later request may be sent on as far as the first.
    pub(crate) fn settled(mut self) -> Self {
        let between = 1..self.visited.len().saturating_sub(1).max(1);
        self.visited.drain(between);
        self
    }

    /// Which of the user's headers may be sent to [`RedirectChain::current`]. Once foreign, a chain stays so, even
    /// back at its beginning: whoever sent it there must not steer requests that carry secrets.
    pub(crate) fn scope(&self) -> HeaderScope {
        self.scope
    }

    /// Goes on to where `Location` leads.
    pub(crate) fn follow(&mut self, location: &HeaderValue) -> Result<&Url, RedirectError> {
        let next = self.target(location)?;
        let visits = self
            .visited
            .iter()
            .filter(|visited| is_same_resource(visited, &next))
            .count();
        if visits >= VISITS_MAX {
            return Err(RedirectError::Loop {
                hops: self.hops_to(&next),
            });
        }
        if self.visited.len() > REDIRECTS_MAX {
            return Err(RedirectError::TooMany {
                hops: self.hops_to(&next),
            });
        }
        if !is_same_origin(&self.visited[0], &next) {
            self.scope = HeaderScope::Foreign;
        }
        self.visited.push(next);
        Ok(self.current())
    }

    fn target(&self, location: &HeaderValue) -> Result<Url, RedirectError> {
        let current = self.current();
        let bad_location = || RedirectError::BadLocation {
            from: redact(current),
        };
        let text = text_of(location).ok_or_else(bad_location)?;
        let mut next = without_userinfo(current.join(&text).map_err(|_| bad_location())?);
        match (current.scheme(), next.scheme()) {
            ("https", "http") if self.downgrade == Downgrade::Refuse => {
                return Err(RedirectError::Downgrade {
                    from: redact(current),
                    to: redact(&next),
                });
            }
            (_, "http" | "https") => {}
            (_, scheme) => {
                return Err(RedirectError::UnsupportedScheme {
                    from: redact(current),
                    scheme: scheme.to_owned(),
                });
            }
        }
        if next.fragment().is_none() {
            next.set_fragment(current.fragment());
        }
        Ok(next)
    }

    fn hops_to(&self, next: &Url) -> Vec<String> {
        self.visited.iter().chain([next]).map(redact).collect()
    }
}

impl From<RedirectError> for Error {
    fn from(error: RedirectError) -> Self {
        Self::Redirect {
            reason: error.to_string(),
        }
    }
}

/// Whether scheme, host and port are equal.
pub(crate) fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// The address as logs and errors may show it: without userinfo and fragment, the query (often a signature) as `?…`.
pub(crate) fn redact(url: &Url) -> String {
    let mut shown = without_userinfo(url.clone());
    let had_query = shown.query().is_some();
    shown.set_query(None);
    shown.set_fragment(None);
    // What has no host may be nothing but a secret: `data:`, or a name and password in front of a missing `//`.
    if shown.cannot_be_a_base() {
        return format!("{}:…", shown.scheme());
    }
    if had_query {
        format!("{shown}?…")
    } else {
        shown.into()
    }
}

/// The address alone: without userinfo, query and fragment.
pub(crate) fn bare(url: &Url) -> Url {
    let mut bare = without_userinfo(url.clone());
    bare.set_query(None);
    bare.set_fragment(None);
    bare
}

fn without_userinfo(mut url: Url) -> Url {
    // Fails only for addresses that can have no userinfo.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Equal but for the fragment, which no server sees.
fn is_same_resource(one: &Url, other: &Url) -> bool {
    one[..url::Position::AfterQuery] == other[..url::Position::AfterQuery]
}

/// Servers send raw UTF-8, and sometimes Latin-1.
fn text_of(location: &HeaderValue) -> Option<String> {
    let bytes = location.as_bytes().trim_ascii();
    if bytes.is_empty() || bytes.len() > LOCATION_MAX_BYTES {
        return None;
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain(start: &str) -> RedirectChain {
        RedirectChain::new(start.parse().unwrap(), Downgrade::Refuse)
    }

    fn follow(chain: &mut RedirectChain, location: &str) -> Result<String, RedirectError> {
        chain
            .follow(&HeaderValue::from_bytes(location.as_bytes()).unwrap())
            .map(ToString::to_string)
    }

    #[test]
    fn a_location_is_resolved_against_where_the_chain_is() {
        for (start, location, expected) in [
            ("https://a.example/x/y?q=1", "z", "https://a.example/x/z"),
            ("https://a.example/x/y", "/z?r=2", "https://a.example/z?r=2"),
            ("https://a.example/x", "//b.example/z", "https://b.example/z"),
            ("https://a.example/x#part", "/z", "https://a.example/z#part"),
            ("https://a.example/x#part", "/z#own", "https://a.example/z#own"),
            (
                "https://a.example/x",
                "https://user:pass@b.example/z",
                "https://b.example/z",
            ),
            ("https://user:pass@a.example/x", "/z", "https://a.example/z"),
            ("http://a.example/x", "https://a.example/x", "https://a.example/x"),
            ("https://a.example/x", "/zü z", "https://a.example/z%C3%BC%20z"),
        ] {
            assert_eq!(
                follow(&mut chain(start), location).as_deref(),
                Ok(expected),
                "{start} {location}"
            );
        }
        let latin1 = HeaderValue::from_bytes(b"/z\xfc").unwrap();
        assert_eq!(
            chain("https://a.example/x").follow(&latin1).unwrap().path(),
            "/z%C3%BC"
        );
    }

    #[test]
    fn secrets_stay_with_the_original_origin() {
        for (locations, expected) in [
            (&["/b"][..], HeaderScope::Original),
            (&["https://a.example:443/b"], HeaderScope::Original),
            (&["https://b.example/"], HeaderScope::Foreign),
            (&["https://a.example:8443/"], HeaderScope::Foreign),
            (&["https://sub.a.example/"], HeaderScope::Foreign),
            (
                &["https://b.example/", "https://a.example/back"],
                HeaderScope::Foreign,
            ),
        ] {
            let mut chain = chain("https://a.example/a");
            for location in locations {
                follow(&mut chain, location).unwrap();
            }
            assert_eq!(chain.scope(), expected, "{locations:?}");
        }
        let mut upgraded = chain("http://a.example/a");
        follow(&mut upgraded, "https://a.example/a").unwrap();
        assert_eq!(
            upgraded.scope(),
            HeaderScope::Foreign,
            "another scheme is another origin"
        );
    }

    #[test]
    fn https_is_left_only_where_that_is_allowed() {
        let error = follow(
            &mut chain("https://a.example/x?token=1"),
            "http://u:p@b.example/y?token=2",
        )
        .unwrap_err();
        let (from, to) = (
            "https://a.example/x?…".to_owned(),
            "http://b.example/y?…".to_owned(),
        );
        assert_eq!(error, RedirectError::Downgrade { from, to });
        let mut allowed = RedirectChain::new("https://a.example/x".parse().unwrap(), Downgrade::Allow);
        assert_eq!(
            follow(&mut allowed, "http://b.example/y").as_deref(),
            Ok("http://b.example/y")
        );
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for (location, is_expected) in [
            (
                "",
                (|error| matches!(error, RedirectError::BadLocation { .. })) as fn(&RedirectError) -> bool,
            ),
            ("http://", |error| {
                matches!(error, RedirectError::BadLocation { .. })
            }),
            ("https://[::", |error| {
                matches!(error, RedirectError::BadLocation { .. })
            }),
            (
                "file:///etc/passwd",
                |error| matches!(error, RedirectError::UnsupportedScheme { scheme, .. } if scheme == "file"),
            ),
            ("javascript:alert(1)", |error| {
                matches!(error, RedirectError::UnsupportedScheme { .. })
            }),
        ] {
            let error = follow(&mut chain("https://a.example/x"), location).unwrap_err();
            assert!(is_expected(&error), "{location}: {error:?}");
        }
    }

    #[test]
    fn a_cookie_may_be_set_on_the_way_but_a_circle_ends() {
        let mut chain = chain("https://a.example/a?key=secret");
        follow(&mut chain, "/b").unwrap();
        follow(&mut chain, "/a?key=secret").unwrap();
        follow(&mut chain, "/b").unwrap();
        let error = follow(&mut chain, "/a?key=secret").unwrap_err();
        let shown = error.to_string();
        assert!(matches!(error, RedirectError::Loop { .. }));
        assert!(
            shown.contains("https://a.example/a?… → https://a.example/b →") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn twenty_hops_are_followed_and_no_more() {
        let mut chain = chain("https://a.example/0");
        for hop in 1..=REDIRECTS_MAX {
            follow(&mut chain, &format!("/{hop}")).unwrap();
        }
        let error = follow(&mut chain, "/21").unwrap_err();
        assert!(
            matches!(&error, RedirectError::TooMany { hops } if hops.len() == 22),
            "{error:?}"
        );
        assert!(
            matches!(Error::from(error), Error::Redirect { reason } if reason.contains("https://a.example/20"))
        );
    }

    #[test]
    fn shown_addresses_hold_no_secrets() {
        for (url, expected) in [
            (
                "https://user:pass@a.example:8443/x/y?sig=1#f",
                "https://a.example:8443/x/y?…",
            ),
            ("https://a.example/x", "https://a.example/x"),
            ("user:pass@a.example", "user:…"),
        ] {
            assert_eq!(redact(&url.parse().unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn no_location_makes_the_chain_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(location) = HeaderValue::from_bytes(&bytes) {
                let mut chain = chain("https://a.example/x");
                if chain.follow(&location).is_ok() {
                    prop_assert_eq!(chain.current().scheme(), "https");
                    prop_assert!(chain.current().username().is_empty() && chain.current().password().is_none());
                }
            }
        }
    }
}
