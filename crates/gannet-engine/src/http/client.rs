//! The HTTP client that transfers share: one pool of connections, three degrees of trust.
//!
//! HTTP/1.1 always, so that each worker has a TCP connection of its own; HTTP/2 only for hosts that were found to
//! offer nothing else. Redirects are followed by [`super::source`], which knows what may come along.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::Url;

use super::identity;
use super::proxy::ProxyInUse;
pub use super::proxy::{DesktopProxies, Proxy};
use super::route;
use super::trust;
use crate::error::Error;

/// Idle connections kept to one host: as many as one transfer may have.
const IDLE_MAX: usize = crate::request::CONNECTIONS_MAX as usize;
/// An idle connection is closed after this: most servers close theirs at about the same age.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);
/// How often a connection without traffic is probed, so that a dead line is noticed.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// How transfers reach the network. Clones share connections.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

/// What an [`HttpClient`] is made of.
#[derive(Clone)]
pub struct HttpClientOptions {
    /// Through which proxy.
    pub proxy: Proxy,
    /// Certificates to trust beside the system's, as PEM files: those of authorities, or a server's own.
    pub authorities_pem: Vec<Vec<u8>>,
    /// A certificate chain with its private key, as one PEM file, for servers that ask for it.
    pub client_certificate_pem: Option<Vec<u8>>,
    /// Hosts whose certificates are not checked.
    pub insecure_hosts: Vec<String>,
    /// Addresses of hosts, each with its port, that are used instead of asking the system's resolver, in this order.
    pub host_addresses: Vec<(String, Vec<SocketAddr>)>,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// The `User-Agent`.
    pub user_agent: String,
    /// Whether this machine has a network. Asked where a host cannot be reached: with a network that is this host's
    /// failure, without one it is nobody's. By default the system's routing table answers.
    pub has_network: fn() -> bool,
    /// The wall clock. Read once for each address of a transfer; from then on its dates go by the time that passes.
    pub wall_clock: fn() -> SystemTime,
}

impl Default for HttpClientOptions {
    fn default() -> Self {
        Self {
            proxy: Proxy::default(),
            authorities_pem: Vec::new(),
            client_certificate_pem: None,
            insecure_hosts: Vec::new(),
            host_addresses: Vec::new(),
            connect_timeout: Duration::from_secs(15),
            user_agent: identity::CHROME.to_owned(),
            has_network: route::has_way_out,
            wall_clock: SystemTime::now,
        }
    }
}

struct Inner {
    options: HttpClientOptions,
    /// Made when first needed: reading the system's certificates takes longer than a small download.
    clients: [OnceLock<reqwest::Client>; KINDS],
    /// Hosts that were last found to offer HTTP/2 alone.
    only_http2: Mutex<HashSet<String>>,
}

/// Which of the clients a URL needs.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Verified,
    VerifiedHttp2,
    Insecure,
    InsecureHttp2,
}

const KINDS: usize = 5;

/// What a client of some kind speaks.
#[derive(Clone, Copy)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Http1 => Self::Http2,
            Self::Http2 => Self::Http1,
        }
    }
}

impl Kind {
    fn protocol(self) -> Protocol {
        match self {
            Self::Plain | Self::Verified | Self::Insecure => Protocol::Http1,
            Self::VerifiedHttp2 | Self::InsecureHttp2 => Protocol::Http2,
        }
    }
}

