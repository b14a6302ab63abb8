//! Ways to the server: proxies by HTTP, by TLS and by SOCKS 5, and hosts with several addresses.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use gannet_engine::{ErrorCode, HttpClient, HttpClientOptions, Proxy};
use gannet_testkit::{Entry, Origin, ProxySpeaks, Scheme, TestProxy};

use crate::support::{direct, download_from, paced};

fn through(proxy: &TestProxy, url: String, origin: &Origin) -> HttpClient {
    let authorities = [Some(origin.ca_pem()), proxy.ca_pem()];
    HttpClient::new(HttpClientOptions {
        proxy: Proxy::Url(url),
        authorities_pem: authorities
            .into_iter()
            .flatten()
            .map(|pem| pem.as_bytes().to_vec())
            .collect(),
        ..HttpClientOptions::default()
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_whole_through_any_proxy() {
    let origin = paced().tls().start().await.unwrap();
    for (speaks, login) in [
        (ProxySpeaks::Http, "gannet:dives"),
        (ProxySpeaks::Https, "gannet:dives"),
        (ProxySpeaks::Socks5, ""),
    ] {
        let expected = Some(login).filter(|login| !login.is_empty());
        let proxy = TestProxy::start(speaks, expected).await.unwrap();
        let own = proxy.url(login);
        let by_name_there = own.replace("socks5://", "socks5h://");
        for (proxy_url, url) in [
            (own.clone(), origin.url("file.bin")),
            (own, origin.https_url("file.bin")),
            (by_name_there, origin.https_url("file.bin")),
        ] {
            for connections in [1, 8] {
                let client = through(&proxy, proxy_url.clone(), &origin);
                let before = proxy.passed();
                download_from(&url, connections, |request| request.client(client))
                    .await
                    .whole(&origin.content());
                assert!(proxy.passed() > before, "{speaks:?} {url}");
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
    let plain =
        |entry: &&Entry| entry.scheme == Scheme::Http && entry.header("proxy-authorization").is_some();
    requests.iter().filter(plain).count() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_wants_a_login_is_no_file() {
    let origin = paced().tls().start().await.unwrap();
    for speaks in [ProxySpeaks::Http, ProxySpeaks::Https] {
        let proxy = TestProxy::start(speaks, Some("gannet:dives")).await.unwrap();
        let client = through(&proxy, proxy.url("gannet:wrong-password"), &origin);
        let error = download_from(&origin.url("file.bin"), 4, |request| request.client(client))
            .await
            .failed(ErrorCode::Refused);
        assert!(!error.to_string().contains("wrong-password"));
        assert_eq!(proxy.passed(), 0);
    }
    assert_eq!(origin.log().request_count(), 0);
}

fn resolved_to(addresses: Vec<SocketAddr>) -> HttpClient {
    direct(HttpClientOptions {
        host_addresses: vec![("files.example".to_owned(), addresses)],
        ..HttpClientOptions::default()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ipv6_address_that_refuses_gives_way_to_the_next_address() {
    let origin = paced().start().await.unwrap();
    let here = origin.address();
    let refusing = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), here.port());
    for addresses in [vec![refusing, here], vec![here, refusing]] {
        let client = resolved_to(addresses);
        download_from("http://files.example/file.bin", 4, |request| {
            request.client(client)
        })
        .await
        .whole(&origin.content());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ipv6_address_that_never_answers_does_not_hold_up_the_next_address() {
    let Ok(silent) = gannet_testkit::SilentAddress::on(Ipv6Addr::LOCALHOST.into()) else {
        // A system without IPv6.
        return;
    };
    let origin = paced().start().await.unwrap();
    let client = resolved_to(vec![silent.address, origin.address()]);
    // Patience for a connection is 15 s, and silence of a probe counts from 3 s on: neither is waited for.
    let download = download_from("http://files.example/file.bin", 1, |request| {
        request.client(client)
    })
    .await;
    let finished = download.whole(&origin.content());
    assert_eq!((finished.requests, finished.retries), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_by_ipv6_alone() {
    let there = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0);
    let Ok(origin) = paced().listen(there).start().await else {
        // A system without IPv6.
        return;
    };
    let refusing = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), origin.address().port());
    for (url, addresses) in [
        (origin.url("file.bin"), Vec::new()),
        (
            "http://files.example/file.bin".to_owned(),
            vec![refusing, origin.address()],
        ),
    ] {
        let client = resolved_to(addresses);
        download_from(&url, 4, |request| request.client(client))
            .await
            .whole(&origin.content());
    }
}
