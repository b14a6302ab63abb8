//! Cases 1–7 of the rules for range downloaders: which signs of a version let parts be combined, and what servers say of
//! ranges.

use std::time::Duration;

use gannet_testkit::{Dates, ETag, Outcome, Ranges};

use crate::support::{at_each_count, download, interrupted, paced};

/// Case 1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strong_entity_tag_lets_many_connections_share_a_file() {
    at_each_count(|connections| async move {
        let origin = interrupted().start().await.unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let conditions = origin.log().headers_seen("if-range");
        assert!(!conditions.is_empty(), "later requests name the version");
        assert!(
            conditions.iter().all(|tag| tag.starts_with('"')),
            "{conditions:?}"
        );
        assert_eq!(connections > 1, origin.log().peak_serving() > 1);
    })
    .await;
}

/// Case 2.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_entity_tag_serves_within_one_run_and_is_never_sent() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| profile.etag = ETag::Weak)
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(origin.log().headers_seen("if-range"), [""; 0]);
        assert_eq!(connections > 1, origin.log().peak_serving() > 1);
    })
    .await;
}

/// Case 3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_as_old_as_the_answer_is_a_weak_sign() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| {
                profile.etag = ETag::None;
                profile.dates = Dates::Apart(Duration::ZERO);
            })
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(origin.log().headers_seen("if-range"), [""; 0]);
    })
    .await;
}

/// Case 4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_a_second_older_than_the_answer_is_a_strong_sign() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| {
                profile.etag = ETag::None;
                profile.dates = Dates::Apart(Duration::from_secs(1));
            })
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let conditions = origin.log().headers_seen("if-range");
        assert!(!conditions.is_empty(), "later requests name the version");
        assert!(
            conditions.iter().all(|date| date.ends_with("GMT")),
            "{conditions:?}"
        );
    })
    .await;
}

/// No sign at all is as weak ones: equal length within one run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_sign_the_length_serves_within_one_run() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| {
                profile.etag = ETag::None;
                profile.dates = Dates::NoLastModified;
            })
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
    })
    .await;
}

/// What a connection brought at once, at this pace.
const BUFFER_BYTES: u64 = 64 << 10;

/// Case 5. That no byte is counted twice is what the witness checks with every snapshot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_ignored_from_some_answer_on_leave_one_stream_and_what_is_held() {
    at_each_count(|connections| async move {
        // The first answer that is asked for in mid-file, or among many the second.
        let ranges = Ranges::IgnoredAfter(if connections == 1 { 1 } else { 2 });
        let origin = interrupted()
            .with(|profile| profile.ranges = ranges)
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
        let asked = origin.log().requests();
        let whole: Vec<_> = asked.iter().filter(|entry| entry.status == Some(200)).collect();
        let read = whole
            .iter()
            .filter(|entry| entry.outcome == Outcome::Complete)
            .count();
        assert_eq!(
            read, 1,
            "one of them is the stream, and the others are let go of: {whole:?}"
        );
        // Those that were under way when the first came get the same answer; from then on nobody asks.
        assert!(whole.len() <= connections as usize, "{asked:?}");
        // What is there already is passed over; no more is lost than what others had on its way to their ranges.
        let on_its_way = u64::from(connections) * BUFFER_BYTES;
        assert!(
            finished.bytes_discarded <= on_its_way,
            "{} bytes of {connections} connections",
            finished.bytes_discarded
        );
    })
    .await;
}

/// Case 6.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_that_nobody_announced_are_used() {
    at_each_count(|connections| async move {
        let origin = paced()
            .with(|profile| profile.ranges = Ranges::HonouredUnannounced)
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(connections > 1, origin.log().peak_serving() > 1);
    })
    .await;
}

/// Case 7, and the answer of a server that knows no ranges.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_ranges_gets_one_request() {
    at_each_count(|connections| async move {
        for ranges in [Ranges::Refused, Ranges::Ignored] {
            let origin = paced()
                .with(|profile| profile.ranges = ranges)
                .start()
                .await
                .unwrap();
            download(&origin, connections).await.whole(&origin.content());
            assert_eq!(origin.log().request_count(), 1, "{ranges:?}");
        }
    })
    .await;
}
