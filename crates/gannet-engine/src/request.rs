//! What to download, from where, to where, and how: the builder of a transfer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::digest::Digest;
use crate::disk::storage::Directory;
use crate::error::Error;
use crate::filename::SafeFileName;
use crate::hosts::HostBudget;
use crate::http::client::HttpClient;
use crate::http::cookies::CookieFile;
use crate::http::redirect::Downgrade;
use crate::http::secret::Secret;
use crate::pace::Pacer;
use crate::range::ByteRange;
use crate::verify::PieceDigests;

/// Connections at once, where the request does not say: the seed of all speed.
pub const CONNECTIONS_DEFAULT: u32 = 32;
/// The most connections that one transfer may ask for.
pub const CONNECTIONS_MAX: u32 = 64;
/// What a budget of memory holds at least, in bytes: with less, a large piece could wait for room for ever.
const MEMORY_MIN_BYTES: usize = 2 << 20;

/// A transfer to be: one file, its sources and how to fetch it.
///
/// ```
/// use gannet_engine::Request;
///
/// let request = Request::new("https://example.com/large.iso")?
///     .directory("/tmp")
///     .connections(16)
///     .checksum("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")?;
/// # Ok::<(), gannet_engine::Error>(())
/// ```
#[derive(Clone)]
pub struct Request {
    pub(crate) url: Url,
    pub(crate) mirrors: Vec<Url>,
    pub(crate) directory: Place,
    pub(crate) file_name: Option<SafeFileName>,
    pub(crate) connections: u32,
    pub(crate) digests: Vec<Digest>,
    pub(crate) pieces: Option<PieceDigests>,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) cookies: Option<CookieFile>,
    pub(crate) retry_for: Duration,
    pub(crate) network_wait: Option<Duration>,
    pub(crate) on_existing: OnExisting,
    pub(crate) on_change: OnChange,
    pub(crate) downgrade: Downgrade,
    pub(crate) resume: Resume,
    pub(crate) order: Order,
    pub(crate) pacers: Vec<Pacer>,
    pub(crate) hosts: HostBudget,
    pub(crate) memory: MemoryBudget,
    pub(crate) client: Option<HttpClient>,
    pub(crate) report_every: Duration,
}

/// Where the target lies.
#[derive(Clone)]
pub(crate) enum Place {
    Path(PathBuf),
    Storage(Arc<dyn Directory>),
}

/// Who asks. Sent to the request's own origin only.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// RFC 7617.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// RFC 6750.
    Bearer(Secret),
}

/// What to do where a file bears the target's name already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnExisting {
    /// Take the next free name: `NAME (1)`, as browsers do.
    #[default]
    Rename,
    /// Replace it, at the very end and atomically.
    Overwrite,
    /// Leave it and finish at once.
    Skip,
    /// Fail with [`crate::ErrorCode::TargetExists`].
    Fail,
}

/// What to do when the file on the server is proven to be another one than that begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnChange {
    /// Start from the first byte: what is held can no longer be completed.
    #[default]
    Restart,
    /// Fail with [`crate::ErrorCode::Changed`] and keep what is held.
    Fail,
}

/// What to do with what an earlier run left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// Go on from it, where the server still has that file.
    #[default]
    Continue,
    /// Drop it.
    StartOver,
}

/// In which order the bytes are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What ends soonest.
    #[default]
    Fastest,
    /// As ascending as many connections allow, for watching while it arrives.
    Sequential,
}

