//! One download, whole and fast: many connections, one preallocated file, no merge.

#[cfg_attr(not(test), expect(dead_code, reason = "the transfer that uses it comes next"))]
mod digest;
pub mod disk;
mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "the transfer that uses it comes next"))]
mod filename;
#[expect(dead_code, reason = "the transfer that uses it comes next")]
pub(crate) mod http;
mod range;

pub use digest::{Digest, DigestAlgorithm, DigestStrength, ParseDigestError};
pub use error::{Error, ErrorCode};
pub use filename::SafeFileName;
pub use http::identity::UserAgent;
pub use http::netrc::Credentials;
pub use http::redirect::Downgrade;
pub use http::secret::Secret;
pub use range::{ByteRange, RangeSet};
