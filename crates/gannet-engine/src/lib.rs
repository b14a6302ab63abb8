//! One download, whole and fast: many connections, one preallocated file, no merge.

mod diagnose;
#[cfg_attr(not(test), expect(dead_code, reason = "the transfer that uses it comes next"))]
mod digest;
pub mod disk;
mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "the transfer that uses it comes next"))]
mod filename;
mod hosts;
#[expect(dead_code, reason = "the transfer that uses it comes next")]
pub(crate) mod http;
mod pace;
#[expect(dead_code, reason = "the transfer that uses it comes next")]
mod plan;
mod progress;
mod range;
mod verify;

pub use diagnose::Cause;
pub use digest::{Digest, DigestAlgorithm, DigestStrength, ParseDigestError};
pub use error::{Error, ErrorCode};
pub use filename::SafeFileName;
pub use hosts::{HostBudget, HostPermit};
pub use http::cookies::CookieFile;
pub use http::credential_file::{CredentialFileError, MalformedLine};
pub use http::identity::{CHROME as USER_AGENT_CHROME, GANNET as USER_AGENT_GANNET};
pub use http::netrc::{Login, Netrc};
pub use http::redirect::Downgrade;
pub use http::secret::Secret;
pub use pace::Pacer;
pub use progress::{
    Event, Finished, Outcome, Phase, Reporter, Silent, Snapshot, WaitReason, WorkerSnapshot, WorkerState,
};
pub use range::{ByteRange, RangeSet};
pub use verify::{DigestSource, Verification};
