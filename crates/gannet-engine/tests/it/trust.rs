//! Certificates: whose are accepted, and what of ours is shown.

use std::time::Duration;

use gannet_engine::{ErrorCode, HttpClient, HttpClientOptions};
use gannet_testkit::{Asks, BrokenNode, Fault, Origin, OriginBuilder, Shows, TlsManners, When};

use crate::support::{at_each_count, direct, download_from, paced, trusting};

async fn showing(shows: Shows) -> Origin {
    let manners = TlsManners {
        shows,
        ..TlsManners::default()
    };
    let origin = Origin::builder().size(100_000).tls().tls_manners(manners);
    origin.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_servers_own_certificate_is_trusted_when_given_and_only_then() {
    let origin = showing(Shows::SelfSigned).await;
    let url = origin.https_url("file.bin");
    download_from(&url, 4, |request| request.client(trusting(&origin)))
        .await
        .whole(&origin.content());

    let stranger = showing(Shows::SelfSigned).await;
    for client in [direct(HttpClientOptions::default()), trusting(&stranger)] {
        let error = download_from(&url, 4, |request| request.client(client))
            .await
            .failed(ErrorCode::Certificate);
        assert!(
            error.to_string().contains("nobody who is trusted here"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_certificate_is_held_to_its_names() {
    let origin = showing(Shows::SelfSigned).await;
    // A name of the loopback that the certificate does not bear.
    let url = origin.https_url("file.bin").replace("127.0.0.1", "127.0.0.2");
    let origin_there = format!(
        "127.0.0.2:{}",
        url.rsplit_once(':').unwrap().1.split_once('/').unwrap().0
    );
    let relay = tokio::net::TcpListener::bind(&origin_there).await;
    let Ok(relay) = relay else {
        // Systems where only 127.0.0.1 is the loopback.
        return;
    };
    let target = origin_there.replace("127.0.0.2", "127.0.0.1");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = relay.accept().await {
            let mut server = tokio::net::TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    let error = download_from(&url, 4, |request| request.client(trusting(&origin)))
        .await
        .failed(ErrorCode::Certificate);
    assert!(error.to_string().contains("is for other names ("), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_certificate_is_held_to_its_time() {
    let origin = showing(Shows::SelfSignedAndExpired).await;
    let error = download_from(&origin.https_url("file.bin"), 4, |request| {
        request.client(trusting(&origin))
    })
    .await
    .failed(ErrorCode::Certificate);
    assert!(error.to_string().contains("has expired"), "{error}");
}

fn showing_ours(origin: &Origin, ours: Option<&Origin>) -> HttpClient {
    direct(HttpClientOptions {
        authorities_pem: vec![origin.ca_pem().as_bytes().to_vec()],
        client_certificate_pem: ours.map(|origin| origin.client_pem().as_bytes().to_vec()),
        ..HttpClientOptions::default()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_certificate_opens_what_is_closed_to_others() {
    let asking = || {
        let manners = TlsManners {
            asks: Asks::ClientCertificate,
            ..TlsManners::default()
        };
        Origin::builder().size(3_000_000).tls().tls_manners(manners)
    };
    let origin = asking().start().await.unwrap();
    let stranger = asking().start().await.unwrap();
    let url = origin.https_url("file.bin");
    for connections in [1, 8] {
        let client = showing_ours(&origin, Some(&origin));
        download_from(&url, connections, |request| request.client(client))
            .await
            .whole(&origin.content());
    }
    for ours in [None, Some(&stranger)] {
        let client = showing_ours(&origin, ours);
        let error = download_from(&url, 4, |request| {
            request.client(client).retry_for(Duration::from_secs(30))
        })
        .await
        .failed(ErrorCode::Certificate);
        assert!(error.to_string().contains("client certificate"), "{error}");
    }
}

/// An address behind which one machine of several shows what nobody can trust.
async fn with_broken_node(builder: OriginBuilder, broken: BrokenNode) -> Origin {
    let manners = TlsManners {
        broken,
        ..TlsManners::default()
    };
    builder.tls().tls_manners(manners).start().await.unwrap()
}

/// Every answer is cut, so that new connections are made all the time.
fn cutting() -> OriginBuilder {
    paced().fault(When::Always, Fault::CutAfter(300_000))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_cannot_be_trusted_ends_no_transfer_that_others_serve() {
    at_each_count(|connections| async move {
        let origin = with_broken_node(cutting(), BrokenNode::Every(3)).await;
        let url = origin.https_url("file.bin");
        let finished = download_from(&url, connections, |request| request.client(trusting(&origin)))
            .await
            .whole(&origin.content());
        assert!(finished.retries > 0, "the broken node was never met");
    })
    .await;
}

/// In one stream there are no others: it is asked again, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_cannot_be_trusted_ends_no_stream() {
    let streaming = cutting().with(|profile| profile.ranges = gannet_testkit::Ranges::Ignored);
    let streaming = streaming
        .fault(When::First(1), Fault::CutAfter(300_000))
        .with(|profile| profile.faults.retain(|(when, _)| *when == When::First(1)));
    let origin = with_broken_node(streaming, BrokenNode::Every(2)).await;
    let url = origin.https_url("file.bin");
    download_from(&url, 4, |request| request.client(trusting(&origin)))
        .await
        .whole(&origin.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_nobody_can_trust_any_more_ends_the_transfer_in_time() {
    at_each_count(|connections| async move {
        let origin = with_broken_node(cutting(), BrokenNode::After(1)).await;
        let url = origin.https_url("file.bin");
        let began = std::time::Instant::now();
        let error = download_from(&url, connections, |request| request.client(trusting(&origin)))
            .await
            .failed(ErrorCode::Certificate);
        assert!(
            error.to_string().contains("nobody who is trusted here"),
            "{error}"
        );
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    })
    .await;
}

/// With a mirror that can be trusted it goes on there: from what is held where a digest will tell, and else anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_takes_over_from_an_address_that_nobody_can_trust_any_more() {
    for is_given in [true, false] {
        let origin = with_broken_node(cutting(), BrokenNode::After(1)).await;
        let mirror = paced().start().await.unwrap();
        let digest = format!("sha256:{}", origin.content().sha256_hex());
        let download = download_from(&origin.https_url("file.bin"), 4, |request| {
            let request = request.client(trusting(&origin));
            let request = request.mirror(&mirror.url("file.bin")).unwrap();
            if is_given {
                request.checksum(&digest).unwrap()
            } else {
                request
            }
        })
        .await;
        assert_eq!(
            download.witness.count("Restarted"),
            usize::from(!is_given),
            "{:?}",
            download.witness.events()
        );
        download.whole(&origin.content());
    }
}
