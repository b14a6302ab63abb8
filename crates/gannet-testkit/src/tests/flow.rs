//! Pace, limits, silence, cuts and the network.

use std::io;
use std::time::{Duration, Instant};

use super::client::{Client, get};
use crate::{Beyond, Cap, Fault, Network, Origin, Outcome, Refusal, RetryAfter, When};

/// Long enough for a busy machine, far shorter than a test's patience.
const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_connection_gets_its_rate() {
    let origin = Origin::builder()
        .size(1_000_000)
        .rate_per_connection(2_000_000)
        .start()
        .await
        .unwrap();
    let begun = Instant::now();
    let answer = get(origin.address(), "/f", &[]).await.unwrap();
    let rate = answer.body.len() as f64 / begun.elapsed().as_secs_f64();
    // The upper bound is what the origin must keep; the lower leaves room for a busy machine.
    assert!(
        (1_400_000.0..=2_000_000.0 * 1.1).contains(&rate),
        "{rate} bytes per second"
    );
}

#[tokio::test]
async fn all_connections_share_the_total_rate() {
    let origin = Origin::builder()
        .size(250_000)
        .rate_total(2_000_000)
        .start()
        .await
        .unwrap();
    let begun = Instant::now();
    let fetch = || get(origin.address(), "/f", &[]);
    let (a, b, c, d) = tokio::join!(fetch(), fetch(), fetch(), fetch());
    let bytes: usize = [a, b, c, d].map(|answer| answer.unwrap().body.len()).iter().sum();
    let rate = bytes as f64 / begun.elapsed().as_secs_f64();
    assert!(
        (1_400_000.0..=2_000_000.0 * 1.1).contains(&rate),
        "{rate} bytes per second"
    );
    assert_eq!(origin.log().peak_serving(), 4);
}

