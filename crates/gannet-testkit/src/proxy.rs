//! A proxy for tests: as small as it can be, and it counts what goes through it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::server::Protocols;
use crate::tls::{Identity, TlsManners};

/// What a [`TestProxy`] speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySpeaks {
    /// HTTP: `CONNECT` for tunnels, else the absolute form, one request a connection.
    Http,
    /// The same by TLS.
    Https,
    /// SOCKS 5 without a login, addresses by IPv4 alone.
    Socks5,
}

/// A running proxy. It takes no more connections once it is dropped.
#[derive(Debug)]
pub struct TestProxy {
    address: SocketAddr,
    speaks: ProxySpeaks,
    ca_pem: Option<String>,
    passed: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl TestProxy {
    /// Opens a free port of 127.0.0.1. With `login` (`name:password`) it lets nobody else through, where it speaks HTTP.
    ///
    /// # Errors
    /// Where the port cannot be opened, or no certificate made.
    pub async fn start(speaks: ProxySpeaks, login: Option<&str>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let identity = match speaks {
            ProxySpeaks::Https => {
                let identity = Identity::generate(TlsManners::default());
                Some(identity.map_err(io::Error::other)?)
            }
            ProxySpeaks::Http | ProxySpeaks::Socks5 => None,
        };
        let ca_pem = identity.as_ref().map(|identity| identity.ca_pem.clone());
        let passed = Arc::new(AtomicU64::new(0));
        let pass = Pass {
            expected: login.map(|login| format!("proxy-authorization: basic {}", BASE64.encode(login))),
            passed: Arc::clone(&passed),
        };
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (pass, identity) = (pass.clone(), identity.clone());
                tokio::spawn(async move {
                    let ended = match identity {
                        _ if speaks == ProxySpeaks::Socks5 => socks(client, &pass).await,
                        None => http(client, &pass).await,
                        Some(identity) => match identity
                            .acceptor_of(1, Protocols::Http1.by_tls())
                            .accept(client)
                            .await
                        {
                            Ok(client) => http(client, &pass).await,
                            Err(error) => Err(error),
                        },
                    };
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection through the proxy ended");
                    }
                });
            }
        });
        Ok(Self {
            address,
            speaks,
            ca_pem,
            passed,
            accepting,
        })
    }

    /// Its address, with `login` (`name:password`) in it unless that is empty.
    pub fn url(&self, login: &str) -> String {
        let scheme = match self.speaks {
            ProxySpeaks::Http => "http",
            ProxySpeaks::Https => "https",
            ProxySpeaks::Socks5 => "socks5",
        };
        let at = if login.is_empty() { "" } else { "@" };
        format!("{scheme}://{login}{at}{}", self.address)
    }

    /// The certificate to trust for a proxy by TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// How many connections were let through.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

impl Drop for TestProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Whom to let through, and how many were.
#[derive(Clone)]
struct Pass {
    /// The field of the request's head, but for the case.
    expected: Option<String>,
    passed: Arc<AtomicU64>,
}

const HEAD_BYTES_MAX: usize = 64 << 10;

async fn http(mut client: impl AsyncRead + AsyncWrite + Unpin, pass: &Pass) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let bears = |expected: &String| head.lines().any(|line| line.eq_ignore_ascii_case(expected));
    if !pass.expected.as_ref().is_none_or(bears) {
        let refusal =
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        client.write_all(refusal).await?;
        return client.shutdown().await;
    }
    let target = head.split(' ').nth(1).unwrap_or_default();
    let mut server = if head.starts_with("CONNECT ") {
        let server = TcpStream::connect(target).await?;
        client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
        server
    } else {
        let authority = target.split('/').nth(2).unwrap_or_default();
        let mut server = TcpStream::connect(authority).await?;
        // One request a connection: only the first head is read here.
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(head.as_bytes()).await?;
        server
    };
    pass.passed.fetch_add(1, Ordering::Relaxed);
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn socks(mut client: TcpStream, pass: &Pass) -> io::Result<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).await?;
    let mut methods = vec![0; usize::from(greeting[1])];
    client.read_exact(&mut methods).await?;
    client.write_all(&[5, 0]).await?;
    let mut request = [0; 10];
    client.read_exact(&mut request).await?;
    if request[..4] != [5, 1, 0, 1] {
        return Err(io::Error::other("not CONNECT to an IPv4 address"));
    }
    let address = [request[4], request[5], request[6], request[7]];
    let port = u16::from_be_bytes([request[8], request[9]]);
    let mut server = TcpStream::connect((Ipv4Addr::from(address), port)).await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    pass.passed.fetch_add(1, Ordering::Relaxed);
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
