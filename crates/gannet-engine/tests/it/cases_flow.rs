//! Cases 37–39 and 47: servers that ask for patience, cap connections, let links expire, or speak HTTP/2 alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gannet_engine::{ErrorCode, HttpClientOptions, Phase, Request, WaitReason};
use gannet_testkit::{
    Beyond, Cap, Fault, Network, Origin, OriginBuilder, Protocols, Redirect, Refusal, RetryAfter, Script,
    Target, Tokens, When,
};

use crate::support::{
    SIZE, Witness, at_each_count, direct, download, download_from, download_with, interrupted, names_in,
    paced, refuse, request, trusting, wait_until,
};

/// Case 37.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordered_wait_is_kept_in_seconds_and_as_a_date() {
    at_each_count(|connections| async move {
        for (status, retry_after) in [
            (429, RetryAfter::Seconds(1)),
            // A date has whole seconds: of two at least one is left.
            (503, RetryAfter::Date(Duration::from_secs(2))),
        ] {
            let refusal = refuse(status, retry_after);
            let origin = paced().fault(When::First(1), refusal).start().await.unwrap();
            download(&origin, connections).await.whole(&origin.content());
            let requests = origin.log().requests();
            assert!(
                requests[1].at >= requests[0].at + Duration::from_secs(1),
                "{status}"
            );
        }
    })
    .await;
}

/// Case 37: the wait does not count against the patience, whether at the first request or in mid-file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordered_wait_counts_against_nobodys_patience() {
    let origin = interrupted()
        .fault(When::Only(2), refuse(503, RetryAfter::Seconds(2)))
        .start()
        .await
        .unwrap();
    download_with(&origin, 1, |request| {
        request.retry_for(Duration::from_millis(700))
    })
    .await
    .whole(&origin.content());
    let requests = origin.log().requests();
    assert!(requests[2].at >= requests[1].at + Duration::from_secs(2));
}

/// Case 37: a server out of its mind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_of_thirty_years_is_capped_at_ten_minutes() {
    let origin = paced()
        .fault(When::Always, refuse(503, RetryAfter::Seconds(1_000_000_000)))
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let witness = std::sync::Arc::new(Witness::default());
    let transfer = request(&origin, folder.path(), 4).start(witness.clone());
    let wait = || {
        let last = witness.last.lock().unwrap().clone();
        match last.map(|snapshot| snapshot.phase) {
            Some(Phase::Waiting(WaitReason::Server { wait })) => Some(wait),
            _ => None,
        }
    };
    wait_until("the transfer waits as ordered", || wait().is_some()).await;
    assert!(wait().unwrap() <= Duration::from_mins(10));
    transfer.handle().cancel();
    assert_eq!(
        transfer.finished().await.unwrap_err().code(),
        ErrorCode::Cancelled
    );
}

/// Case 38.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cap_on_connections_is_learned_and_kept() {
    for (beyond, at_most) in [
        (Beyond::Refuse(Refusal::status(503)), 3),
        (Beyond::Refuse(Refusal::status(429)), 1),
        (Beyond::Reset, 2),
    ] {
        let origin = Origin::builder()
            .size(SIZE)
            .rate_per_connection(3_000_000)
            .with(|profile| {
                profile.cap = Some(Cap {
                    at_most,
                    beyond: beyond.clone(),
                });
            })
            .start()
            .await
            .unwrap();
        download(&origin, 32).await.whole(&origin.content());
        let refusals = origin.log().refusals();
        assert!(
            refusals <= 8,
            "{refusals} refusals beyond {at_most} by {beyond:?}"
        );
        let peak = origin.log().peak_serving();
        assert!(peak <= at_most, "{peak} of {at_most}");
    }
}

/// Cases 37 and 38: who says when to come back, and serves others meanwhile, is not asked for one more before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_serves_others_is_not_asked_for_one_more_before_it_said() {
    const AT_MOST: u64 = 3;
    const WAIT: Duration = Duration::from_secs(8);
    let origin = Origin::builder()
        .size(AT_MOST * 10_000_000)
        .rate_per_connection(1_000_000)
        .with(|profile| {
            profile.cap = Some(Cap {
                at_most: AT_MOST as usize,
                beyond: Beyond::Refuse(Refusal {
                    status: 503,
                    retry_after: RetryAfter::Seconds(WAIT.as_secs()),
                }),
            });
        })
        .start()
        .await
        .unwrap();
    download(&origin, 32).await.whole(&origin.content());
    let requests = origin.log().requests();
    let refused: Vec<Duration> = requests
        .iter()
        .filter(|entry| entry.status == Some(503))
        .map(|entry| entry.at)
        .collect();
    let first = refused[0];
    // Those that were on their way when it said so are of the same wave.
    let early = |&&at: &&Duration| at > first + Duration::from_millis(500) && at < first + WAIT;
    assert_eq!(refused.iter().find(early), None, "{refused:?}");
    let last = requests.last().unwrap().at;
    assert!(
        last > first + WAIT,
        "it was over before it could have been asked: {last:?}"
    );
}

