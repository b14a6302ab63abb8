//! Digests: given, found, and computed behind the frontier while the rest still arrives.

use std::fmt;

/// What the bytes of a finished file were held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// A digest of the whole file agrees.
    Verified {
        /// `sha256`, `crc32c`, …
        algorithm: String,
        /// Where the expected value came from.
        source: DigestSource,
    },
    /// Nothing strong enough was known to hold the bytes against.
    Unverified {
        /// A weak digest that agrees all the same (`md5`), where there was one.
        advisory: Option<String>,
    },
}

/// Where a digest came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestSource {
    /// The caller gave it.
    Given,
    /// The server's answer bore it.
    Found,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified {
                algorithm,
                source: DigestSource::Given,
            } => write!(f, "verified by {algorithm}"),
            Self::Verified {
                algorithm,
                source: DigestSource::Found,
            } => {
                write!(f, "verified by the server's {algorithm}")
            }
            Self::Unverified { advisory: None } => f.write_str("unverified"),
            Self::Unverified {
                advisory: Some(algorithm),
            } => {
                write!(f, "unverified ({algorithm} agrees, but proves nothing)")
            }
        }
    }
}
