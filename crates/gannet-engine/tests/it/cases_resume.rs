//! Two runs of one download, and a running one that is steered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::journal;
use gannet_engine::{ErrorCode, OnChange, OnExisting, Resume, Transfer, Verification};
use gannet_testkit::{Dates, ETag, Fault, Framing, Origin, OriginBuilder, Ranges, When};
use tempfile::TempDir;

use crate::support::{
    SIZE, Witness, assert_file_is, at_each_count, download_into, names_in, request, run, wait_until,
};

/// Slow enough to be stopped half-way.
pub(crate) fn slow(connections: u32) -> OriginBuilder {
    Origin::builder()
        .size(SIZE)
        .rate_total(4_000_000)
        .rate_per_connection(4_000_000 / u64::from(connections.min(4)))
}

fn bytes(witness: &Witness) -> u64 {
    let last = witness.last.lock().unwrap();
    last.as_ref().map_or(0, gannet_engine::Snapshot::bytes)
}

fn start(origin: &Origin, folder: &TempDir, connections: u32) -> (Transfer, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let request = request(origin, folder.path(), connections).report_every(Duration::from_millis(20));
    (request.start(witness.clone()), witness)
}

async fn half_way(witness: &Witness) {
    wait_until("half of it is there", || bytes(witness) >= SIZE / 2).await;
}

