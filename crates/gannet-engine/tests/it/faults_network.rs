//! Networks and servers that fail: faults F8 to F13 and F16, and no network at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use gannet_engine::{
    CookieFile, ErrorCode, Finished, HttpClient, HttpClientOptions, Phase, Request, WaitReason,
};
use gannet_testkit::{
    Beyond, Cap, Change, Content, Fault, Flapping, Network, Origin, OriginBuilder, Outcome, Refusal,
    RetryAfter, Script, When,
};

use crate::support::{ClosedPort, assert_file_is, direct, names_in, request, run, run_watched};

/// Fetches the origin's file, checks it, and says how long that took.
async fn fetch(origin: &Origin, connections: u32) -> (Finished, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let finished = run(request(origin, folder.path(), connections)).await.unwrap();
    let took = began.elapsed();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(names_in(folder.path()), ["file.bin"]);
    (finished, took)
}

async fn start(origin: OriginBuilder) -> Origin {
    origin.start().await.unwrap()
}

/// F8: whatever the moment, all bytes are of one version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_swapped_at_any_offset_arrives_as_one_version() {
    const SIZE_BYTES: u64 = 4_000_000;
    let seed = fastrand::u64(..1 << 32);
    println!("seed {seed}");
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

/// How far this machine's clock is set wrong, in seconds, as a transfer of the test below sees it.
static CLOCK_WRONG_BY_S: AtomicI64 = AtomicI64::new(0);

fn clock_set_wrong() -> SystemTime {
    let wrong_by_s = CLOCK_WRONG_BY_S.load(Ordering::SeqCst);
    let by = Duration::from_secs(wrong_by_s.unsigned_abs());
    if wrong_by_s < 0 {
        SystemTime::now() - by
    } else {
        SystemTime::now() + by
    }
}

/// F16: while the clock of this machine jumps back and forth by a day with each request, waits are as long as they were
/// ordered to be by dates, and cookies hold as long as they were to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_by_a_day_changes_nothing_for_a_transfer_under_way() {
    const DAY_S: i64 = 24 * 3600;
    let ordered = Duration::from_secs(2);
    let origin = start(
        Origin::builder()
            .size(1_000_000)
            .seed(16)
            .fault(When::First(1), Fault::CutAfter(400_000))
            .on_request(move |_, number| {
                let wrong_by_s = if number.is_multiple_of(2) { DAY_S } else { -DAY_S };
                CLOCK_WRONG_BY_S.store(wrong_by_s, Ordering::SeqCst);
                // The probe and the request behind the cut: without a word about the server's own time.
                [1, 2, 4, 5].contains(&number).then(|| {
                    let at = httpdate::fmt_http_date(SystemTime::now() + ordered);
                    Script::text(503, "Come back later.\n").header("Retry-After", at)
                })
            }),
    )
    .await;
    let in_an_hour = SystemTime::now() + Duration::from_hours(1);
    let expires = in_an_hour
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let cookies = format!("127.0.0.1\tFALSE\t/\tFALSE\t{expires}\tsession\tours\n");
    let folder = tempfile::tempdir().unwrap();
    let client = direct(HttpClientOptions {
        wall_clock: clock_set_wrong,
        ..HttpClientOptions::default()
    });
    let request = request(&origin, folder.path(), 1)
        .client(client)
        .cookies(CookieFile::parse(&cookies).unwrap());
    let began = Instant::now();
    let (result, witness) = run_watched(request).await;
    let took = began.elapsed();
    let finished = result.unwrap_or_else(|error| panic!("{error}: {:?}", witness.events()));
    assert_file_is(&finished.path, &origin.content());
    let requests = origin.log().requests();
    // Dates are of whole seconds.
    let least = 4 * Duration::from_secs(1);
    assert!(took >= least && took < Duration::from_secs(20), "{took:?}");
    assert!(requests.len() <= 8, "a storm of {} requests", requests.len());
    assert!(
        requests
            .iter()
            .all(|entry| entry.header("Cookie") == Some("session=ours")),
        "a cookie expired with the jump"
    );
}

