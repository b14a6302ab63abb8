//! Networks and servers that fail: faults F8 to F13.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::{ErrorCode, Finished, Request};
use gannet_testkit::{
    Beyond, Cap, Change, ClosedPort, Content, Fault, Flapping, Network, Origin, OriginBuilder, Outcome,
    Refusal, When,
};

use crate::support::{assert_file_is, names_in, request, run, run_watched, seed};

/// Fetches the origin's file, checks it, and says how long that took.
pub(crate) async fn fetch(origin: &Origin, connections: u32) -> (Finished, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let finished = run(request(origin, folder.path(), connections)).await.unwrap();
    let took = began.elapsed();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(names_in(folder.path()), ["file.bin"]);
    (finished, took)
}

pub(crate) async fn start(origin: OriginBuilder) -> Origin {
    origin.start().await.unwrap()
}

/// F8: whatever the moment, all bytes are of one version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_swapped_at_any_offset_arrives_as_one_version() {
    const SIZE_BYTES: u64 = 4_000_000;
    let seed = seed();
    let one = async |number: u64| {
        let mut random = fastrand::Rng::with_seed(seed + number);
        let origin = start(
            Origin::builder()
                .size(SIZE_BYTES)
                .seed(seed + number)
                .rate_total(10_000_000)
                .with(|profile| {
                    if number.is_multiple_of(3) {
                        profile.change = Change::AfterAnswers(number / 3 + 1);
                    }
                    if number.is_multiple_of(2) {
                        profile.etag = gannet_testkit::ETag::Weak;
                    }
                }),
        )
        .await;
        let folder = tempfile::tempdir().unwrap();
        let fetching = run(request(&origin, folder.path(), 4));
        let swapping = async {
            let offset = random.u64(..SIZE_BYTES);
            if !number.is_multiple_of(3) {
                // The transfer may be over before: then it was one version anyhow.
                let _ = origin.wait_until(|log| log.bytes_sent() >= offset).await;
                origin.set_version(2);
            }
        };
        let (result, ()) = tokio::join!(fetching, swapping);
        let finished = result.unwrap_or_else(|error| panic!("seed {seed} + {number}: {error}"));
        let version = version_of(&std::fs::read(&finished.path).unwrap(), &origin);
        assert!(
            version.is_some(),
            "seed {seed} + {number}: neither version, or both mixed"
        );
        version
    };
    let versions = futures_util::future::join_all((0..30).map(one)).await;
    let of = |version| versions.iter().filter(|found| **found == Some(version)).count();
    assert!(of(2) > 5, "the swaps came too late to matter: {versions:?}");
}

fn version_of(bytes: &[u8], origin: &Origin) -> Option<u64> {
    let is = |content: Content| bytes.len() as u64 == content.length() && content.check(0, bytes) == Ok(());
    (1..=2).find(|&version| is(origin.content_of(version)))
}

/// F9: each answer brings 64 KiB, and none of them is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_every_64_kib_cost_neither_time_nor_bytes() {
    const SIZE_BYTES: u64 = 12_000_000;
    for fault in [Fault::CutAfter(64 << 10), Fault::ResetAfter(64 << 10)] {
        let origin = start(
            Origin::builder()
                .size(SIZE_BYTES)
                .seed(9)
                .fault(When::Always, fault.clone()),
        )
        .await;
        let (finished, took) = fetch(&origin, 4).await;
        assert!(
            finished.bytes_discarded <= SIZE_BYTES / 100,
            "{fault:?}: {} bytes discarded",
            finished.bytes_discarded
        );
        // 184 answers: with 100 ms of waiting between those of a connection it would take five seconds.
        assert!(took < Duration::from_secs(4), "{fault:?}: {took:?}");
    }
}

/// A file of 24 MB over eight connections of 1.5 MB/s: two seconds, were it not for the fault.
fn eight_even_connections() -> OriginBuilder {
    Origin::builder()
        .size(24_000_000)
        .seed(10)
        .rate_per_connection(1_500_000)
}

