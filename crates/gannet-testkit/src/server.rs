//! The origin itself: ports, connections, and the handle that tests hold.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection;
use crate::content::Content;
use crate::http2;
use crate::log::{Log, NotInTime};
use crate::profile::{Fault, Flapping, Network, Profile, When};
use crate::request::{Request, Scheme};
use crate::respond::Addresses;
use crate::script::Script;
use crate::site::Site;
use crate::tls::{Identity, TlsManners};

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
        OriginBuilder {
            profile: Profile::default(),
            routes: Vec::new(),
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            tls: None,
            manners: TlsManners::default(),
            flapping: None,
            protocols: Protocols::Http1,
            hook: None,
            help: String::new(),
        }
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

/// What an origin will be like.
#[must_use]
pub struct OriginBuilder {
    profile: Profile,
    routes: Vec<(String, Profile)>,
    listen: SocketAddr,
    tls: Option<SocketAddr>,
    manners: TlsManners,
    flapping: Option<Flapping>,
    protocols: Protocols,
    hook: Option<Hook>,
    help: String,
}

/// What an origin speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocols {
    /// HTTP/1.1 alone.
    #[default]
    Http1,
    /// HTTP/2 alone, without TLS by prior knowledge.
    Http2,
    /// By TLS what the client prefers, else HTTP/1.1.
    Both,
}

impl Protocols {
    fn by_tls(self) -> &'static [&'static [u8]] {
        match self {
            Self::Http1 => &[b"http/1.1"],
            Self::Http2 => &[b"h2"],
            Self::Both => &[b"h2", b"http/1.1"],
        }
    }
}

/// Answers a request, by its number from 1, or leaves it to the profile.
type Hook = Box<dyn Fn(&Request, u64) -> Option<Script> + Send + Sync>;

impl OriginBuilder {
    /// Replaces the whole profile.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Changes the profile.
    pub fn with(mut self, change: impl FnOnce(&mut Profile)) -> Self {
        change(&mut self.profile);
        self
    }

    /// Sets the length of the file in bytes.
    pub fn size(self, size_bytes: u64) -> Self {
        self.with(|profile| profile.size_bytes = size_bytes)
    }

    /// Sets what content and chance are made from.
    pub fn seed(self, seed: u64) -> Self {
        self.with(|profile| profile.seed = seed)
    }

    /// Adds a fault.
    pub fn fault(self, when: When, fault: Fault) -> Self {
        self.with(|profile| profile.faults.push((when, fault)))
    }

    /// Sets what each connection gets, in bytes per second.
    pub fn rate_per_connection(self, bytes_per_s: u64) -> Self {
        self.with(|profile| profile.pace.per_connection_bytes_per_s = Some(bytes_per_s))
    }

    /// Sets what all connections get together, in bytes per second.
    pub fn rate_total(self, bytes_per_s: u64) -> Self {
        self.with(|profile| profile.pace.total_bytes_per_s = Some(bytes_per_s))
    }

    /// Answers all paths that begin with `prefix` by another profile, with its own counts. The first that fits wins.
    pub fn route(mut self, prefix: &str, profile: Profile) -> Self {
        self.routes
            .push((format!("/{}", prefix.trim_start_matches('/')), profile));
        self
    }

    /// Listens there instead of on a free port of 127.0.0.1.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Listens on a second port, a free one, by TLS.
    pub fn tls(mut self) -> Self {
        self.tls = Some(SocketAddr::new(self.listen.ip(), 0));
        self
    }

    /// Listens by TLS there.
    pub fn tls_on(mut self, address: SocketAddr) -> Self {
        self.tls = Some(address);
        self
    }

    /// Sets what is shown by TLS, and asked for.
    pub fn tls_manners(mut self, manners: TlsManners) -> Self {
        self.manners = manners;
        self
    }

    /// Sets what is spoken.
    pub fn protocols(mut self, protocols: Protocols) -> Self {
        self.protocols = protocols;
        self
    }

    /// Makes the network come and go.
    pub fn flapping(mut self, flapping: Flapping) -> Self {
        self.flapping = Some(flapping);
        self
    }

    /// Asks `hook` first, with the request and its number, from 1; what it leaves is answered by the profile.
    pub fn on_request(
        mut self,
        hook: impl Fn(&Request, u64) -> Option<Script> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Answers `/` with this text.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = text.into();
        self
    }

    /// Opens the ports.
    ///
    /// # Errors
    /// Where a port cannot be opened, or no certificate made.
    pub async fn start(self) -> std::io::Result<Origin> {
        let plain = TcpListener::bind(self.listen).await?;
        let secure = match self.tls {
            Some(address) => {
                let identity = Identity::generate(self.manners, self.protocols.by_tls());
                let identity = identity.map_err(std::io::Error::other)?;
                Some((TcpListener::bind(address).await?, identity))
            }
            None => None,
        };
        let tls_port = match &secure {
            Some((listener, _)) => Some(listener.local_addr()?.port()),
            None => None,
        };
        let address = plain.local_addr()?;
        let mut sites: Vec<_> = self
            .routes
            .into_iter()
            .map(|(prefix, profile)| Site::new(&prefix, profile))
            .collect();
        sites.push(Site::new("/", self.profile));
        let shared = Arc::new(Shared {
            sites,
            log: Log::new(),
            network: watch::Sender::new(Network::Up),
            protocols: self.protocols,
            hook: self.hook,
            hook_calls: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            plain: address,
            addresses: Addresses {
                plain_port: address.port(),
                tls_port,
            },
            help: self.help,
        });
        let mut tasks = vec![tokio::spawn(accept(plain, None, Arc::clone(&shared)))];
        let ca_pem = secure.as_ref().map(|(_, identity)| identity.ca_pem.clone());
        let client_pem = secure.as_ref().map(|(_, identity)| identity.client_pem.clone());
        if let Some((listener, identity)) = secure {
            tasks.push(tokio::spawn(accept(
                listener,
                Some(identity),
                Arc::clone(&shared),
            )));
        }
        if let Some(flapping) = self.flapping {
            tasks.push(tokio::spawn(flap(flapping, Arc::clone(&shared))));
        }
        Ok(Origin {
            shared,
            ca_pem,
            client_pem,
            tasks,
        })
    }
}

/// What all connections of an origin share.
pub(crate) struct Shared {
    /// The last one answers everything.
    sites: Vec<Site>,
    pub(crate) log: Log,
    pub(crate) network: watch::Sender<Network>,
    protocols: Protocols,
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
    let Some(identity) = identity else {
        return match shared.protocols {
            Protocols::Http2 => serve_http2(socket, &shared, connection, Scheme::Http).await,
            Protocols::Http1 | Protocols::Both => {
                connection::run(socket, &shared, connection, Scheme::Http).await;
            }
        };
    };
    match identity.acceptor_of(connection).accept(socket).await {
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
