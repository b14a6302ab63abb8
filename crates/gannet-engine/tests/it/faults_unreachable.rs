//! Hosts that cannot be reached, and machines without a network: which of the two it is, and who takes over.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use gannet_engine::{ErrorCode, HttpClient, HttpClientOptions, Phase, Request, WaitReason};
use gannet_testkit::{ClosedPort, Fault, Origin, OriginBuilder, Script, When};

use crate::faults_network::start;
use crate::support::{assert_file_is, direct, names_in, request, run, run_watched};

/// A connection to a broadcast address is unreachable at once, as every address is where there is no network.
const UNREACHABLE: &str = "http://127.255.255.255:9/file.bin";

/// A client of a machine that has a network, or none.
fn with_network(has_network: fn() -> bool) -> HttpClient {
    direct(HttpClientOptions {
        has_network,
        ..HttpClientOptions::default()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn a_missing_network_is_waited_for_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let wait = Duration::from_secs(2);
    let request = Request::new(UNREACHABLE)
        .unwrap()
        .directory(folder.path())
        .client(with_network(|| false))
        .retry_for(Duration::from_millis(300))
        .network_wait(Some(wait));
    let began = Instant::now();
    let (result, witness) = run_watched(request).await;
    let error = result.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");
    assert!(error.to_string().contains("no network"), "{error}");
    assert!(
        began.elapsed() >= wait,
        "it gave up after {:?}, as if a server had failed",
        began.elapsed()
    );
    let last = witness.last.lock().unwrap().clone().unwrap();
    assert_eq!(last.phase, Phase::Waiting(WaitReason::Network));
    assert_eq!(names_in(folder.path()), Vec::<String>::new());
}

/// One host that cannot be reached is that host's failure, as long as the machine has a way out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_cannot_be_reached_is_no_missing_network() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request::new(UNREACHABLE)
        .unwrap()
        .directory(folder.path())
        .client(with_network(|| true))
        .retry_for(Duration::from_secs(1));
    let began = Instant::now();
    let error = run(request).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");
    assert!(error.to_string().contains("no way to the host"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Whatever is wrong with the first address, a mirror that is there has the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_is_asked_at_once_where_the_first_address_cannot_be_reached() {
    for has_network in [(|| true) as fn() -> bool, || false] {
        for checksum in [true, false] {
            let mirror = start(Origin::builder().size(2_000_000)).await;
            let folder = tempfile::tempdir().unwrap();
            let request = Request::new(UNREACHABLE)
                .unwrap()
                .directory(folder.path())
                .client(with_network(has_network))
                .mirror(&mirror.url("file.bin"))
                .unwrap();
            let request = if checksum {
                let digest = format!("sha256:{}", mirror.content().sha256_hex());
                request.checksum(&digest).unwrap()
            } else {
                request
            };
            let began = Instant::now();
            let finished = run(request).await.unwrap();
            assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
            assert_file_is(&finished.path, &mirror.content());
        }
    }
}

/// Where no address can be reached, and there is no network, it is waited for, and the transfer goes on once it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_missing_for_all_addresses_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let wait = Duration::from_secs(5);
    let request = |has_network| {
        Request::new(UNREACHABLE)
            .unwrap()
            .directory(folder.path())
            .client(with_network(has_network))
            .mirror("http://127.255.255.255:9/mirror.bin")
            .unwrap()
            .retry_for(Duration::from_secs(1))
            .network_wait(Some(wait))
    };
    let began = Instant::now();
    let (result, witness) = run_watched(request(|| false)).await;
    let error = result.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");
    assert!(error.to_string().contains("no network"), "{error}");
    assert!(
        began.elapsed() >= wait.mul_f64(0.9),
        "it gave up after {:?}",
        began.elapsed()
    );
    let last = witness.last.lock().unwrap().clone().unwrap();
    assert_eq!(last.phase, Phase::Waiting(WaitReason::Network));

    let began = Instant::now();
    let error = run(request(|| true)).await.unwrap_err();
    assert!(error.to_string().contains("no way to the host"), "{error}");
    assert!(began.elapsed() < wait, "{:?}", began.elapsed());
}

/// An origin whose first answer is cut, and which cannot be reached from then on, until it can.
fn out_of_reach(until: impl Fn() -> bool + Send + Sync + 'static) -> OriginBuilder {
    Origin::builder()
        .size(2_000_000)
        .seed(5)
        .fault(When::First(1), Fault::CutAfter(500_000))
        .on_request(move |_, number| {
            (number > 1 && !until()).then(|| Script::new(302).header("Location", UNREACHABLE))
        })
}

/// Without a digest no two hosts are spliced, so a mirror costs what is held: the first address gets all of its time before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_address_that_comes_back_in_its_time_loses_nothing_to_a_mirror() {
    const AWAY: Duration = Duration::from_secs(7);
    let began = Instant::now();
    let first = start(out_of_reach(move || began.elapsed() > AWAY)).await;
    let mirror = start(Origin::builder().size(2_000_000).seed(5)).await;
    let folder = tempfile::tempdir().unwrap();
    let request = request(&first, folder.path(), 2)
        .client(with_network(|| true))
        .mirror(&mirror.url("file.bin"))
        .unwrap();
    let (result, witness) = run_watched(request).await;
    let finished = result.unwrap_or_else(|error| panic!("{error}: {:?}", witness.events()));
    assert!(began.elapsed() > AWAY);
    assert_file_is(&finished.path, &first.content());
    assert_eq!(witness.count("Restarted"), 0, "{:?}", witness.events());
    assert_eq!(mirror.log().bytes_sent(), 0);
}

/// And where it does not come back, the mirror begins anew, whatever its bytes look like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_begins_anew_where_the_first_address_gave_out_in_mid_file() {
    for seed in [5, 6] {
        let (first, mirror) = (
            start(out_of_reach(|| false)).await,
            start(Origin::builder().size(2_000_000).seed(seed)).await,
        );
        let folder = tempfile::tempdir().unwrap();
        let request = request(&first, folder.path(), 2)
            .client(with_network(|| true))
            .retry_for(Duration::from_secs(2))
            .mirror(&mirror.url("file.bin"))
            .unwrap();
        let (result, witness) = run_watched(request).await;
        let finished = result.unwrap_or_else(|error| panic!("{error}: {:?}", witness.events()));
        assert_file_is(&finished.path, &mirror.content());
        assert_eq!(witness.count("Restarted"), 1, "{:?}", witness.events());
        assert!(mirror.log().bytes_sent() >= 2_000_000);
    }
}

/// That there was no network for a moment says nothing of a server that is down later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_once_the_network_is_back_is_given_up_in_its_own_time() {
    let nobody = ClosedPort::take().unwrap();
    let down = format!("http://{}/file.bin", nobody.address);
    let origin = start(
        Origin::builder()
            .size(2_000_000)
            .fault(When::First(1), Fault::CutAfter(500_000))
            .on_request(move |_, number| {
                let elsewhere = match number {
                    1 => return None,
                    2 => UNREACHABLE,
                    _ => down.as_str(),
                };
                Some(Script::new(302).header("Location", elsewhere))
            }),
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let request = request(&origin, folder.path(), 1)
        .client(with_network(|| false))
        .retry_for(Duration::from_secs(1))
        .network_wait(Some(Duration::from_secs(50)));
    let began = Instant::now();
    let (result, witness) = run_watched(request).await;
    let error = result.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");
    assert!(
        witness.events().iter().any(|event| event.contains("no network")),
        "{:?}",
        witness.events()
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
