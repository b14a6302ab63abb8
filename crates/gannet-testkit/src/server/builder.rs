//! What an origin will be like, before it is started.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Origin, Shared, accept, flap};
use crate::log::Log;
use crate::profile::{Fault, Flapping, Network, Profile, When};
use crate::request::Request;
use crate::respond::Addresses;
use crate::script::Script;
use crate::site::Site;
use crate::tls::{Identity, TlsManners};

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
    pub(crate) fn by_tls(self) -> &'static [&'static [u8]] {
        match self {
            Self::Http1 => &[b"http/1.1"],
            Self::Http2 => &[b"h2"],
            Self::Both => &[b"h2", b"http/1.1"],
        }
    }
}

/// Answers a request, by its number from 1, or leaves it to the profile.
pub(super) type Hook = Box<dyn Fn(&Request, u64) -> Option<Script> + Send + Sync>;

impl OriginBuilder {
    pub(super) fn new() -> Self {
        Self {
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
                let identity = Identity::generate(self.manners);
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
            protocols: watch::Sender::new(self.protocols),
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
