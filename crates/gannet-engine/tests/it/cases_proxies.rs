//! Proxies: HTTP for both schemes, with a password, and SOCKS 5.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gannet_engine::{ErrorCode, HttpClient, HttpClientOptions, Proxy};
use gannet_testkit::Origin;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{download_from, paced};

/// A proxy for tests: as small as it can be, and it counts what goes through it.
struct TestProxy {
    address: String,
    passed: Arc<AtomicU64>,
}

#[derive(Clone, Copy)]
enum Speaks {
    /// `CONNECT` for tunnels, else the absolute form; asks for `gannet:dives`.
    Http,
    /// Version 5 without a login, addresses by IPv4 alone.
    Socks,
}

impl TestProxy {
    async fn start(speaks: Speaks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let passed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&passed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let counted = Arc::clone(&counted);
                tokio::spawn(async move {
                    // A broken connection is the clients' affair.
                    let _ = match speaks {
                        Speaks::Http => http(client, &counted).await,
                        Speaks::Socks => socks(client, &counted).await,
                    };
                });
            }
        });
        Self { address, passed }
    }

    fn client(&self, scheme: &str, login: &str, origin: &Origin) -> HttpClient {
        HttpClient::new(HttpClientOptions {
            proxy: Proxy::Url(format!("{scheme}://{login}{}", self.address)),
            authorities_pem: vec![origin.ca_pem().as_bytes().to_vec()],
            ..HttpClientOptions::default()
        })
        .unwrap()
    }
}

async fn http(mut client: TcpStream, passed: &AtomicU64) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    // gannet:dives
    if !head
        .to_ascii_lowercase()
        .contains("proxy-authorization: basic z2fubmv0omrpdmvz")
    {
        let refusal =
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return client.write_all(refusal).await;
    }
    let target = head.split(' ').nth(1).unwrap();
    let mut server = if head.starts_with("CONNECT ") {
        let server = TcpStream::connect(target).await?;
        client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
        server
    } else {
        let authority = target.split('/').nth(2).unwrap();
        let mut server = TcpStream::connect(authority).await?;
        // One request a connection: only the first head is read here.
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(head.as_bytes()).await?;
        server
    };
    passed.fetch_add(1, Ordering::Relaxed);
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn socks(mut client: TcpStream, passed: &AtomicU64) -> std::io::Result<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).await?;
    let mut methods = vec![0; usize::from(greeting[1])];
    client.read_exact(&mut methods).await?;
    client.write_all(&[5, 0]).await?;
    let mut request = [0; 10];
    client.read_exact(&mut request).await?;
    assert_eq!(request[..4], [5, 1, 0, 1], "CONNECT to an IPv4 address");
    let address = [request[4], request[5], request[6], request[7]];
    let port = u16::from_be_bytes([request[8], request[9]]);
    let mut server = TcpStream::connect((std::net::Ipv4Addr::from(address), port)).await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    passed.fetch_add(1, Ordering::Relaxed);
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_whole_through_any_proxy() {
    let origin = paced().tls().start().await.unwrap();
    for (speaks, scheme, login) in [
        (Speaks::Http, "http", "gannet:dives@"),
        (Speaks::Socks, "socks5", ""),
        (Speaks::Socks, "socks5h", ""),
    ] {
        let proxy = TestProxy::start(speaks).await;
        for url in [origin.url("file.bin"), origin.https_url("file.bin")] {
            for connections in [1, 8] {
                let client = proxy.client(scheme, login, &origin);
                let before = proxy.passed.load(Ordering::Relaxed);
                download_from(&url, connections, |request| request.client(client))
                    .await
                    .whole(&origin.content());
                assert!(proxy.passed.load(Ordering::Relaxed) > before, "{scheme} {url}");
            }
        }
    }
    assert_eq!(
        origin.log().headers_seen("proxy-authorization").len() as u64,
        proxied_in_plain(&origin)
    );
}

/// A plain request's proxy login is seen by an origin behind a proxy that passes heads on untouched; through a tunnel
/// it must not be.
fn proxied_in_plain(origin: &Origin) -> u64 {
    let requests = origin.log().requests();
    let plain = |entry: &&gannet_testkit::Entry| {
        entry.scheme == gannet_testkit::Scheme::Http && entry.header("proxy-authorization").is_some()
    };
    requests.iter().filter(plain).count() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_wants_a_login_is_no_file() {
    let origin = paced().tls().start().await.unwrap();
    let proxy = TestProxy::start(Speaks::Http).await;
    let client = proxy.client("http", "gannet:wrong-password@", &origin);
    let error = download_from(&origin.url("file.bin"), 4, |request| request.client(client))
        .await
        .failed(ErrorCode::Refused);
    assert!(!error.to_string().contains("wrong-password"));
    assert_eq!(origin.log().request_count(), 0);
}