/// A folder with half a download, cancelled.
pub(crate) async fn half(origin: &Origin, connections: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (transfer, witness) = start(origin, &folder, connections);
    half_way(&witness).await;
    transfer.handle().cancel();
    let error = transfer.finished().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert_eq!(
        names_in(folder.path()),
        ["file.bin.part", "file.bin.part.journal"]
    );
    origin.log().clear();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_download_goes_on_where_it_stopped() {
    at_each_count(|connections| async move {
        let origin = slow(connections).start().await.unwrap();
        let folder = half(&origin, connections).await;
        let second = download_into(folder, &origin.url("file.bin"), connections, |request| request).await;
        assert_eq!(
            (second.witness.count("Resumed"), second.witness.count("Restarted")),
            (1, 0)
        );
        let finished = second.whole(&origin.content());
        assert!(finished.bytes_resumed >= SIZE / 2);
        // Nothing of what was there comes again: the cancel recorded all of it.
        let useful = SIZE - finished.bytes_resumed;
        let sent = origin.log().bytes_sent();
        assert!(
            sent <= useful + (1 << 20) * u64::from(connections),
            "{sent} bytes for {useful}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_run_without_a_strong_validator_compares_a_sample_first() {
    at_each_count(|connections| async move {
        for (etag, dates) in [(ETag::Weak, Dates::LongAgo), (ETag::None, Dates::NoLastModified)] {
            let origin = slow(connections)
                .with(|profile| {
                    profile.etag = etag;
                    profile.dates = dates;
                })
                .start()
                .await
                .unwrap();
            let folder = half(&origin, connections).await;
            let held = std::fs::read(folder.path().join("file.bin.part.journal")).unwrap();
            let held = journal::decode(&held).unwrap().written;
            let second = download_into(folder, &origin.url("file.bin"), connections, |request| request).await;
            assert_eq!(
                (second.witness.count("Resumed"), second.witness.count("Restarted")),
                (1, 0)
            );
            let finished = second.whole(&origin.content());
            assert_eq!(finished.verification, Verification::Unverified { advisory: None });
            // What is fetched for the file is what is not held; what is fetched to compare is.
            let is_held = |range: &std::ops::Range<u64>| {
                held.iter()
                    .any(|held| held.start() <= range.start && range.end <= held.end())
            };
            let ranges = origin.log().ranges();
            let sampled = ranges.iter().filter(|range| is_held(range)).count();
            assert!((2..=10).contains(&sampled), "{sampled} pieces");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changed_between_runs_is_begun_anew_or_kept_as_asked() {
    at_each_count(|connections| async move {
        for etag in [ETag::Strong, ETag::Weak] {
            let origin = slow(connections)
                .with(|profile| profile.etag = etag)
                .start()
                .await
                .unwrap();
            let folder = half(&origin, connections).await;
            let url = origin.url("file.bin");
            origin.set_version(2);
            let refused = download_into(folder, &url, connections, |request| {
                request.on_change(OnChange::Fail)
            })
            .await;
            assert_eq!(
                names_in(refused.folder.path()),
                ["file.bin.part", "file.bin.part.journal"],
                "what was held is kept"
            );
            // The old version is back: what was kept is still good.
            origin.set_version(1);
            let resumed = download_into(refused.folder, &url, connections, |request| request).await;
            assert_eq!(resumed.witness.count("Resumed"), 1);
            resumed.whole(&origin.content());

            let folder = half(&origin, connections).await;
            origin.set_version(2);
            let anew = download_into(folder, &url, connections, |request| request).await;
            assert_eq!(anew.witness.count("Restarted"), 1);
            anew.whole(&origin.content_of(2));
        }
    })
    .await;
}

/// Nothing can be compared with an answer of unknown length, and nothing continued from one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_length_that_is_no_longer_told_drops_nothing_unasked() {
    for etag in [ETag::Strong, ETag::Weak] {
        let origin = slow(4)
            .with(|profile| profile.etag = etag.clone())
            .start()
            .await
            .unwrap();
        let endless = slow(4)
            .with(|profile| {
                profile.etag = etag;
                profile.ranges = Ranges::Ignored;
                profile.framing = Framing::Chunked;
            })
            .start()
            .await
            .unwrap();
        let folder = half(&origin, 4).await;
        let refused = download_into(folder, &endless.url("file.bin"), 4, |request| {
            request.on_change(OnChange::Fail)
        })
        .await;
        assert_eq!(
            names_in(refused.folder.path()),
            ["file.bin.part", "file.bin.part.journal"],
            "what was held is kept"
        );
        let resumed = download_into(refused.folder, &origin.url("file.bin"), 4, |request| request).await;
        assert_eq!(resumed.witness.count("Resumed"), 1);
        resumed.whole(&origin.content());

        let folder = half(&origin, 4).await;
        let anew = download_into(folder, &endless.url("file.bin"), 4, |request| request).await;
        assert_eq!(anew.witness.count("Restarted"), 1);
        anew.whole(&origin.content());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_another_length_between_runs_is_begun_anew() {
    let origin = slow(4).start().await.unwrap();
    let folder = half(&origin, 4).await;
    origin.set_version(2);
    origin.set_size(1_234_567);
    let anew = download_into(folder, &origin.url("file.bin"), 4, |request| request).await;
    assert_eq!(anew.witness.count("Restarted"), 1);
    anew.whole(&origin.content_of(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_dropped_where_the_caller_says_so() {
    let origin = slow(4).start().await.unwrap();
    let folder = half(&origin, 4).await;
    let url = origin.url("file.bin");
    let anew = download_into(folder, &url, 4, |request| request.resume(Resume::StartOver)).await;
    assert_eq!(anew.whole(&origin.content()).bytes_resumed, 0);
}

/// A re-signed address is another address of the same file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_query_goes_on_with_what_is_held() {
    let origin = slow(4).start().await.unwrap();
    let folder = half(&origin, 4).await;
    let url = origin.url("file.bin?signature=of-today");
    let finished = download_into(folder, &url, 4, |request| request)
        .await
        .whole(&origin.content());
    assert!(finished.bytes_resumed >= SIZE / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_file_is_held_against_its_digest_from_the_first_byte() {
    let origin = slow(4).start().await.unwrap();
    let folder = half(&origin, 4).await;
    let (url, digest) = (
        origin.url("file.bin"),
        format!("sha256:{}", origin.content().sha256_hex()),
    );
    let finished = download_into(folder, &url, 4, |request| request.checksum(&digest).unwrap()).await;
    assert!(matches!(
        finished.whole(&origin.content()).verification,
        Verification::Verified { .. }
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_closes_what_is_open_and_a_resume_goes_on() {
    at_each_count(|connections| async move {
        for ranges in [Ranges::Honoured, Ranges::Ignored] {
            let origin = slow(connections)
                .with(|profile| profile.ranges = ranges)
                .start()
                .await
                .unwrap();
            let folder = tempfile::tempdir().unwrap();
            let (transfer, witness) = start(&origin, &folder, connections);
            half_way(&witness).await;
            transfer.handle().pause();
            let idle = |log: &gannet_testkit::Log| {
                let requests = log.requests();
                requests
                    .iter()
                    .all(|entry| entry.outcome != gannet_testkit::Outcome::Underway)
            };
            origin.wait_until(idle).await.unwrap();
            let before = bytes(&witness);
            assert!(before < SIZE);
            transfer.handle().resume();
            let finished = transfer.finished().await.unwrap();
            assert_file_is(&finished.path, &origin.content());
            assert_eq!(witness.count("Restarted"), 0);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_connections_changes_while_it_runs() {
    let origin = Origin::builder()
        .size(SIZE)
        .rate_per_connection(500_000)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (transfer, witness) = start(&origin, &folder, 1);
    wait_until("something is there", || bytes(&witness) > 0).await;
    assert_eq!(origin.log().peak_serving(), 1);
    transfer.handle().set_connections(6);
    origin.wait_until(|log| log.peak_serving() >= 3).await.unwrap();
    transfer.handle().set_connections(1);
    let connections = || {
        witness
            .last
            .lock()
            .unwrap()
            .as_ref()
            .map_or(0, |last| last.connections)
    };
    wait_until("all but one are let go", || connections() == 1).await;
    transfer.handle().set_connections(32);
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_and_is_lifted_while_it_runs() {
    for ranges in [Ranges::Honoured, Ranges::Ignored] {
        let origin = Origin::builder()
            .size(SIZE)
            .with(|profile| profile.ranges = ranges)
            .start()
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let witness = Arc::new(Witness::default());
        let began = Instant::now();
        let transfer = request(&origin, folder.path(), 4)
            .pacer(gannet_engine::Pacer::unlimited())
            .report_every(Duration::from_millis(20))
            .start(witness.clone());
        // The whole would take more than a minute.
        transfer.handle().set_limit(Some(60_000));
        wait_until("a part of it is there", || bytes(&witness) >= 200_000).await;
        let took = began.elapsed();
        assert!(
            took >= Duration::from_millis(400),
            "limited to 60 kB/s, 200 kB came in {took:?}"
        );
        transfer.handle().set_limit(None);
        let finished = transfer.finished().await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the rest came without a limit"
        );
    }
}

/// A low limit is worth few connections, from the first moment on, however fast the origin is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_opens_no_more_connections_than_it_takes() {
    const CONNECTIONS_MAX: usize = 4;
    for limit_bytes_per_s in [100_000, 1_000_000, 2_000_000] {
        let origin = Origin::builder().size(64 << 20).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let witness = Arc::new(Witness::default());
        let transfer = request(&origin, folder.path(), 32)
            .pacer(gannet_engine::Pacer::new(Some(limit_bytes_per_s)))
            .report_every(Duration::from_millis(20))
            .start(witness.clone());
        wait_until("two seconds' worth of it is there", || {
            bytes(&witness) >= 2 * limit_bytes_per_s
        })
        .await;
        transfer.handle().cancel();
        transfer.finished().await.unwrap_err();
        let peak = origin.log().peak_connections();
        assert!(
            peak <= CONNECTIONS_MAX,
            "{peak} connections for {limit_bytes_per_s} B/s"
        );
    }
}

/// However low the limit, a cancel is heard.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_is_heard_at_once_under_any_limit() {
    for ranges in [Ranges::Honoured, Ranges::Ignored] {
        let origin = Origin::builder()
            .size(SIZE)
            .with(|profile| profile.ranges = ranges)
            .start()
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (transfer, _witness) = start(&origin, &folder, 4);
        transfer.handle().set_limit(Some(100));
        origin.wait_until(|log| log.bytes_sent() > 100_000).await.unwrap();
        let began = Instant::now();
        transfer.handle().cancel();
        assert_eq!(
            transfer.finished().await.unwrap_err().code(),
            ErrorCode::Cancelled
        );
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{ranges:?}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_goes_on_where_the_old_one_stopped() {
    at_each_count(|connections| async move {
        let origin = slow(connections).start().await.unwrap();
        let other = slow(connections)
            .with(|profile| profile.etag = ETag::Literal("\"elsewhere\"".to_owned()))
            .start()
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (transfer, witness) = start(&origin, &folder, connections);
        half_way(&witness).await;
        transfer.handle().replace_url(&other.url("file.bin")).unwrap();
        let finished = transfer.finished().await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert!(other.log().bytes_sent() > 0);
        assert_eq!(witness.count("Restarted"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_of_another_file_fails_and_keeps_what_came() {
    for other in [slow(4).seed(99), slow(4).size(SIZE - 1)] {
        let (origin, other) = (slow(4).start().await.unwrap(), other.start().await.unwrap());
        let folder = tempfile::tempdir().unwrap();
        let (transfer, witness) = start(&origin, &folder, 4);
        half_way(&witness).await;
        transfer.handle().replace_url(&other.url("file.bin")).unwrap();
        assert_eq!(transfer.finished().await.unwrap_err().code(), ErrorCode::Changed);
        assert_eq!(
            names_in(folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
        let second = download_into(folder, &origin.url("file.bin"), 4, |request| request).await;
        assert!(second.whole(&origin.content()).bytes_resumed >= SIZE / 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_joins_while_it_runs_where_a_digest_is_known() {
    let (origin, mirror) = (slow(4).start().await.unwrap(), slow(4).start().await.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(Witness::default());
    let transfer = request(&origin, folder.path(), 4)
        .checksum(&format!("sha256:{}", origin.content().sha256_hex()))
        .unwrap()
        .report_every(Duration::from_millis(20))
        .start(witness.clone());
    wait_until("something is there", || bytes(&witness) > 0).await;
    transfer.handle().add_mirror(&mirror.url("file.bin")).unwrap();
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert!(mirror.log().bytes_sent() > 0);
}

/// Two transfers to one target: the second is refused, or goes beside the first, which goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_being_downloaded_is_refused_to_others_of_no_other_name() {
    let origin = slow(4)
        .fault(When::Every(50), Fault::CloseAfter)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (first, witness) = start(&origin, &folder, 4);
    wait_until("something is there", || bytes(&witness) > 0).await;
    for choice in [OnExisting::Overwrite, OnExisting::Fail] {
        let second = request(&origin, folder.path(), 4).on_existing(choice);
        assert_eq!(run(second).await.unwrap_err().code(), ErrorCode::TargetBusy);
    }
    let beside = run(request(&origin, folder.path(), 4)).await.unwrap();
    assert!(beside.path.ends_with("file (1).bin"), "{}", beside.path.display());
    assert_file_is(&beside.path, &origin.content());
    assert_file_is(&first.finished().await.unwrap().path, &origin.content());
    assert_eq!(names_in(folder.path()), ["file (1).bin", "file.bin"]);
}