impl Request {
    /// A request for the file at `url` (http or https), with defaults for everything else.
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self {
            url: parse_url(url)?,
            mirrors: Vec::new(),
            directory: Place::Path(PathBuf::from(".")),
            file_name: None,
            connections: CONNECTIONS_DEFAULT,
            digests: Vec::new(),
            pieces: None,
            headers: HeaderMap::new(),
            credentials: None,
            cookies: None,
            retry_for: Duration::from_mins(1),
            network_wait: Some(Duration::from_mins(10)),
            on_existing: OnExisting::default(),
            on_change: OnChange::default(),
            downgrade: Downgrade::Refuse,
            resume: Resume::default(),
            order: Order::default(),
            pacers: Vec::new(),
            hosts: HostBudget::default(),
            memory: MemoryBudget::default(),
            client: None,
            report_every: Duration::from_millis(250),
        })
    }

    /// The folder for the file; made where it is missing. The current one by default.
    #[must_use]
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Place::Path(path.into());
        self
    }

    /// Puts another disk beneath the transfer, for tests and benchmarks.
    #[must_use]
    pub fn storage(mut self, directory: Arc<dyn Directory>) -> Self {
        self.directory = Place::Storage(directory);
        self
    }

    /// The file's name, instead of the one the server or the URL gives. It is kept as it is, or refused where this system
    /// does not allow it.
    pub fn file_name(mut self, name: &str) -> Result<Self, Error> {
        let name = SafeFileName::chosen(name).map_err(|reason| Error::InvalidRequest {
            what: format!("{name:?} is no name for a file: {reason}"),
        })?;
        self.file_name = Some(name);
        Ok(self)
    }

    /// At most this many connections at once, 1 to [`CONNECTIONS_MAX`].
    #[must_use]
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = connections.clamp(1, CONNECTIONS_MAX);
        self
    }

    /// Another address of the same file.
    pub fn mirror(mut self, url: &str) -> Result<Self, Error> {
        self.mirrors.push(parse_url(url)?);
        Ok(self)
    }

    /// The digest that the finished file must have, as `ALGORITHM:HEX` (`sha256`, `sha512`, `sha1`, `md5`,
    /// `blake3`, `crc32c`). Several may be given; all must agree.
    pub fn checksum(mut self, digest: &str) -> Result<Self, Error> {
        let digest = digest.parse().map_err(|reason| Error::InvalidRequest {
            what: format!("checksum {digest:?}: {reason}"),
        })?;
        self.digests.push(digest);
        Ok(self)
    }

    /// Digests of the file's pieces (Metalink, RFC 5854): a bad piece is fetched again from another source.
    #[must_use]
    pub fn piece_digests(mut self, pieces: PieceDigests) -> Self {
        self.pieces = Some(pieces);
        self
    }

    /// What to say of a piece that came so often, and was never what its digest says.
    pub(crate) fn wrong_piece(&self, range: ByteRange, times: u32) -> Error {
        let digest = self.pieces.as_ref().and_then(|pieces| pieces.of(range.start()));
        let (algorithm, expected) = digest.map_or_else(Default::default, |digest| {
            (digest.algorithm().to_string(), digest.to_hex())
        });
        Error::Integrity {
            digest: format!(
                "the {algorithm} given for bytes {}–{}",
                range.start(),
                range.end() - 1
            ),
            expected,
            actual: format!("another one, {times} times"),
            set_aside: None,
        }
    }

    /// A header for the request's own origin. It never reaches another one.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let invalid = |()| Error::InvalidRequest {
            what: format!("header {name:?} is not a valid header"),
        };
        let name_parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(()))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| invalid(()))?;
        if is_ours(&name_parsed) {
            return Err(Error::InvalidRequest {
                what: format!("header {name:?} is set by the transfer itself and cannot be chosen"),
            });
        }
        value.set_sensitive(true);
        self.headers.append(name_parsed, value);
        Ok(self)
    }

    /// The page that the link was found on.
    pub fn referer(self, url: &str) -> Result<Self, Error> {
        self.header("referer", url)
    }

    /// Who asks.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Cookies, each for its own domain.
    #[must_use]
    pub fn cookies(mut self, cookies: CookieFile) -> Self {
        self.cookies = Some(cookies);
        self
    }

    /// How long to go on when no source delivers a byte. 60 s by default. Waits that the server ordered,
    /// pauses, limits and a missing network do not count.
    #[must_use]
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.retry_for = time;
        self
    }

    /// How long to wait for a missing network; `None` is for ever. 10 minutes by default.
    #[must_use]
    pub fn network_wait(mut self, time: Option<Duration>) -> Self {
        self.network_wait = time;
        self
    }

    /// What to do where the target's name is taken.
    #[must_use]
    pub fn on_existing(mut self, choice: OnExisting) -> Self {
        self.on_existing = choice;
        self
    }

    /// What to do when the file is proven to have changed.
    #[must_use]
    pub fn on_change(mut self, choice: OnChange) -> Self {
        self.on_change = choice;
        self
    }

    /// Whether a redirect may lead from https to http.
    #[must_use]
    pub fn downgrade(mut self, choice: Downgrade) -> Self {
        self.downgrade = choice;
        self
    }

    /// What to do with what an earlier run left.
    #[must_use]
    pub fn resume(mut self, choice: Resume) -> Self {
        self.resume = choice;
        self
    }

    /// In which order the bytes are fetched.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Adds a limit on the byte rate. Share one over several transfers to limit their sum.
    #[must_use]
    pub fn pacer(mut self, pacer: Pacer) -> Self {
        self.pacers.push(pacer);
        self
    }

    /// The budget of connections per host, shared with other transfers.
    #[must_use]
    pub fn host_budget(mut self, hosts: HostBudget) -> Self {
        self.hosts = hosts;
        self
    }

    /// The budget of bytes in memory, shared with other transfers.
    #[must_use]
    pub fn memory_budget(mut self, memory: MemoryBudget) -> Self {
        self.memory = memory;
        self
    }

    /// The client to ask with: proxy, certificates, identity. Share one, and idle connections are shared too.
    #[must_use]
    pub fn client(mut self, client: HttpClient) -> Self {
        self.client = Some(client);
        self
    }

    /// How often the reporter gets a snapshot. 250 ms by default.
    #[must_use]
    pub fn report_every(mut self, interval: Duration) -> Self {
        self.report_every = interval.max(Duration::from_millis(20));
        self
    }
}