/// Case 38: some hosts say by 403 that they take no more. Where the file is behind a redirect, that looks like an expired
/// link, and it is one connection too many all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_403_beyond_a_cap_is_a_cap_behind_a_redirect_too() {
    const AT_MOST: usize = 3;
    let one = async |redirect: Option<Redirect>| {
        let origin = Origin::builder()
            .size(12_000_000)
            .rate_per_connection(3_000_000)
            // Runs are short: somebody is served again and again while others are refused.
            .fault(When::Always, Fault::CutAfter(400_000))
            .with(|profile| {
                profile.redirect.clone_from(&redirect);
                profile.cap = Some(Cap {
                    at_most: AT_MOST,
                    beyond: Beyond::Refuse(Refusal::status(403)),
                });
            })
            .start()
            .await
            .unwrap();
        let download = download(&origin, 16).await;
        let renewed = download.witness.count("LinkRenewed");
        download.whole(&origin.content());
        let log = origin.log();
        let case = format!(
            "{redirect:?}: {} refusals, {renewed} renewals, {} requests",
            log.refusals(),
            log.request_count()
        );
        println!("{case}");
        assert!(log.refusals() <= 10, "{case}");
        assert!(renewed <= usize::from(redirect.is_some()) * 2, "{case}");
        assert_eq!(log.peak_serving(), AT_MOST, "{case}");
    };
    tokio::join!(
        one(None),
        one(Some(Redirect::once(Target::Same))),
        one(Some(Redirect::once(Target::Localhost)))
    );
}

/// An origin whose file is behind a redirect to an address that expires.
fn expiring(tokens: &Tokens) -> OriginBuilder {
    let tokens = tokens.clone();
    interrupted().with(|profile| {
        profile.redirect = Some(Redirect::once(Target::Same));
        profile.tokens = Some(tokens);
    })
}

/// Case 39.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_link_is_resolved_once_for_all_workers() {
    at_each_count(|connections| async move {
        for status in [403, 410, 401] {
            let tokens = Tokens::until_expired(status);
            // Slow enough that all workers are at it when the link expires.
            let origin = expiring(&tokens)
                .with(|profile| profile.faults.clear())
                .rate_per_connection(2_000_000)
                .fault(When::Always, Fault::CutAfter(300_000))
                .start()
                .await
                .unwrap();
            let folder = tempfile::tempdir().unwrap();
            let witness = std::sync::Arc::new(Witness::default());
            let transfer = request(&origin, folder.path(), connections).start(witness.clone());
            origin.wait_until(|log| log.bytes_sent() > 600_000).await.unwrap();
            tokens.expire();
            let finished = transfer.finished().await.unwrap();
            crate::support::assert_file_is(&finished.path, &origin.content());
            assert_eq!(
                tokens.issued(),
                2,
                "the original address was asked once more, {status}"
            );
            let from_original = origin
                .log()
                .requests()
                .iter()
                .filter(|entry| entry.status == Some(302))
                .count();
            assert_eq!(from_original, 2);
            assert_eq!(witness.count("LinkRenewed"), 1);
            assert_eq!(witness.count("Restarted"), 0);
        }
    })
    .await;
}

/// Case 39: a link that was renewed was asked for again, and that is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_link_counts_as_a_retry() {
    let tokens = Tokens::valid_for(2, 403);
    let origin = expiring(&tokens)
        .with(|profile| profile.faults.clear())
        .start()
        .await
        .unwrap();
    let download = download(&origin, 4).await;
    let renewed = download.witness.count("LinkRenewed") as u64;
    let finished = download.whole(&origin.content());
    assert!(renewed > 0, "no link was renewed");
    assert!(finished.retries >= renewed, "{} of {renewed}", finished.retries);
}

/// Case 39: links that last for a few requests each are renewed as often as it takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_expire_again_and_again_are_renewed_each_time() {
    at_each_count(|connections| async move {
        let tokens = Tokens::valid_for(3, 403);
        let origin = expiring(&tokens)
            .fault(When::Always, Fault::CutAfter(400_000))
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert!(tokens.issued() > 1);
    })
    .await;
}

