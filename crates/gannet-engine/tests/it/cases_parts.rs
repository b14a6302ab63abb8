//! Cases 8–22: partial answers that are not what was asked for, and those that only look so.

use gannet_engine::ErrorCode;
use gannet_testkit::{
    DigestField, DigestKind, Entry, Fault, Framing, Origin, OriginBuilder, Outcome, RangeLie, Ranges, Script,
    Truth, When,
};

use crate::support::{SIZE, at_each_count, download, interrupted, paced};

/// Tells the lie in mid-file and with every answer, and demands the file whole and right all the same.
async fn survives(lie: RangeLie) {
    at_each_count(|connections| {
        let lie = lie.clone();
        async move {
            let told = |when| {
                let origin = interrupted().fault(when, Fault::Range(lie.clone()));
                async move {
                    let origin = origin.start().await.unwrap();
                    download(&origin, connections).await.whole(&origin.content());
                }
            };
            tokio::join!(told(When::MidFile), told(When::Always));
        }
    })
    .await;
}

/// Tells the lie once in mid-file: the range goes back to the queue, and nothing else happens.
async fn is_asked_again(lie: RangeLie) {
    at_each_count(|connections| {
        let lie = lie.clone();
        async move {
            let origin = interrupted()
                .fault(When::Only(2), Fault::Range(lie))
                .start()
                .await
                .unwrap();
            let download = download(&origin, connections).await;
            assert_eq!(download.witness.count("Restarted"), 0);
            download.whole(&origin.content());
            let whole_again = origin
                .log()
                .requests()
                .iter()
                .any(|entry| entry.status == Some(200));
            assert!(!whole_again, "one lie is no reason to give up ranges");
        }
    })
    .await;
}

/// Case 8.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_does_not_say_where_it_belongs_is_refused() {
    is_asked_again(RangeLie::NoContentRange).await;
    survives(RangeLie::NoContentRange).await;
}

/// Case 9.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_begins_elsewhere_is_refused() {
    is_asked_again(RangeLie::Shifted(1)).await;
    is_asked_again(RangeLie::Shifted(-1)).await;
    survives(RangeLie::HeaderShifted(4096)).await;
}

/// Case 9 by chance: while ranges are served, those that are not what was asked for are no reason to give them up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_gets_some_ranges_wrong_is_asked_for_ranges_all_the_same() {
    for connections in [4, 32] {
        let origin = Origin::builder()
            .size(SIZE)
            .rate_per_connection(500_000)
            .fault(When::Every(3), Fault::Range(RangeLie::Shifted(512)))
            .start()
            .await
            .unwrap();
        let finished = download(&origin, connections).await.whole(&origin.content());
        assert!(finished.retries > 0);
        let in_one = |entry: &Entry| entry.header("Range").is_none();
        assert!(
            !origin.log().requests().iter().any(in_one),
            "it was given up at {connections}"
        );
    }
}

/// Case 10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_shorter_than_asked_is_kept_and_the_rest_is_asked_for() {
    at_each_count(|connections| async move {
        let origin = paced()
            .fault(When::Always, Fault::Range(RangeLie::Shorter { bytes: 300_001 }))
            .start()
            .await
            .unwrap();
        let finished = download(&origin, connections).await.whole(&origin.content());
        assert_eq!(finished.bytes_discarded, 0);
        assert_eq!(origin.log().bytes_sent(), SIZE, "nothing is fetched twice");
    })
    .await;
}

/// Case 11.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_runs_past_its_range_is_cut_at_the_boundary() {
    /// More than anybody reads to keep a connection.
    const FAR: u64 = 4_000_000;
    at_each_count(|connections| async move {
        for (lie, size, runs_far) in [
            (RangeLie::RunsOn(50_000), SIZE, false),
            (RangeLie::RunsOnPastLength(50_000), SIZE, false),
            // Long enough that who read on would be done with it before the file is whole.
            (RangeLie::RunsOn(FAR), 4 * SIZE, true),
            (RangeLie::RunsOnPastLength(FAR), 4 * SIZE, true),
        ] {
            let origin = interrupted()
                .size(size)
                .fault(When::Always, Fault::Range(lie.clone()))
                .start()
                .await
                .unwrap();
            download(&origin, connections).await.whole(&origin.content());
            let under_way = |entry: &Entry| entry.outcome == Outcome::Underway;
            origin
                .wait_until(|log| !log.requests().iter().any(under_way))
                .await
                .unwrap();
            for entry in origin.log().requests().iter().filter(|_| runs_far) {
                assert_ne!(
                    entry.outcome,
                    Outcome::Complete,
                    "{lie:?}: it was read to its end"
                );
            }
        }
    })
    .await;
}

