//! Cases 44 and 45: under which name a file is stored, whatever the server calls it.

use std::path::Path;

use gannet_engine::{ErrorCode, OnExisting, Outcome};
use gannet_testkit::{Fault, OriginBuilder, When};

use crate::support::{
    at_each_count, download, download_from, download_into, download_with, names_in, paced, request, run,
};

fn called(disposition: &str) -> OriginBuilder {
    let field = ("Content-Disposition".to_owned(), disposition.to_owned());
    paced().with(|profile| profile.headers = vec![field])
}

/// Case 44.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_extended_name_wins_and_is_sanitised() {
    at_each_count(|connections| async move {
        for (disposition, expected) in [
            ("attachment; filename=\"plain.bin\"", "plain.bin"),
            (
                "attachment; filename=\"plain.bin\"; filename*=UTF-8''sch%C3%B6n.bin",
                "schön.bin",
            ),
            ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
            ("attachment; filename=\"../../.bashrc\"", "bashrc"),
            ("attachment", "file.bin"),
        ] {
            let origin = called(disposition).start().await.unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            assert_eq!(finished.path.file_name().unwrap(), expected, "{disposition}");
        }
    })
    .await;
}

/// Case 45.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_hint_names_no_file() {
    at_each_count(|connections| async move {
        let hint = Fault::EarlyHints(
            "Content-Disposition".to_owned(),
            "attachment; filename=\"evil.exe\"".to_owned(),
        );
        let origin = paced().fault(When::Always, hint).start().await.unwrap();
        let finished = download(&origin, connections).await.whole(&origin.content());
        assert_eq!(finished.path.file_name().unwrap(), "file.bin");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_callers_name_wins_over_the_servers_and_the_address_serves_where_nobody_names_it() {
    let origin = called("attachment; filename=\"server.bin\"")
        .start()
        .await
        .unwrap();
    let named = download_with(&origin, 4, |request| request.file_name("mine.iso").unwrap()).await;
    assert!(named.whole(&origin.content()).path.ends_with("mine.iso"));

    let origin = paced().start().await.unwrap();
    for (path, expected) in [
        ("a/b%20c.zip?x=1#y", "b c.zip"),
        ("", "127.0.0.1"),
        ("a/%2e%2e%2fx", "x"),
    ] {
        let finished = download_from(&origin.url(path), 4, |request| request)
            .await
            .whole(&origin.content());
        assert_eq!(finished.path.file_name().unwrap(), expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_taken_is_numbered_replaced_skipped_or_refused() {
    let origin = paced().start().await.unwrap();
    let url = origin.url("file.bin");
    let with_old_file = || {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file.bin"), "old").unwrap();
        folder
    };
    let renamed = download_into(with_old_file(), &url, 4, |request| request).await;
    assert_eq!(names_in(renamed.folder.path()), ["file (1).bin", "file.bin"]);
    assert_eq!(
        std::fs::read(renamed.folder.path().join("file.bin")).unwrap(),
        b"old"
    );

    let replaced = download_into(with_old_file(), &url, 4, |request| {
        request.on_existing(OnExisting::Overwrite)
    });
    replaced.await.whole(&origin.content());

    let folder = with_old_file();
    let kept = folder.path().join("file.bin");
    let skipped = download_into(folder, &url, 4, |request| request.on_existing(OnExisting::Skip)).await;
    assert_eq!(std::fs::read(kept).unwrap(), b"old");
    let finished = skipped.ended_well();
    assert_eq!(finished.outcome, Outcome::Skipped);
    assert_eq!(
        finished.bytes, 3,
        "the length of what is there, not of what the server has"
    );

    let folder = with_old_file();
    let kept = folder.path().join("file.bin");
    let refused = download_into(folder, &url, 4, |request| request.on_existing(OnExisting::Fail)).await;
    assert_eq!(std::fs::read(kept).unwrap(), b"old");
    assert_eq!(names_in(refused.folder.path()), ["file.bin"]);
    assert_eq!(refused.ended_badly().code(), ErrorCode::TargetExists);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_there_already_is_not_fetched_again() {
    let origin = paced().start().await.unwrap();
    let url = origin.url("file.bin");
    let digest = format!("sha256:{}", origin.content().sha256_hex());
    let folder = tempfile::tempdir().unwrap();
    let first = download_into(folder, &url, 4, |request| request.checksum(&digest).unwrap()).await;
    origin.log().clear();
    let again = download_into(first.folder, &url, 4, |request| {
        request.checksum(&digest).unwrap()
    })
    .await;
    let finished = again.whole(&origin.content());
    assert_eq!(finished.outcome, Outcome::AlreadyThere);
    assert_eq!(origin.log().request_count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_the_user_chose_is_kept_or_refused_and_never_changed() {
    let origin = paced().size(10_000).start().await.unwrap();
    let long = "l".repeat(255);
    for name in [".hidden", "con", "a:b?.txt", &long] {
        let folder = tempfile::tempdir().unwrap();
        match request(&origin, folder.path(), 1).file_name(name) {
            Ok(named) => {
                run(named).await.unwrap();
                assert_eq!(names_in(folder.path()), [name]);
            }
            Err(_) if cfg!(windows) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let too_long = request(&origin, Path::new("."), 1).file_name(&"l".repeat(300));
    let error = too_long.err().unwrap().to_string();
    assert!(error.contains("300 bytes"), "{error}");
}
