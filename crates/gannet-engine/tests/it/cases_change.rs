//! Cases 23–31: files that change while they are fetched, and bodies that end before their time. Also the question
//! "does it still fit?", which every contradiction raises.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gannet_engine::{ErrorCode, OnChange, Outcome, Verification};
use gannet_testkit::{Change, Fault, Framing, Log, Origin, OriginBuilder, Ranges, Script, When};

use crate::support::{
    Download, SIZE, at_each_count, download, download_from, download_with, interrupted, names_in, paced,
    trusting,
};

/// An origin whose answers are slow and break off, so that something is asked for at every moment.
fn restless() -> OriginBuilder {
    paced()
        .rate_per_connection(2_000_000)
        .fault(When::Always, Fault::CutAfter(300_000))
}

/// Downloads the file while it becomes the next version, once per `changes`, each time in mid-file.
async fn download_changing(origin: &Origin, connections: u32, changes: u64, on_change: OnChange) -> Download {
    let change = async {
        for version in 2..2 + changes {
            // Each version is met with a probe.
            let probes = |log: &Log| {
                let ranges = log.headers_seen("range");
                ranges.iter().filter(|range| *range == "bytes=0-").count() as u64
            };
            origin.wait_until(|log| probes(log) >= version - 1).await.unwrap();
            let sent = origin.log().bytes_sent();
            origin
                .wait_until(|log| log.bytes_sent() > sent + 600_000)
                .await
                .unwrap();
            origin.set_version(version);
        }
    };
    let download = download_with(origin, connections, |request| request.on_change(on_change));
    tokio::join!(download, change).0
}

/// Case 23.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_is_begun_anew_and_never_mixed() {
    at_each_count(|connections| async move {
        let origin = restless().start().await.unwrap();
        let download = download_changing(&origin, connections, 1, OnChange::Restart).await;
        assert_eq!(
            download.witness.count("Restarted"),
            1,
            "{:?}",
            download.witness.events()
        );
        download.whole(&origin.content_of(2));
    })
    .await;
}

/// Case 23, where the caller would rather keep what is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_fails_where_that_was_asked_for_and_keeps_what_came() {
    at_each_count(|connections| async move {
        let origin = restless().start().await.unwrap();
        let download = download_changing(&origin, connections, 1, OnChange::Fail).await;
        assert_eq!(
            names_in(download.folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
        download.failed(ErrorCode::Changed);
    })
    .await;
}

/// A second change within one run is one too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_twice_fails() {
    at_each_count(|connections| async move {
        let origin = restless().start().await.unwrap();
        let download = download_changing(&origin, connections, 2, OnChange::Restart).await;
        assert_eq!(
            download.witness.count("Restarted"),
            1,
            "{:?}",
            download.witness.events()
        );
        download.failed(ErrorCode::Changed);
    })
    .await;
}

/// A file that changes under one stream is another file too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_under_one_stream_is_begun_anew_or_fails_as_asked() {
    at_each_count(|connections| async move {
        let changing = || {
            interrupted().with(|profile| {
                profile.ranges = Ranges::Ignored;
                profile.change = Change::AfterAnswers(1);
            })
        };
        let origin = changing().start().await.unwrap();
        let anew = download(&origin, connections).await;
        assert_eq!(anew.witness.count("Restarted"), 1);
        anew.whole(&origin.content_of(2));

        let origin = changing().start().await.unwrap();
        let failed = download_with(&origin, connections, |request| request.on_change(OnChange::Fail)).await;
        assert_eq!(
            names_in(failed.folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
        failed.failed(ErrorCode::Changed);
    })
    .await;
}

/// Case 18: the nodes of a host name equal bytes differently.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_bytes_under_another_entity_tag_are_kept_and_unverified() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .fault(When::Every(2), Fault::ETag("\"of-another-node\"".to_owned()))
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(
            download.witness.count("Restarted"),
            0,
            "{:?}",
            download.witness.events()
        );
        let finished = download.whole(&origin.content());
        assert_eq!(finished.verification, Verification::Unverified { advisory: None });
        assert!(origin.log().request_count() < 100, "it does not loop");
    })
    .await;
}