/// Case 12.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_name_another_length_restart_once_and_then_fail() {
    at_each_count(|connections| async move {
        let lie = || Fault::Range(RangeLie::CompleteLength(SIZE + 1));
        let origin = interrupted().fault(When::Only(2), lie()).start().await.unwrap();
        let once = download(&origin, connections).await;
        assert_eq!(once.witness.count("Restarted"), 1);
        once.whole(&origin.content());

        // Every probe is cut, so that the lie is met again.
        let origin = paced()
            .fault(When::Always, Fault::CutAfter(200_000))
            .fault(When::MidFile, lie())
            .start()
            .await
            .unwrap();
        let twice = download(&origin, connections).await;
        assert_eq!(twice.witness.count("Restarted"), 1);
        twice.failed(ErrorCode::Changed);
    })
    .await;
}

/// Case 13.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_without_the_complete_length_is_taken_where_the_validator_is_the_same() {
    at_each_count(|connections| async move {
        let unknown = || Fault::Range(RangeLie::UnknownComplete);
        let origin = interrupted()
            .fault(When::MidFile, unknown())
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert!(
            origin
                .log()
                .requests()
                .iter()
                .all(|entry| entry.status == Some(206))
        );

        let weak = interrupted().with(|profile| profile.etag = gannet_testkit::ETag::Weak);
        let origin = weak.fault(When::MidFile, unknown()).start().await.unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let took_one_stream = origin
            .log()
            .requests()
            .iter()
            .any(|entry| entry.status == Some(200));
        assert!(
            took_one_stream,
            "a weak sign does not vouch for a part of unknown whole"
        );
    })
    .await;
}

/// Case 13, in the probe: nothing tells the length.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_without_the_complete_length_ends_in_one_stream() {
    survives(RangeLie::UnknownComplete).await;
}

/// Case 14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversed_range_or_one_past_the_end_is_never_used() {
    is_asked_again(RangeLie::Reversed).await;
    survives(RangeLie::Reversed).await;
    survives(RangeLie::CompleteTooSmall).await;
}

/// Case 15.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_unit_or_another_spelling_is_refused() {
    is_asked_again(RangeLie::OtherUnit).await;
    survives(RangeLie::OtherUnit).await;
    survives(RangeLie::EqualsSign).await;
}

/// Case 16.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_another_length_than_its_range_is_refused() {
    is_asked_again(RangeLie::LengthOff(-1)).await;
    is_asked_again(RangeLie::LengthOff(1)).await;
    survives(RangeLie::LengthOff(-7)).await;
}

/// Case 17.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_twenty_digits_are_refused_in_words() {
    survives(RangeLie::HugeNumbers).await;
    // Where the whole is not to be had either, the error says what was wrong.
    let origin = paced()
        .on_request(|_, _| {
            let script = Script::new(206).bytes("x");
            Some(script.header(
                "Content-Range",
                "bytes 0-99999999999999999998/99999999999999999999",
            ))
        })
        .start()
        .await
        .unwrap();
    let error = download(&origin, 4).await.failed(ErrorCode::Protocol);
    assert!(error.to_string().contains("partial answer"), "{error}");
}

/// Case 19.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_parts_in_one_answer_are_refused() {
    is_asked_again(RangeLie::Multipart).await;
    survives(RangeLie::Multipart).await;
}

/// Case 20.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_range_is_refused_without_a_content_length_too() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| profile.framing = Framing::Chunked)
            .fault(When::MidFile, Fault::Range(RangeLie::Shifted(512)))
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
    })
    .await;
}

/// Case 21.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_nobody_asked_for_is_refused() {
    // Ranges are lied about until one stream is tried, and that is answered with a part.
    let lying = |builder: OriginBuilder, when| {
        builder
            .fault(When::Always, Fault::Range(RangeLie::NoContentRange))
            .fault(when, Fault::Range(RangeLie::Unasked))
    };
    at_each_count(|connections| async move {
        let origin = lying(paced(), When::First(5)).start().await.unwrap();
        download(&origin, connections).await.whole(&origin.content());
        let origin = lying(paced(), When::Always).start().await.unwrap();
        download(&origin, connections).await.failed(ErrorCode::Protocol);
    })
    .await;
}

/// Case 22.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_content_range_beside_a_200_means_nothing() {
    at_each_count(|connections| async move {
        let origin = paced()
            .with(|profile| profile.ranges = Ranges::Ignored)
            .fault(When::Always, Fault::Range(RangeLie::Stray))
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(origin.log().request_count(), 1);
    })
    .await;
}

/// Case 9 at its worst: the head is right and the bytes are from elsewhere. Only a digest can tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_from_elsewhere_under_a_right_head_are_found_by_the_parts_digest() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .with(|profile| {
                profile.digests = vec![DigestField {
                    kind: DigestKind::ContentSha256,
                    truth: Truth::Right,
                }];
            })
            .fault(When::Only(2), Fault::Range(RangeLie::BodyShifted(1000)))
            .start()
            .await
            .unwrap();
        let finished = download(&origin, connections).await.whole(&origin.content());
        assert!(finished.bytes_discarded > 0);
    })
    .await;
}