/// F16: an answer's dates are held against each other, never against this machine's clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_clock_is_a_day_off_is_waited_for_as_long_as_it_says() {
    const DAY: Duration = Duration::from_hours(24);
    let clock = |ahead: bool, further: Duration| {
        let now = SystemTime::now();
        let at = if ahead { now + DAY } else { now - DAY };
        httpdate::fmt_http_date(at + further)
    };
    for ahead in [true, false] {
        let origin = start(
            Origin::builder()
                .size(300_000)
                .seed(16)
                .on_request(move |_, number| {
                    (number == 1).then(|| {
                        Script::text(503, "Come back in two seconds.\n")
                            .header("Date", clock(ahead, Duration::ZERO))
                            .header("Retry-After", clock(ahead, Duration::from_secs(2)))
                    })
                }),
        )
        .await;
        let (_, took) = fetch(&origin, 2).await;
        let right = Duration::from_secs(1)..Duration::from_secs(6);
        assert!(right.contains(&took), "ahead: {ahead}, {took:?}");
    }
    // A date long past, without a word about the server's own time: no wait, and no storm of requests either.
    let origin = start(Origin::builder().size(300_000).seed(16).fault(
        When::First(3),
        Fault::Refuse(Refusal {
            status: 503,
            retry_after: RetryAfter::Literal("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
        }),
    ))
    .await;
    let (_, took) = fetch(&origin, 2).await;
    assert!(took > Duration::from_millis(300), "{took:?}");
    assert!(
        origin.log().request_count() <= 8,
        "{} requests",
        origin.log().request_count()
    );
}

/// A connection to a broadcast address is unreachable at once, as every address is where there is no network.
#[cfg(target_os = "linux")]
const UNREACHABLE: &str = "http://127.255.255.255:9/file.bin";

/// A client of a machine that has a network, or none.
#[cfg(target_os = "linux")]
fn with_network(has_network: fn() -> bool) -> HttpClient {
    direct(HttpClientOptions {
        has_network,
        ..HttpClientOptions::default()
    })
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_network_is_waited_for_and_not_for_ever() {
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
#[cfg(target_os = "linux")]
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
#[cfg(target_os = "linux")]
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
#[cfg(target_os = "linux")]
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

/// The first address is gone in the middle of the file: the mirror goes on from what is held, where its bytes are the same.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_goes_on_within_seconds_where_the_first_address_is_out_of_reach_in_mid_file() {
    let first = || {
        Origin::builder()
            .size(2_000_000)
            .seed(5)
            .fault(When::First(1), Fault::CutAfter(500_000))
            .on_request(|_, number| (number > 1).then(|| Script::new(302).header("Location", UNREACHABLE)))
    };
    for (seed, is_kept) in [(5, true), (6, false)] {
        let (first, mirror) = (
            start(first()).await,
            start(Origin::builder().size(2_000_000).seed(seed)).await,
        );
        let folder = tempfile::tempdir().unwrap();
        let request = request(&first, folder.path(), 2)
            .client(with_network(|| false))
            .mirror(&mirror.url("file.bin"))
            .unwrap();
        let began = Instant::now();
        let (result, witness) = run_watched(request).await;
        let finished = result.unwrap_or_else(|error| panic!("{error}: {:?}", witness.events()));
        assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
        assert_file_is(&finished.path, &mirror.content());
        assert_eq!(witness.count("Restarted") == 0, is_kept, "{:?}", witness.events());
    }
}

/// That there was no network for a moment says nothing of a server that is down later.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_once_the_network_is_back_is_given_up_in_its_own_time() {
    let nobody = ClosedPort::new();
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

/// A port where nobody listens is a server that is down: it is tried for as long as the request says, and it may come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_tried_again_until_it_is_there() {
    let nobody = ClosedPort::new();
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
