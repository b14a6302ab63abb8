//! What our requests carry, whatever they are for, and what stays with us.

use std::time::Duration;

use gannet_engine::{ErrorCode, Request};
#[cfg(target_os = "linux")]
use gannet_testkit::Origin;
use gannet_testkit::{ETag, Entry, Fault, OriginBuilder, Ranges, When};

#[cfg(target_os = "linux")]
use crate::support::{SIZE, names_in};
use crate::support::{download_from, download_into, interrupted};

fn values<'a>(entry: &'a Entry, name: &str) -> Vec<&'a str> {
    let is_named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
    entry
        .headers
        .iter()
        .filter(is_named)
        .map(|(_, value)| value.as_str())
        .collect()
}

/// Ranges count encoded bytes, so no coding is ever invited; and one range is all that one answer is for.
fn assert_asks_for_one_range_of_the_identity(entry: &Entry) {
    assert_eq!(values(entry, "accept-encoding"), ["identity"], "{entry:?}");
    let ranges = values(entry, "range");
    assert!(ranges.len() <= 1, "{entry:?}");
    assert!(ranges.iter().all(|range| !range.contains(',')), "{entry:?}");
    assert_eq!(entry.method, "GET", "{entry:?}");
}

/// A first run that breaks off, and a second one that goes on with what it left: returns everything that was asked.
async fn asked_over_two_runs(origin: OriginBuilder) -> (Vec<Entry>, Vec<Entry>) {
    let origin = origin
        .fault(When::Only(4), Fault::Status(404))
        .start()
        .await
        .unwrap();
    let url = origin.url("file.bin");
    let first = download_from(&url, 4, |request| request).await;
    let asked_first = origin.log().requests();
    origin.log().clear();
    let second = download_into(first.folder, &url, 4, |request| request).await;
    second.whole(&origin.content());
    (asked_first, origin.log().requests())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_asks_for_one_range_at_most_and_for_no_coding() {
    for (what, origin) in [
        ("ranges, and the rest on another day", interrupted()),
        // A weak sign: the second run compares a sample first.
        (
            "a sample",
            interrupted().with(|profile| profile.etag = ETag::Weak),
        ),
        (
            "one stream",
            interrupted().with(|profile| profile.ranges = Ranges::IgnoredAfter(3)),
        ),
    ] {
        let (first, second) = asked_over_two_runs(origin).await;
        for entry in first.iter().chain(&second) {
            assert_asks_for_one_range_of_the_identity(entry);
        }
        assert!(first.len() >= 4 && !second.is_empty(), "{what}");
        // The digest of the whole is asked for once a run, by its first request.
        for asked in [&first, &second] {
            assert_eq!(
                values(&asked[0], "want-repr-digest").len(),
                1,
                "{what}: {:?}",
                asked[0]
            );
        }
        let wants = |entry: &&Entry| !values(entry, "want-repr-digest").is_empty();
        let is_exact = |entry: &&Entry| values(entry, "range").iter().any(|range| !range.ends_with('-'));
        let exact: Vec<_> = first.iter().chain(&second).filter(is_exact).collect();
        assert!(!exact.is_empty(), "{what}");
        assert_eq!(exact.iter().copied().find(wants), None, "{what}");
    }
}

/// Everything secret that a request may bear; each is looked for in all that is left on the disk.
const SECRETS: [&str; 5] = [
    "s3cret-user",
    "s3cret-password",
    "s3cret-token",
    "s3cret-header",
    "s3cret-cookie",
];

fn with_secrets(request: Request) -> Request {
    request
        .header("X-Api-Key", "s3cret-header")
        .unwrap()
        .header("Cookie", "session=s3cret-cookie")
        .unwrap()
}

/// Names, contents and marks of all files in a folder.
#[cfg(target_os = "linux")]
fn all_that_is_in(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(&name);
        found.push((name.clone(), name.clone().into_bytes()));
        found.push((name.clone(), std::fs::read(&path).unwrap()));
        let mut marks = vec![0; 4096];
        let length = rustix::fs::listxattr(&path, marks.as_mut_slice()).unwrap_or(0);
        for mark in marks[..length]
            .split(|&byte| byte == 0)
            .filter(|mark| !mark.is_empty())
        {
            let mut value = vec![0; 8192];
            let length = rustix::fs::getxattr(&path, mark, value.as_mut_slice()).unwrap();
            found.push((
                format!("{name}: {}", String::from_utf8_lossy(mark)),
                value[..length].to_vec(),
            ));
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_on_the_disk_before_the_end_or_after_it() {
    let origin: Origin = interrupted()
        .fault(When::Only(3), Fault::Status(404))
        .with(|profile| profile.etag = ETag::Literal("\"a-public-tag\"".to_owned()))
        .start()
        .await
        .unwrap();
    let url = origin
        .url("file.bin")
        .replace("http://", "http://s3cret-user:s3cret-password@");
    let url = format!("{url}?token=s3cret-token");
    let first = download_from(&url, 2, with_secrets).await;
    let sent = &origin.log().requests()[0];
    for secret in &SECRETS[2..] {
        let all = format!("{:?} {:?}", sent.query, sent.headers);
        assert!(all.contains(secret), "it was sent along: {all}");
    }
    let folder = first.folder;
    let left = names_in(folder.path());
    assert_eq!(left, ["file.bin.part", "file.bin.part.journal"]);
    let mut found = all_that_is_in(folder.path());
    let second = download_into(folder, &url, 2, with_secrets).await;
    assert_eq!(names_in(second.folder.path()), ["file.bin"]);
    let after = all_that_is_in(second.folder.path());
    let is_marked = after
        .iter()
        .any(|(what, value)| what.contains("xdg.origin") && !value.is_empty());
    let can_be_marked = rustix::fs::setxattr(
        second.folder.path().join("file.bin"),
        "user.gannet.test",
        b"x",
        rustix::fs::XattrFlags::empty(),
    );
    assert!(is_marked || can_be_marked.is_err(), "where it came from is noted");
    found.extend(after);
    for (what, bytes) in &found {
        for secret in SECRETS {
            let is_there = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} is in {what}");
        }
        // As a header has it.
        let encoded = b"czNjcmV0LXVzZXI6czNjcmV0LXBhc3N3b3Jk";
        assert!(
            !bytes.windows(encoded.len()).any(|window| window == encoded),
            "{what}"
        );
    }
    assert!(
        found.iter().any(|(_, bytes)| bytes.len() as u64 == SIZE),
        "the file was looked at"
    );
}

/// The error's text and everything that was told on the way are for logs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_what_is_told() {
    let origin = interrupted()
        .fault(When::After(1), Fault::Status(503))
        .start()
        .await
        .unwrap();
    let url = origin
        .url("file.bin")
        .replace("http://", "http://s3cret-user:s3cret-password@");
    let url = format!("{url}?token=s3cret-token");
    let download = download_from(&url, 2, |request| {
        with_secrets(request).retry_for(Duration::from_millis(500))
    })
    .await;
    let told = format!("{:?}", download.witness.events());
    let last = format!("{:?}", download.witness.last.lock().unwrap());
    let error = download.failed(ErrorCode::GaveOut);
    for text in [told, last, error.to_string(), format!("{error:?}")] {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