/// Runs the same transfer with each of the faults, all at once, and one without. Returns by how much each is later.
async fn delays(faults: &[(When, Fault)]) -> Vec<Duration> {
    let one = async |fault: Option<(When, Fault)>| {
        let origin = match fault {
            Some((when, fault)) => start(eight_even_connections().fault(when, fault)).await,
            None => start(eight_even_connections()).await,
        };
        fetch(&origin, 8).await.1
    };
    let without = one(None);
    let with = futures_util::future::join_all(faults.iter().cloned().map(|fault| one(Some(fault))));
    let (without, with) = tokio::join!(without, with);
    with.into_iter()
        .map(|took| took.saturating_sub(without))
        .collect()
}

/// F10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_of_one_byte_per_second_does_not_hold_up_the_end() {
    let slow = Fault::Slow { bytes_per_s: 1 };
    let faults = [(When::Only(4), slow.clone()), (When::Only(1), slow)];
    let delays = delays(&faults).await;
    assert!(
        delays.iter().all(|&delay| delay <= Duration::from_secs(2)),
        "{delays:?} for {faults:?}"
    );
}

/// The speed floor: who crawls at 150 kB/s, where the others have ten times that, gives its range to another; and on a line on
/// which all crawl, nobody does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_much_slower_than_the_others_is_replaced_and_on_a_slow_line_none_is() {
    const CRAWL_BYTES_PER_S: u64 = 150_000;
    let one = async |size_bytes: u64, rate: u64| {
        let crawl = Fault::Slow {
            bytes_per_s: CRAWL_BYTES_PER_S,
        };
        let origin = start(
            Origin::builder()
                .size(size_bytes)
                .seed(18)
                .rate_per_connection(rate)
                .fault(When::Only(4), crawl),
        )
        .await;
        let folder = tempfile::tempdir().unwrap();
        let (result, witness) = run_watched(request(&origin, folder.path(), 8)).await;
        assert_file_is(&result.unwrap().path, &origin.content());
        let replaced = |event: &&String| event.contains("much slower than the others");
        witness.events().iter().filter(replaced).count()
    };
    let (fast, slow) = tokio::join!(one(72_000_000, 1_500_000), one(6_000_000, CRAWL_BYTES_PER_S));
    assert_eq!(fast, 1, "whoever crawls, and nobody else");
    assert_eq!(slow, 0, "on a slow line nobody is killed");
}

/// F11.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_is_taken_over_by_others() {
    let faults = [
        (When::Only(3), Fault::SilentBeforeHeaders),
        (When::Only(3), Fault::SilentAfterHeaders),
        (When::Only(5), Fault::SilentAfter(100_000)),
        (When::Only(1), Fault::SilentAfterHeaders),
    ];
    let late = delays(&faults).await;
    assert!(
        late.iter().all(|&delay| delay <= Duration::from_secs(5)),
        "{late:?} for {faults:?}"
    );
    // The very first answer: nobody else is there yet, so a second request is sent after three seconds.
    let faults = [(When::Only(1), Fault::SilentBeforeHeaders)];
    let late = delays(&faults).await;
    assert!(late[0] <= Duration::from_secs(5), "{late:?} for {faults:?}");
}

/// F12.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_takes_only_so_many_connections_is_understood() {
    const CONNECTIONS: u32 = 12;
    const REFUSALS_MAX: u64 = 8;
    let one = async |at_most: usize, beyond: Beyond| {
        let origin = start(
            Origin::builder()
                .size(1_500_000 * at_most as u64 + 2_000_000)
                .seed(12)
                .rate_per_connection(1_000_000)
                .with(|profile| {
                    profile.cap = Some(Cap {
                        at_most,
                        beyond: beyond.clone(),
                    });
                }),
        )
        .await;
        let (finished, took) = fetch(&origin, CONNECTIONS).await;
        let log = origin.log();
        let case = format!(
            "{at_most}, {beyond:?}: {took:?}, {} refusals, {} requests",
            log.refusals(),
            log.request_count()
        );
        println!("{case}");
        assert!(log.peak_serving() <= at_most, "{case}");
        assert!(finished.connections_peak as usize <= at_most, "{case}");
        assert!(log.refusals() <= REFUSALS_MAX, "{case}");
        let ideal = origin.content().length() as f64 / (at_most as f64 * 1e6);
        assert!(took.as_secs_f64() <= 2.0 * ideal + 3.0, "{case}, ideal {ideal} s");
    };
    for beyond in [
        Beyond::Refuse(Refusal::status(503)),
        Beyond::Reset,
        Beyond::Silence,
    ] {
        let all = (1..=8).map(|at_most| one(at_most, beyond.clone()));
        futures_util::future::join_all(all).await;
    }
}