/// Case 24.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_precondition_is_looked_into_and_equal_bytes_are_kept() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .fault(When::Only(2), Fault::PreconditionFailed)
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(
            download.witness.count("Restarted"),
            0,
            "{:?}",
            download.witness.events()
        );
        download.whole(&origin.content());
    })
    .await;
}

/// The origin's file, about which doubts arise in mid-file, until a login page has come so many times to the question
/// what the file is.
fn behind_a_login(pages: u64) -> OriginBuilder {
    let probes = AtomicU64::new(0);
    interrupted().on_request(move |request, _| {
        let is_probe = request.header("range") == Some("bytes=0-");
        let earlier = probes.fetch_add(u64::from(is_probe), Ordering::SeqCst);
        match is_probe {
            true if earlier == 0 || earlier > pages => None,
            true => Some(
                Script::new(200)
                    .header("Content-Type", "text/html")
                    .bytes("<p>Please log in."),
            ),
            false => (earlier <= pages).then(|| Script::text(412, "no")),
        }
    })
}

/// Case 40 at the question whether it still fits: a page is no word on the file, and no new version of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_answers_a_doubt_is_not_taken_for_a_new_version() {
    at_each_count(|connections| async move {
        let origin = behind_a_login(2).start().await.unwrap();
        let download = download(&origin, connections).await;
        let events = download.witness.events();
        assert_eq!(download.witness.count("Restarted"), 0, "{events:?}");
        assert!(
            events.iter().any(|event| event.contains("a page (text/html)")),
            "the page was met: {events:?}"
        );
        download.whole(&origin.content());
    })
    .await;
}

/// The same, where the login never ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_answer_a_doubt_for_ever_fail_and_keep_what_came() {
    at_each_count(|connections| async move {
        let origin = behind_a_login(u64::MAX).start().await.unwrap();
        let patience = Duration::from_millis(800);
        let download = download_with(&origin, connections, |request| request.retry_for(patience)).await;
        assert_eq!(
            names_in(download.folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
        let error = download.failed(ErrorCode::GaveOut).to_string();
        assert!(error.contains("a page (text/html)"), "{error}");
    })
    .await;
}

/// Case 25.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_called_not_satisfiable_is_asked_again_where_the_length_is_right() {
    at_each_count(|connections| async move {
        let denied = Fault::NotSatisfiable { complete: Some(SIZE) };
        let origin = interrupted().fault(When::Only(2), denied).start().await.unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(
            download.witness.count("Restarted"),
            0,
            "{:?}",
            download.witness.events()
        );
        download.whole(&origin.content());
    })
    .await;
}

/// Case 25, with another length: the file is another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_called_not_satisfiable_with_another_length_begins_anew() {
    at_each_count(|connections| async move {
        let denied = Fault::NotSatisfiable { complete: Some(999) };
        let origin = interrupted().fault(When::Only(2), denied).start().await.unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(
            download.witness.count("Restarted"),
            1,
            "{:?}",
            download.witness.events()
        );
        download.whole(&origin.content());
    })
    .await;
}

/// Case 26.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_416_that_says_nothing_brings_one_new_probe_and_no_loop() {
    at_each_count(|connections| async move {
        let silent = || Fault::NotSatisfiable { complete: None };
        let origin = interrupted()
            .fault(When::Only(2), silent())
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let requests = origin.log().requests();
        let probes = requests
            .iter()
            .filter(|entry| entry.header("Range") == Some("bytes=0-"));
        // Where others are at work and little has come yet, the range is only asked for once more.
        let (probes, at_least) = (probes.count(), if connections == 1 { 2 } else { 1 });
        assert!((at_least..=2).contains(&probes), "{probes} at {connections}");

        // To the probe: then as one stream.
        let origin = paced()
            .with(|profile| profile.ranges = Ranges::Ignored)
            .fault(When::First(1), silent())
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let requests = origin.log().requests();
        let ranges: Vec<_> = requests.iter().map(|entry| entry.header("Range")).collect();
        assert_eq!(ranges, [Some("bytes=0-"), None]);

        // To everything: an error, soon.
        let origin = paced().fault(When::Always, silent()).start().await.unwrap();
        download(&origin, connections).await.failed(ErrorCode::Protocol);
        assert!(origin.log().request_count() < 10);
    })
    .await;
}

