//! Several transfers at one host that takes few connections, all of one caller.

use std::time::Duration;

use gannet_engine::{HostBudget, HttpClientOptions};
use gannet_testkit::{Beyond, Cap, Entry, Origin, Refusal};

use crate::support::{assert_file_is, direct, download, request_from, run_watched};

/// Eight files of a second each at a host that serves two at once: the last ones have to wait for longer than they bear
/// that nothing comes.
async fn eight_files_at_a_host_that_takes_two(beyond: Beyond, ranges: gannet_testkit::Ranges) {
    let origin = Origin::builder()
        .size(1_000_000)
        .rate_per_connection(1_000_000)
        .with(|profile| {
            profile.ranges = ranges;
            profile.cap = Some(Cap {
                at_most: 2,
                beyond: beyond.clone(),
            });
        })
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (hosts, client) = (HostBudget::default(), direct(HttpClientOptions::default()));
    let one = async |number: u32| {
        let url = origin.url(&format!("{number}.bin"));
        let request = request_from(&url, folder.path(), 4)
            .host_budget(hosts.clone())
            .client(client.clone())
            .retry_for(Duration::from_secs(2));
        let (result, witness) = run_watched(request).await;
        result.unwrap_or_else(|error| panic!("{beyond:?}, file {number}: {error}\n{:?}", witness.events()))
    };
    for finished in futures_util::future::join_all((0..8).map(one)).await {
        assert_file_is(&finished.path, &origin.content());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_turned_away_beside_others_waits_for_its_turn() {
    use gannet_testkit::Ranges::{Honoured, Refused};
    let busy = Beyond::Refuse(Refusal::status(503));
    tokio::join!(
        eight_files_at_a_host_that_takes_two(busy.clone(), Honoured),
        eight_files_at_a_host_that_takes_two(busy, Refused),
        eight_files_at_a_host_that_takes_two(Beyond::Reset, Honoured),
    );
}

/// A host that takes one connection, and longer to answer than it is waited for before it is asked again beside: the
/// second question is turned away because of the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_question_that_is_turned_away_does_not_spoil_the_first() {
    for beyond in [Beyond::Refuse(Refusal::status(503)), Beyond::Reset] {
        let origin = Origin::builder()
            .size(500_000)
            .with(|profile| {
                profile.pace.first_latency = Duration::from_millis(3_500);
                profile.cap = Some(Cap {
                    at_most: 1,
                    beyond: beyond.clone(),
                });
            })
            .start()
            .await
            .unwrap();
        let download = download(&origin, 4).await;
        let asked_whole = |entry: &Entry| entry.header("Range") == Some("bytes=0-");
        let asked = origin
            .log()
            .requests()
            .iter()
            .filter(|&entry| asked_whole(entry))
            .count();
        assert_eq!(asked, 2, "{beyond:?}: {:?}", download.witness.events());
        download.whole(&origin.content());
    }
}