/// F12 for long enough that one more is tried again: however a host says that it takes four, it is asked for more a few
/// times in all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_takes_four_is_asked_for_more_at_most_eight_times() {
    let one = async |beyond: Beyond| {
        let origin = start(
            Origin::builder()
                .size(128 << 20)
                .seed(14)
                .rate_per_connection(4_000_000)
                .with(|profile| {
                    profile.cap = Some(Cap {
                        at_most: 4,
                        beyond: beyond.clone(),
                    });
                }),
        )
        .await;
        let (_, took) = fetch(&origin, 16).await;
        let refusals = origin.log().refusals();
        println!("{beyond:?}: {took:?}, {refusals} refusals");
        assert!(refusals <= 8, "{beyond:?}: {refusals} refusals");
        assert!(
            took < Duration::from_secs(12),
            "{beyond:?}: {took:?}, ideal 8.4 s"
        );
    };
    tokio::join!(
        one(Beyond::Refuse(Refusal::status(503))),
        one(Beyond::Reset),
        one(Beyond::Silence)
    );
}

/// F13, as it is written: five seconds on, five off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_comes_and_goes_delays_and_leaks_nothing() {
    let one = async |meanwhile: Network| {
        const FIVE_SECONDS: Duration = Duration::from_secs(5);
        // Eleven seconds of network: it comes back twice.
        let origin = start(
            Origin::builder()
                .size(11_000_000)
                .seed(13)
                .rate_total(1_000_000)
                .flapping(Flapping {
                    up: FIVE_SECONDS,
                    down: FIVE_SECONDS,
                    meanwhile,
                }),
        )
        .await;
        let (_, took) = fetch(&origin, 4).await;
        println!("{meanwhile:?}: {took:?}");
        assert!(
            took > 4 * FIVE_SECONDS,
            "{meanwhile:?}: {took:?}, it never went away"
        );
        // What each return may cost: another cycle of five and five seconds, of two.
        assert!(took < 7 * FIVE_SECONDS, "{meanwhile:?}: {took:?}, ideal 21 s");
        origin
            .wait_until(|log| log.open_connections() == 0)
            .await
            .expect("connections leaked");
    };
    tokio::join!(one(Network::Reset), one(Network::Stalled));
}

/// A port where nobody listens is a server that is down: it is tried for as long as the request says, and it may come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_tried_again_until_it_is_there() {
    let nobody = ClosedPort::take().unwrap();
    let address = nobody.address;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/file.bin");
    let ask = || Request::new(&url).unwrap().directory(folder.path());

    let error = run(ask().retry_for(Duration::from_secs(1))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");

    let witness = Arc::new(crate::support::Witness::default());
    let transfer = ask().start(Arc::clone(&witness) as Arc<dyn gannet_engine::Reporter>);
    while witness.events.lock().unwrap().is_empty() {
        // polls: until it was turned away once
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(nobody);
    let origin = start(Origin::builder().size(500_000).seed(17).listen(address)).await;
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert!(
        origin
            .log()
            .requests()
            .iter()
            .all(|entry| entry.outcome == Outcome::Complete)
    );
}

/// A server that takes requests and never answers one is given up as one that is down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_answers_is_given_up() {
    let origin = start(Origin::builder().fault(When::Always, Fault::SilentBeforeHeaders)).await;
    let folder = tempfile::tempdir().unwrap();
    let request = request(&origin, folder.path(), 4).retry_for(Duration::from_secs(2));
    let error = run(request).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::GaveOut, "{error}");
    origin
        .wait_until(|log| log.open_connections() == 0)
        .await
        .expect("connections leaked");
}
