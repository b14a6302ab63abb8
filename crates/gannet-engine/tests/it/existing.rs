//! A file that bears the name already, and is read to know whether it is the one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{ErrorCode, OnExisting, Outcome, Verification};
use gannet_testkit::{Dates, ETag, Fault, Origin, Outcome as AnswerOutcome, Profile, Ranges, When};

use crate::faults_hooked::HookedDisk;
use crate::support::{
    SIZE, assert_file_is, at_each_count, download_into, download_with, names_in, paced, request, run,
};

/// Reading a large file takes minutes; a server that is left waiting so long gives up, or counts it as a download.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_let_go_of_before_the_file_that_is_there_is_read() {
    let origin = Origin::builder()
        .size(SIZE)
        .fault(When::Always, Fault::Slow { bytes_per_s: 1_000 })
        .start()
        .await
        .unwrap();
    let digest = format!("sha256:{}", origin.content().sha256_hex());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("file.bin"),
        origin.content().bytes(0, SIZE as usize),
    )
    .unwrap();
    let disk = RealDirectory::create_and_open(folder.path()).unwrap();
    let log = origin.log().clone();
    let disk = HookedDisk::over_watching_reads(Arc::new(disk) as Arc<dyn Directory>, move |name| {
        let began = Instant::now();
        while name == "file.bin" && log.requests()[0].outcome != AnswerOutcome::Abandoned {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the answer is held open"
            );
            // polls: a read is no place to wait for the log
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let download = download_with(&origin, 4, |request| {
        request.storage(disk).checksum(&digest).unwrap()
    })
    .await;
    let finished = download.ended_well();
    assert_eq!(finished.outcome, Outcome::AlreadyThere);
    assert!(matches!(finished.verification, Verification::Verified { .. }));
    assert_eq!(origin.log().request_count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_the_same_length_and_another_digest_stays_and_the_right_one_comes_beside_it() {
    at_each_count(|connections| async move {
        for ranges in [Ranges::Honoured, Ranges::Ignored] {
            let origin = paced()
                .with(|profile| profile.ranges = ranges)
                .start()
                .await
                .unwrap();
            let digest = format!("sha256:{}", origin.content().sha256_hex());
            let folder = tempfile::tempdir().unwrap();
            let mine = vec![7; SIZE as usize];
            std::fs::write(folder.path().join("file.bin"), &mine).unwrap();
            let download = download_into(folder, &origin.url("file.bin"), connections, |request| {
                request.checksum(&digest).unwrap()
            })
            .await;
            assert_eq!(names_in(download.folder.path()), ["file (1).bin", "file.bin"]);
            assert_eq!(
                std::fs::read(download.folder.path().join("file.bin")).unwrap(),
                mine
            );
            assert_file_is(&download.folder.path().join("file (1).bin"), &origin.content());
            download.ended_well();
        }
    })
    .await;
}

/// What was downloaded before is asked for again, and lies there under one of these names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_file_is_not_fetched_again_whatever_would_become_of_its_name() {
    for (etag, choice, foreign) in [
        (ETag::Strong, OnExisting::Overwrite, false),
        (ETag::Strong, OnExisting::Rename, true),
        (ETag::Weak, OnExisting::Rename, false),
        (ETag::Weak, OnExisting::Overwrite, false),
    ] {
        let case = format!("{etag:?}, {choice:?}, foreign file: {foreign}");
        let change = |profile: &mut Profile| {
            profile.etag = etag;
            profile.dates = Dates::NoLastModified;
        };
        let origin = paced().with(change).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        if foreign {
            std::fs::write(folder.path().join("file.bin"), b"mine").unwrap();
        }
        let again = || request(&origin, folder.path(), 4).on_existing(choice);
        let first = run(again()).await.unwrap();
        assert_eq!(first.outcome, Outcome::Downloaded, "{case}");
        let names = names_in(folder.path());
        for _ in 0..2 {
            let second = run(again()).await.unwrap();
            assert_eq!(second.outcome, Outcome::AlreadyThere, "{case}");
            assert_eq!(second.path, first.path, "{case}");
            assert_eq!(names_in(folder.path()), names, "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_changed_under_a_weak_validator_is_fetched_again() {
    let origin = paced()
        .with(|profile| {
            profile.etag = ETag::Weak;
            profile.dates = Dates::NoLastModified;
        })
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = run(request(&origin, folder.path(), 4)).await.unwrap();
    // The file itself, and not its name, bears the note of its version.
    let mut file = std::fs::OpenOptions::new().write(true).open(&first.path).unwrap();
    std::io::Write::write_all(&mut file, b"not what the server has").unwrap();
    let second = run(request(&origin, folder.path(), 4)).await.unwrap();
    assert_eq!(second.outcome, Outcome::Downloaded);
    assert_file_is(&folder.path().join("file (1).bin"), &origin.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_the_files_name_is_refused_before_the_first_byte() {
    let origin = paced().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("file.bin")).unwrap();
    for choice in [OnExisting::Overwrite, OnExisting::Rename, OnExisting::Skip] {
        let named = request(&origin, folder.path(), 4).on_existing(choice);
        let error = run(named.file_name("file.bin").unwrap()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest, "{choice:?}: {error}");
        assert!(error.to_string().contains("is a folder"), "{error}");
    }
    assert_eq!(origin.log().request_count(), 0);

    // The name comes from the server.
    let replacing = request(&origin, folder.path(), 4).on_existing(OnExisting::Overwrite);
    let error = run(replacing).await.unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
    assert_eq!(names_in(folder.path()), ["file.bin"], "nothing is left");
    let beside = run(request(&origin, folder.path(), 4)).await.unwrap();
    assert!(beside.path.ends_with("file (1).bin"), "{}", beside.path.display());
}
