//! Case 40: servers, and portals between, that send pages instead of the file.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gannet_engine::ErrorCode;
use gannet_testkit::{ETag, Fault, OriginBuilder, Ranges, Script, When};

use crate::support::{
    SIZE, at_each_count, download, download_from, download_into, download_with, interrupted, names_in, paced,
};

/// Case 40.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_in_mid_file_is_refused_and_asked_again() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .fault(When::Only(2), Fault::Html)
            .fault(When::Only(3), Fault::Html)
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(download.witness.count("Restarted"), 0);
        download.whole(&origin.content());
    })
    .await;
}

/// Case 40: a portal that never opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_for_ever_fail_and_keep_what_came() {
    at_each_count(|connections| async move {
        let origin = interrupted()
            .fault(When::After(1), Fault::Html)
            .start()
            .await
            .unwrap();
        let patience = Duration::from_millis(800);
        let download = download_with(&origin, connections, |request| request.retry_for(patience)).await;
        assert_eq!(
            names_in(download.folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
        download.failed(ErrorCode::GaveOut);
    })
    .await;
}

/// Case 40: a page under the name of an archive is what the server has, and worth a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_under_an_archives_name_is_said_aloud() {
    let origin = paced()
        .with(|profile| profile.content_type = "text/html".to_owned())
        .start()
        .await
        .unwrap();
    let download = download_from(&origin.url("setup.zip"), 4, |request| request).await;
    let notices: Vec<_> = download.witness.events();
    assert!(
        notices
            .iter()
            .any(|event| event.starts_with("Notice") && event.contains("web page")),
        "{notices:?}"
    );
}

/// Case 40 on another day: a portal has come between, and what is held is worth more than its page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_at_the_first_request_of_a_later_run_costs_nothing() {
    let origin = interrupted()
        .fault(When::After(1), Fault::Html)
        .start()
        .await
        .unwrap();
    let patience = Duration::from_millis(500);
    let first = download_with(&origin, 4, |request| request.retry_for(patience)).await;
    let folder = first.folder;
    let held = std::fs::metadata(folder.path().join("file.bin.part"))
        .unwrap()
        .len();
    assert_eq!(held, SIZE);
    // The portal answers everything, the first request too.
    let url = origin.url("file.bin");
    let second = download_into(folder, &url, 4, |request| request.retry_for(patience)).await;
    assert_eq!(
        names_in(second.folder.path()),
        ["file.bin.part", "file.bin.part.journal"],
        "{:?}",
        second.witness.events()
    );
    second.failed(ErrorCode::GaveOut);
}

/// An origin whose portal, on a page of its own, takes the requests for the file whose numbers are given.
fn behind_a_portal(builder: OriginBuilder, numbers: std::ops::Range<u64>) -> OriginBuilder {
    let asked = AtomicU64::new(0);
    builder.on_request(move |request, _| {
        if request.path == "/login" {
            let page = Script::new(200).header("Content-Type", "text/html");
            return Some(page.bytes("<html>Who are you?</html>"));
        }
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        numbers
            .contains(&number)
            .then(|| Script::new(302).header("Location", "/login"))
    })
}

/// Case 40 by a redirect: the portal's page is not where the file is from then on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_sent_to_a_portal_asks_at_the_files_own_address_again() {
    at_each_count(|connections| async move {
        for builder in [
            interrupted(),
            interrupted().with(|profile| profile.etag = ETag::None),
            interrupted().with(|profile| profile.ranges = Ranges::Ignored),
        ] {
            let origin = behind_a_portal(builder, 2..4).start().await.unwrap();
            download(&origin, connections).await.whole(&origin.content());
        }
    })
    .await;
}

/// Case 40 by a redirect, on another day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_a_later_run_is_sent_to_costs_nothing() {
    let origin = behind_a_portal(interrupted().fault(When::Only(2), Fault::Status(404)), 3..5)
        .start()
        .await
        .unwrap();
    let first = download(&origin, 1).await;
    let folder = first.folder;
    let second = download_into(folder, &origin.url("file.bin"), 1, |request| request).await;
    let names = names_in(second.folder.path());
    assert_eq!(names, ["file.bin"], "{:?}", second.witness.events());
    let finished = second.whole(&origin.content());
    assert!(finished.bytes_resumed > 0);
}

/// Case 40 by a redirect, at the very first request: the page bears a name of its own, and is not what was asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_under_another_name_than_the_archives_is_said_aloud() {
    let origin = behind_a_portal(paced(), 1..9).start().await.unwrap();
    download_from(&origin.url("setup.zip"), 4, |request| request)
        .await
        .said("web page");
}
