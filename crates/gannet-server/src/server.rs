//! Listening, taking connections, and ending.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use gannet_manager::Manager;
use gannet_schema::SCHEMA_VERSION;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::auth::{Keys, TOKEN_FILE_NAME};
use crate::error::ServeError;
use crate::house::House;
use crate::limits::Limits;
use crate::login::LoginLink;
use crate::routes::routes;
use crate::runtime::{Announcement, Owner};
use crate::site::{Site, Sites};
use crate::time::now_ms;
use crate::window::Bell;

/// Where Gannet listens, where nobody says otherwise.
const PORT: u16 = 6900;
/// After an error in taking a connection (no file descriptors left), so that it does not spin.
const AFTER_ERROR: Duration = Duration::from_millis(100);

/// What a server is to do.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The store's folder: token, sessions and the runtime file lie there too.
    pub data_dir: PathBuf,
    /// The token's file; none is `token` in the data folder.
    pub token_file: Option<PathBuf>,
    /// Names by which the server is known beside those of loopback.
    pub sites: Vec<Site>,
    /// Whether there is a page.
    pub page: Page,
    /// The window that shows the list, where there is one: programs may ask for it.
    pub window: Option<Bell>,
    /// Whatever could be too much.
    pub limits: Limits,
}

/// Whether there is a page at `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// There is.
    Shown,
    /// Another window shows it; only programs come.
    Hidden,
}

impl ServeOptions {
    /// On loopback, with the page.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT),
            data_dir,
            token_file: None,
            sites: Vec::new(),
            page: Page::Shown,
            window: None,
            limits: Limits::default(),
        }
    }
}

/// A server that listens, and is announced in the runtime file.
pub struct Server {
    house: Arc<House>,
    routes: Router,
    listener: TcpListener,
    address: SocketAddr,
    owner: Owner,
    _announcement: Announcement,
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the address is taken, or token and runtime file cannot be written.
    pub async fn bind(manager: Manager, options: ServeOptions) -> Result<Self, ServeError> {
        let listen = |source| ServeError::Listen {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let token_file = options
            .token_file
            .unwrap_or_else(|| options.data_dir.join(TOKEN_FILE_NAME));
        let keys = Keys::open(&options.data_dir, &token_file, address.port(), now_ms())?;
        let owner = Owner {
            url: url(address),
            token_file: std::path::absolute(&token_file).unwrap_or(token_file),
            pid: std::process::id(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: SCHEMA_VERSION,
        };
        let announcement =
            Announcement::make(&options.data_dir, &owner).map_err(|source| ServeError::File {
                path: options.data_dir.clone(),
                source,
            })?;
        let sites = Sites::new(address, &options.sites);
        let house = Arc::new(House::new(manager, keys, sites, options.limits, options.window));
        Ok(Self {
            routes: routes(Arc::clone(&house), options.page),
            house,
            listener,
            address,
            owner,
            _announcement: announcement,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a browser on this machine, without a path.
    pub fn url(&self) -> &str {
        &self.owner.url
    }

    /// The file with the token.
    pub fn token_file(&self) -> &Path {
        &self.owner.token_file
    }

    /// A link that lets one browser in, once, within a minute.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn login_link(&self) -> Result<String, ServeError> {
        Ok(LoginLink::make(&self.house)?.beneath(self.url()))
    }

    /// Serves until `stop` resolves; then says farewell and lets everybody go within [`Limits::farewell`].
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(self.house.limits.connections));
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            let taken = async {
                // Further ones wait with the system until somebody leaves.
                let place = Arc::clone(&places).acquire_owned().await;
                (place, self.listener.accept().await)
            };
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                (place, accepted) = taken => match accepted {
                    Ok((stream, _)) => {
                        let serving = serve(
                            stream,
                            self.routes.clone(),
                            self.house.limits,
                            self.house.closing.subscribe(),
                        );
                        connections.spawn(async move {
                            serving.await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection cannot be taken");
                        tokio::time::sleep(AFTER_ERROR).await;
                    }
                },
            }
        }
        drop(self.listener);
        self.house.closing.send_replace(true);
        let all_end = async { while connections.join_next().await.is_some() {} };
        // Whoever takes longer is cut off.
        let _ = tokio::time::timeout(self.house.limits.farewell, all_end).await;
    }
}

/// Serves one connection to its end, or until it becomes a WebSocket, which has a task and a bound of its own.
async fn serve(stream: TcpStream, routes: Router, limits: Limits, mut closing: watch::Receiver<bool>) {
    // An answer goes out when it is written.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_time));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(routes))
        .with_upgrades();
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = is_true(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Waits until the word is true, or can never be.
pub(crate) async fn is_true(word: &mut watch::Receiver<bool>) {
    // What is borrowed must not be held while others wait.
    drop(word.wait_for(|word| *word).await);
}

/// How a browser on this machine reaches the address.
fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_here_finds_a_server_that_listens_everywhere() {
        let url_of = |text: &str| url(text.parse().unwrap());
        assert_eq!(url_of("0.0.0.0:6900"), "http://127.0.0.1:6900");
        assert_eq!(url_of("[::]:1"), "http://[::1]:1");
        assert_eq!(url_of("192.0.2.7:80"), "http://192.0.2.7:80");
    }
}