/// Case 39: an address that no renewal helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_gone_for_good_fails_when_nobody_delivers_and_keeps_what_came() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .fault(When::After(1), Fault::Status(410))
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert!(names_in(download.folder.path()).contains(&"file.bin.part".to_owned()));
        download.failed(ErrorCode::Expired);
        assert!(origin.log().request_count() < 100, "it does not loop");
    })
    .await;
}

/// Case 39: links that expire by leading back to where they came from are followed for as long as it takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_lead_back_to_their_beginning_are_no_loop() {
    // Each signed address serves two requests.
    let served = AtomicU64::new(0);
    let origin = paced()
        .fault(When::Always, Fault::CutAfter(100_000))
        .on_request(move |request, _| {
            let next = |number| Script::new(302).header("Location", format!("/signed/{number}"));
            match request.path.strip_prefix("/signed/") {
                None => Some(next(served.load(Ordering::SeqCst) / 2)),
                Some(number) => {
                    let now = served.fetch_add(1, Ordering::SeqCst) / 2;
                    (number != now.to_string()).then(|| Script::new(302).header("Location", "/file.bin"))
                }
            }
        })
        .start()
        .await
        .unwrap();
    download(&origin, 1).await.whole(&origin.content());
}

/// Case 47: a host that speaks HTTP/2 alone, and breaks streams and connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_speaks_http_2_alone_is_understood_and_its_breaks_survived() {
    at_each_count(|connections| async move {
        for fault in [
            None,
            Some(Fault::ResetAfter(200_000)),
            Some(Fault::CutAfter(200_000)),
        ] {
            let builder = paced().protocols(Protocols::Http2).tls();
            let builder = match fault {
                Some(fault) => builder.fault(When::Every(3), fault),
                None => builder,
            };
            let origin = builder.start().await.unwrap();
            let (client, url) = (trusting(&origin), origin.https_url("file.bin"));
            download_from(&url, connections, |request| request.client(client))
                .await
                .whole(&origin.content());
        }
    })
    .await;
}

/// Case 47: where both are spoken, each worker has a connection of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_is_preferred_where_both_are_spoken() {
    let origin = paced().protocols(Protocols::Both).tls().start().await.unwrap();
    let (client, url) = (trusting(&origin), origin.https_url("file.bin"));
    download_from(&url, 4, |request| request.client(client))
        .await
        .whole(&origin.content());
    assert!(origin.log().peak_serving() > 1 && origin.log().connections() > 1);
}

/// Case 47: and back, where another node answers, or another server in a later download of the same process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_changes_what_it_speaks_is_asked_in_that() {
    at_each_count(|connections| async move {
        let origin = paced().protocols(Protocols::Http2).tls().start().await.unwrap();
        let (client, url) = (trusting(&origin), origin.https_url("file.bin"));
        for protocols in [Protocols::Http2, Protocols::Http1, Protocols::Http2] {
            origin.set_protocols(protocols);
            // What is open speaks the old one.
            origin.set_network(Network::Reset);
            origin
                .wait_until(|log| log.open_connections() == 0)
                .await
                .unwrap();
            origin.set_network(Network::Up);
            let client = client.clone();
            download_from(&url, connections, |request| request.client(client))
                .await
                .whole(&origin.content());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_checked_unless_the_host_is_named() {
    for protocols in [Protocols::Http1, Protocols::Http2] {
        let origin = paced().protocols(protocols).tls().start().await.unwrap();
        let url = origin.https_url("file.bin");
        let distrust = download_from(&url, 4, |request| request).await;
        assert_eq!(names_in(distrust.folder.path()), [""; 0], "nothing came");
        distrust.failed(ErrorCode::Certificate);
        let insecure = direct(HttpClientOptions {
            insecure_hosts: vec!["127.0.0.1".to_owned()],
            ..HttpClientOptions::default()
        });
        download_from(&url, 4, |request| request.client(insecure))
            .await
            .whole(&origin.content());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_for_good_are_believed_at_once() {
    for status in [404, 410, 403, 401, 405] {
        let origin = paced()
            .fault(When::Always, Fault::Status(status))
            .start()
            .await
            .unwrap();
        let download = download(&origin, 4).await;
        assert_eq!(names_in(download.folder.path()), [""; 0]);
        download.failed(ErrorCode::Refused);
        assert!(origin.log().request_count() <= 2, "{status}");
    }
    assert_eq!(
        Request::new("ftp://127.0.0.1/x").err().map(|error| error.code()),
        Some(ErrorCode::InvalidRequest)
    );
}
