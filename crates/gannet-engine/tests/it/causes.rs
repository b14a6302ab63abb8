//! Why a transfer was not faster, as it says when it is over.

use gannet_engine::{Cause, HttpClientOptions, Pacer, Proxy};
use gannet_testkit::{
    Beyond, Cap, Fault, Origin, OriginBuilder, ProxySpeaks, RangeLie, Ranges, Refusal, TestProxy, When,
};

use crate::support::{download, download_from, download_with};

/// One connection of it takes a second and a half.
fn origin() -> OriginBuilder {
    Origin::builder().size(1_500_000).rate_per_connection(1_000_000)
}

async fn cause_at(origin: OriginBuilder, connections: u32) -> Option<Cause> {
    let origin = origin.start().await.unwrap();
    download(&origin, connections)
        .await
        .whole(&origin.content())
        .cause
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_no_ranges_are_sent_is_said_only_where_none_are_sent() {
    let none = origin().with(|profile| profile.ranges = Ranges::Ignored);
    let wrong = origin().fault(When::Always, Fault::Range(RangeLie::NoContentRange));
    assert_eq!(cause_at(none, 4).await, Some(Cause::NoRanges));
    assert_eq!(cause_at(wrong, 4).await, None);
}

/// One stream is all there can be, and yet it could be faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_one_stream_reaches_is_said_rather_than_that_there_are_no_ranges() {
    const LIMIT_BYTES_PER_S: u64 = 300_000;
    for (rate_per_connection, expected) in [
        (
            50_000_000,
            Cause::UserLimit {
                rate_bytes_per_s: LIMIT_BYTES_PER_S,
            },
        ),
        (150_000, Cause::NoRanges),
    ] {
        let origin = Origin::builder()
            .size(500_000)
            .rate_per_connection(rate_per_connection)
            .with(|profile| profile.ranges = Ranges::Ignored)
            .start()
            .await
            .unwrap();
        let limited = |request: gannet_engine::Request| request.pacer(Pacer::new(Some(LIMIT_BYTES_PER_S)));
        let finished = download_with(&origin, 4, limited).await.whole(&origin.content());
        assert_eq!(finished.cause, Some(expected));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_transfer_of_a_moment_no_cause_is_said() {
    let origin = Origin::builder()
        .size(18)
        .with(|profile| profile.ranges = Ranges::Ignored);
    assert_eq!(cause_at(origin, 4).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_per_connection_is_said_with_the_number_that_met_it() {
    let origin = Origin::builder().size(24_000_000).rate_per_connection(1_000_000);
    let cause = cause_at(origin, 8).await;
    assert!(
        matches!(cause, Some(Cause::PerConnectionLimit { connections: 8, .. })),
        "{cause:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_refuses_more_connections_is_said_to() {
    let capped = |profile: &mut gannet_testkit::Profile| {
        profile.cap = Some(Cap {
            at_most: 2,
            beyond: Beyond::Refuse(Refusal::status(503)),
        });
    };
    let origin = Origin::builder()
        .size(6_000_000)
        .rate_per_connection(1_000_000)
        .with(capped);
    assert_eq!(
        cause_at(origin, 16).await,
        Some(Cause::HostLimit { connections: 2 })
    );
}

/// What the line carries is used up, whoever it belongs to: where all goes through a proxy, it may well be that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_line_is_said_to_be_full_and_behind_a_proxy_to_be_the_proxys() {
    const LINE_BYTES_PER_S: u64 = 5_000_000;
    let line = || {
        Origin::builder()
            .size(9 * LINE_BYTES_PER_S)
            .rate_total(LINE_BYTES_PER_S)
    };
    let direct = cause_at(line(), 16);
    let proxied = async {
        let origin = line().start().await.unwrap();
        let proxy = TestProxy::start(ProxySpeaks::Http, None).await.unwrap();
        let client = gannet_engine::HttpClient::new(HttpClientOptions {
            proxy: Proxy::Url(proxy.url("")),
            ..HttpClientOptions::default()
        });
        let client = client.unwrap();
        let download = download_from(&origin.url("file.bin"), 16, |request| request.client(client)).await;
        assert!(proxy.passed() > 0);
        download.whole(&origin.content()).cause
    };
    let (direct, proxied) = tokio::join!(direct, proxied);
    let Some(Cause::LineFull { rate_bytes_per_s }) = direct else {
        panic!("{direct:?}");
    };
    let carried = rate_bytes_per_s / LINE_BYTES_PER_S as f64;
    assert!((0.8..=1.2).contains(&carried), "{rate_bytes_per_s}");
    assert_eq!(proxied, Some(Cause::Proxy));
}
