//! Addresses: what of them may be shown, and how two are told apart.

use gannet_schema::{Failure, FailureCode};
use url::Url;

/// A longer address is refused.
const ADDRESS_BYTES_MAX: usize = 16 << 10;

/// An address that was checked: http or https, with a host.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let refused = |why: &str| Failure::new(FailureCode::InvalidRequest, why);
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(refused("the address is too long"));
        }
        let url = Url::parse(text.trim()).map_err(|reason| refused(&format!("not an address: {reason}")))?;
        match url.scheme() {
            "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(Self(url)),
            "http" | "https" => Err(refused("the address names no host")),
            scheme => Err(refused(&format!(
                "{scheme}: addresses are not supported; http and https are"
            ))),
        }
    }

    /// The whole address, secrets and all.
    pub(crate) fn full(&self) -> &str {
        self.0.as_str()
    }

    /// Without userinfo, query and fragment.
    pub(crate) fn shown(&self) -> String {
        let mut bare = self.0.clone();
        // These fail only for addresses that can have none of it.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        bare.set_query(None);
        bare.set_fragment(None);
        bare.into()
    }

    /// Without the login that it may bear. The query stays: signed addresses are worth nothing without it.
    pub(crate) fn without_login(&self) -> String {
        let mut bare = self.0.clone();
        // These fail only for addresses that can have none of it.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        bare.into()
    }

    /// The host, and its port where that is not the usual one.
    pub(crate) fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether it leads to the scheme, host and port of another address.
    pub(crate) fn has_origin_of(&self, other: &str) -> bool {
        Url::parse(other).is_ok_and(|other| other.origin() == self.0.origin())
    }

    /// What two spellings of one address have in common. A fragment never reaches the server.
    pub(crate) fn digest(&self) -> AddressDigest {
        let mut url = self.0.clone();
        url.set_fragment(None);
        let hash = blake3::hash(url.as_str().as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash.as_bytes()[..16]);
        AddressDigest(short)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// By which equal addresses are found, without keeping them in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct AddressDigest(pub(crate) [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_secret() {
        let address =
            Address::parse("https://user:hunter2@example.com:8443/a/b.iso?token=hunter2#hunter2").unwrap();
        assert_eq!(address.shown(), "https://example.com:8443/a/b.iso");
        assert_eq!(address.host(), "example.com:8443");
        assert!(!format!("{address:?}").contains("hunter2"));
    }

    #[test]
    fn a_fragment_makes_no_other_address() {
        let digest = |text| Address::parse(text).unwrap().digest();
        assert_eq!(digest("http://a/b#c"), digest("http://a/b"));
        assert_ne!(digest("http://a/b?c"), digest("http://a/b"));
    }

    #[test]
    fn only_the_web_is_fetched_from() {
        for text in [
            "ftp://a/b",
            "file:///etc/passwd",
            "javascript:1",
            "no address",
            "http://",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
