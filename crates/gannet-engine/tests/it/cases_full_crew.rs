//! What goes wrong with one answer while 31 others are under way. The cases of the other files run at 32 connections with files
//! that eight of them share; here all 32 are at work, as the origin saw.

use std::sync::Arc;

use gannet_testkit::{Change, ETag, Fault, Origin, OriginBuilder, RangeLie, Redirect, Target, Tokens, When};

use crate::support::{Witness, assert_file_is, download, request};

const CONNECTIONS: u32 = 32;

/// Slow enough that every one of 32 connections has two units to fetch when the last one is open.
fn throttled() -> OriginBuilder {
    Origin::builder().size(34_000_037).rate_per_connection(1_500_000)
}

fn assert_all_were_at_work(origin: &Origin, case: &str) {
    // One that was let go of counts there until that is noticed.
    let peak = origin.log().peak_serving();
    assert!(peak >= CONNECTIONS as usize, "{case}: {peak}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_break_or_lie_among_thirty_two_are_asked_for_again() {
    let other_tag = Fault::ETag("\"of another node\"".to_owned());
    for (case, faults) in [
        ("1: none", vec![]),
        ("18: another entity tag", vec![(When::Only(36), other_tag)]),
        ("28: cut", vec![(When::Every(3), Fault::CutAfter(200_000))]),
        ("28: reset", vec![(When::Every(5), Fault::ResetAfter(100_000))]),
        (
            "40: pages",
            vec![(When::Only(20), Fault::Html), (When::Only(33), Fault::Html)],
        ),
        (
            "8 to 11: lies",
            vec![
                (When::Every(11), Fault::Range(RangeLie::NoContentRange)),
                (When::Every(7), Fault::Range(RangeLie::Shifted(7))),
                (When::Every(4), Fault::Range(RangeLie::Shorter { bytes: 100_000 })),
                (When::Every(5), Fault::Range(RangeLie::RunsOn(5_000))),
            ],
        ),
    ] {
        let origin = throttled()
            .with(|profile| profile.faults = faults)
            .start()
            .await
            .unwrap();
        let download = download(&origin, CONNECTIONS).await;
        assert_eq!(download.witness.count("Restarted"), 0, "{case}");
        let finished = download.whole(&origin.content());
        assert!(finished.connections_peak <= CONNECTIONS, "{case}");
        assert_all_were_at_work(&origin, case);
    }
}

/// Case 23.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_under_thirty_two_connections_is_begun_anew_once() {
    for etag in [ETag::Strong, ETag::Weak] {
        let case = format!("{etag:?}");
        let origin = throttled()
            .with(|profile| {
                profile.etag = etag;
                profile.change = Change::AfterAnswers(40);
            })
            .start()
            .await
            .unwrap();
        let download = download(&origin, CONNECTIONS).await;
        assert_eq!(download.witness.count("Restarted"), 1, "{case}");
        download.whole(&origin.content_of(2));
        assert_all_were_at_work(&origin, &case);
    }
}

/// Case 39.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_expires_under_thirty_two_connections_is_resolved_once_for_all() {
    let tokens = Tokens::until_expired(403);
    let origin = throttled()
        .with(|profile| {
            profile.redirect = Some(Redirect::once(Target::Same));
            profile.tokens = Some(tokens.clone());
        })
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(Witness::default());
    let transfer = request(&origin, folder.path(), CONNECTIONS).start(witness.clone());
    origin
        .wait_until(|log| log.peak_serving() >= CONNECTIONS as usize)
        .await
        .unwrap();
    tokens.expire();
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(tokens.issued(), 2, "{:?}", witness.events());
    assert_eq!(witness.count("LinkRenewed"), 1);
    assert_eq!(witness.count("Restarted"), 0);
}