/// Case 27.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_file_is_finished_and_empty() {
    at_each_count(|connections| async move {
        for ranges in [Ranges::Honoured, Ranges::Ignored] {
            let origin = paced()
                .size(0)
                .with(|profile| profile.ranges = ranges)
                .start()
                .await
                .unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            assert_eq!((finished.bytes, finished.outcome), (0, Outcome::Downloaded));
        }
    })
    .await;
}

/// Case 28.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_ends_early_leaves_a_gap_that_is_asked_for_again() {
    at_each_count(|connections| async move {
        for fault in [Fault::CutAfter(150_000), Fault::ResetAfter(150_000)] {
            let origin = paced().fault(When::Always, fault).start().await.unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            assert_eq!(finished.bytes, SIZE);
        }
    })
    .await;
}

/// An origin without ranges and length, whose bodies end in this way.
fn endless(framing: Framing) -> OriginBuilder {
    paced().with(|profile| {
        profile.ranges = Ranges::Refused;
        profile.framing = framing;
    })
}

/// Case 29.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_that_ends_without_a_goodbye_is_no_end_of_a_file() {
    let origin = endless(Framing::UntilClose)
        .tls()
        .fault(When::Always, Fault::CutWithoutCloseNotify(1_000_000))
        .start()
        .await
        .unwrap();
    let client = trusting(&origin);
    let url = origin.https_url("file.bin");
    download_from(&url, 4, |request| request.client(client))
        .await
        .failed(ErrorCode::GaveOut);
}

/// Case 29, the other way round: with a goodbye the end is the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_until_the_close_is_whole_where_the_close_is_proper() {
    at_each_count(|connections| async move {
        let origin = endless(Framing::UntilClose).tls().start().await.unwrap();
        let (client, url) = (trusting(&origin), origin.https_url("file.bin"));
        download_from(&url, connections, |request| request.client(client))
            .await
            .whole(&origin.content());
        download(&origin, connections).await.whole(&origin.content());
    })
    .await;
}

/// Case 30.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_without_a_last_one_are_never_done() {
    at_each_count(|connections| async move {
        let unfinished = || Fault::Framing(Framing::ChunkedUnfinished);
        let origin = endless(Framing::Chunked)
            .fault(When::First(1), unfinished())
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(origin.log().request_count(), 2);

        let origin = endless(Framing::Chunked)
            .size(100_000)
            .fault(When::Always, unfinished())
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.failed(ErrorCode::GaveOut);
        assert!(origin.log().request_count() < 20, "it does not loop");
    })
    .await;
}

/// Case 31.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_ways_to_tell_the_length_are_an_error() {
    at_each_count(|connections| async move {
        let origin = paced()
            .fault(When::Always, Fault::Framing(Framing::ChunkedAndLength))
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.failed(ErrorCode::Protocol);
    })
    .await;
}

/// Servers of an older kind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_0_and_chunks_without_a_length_arrive_whole() {
    at_each_count(|connections| async move {
        let old = paced().with(|profile| {
            profile.http_version = gannet_testkit::HttpVersion::Http10;
            profile.framing = Framing::UntilClose;
            profile.ranges = Ranges::Refused;
        });
        for builder in [old, endless(Framing::Chunked)] {
            let origin = builder.start().await.unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            assert_eq!((finished.bytes, origin.log().request_count()), (SIZE, 1));
        }
        // HTTP/1.0 with ranges: every answer ends its connection.
        let origin = paced()
            .with(|profile| profile.http_version = gannet_testkit::HttpVersion::Http10)
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
    })
    .await;
}
