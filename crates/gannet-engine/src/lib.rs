//! One download, whole and fast: many connections, one preallocated file, no merge.
//!
//! A [`Request`] says what to fetch and how, and [`Request::start`] begins the [`Transfer`]; its end is either
//! [`Finished`] or an [`Error`] with a [code](ErrorCode) to key on. A file gets its name only when every byte of it is
//! there and no digest says otherwise. Until then its bytes are in `NAME.part`, and beside it a journal says which of
//! them are safe: the same request made again goes on from there, in another process or on another day too.
//!
//! Everything runs on the caller's tokio runtime, in tasks of its own.
//!
//! # A file
//!
//! ```
//! use std::sync::Arc;
//!
//! use gannet_engine::{Request, Silent, Verification};
//! # use gannet_testkit::{DigestField, DigestKind, Origin, Truth};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let origin = Origin::builder().size(3_000_000).with(|profile| {
//! #     profile.digests = vec![DigestField { kind: DigestKind::ReprSha256, truth: Truth::Right }];
//! # });
//! # let origin = origin.start().await?;
//! # let url = origin.url("image.iso");
//! # let folder = tempfile::tempdir()?;
//! # let downloads = folder.path();
//! let request = Request::new(&url)?.directory(downloads);
//! let finished = request.start(Arc::new(Silent)).finished().await?;
//!
//! assert_eq!(finished.path, downloads.join("image.iso"));
//! assert_eq!(finished.bytes, 3_000_000);
//! // Its server said which digest it has.
//! assert!(matches!(finished.verification, Verification::Verified { .. }));
//! # assert_eq!(origin.content().check(0, &std::fs::read(&finished.path)?), Ok(()));
//! # Ok(())
//! # }
//! ```
//!
//! # Several files, watched and steered
//!
//! What transfers share is handed to each of them: a client, so that they share connections; a [`Pacer`], so that they
//! share a limit; a [`HostBudget`] and a [`MemoryBudget`], so that many of them strain neither the host nor this
//! machine. A [`Reporter`] hears how each one fares, and a [`Handle`] steers it.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use gannet_engine::{
//!     Error, ErrorCode, Event, HostBudget, HttpClient, HttpClientOptions, Pacer, Proxy, Reporter, Request,
//!     Snapshot,
//! };
//! # use gannet_testkit::Origin;
//!
//! #[derive(Default)]
//! struct Progress {
//!     bytes: AtomicU64,
//! }
//!
//! impl Reporter for Progress {
//!     fn snapshot(&self, snapshot: &Snapshot) {
//!         self.bytes.store(snapshot.bytes(), Ordering::Relaxed);
//!     }
//!
//!     fn event(&self, event: &Event) {
//!         if let Event::Retried { reason, .. } = event {
//!             eprintln!("tried again: {reason}");
//!         }
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let origin = Origin::builder().size(3_000_000).start().await?;
//! # let folder = tempfile::tempdir()?;
//! # let downloads = folder.path();
//! # let urls = [origin.url("a.bin"), origin.url("b.bin")];
//! # let sha256 = format!("sha256:{}", origin.content().sha256_hex());
//! let client = HttpClient::new(HttpClientOptions {
//!     proxy: Proxy::Direct,
//!     ..HttpClientOptions::default()
//! })?;
//! let (limit, hosts) = (Pacer::new(Some(50_000_000)), HostBudget::default());
//! let begin = |url: &str, progress: &Arc<Progress>| -> Result<_, Error> {
//!     let request = Request::new(url)?
//!         .directory(downloads)
//!         .connections(8)
//!         .checksum(&sha256)?
//!         .client(client.clone())
//!         .pacer(limit.clone())
//!         .host_budget(hosts.clone());
//!     Ok(request.start(Arc::clone(progress) as Arc<dyn Reporter>))
//! };
//!
//! let progress = Arc::new(Progress::default());
//! let first = begin(&urls[0], &progress)?;
//! let second = begin(&urls[1], &Arc::default())?;
//! let handle = second.handle();
//! handle.set_limit(Some(100_000));
//! first.finished().await?;
//! assert_eq!(progress.bytes.load(Ordering::Relaxed), 3_000_000);
//!
//! // It keeps what came, and another day goes on with it.
//! handle.cancel();
//! let error = second.finished().await.unwrap_err();
//! assert_eq!(error.code(), ErrorCode::Cancelled);
//! begin(&urls[1], &Arc::default())?.finished().await?;
//! # for name in ["a.bin", "b.bin"] {
//! #     assert_eq!(origin.content().check(0, &std::fs::read(downloads.join(name))?), Ok(()));
//! # }
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

mod clock;
mod diagnose;
mod digest;
pub mod disk;
mod error;
pub mod figures;
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
pub use error::{Error, ErrorCode, WhyNotAnew};
pub use filename::{NameError, SafeFileName};
pub use hosts::{HostBudget, HostKnowledge, HostPermit};
pub use http::client::{DesktopProxies, HttpClient, HttpClientOptions, Proxy};
pub use http::cookies::CookieFile;
pub use http::credential_file::{CredentialFileError, MalformedLine};
pub use http::identity::{CHROME as USER_AGENT_CHROME, GANNET as USER_AGENT_GANNET};
pub use http::netrc::{Login, Netrc};
pub use http::redirect::Downgrade;
pub use http::secret::Secret;
pub use http::validator::ValidatorStrength;
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
