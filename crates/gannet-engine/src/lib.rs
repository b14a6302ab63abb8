//! One download, whole and fast: many connections, one preallocated file, no merge.

mod diagnose;
mod digest;
pub mod disk;
mod error;
mod filename;
mod hosts;
pub(crate) mod http;
mod pace;
mod plan;
mod progress;
mod range;
mod request;
mod transfer;
mod verify;
mod worker;

pub use diagnose::Cause;
pub use digest::{Digest, DigestAlgorithm, DigestStrength, ParseDigestError};
pub use error::{Error, ErrorCode};
pub use filename::SafeFileName;
pub use hosts::{HostBudget, HostPermit};
pub use http::client::{HttpClient, HttpClientOptions, Proxy};
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
pub use request::{
    CONNECTIONS_DEFAULT, CONNECTIONS_MAX, Credentials, MemoryBudget, OnChange, OnExisting, Order, Request,
    Resume,
};
pub use transfer::{Handle, Opened, Transfer};
pub use verify::{DigestSource, PieceDigests, Verification};