#[tokio::test]
async fn the_first_answer_on_a_connection_has_its_own_latency() {
    let origin = Origin::builder()
        .size(1)
        .with(|profile| {
            profile.pace.first_latency = Duration::from_millis(120);
            profile.pace.latency = Duration::from_millis(40);
        })
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(origin.address()).await;
    for at_least in [120, 40, 40] {
        let begun = Instant::now();
        client.get("/f", &[]).await.unwrap();
        assert!(
            begun.elapsed() >= Duration::from_millis(at_least),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn every_second_connection_is_slow_for_life() {
    let slow = Fault::Slow { bytes_per_s: 1_000 };
    let origin = Origin::builder()
        .size(100)
        .fault(When::EveryConnection(2), slow)
        .start()
        .await
        .unwrap();
    let mut fast = Client::connect(origin.address()).await;
    fast.get("/f", &[]).await.unwrap();
    let mut slow = Client::connect(origin.address()).await;
    for _ in 0..2 {
        let begun = Instant::now();
        slow.get("/f", &[]).await.unwrap();
        assert!(
            begun.elapsed() >= Duration::from_millis(90),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn beyond_the_cap_a_request_is_refused_and_its_connection_stays_usable() {
    let refusal = Refusal {
        status: 503,
        retry_after: RetryAfter::Seconds(1_000_000_000),
    };
    let origin = Origin::builder()
        .size(10_000_000)
        .rate_per_connection(1_000_000)
        .with(|profile| {
            profile.cap = Some(Cap {
                at_most: 1,
                beyond: Beyond::Refuse(refusal),
            });
        })
        .start()
        .await
        .unwrap();
    let mut first = Client::connect(origin.address()).await;
    first.ask("GET", "/f", &[]).await.unwrap();
    origin.wait_until(|log| log.peak_serving() == 1).await.unwrap();
    let mut second = Client::connect(origin.address()).await;
    let refused = second.get("/f", &[]).await.unwrap();
    assert_eq!(
        (refused.status, refused.header("Retry-After")),
        (503, Some("1000000000"))
    );
    drop(first);
    origin
        .wait_until(|log| log.requests()[0].outcome == Outcome::Abandoned)
        .await
        .unwrap();
    assert_eq!(
        second.get("/f", &[("Range", "bytes=0-9")]).await.unwrap().status,
        206
    );
    assert_eq!((origin.log().refusals(), origin.log().peak_serving()), (1, 1));
}

#[tokio::test]
async fn beyond_the_cap_a_request_waits_or_is_reset_or_left_alone() {
    for beyond in [Beyond::Queue, Beyond::Reset, Beyond::Silence] {
        let origin = Origin::builder()
            .size(400_000)
            .rate_per_connection(1_000_000)
            .with(|profile| {
                profile.cap = Some(Cap {
                    at_most: 1,
                    beyond: beyond.clone(),
                });
            })
            .start()
            .await
            .unwrap();
        let mut first = Client::connect(origin.address()).await;
        first.ask("GET", "/f", &[]).await.unwrap();
        origin.wait_until(|log| log.peak_serving() == 1).await.unwrap();
        let mut second = Client::connect(origin.address()).await;
        second.ask("GET", "/f", &[]).await.unwrap();
        let answer = tokio::time::timeout(SOON, second.read_head()).await;
        match beyond {
            Beyond::Reset => {
                assert_eq!(
                    answer.unwrap().unwrap_err().kind(),
                    io::ErrorKind::ConnectionReset
                );
                assert_eq!(origin.log().refusals(), 1);
            }
            Beyond::Silence => assert!(answer.is_err()),
            _ => {
                assert!(answer.is_err());
                assert_eq!(first.read_answer().await.unwrap().body.len(), 400_000);
                assert_eq!(second.read_answer().await.unwrap().status, 200);
            }
        }
    }
}

#[tokio::test]
async fn every_second_answer_goes_silent_and_ends_when_the_client_leaves() {
    for (fault, brings_headers) in [
        (Fault::SilentBeforeHeaders, false),
        (Fault::SilentAfterHeaders, true),
    ] {
        let origin = Origin::builder()
            .fault(When::Every(2), fault)
            .start()
            .await
            .unwrap();
        assert_eq!(
            get(origin.address(), "/f", &[]).await.unwrap().body.len(),
            1 << 20
        );
        let mut client = Client::connect(origin.address()).await;
        client.ask("GET", "/f", &[]).await.unwrap();
        if brings_headers {
            assert_eq!(client.read_head().await.unwrap().0, 200);
        }
        assert!(tokio::time::timeout(SOON, client.rest()).await.is_err());
        assert_eq!(origin.log().requests()[1].outcome, Outcome::BrokenOff);
        drop(client);
        origin
            .wait_until(|log| log.open_connections() == 0)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn answers_are_cut_by_fin_and_by_rst() {
    for (fault, kind) in [
        (Fault::CutAfter(70_000), io::ErrorKind::UnexpectedEof),
        (Fault::ResetAfter(70_000), io::ErrorKind::ConnectionReset),
    ] {
        let origin = Origin::builder()
            .fault(When::Always, fault)
            .start()
            .await
            .unwrap();
        let answer = get(origin.address(), "/f", &[]).await.unwrap();
        assert_eq!(answer.broken, Some(kind));
        assert!(answer.body.len() <= 70_000);
        assert_eq!(origin.content().check(0, &answer.body), Ok(()));
        assert_eq!(origin.log().bytes_sent(), 70_000);
        let short = get(origin.address(), "/f", &[("Range", "bytes=0-69999")])
            .await
            .unwrap();
        assert_eq!(
            (short.broken, short.body.len()),
            (None, 70_000),
            "an answer no longer than the cut is whole"
        );
    }
}

#[tokio::test]
async fn cuts_by_chance_are_seeded_and_as_frequent_as_asked() {
    let mut runs = Vec::new();
    for seed in [3, 3, 4] {
        let builder = Origin::builder()
            .size(5_000)
            .seed(seed)
            .fault(When::Chance(0.3), Fault::CutSomewhere);
        let origin = builder.start().await.unwrap();
        let mut lengths = Vec::new();
        for _ in 0..100 {
            lengths.push(get(origin.address(), "/f", &[]).await.unwrap().body.len());
        }
        let cut = lengths.iter().filter(|length| **length < 5_000).count();
        assert!((15..=45).contains(&cut), "{cut} of 100, seed {seed}");
        runs.push(lengths);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_stalled_network_resumes_and_a_reset_one_kills() {
    let origin = Origin::builder()
        .size(3_000_000)
        .rate_per_connection(1_000_000)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(origin.address()).await;
    client
        .ask("GET", "/f", &[("Range", "bytes=0-199999")])
        .await
        .unwrap();
    origin.wait_until(|log| log.bytes_sent() > 0).await.unwrap();
    origin.set_network(Network::Stalled);
    assert!(
        tokio::time::timeout(2 * SOON, client.read_answer())
            .await
            .is_err()
    );
    origin.set_network(Network::Up);
    origin
        .wait_until(|log| log.bytes_sent() == 200_000)
        .await
        .unwrap();

    let mut client = Client::connect(origin.address()).await;
    client.ask("GET", "/f", &[]).await.unwrap();
    origin.wait_until(|log| log.bytes_sent() > 200_000).await.unwrap();
    origin.set_network(Network::Reset);
    assert_eq!(
        client.read_answer().await.unwrap().broken,
        Some(io::ErrorKind::ConnectionReset)
    );
    assert!(get(origin.address(), "/f", &[]).await.is_err());
    origin.set_network(Network::Up);
    assert_eq!(
        get(origin.address(), "/f", &[("Range", "bytes=0-9")])
            .await
            .unwrap()
            .status,
        206
    );
}

#[tokio::test]
async fn a_dropped_origin_leaves_nothing_behind() {
    let origin = Origin::builder()
        .size(1 << 40)
        .rate_per_connection(1_000_000)
        .start()
        .await
        .unwrap();
    let address = origin.address();
    let log = origin.log().clone();
    let mut client = Client::connect(address).await;
    client.ask("GET", "/f", &[]).await.unwrap();
    origin.wait_until(|log| log.bytes_sent() > 0).await.unwrap();
    drop(origin);
    log.wait_until(Duration::from_secs(10), |log| log.open_connections() == 0)
        .await
        .unwrap();
    assert!(client.read_answer().await.unwrap().broken.is_some());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_log_answers_over_http() {
    let origin = Origin::builder().size(10).start().await.unwrap();
    get(origin.address(), "/f", &[("Range", "bytes=2-5")])
        .await
        .unwrap();
    let log = get(origin.address(), "/.log", &[]).await.unwrap();
    let log: serde_json::Value = serde_json::from_slice(&log.body).unwrap();
    assert_eq!((&log["requests"], &log["bytes_sent"]), (&1.into(), &4.into()));
    assert_eq!(log["ranges"], serde_json::json!([[2, 6]]));
    let mut client = Client::connect(origin.address()).await;
    client
        .ask("POST", "/.reset", &[("Content-Length", "0")])
        .await
        .unwrap();
    assert_eq!(client.read_answer().await.unwrap().status, 204);
    assert_eq!(origin.log().request_count(), 0);
}

#[tokio::test]
async fn after_a_reset_what_comes_first_is_the_first_again() {
    let origin = Origin::builder()
        .size(10)
        .fault(When::Every(2), Fault::Status(503))
        .start()
        .await
        .unwrap();
    let mut statuses = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 {
            statuses.push(get(origin.address(), "/f", &[]).await.unwrap().status);
        }
        let mut client = Client::connect(origin.address()).await;
        client
            .ask("POST", "/.reset", &[("Content-Length", "0")])
            .await
            .unwrap();
        client.read_answer().await.unwrap();
    }
    assert_eq!(statuses, [200, 503, 200, 200, 503, 200]);
}
