//! Clocks that are wrong, and clocks that are set while a transfer runs: fault F16.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use gannet_engine::{CookieFile, HttpClientOptions};
use gannet_testkit::{Fault, Origin, Refusal, RetryAfter, Script, When};

use crate::faults_network::{fetch, start};
use crate::support::{assert_file_is, direct, request, run_watched};

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
