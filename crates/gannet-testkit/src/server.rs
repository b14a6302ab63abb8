//! The origin itself: ports, connections, and the handle that tests hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

mod builder;

use builder::Hook;
pub use builder::{OriginBuilder, Protocols};

use crate::connection;
use crate::content::Content;
use crate::http2;
use crate::log::{Log, NotInTime};
use crate::profile::{Flapping, Network};
use crate::request::{Request, Scheme};
use crate::respond::Addresses;
use crate::script::Script;
use crate::site::Site;
use crate::tls::Identity;

/// A running origin. It stops, with all its connections, when it is dropped.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use gannet_testkit::{Fault, Origin, When};
///
/// let origin = Origin::builder()
///     .size(10_000_000)
///     .fault(When::Every(6), Fault::SilentAfterHeaders)
///     .on_request(|request, number| (number == 3).then(|| gannet_testkit::Script::new(500)))
///     .start()
///     .await?;
/// let url = origin.url("file.bin");
/// assert!(url.starts_with("http://127.0.0.1:"));
/// // … let something fetch it, then ask what was seen:
/// assert_eq!(origin.log().request_count(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Origin {
    shared: Arc<Shared>,
    ca_pem: Option<String>,
    client_pem: Option<String>,
    tasks: Vec<JoinHandle<()>>,
}

impl Origin {
    /// A right and fast origin with a file of 1 MiB, to be made worse.
    pub fn builder() -> OriginBuilder {
        OriginBuilder::new()
    }

    /// The address of a path on the plain port.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{}", self.address(), path.trim_start_matches('/'))
    }

    /// The address of a path on the TLS port.
    ///
    /// # Panics
    /// Where the origin was started without TLS.
    pub fn https_url(&self, path: &str) -> String {
        let port = self
            .shared
            .addresses
            .tls_port
            .expect("the origin was started with TLS");
        let host = self.shared.plain.ip();
        format!(
            "https://{}/{}",
            SocketAddr::new(host, port),
            path.trim_start_matches('/')
        )
    }

    /// The plain port.
    pub fn address(&self) -> SocketAddr {
        self.shared.plain
    }

    /// The certificate to trust for the TLS port.
    ///
    /// # Panics
    /// Where the origin was started without TLS.
    pub fn ca_pem(&self) -> &str {
        self.ca_pem.as_deref().expect("the origin was started with TLS")
    }

    /// A client's certificate and key, of the authority that the origin asks for.
    ///
    /// # Panics
    /// Where the origin was started without TLS.
    pub fn client_pem(&self) -> &str {
        let pem = self.client_pem.as_deref();
        pem.expect("the origin was started with TLS")
    }

    /// What was seen.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// [`Log::wait_until`], for at most 30 s.
    ///
    /// # Errors
    /// Where the condition does not hold by then.
    pub async fn wait_until(&self, condition: impl Fn(&Log) -> bool) -> Result<(), NotInTime> {
        self.log().wait_until(Duration::from_secs(30), condition).await
    }

    /// The bytes of the first version of the file.
    pub fn content(&self) -> Content {
        self.content_of(1)
    }

    /// The bytes of a version of the file, counted from 1.
    pub fn content_of(&self, version: u64) -> Content {
        self.shared.default_site().content(version)
    }

    /// From now on the file is this version, counted from 1, with its own bytes and validators.
    pub fn set_version(&self, version: u64) {
        for site in &self.shared.sites {
            site.set_version(version);
        }
    }

    /// From now on the file has this length.
    pub fn set_size(&self, size_bytes: u64) {
        self.shared.default_site().set_size(size_bytes);
    }

    /// From now on the network is like this.
    pub fn set_network(&self, network: Network) {
        self.shared.network.send_replace(network);
    }

    /// From now on this is spoken on new connections.
    pub fn set_protocols(&self, protocols: Protocols) {
        self.shared.protocols.send_replace(protocols);
    }

    /// How many answers there were, refusals and redirects apart.
    pub fn answers(&self) -> u64 {
        self.shared.sites.iter().map(Site::answers).sum()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What all connections of an origin share.
pub(crate) struct Shared {
    /// The last one answers everything.
    sites: Vec<Site>,
    pub(crate) log: Log,
    pub(crate) network: watch::Sender<Network>,
    protocols: watch::Sender<Protocols>,
    hook: Option<Hook>,
    hook_calls: AtomicU64,
    connections: AtomicU64,
    plain: SocketAddr,
    pub(crate) addresses: Addresses,
    help: String,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("plain", &self.plain)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn site(&self, path: &str) -> &Site {
        self.sites
            .iter()
            .find(|site| path.starts_with(&site.prefix))
            .unwrap_or_else(|| self.default_site())
    }

    fn default_site(&self) -> &Site {
        self.sites.last().expect("an origin has a default site")
    }

    /// What the test's hook says to a request.
    pub(crate) fn scripted(&self, request: &Request) -> Option<Script> {
        let hook = self.hook.as_ref()?;
        hook(request, self.hook_calls.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// The answer to a question to the origin itself, which is not logged.
    pub(crate) fn question(&self, request: &Request) -> Option<Script> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/.log") => {
                let json = serde_json::to_vec(&self.log.summary()).expect("numbers become JSON");
                Some(
                    Script::new(200)
                        .header("Content-Type", "application/json")
                        .bytes(json),
                )
            }
            ("POST", "/.reset") => {
                self.log.clear();
                // Whoever comes next meets what the first one met: every n-th is counted anew.
                self.connections.store(0, Ordering::SeqCst);
                self.sites.iter().for_each(Site::count_anew);
                Some(Script::new(204))
            }
            ("GET", "/") if !self.help.is_empty() => Some(Script::text(200, &self.help)),
            _ => None,
        }
    }
}