impl HttpClient {
    /// A client with these options.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] where a certificate, a key or the proxy's address cannot be read.
    pub fn new(options: HttpClientOptions) -> Result<Self, Error> {
        // What the user gave is checked now, not when the first connection needs it.
        parse_authorities(&options)?;
        parse_client_certificate(&options)?;
        options.proxy.choose()?;
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                clients: Default::default(),
                only_http2: Mutex::default(),
            }),
        })
    }

    /// The client for `url` that speaks this.
    pub(super) fn speaking(&self, protocol: Protocol, url: &Url) -> Result<&reqwest::Client, Error> {
        let kind = self.kind_for(url, protocol);
        let slot = &self.inner.clients[kind as usize];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = build(&self.inner.options, kind)?;
        Ok(slot.get_or_init(|| client))
    }

    /// The `User-Agent` to send.
    pub(crate) fn user_agent(&self) -> &str {
        &self.inner.options.user_agent
    }

    /// How long a connection may take to come about.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.inner.options.connect_timeout
    }

    /// What the wall clock shows.
    pub(super) fn wall_now(&self) -> SystemTime {
        (self.inner.options.wall_clock)()
    }

    /// Whether this machine has a network.
    pub(super) fn has_network(&self) -> bool {
        (self.inner.options.has_network)()
    }

    /// Whether requests for `url` go through a proxy, whoever named it.
    pub(crate) fn goes_through_proxy(&self, url: &Url) -> bool {
        self.proxy_for(url).is_some()
    }

    /// The proxy that requests for `url` go through.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<ProxyInUse> {
        self.inner.options.proxy.in_use_for(url)
    }

    /// What the host of `url` is asked in, as far as is known.
    pub(super) fn spoken_at(&self, url: &Url) -> Protocol {
        if self.only_http2().contains(&authority(url)) {
            Protocol::Http2
        } else {
            Protocol::Http1
        }
    }

    /// The host of `url` does not speak this: from now on it is asked in the other one, until it does not speak that. Its
    /// nodes may differ, and it may be another host on another day.
    pub(super) fn note_not_spoken(&self, protocol: Protocol, url: &Url) {
        match protocol {
            Protocol::Http1 => self.only_http2().insert(authority(url)),
            Protocol::Http2 => self.only_http2().remove(&authority(url)),
        };
    }

    fn only_http2(&self) -> MutexGuard<'_, HashSet<String>> {
        let hosts = self.inner.only_http2.lock();
        hosts.unwrap_or_else(PoisonError::into_inner)
    }

    fn kind_for(&self, url: &Url, protocol: Protocol) -> Kind {
        if url.scheme() != "https" {
            return Kind::Plain;
        }
        let host = url.host_str().unwrap_or_default();
        let insecure = &self.inner.options.insecure_hosts;
        let is_insecure = insecure.iter().any(|named| named.eq_ignore_ascii_case(host));
        match (is_insecure, protocol) {
            (false, Protocol::Http1) => Kind::Verified,
            (false, Protocol::Http2) => Kind::VerifiedHttp2,
            (true, Protocol::Http1) => Kind::Insecure,
            (true, Protocol::Http2) => Kind::InsecureHttp2,
        }
    }
}

/// `host:port`, by which hosts are told apart.
pub(crate) fn authority(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(0)
    )
}

fn build(options: &HttpClientOptions, kind: Kind) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE)
        .pool_max_idle_per_host(IDLE_MAX)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tls_backend_preconfigured(tls_config(options, kind)?);
    let builder = match kind.protocol() {
        Protocol::Http2 => builder.http2_adaptive_window(true),
        Protocol::Http1 => builder.http1_only(),
    };
    let builder = options
        .host_addresses
        .iter()
        .fold(builder, |builder, (host, addresses)| {
            builder.resolve_to_addrs(host, addresses)
        });
    options
        .proxy
        .apply_to(builder)?
        .build()
        .map_err(|error| Error::Internal(format!("no HTTP client: {error}")))
}

fn tls_config(options: &HttpClientOptions, kind: Kind) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Internal(format!("no TLS: {error}")))?;
    let builder = match kind {
        // Only a proxy can want TLS here.
        Kind::Plain => builder
            .dangerous()
            .with_custom_certificate_verifier(trust::verifier_when_needed(
                parse_authorities(options)?,
                provider,
            )),
        Kind::Insecure | Kind::InsecureHttp2 => builder
            .dangerous()
            .with_custom_certificate_verifier(trust::nothing_checked(provider)),
        Kind::Verified | Kind::VerifiedHttp2 => builder
            .dangerous()
            .with_custom_certificate_verifier(trust::verifier(parse_authorities(options)?, provider)?),
    };
    let mut config = match parse_client_certificate(options)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| invalid(&format!("the client certificate cannot be used: {error}")))?,
        None => builder.with_no_client_auth(),
    };
    // Said aloud, or a host that speaks HTTP/2 alone would answer in it unasked instead of turning us away.
    config.alpn_protocols = vec![match kind.protocol() {
        Protocol::Http1 => b"http/1.1".to_vec(),
        Protocol::Http2 => b"h2".to_vec(),
    }];
    Ok(config)
}

fn parse_authorities(options: &HttpClientOptions) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut certificates = Vec::new();
    for file in &options.authorities_pem {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(file) {
            certificates
                .push(certificate.map_err(|error| invalid(&format!("not a certificate in PEM: {error}")))?);
        }
        if certificates.len() == before {
            return Err(invalid(
                "the file of certificate authorities holds no certificate in PEM",
            ));
        }
    }
    Ok(certificates)
}

type CertificateAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn parse_client_certificate(options: &HttpClientOptions) -> Result<Option<CertificateAndKey>, Error> {
    let Some(file) = &options.client_certificate_pem else {
        return Ok(None);
    };
    let chain = CertificateDer::pem_slice_iter(file)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| invalid(&format!("the client certificate is not PEM: {error}")))?;
    let key = PrivateKeyDer::from_pem_slice(file).map_err(|error| {
        invalid(&format!(
            "the client certificate's file holds no private key: {error}"
        ))
    })?;
    if chain.is_empty() {
        return Err(invalid("the client certificate's file holds no certificate"));
    }
    Ok(Some((chain, key)))
}

pub(super) fn invalid(what: &str) -> Error {
    Error::InvalidRequest {
        what: what.to_owned(),
    }
}
