//! Redirects and signed URLs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sends a request elsewhere, over some hops, before it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `301`, `302`, `303`, `307`, `308`.
    pub status: u16,
    /// How many redirects come before the answer.
    pub hops: Hops,
    /// Where the last hop leads.
    pub to: Target,
}

impl Redirect {
    /// One `302` to `to`.
    pub fn once(to: Target) -> Self {
        Self {
            status: 302,
            hops: Hops::Count(1),
            to,
        }
    }
}

/// How many redirects come before the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hops {
    /// So many.
    Count(u32),
    /// Two addresses that point at each other for ever.
    Loop,
}

/// Where a redirect leads; path and token are added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The same scheme, host and port, by a relative reference.
    Same,
    /// The same server and port as `localhost` instead of `127.0.0.1`: another origin.
    Localhost,
    /// The plain-text port of this origin: a downgrade where the request came by TLS.
    Plain,
    /// The TLS port of this origin.
    Tls,
    /// Another server, as `http://127.0.0.1:4567`. Without a trailing slash.
    Base(String),
}

/// Tokens that a redirect hands out and the final URL asks for. Clones share them, so the one who hands out and the
/// one who asks may be two origins.
#[derive(Clone, Debug)]
pub struct Tokens {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Answered with it when a token is missing or has expired.
    expired_status: u16,
    uses_per_token: u64,
    /// The only valid token.
    current: AtomicU64,
    uses: AtomicU64,
    issued: AtomicU64,
}

impl Tokens {
    /// Tokens that are valid for so many answers each, and then answered with `expired_status` (403, 410, 401).
    pub fn valid_for(uses_per_token: u64, expired_status: u16) -> Self {
        Self {
            shared: Arc::new(Shared {
                expired_status,
                uses_per_token,
                current: AtomicU64::new(1),
                uses: AtomicU64::new(0),
                issued: AtomicU64::new(0),
            }),
        }
    }

    /// Tokens that expire only by [`Tokens::expire`].
    pub fn until_expired(expired_status: u16) -> Self {
        Self::valid_for(u64::MAX, expired_status)
    }

    /// All tokens handed out so far become invalid.
    pub fn expire(&self) {
        self.shared.current.fetch_add(1, Ordering::SeqCst);
        self.shared.uses.store(0, Ordering::SeqCst);
    }

    /// A valid token, as the redirecting URL hands it out.
    pub fn issue(&self) -> String {
        self.shared.issued.fetch_add(1, Ordering::SeqCst);
        format!("t{}", self.shared.current.load(Ordering::SeqCst))
    }

    /// How often a token was handed out: how often the original URL was resolved.
    pub fn issued(&self) -> u64 {
        self.shared.issued.load(Ordering::SeqCst)
    }

    /// Uses `token` once.
    ///
    /// # Errors
    /// The status to answer with, where it is not valid.
    pub fn redeem(&self, token: Option<&str>) -> Result<(), u16> {
        let current = format!("t{}", self.shared.current.load(Ordering::SeqCst));
        if token != Some(current.as_str()) {
            return Err(self.shared.expired_status);
        }
        if self.shared.uses.fetch_add(1, Ordering::SeqCst) >= self.shared.uses_per_token {
            self.expire();
            return Err(self.shared.expired_status);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_expires_after_its_uses_and_a_new_one_is_handed_out() {
        let tokens = Tokens::valid_for(2, 410);
        let first = tokens.issue();
        assert_eq!(tokens.redeem(Some(&first)), Ok(()));
        assert_eq!(tokens.redeem(Some(&first)), Ok(()));
        assert_eq!(tokens.redeem(Some(&first)), Err(410));
        assert_eq!(tokens.redeem(Some(&first)), Err(410));
        assert_eq!(tokens.redeem(None), Err(410));
        let second = tokens.issue();
        assert_eq!(tokens.redeem(Some(&second)), Ok(()));
        assert_eq!(tokens.issued(), 2);
    }
}