async fn accept(listener: TcpListener, identity: Option<Identity>, shared: Arc<Shared>) {
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    let connection = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                    connections.spawn(serve(socket, identity.clone(), Arc::clone(&shared), connection));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Most likely out of descriptors, which passes only as connections end.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(socket: TcpStream, identity: Option<Identity>, shared: Arc<Shared>, connection: u64) {
    let _open = Open::count(&shared.log);
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not to be had");
    }
    if *shared.network.borrow() == Network::Reset {
        connection::reset(&socket);
        return;
    }
    let protocols = *shared.protocols.borrow();
    let Some(identity) = identity else {
        return match protocols {
            Protocols::Http2 => serve_http2(socket, &shared, connection, Scheme::Http).await,
            Protocols::Http1 | Protocols::Both => {
                connection::run(socket, &shared, connection, Scheme::Http).await;
            }
        };
    };
    let acceptor = identity.acceptor_of(connection, protocols.by_tls());
    match acceptor.accept(socket).await {
        Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
            serve_http2(stream, &shared, connection, Scheme::Https).await;
        }
        Ok(stream) => connection::run(stream, &shared, connection, Scheme::Https).await,
        Err(error) => tracing::debug!(%error, connection, "the TLS handshake failed"),
    }
}

async fn serve_http2(
    stream: impl connection::Transport,
    shared: &Arc<Shared>,
    connection: u64,
    scheme: Scheme,
) {
    let mut network = shared.network.subscribe();
    // Reset or not, the connection ends with this.
    tokio::select! {
        ended = http2::run(stream, shared, connection, scheme) => if let Err(error) = ended {
            tracing::debug!(%error, connection, "an HTTP/2 connection ended");
        },
        _ = network.wait_for(|network| *network == Network::Reset) => {}
    }
}

/// A connection in the log's count of open ones.
struct Open<'a>(&'a Log);

impl<'a> Open<'a> {
    fn count(log: &'a Log) -> Self {
        log.opened();
        Self(log)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.closed();
    }
}

async fn flap(flapping: Flapping, shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(flapping.up).await;
        shared.network.send_replace(flapping.meanwhile);
        tokio::time::sleep(flapping.down).await;
        shared.network.send_replace(Network::Up);
    }
}