/// Bytes between network and disk that all transfers of a process may hold together.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    pub(crate) bytes: Arc<tokio::sync::Semaphore>,
}

impl MemoryBudget {
    /// At most `bytes` for all transfers that share it; at least 2 MiB, of which one piece from the network may take
    /// most.
    pub fn new(bytes: usize) -> Self {
        let bytes = bytes.clamp(MEMORY_MIN_BYTES, tokio::sync::Semaphore::MAX_PERMITS);
        Self {
            bytes: Arc::new(tokio::sync::Semaphore::new(bytes)),
        }
    }
}

impl Default for MemoryBudget {
    /// 64 MiB.
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

/// Parses an http or https URL.
pub(crate) fn parse_url(text: &str) -> Result<Url, Error> {
    let invalid = |what: String| Error::InvalidRequest { what };
    let text = text.trim();
    if !text.contains("://") {
        // What may hold a name and password, or a token, is not repeated.
        let shown = if text.contains(['@', '?', '#', ' ']) || text.is_empty() {
            "https:// before the address"
        } else {
            &format!("https://{text}")
        };
        return Err(invalid(format!("the address lacks its scheme: write {shown}")));
    }
    let url = Url::parse(text).map_err(|reason| invalid(format!("not a URL: {reason}")))?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(url),
        "http" | "https" => Err(invalid("the URL names no host".to_owned())),
        scheme => Err(invalid(format!(
            "{scheme}: addresses are not supported; http and https are"
        ))),
    }
}

/// Headers that decide whether bytes fit together: nobody else sets them.
fn is_ours(name: &HeaderName) -> bool {
    use http::header as h;
    [
        h::RANGE,
        h::IF_RANGE,
        h::ACCEPT_ENCODING,
        h::HOST,
        h::CONTENT_LENGTH,
        h::TRANSFER_ENCODING,
        h::CONNECTION,
        h::IF_MATCH,
        h::IF_NONE_MATCH,
        h::IF_MODIFIED_SINCE,
        h::IF_UNMODIFIED_SINCE,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_told_so_and_its_secrets_are_not_repeated() {
        let said = |text: &str| parse_url(text).unwrap_err().to_string();
        assert!(said("example.com/file").contains("write https://example.com/file"));
        assert!(said("localhost:8080/file").contains("write https://localhost:8080/file"));
        for text in ["ann:hunter2@example.com/file", "example.com/file?token=hunter2"] {
            assert!(!said(text).contains("hunter2"));
        }
        assert!(said("ftp://example.com/file").contains("ftp: addresses are not supported"));
    }
}
